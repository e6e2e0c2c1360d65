import { createHash } from 'node:crypto';
import { typeOfBytes } from '../encode/content-type.js';
import { checkEncoding } from '../encode/encoding-check.js';
import { takeRemoved } from '../encode/header-syntax.js';
import type { ObjectHeaders } from '../encode/object-headers.js';
import type { Rules } from '../encode/rules.js';
import type { Content } from '../model/content.js';
import type { ResolvedPutOptions } from '../options/resolved.js';
import type { HeaderMap } from '../options/types.js';
import { dropUnit } from '../plan/listing/lookup.js';
import { unitsOf } from '../run/blocks.js';
import { REDIRECT_LOCATION, type RedirectObject } from '../source/redirects.js';
import type { Entry, Source } from '../source/types.js';
import { headersOfEntry, namedHeaders } from '../transfer/put/form.js';
import { decodeBody } from './decode.js';
import { MOST_BYTES, type SampledObject } from './sample.js';
import { MOST_HTML_BYTES, wordsOf } from './words.js';

/** What a response should have. */
export interface Expected {
  /** SHA-256 of what the decoded body may be; empty where the source could not be read again. */
  readonly digests: readonly string[];
  /** Bytes of the decoded body; undefined where unknown. */
  readonly bytes: number | undefined;
  /** Of a page in HTML. */
  readonly words: ReadonlySet<string> | undefined;
  /** Undefined where it is not compared. */
  readonly contentType: string | undefined;
  /** Charsets were not compared, when the object was found to be unchanged. */
  readonly onlyEssence: boolean;
  readonly contentEncoding: string | undefined;
  /** Where the website endpoint of S3 redirects to. */
  readonly redirect: string | undefined;
  /** Why its content is not compared as a whole: the file has changed since it was put, or can be read only once. */
  readonly unread: 'changed' | 'once' | undefined;
}

/** What the headers and the bytes of entries come from. */
export interface ExpectedContext {
  readonly options: ResolvedPutOptions;
  readonly headersFor: ObjectHeaders;
  readonly rules: Rules;
  readonly source: Source;
  readonly redirects: readonly Pick<RedirectObject, 'key' | 'location'>[];
}

/** Most bytes of all pages whose words are kept. */
const MOST_WORDS_BYTES = 16 * 1024 * 1024;
const HTML = /^(?:text\/html|application\/xhtml\+xml)\b/i;

/** Reads the files of the objects once more, by walking the source again where that is possible. */
export async function readExpected(
  objects: readonly SampledObject[],
  context: ExpectedContext,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Expected>> {
  const { source } = context;
  const unread = source.rewalkable ? 'changed' : 'once';
  const found = new Map(objects.map((object) => [object.key, unreadExpected(object, unread, context)]));
  const wanted = new Map(objects.map((object) => [object.key, object]));
  if (!source.rewalkable || wanted.size === 0) return found;
  let left = MOST_WORDS_BYTES;
  for await (const unit of unitsOf(source.walk(signal), dropUnit)) {
    if (unit.kind !== 'entry') continue;
    try {
      const object = wanted.get(unit.key);
      if (object === undefined) continue;
      wanted.delete(unit.key);
      const bytes = await bytesOf(unit, object, signal);
      if (bytes === undefined) continue;
      const expected = await expectedOf(unit, object, bytes, left, context);
      if (expected.words !== undefined) left -= bytes.length;
      found.set(unit.key, expected);
    } finally {
      unit.release?.();
    }
    if (wanted.size === 0) break;
  }
  return found;
}

/** The bytes of an entry; undefined where they are not those that were put, as far as their number shows that, and where they cannot be read. */
async function bytesOf(entry: Entry, { sourceBytes }: SampledObject, signal: AbortSignal): Promise<Buffer | undefined> {
  let content: Content | undefined;
  try {
    content = await entry.open(async () => {}, signal);
    if (content.size !== sourceBytes || content.size > MOST_BYTES) return undefined;
    // What is in memory already may be used again by its owner.
    return Buffer.from(await content.slice(0, content.size, Buffer.alloc(content.size)));
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  } finally {
    await content?.close();
  }
}

function unreadExpected(
  { key, sourceBytes, contentType, contentEncoding }: SampledObject,
  unread: 'changed' | 'once',
  { options, redirects }: ExpectedContext,
): Expected {
  return {
    digests: [],
    bytes: unread === 'once' && sourceBytes > 0 ? sourceBytes : undefined,
    words: undefined,
    contentType,
    onlyEssence: false,
    contentEncoding,
    redirect: redirects.find((one) => one.key === key)?.location ?? options.websiteRedirect,
    unread,
  };
}

async function expectedOf(
  entry: Entry,
  object: SampledObject,
  bytes: Buffer,
  wordsLeft: number,
  context: ExpectedContext,
): Promise<Expected> {
  const { options } = context;
  const name = entry.plainKey ?? entry.key;
  const { headers, guessed } = namedHeaders(entry, headersOfEntry(options, entry), undefined, context);
  takeRemoved(headers);
  // The headers of an unchanged object are known only if they were compared.
  const compared = !object.isWritten && options.updateHeaders;
  const contentEncoding = object.contentEncoding ?? (object.isWritten ? undefined : encodingOf(entry, headers, bytes));
  const byBytes = guessed === undefined || contentEncoding !== undefined ? undefined : typeOfBytes(guessed, bytes);
  const contentType = object.contentType ?? (compared ? (byBytes ?? headers['content-type']) : undefined);
  // A file that is compressed already is put as it is, under the encoding that the user names.
  const decoded = await decodeBody(bytes, contentEncoding, MOST_BYTES);
  const plain = 'bytes' in decoded && contentEncoding !== undefined ? decoded.bytes : bytes;
  const digests = plain === bytes ? [digestOf(bytes)] : [digestOf(plain), digestOf(bytes)];
  // Its ETag says that it was put as it is; where that is no MD5 (KMS, parts), it may have been compressed once more.
  if (object.etag === md5(bytes)) digests.length = 1;
  const isHtml = contentType === undefined ? /\.x?html?$/i.test(name) : HTML.test(contentType);
  const hasWords = isHtml && plain.length <= Math.min(MOST_HTML_BYTES, wordsLeft);
  return {
    digests,
    bytes: plain.length,
    words: hasWords ? wordsOf(plain.toString()) : undefined,
    contentType,
    onlyEssence: compared,
    contentEncoding,
    redirect: headers[REDIRECT_LOCATION],
    unread: undefined,
  };
}

/** The encoding that an unchanged object should have: that of its headers, which know compressed copies by their names, or of its bytes. */
function encodingOf(entry: Entry, headers: HeaderMap, bytes: Buffer): string | undefined {
  const { 'content-encoding': named } = headers;
  if (named !== undefined) return named;
  const verdict = checkEncoding(headers, entry.plainKey ?? entry.key, bytes);
  return verdict.is === 'missing' ? verdict.coding : undefined;
}

export function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

export function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
