import { UsageError } from '../errors.js';
import type { Credentials } from '../put-options.js';

/** What the runner gives: a token of OpenID Connect for an audience, and the masking of secrets. */
export interface Runner {
  /** The job has the permission `id-token: write`. */
  readonly givesTokens: boolean;
  readonly idToken: (audience: string) => Promise<string>;
  readonly mask: (secret: string) => void;
}

/** Of tokens for AWS. */
const AUDIENCE = 'sts.amazonaws.com';

type Own = Readonly<Record<string, string>>;

/** Variables that hold credentials, or a part of them. */
const SECRETS: readonly string[] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/**
 * The credentials that inputs ask for, masked; undefined where the SDK's chain is to find what earlier steps have configured. A role is assumed
 * anew whenever its credentials are about to expire. Nothing is written to disk. Throws `UsageError`.
 */
export async function credentialsOf(
  own: Own,
  region: string,
  runner: Runner,
): Promise<Credentials | (() => Promise<Credentials>) | undefined> {
  const given = staticKeys(own);
  const role = own['role-to-assume'];
  if (given !== undefined) {
    if (role !== undefined)
      throw new UsageError(
        'Inputs "role-to-assume" and "aws-access-key-id" exclude each other.',
        'A role is assumed by OIDC here. Give one of the two; aws-actions/configure-aws-credentials can assume a role by keys.',
      );
    return given;
  }
  if (role === undefined) return undefined;
  if (!runner.givesTokens)
    throw new UsageError(
      'Input "role-to-assume" needs a token of OpenID Connect, and this job may have none.',
      'Add permissions: { id-token: write, contents: read } to the job.',
    );
  const { roleCredentials } = await import('../assumed-role.js');
  const assume = roleCredentials({
    roleArn: role,
    sessionName: own['role-session-name'] ?? '',
    region,
    token: () => runner.idToken(AUDIENCE),
  });
  return async () => {
    const issued = await assume();
    runner.mask(issued.secretAccessKey);
    if (issued.sessionToken !== undefined) runner.mask(issued.sessionToken);
    return issued;
  };
}

/** Masks the credentials that earlier steps have left in the environment, and those of the inputs. */
export function maskSecrets(own: Own, env: Readonly<Record<string, string | undefined>>, mask: Runner['mask']): void {
  const inputs = ['aws-access-key-id', 'aws-secret-access-key', 'aws-session-token'].map((name) => own[name]);
  for (const secret of [...inputs, ...SECRETS.map((name) => env[name])])
    if (secret !== undefined && secret.trim() !== '') mask(secret);
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
