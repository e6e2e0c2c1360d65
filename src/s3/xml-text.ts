const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The text of the first element of this name, entities decoded; undefined where there is none. Enough for the flat documents that S3 answers with. */
export function elementText(xml: string, name: string): string | undefined {
  const found = element(xml, name, 0);
  return found === undefined ? undefined : decoded(xml.slice(found.start, found.end));
}

/** All elements of this name, one after the other, as the text between their tags. Throws `SyntaxError` where one does not end. */
export function* elements(xml: string, name: string): Generator<string, void> {
  for (let at = 0; ; ) {
    const found = element(xml, name, at);
    if (found === undefined) return;
    yield xml.slice(found.start, found.end);
    at = found.end;
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function element(xml: string, name: string, from: number): Span | undefined {
  for (let at = xml.indexOf(`<${name}`, from); at >= 0; at = xml.indexOf(`<${name}`, at + 1)) {
    const after = at + name.length + 1;
    const next = xml.charCodeAt(after);
    // Another name that begins like this one.
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

/** Text with its entities and CDATA sections taken apart. Throws `SyntaxError` at an entity that XML does not know. */
export function decoded(text: string): string {
  if (!text.includes('&') && !text.includes('<')) return text;
  const plain = text.replace(
    /<!\[CDATA\[([\s\S]*?)\]\]>|&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi,
    (_all, cdata, decimal, hex, name) => {
      if (cdata !== undefined) return cdata;
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      const char = ENTITIES[name];
      if (char === undefined) throw new SyntaxError(`&${name}; is no entity of XML`);
      return char;
    },
  );
  return plain;
}
