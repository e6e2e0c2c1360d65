import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { githubSlug } from '../../scripts/docs-index.js';

/** A fenced block of code. */
export interface Block {
  /** `docs/copy.md:12`, where the block begins. */
  readonly name: string;
  /** The first word behind the fence. */
  readonly language: string;
  /** The other words behind the fence. */
  readonly words: readonly string[];
  readonly text: string;
}

/** A document in Markdown. */
export interface Document {
  /** Its path from the root of the repository. */
  readonly file: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** The text with empty lines in the place of blocks and comments, so that lines keep their numbers. */
  readonly prose: string;
}

const ROOT = path.resolve(import.meta.dirname, '../..');
const OUTSIDE_DOCS = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'gulp-plugin/README.md',
  'test/fake-s3/README.md',
  'bench/README.md',
];

/** The documents of the repository that users and contributors read. */
export function documents(): readonly Document[] {
  const inDocs = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.md'))
    .sort();
  const others = OUTSIDE_DOCS.filter((name) => existsSync(path.join(ROOT, name)));
  return [...others, ...inDocs].map((file) => {
    return parseDocument(file, readFileSync(path.join(ROOT, file), 'utf8').replaceAll('\r\n', '\n'));
  });
}

/** Finds the blocks of a document. Throws for a fence that is not closed. */
export function parseDocument(file: string, text: string): Document {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open:
    | { readonly fence: string; readonly info: string; readonly line: number; readonly lines: string[] }
    | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', fence = '', info = ''] = /^( *)(`{3,}|~{3,}) *(.*)$/.exec(line) ?? [];
    if (open === undefined) {
      if (fence === '') {
        prose.push(line);
        continue;
      }
      open = { fence: indent + fence, info, line: index + 1, lines: [] };
    } else if (line === open.fence) {
      const [language = '', ...words] = open.info.split(/\s+/);
      const width = open.fence.search(/[`~]/);
      const body = open.lines.map((one) => `${one.slice(width)}\n`).join('');
      blocks.push({ name: `${file}:${open.line}`, language, words, text: body });
      open = undefined;
    } else open.lines.push(line);
    prose.push('');
  }
  if (open !== undefined) throw new Error(`${file}:${open.line}: the block is not closed.`);
  const visible = prose.join('\n').replaceAll(/<!--[\s\S]*?-->/g, (comment) => comment.replaceAll(/[^\n]/g, ''));
  return { file, text, blocks, prose: visible };
}

/** What is in backticks. */
export function codeSpans({ prose }: Document): readonly string[] {
  return [...prose.matchAll(/(`+)([^`\n]|[^`\n][^\n]*?[^`\n])\1(?!`)/g)].map((found) => (found[2] ?? '').trim());
}

/** Where the links and pictures of a document lead. */
export function links({ prose }: Document): readonly string[] {
  const text = prose.replaceAll(/(`+)[^\n]*?\1/g, 'code');
  return [
    ...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g),
    ...text.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm),
    ...text.matchAll(/\b(?:src|href|srcset)="([^"]+)"/g),
    ...text.matchAll(/<(https?:[^>\s]+)>/g),
  ].map((found) => found[1] ?? '');
}

/** The anchors of a document, as GitHub makes them from headings, and those that it names itself. */
export function anchors({ prose }: Document): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, heading = ''] of prose.matchAll(/^ {0,3}#{1,6} +(.*?) *#*$/gm)) {
    const slug = slugOf(heading);
    let name = slug;
    for (let again = 1; found.has(name); again++) name = `${slug}-${again}`;
    found.add(name);
  }
  for (const [, name = ''] of prose.matchAll(/<a (?:id|name)="([^"]+)"/g)) found.add(name);
  return found;
}

const slugOf = (heading: string): string =>
  githubSlug(heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/<[^>]+>/g, ''));

/** How many words a reader sees, code included. */
export function countWords({ text }: Document): number {
  return text
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/\]\([^)]*\)/g, ']')
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** The commands in a script of a shell, as words: enough for the examples in documents. Heredocs and comments are left out. */
export function shellCommands(script: string): readonly (readonly string[])[] {
  const commands: string[][] = [];
  let words: string[] = [];
  const end = (): void => {
    if (words.length > 0) commands.push(words);
    words = [];
  };
  const text = script.replaceAll(/\\\n\s*/g, ' ').replaceAll(/<<-?\s*'?(\w+)'?([^\n]*)\n[\s\S]*?\n\s*\1\n/g, '$2\n');
  const token = /\n|&&|\|\||[;|&()]|#[^\n]*|(?:[^\s;|&()'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+|\s/gy;
  for (const [found] of text.matchAll(token)) {
    if (/^(?:\n|&&|\|\||[;|&()])$/.test(found)) end();
    else if (!/^(?:\s|#)/.test(found)) words.push(unquoted(found));
  }
  end();
  return commands.map(withoutRedirections);
}

function unquoted(word: string): string {
  return word.replaceAll(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
    (_whole, single?: string, double?: string, one?: string) => {
      return single ?? double?.replaceAll(/\\([\\"$`])/g, '$1') ?? one ?? '';
    },
  );
}

function withoutRedirections(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => !/^\d?[<>]/.test(word) && !/^\d?(?:>|>>|<)$/.test(words[index - 1] ?? ''));
}
