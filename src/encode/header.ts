import { UsageError } from '../errors.js';
import { CANNED_ACLS, type HeaderMap } from '../put-options.js';
import { checkHeaderName, GRANT_PREFIX, METADATA_PREFIX } from './header-names.js';

/**
 * Splits `Name: value` at the first `:`. The name comes back in lower case; the value loses the white space around it
 * and is otherwise verbatim, commas and colons too. What it may be is {@link normalizeHeaders}' to say.
 * @throws UsageError that quotes the text
 */
export function parseHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(colon, 0)).trim().toLowerCase();
  if (name === '')
    throw new UsageError(`The header ${JSON.stringify(text)} has no name and ":".`, 'Write it as "Name: value".');
  return [name, text.slice(colon + 1).trim()];
}

/**
 * Headers with lower-case names, checked: only those of PutObject that describe the object, values of printable ASCII.
 * Of one name written twice in different case the last counts.
 * @throws UsageError that names the header and the fix
 */
export function normalizeHeaders(headers: HeaderMap): Record<string, string> {
  const normalized: Record<string, string> = {};
  for (const [written, value] of Object.entries(headers)) {
    const name = written.trim().toLowerCase();
    checkHeaderName(name);
    normalized[name] = checkedValue(name, value);
  }
  return normalized;
}

/**
 * The value as it can be sent for a header whose name is good: a string, trimmed.
 * @throws UsageError that names the header and the fix
 */
export function checkedValue(name: string, value: string | null): string {
  if (value === null) throw new UsageError(`The header "${name}" has no value.`, 'Give one, or leave it out.');
  if (typeof value !== 'string')
    throw new UsageError(`The header "${name}" is ${typeof value}, not text.`, 'Write its value as a string.');
  const text = value.trim();
  if (/\p{Cc}/u.test(text)) {
    throw new UsageError(
      `The header "${name}" holds a line break or another control character: ${JSON.stringify(text)}.`,
    );
  }
  if (/[^ -~]/.test(text))
    throw new UsageError(`The header "${name}" is not ASCII: ${JSON.stringify(text)}.`, notAsciiHint(name));
  if (text === '' && !name.startsWith(METADATA_PREFIX))
    throw new UsageError(`The header "${name}" is empty.`, 'Leave it out.');
  if (name === 'x-amz-acl') checkAcl(text);
  else if (name.startsWith(GRANT_PREFIX)) checkGrants(name, text);
  else if (name === 'content-type' && !/^[^\s/;]+\/[^\s/;]+\s*(?:;|$)/.test(text)) {
    throw new UsageError(
      `The content type ${JSON.stringify(text)} is not one.`,
      'Write a type such as "text/html; charset=utf-8".',
    );
  } else if (name === 'x-amz-website-redirect-location' && !/^(?:\/|https?:\/\/)/.test(text)) {
    throw new UsageError(
      `The redirect ${JSON.stringify(text)} is relative.`,
      'It begins with "/", "http://" or "https://".',
    );
  }
  return text;
}

function notAsciiHint(name: string): string {
  if (name === 'content-disposition') return "Write the name as filename*=UTF-8''… with percent-encoding (RFC 6266).";
  return 'S3 keeps headers and metadata in US-ASCII: encode the value (percent-encoding, or RFC 2047).';
}

function checkAcl(acl: string): void {
  if ((CANNED_ACLS as readonly string[]).includes(acl)) return;
  throw new UsageError(
    `The ACL ${JSON.stringify(acl)} is ${acl === 'log-delivery-write' ? 'for buckets only' : 'unknown'}.`,
    `Choose one of: ${CANNED_ACLS.join(', ')}. Grants are headers: x-amz-grant-read: id="…".`,
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
        `The header "${name}" grants to nobody: ${JSON.stringify(value)}.`,
        'Write id="…" or uri="…", separated by commas.',
      );
    }
  }
}
