import { UsageError } from '../errors.js';
import type { Credentials } from '../put-options.js';
import type { Settings } from '../settings/layers.js';
import { proxyForUrl } from '../settings/proxy.js';
import { idToken } from './id-token.js';
import { DEFAULT_SESSION_NAME } from './own-inputs.js';

/** What the runner gives of OpenID Connect. */
export interface Runner {
  /** The job has the permission `id-token: write`. */
  readonly givesTokens: boolean;
  readonly idToken: (audience: string) => Promise<string>;
}

/** Of tokens for AWS. */
const AUDIENCE = 'sts.amazonaws.com';
const TRUST = `Does the trust policy of the role name the provider token.actions.githubusercontent.com, the audience ${AUDIENCE} (aud), and this repository and branch or environment (sub)?`;

type Own = Readonly<Record<string, string>>;

/**
 * The credentials that inputs ask for; undefined where the SDK's chain is to find what earlier steps have configured. A role is assumed anew
 * whenever its credentials are about to expire. Nothing is written to disk. Throws `UsageError`.
 */
export async function credentialsOf(
  own: Own,
  settings: Settings,
  region: string,
  runner: Runner,
): Promise<Credentials | (() => Promise<Credentials>) | undefined> {
  const given = staticKeys(own);
  const role = own['role-to-assume'];
  refuseConflicts(own, settings, given !== undefined);
  if (role === undefined) return given;
  if (!runner.givesTokens)
    throw new UsageError(
      'Input "role-to-assume" needs a token of OpenID Connect, and this job may have none.',
      'Add permissions: { id-token: write, contents: read } to the job.',
    );
  const { roleCredentials } = await import('../assumed-role.js');
  const proxy = settings.get('proxy')?.value;
  return roleCredentials({
    roleArn: role,
    sessionName: own['role-session-name'] ?? DEFAULT_SESSION_NAME,
    region,
    token: () => idToken(() => runner.idToken(AUDIENCE)),
    refusedHint: TRUST,
    proxy: typeof proxy === 'string' ? proxy : proxyForUrl(`https://sts.${region}.amazonaws.com`),
  });
}

/** Whose credentials they are is said in one way. */
function refuseConflicts(own: Own, settings: Settings, keys: boolean): void {
  const role = own['role-to-assume'] !== undefined;
  const named = own['role-session-name'];
  if (role && keys)
    throw new UsageError(
      'Inputs "role-to-assume" and "aws-access-key-id" exclude each other.',
      'A role is assumed by OIDC here. Give one of the two; aws-actions/configure-aws-credentials can assume a role by keys.',
    );
  if (settings.has('profile') && (role || keys)) {
    const other = role ? 'role-to-assume' : 'aws-access-key-id';
    throw new UsageError(`Inputs "profile" and "${other}" exclude each other.`, 'Give one of the two.');
  }
  // The runner sends the default too.
  if (!role && named !== undefined && named !== DEFAULT_SESSION_NAME)
    throw new UsageError(
      'Input "role-session-name" is given without "role-to-assume".',
      'Set role-to-assume to the ARN of a role, or leave role-session-name out.',
    );
}

function staticKeys(own: Own): Credentials | undefined {
  const accessKeyId = own['aws-access-key-id'];
  const secretAccessKey = own['aws-secret-access-key'];
  const sessionToken = own['aws-session-token'];
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  if (accessKeyId === undefined && secretAccessKey === undefined && sessionToken === undefined) return undefined;
  const lacking = accessKeyId === undefined ? 'aws-access-key-id' : 'aws-secret-access-key';
  throw new UsageError(
    `Input "${lacking}" is missing or empty, and the other credentials are given.`,
    'Is the secret set, and may this workflow read it? Workflows of forks may not.',
  );
}
