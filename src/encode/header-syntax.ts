import { UsageError } from '../errors.js';
import { closestTo } from '../model/edit-distance.js';
import { CANNED_ACLS, type HeaderValues } from '../options/types.js';
import { choicesHint } from '../options/validate.js';
import { msg } from '../report/message.js';
import { checkedGrammar, isDateHeader, isSecretHeader } from './header-grammar.js';

/**
 * Splits `Name: value` at the first `:`. Returns the name in lower case, and the value without surrounding white space but
 * otherwise verbatim, including commas and colons. {@link normalizeHeaders} checks the value.
 * @throws UsageError that quotes the text
 * @internal
 */
export function parseHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(colon, 0)).trim().toLowerCase();
  if (name === '')
    throw new UsageError(`The header ${JSON.stringify(text)} has no name and ":".`, 'Write it as "Name: value".');
  return [name, text.slice(colon + 1).trim()];
}

/**
 * Checks headers and returns them with lower-case names: only those of PutObject that describe the object, with values of
 * printable ASCII. If a name occurs twice in different case, the last one counts; a value of
 * undefined is left out.
 * @throws UsageError that names the header and the fix
 */
export function normalizeHeaders(headers: HeaderValues): Record<string, string> {
  const normalized: Record<string, string> = {};
  for (const [written, value] of Object.entries(headers)) {
    const name = written.trim().toLowerCase();
    checkHeaderName(name);
    if (value === undefined) continue;
    normalized[name] = checkedValue(name, value);
  }
  return normalized;
}

/**
 * The trimmed value of a header whose name is valid, in the form that S3 takes. Empty where the object is to have no such header: see
 * {@link isRemovable}.
 * @throws UsageError that names the header and the fix
 */
export function checkedValue(name: string, value: string | Date | null): string {
  const text = textOf(name, value).trim();
  const shown = isSecretHeader(name) ? '' : `: ${JSON.stringify(text)}`;
  if (/\p{Cc}/u.test(text))
    throw new UsageError(`The header "${name}" holds a line break or another control character${shown}.`);
  if (/[^ -~]/.test(text)) throw new UsageError(`The header "${name}" is not ASCII${shown}.`, notAsciiHint(name));
  if (name.startsWith(METADATA_PREFIX) || (text === '' && isRemovable(name))) return text;
  if (text === '') throw new UsageError(`The header "${name}" is empty.`, 'Leave it out.');
  if (name === 'x-amz-acl') checkAcl(text);
  else if (name === TAGGING) checkTagging(text);
  else if (name.startsWith(GRANT_PREFIX)) checkGrants(name, text);
  else return checkedGrammar(name, text);
  return text;
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) throw new UsageError(`The header "${name}" has no value.`, 'Give one, or leave it out.');
  // A number whose digits are no value either is refused with the form that is meant.
  if (typeof value === 'number') checkedGrammar(name, String(value));
  if (!(value instanceof Date))
    throw new UsageError(`The header "${name}" is ${typeof value}, not text.`, 'Write its value as a string.');
  if (Number.isNaN(value.getTime()))
    throw new UsageError(`The header "${name}" is an invalid Date.`, 'Check its time.');
  if (isDateHeader(name)) return value.toISOString();
  throw new UsageError(`The header "${name}" is a Date, not text.`, 'Write its value as a string: date.toISOString().');
}

function notAsciiHint(name: string): string {
  if (name === 'content-disposition') return "Write the name as filename*=UTF-8''… with percent-encoding (RFC 6266).";
  return 'S3 keeps headers and metadata in US-ASCII: encode the value (percent-encoding, or RFC 2047).';
}

function checkAcl(acl: string): void {
  if ((CANNED_ACLS as readonly string[]).includes(acl)) return;
  throw new UsageError(
    `The ACL ${JSON.stringify(acl)} is ${acl === 'log-delivery-write' ? 'for buckets only' : 'unknown'}.`,
    `${choicesHint(acl, CANNED_ACLS)} Grants are headers: x-amz-grant-read: id="…".`,
  );
}

/**
 * Grantees as `id="…"` and `uri="…"`, separated by commas.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee
 */
function checkGrants(name: string, value: string): void {
  for (const grantee of value.split(',')) {
    if (/^\s*emailaddress\s*=/i.test(grantee)) {
      throw new UsageError(
        `The header "${name}" grants by e-mail: ${JSON.stringify(value)}.`,
        'S3 takes no e-mail grants since October 2025; name the account by its canonical user id: id="…".',
      );
    }
    if (!/^\s*(?:id|uri)\s*=\s*(?:"[^"]+"|[^"\s]+)\s*$/i.test(grantee)) {
      throw new UsageError(
        `The header "${name}" has an invalid grantee: ${JSON.stringify(value)}.`,
        'Write id="…" or uri="…", separated by commas.',
      );
    }
  }
}

export const METADATA_PREFIX = 'x-amz-meta-';
export const GRANT_PREFIX = 'x-amz-grant-';
const TAGGING = 'x-amz-tagging';

/**
 * S3's limit on user metadata, names without their prefix and values together.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
 */
export const MAX_METADATA_BYTES = 2048;

/** Headers that S3 treats as an object's metadata, besides user metadata. */
export const CONTENT_HEADERS: readonly string[] = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

const REMOVABLE: ReadonlySet<string> = new Set([
  'cache-control',
  'content-disposition',
  'content-language',
  'expires',
  'x-amz-website-redirect-location',
]);

/** User metadata of an object whose name has a hash, but has had other content before. */
export const REUSED_MARK: string = `${METADATA_PREFIX}s3pp-reused`;

/** Whether an empty value means that an object has no header of this name. Every object has a type, and no encoding unless one is given. */
export function isRemovable(name: string): boolean {
  return REMOVABLE.has(name) || name.startsWith(METADATA_PREFIX);
}

/** Deletes the names with an empty value, which no request sends, and returns them. */
export function takeRemoved(headers: Record<string, string>): readonly string[] {
  let removed: string[] | undefined;
  for (const name in headers) {
    if (headers[name] !== '') continue;
    removed ??= [];
    removed.push(name);
    delete headers[name];
  }
  return removed ?? NONE;
}

const NONE: readonly string[] = [];

/**
 * The `Content-Encoding` that an object has of its own: `aws-chunked` names how its bytes were once sent, and some servers keep that by mistake.
 * Undefined where nothing is left.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function storedEncoding(value: string): string | undefined {
  if (!/aws-chunked/i.test(value)) return value;
  const own = value.split(',').map((coding) => coding.trim());
  return own.filter((coding) => coding !== '' && coding.toLowerCase() !== 'aws-chunked').join(', ') || undefined;
}

/**
 * Headers of PutObject that describe the object, and that users may therefore give.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 * @internal
 */
export const OBJECT_HEADERS: readonly string[] = [
  ...CONTENT_HEADERS,
  'x-amz-acl',
  'x-amz-expected-bucket-owner',
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write-acp',
  'x-amz-object-lock-event-hold',
  'x-amz-object-lock-event-hold-duration-days',
  'x-amz-object-lock-event-hold-duration-years',
  'x-amz-object-lock-legal-hold',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-request-payer',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-server-side-encryption-context',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-server-side-encryption-customer-key',
  'x-amz-server-side-encryption-customer-key-md5',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-website-redirect-location',
];

const KNOWN = new Set(OBJECT_HEADERS);

/** Headers that users cannot give, and what sets them. The first match counts. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^content-length$/, 'It is the length of what is sent.'],
  [
    /^(?:content-md5|content-digest|repr-digest|digest|x-amz-checksum-.*|x-amz-sdk-checksum-.*|x-amz-content-sha256)$/,
    'It is computed from what is sent.',
  ],
  [/^(?:authorization|x-amz-date|date|x-amz-security-token|host)$/, 'It is set when the request is signed.'],
  [
    /^if-(?:none-)?match$|^if-(?:un)?modified-since$|^if-range$|^x-amz-if-/,
    'The mode sets conditions: "add" never overwrites.',
  ],
  [
    /^(?:connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|range|user-agent|proxy-.*|x-amz-trailer|x-amz-decoded-content-length)$/,
    'It belongs to the connection.',
  ],
  [/^x-amz-copy-source|-directive$/, 'A copy sets it by itself: what no option replaces is kept.'],
  [/^x-amz-grant-write$/, 'S3 takes it for buckets only; objects have x-amz-grant-full-control.'],
  [
    /^(?:last-modified|etag|server|accept-ranges|content-range|age|x-amz-(?:version-id|request-id|id-2|delete-marker|replication-status))$/,
    'The server sets it.',
  ],
  [/^access-control-/, "S3 sends it from the bucket's CORS configuration."],
  [
    /^(?:content-security-policy.*|strict-transport-security|x-frame-options|x-content-type-options|x-xss-protection|referrer-policy|permissions-policy|cross-origin-.*|vary|link|location|content-location|set-cookie|pragma|alt-svc|timing-allow-origin|x-robots-tag|refresh|service-worker-allowed|sourcemap)$/,
    'S3 does not keep it with an object; a CDN in front of the bucket can add it.',
  ],
];

/**
 * Checks one lower-case header name.
 * @throws UsageError that names what sets it, or a similar name
 */
export function checkHeaderName(name: string): void {
  if (KNOWN.has(name)) return;
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} is not a header name.`,
      'Names have letters, digits and hyphens, without spaces.',
    );
  }
  if (name.startsWith(METADATA_PREFIX) && name !== METADATA_PREFIX) return;
  const reason = REFUSED.find(([names]) => names.test(name))?.[1];
  if (reason !== undefined) throw new UsageError(`The header "${name}" cannot be given.`, reason);
  const near = closestTo(name, OBJECT_HEADERS, 5);
  throw new UsageError(
    `"${name}" is not a header of S3 objects.`,
    `${near === undefined ? '' : `Is "${near}" meant? `}For metadata of your own write "${METADATA_PREFIX}${name.replace(/^x-(?:amz-)?(?:meta-)?/, '') || 'name'}".`,
  );
}

/** S3's limits on the tags of an object; lengths are in UTF-16 units, as S3 counts them. */
const MAX_TAGS = 10;
const MAX_KEY = 128;
const MAX_VALUE = 256;

/**
 * Object tags as the value of `x-amz-tagging`; undefined where there are none.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 * @throws UsageError for tags that S3 cannot take
 */
export function taggingHeader(tags: Readonly<Record<string, string>>): string | undefined {
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags))
    throw new UsageError(
      msg`{tagging} is ${JSON.stringify(tags)}.`,
      'Give an object of tags, such as { team: "docs" }.',
    );
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS)
    throw new UsageError(msg`{tagging} has ${entries.length} tags; S3 takes at most ${MAX_TAGS} on an object.`);
  for (const [key, value] of entries) checkTag(key, value);
  if (entries.length === 0) return undefined;
  return entries.map((tag) => tag.map(encodeURIComponent).join('=')).join('&');
}

/** Checks the value of `x-amz-tagging`, `team=docs&project=site`. Throws `UsageError`. */
function checkTagging(text: string): void {
  const tags = text.split('&').map((pair) => [pair, ...pair.split('=')] as const);
  if (tags.length > MAX_TAGS)
    throw new UsageError(`The header "${TAGGING}" has ${tags.length} tags; S3 takes at most ${MAX_TAGS} on an object.`);
  const keys = new Set<string>();
  for (const [pair, written = '', value = '', ...more] of tags) {
    const key = unescaped(written);
    if (key === undefined || unescaped(value) === undefined || more.length > 0)
      throw new UsageError(
        `The header "${TAGGING}" holds ${JSON.stringify(pair)}, which is no tag.`,
        'Write a=1&b=2, with percent-encoding as in a URL.',
      );
    checkTag(key, unescaped(value) ?? '');
    if (keys.has(key)) throw new UsageError(`The header "${TAGGING}" has the tag ${JSON.stringify(key)} twice.`);
    keys.add(key);
  }
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function checkTag(key: string, value: string): void {
  if (key === '') throw new UsageError('A tag has no key.', 'Write it as key=value.');
  checkText('key', key, key, MAX_KEY);
  checkText('value', key, value, MAX_VALUE);
  if (/^aws:/i.test(key))
    throw new UsageError(
      `The tag ${JSON.stringify(key)} cannot be given.`,
      'Keys that begin with "aws:" are AWS’s own.',
    );
}

/** Existing tags of an object as a header, unchecked because the server has accepted them before. Undefined where there are none. */
export function keptTags(tags: Readonly<Record<string, string>>): string | undefined {
  // Users cannot give tags that AWS sets itself.
  const own = Object.entries(tags).filter(([key]) => !/^aws:/i.test(key));
  if (own.length === 0) return undefined;
  return own.map((tag) => tag.map(encodeURIComponent).join('=')).join('&');
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3Tag.html for the characters */
function checkText(what: 'key' | 'value', key: string, text: string, longest: number): void {
  const tag = `The ${what} of the tag ${JSON.stringify(key.slice(0, MAX_KEY))}`;
  if (typeof text !== 'string') throw new UsageError(`${tag} is ${typeof text}, not text.`, 'Write it as a string.');
  if (text.length > longest) throw new UsageError(`${tag} has ${text.length} characters; S3 takes at most ${longest}.`);
  const odd = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/u.exec(text)?.[0];
  if (odd === undefined) return;
  const several = /[,;&]\s*([\w.-]+)=/.exec(text)?.[1];
  const once = several === undefined ? '' : ` Give the tag "${several}" by itself.`;
  throw new UsageError(
    `${tag} holds ${JSON.stringify(odd)}.`,
    `Tags take letters, digits, spaces and + - = . _ : / @ only.${once}`,
  );
}
