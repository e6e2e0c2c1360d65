import { decideGzip } from '../../encode/compression.js';
import { bytesDecide, typeNameOf, typeOfBytes } from '../../encode/content-type.js';
import { headerWarnings } from '../../encode/header-grammar.js';
import { REUSED_MARK, takeRemoved } from '../../encode/header-syntax.js';
import type { ObjectHeaders } from '../../encode/object-headers.js';
import { headersUnderRules, type Rules } from '../../encode/rules.js';
import { definedHeaders } from '../../options/common.js';
import type { ResolvedPutOptions } from '../../options/resolved.js';
import type { HeaderMap, HeaderValues, ItemInfo } from '../../options/types.js';
import type { RunRecord } from '../../run/record.js';
import { callHook, itemInfo, wrongReturn } from '../../source/candidates.js';
import type { Entry } from '../../source/types.js';
import type { EntryBody } from '../body/body.js';

/** The headers of one entry, and whether it may be compressed. */
export interface Form {
  /** Makes the headers. The type in them may change when the first bytes of `body` are read, which is before they are sent. */
  readonly headers: (body: EntryBody) => FormHeaders;
  readonly compress: boolean;
}

/** The headers of one entry. */
export interface FormHeaders {
  readonly headers: HeaderMap;
  /** Names that its object must not have, because their values are empty. */
  readonly removed: readonly string[];
}

interface OwnHeaders extends FormHeaders {
  readonly headers: Record<string, string>;
  /** The content type, where it was guessed from a name that leaves something to the bytes. */
  readonly guessed: string | undefined;
}

/** Headers that all others override, except the guessed content type. Names in lower case. */
export interface LowestHeaders {
  readonly headers: HeaderMap;
  /** What counts instead where the object has other content: the headers rest on the name changing with it. */
  readonly whenChanged?: HeaderMap;
}

/** What decides about the headers of entries. */
export interface FormContext {
  readonly options: ResolvedPutOptions;
  readonly headersFor: ObjectHeaders;
  readonly rules: Rules;
  /** The headers of a preset. */
  readonly lowest?: ((entry: Entry) => LowestHeaders) | undefined;
}

/** The forms that entries are put in. */
export interface EntryForms {
  /** Throws `SourceError` where the function `headers` fails, `UsageError` for headers that cannot be. */
  of(entry: Entry): Form;
  /** Whether an option, a rule or the entry itself gives headers, which an unchanged object may lack. */
  givesHeaders(entry: Entry): boolean;
  /** Changes the headers of an entry for a write over other content, where they rest on there being none. Warns of it. */
  forOtherContent(entry: Entry, headers: HeaderMap): HeaderMap;
  /** What counts instead of some of these headers where the object is marked by {@link REUSED_MARK}; undefined for nothing. */
  whenReused(headers: HeaderMap): HeaderMap | undefined;
}

/** Returns what gives each entry its headers. Warns of headers that only an entry shows. */
export function entryForms(
  { warn }: Pick<RunRecord, 'warn'>,
  { options, headersFor, rules, lowest }: FormContext,
): EntryForms {
  const headersGiven = lowest !== undefined || givesHeaders(options);
  const whenChanged = new WeakMap<HeaderMap, HeaderMap>();
  const typeGiven =
    options.contentType !== 'guess' || (typeof options.headers === 'object' && givesType(options.headers));

  function formOf(entry: Entry): Form {
    const gzip = entry.gzip ?? rules.resultFor(entry.relativePath).gzip ?? options.gzip;
    // Where headers are compared they are needed twice.
    if (gzip === false && !options.updateHeaders)
      return { headers: (body) => sentWith(entry, body, headersOf(entry)), compress: false };
    // The content type decides, so the headers are needed now; a hook is called only once.
    const own = headersOf(entry);
    const { headers } = own;
    const { relativePath, fileName, size } = entry;
    const key = entry.plainKey ?? entry.key;
    const { compress } = decideGzip({ gzip, headers, key, relativePath, fileName, size });
    return { headers: (body) => sentWith(entry, body, own), compress };
  }

  function sentWith({ origin }: Entry, body: EntryBody, own: OwnHeaders): FormHeaders {
    const { headers, guessed } = own;
    // The bytes are read anyway, and before the headers are sent, so that a better type costs no read.
    if (guessed !== undefined)
      body.onHead((bytes) => {
        const type = typeOfBytes(guessed, bytes);
        headers['content-type'] = type;
        if (type !== guessed && guessed.startsWith(type)) warnNotUtf8(origin);
      });
    return own;
  }

  function warnNotUtf8(origin: string): void {
    const message = `${origin} is not UTF-8: its content type gets no charset, so that the one which it names itself counts. The same holds for others like it.`;
    warn('not-utf8', message);
  }

  function headersOf(entry: Entry): OwnHeaders {
    const own = headersOfEntry(options, entry);
    // The usual key ends as the file's own name does, so that most runs look up one name per object.
    const usual =
      options.key === undefined &&
      options.as === undefined &&
      entry.fileName === undefined &&
      entry.typeName === undefined;
    const key = entry.plainKey ?? entry.key;
    const typeName = usual ? key : typeNameOf(entry.plainKey === undefined ? entry : { ...entry, key });
    const ruled = rules.resultFor(entry.relativePath);
    const given = headersUnderRules(ruled, typeName, own);
    const preset = lowest?.(entry);
    const headers = headersFor(typeName, given, preset?.headers);
    if (preset?.whenChanged !== undefined) {
      const others = headersFor(typeName, given);
      const changed = Object.entries(preset.whenChanged).filter(([name]) => !(name in others));
      if (changed.length > 0) whenChanged.set(headers, Object.fromEntries(changed));
    }
    const removed = takeRemoved(headers);
    const ruledType = ruled.headers['content-type'];
    let guessed = ruledType === undefined ? !typeGiven : ruledType === 'guess';
    if (own !== undefined) {
      guessed &&= !givesType(own);
      for (const { code, message } of headerWarnings(headers)) warn(code, message);
    }
    const type = headers['content-type'] ?? '';
    // Encoded bytes show nothing about the text in them.
    guessed &&= headers['content-encoding'] === undefined && bytesDecide(typeName, type);
    return { headers, removed, guessed: guessed ? type : undefined };
  }

  function forOtherContent({ origin }: Entry, headers: HeaderMap): HeaderMap {
    const changed = whenChanged.get(headers);
    if (changed === undefined) return headers;
    const message = `${origin} has a hash in its name, and the object had other content nevertheless, so that browsers keep it only for a short time. The same holds for others like it. Let the build make a new name for new content.`;
    warn('hashed-name-reused', message);
    // A later run sees only the new content, so the object says that its name had another one.
    return Object.assign(headers, changed, { [REUSED_MARK]: 'true' });
  }

  return {
    of: formOf,
    forOtherContent,
    whenReused: (headers) => whenChanged.get(headers),
    givesHeaders: (entry) =>
      headersGiven || entry.headers !== undefined || givesAny(rules.resultFor(entry.relativePath).headers),
  };
}

/** The headers of the entry itself: those that came with it, over those that the function `headers` returns for it. Throws what the function does. */
export function headersOfEntry(
  { headers }: Pick<ResolvedPutOptions, 'headers'>,
  entry: Entry,
): HeaderValues | undefined {
  const hook = typeof headers === 'function' ? hookHeaders(headers, entry) : undefined;
  return hook === undefined ? entry.headers : { ...hook, ...entry.headers };
}

/** What the function `headers` returns for an entry. Throws `SourceError` where it throws, or returns anything but an object or undefined. */
function hookHeaders(of: (item: ItemInfo) => HeaderValues | undefined, entry: Entry): HeaderValues | undefined {
  const headers: unknown = callHook('headers', () => of(itemInfo(entry)));
  if (headers === undefined) return undefined;
  if (typeof headers === 'object' && headers !== null && !Array.isArray(headers) && !(headers instanceof Promise))
    return definedHeaders(headers as HeaderValues);
  throw wrongReturn(
    'headers',
    headers,
    'an object or undefined',
    'Return for example { "Cache-Control": "no-cache" }.',
  );
}

const HEADER_OPTIONS = [
  'headers',
  'cacheControl',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'expires',
  'websiteRedirect',
  'acl',
  'metadata',
  'storageClass',
  'sse',
  'sseKmsKeyId',
  'tagging',
] as const;

/** Whether options set headers that an unchanged object may lack. */
function givesHeaders(options: ResolvedPutOptions): boolean {
  return options.contentType !== 'guess' || HEADER_OPTIONS.some((name) => options[name] !== undefined);
}

function givesType(headers: HeaderValues): boolean {
  return Object.keys(headers).some((name) => name.trim().toLowerCase() === 'content-type');
}

function givesAny(headers: HeaderMap): boolean {
  return Object.keys(headers).length > 0;
}
