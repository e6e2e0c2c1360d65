const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The one element of a document that contains all others. */
export interface Root {
  /** Without a namespace prefix. */
  readonly name: string;
  /** Indexes at which the text between its tags begins and ends. */
  readonly start: number;
  readonly end: number;
}

/** The root of a document; undefined if the text does not begin with one. Throws `SyntaxError` if it does not end. */
export function rootOf(xml: string): Root | undefined {
  const at = rootAt(xml);
  if (at < 0) return undefined;
  const close = xml.indexOf('>', at);
  if (close < 0) throw new SyntaxError('the document does not end');
  const name = nameOf(xml.slice(at + 1, close));
  const local = name.slice(name.indexOf(':') + 1);
  if (xml.charCodeAt(close - 1) === SLASH) return { name: local, start: close, end: close };
  const end = xml.lastIndexOf('</');
  const tag = end < close ? '' : xml.slice(end + 2, end + 2 + name.length + 100).trimEnd();
  if (!tag.endsWith('>') || tag.slice(0, -1).trimEnd() !== name)
    throw new SyntaxError(`the document <${name.slice(0, 40)}> does not end`);
  return { name: local, start: close + 1, end };
}

/** The name of a document's root without a namespace prefix, even of a truncated document; undefined if there is none. */
export function rootName(xml: string): string | undefined {
  const at = rootAt(xml);
  if (at < 0) return undefined;
  const name = /^[\w.:-]{1,100}/.exec(xml.slice(at + 1, at + 101))?.[0] ?? '';
  return name.slice(name.indexOf(':') + 1);
}

/** The index of the root's tag; -1 if there is none. A byte order mark, declarations and comments may precede it. */
function rootAt(xml: string): number {
  for (let at = 0; ; ) {
    while (xml.charCodeAt(at) <= SPACE || xml.charCodeAt(at) === BYTE_ORDER_MARK) at += 1;
    if (xml.charCodeAt(at) !== LT) return -1;
    const mark = xml.charCodeAt(at + 1);
    if (mark !== BANG && mark !== QUESTION) return at;
    const end = xml.indexOf(xml.startsWith('<!--', at) ? '-->' : '>', at);
    if (end < 0) return -1;
    at = xml.indexOf('>', end) + 1;
  }
}

/** The text of the first element of this name, with entities decoded; undefined if there is none. Sufficient for S3's flat documents. */
export function elementText(xml: string, name: string): string | undefined {
  const found = element(xml, name, 0);
  return found === undefined ? undefined : decoded(xml.slice(found.start, found.end));
}

/**
 * The beginning of the text of the first element of this name, at most so many characters, also where the document is truncated or cannot be
 * decoded: for texts that people read.
 */
export function beginningOf(xml: string, name: string, most: number): string | undefined {
  const start = startOf(xml, name, 0);
  if (start === undefined) return undefined;
  const end = xml.charCodeAt(start - 2) === SLASH ? start : endOf(xml, nameAt(xml, start), start);
  // Twice as many, because an entity is longer than its character; and decoding needs no more.
  const text = xml.slice(start, Math.min(end < 0 ? xml.length : end, start + 2 * most));
  try {
    return decoded(text).slice(0, most);
  } catch {
    return text.slice(0, most);
  }
}

/** All elements of this name in order, as the text between their tags. Throws `SyntaxError` if one does not end. */
export function* elements(xml: string, name: string): Generator<string, void> {
  for (let at = 0; ; ) {
    const found = element(xml, name, at);
    if (found === undefined) return;
    yield xml.slice(found.start, found.end);
    at = found.end;
  }
}

/**
 * Visits the children of an element in one pass, without descending into them. `visit` gets the name without a namespace prefix, and the indexes at
 * which the text between a child's tags begins and ends. Throws `SyntaxError` if a child does not end.
 * @param enter may read a child by itself: returns the index of its end tag, or -1 where it has not done so, and `visit` gets the child
 */
export function eachChild(
  xml: string,
  from: number,
  to: number,
  visit: (name: string, start: number, end: number) => void,
  enter?: (name: string, start: number) => number,
): void {
  for (let at = xml.indexOf('<', from); at >= 0 && at < to; at = xml.indexOf('<', at)) {
    const mark = xml.charCodeAt(at + 1);
    if (mark === BANG || mark === QUESTION) {
      at = skipMarkup(xml, at);
      continue;
    }
    const close = xml.indexOf('>', at);
    if (close < 0) throw new SyntaxError('a tag is cut off');
    const name = nameOf(xml.slice(at + 1, close));
    const local = name.includes(':') ? name.slice(name.indexOf(':') + 1) : name;
    if (xml.charCodeAt(close - 1) === SLASH) {
      visit(local, close, close);
      at = close + 1;
      continue;
    }
    const read = enter?.(local, close + 1) ?? -1;
    if (read >= 0 && read <= to) {
      at = read + name.length + 3;
      continue;
    }
    // Most children contain only text, so the next tag is their end tag.
    let end = xml.indexOf('<', close);
    if (!isEndTag(xml, name, end)) end = endOf(xml, name, close + 1);
    if (end < 0 || end > to) throw new SyntaxError(`<${name.slice(0, 40)}> does not end`);
    visit(local, close + 1, end);
    at = end + name.length + 3;
  }
}

/** The name of a tag, without attributes. */
function nameOf(tag: string): string {
  return tag.includes(' ') || tag.includes('/') || tag.includes('\n') ? tag.replace(TAIL, '') : tag;
}

/**
 * Visits the children of an element while each is a text between a tag without attributes and its end tag. Returns the index of the element's end tag,
 * or -1 where anything else comes first: then `eachChild` must read the element. Looks at each character once, so a listing takes half the time.
 */
export function eachPlainChild(
  xml: string,
  from: number,
  element: string,
  visit: (name: string, start: number, end: number) => void,
): number {
  for (let at = xml.indexOf('<', from); at >= 0; at = xml.indexOf('<', at)) {
    if (xml.charCodeAt(at + 1) === SLASH)
      return xml.startsWith(element, at + 2) && xml.charCodeAt(at + 2 + element.length) === GT ? at : -1;
    const close = xml.indexOf('>', at);
    const end = xml.indexOf('<', close);
    const after = end + 1 + close - at;
    if (close < 0 || xml.charCodeAt(end + 1) !== SLASH || xml.charCodeAt(after) !== GT) return -1;
    const name = xml.slice(at + 1, close);
    if (!xml.startsWith(name, end + 2) || name.includes(':')) return -1;
    visit(name, close + 1, end);
    at = after;
  }
  return -1;
}

function isEndTag(xml: string, name: string, at: number): boolean {
  if (xml.charCodeAt(at + 1) !== SLASH || !xml.startsWith(name, at + 2)) return false;
  const next = xml.charCodeAt(at + 2 + name.length);
  return next === GT || next <= SPACE;
}

/**
 * The index at which the element ends whose text begins at `from`; -1 if it does not. Tags in CDATA sections and comments do not count. Looks at each
 * tag once: a text may consist of sections only.
 */
function endOf(xml: string, name: string, from: number): number {
  for (let at = xml.indexOf('<', from); at >= 0; at = xml.indexOf('<', at)) {
    if (xml.charCodeAt(at + 1) === BANG) {
      const closing = xml.startsWith(CDATA, at) ? ']]>' : xml.startsWith('<!--', at) ? '-->' : '>';
      at = xml.indexOf(closing, at);
      if (at < 0) return -1;
    } else if (isEndTag(xml, name, at)) return at;
    else at += 1;
  }
  return -1;
}

/** The index of the end of a comment, a section or a declaration. */
function skipMarkup(xml: string, at: number): number {
  const closing = xml.startsWith('<!--', at) ? '-->' : xml.startsWith(CDATA, at) ? ']]>' : '>';
  const end = xml.indexOf(closing, at);
  if (end < 0) throw new SyntaxError('a comment does not end');
  return end;
}

/** Everything after the name within a tag. */
const TAIL = /[\s/][\s\S]*$/;
const CDATA = '<![CDATA[';
const BANG = 33;
const QUESTION = 63;
const COLON = 58;
const LT = 60;
const GT = 62;
const SLASH = 47;
const SPACE = 32;
const BYTE_ORDER_MARK = 0xfeff;

interface Span {
  readonly start: number;
  readonly end: number;
}

function element(xml: string, name: string, from: number): Span | undefined {
  const start = startOf(xml, name, from);
  if (start === undefined) return undefined;
  if (xml.charCodeAt(start - 2) === SLASH) return { start, end: start };
  const end = endOf(xml, nameAt(xml, start), start);
  if (end < 0) throw new SyntaxError(`<${name}> does not end`);
  return { start, end };
}

/** The index behind the first tag of this name, with or without a namespace prefix. Undefined also if the tag is cut off. */
function startOf(xml: string, name: string, from: number): number | undefined {
  for (let at = xml.indexOf(name, from); at > 0; at = xml.indexOf(name, at + 1)) {
    const next = xml.charCodeAt(at + name.length);
    // This tag's name only begins with `name`.
    if (next !== GT && next !== SLASH && !(next <= SPACE)) continue;
    const before = xml.charCodeAt(at - 1);
    if (before !== LT && !(before === COLON && PREFIX.test(xml.slice(Math.max(0, at - 40), at)))) continue;
    const close = xml.indexOf('>', at);
    return close < 0 ? undefined : close + 1;
  }
  return undefined;
}

const PREFIX = /<[\w.-]+:$/;

/** The name of the tag that ends right before this index. */
function nameAt(xml: string, start: number): string {
  return nameOf(xml.slice(xml.lastIndexOf('<', start - 1) + 1, start - 1));
}

const QUOTES = ['&quot;', '&#34;'];

/** Text with entities and CDATA sections decoded. Throws `SyntaxError` for an entity that XML does not have. */
export function decoded(text: string): string {
  if (!text.includes('&') && !text.includes('<')) return text;
  // Most ETags are written like this.
  for (const quote of QUOTES)
    if (text.startsWith(quote) && text.indexOf('&', 1) === text.length - quote.length && text.endsWith(quote))
      return `"${text.slice(quote.length, -quote.length)}"`;
  let plain = '';
  let from = 0;
  for (let at = text.indexOf(CDATA); at >= 0; at = text.indexOf(CDATA, from)) {
    const end = text.indexOf(']]>', at);
    if (end < 0) throw new SyntaxError('a CDATA section does not end');
    plain += withoutEntities(text.slice(from, at)) + text.slice(at + CDATA.length, end);
    from = end + 3;
  }
  plain += withoutEntities(text.slice(from));
  // Some servers write a character above U+FFFF as its two surrogates. One without the other is no character.
  if (LONE_SURROGATE.test(plain)) throw new SyntaxError('a surrogate is no character');
  return plain;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function withoutEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (_all, decimal, hex, name) => {
    if (decimal !== undefined) return characterOf(Number(decimal));
    if (hex !== undefined) return characterOf(Number.parseInt(hex, 16));
    const char = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (char === undefined) throw new SyntaxError(`&${name.slice(0, 40)}; is not an entity of XML`);
    return char;
  });
}

function characterOf(code: number): string {
  if (!(code > 0 && code <= 0x10ffff)) throw new SyntaxError(`${code} is the number of no character`);
  return String.fromCodePoint(code);
}

/** The number in a text. Throws `SyntaxError` if it is something else; a missing or empty text is 0. */
export function numberIn(what: string, text: string | undefined): number {
  const digits = text?.trim() ?? '';
  const value = Number(digits);
  if (!/^\d*$/.test(digits) || !Number.isSafeInteger(value))
    throw new SyntaxError(`${what} is ${JSON.stringify(digits.slice(0, 40))}, which is no number`);
  return value;
}

/** The point in time that a text names, in ms since 1970; undefined if it names none. */
export function timeIn(text: string | undefined): number | undefined {
  const ms = Date.parse(text?.trim() ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** Whether a text says so. */
export const isTrue = (text: string | undefined): boolean => text?.trim().toLowerCase() === 'true';

/**
 * The same strings, as slices of one new string of their total length. V8 stores a slice as a reference to the string that it was cut from, so a few
 * keys would keep the whole document in memory.
 */
export function detachStrings(strings: readonly string[]): string[] {
  const whole = strings.join('');
  let at = 0;
  return strings.map((text) => {
    at += text.length;
    return whole.slice(at - text.length, at);
  });
}

// Line breaks and tabs are references too, because a reader of XML may change them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be found
const SPECIAL = /[&<>"'\u0000-\u001f\u007f-\u009f\u2028\ufffe\uffff]/g;
const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * Text for a document that is sent.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html#object-key-xml-related-constraints
 */
export function escapeXml(text: string): string {
  return text.replace(SPECIAL, (character) => NAMED[character] ?? `&#${character.charCodeAt(0)};`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Whether XML 1.0 can carry a text: some control characters it cannot, not even as references. */
export function fitsXml(text: string): boolean {
  return !NOT_IN_XML.test(text);
}
