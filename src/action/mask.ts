import type { Credentials } from '../put-options.js';

type Environment = Readonly<Record<string, string | undefined>>;
type Mask = (secret: string) => void;

/** Variables that hold credentials, or a part of them. */
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
/** Variables that hold URLs with passwords. */
const PROXIES: readonly string[] = ['INPUT_PROXY', 'HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'];

/** Masks the credentials of the environment: those of inputs, and those that earlier steps have left. */
export function maskEnvironment(env: Environment, mask: Mask): void {
  for (const name of SECRETS) masked(env[name], mask);
  for (const name of PROXIES) {
    const url = env[name] ?? env[name.toLowerCase()] ?? '';
    masked(/\/\/[^/@]*?:([^/]*)@/.exec(url)?.[1], mask);
  }
}

/** Masks credentials that were found or issued. */
export function maskCredentials({ accessKeyId, secretAccessKey, sessionToken }: Credentials, mask: Mask): void {
  for (const secret of [accessKeyId, secretAccessKey, sessionToken]) masked(secret, mask);
}

/** As it is written, and as it is read. */
function masked(secret: string | undefined, mask: Mask): void {
  if (secret === undefined) return;
  for (const text of new Set([secret, secret.trim()])) if (text.trim() !== '') mask(text);
}
