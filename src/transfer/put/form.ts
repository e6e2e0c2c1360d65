import { compressionChoice, decideCompression, says } from '../../encode/compression.js';
import { bytesDecide, decidingEnding, typeNameOf, typeOfBytes } from '../../encode/content-type.js';
import { checkEncoding, encodingNeedsBytes } from '../../encode/encoding-check.js';
import { headerWarnings } from '../../encode/header-grammar.js';
import { REUSED_MARK, takeRemoved } from '../../encode/header-syntax.js';
import type { ObjectHeaders } from '../../encode/object-headers.js';
import { headersUnderRules, NO_RULES, type Rules } from '../../encode/rules.js';
import { SourceError } from '../../errors.js';
import { codingsOf, type Encoding } from '../../model/encodings.js';
import { definedHeaders } from '../../options/common.js';
import type { ResolvedPutOptions } from '../../options/resolved.js';
import type { HeaderMap, HeaderValues, ItemInfo } from '../../options/types.js';
import { given, msg } from '../../report/message.js';
import type { RunRecord } from '../../run/record.js';
import { callHook, itemInfo, wrongReturn } from '../../source/candidates.js';
import type { Entry } from '../../source/types.js';
import type { EntryBody } from '../body/body.js';
import type { RedirectHeaders } from './redirects.js';

/** The headers of one entry, and how it may be compressed. */
export interface Form {
  /** Makes the headers. Their type and encoding may change when the first bytes of `body` are read, which is before they are sent. */
  readonly headers: (body: EntryBody) => FormHeaders;
  readonly compress: Encoding | undefined;
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
  /** What becomes of the headers of redirects; undefined where there are none. */
  readonly redirecting?: RedirectHeaders | undefined;
  /** The headers of a preset. */
  readonly lowest?: ((entry: Entry) => LowestHeaders) | undefined;
}

/** The forms that entries are put in. */
export interface EntryForms {
  /** Throws `SourceError` where the function `headers` fails, `UsageError` for headers that cannot be. */
  of(entry: Entry): Form;
  /** Whether an entry has no headers or compression but those that its ending gives, and its headers are not compared. */
  isPlain(entry: Entry): boolean;
  /**
   * The headers of such an entry, in a map that is shared by all with its ending and never changes. Undefined where something
   * else decides, and where the encoding of these bytes is no plain one.
   * @param bytes all of its bytes
   */
  shared(entry: Entry, bytes: Buffer): HeaderMap | undefined;
  /** Whether an option, a rule or the entry itself gives headers, which an unchanged object may lack. */
  givesHeaders(entry: Entry): boolean;
  /** Changes the headers of an entry for a write over other content, where they rest on there being none. Warns of it. */
  forOtherContent(entry: Entry, headers: HeaderMap): HeaderMap;
  /** What counts instead of some of these headers where the object is marked by {@link REUSED_MARK}; undefined for nothing. */
  whenReused(headers: HeaderMap): HeaderMap | undefined;
}

/** The headers of an entry by its names, the options and the rules; what its bytes say about them is not in them yet. */
export interface NamedHeaders {
  readonly headers: Record<string, string>;
  /** The name that the content type is guessed from. */
  readonly typeName: string;
  /** The content type, where it was guessed from a name that leaves something to the bytes. */
  readonly guessed: string | undefined;
}

/**
 * The headers of an entry before its bytes are seen.
 * @param own those of its item and of the function `headers`, by {@link headersOfEntry}
 * @param lowest those of a preset
 */
export function namedHeaders(
  entry: Entry,
  own: HeaderValues | undefined,
  lowest: HeaderMap | undefined,
  { options, headersFor, rules }: Pick<FormContext, 'options' | 'headersFor' | 'rules'>,
): NamedHeaders {
  const key = entry.plainKey ?? entry.key;
  const names = entry.plainKey === undefined ? entry : { ...entry, key };
  // The usual key ends as the file's own name does, so that most runs look up one name per object.
  const usual =
    options.key === undefined &&
    options.as === undefined &&
    entry.fileName === undefined &&
    entry.typeName === undefined;
  const ruled = rules.resultFor(entry.relativePath);
  const below = entry.encoding === undefined ? lowest : { ...lowest, 'content-encoding': entry.encoding };
  const headersOfType = (name: string): Record<string, string> =>
    headersFor(name, headersUnderRules(ruled, name, own), below);
  let typeName = usual ? key : typeNameOf(names);
  let headers = headersOfType(typeName);
  if (headers['content-encoding'] !== undefined) {
    // The type is that of the bytes once they are decoded.
    typeName = typeNameOf(names, codingsOf(headers['content-encoding']));
    headers = headersOfType(typeName);
  }
  const type = headers['content-type'] ?? '';
  const ruledType = ruled.headers['content-type'];
  const typeGiven =
    options.contentType !== 'guess' || (typeof options.headers === 'object' && givesType(options.headers));
  // Encoded bytes show nothing about the text in them.
  const guessed =
    (ruledType === undefined ? !typeGiven : ruledType === 'guess') &&
    !(own !== undefined && givesType(own)) &&
    codingsOf(headers['content-encoding']).length === 0 &&
    bytesDecide(typeName, type);
  return { headers, typeName, guessed: guessed ? type : undefined };
}

/** Returns what gives each entry its headers. Warns of headers that only an entry shows. */
export function entryForms(
  { warn }: Pick<RunRecord, 'warn'>,
  { options, headersFor, rules, lowest, redirecting }: FormContext,
): EntryForms {
  const headersGiven = lowest !== undefined || givesHeaders(options);
  /** Whether the ending of a name decides about the headers, unless the entry has something of its own. */
  const byName =
    rules.none &&
    lowest === undefined &&
    typeof options.headers !== 'function' &&
    options.key === undefined &&
    options.as === undefined;
  const byEnding = new Map<string, OwnHeaders>();
  const ofOtherType = new WeakMap<HeaderMap, HeaderMap>();
  /** Whether nothing is compressed, unless the entry itself says so, and headers are needed only to be sent. */
  const plainRun = !options.updateHeaders && compressionChoice({}, NO_RULES, options) === undefined;
  const whenChanged = new WeakMap<HeaderMap, HeaderMap>();

  function formOf(entry: Entry): Form {
    if (entry.encoding !== undefined && entry.size === 0) throw emptyCopy(entry.origin, entry.encoding);
    const choice = compressionChoice(entry, rules.resultFor(entry.relativePath), options);
    // Where headers are compared they are needed twice.
    if (choice === undefined && !options.updateHeaders)
      return { headers: (body) => sentWith(entry, body, headersOf(entry)), compress: undefined };
    // The content type decides, so the headers are needed now; a hook is called only once.
    const own = headersOf(entry);
    const { headers } = own;
    const { relativePath, fileName, size } = entry;
    const key = entry.plainKey ?? entry.key;
    const { compress } = decideCompression({ choice, headers, key, relativePath, fileName, size });
    return { headers: (body) => sentWith(entry, body, own), compress };
  }

  function sentWith(entry: Entry, body: EntryBody, own: OwnHeaders): FormHeaders {
    // The bytes are read anyway, and before the headers are sent, so that a look at them costs no read.
    body.onHead((bytes) => see(entry, own, bytes), own.guessed !== undefined || encodingNeedsBytes(own.headers));
    return own;
  }

  function see(entry: Entry, { headers, guessed }: OwnHeaders, bytes: Buffer): void {
    const { origin } = entry;
    const verdict = checkEncoding(headers, entry.plainKey ?? entry.key, bytes);
    if (verdict.is === 'wrong') throw wronglyEncoded(origin, verdict.coding);
    if (verdict.is === 'odd') warnPacked(origin, verdict.coding);
    if (verdict.is === 'missing') {
      headers['content-encoding'] = verdict.coding;
    } else if (guessed !== undefined && headers['content-encoding'] === undefined) {
      headers['content-type'] = typeSeen(entry, guessed, bytes);
    }
  }

  function typeSeen({ origin }: Entry, guessed: string, bytes: Buffer): string {
    const type = typeOfBytes(guessed, bytes);
    if (type !== guessed && guessed.startsWith(type)) warnNotUtf8(origin);
    return type;
  }

  function warnPacked(origin: string, coding: string): void {
    const message = msg`${origin} is compressed (${coding}), and neither its name nor its content type says so, so that it gets no Content-Encoding: browsers show the compressed bytes. The same holds for others like it. If what is inside is meant, give it ${given('contentEncoding', coding)} by a rule in {rules}.`;
    warn('compressed-unnamed', message);
  }

  function warnNotUtf8(origin: string): void {
    const message = `${origin} is not UTF-8: its content type gets no charset, so that the one which it names itself counts. The same holds for others like it.`;
    warn('not-utf8', message);
  }

  /** Most entries of a run have the headers of others with their ending: they are made once. */
  function headersOf(entry: Entry): OwnHeaders {
    const ending = byName && hasNothingOfItsOwn(entry) ? decidingEnding(entry.key) : undefined;
    if (ending === undefined) return madeHeaders(entry);
    const known = byEnding.get(ending);
    if (known !== undefined)
      return { headers: Object.assign({}, known.headers), removed: NONE, guessed: known.guessed };
    const made = madeHeaders(entry);
    const isUsual = made.removed.length === 0 && made.headers['content-encoding'] === undefined;
    if (isUsual && byEnding.size < MOST_ENDINGS) byEnding.set(ending, { ...made, headers: { ...made.headers } });
    return made;
  }

  function isPlain(entry: Entry): boolean {
    return byName && plainRun && hasNothingOfItsOwn(entry) && !says(entry);
  }

  function shared(entry: Entry, bytes: Buffer): HeaderMap | undefined {
    if (!isPlain(entry)) return undefined;
    const ending = decidingEnding(entry.key);
    const known = ending === undefined ? undefined : (byEnding.get(ending) ?? keptHeaders(entry, ending));
    if (known === undefined) return undefined;
    const { headers, guessed } = known;
    if (checkEncoding(headers, entry.key, bytes).is !== 'right') return undefined;
    if (guessed === undefined) return headers;
    const type = typeSeen(entry, guessed, bytes);
    return type === guessed ? headers : withType(headers, type);
  }

  /** There are two types at most that bytes give to headers. */
  function withType(headers: HeaderMap, type: string): HeaderMap {
    const known = ofOtherType.get(headers);
    if (known?.['content-type'] === type) return known;
    const made = { ...headers, 'content-type': type };
    ofOtherType.set(headers, made);
    return made;
  }

  function keptHeaders(entry: Entry, ending: string): OwnHeaders | undefined {
    headersOf(entry);
    return byEnding.get(ending);
  }

  function madeHeaders(entry: Entry): OwnHeaders {
    const own = headersOfEntry(options, entry);
    const preset = lowest?.(entry);
    const { headers, typeName, guessed } = namedHeaders(entry, own, preset?.headers, { options, headersFor, rules });
    if (preset?.whenChanged !== undefined) {
      const ruled = rules.resultFor(entry.relativePath);
      const others = headersFor(typeName, headersUnderRules(ruled, typeName, own));
      const changed = Object.entries(preset.whenChanged).filter(([name]) => !(name in others));
      if (changed.length > 0) whenChanged.set(headers, Object.fromEntries(changed));
    }
    redirecting?.complete(entry, headers);
    const removed = takeRemoved(headers);
    if (own !== undefined) for (const { code, message } of headerWarnings(headers)) warn(code, message);
    return { headers, removed, guessed };
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
    isPlain,
    shared,
    forOtherContent,
    whenReused: (headers) => whenChanged.get(headers),
    givesHeaders: (entry) =>
      headersGiven ||
      entry.headers !== undefined ||
      entry.encoding !== undefined ||
      givesAny(rules.resultFor(entry.relativePath).headers),
  };
}

const NONE: readonly string[] = [];
/** Endings whose headers are kept. A tree has few. */
const MOST_ENDINGS = 1000;

function hasNothingOfItsOwn({ headers, encoding, plainKey, typeName, fileName, redirect }: Entry): boolean {
  return (
    headers === undefined &&
    encoding === undefined &&
    plainKey === undefined &&
    typeName === undefined &&
    fileName === undefined &&
    redirect === undefined
  );
}

/** Even a compressed copy of nothing has bytes: a build that was interrupted has left it. */
function emptyCopy(origin: string, coding: string): SourceError {
  return new SourceError('EncodingMismatch', `${origin} is a compressed copy (${coding}), and it is empty`, {
    hint: msg`Let the build write it again, or leave it out by {exclude}.`,
  });
}

function wronglyEncoded(origin: string, coding: string): SourceError {
  const message = `${origin} is to get the Content-Encoding "${coding}", and its bytes are not in it: no browser could decode them`;
  return new SourceError('EncodingMismatch', message, {
    hint: msg`Compress the file, or set {contentEncoding} by a rule in {rules} that does not match it. To have it compressed on the way, give no encoding and set {compress}.`,
  });
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

/** Options that give every object a header. */
export const HEADER_OPTIONS = [
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
