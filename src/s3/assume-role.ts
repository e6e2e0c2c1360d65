import { createRequire } from 'node:module';
import { UsageError } from '../errors.js';
import type { Credentials } from '../options/types.js';
import { DEFAULT_PATIENCE } from './http/http-client.js';
import { socketClient } from './http/socket-client.js';
import { sdkHandler } from './sdk/http-handler.js';

export interface RoleOptions {
  readonly roleArn: string;
  /** 2 to 64 letters, digits and `_+=,.@-`. */
  readonly sessionName: string;
  readonly region: string;
  /** A new OpenID Connect token, each time it is asked. */
  readonly token: () => Promise<string>;
  /** What to look at where STS refuses the role: who gives the tokens is the caller's knowledge. */
  readonly refusedHint: string;
  /** URL of an HTTP proxy for requests to STS. */
  readonly proxy?: string | undefined;
}

/**
 * Credentials of a role, by AssumeRoleWithWebIdentity: anew at each call, and so whenever those before are about to expire.
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * @throws UsageError at its call for what is no ARN of a role, and no name of a session
 */
export function roleCredentials(options: RoleOptions): () => Promise<Credentials> {
  const { roleArn, sessionName, region, token, refusedHint, proxy } = options;
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
      return await fromWebToken({ roleArn, roleSessionName: sessionName, webIdentityToken, clientConfig })();
    } catch (error) {
      throw notAssumed(roleArn, refusedHint, error);
    } finally {
      http.close();
    }
  };
}

/** What the SDK adds to an error. */
interface Answered {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** STS says little on purpose; who may assume a role is in its trust policy. */
function notAssumed(roleArn: string, refusedHint: string, cause: unknown): Error {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const said = message === '' || message === name ? name : `${name}: ${message}`;
  const answered = (cause as Answered).$metadata?.httpStatusCode !== undefined;
  const hint = answered
    ? refusedHint
    : 'May this machine reach the security token service of the region? Check region and proxy.';
  return Object.assign(new Error(`The role ${roleArn} could not be assumed: ${said}`, { cause }), { hint });
}

const require: NodeJS.Require = createRequire(import.meta.url);

/** Loaded when it is first wanted, as all of the SDK. */
const webIdentity = () =>
  require('@aws-sdk/credential-provider-web-identity') as typeof import('@aws-sdk/credential-provider-web-identity');

/** Credentials of a role for who has tokens of OpenID Connect, as the GitHub Action has. */
