const SECRET_NAME = /customer-key$|secret|password|token/i;
/** Options whose value is a URL, so that `user:password@host` without a scheme is one too. */
const URL_NAME = /^proxy$|url$/i;
const SECRET_IN_QUERY = /signature|credential|token|secret|password|key/i;

/**
 * A value without the secrets that must not be in a log: users in URLs, secrets in their queries, keys and tokens in headers.
 * @param name the option's, where the value is one of an option
 */
export function maskSecrets(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return URL_NAME.test(name) ? maskUrl(value) : maskUrlsIn(value);
  if (Array.isArray(value)) return value.map((one) => maskSecrets(one, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, SECRET_NAME.test(key) ? '***' : maskSecrets(one)]),
  );
}

const MOST_CHARACTERS = 200;

/** A value as a message shows it: without secrets, in quotes if it is text, and shortened if it is long. */
export function shownValue(value: unknown, name = ''): string {
  const text = JSON.stringify(maskSecrets(value, name)) ?? String(value);
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}

/** A scheme at the beginning of a URL, also where its slashes are missing or are backslashes, or where a quote stands before it. */
const SCHEME = /^[\s"'`<(]*(?:[a-z][a-z0-9+.-]*:\/\/|(?:https?|socks[45]?[ah]?|ftps?|s3):)[/\\]*/i;

/**
 * A text that is meant as a URL, without its user and password. The last "@" ends them, because the text may be no URL at all: its password may
 * hold "/", "#", "?", "@" and spaces that should be escaped. Without an "@", whatever follows the host and is no port may be a password.
 */
export function maskUrl(text: string): string {
  const start = SCHEME.exec(text)?.[0].length ?? 0;
  const at = lastAt(text);
  if (at >= start && userBefore(text, at)(start)) return maskQuery(`${text.slice(0, start)}***${text.slice(at)}`);
  const end = text.slice(start).search(/[/?#\\]/);
  const host = end < 0 ? text.slice(start) : text.slice(start, start + end);
  const [, name = '', port = ''] = /^(\[[^\]]*\](?=:|$)|[^:]*)(?::(.*))?$/s.exec(host) ?? [];
  if (!/^\d{0,5}$/.test(port)) return `${text.slice(0, start)}${name}:***`;
  return start > 0 ? maskQuery(text) : text;
}

/** A text that should be the address of a bucket, but may be the URL of a server: that is shown as such. Names and paths stay as they are. */
export function maskAddress(text: string): string {
  return SCHEME.test(text) || lastAt(text) >= 0 ? maskUrl(text) : text;
}

/** The password in such a text, to mask it in a log; undefined if there is none. */
export function passwordIn(text: string): string | undefined {
  const start = SCHEME.exec(text)?.[0].length ?? 0;
  const at = lastAt(text);
  const colon = text.indexOf(':', start);
  return colon >= 0 && colon < at ? text.slice(colon + 1, at) : undefined;
}

/** Everything of a query and a fragment: an endpoint and a proxy have none. */
function maskQuery(text: string): string {
  return text.replace(/([?#]).+$/s, '$1***');
}

/** A text that may hold URLs, as sentences do, without their users and passwords. */
export function maskUrlsIn(text: string): string {
  return maskUsersIn(text).replace(/([?&][^?&=#\s]*=)[^&#\s]+/g, (whole, name: string) =>
    SECRET_IN_QUERY.test(name) ? `${name}***` : whole,
  );
}

function maskUsersIn(text: string): string {
  const at = lastAt(text);
  if (at < 0) return text;
  const isUser = userBefore(text, at);
  for (const {
    0: { length },
    index,
  } of text.matchAll(/\/\/|\b(?:https?|socks[45]?[ah]?|ftps?):[/\\]*/gi)) {
    const start = index + length;
    if (start > at) break;
    if (isUser(start)) return `${text.slice(0, start)}***${text.slice(at)}`;
  }
  return text;
}

/**
 * Finds out whether what stands between a place and an "@" may be a user: it holds ":", or no slash. In the path `/@scope/file` it is not, nor in
 * `https://host/@name`.
 */
function userBefore(text: string, at: number): (start: number) => boolean {
  const last = (character: string): number => text.lastIndexOf(character, at - 1);
  const [colon, slash] = [last(':'), Math.max(last('/'), last('\\'))];
  return (start) => colon >= start || slash < start;
}

/** Where the last "@" is, plain, escaped or wide; -1 without one. */
function lastAt(text: string): number {
  return Math.max(text.lastIndexOf('@'), text.lastIndexOf('%40'), text.lastIndexOf('\uff20'));
}
