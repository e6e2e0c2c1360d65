import { createRequire } from 'node:module';
import { UsageError } from '../errors.js';
import type { Credentials } from '../put-options.js';

export interface RoleOptions {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly region: string;
  /** A new OpenID Connect token, each time it is asked. */
  readonly token: () => Promise<string>;
}

/**
 * Credentials of a role, by AssumeRoleWithWebIdentity: anew at each call, and so whenever those before are about to expire.
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * @throws UsageError at its call for what is no ARN of a role
 */
export function roleCredentials({ roleArn, sessionName, region, token }: RoleOptions): () => Promise<Credentials> {
  if (!/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(roleArn))
    throw new UsageError(
      `"${roleArn}" is not the ARN of a role.`,
      'Write it in full, as in arn:aws:iam::111122223333:role/deploy.',
    );
  return async () => {
    const { fromWebToken } = webIdentity();
    const clientConfig = { region };
    const webIdentityToken = await token();
    return fromWebToken({ roleArn, roleSessionName: sessionName, webIdentityToken, clientConfig })();
  };
}

const require: NodeJS.Require = createRequire(import.meta.url);

/** Loaded when it is first wanted, as all of the SDK. */
const webIdentity = () =>
  require('@aws-sdk/credential-provider-web-identity') as typeof import('@aws-sdk/credential-provider-web-identity');
