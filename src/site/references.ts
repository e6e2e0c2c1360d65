import { type TokenizerCallbacks as HtmlCallbacks, Tokenizer as HtmlTokenizer } from 'htmlparser2';
import { type CssReference, cssReferences, type TextScanner } from './css-references.js';

/** Something that a document names: a link, a picture, a style, a font. */
export interface Reference {
  /** As the author means it: without white space around it, entities and escapes decoded. Neither resolved nor checked. */
  readonly url: string;
  /** The element, in lower case; undefined in a style sheet. */
  readonly element?: string;
  /** The attribute, in lower case; for `<meta>` the name of the property or `refresh`, for an import map `importmap`. Undefined for the text of `<style>`, and in a style sheet. */
  readonly attribute?: string;
  /** The part of CSS, where it is in CSS. */
  readonly css?: CssReference['css'];
  /** The relation of a `<link>` or `<a>`, in lower case, such as `preconnect` or `insideheet`. */
  readonly rel?: string;
  /** UTF-16 units from the start of the document to the value of the attribute, or to the token of CSS. */
  readonly offset: number;
}

/** Takes a document in pieces of any length. */
export interface ReferenceScanner {
  write(bytes: Uint8Array): void;
  end(): void;
}

/** The kinds of documents that have references. */
export type ScannedKind = 'html' | 'css';

/**
 * Passes each reference of a document on while its bytes come in: UTF-8, or whatever else has its ASCII in the same bytes. Never throws for what it
 * reads. It keeps no more than a piece and {@link MOST_HELD} characters, so that references longer than this (data in URLs) are not passed on.
 */
export function referenceScanner(kind: ScannedKind, onReference: (found: Reference) => void): ReferenceScanner {
  const scanner = kind === 'css' ? cssReferences(onReference) : htmlReferences(onReference);
  const decoder = new TextDecoder();
  return {
    write: (bytes) => scanner.write(decoder.decode(bytes, { stream: true })),
    end() {
      scanner.write(decoder.decode());
      scanner.end();
    },
  };
}

/** The most characters of one attribute value or name that are kept. */
export const MOST_HELD = 65_536;

/** What an attribute holds: one reference, a list of pictures, declarations of CSS, or what the others are understood by. */
type Role = 'url' | 'list' | 'style' | 'rel' | 'type' | 'meta';

/** The attributes that are read. Those that begin with `data-` are read by scripts that load pictures late. */
const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ...[
    'href',
    'src',
    'xlink:href',
    'poster',
    'background',
    'data',
    'data-src',
    'data-href',
    'data-poster',
    'data-background',
  ].map((name) => [name, 'url'] as const),
  ...['srcset', 'imagesrcset', 'data-srcset'].map((name) => [name, 'list'] as const),
  ...['content', 'property', 'name', 'itemprop', 'http-equiv'].map((name) => [name, 'meta'] as const),
  ['style', 'style'],
  ['rel', 'rel'],
  ['type', 'type'],
]);

/** Undefined where the attribute is not read. */
function roleOf(element: string, attribute: string): Role | undefined {
  const role = ROLES.get(attribute);
  if (role === 'meta') return element === 'meta' ? role : undefined;
  if (role === 'type') return element === 'script' ? role : undefined;
  return attribute === 'data' && element !== 'object' ? undefined : role;
}

/** https://ogp.me, https://developer.x.com/en/docs/x-for-websites/cards, and the tiles of Windows. */
const URL_PROPERTY =
  /^(?:og:(?:url|(?:image|video|audio)(?::(?:secure_)?url)?)|twitter:(?:image(?::src)?|player(?::stream)?)|msapplication-(?:config|\w+(?:logo|image))|thumbnail|image|thumbnailurl|contenturl|url)$/;
const REFRESH_BEFORE_URL = /^\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?/i;

interface Attribute {
  readonly name: string;
  readonly role: Role;
  readonly value: string;
  readonly offset: number;
}

function htmlReferences(onReference: (found: Reference) => void): TextScanner {
  /** What may be needed of the text so far. */
  let held = '';
  /** Where `held` begins, where the text ends, and where the last token ended. */
  let heldFrom = 0;
  let textEnd = 0;
  let done = 0;
  let element = '';
  let attributes: Attribute[] = [];
  let name = '';
  let role: Role | undefined;
  let value = '';
  let valueFrom = -1;
  let overlong = false;
  /** Takes the text of the element. */
  let inside: TextScanner | undefined;
  let textFrom = 0;
  /** Open elements that say whether HTML or another language is read. */
  const languages: string[] = [];

  const slice = (start: number, end: number): string => held.slice(Math.max(start - heldFrom, 0), end - heldFrom);
  const isForeign = (): boolean => FOREIGN.has(languages.at(-1) ?? '');

  function add(text: string, start: number): void {
    if (valueFrom < 0) valueFrom = start;
    overlong ||= value.length + text.length > MOST_HELD;
    if (!overlong) value += text;
  }

  function endOfTag(): void {
    if (element === 'script' && isImportMap(attributes))
      inside = importMap((url) => onReference({ url, element, attribute: 'importmap', offset: textFrom }));
    if (element === 'style')
      inside = cssReferences(({ offset, ...found }) => onReference({ ...found, element, offset: textFrom + offset }));
    if (attributes.length === 0) return;
    eachReference(element, attributes, onReference);
    attributes = [];
  }

  function passed(_start: number, end: number): void {
    done = end;
  }

  const callbacks: HtmlCallbacks = {
    isInForeignContext: isForeign,
    onopentagname(start, end) {
      done = end;
      element = slice(start, end).toLowerCase();
      if (attributes.length > 0) attributes = [];
      inside = undefined;
      if (LANGUAGES.has(element) && languages.length < MOST_LANGUAGES) languages.push(element);
    },
    onattribname(start, end) {
      done = end;
      name = slice(start, end).toLowerCase();
      role = roleOf(element, name);
      value = '';
      valueFrom = -1;
      overlong = false;
    },
    onattribdata(start, end) {
      done = end;
      if (role !== undefined) add(slice(start, end), start);
    },
    onattribentity(codepoint) {
      if (role !== undefined) add(String.fromCodePoint(codepoint), done);
    },
    onattribend(_quote, end) {
      done = end;
      if (role !== undefined && value !== '' && !overlong) attributes.push({ name, role, value, offset: valueFrom });
      value = '';
    },
    onopentagend(end) {
      done = end;
      endOfTag();
      textFrom = end + 1;
    },
    onselfclosingtag(end) {
      done = end;
      endOfTag();
      inside = undefined;
      if (isForeign() && languages.at(-1) === element) languages.pop();
    },
    onclosetag(start, end) {
      done = end;
      const closed = slice(start, end).toLowerCase();
      if (LANGUAGES.has(closed) && languages.includes(closed)) languages.length = languages.lastIndexOf(closed);
      if (closed !== 'style' && closed !== 'script') return;
      inside?.end();
      inside = undefined;
    },
    ontext(start, end) {
      done = end;
      inside?.write(slice(start, end));
    },
    ontextentity(codepoint, end) {
      done = end;
      inside?.write(String.fromCodePoint(codepoint));
    },
    oncdata(start, end, endOffset) {
      done = end;
      inside?.write(slice(start, end - endOffset));
    },
    oncomment: passed,
    ondeclaration: passed,
    onprocessinginstruction: passed,
    onend: () => inside?.end(),
  };
  const tokenizer = new HtmlTokenizer({ decodeEntities: true }, callbacks);
  return {
    write(text) {
      if (text === '') return;
      const from = Math.max(heldFrom, Math.min(done, textEnd), textEnd - MOST_HELD);
      held = held.slice(from - heldFrom) + text;
      heldFrom = from;
      textEnd += text.length;
      tokenizer.write(text);
    },
    end: () => tokenizer.end(),
  };
}

/** Elements in which another language begins, and those of it in which HTML begins again. */
const FOREIGN: ReadonlySet<string> = new Set(['svg', 'math']);
const LANGUAGES: ReadonlySet<string> = new Set([...FOREIGN, 'foreignobject', 'annotation-xml']);
/** Only broken documents nest more. */
const MOST_LANGUAGES = 256;

function isImportMap(attributes: readonly Attribute[]): boolean {
  return attributes.some(({ role, value }) => role === 'type' && value.trim().toLowerCase() === 'importmap');
}

/** The modules that an import map names. @see https://html.spec.whatwg.org/multipage/webappapis.html#import-maps */
function importMap(onUrl: (url: string) => void): TextScanner {
  let text = '';
  return {
    write(more) {
      if (text.length <= MOST_HELD) text += more;
    },
    end() {
      if (text.length <= MOST_HELD) for (const url of modulesIn(text)) onUrl(url);
    },
  };
}

function modulesIn(text: string): string[] {
  try {
    const { imports = {}, scopes = {} } = JSON.parse(text) as Record<string, Record<string, object>>;
    const urls: unknown[] = [imports, ...Object.values(scopes)].flatMap((map) => Object.values(map));
    return urls.filter((url): url is string => typeof url === 'string' && url.trim() !== '').map((url) => url.trim());
  } catch {
    // Browsers ignore it, too.
    return [];
  }
}

type OnReference = (found: Reference) => void;

function eachReference(element: string, attributes: readonly Attribute[], onReference: OnReference): void {
  const related = attributes
    .find(({ role }) => role === 'rel')
    ?.value.trim()
    .toLowerCase();
  for (const { name: attribute, role, value, offset } of attributes) {
    const pass = (url: string, css?: CssReference['css']): void =>
      onReference({
        url,
        element,
        attribute,
        ...(css !== undefined && { css }),
        ...(related !== undefined && { rel: related }),
        offset,
      });
    if (role === 'url') {
      const url = value.trim();
      if (url !== '') pass(url);
    } else if (role === 'list') eachCandidate(value, pass);
    else if (role === 'style') eachInStyle(value, pass);
  }
  if (element === 'meta') ofMeta(attributes, onReference);
}

function ofMeta(attributes: readonly Attribute[], onReference: OnReference): void {
  const given = (wanted: string): string | undefined => attributes.find(({ name }) => name === wanted)?.value.trim();
  const content = attributes.find(({ name }) => name === 'content');
  if (content === undefined) return;
  const property = (given('property') ?? given('name') ?? given('itemprop') ?? '').toLowerCase();
  const refreshes = given('http-equiv')?.toLowerCase() === 'refresh';
  if (!refreshes && !URL_PROPERTY.test(property)) return;
  const url = refreshes ? refreshedTo(content.value) : content.value.trim();
  const attribute = refreshes ? 'refresh' : property;
  if (url !== '') onReference({ url, element: 'meta', attribute, offset: content.offset });
}

/** The URL in `0; url=/new`, which may have quotes. */
function refreshedTo(content: string): string {
  const delay = REFRESH_BEFORE_URL.exec(content)?.[0];
  if (delay === undefined) return '';
  const url = content.slice(delay.length).trim();
  const quote = url[0];
  return quote === '"' || quote === "'" ? (url.slice(1).split(quote)[0] ?? '') : url;
}

function eachInStyle(value: string, onUrl: (url: string, css: CssReference['css']) => void): void {
  // Most have none.
  if (!/[(@]/.test(value)) return;
  const scanner = cssReferences(({ url, css }) => onUrl(url, css));
  scanner.write(value);
  scanner.end();
}

/** The URLs of a `srcset`. @see https://html.spec.whatwg.org/multipage/images.html#parsing-a-srcset-attribute */
function eachCandidate(srcset: string, onUrl: (url: string) => void): void {
  const candidate = /[\s,]*([^\s,]\S*)/y;
  const descriptors = /(?:[^,(]|\([^)]*\)?)*,?/y;
  for (let match = candidate.exec(srcset); match !== null; match = candidate.exec(srcset)) {
    const [, written = ''] = match;
    const url = written.replace(/,+$/, '');
    if (url !== '') onUrl(url);
    // A comma at its end has ended the candidate.
    if (url === written) {
      descriptors.lastIndex = candidate.lastIndex;
      descriptors.exec(srcset);
      candidate.lastIndex = descriptors.lastIndex;
    }
  }
}
