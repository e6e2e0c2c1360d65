import type { ConnectionOptions } from '../options/resolved.js';
import type { Credentials } from '../options/types.js';
import { option, type Text, warning } from '../report/message.js';
import type { OnEvent } from '../report/types.js';

/** Credentials with where they are from: `$source` has names of the SDK. */
export type Identity = Credentials & { readonly $source?: Readonly<Record<string, string>> };
/** Gives credentials; others than before, where `forceRefresh` says so and there are others. */
export type Provider = (options?: { readonly forceRefresh?: boolean }) => Promise<Identity>;
type Part = 'accessKeyId' | 'secretAccessKey' | 'sessionToken';

const PARTS: readonly Part[] = ['accessKeyId', 'secretAccessKey', 'sessionToken'];

/** The names of the parts where a user writes them. */
export const VARIABLES: Readonly<Record<Part, string>> = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
};
const ENTRIES: Readonly<Record<Part, string>> = {
  accessKeyId: 'aws_access_key_id',
  secretAccessKey: 'aws_secret_access_key',
  sessionToken: 'aws_session_token',
};

/** The credentials of the option, as they are or as its function returns them. */
export function givenCredentials(
  given: NonNullable<ConnectionOptions['credentials']>,
  onEvent: OnEvent | undefined,
): Provider {
  const cleaned = cleaner(onEvent);
  return async () => {
    const identity: Identity | undefined = typeof given === 'function' ? await given() : given;
    if (identity === undefined || identity === null)
      throw credentialsError('the function that is given as credentials returned nothing');
    return cleaned(identity);
  };
}

/** Removes white space at the ends of the parts of credentials, and warns once. Throws for another character that no header can have. */
export function cleaner(onEvent: OnEvent | undefined): (identity: Identity) => Identity {
  let hasWarned = false;
  const warn = (text: Text): void => {
    if (!hasWarned) onEvent?.(warning('credentials-trimmed', text));
    hasWarned = true;
  };
  return (identity) => cleaned(identity, warn);
}

/** The credentials without white space at the ends of their parts. Throws for a part with another character that no header can have. */
function cleaned(identity: Identity, warn: (text: Text) => void): Identity {
  let clean = identity;
  for (const part of PARTS) {
    const value: unknown = identity?.[part];
    if (typeof value !== 'string' || /^[!-~]*$/.test(value)) continue;
    const name = nameOf(part, identity);
    const trimmed = value.trim();
    const at = [...trimmed].findIndex((character) => !/^[!-~]$/.test(character));
    if (trimmed === '' || at >= 0) throw unusable(name, trimmed === '' ? 'only white space' : characterAt(trimmed, at));
    warn(`${name} has ${ends(value)}, which is left out. Store it again without it.`);
    clean = { ...clean, [part]: trimmed };
  }
  return clean;
}

function ends(value: string): string {
  const where =
    value === value.trimStart() ? 'at its end' : value === value.trimEnd() ? 'at its beginning' : 'at its ends';
  return `${/[\r\n]/.test(value) ? 'a line break' : 'a blank'} ${where}`;
}

function characterAt(text: string, at: number): string {
  const code = [...text][at]?.codePointAt(0) ?? 0;
  const what =
    code === 0x0a || code === 0x0d
      ? 'a line break'
      : code === 0x20
        ? 'a blank'
        : `the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return `${what} as its character ${at + 1}`;
}

function unusable(name: Text, what: string): Error {
  return credentialsError(`${name} holds ${what}, which no header can have`);
}

/** Where a user finds a part of credentials: the variable, the entry of a file, or the field of the option. */
function nameOf(part: Part, { $source = {} }: Identity): string {
  if ('CREDENTIALS_ENV_VARS' in $source) return VARIABLES[part];
  if ('CREDENTIALS_PROFILE_PROCESS' in $source || 'CREDENTIALS_PROCESS' in $source)
    return `The ${part} that credential_process returns`;
  if ('CREDENTIALS_PROFILE' in $source) return `The entry ${ENTRIES[part]} of the profile`;
  return `The ${part} of the ${option('credentials')}`;
}

/** The error of any failure to get credentials. */
export function credentialsError(message: string, cause?: unknown): Error {
  const error = new Error(message, { cause });
  error.name = 'CredentialsProviderError';
  return error;
}
