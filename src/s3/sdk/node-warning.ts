import { createRequire } from 'node:module';

const require: NodeJS.Require = createRequire(import.meta.url);

/** What the core of the SDK exports of its warning. */
interface WarningState {
  readonly state?: { warningEmitted: boolean };
}

/**
 * Keeps the SDK from its warning about old versions of Node, on which a user cannot act: this package chooses the SDK. The SDK warns once, when the
 * first client is made, and its core keeps whether it has. Call this before there is a client. No other warning is touched.
 * @param client the package of the client, which may have a core of its own
 * @see https://github.com/aws/aws-sdk-js-v3/blob/main/packages-internal/core/src/submodules/client/emitWarningIfUnsupportedVersion.ts
 */
export function disableNodeWarning(client: string = '@aws-sdk/client-s3'): void {
  const { state } = createRequire(require.resolve(client))('@aws-sdk/core/client') as WarningState;
  if (state !== undefined) state.warningEmitted = true;
}
