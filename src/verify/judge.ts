import { codingsOf } from '../model/encodings.js';
import { number, secondsText } from '../report/format.js';
import { maskUrlsIn } from '../report/mask-secrets.js';
import { decodeBody } from './decode.js';
import { digestOf, type Expected, md5 } from './expected.js';
import type { SampledObject } from './sample.js';
import { hasWordsOf, MOST_HTML_BYTES, wordsOf } from './words.js';

/** One response, after redirects between the URLs of one page. */
export interface Served {
  readonly url: string;
  readonly status: number;
  /** A header by its lower-case name. */
  readonly header: (name: string) => string | undefined;
  /** As it came, encoded or not. */
  readonly body: Buffer;
}

/** Why a URL does not serve what was put; each has a hint of its own. */
export type Fault = 'denied' | 'missing' | 'redirect' | 'away' | 'server' | 'stale' | 'headers' | 'other';

/** What a response shows. */
export type Verdict =
  | { readonly is: 'right'; readonly byLength?: true }
  /** The CDN has the object, and serves it changed. */
  | { readonly is: 'rewritten'; readonly message: string }
  | { readonly is: 'wrong'; readonly fault: Fault; readonly message: string };

/** Most bytes of a body, as it comes and decoded. */
export const MOST_BODY_BYTES: number = 16 * 1024 * 1024;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const wrong = (fault: Fault, message: string): Verdict => ({ is: 'wrong', fault, message });

/**
 * Compares a response with what was put.
 * @param now in ms since 1970
 */
export async function judge(object: SampledObject, expected: Expected, served: Served, now: number): Promise<Verdict> {
  const { status } = served;
  if (REDIRECTS.has(status)) return judgeRedirect(expected, served);
  if (status === 200) return judgeContent(object, expected, served, now);
  if (status === 404 && NOT_FOUND_PAGE.test(object.path)) {
    const verdict = await judgeContent(object, expected, served, now);
    if (verdict.is !== 'wrong') return verdict;
  }
  return judgeStatus(status);
}

/** The page that sites show for what they do not have. Some hosts respond with its status under its own URL, too. */
const NOT_FOUND_PAGE = /(?:^|\/)404(?:\.html?|\/(?:index\.html?)?)?$/;

async function judgeContent(object: SampledObject, expected: Expected, served: Served, now: number): Promise<Verdict> {
  const { header } = served;
  const coding = header('content-encoding');
  const decoded = await decodeBody(served.body, coding, MOST_BODY_BYTES);
  const problem = 'problem' in decoded ? decoded.problem : undefined;
  // What this Node cannot decode (zstd before 22.15) is compared as it is.
  const bytes = 'bytes' in decoded ? decoded.bytes : served.body;
  const isComparable = problem === 'unknown' && codingsOf(coding).join() === codingsOf(expected.contentEncoding).join();
  if (problem !== undefined && !(isComparable && equality(object, expected, served, bytes) === 'equal')) {
    const what = {
      unknown: 'which is not known here',
      damaged: 'but its bytes are not encoded so',
      'too large': `and has more than ${MOST_BODY_BYTES / 1024 / 1024} MiB when decoded`,
    };
    return wrong('headers', `is served with Content-Encoding "${shownHeader(coding)}", ${what[problem]}`);
  }
  const type = typeProblem(expected, header('content-type'));
  const equal = equality(object, expected, served, bytes);
  if (equal === 'equal') return type ?? { is: 'right' };
  // An encoding that is missing or doubled looks like other content.
  const encoding = await encodingProblem(object, expected, coding, bytes);
  if (encoding !== undefined) return encoding;
  const old = signOfAge(object, served, bytes, now);
  const lengths = `${number(bytes.length)} bytes${expected.bytes === undefined || expected.bytes === bytes.length ? '' : ` instead of the ${number(expected.bytes)} that were uploaded`}`;
  if (old !== undefined) return wrong('stale', `serves other content, ${lengths}: ${old}`);
  if (type !== undefined) return type;
  if (equal === 'same-length') return { is: 'right', byLength: true };
  if (expected.unread === 'changed')
    return {
      is: 'rewritten',
      message: `could not be compared with its file, which has changed since it was uploaded (${number(bytes.length)} bytes are served)`,
    };
  if (isRewritten(object, expected, served, bytes))
    return { is: 'rewritten', message: `is changed on the way, ${lengths}` };
  return wrong('stale', `serves other content, ${lengths}`);
}

function judgeStatus(status: number): Verdict {
  const fault: Fault =
    status === 401 || status === 407
      ? 'denied'
      : status === 403 || status === 404 || status === 410
        ? 'missing'
        : 'server';
  return wrong(fault, `responds with ${status}`);
}

/** The website endpoint of S3 redirects with 301; a REST endpoint serves the object, which is compared as any other. */
function judgeRedirect({ redirect, unread }: Expected, { status, header, url }: Served): Verdict {
  const location = header('location') ?? '';
  const where = `redirects (${status}) to ${location === '' ? 'nowhere' : shownHeader(location)}`;
  if (redirect !== undefined)
    return status === 301 && leadsTo(redirect, location, url)
      ? { is: 'right' }
      : wrong('redirect', `${where} instead of (301) to ${redirect}`);
  // Of items only they themselves know whether they redirect.
  if (unread === 'once') return { is: 'rewritten', message: where };
  return wrong(isAway(location, url) ? 'away' : 'redirect', where);
}

/** Whether it leads to another host, as to a login or from http to https: no cache lets that go. */
function isAway(location: string, url: string): boolean {
  return URL.canParse(location, url) && new URL(location, url).origin !== new URL(url).origin;
}

/** Whether a `Location` is that of the object. S3 may name the host that it was reached by, which is not that of the CDN. */
function leadsTo(expected: string, location: string, url: string): boolean {
  if (expected === location) return true;
  if (!URL.canParse(expected, url) || !URL.canParse(location, url)) return false;
  const [one, other] = [new URL(expected, url), new URL(location, url)];
  const isPath = expected.startsWith('/');
  return (isPath || one.origin === other.origin) && one.pathname === other.pathname && one.search === other.search;
}

function equality(
  { etag }: SampledObject,
  { digests, bytes: expected, contentEncoding }: Expected,
  { body, header }: Served,
  bytes: Buffer,
): 'equal' | 'same-length' | 'different' {
  if (digests.length > 0 && digests.includes(digestOf(bytes))) return 'equal';
  // The ETag of an object in one part is the MD5 of its bytes as they are stored, which browsers can read only under their encoding.
  const isStored =
    contentEncoding === undefined
      ? md5(body) === etag || md5(bytes) === etag
      : md5(body) === etag && codingsOf(header('content-encoding')).join() === codingsOf(contentEncoding).join();
  if (isStored) return 'equal';
  return digests.length === 0 && expected === bytes.length ? 'same-length' : 'different';
}

/** Of an object in one part or in several. */
const S3_ETAG = /^[0-9a-f]{32}(?:-\d+)?$/;

function typeProblem({ contentType, onlyEssence }: Expected, served: string | undefined): Verdict | undefined {
  if (contentType === undefined) return undefined;
  const [expected, found] = [typeOf(contentType), typeOf(served ?? '')];
  // A charset that the CDN adds harms nothing.
  const sameCharset = onlyEssence || expected.charset === undefined || expected.charset === found.charset;
  if (expected.essence === found.essence && sameCharset) return undefined;
  const shown = served === undefined ? 'no Content-Type' : `Content-Type "${shownHeader(served)}"`;
  return wrong('headers', `is served with ${shown} instead of "${contentType}"`);
}

function typeOf(header: string): { readonly essence: string; readonly charset: string | undefined } {
  const [essence = '', ...parameters] = header.toLowerCase().split(';');
  const charset = parameters.map((one) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(one)?.[1]).find(Boolean);
  return { essence: essence.trim(), charset };
}

/** Content that is right but for its `Content-Encoding`: the header is missing, or the bytes are compressed once more. */
async function encodingProblem(
  { etag }: SampledObject,
  { digests, contentEncoding }: Expected,
  served: string | undefined,
  bytes: Buffer,
): Promise<Verdict | undefined> {
  if (contentEncoding === undefined) return undefined;
  const again = await decodeBody(bytes, contentEncoding, MOST_BODY_BYTES);
  const isCompressed = md5(bytes) === etag || ('bytes' in again && digests.includes(digestOf(again.bytes)));
  if (!isCompressed) return undefined;
  return codingsOf(served).length === 0
    ? wrong(
        'headers',
        `is served without its Content-Encoding "${contentEncoding}", so that browsers see compressed bytes`,
      )
    : wrong('headers', `is served compressed twice, with Content-Encoding "${shownHeader(served)}"`);
}

/** What shows that a response is from before this run; undefined where nothing does. */
function signOfAge(object: SampledObject, { header, body }: Served, bytes: Buffer, now: number): string | undefined {
  const { etag, isWritten, writtenAt, replacedBytes } = object;
  const served = etagIn(header('etag'));
  if (etag !== undefined && served !== undefined && S3_ETAG.test(etag) && S3_ETAG.test(served) && etag !== served)
    return 'its ETag is that of another object';
  if (!isWritten) return undefined;
  const age = Number(header('age') ?? '0');
  // `Age` is in whole seconds, and may be a second too high.
  if (writtenAt !== undefined && age > (now - writtenAt) / 1_000 + 2)
    return `it was cached ${secondsText(age)} ago, before this upload`;
  if (replacedBytes !== undefined && (replacedBytes === body.length || replacedBytes === bytes.length))
    return 'it is as long as the object that was replaced';
  return undefined;
}

/** Without quotes, and without what servers add when they compress. */
function etagIn(header: string | undefined): string | undefined {
  return /^(?:W\/)?"(.*?)(?:[-;](?:gzip|br|df|zstd))?"$/.exec(header ?? '')?.[1];
}

const HTML = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i;
const IMAGE = /^\s*image\//i;

/**
 * Tells an object that a CDN has changed on the way from another one. The ETag proves it where it is that of the object. Else HTML must have all words of
 * the page that was put, and images may be optimized; all other content must be the same.
 */
function isRewritten({ etag }: SampledObject, expected: Expected, { header }: Served, bytes: Buffer): boolean {
  if (etag !== undefined && etagIn(header('etag')) === etag) return true;
  const type = header('content-type') ?? '';
  if (IMAGE.test(type)) return bytes.length > 0;
  if (!HTML.test(type) || bytes.length === 0) return false;
  // What is read once cannot be compared by words.
  if (expected.unread === 'once') return true;
  const { words } = expected;
  return words !== undefined && bytes.length <= 2 * MOST_HTML_BYTES && hasWordsOf(words, wordsOf(bytes.toString()));
}

/** A header's value of any server, as a message shows it: redirects to a login may have tokens. */
function shownHeader(value = ''): string {
  const shown = maskUrlsIn(value);
  return shown.length <= 200 ? shown : `${shown.slice(0, 200)}…`;
}
