import { S3Error } from './error.js';

/** An element of a document, without its attributes. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Of elements without children. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const TOKEN =
  /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;

/** Reads the small documents that clients send. Throws MalformedXML for anything else. */
export function readXml(document: string): XmlElement {
  const top: Open = { name: '', children: [], text: '' };
  const stack: Open[] = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < document.length) {
    const token = TOKEN.exec(document);
    if (token === null) throw new S3Error('MalformedXML');
    const [, end, name, , empty, text] = token;
    const parent = stack.at(-1) as Open;
    if (text !== undefined) parent.text += unescapeXml(text);
    else if (name === undefined) continue;
    else if (end === '/') close(stack, name);
    else {
      stack.push({ name, children: [], text: '' });
      if (empty === '/') close(stack, name);
    }
  }
  const [root] = top.children;
  if (stack.length > 1 || root === undefined || top.children.length > 1 || top.text.trim() !== '') {
    throw new S3Error('MalformedXML');
  }
  return root;
}

function close(stack: Open[], name: string): void {
  const ended = stack.pop();
  const parent = stack.at(-1);
  const isMixed = ended !== undefined && ended.children.length > 0 && ended.text.trim() !== '';
  if (ended?.name !== name || parent === undefined || isMixed) throw new S3Error('MalformedXML');
  parent.children.push(ended);
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&([^;]*;?)/g, (_, reference: string) => {
    const match = /^(?:#(\d+)|#x([0-9a-f]+)|(\w+));$/i.exec(reference);
    const [, decimal, hex, name = ''] = match ?? [];
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    const sign = Number.isNaN(code) ? NAMED[name] : String.fromCodePoint(code);
    if (sign === undefined) throw new S3Error('MalformedXML');
    return sign;
  });
}
