import { createRequire } from 'node:module';
import { UsageError } from '../errors.js';
import type { Credentials } from '../options/types.js';
import { DEFAULT_PATIENCE } from './http/http-client.js';
import { socketClient } from './http/socket-client.js';
import { sdkHandler } from './sdk/http-handler.js';
import { disableNodeWarning } from './sdk/node-warning.js';

export interface RoleOptions {
  readonly roleArn: string;
  /** 2 to 64 letters, digits and `_+=,.@-`. */
  readonly sessionName: string;
  /** How long credentials are valid, in seconds: at least 900, and at most the maximum session duration of the role. */
  readonly durationSeconds: number;
  readonly region: string;
  /** Returns a new OpenID Connect token at each call. */
  readonly token: () => Promise<string>;
  /** The hint if STS refuses the role, from what STS says: only the caller knows the provider of the tokens, and how its users name the options. */
  readonly refusedHint: (message: string) => string;
  /** URL of an HTTP proxy for requests to STS. */
  readonly proxy?: string | undefined;
}

/**
 * Credentials of a role, by AssumeRoleWithWebIdentity. Each call requests new ones, so they are refreshed before the old ones expire.
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * @throws UsageError immediately, if `roleArn` is not the ARN of a role or `sessionName` is invalid
 */
export function roleCredentials(options: RoleOptions): () => Promise<Credentials> {
  const { roleArn, sessionName, durationSeconds, region, token, refusedHint, proxy } = options;
  if (!/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(roleArn))
    throw new UsageError(
      `"${roleArn}" is not the ARN of a role.`,
      'Write it in full, as in arn:aws:iam::111122223333:role/deploy.',
    );
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName))
    throw new UsageError(
      `"${sessionName}" cannot be the name of a session.`,
      'It has 2 to 64 letters, digits and _ + = , . @ -, as in nightly-deploy.',
    );
  return async () => {
    const { fromWebToken } = webIdentity();
    const webIdentityToken = await token();
    const http = socketClient({ patience: DEFAULT_PATIENCE, proxy });
    try {
      const clientConfig = { region, requestHandler: sdkHandler(http) };
      const session = { roleArn, roleSessionName: sessionName, durationSeconds, webIdentityToken };
      return await fromWebToken({ ...session, clientConfig })();
    } catch (error) {
      throw notAssumed(roleArn, refusedHint, error);
    } finally {
      http.close();
    }
  };
}

/** What the SDK adds to the error of a response. */
interface WithMetadata {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** STS deliberately gives few details; the role's trust policy determines who may assume it. */
function notAssumed(roleArn: string, refusedHint: RoleOptions['refusedHint'], cause: unknown): Error {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const detail = message === '' || message === name ? name : `${name}: ${message}`;
  const responded = (cause as WithMetadata).$metadata?.httpStatusCode !== undefined;
  const hint = responded
    ? refusedHint(message)
    : 'The security token service of the region did not respond. Check region and proxy.';
  return Object.assign(new Error(`The role ${roleArn} could not be assumed: ${detail}`, { cause }), { hint });
}

const require: NodeJS.Require = createRequire(import.meta.url);

/** Loaded when it is first used, like all of the SDK. */
function webIdentity(): typeof import('@aws-sdk/credential-provider-web-identity') {
  disableNodeWarning();
  return require('@aws-sdk/credential-provider-web-identity');
}
