import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigLayer, Environment } from '../config/layers.js';
import { proxyForUrl } from '../config/proxy.js';
import { UsageError } from '../errors.js';
import type { Credentials } from '../options/types.js';
import { passwordIn } from '../report/mask-secrets.js';
import { defaultOf } from './inputs.js';

/** The runner's OpenID Connect tokens. */
export interface TokenService {
  /** The job has the permission `id-token: write`. */
  readonly isAvailable: boolean;
  readonly idToken: (audience: string) => Promise<string>;
}

/** What to check if STS refuses the role. */
function trustHint(role: string, audience: string): string {
  const asked = `Does the trust policy of the role name the provider token.actions.githubusercontent.com, the audience ${audience} (aud), and this repository and branch or environment (sub)?`;
  const isUnusual = role.startsWith('arn:aws-cn:') && audience === defaultOf('audience');
  return isUnusual ? `${asked} In China the audience is usually sts.amazonaws.com.cn: set audience to it.` : asked;
}

/** Inputs that say how a role is assumed. They need `role-to-assume`. */
const ROLE_INPUTS = ['role-session-name', 'role-duration-seconds', 'audience'] as const;

/** What STS takes as the duration of a session, in seconds. */
const SHORTEST_SESSION = 900;
const LONGEST_SESSION = 43_200;
const SHORTER_SESSION =
  'Lower role-duration-seconds, or raise the maximum session duration of the role in IAM; it is 3600 unless somebody changed it.';

type OwnInputs = Readonly<Record<string, string>>;

/**
 * The credentials from the inputs; undefined if the SDK's chain is used, which finds what earlier steps have configured. A role is assumed again
 * whenever its credentials are about to expire. Nothing is written to disk. Throws `UsageError`.
 */
export async function credentialsOf(
  own: OwnInputs,
  settings: ConfigLayer,
  region: string,
  runner: TokenService,
): Promise<Credentials | (() => Promise<Credentials>) | undefined> {
  const given = staticKeys(own);
  const role = own['role-to-assume'];
  refuseConflicts(own, settings, given !== undefined);
  if (role === undefined) return given;
  if (!runner.isAvailable)
    throw new UsageError(
      'Input "role-to-assume" needs an OpenID Connect token, and this job may not request one.',
      'Add permissions: { id-token: write, contents: read } to the job.',
    );
  const durationSeconds = sessionSeconds(roleInput(own, 'role-duration-seconds'));
  const audience = roleInput(own, 'audience');
  const { roleCredentials } = await import('../s3/assume-role.js');
  const proxy = settings.get('proxy')?.value;
  return roleCredentials({
    roleArn: role,
    sessionName: roleInput(own, 'role-session-name'),
    durationSeconds,
    region,
    token: () => idToken(() => runner.idToken(audience)),
    refusedHint: (message) => (/MaxSessionDuration/.test(message) ? SHORTER_SESSION : trustHint(role, audience)),
    proxy: typeof proxy === 'string' ? proxy : proxyForUrl(stsUrl(region)),
  });
}

function roleInput(own: OwnInputs, name: (typeof ROLE_INPUTS)[number]): string {
  return own[name] ?? defaultOf(name) ?? '';
}

/** The duration of a session; throws `UsageError` for one that STS never takes. */
function sessionSeconds(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= SHORTEST_SESSION && seconds <= LONGEST_SESSION) return seconds;
  throw new UsageError(
    `Input "role-duration-seconds" is "${text}"; it must be a whole number of seconds from ${SHORTEST_SESSION} to ${LONGEST_SESSION}.`,
    'Write for example role-duration-seconds: 7200; the maximum session duration of the role must allow it.',
  );
}

/** The address of the security token service, which decides whether a proxy is used. */
function stsUrl(region: string): string {
  return `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** Throws `UsageError` if inputs choose credentials in two ways. */
function refuseConflicts(own: OwnInputs, settings: ConfigLayer, keys: boolean): void {
  const role = own['role-to-assume'] !== undefined;
  if (role && keys)
    throw new UsageError(
      'Inputs "role-to-assume" and "aws-access-key-id" exclude each other.',
      'Here a role is assumed by OIDC. Give one of the two; aws-actions/configure-aws-credentials can assume a role with keys.',
    );
  if (settings.has('profile') && (role || keys)) {
    const other = role ? 'role-to-assume' : 'aws-access-key-id';
    throw new UsageError(`Inputs "profile" and "${other}" exclude each other.`, 'Give one of the two.');
  }
  for (const name of role ? [] : ROLE_INPUTS) {
    const named = own[name];
    // The runner also passes the input's default.
    if (named === undefined || named === defaultOf(name)) continue;
    throw new UsageError(
      `Input "${name}" is given without "role-to-assume".`,
      `Set role-to-assume to the ARN of a role, or leave ${name} out.`,
    );
  }
}

function staticKeys(own: OwnInputs): Credentials | undefined {
  const accessKeyId = own['aws-access-key-id'];
  const secretAccessKey = own['aws-secret-access-key'];
  const sessionToken = own['aws-session-token'];
  for (const name of ['aws-access-key-id', 'aws-secret-access-key', 'aws-session-token'])
    if (!/^[!-~]*$/.test(own[name] ?? ''))
      throw new UsageError(
        `Input "${name}" holds a line break, a blank or another character that no header can have.`,
        'Store the secret again as one piece, without spaces and line breaks.',
      );
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  if (accessKeyId === undefined && secretAccessKey === undefined && sessionToken === undefined) return undefined;
  const lacking = accessKeyId === undefined ? 'aws-access-key-id' : 'aws-secret-access-key';
  throw new UsageError(
    `Input "${lacking}" is missing or empty, but other credentials are given.`,
    'Is the secret set, and may this workflow read it? Workflows of forks may not.',
  );
}

/** The token service may hang like any other. */
const TIMEOUT_MS = 30_000;
const RETRY_MS = 1_000;

/** An OpenID Connect token, requested a second time if the first request fails. Throws an error with a hint. */
async function idToken(requestToken: () => Promise<string>, patienceMs: number = TIMEOUT_MS): Promise<string> {
  try {
    return await withTimeout(patienceMs, requestToken()).catch(async () => {
      await sleep(RETRY_MS);
      return withTimeout(patienceMs, requestToken());
    });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const hint = 'Does the job have the permission id-token: write? If so, the service may be down: run the job again.';
    const error = new Error(`GitHub gave no OpenID Connect token: ${said.replaceAll(/\s+/g, ' ').trim()}`, {
      cause,
    });
    throw Object.assign(error, { hint });
  }
}

async function withTimeout<T>(ms: number, waited: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`no response in ${ms / 1_000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([waited, late]);
  } finally {
    over.abort();
  }
}

type Mask = (secret: string) => void;

/** Variables with credentials, or a part of them. */
const SECRETS: readonly string[] = [
  'INPUT_AWS-ACCESS-KEY-ID',
  'INPUT_AWS-SECRET-ACCESS-KEY',
  'INPUT_AWS-SESSION-TOKEN',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
];
/** Variables with URLs that may hold passwords. */
const URLS: readonly string[] = [
  'INPUT_PROXY',
  'INPUT_ENDPOINT-URL',
  'INPUT_SOURCE-ENDPOINT-URL',
  'INPUT_DEST-ENDPOINT-URL',
  'INPUT_SITE-URL',
  'INPUT_BUCKET',
  'INPUT_DESTINATION',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'ALL_PROXY',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'AWS_ENDPOINT_URL_STS',
];

/** Masks the credentials in the environment: those of inputs, and those of earlier steps. */
export function maskEnvironment(env: Environment, mask: Mask): void {
  for (const name of SECRETS) maskValue(env[name], mask);
  for (const name of URLS)
    for (const url of [env[name], env[name.toLowerCase()]]) maskValue(passwordIn(url ?? ''), mask);
}

/** Masks credentials that were loaded or issued during the run. */
export function maskCredentials({ accessKeyId, secretAccessKey, sessionToken }: Credentials, mask: Mask): void {
  for (const secret of [accessKeyId, secretAccessKey, sessionToken]) maskValue(secret, mask);
}

/** Masks a secret as it is written, and without spaces at its ends, as it is read. */
function maskValue(secret: string | undefined, mask: Mask): void {
  if (secret === undefined) return;
  for (const text of new Set([secret, secret.trim()])) if (text.trim() !== '') mask(text);
}
