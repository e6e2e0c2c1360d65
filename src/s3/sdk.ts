import { createRequire } from 'node:module';

/** The parts of the AWS SDK that are used, loaded when they are first wanted. */
export type Sdk = typeof import('@aws-sdk/client-s3');

/** By `require`, because the SDK's CommonJS costs half as much so: an import reads all of it once more to learn what it exports. */
const require: NodeJS.Require = createRequire(import.meta.url);

export const sdk = (): Sdk => require('@aws-sdk/client-s3') as Sdk;
