import { number, visible } from '../report/format.js';

// Others control the names of files. So names are only in places where just a few characters are special: in blocks of
// raw HTML, where Markdown is not parsed, and in fences. Within <code> GitHub finds no mentions, links or issues.

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
/** Text that GitHub turns into links and pictures. */
const LINKED = /([@#]|(?<!s3):(?=\/\/)|:(?=\w+:)|www(?=\.)|gh(?=-\d)|[0-9a-f]{6}(?=[0-9a-f]))/gi;

/** A name on one line, with escapes for invisible characters. */
export function oneLine(text: string, longest: number = Number.POSITIVE_INFINITY): string {
  return visible(cut(text, longest));
}

/** Text within a block of HTML, without any markup of its own. */
export function html(text: string): string {
  return oneLine(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** A name within a block of HTML. */
export function code(name: string, longest: number = Number.POSITIVE_INFINITY): string {
  return `<code>${html(cut(name, longest))}</code>`;
}

/** A sentence within a block of HTML: text that would become a link or a mention is split by spans, and looks the same. */
export function prose(text: string, longest = 2_000): string {
  return oneLine(text, longest)
    .split(LINKED)
    .map((part, index) => (index % 2 === 0 ? html(part) : `<span>${html(part)}</span>`))
    .join('');
}

/** A name as code in a line of Markdown outside of tables. A backtick, which would end the span, is escaped. */
export function codeSpan(name: string, longest: number): string {
  return `\`${oneLine(name, longest).replaceAll('`', '\\x60')}\``;
}

/** A fenced block. No line may begin with a backtick or a space, because it could end the block. */
export function fenced(language: string, lines: readonly string[]): string {
  return [`\`\`\`${language}`, ...lines, '```'].join('\n');
}

/** A table with names, as HTML, because a table of Markdown cannot show every name with "|". Cells are HTML. */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return ['<table>', row(head, 'th'), ...rows.map((cells) => row(cells, 'td')), '</table>'].join('\n');
}

/** How GitHub frames a block: blue, yellow or red. */
export type AlertKind = 'NOTE' | 'WARNING' | 'CAUTION';

/** A block of HTML in a frame with a title; it has no empty lines. */
export function framed(kind: AlertKind, block: string): string {
  return [`[!${kind}]`, ...block.split('\n')].map((line) => `> ${line}`).join('\n');
}

/** Characters that mean something in a line of Markdown, or in the mathematics that GitHub finds there. */
const MARKED = /[\\`*_{}[\]<>()#+!|~&@$^"']/g;

/** A link in a line of Markdown; undefined for what is no web address, or one that is longer than `longest`. */
export function link(text: string, url: string, longest: number): string | undefined {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol !== 'https:' && address?.protocol !== 'http:') return undefined;
  if (address.href.length > longest) return undefined;
  // A code span, a bracket or an entity would end the address or change it.
  const href = address.href.replaceAll(/[`()\\$]/g, percentEncoded).replaceAll('&', '&amp;');
  return `[${text}](${href})`;
}

/** A name as plain text in a line of Markdown. */
export function plainText(name: string, longest: number): string {
  return oneLine(name, longest).replaceAll(MARKED, '\\$&');
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** A folded block; its text is Markdown. */
export function folded(title: string, text: string): string {
  return `<details><summary>${title}</summary>\n\n${text}\n\n</details>`;
}

/** As many of the first lines as fit into `bytes` bytes, each with its line end. */
export function fitting(lines: readonly string[], bytes: number): readonly string[] {
  let left = bytes;
  const over = lines.findIndex((line) => {
    left -= bytesOf(line) + 1;
    return left < 0;
  });
  return over < 0 ? lines : lines.slice(0, over);
}

/** Bytes of UTF-8. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const half = /[\ud800-\udbff]$/.test(text.slice(0, longest));
  return `${text.slice(0, half ? longest - 1 : longest)}…`;
}

/** `1 object`, `1,200 objects`. */
export function many(count: number, what: string): string {
  return `${number(count)} ${what}${count === 1 ? '' : 's'}`;
}
