import { readFileSync } from 'node:fs';
import path from 'node:path';
import { errorCodesPage } from './docs-errors.js';
import { optionsPage } from './docs-options.js';
import { serversTable } from './docs-servers.js';

const ROOT = path.resolve(import.meta.dirname, '..');

/** A page of docs/ that is made from tables, as a whole or in part. */
interface GeneratedPage {
  readonly file: string;
  /** Nobody edits it. */
  readonly whole: boolean;
  readonly text: () => string;
}

export const GENERATED_PAGES: readonly GeneratedPage[] = [
  { file: 'docs/options.md', whole: true, text: optionsPage },
  { file: 'docs/error-codes.md', whole: true, text: errorCodesPage },
  { file: 'docs/requests.md', whole: false, text: () => withBlock('docs/requests.md', 'servers', serversTable()) },
];

/** The page with a text between `<!-- name -->` and `<!-- /name -->`. Throws if it has no such place. */
function withBlock(file: string, name: string, block: string): string {
  const text = readFileSync(path.join(ROOT, file), 'utf8').replaceAll('\r\n', '\n');
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for ${name}.`);
  return `${text.slice(0, from)}${begin}\n${block}\n\n${text.slice(to)}`;
}
