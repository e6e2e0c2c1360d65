const SECRET_NAME = /customer-key$|secret|password|token/i;
const USER_IN_URL = /(?<=\/\/)[^/\s@]*@/g;
const SECRET_IN_QUERY = /(?<=[?&][^=&\s]*(?:signature|credential|token|secret|password|key)[^=&\s]*=)[^&#\s]+/gi;

/** A value without the secrets that must not be in a log: users in URLs, secrets in their queries, keys and tokens in headers. */
export function maskSecrets(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(USER_IN_URL, '***@').replace(SECRET_IN_QUERY, '***');
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, SECRET_NAME.test(name) ? '***' : maskSecrets(one)]),
  );
}

const MOST_CHARACTERS = 200;

/** A value as a message shows it: without secrets, in quotes if it is text, and shortened if it is long. */
export function shownValue(value: unknown): string {
  const text = JSON.stringify(maskSecrets(value)) ?? String(value);
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}
