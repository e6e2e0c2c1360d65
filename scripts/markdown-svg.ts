import { Marked, type Token, type Tokens } from 'marked';
import { type Palette, svgFile, xmlText } from './svg.js';

// A picture of Markdown as GitHub shows it. SVG cannot ask for the height of text, so it is computed from the blocks: the lines of tables, code
// and headings have fixed heights, and those of paragraphs are estimated.

const PALETTE: Palette = {
  back: ['#ffffff', '#0d1117'],
  border: ['#d1d9e0', '#3d444d'],
  text: ['#1f2328', '#f0f6fc'],
  faint: ['#59636e', '#9198a1'],
  link: ['#0969da', '#4493f8'],
  code: ['#eff1f3', '#212830'],
  block: ['#f6f8fa', '#151b23'],
  added: ['#dafbe1', '#033a16'],
  'added-text': ['#116329', '#aff5b4'],
  removed: ['#ffebe9', '#67060c'],
  'removed-text': ['#82071e', '#ffdcd7'],
  changed: ['#ffd8b5', '#5a1e02'],
  'changed-text': ['#953800', '#ffdfb6'],
};

const CSS = `
.page{font:16px/24px -apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif,"Apple Color Emoji","Segoe UI Emoji","Noto Color Emoji";color:var(--text)}
.page *{box-sizing:border-box}
h1,h2,h3,h4,h5,h6{font-size:20px;line-height:26px;margin:0 0 16px;font-weight:600}
p,ul,ol,table,pre,blockquote,details{margin:0 0 16px}
ul,ol{padding-left:2em}
.link{color:var(--link)}
code{font:13.6px/20px ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;background:var(--code);border-radius:6px;padding:2px 6px}
pre{background:var(--block);border-radius:6px;padding:16px;overflow:hidden;line-height:20px}
pre code{background:none;padding:0;display:block;white-space:pre}
.added{background:var(--added);color:var(--added-text)}
.removed{background:var(--removed);color:var(--removed-text)}
.changed{background:var(--changed);color:var(--changed-text)}
table{border-collapse:collapse;border-spacing:0}
td,th{border:1px solid var(--border);padding:6px 13px;white-space:nowrap}
tbody tr:nth-child(2n){background:var(--block)}
blockquote{border-left:4px solid var(--border);padding:0 16px;color:var(--faint)}
blockquote>:last-child,details>:last-child{margin-bottom:0}
summary{margin-bottom:8px}
hr{border:0;border-top:4px solid var(--border);margin:0 0 16px}`;

const WIDTH = 960;
const PADDING = 32;
const LINE = 24;
const HEADING = 26;
const ROW = 37;
const CODE_LINE = 20;
const MARGIN = 16;
/** Width of an average character of a paragraph, rather too much than too little. */
const CHARACTER = 8;

/** The marks of a diff by the first character of a line, as GitHub colours them. */
const MARKS: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '!': 'changed' };
const EMPTY_ELEMENTS = /<(br|hr|wbr|col)\b([^>]*?)\s*\/?>/gi;

const marked = new Marked({
  gfm: true,
  renderer: {
    code: ({ text, lang = '' }) => (isChart(lang) ? '' : `<pre><code>${codeLines(text, lang)}</code></pre>\n`),
  },
});

/** Draws Markdown, with the first fold open. Links have their look, and lead nowhere; images and charts are left out. */
export function markdownSvg(markdown: string, { title }: { readonly title: string }): string {
  const tokens = marked.lexer(markdown);
  const page = xhtml(marked.parser(tokens));
  const height = Math.ceil(heightOf(tokens, WIDTH - 2 * PADDING)) + 2 * PADDING - MARGIN;
  return svgFile({
    title,
    width: WIDTH,
    height,
    palette: PALETTE,
    css: CSS,
    body: `<foreignObject x="${PADDING}" y="${PADDING}" width="${WIDTH - 2 * PADDING}" height="${height - PADDING}">
<div xmlns="http://www.w3.org/1999/xhtml" class="page">
${page.trim()}
</div>
</foreignObject>`,
  });
}

/** GitHub draws these from a script. */
const isChart = (lang: string): boolean => lang === 'mermaid';

function codeLines(text: string, lang: string): string {
  const lines = text.split('\n').map((line) => {
    const mark = lang === 'diff' ? MARKS[line[0] ?? ''] : undefined;
    return mark === undefined ? xmlText(line) : `<span class="${mark}">${xmlText(line)}</span>`;
  });
  return lines.join('\n');
}

/** HTML that is XML too. */
function xhtml(html: string): string {
  return html
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/<\/?(?:img|input|script|style|picture|source)\b[^>]*>/gi, '')
    .replaceAll(/<a\b[^>]*>/gi, '<span class="link">')
    .replaceAll(/<\/a>/gi, '</span>')
    .replace(/<details\b[^>]*>/i, '<details open="open">')
    .replaceAll(EMPTY_ELEMENTS, '<$1$2/>')
    .replaceAll(
      /<p>\s*\[!(\w)(\w+)\]\s*/g,
      (_mark, first: string, rest: string) => `<p><strong>${first}${rest.toLowerCase()}</strong> `,
    )
    .replaceAll('&nbsp;', '&#160;')
    .replaceAll(/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/gi, '&amp;');
}

/** The height of blocks, with the margin below each. Of folds, only the first is open. */
function heightOf(tokens: readonly Token[], width: number): number {
  let folds = 0;
  let closed = false;
  let sum = 0;
  for (const token of tokens) {
    const begins = token.type === 'html' && /<details\b/i.test(token.raw);
    if (begins) folds += 1;
    if (begins && folds > 1) sum += LINE + MARGIN;
    closed ||= begins && folds > 1;
    if (!closed) sum += blockHeight(token, width);
    if (token.type === 'html' && /<\/details>/i.test(token.raw)) closed = false;
  }
  return sum;
}

function blockHeight(token: Token, width: number): number {
  switch (token.type) {
    case 'heading':
      return linesIn(token.raw, width * 0.8) * HEADING + MARGIN;
    case 'paragraph':
      return linesIn(token.raw, width) * LINE + MARGIN;
    case 'html':
      return htmlHeight(token.raw, width);
    case 'table':
      return ((token as Tokens.Table).rows.length + 1) * ROW + 1 + MARGIN;
    case 'list':
      return (token as Tokens.List).items.reduce((sum, item) => sum + linesIn(item.raw, width - 32) * LINE, MARGIN);
    case 'code': {
      const { text, lang = '' } = token as Tokens.Code;
      return isChart(lang) ? 0 : text.split('\n').length * CODE_LINE + 2 * MARGIN + MARGIN;
    }
    case 'blockquote':
      return heightOf((token as Tokens.Blockquote).tokens, width - 20);
    case 'hr':
      return 4 + MARGIN;
    default:
      return 0;
  }
}

/** Blocks that the Markdown has as HTML: paragraphs, tables, and the beginning or the end of a fold. */
function htmlHeight(raw: string, width: number): number {
  const rows = raw.match(/<tr\b/gi)?.length ?? 0;
  const inTables = raw.match(/<table\b[\s\S]*?<\/table>/gi) ?? [];
  const breaks = inTables.join('').match(/<br\b/gi)?.length ?? 0;
  const tables = rows * ROW + breaks * LINE + inTables.length * (MARGIN + 1);
  const text = raw
    .replaceAll(/<table\b[\s\S]*?<\/table>/gi, '')
    .replaceAll(/<\/?(?!br\b)[^>]*>/gi, '')
    .trim();
  return text === '' ? tables : tables + linesIn(text, width) * LINE + MARGIN;
}

function linesIn(text: string, width: number): number {
  const lines = text.trim().split(/\n|<br\s*\/?>/i);
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil((visible(line).length * CHARACTER) / width)), 0);
}

/** A line of Markdown without what does not show: tags, addresses of links, marks. */
function visible(line: string): string {
  return line
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\]\([^)]*\)/g, '')
    .replaceAll(/&#?\w+;/g, '.')
    .replaceAll(/[*`[]/g, '');
}
