const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The text of the first element of this name, with entities decoded; undefined if there is none. Sufficient for S3's flat documents. */
export function elementText(xml: string, name: string): string | undefined {
  const found = element(xml, name, 0);
  return found === undefined ? undefined : decoded(xml.slice(found.start, found.end));
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
 * Visits the children of an element in one pass, without descending into them. `visit` gets the indexes at which the text between a child's tags
 * begins and ends. Throws `SyntaxError` if a child does not end.
 */
export function eachChild(
  xml: string,
  from: number,
  to: number,
  visit: (name: string, start: number, end: number) => void,
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
    if (xml.charCodeAt(close - 1) === SLASH) {
      visit(name, close, close);
      at = close + 1;
      continue;
    }
    // Most children contain only text, so the next tag is their end tag.
    let end = xml.indexOf('<', close);
    if (xml.charCodeAt(end + 1) !== SLASH || !xml.startsWith(name, end + 2)) end = endOf(xml, name, close + 1);
    if (end < 0 || end > to) throw new SyntaxError(`<${name}> does not end`);
    visit(name, close + 1, end);
    at = end + name.length + 3;
  }
}

/** The name of a tag, without attributes. */
function nameOf(tag: string): string {
  return tag.includes(' ') || tag.includes('/') ? tag.replace(TAIL, '') : tag;
}

/** The index at which the element ends whose text begins at `from`. Tags in a CDATA section do not count. */
function endOf(xml: string, name: string, from: number): number {
  const tag = `</${name}>`;
  for (let at = from; ; ) {
    const end = xml.indexOf(tag, at);
    if (end < 0) return end;
    const section = xml.slice(at, end).indexOf(CDATA);
    if (section < 0) return end;
    at = xml.indexOf(']]>', at + section);
    if (at < 0) return at;
  }
}

/** The index of the end of a comment or declaration. */
function skipMarkup(xml: string, at: number): number {
  const end = xml.startsWith('<!--', at) ? xml.indexOf('-->', at) : xml.indexOf('>', at);
  if (end < 0) throw new SyntaxError('a comment does not end');
  return end;
}

/** Everything after the name within a tag. */
const TAIL = /[\s/][\s\S]*$/;
const CDATA = '<![CDATA[';
const BANG = 33;
const QUESTION = 63;

interface Span {
  readonly start: number;
  readonly end: number;
}

function element(xml: string, name: string, from: number): Span | undefined {
  for (let at = xml.indexOf(`<${name}`, from); at >= 0; at = xml.indexOf(`<${name}`, at + 1)) {
    const after = at + name.length + 1;
    const next = xml.charCodeAt(after);
    // This tag's name only begins with `name`.
    if (next !== GT && next !== SLASH && !(next <= SPACE)) continue;
    const close = next === GT ? after : xml.indexOf('>', after);
    if (close < 0) throw new SyntaxError(`<${name} is cut off`);
    if (xml.charCodeAt(close - 1) === SLASH) return { start: close, end: close };
    const end = xml.indexOf(`</${name}>`, close);
    if (end < 0) throw new SyntaxError(`<${name}> does not end`);
    return { start: close + 1, end };
  }
  return undefined;
}

const GT = 62;
const SLASH = 47;
const SPACE = 32;

const QUOTE = '&quot;';

/** Text with entities and CDATA sections decoded. Throws `SyntaxError` for an entity that XML does not have. */
export function decoded(text: string): string {
  if (!text.includes('&') && !text.includes('<')) return text;
  // Most ETags are written like this.
  if (text.startsWith(QUOTE) && text.indexOf('&', 1) === text.length - QUOTE.length && text.endsWith(QUOTE))
    return `"${text.slice(QUOTE.length, -QUOTE.length)}"`;
  const plain = text.replace(
    /<!\[CDATA\[([\s\S]*?)\]\]>|&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi,
    (_all, cdata, decimal, hex, name) => {
      if (cdata !== undefined) return cdata;
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      const char = ENTITIES[name];
      if (char === undefined) throw new SyntaxError(`&${name}; is not an entity of XML`);
      return char;
    },
  );
  return plain;
}

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
