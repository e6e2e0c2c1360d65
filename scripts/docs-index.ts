import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Pages below one heading of docs/README.md, in its order. */
export interface IndexGroup {
  readonly title: string;
  readonly pages: readonly IndexPage[];
}

interface IndexPage {
  /** Relative to docs/, such as `migrating/s3copy.md`. */
  readonly file: string;
  /** Its first heading, without marks. */
  readonly title: string;
}

/** The page that lists all others. */
export const INDEX_PAGE = 'README.md';

/**
 * Reads the list of pages in docs/README.md, which is the only one: the navigation of the documentation site comes from it.
 * @param folder docs/
 * @throws for a page that the list has not, has twice, or that does not exist
 */
export function readDocsIndex(folder: string): readonly IndexGroup[] {
  const text = readFileSync(path.join(folder, INDEX_PAGE), 'utf8').replaceAll('\r\n', '\n');
  const groups = text
    .split(/^## +/m)
    .slice(1)
    .map((part) => ({ title: part.slice(0, part.indexOf('\n')).trim(), files: linkedPages(part) }));
  const listed = groups.flatMap(({ files }) => files);
  const present = pagesIn(folder);
  const missing = present.filter((file) => !listed.includes(file));
  const gone = listed.filter((file) => !present.includes(file));
  const twice = listed.filter((file, index) => listed.indexOf(file) < index);
  if (missing.length > 0) throw new Error(`docs/${INDEX_PAGE} does not list ${missing.join(', ')}.`);
  if (gone.length > 0) throw new Error(`docs/${INDEX_PAGE} lists ${gone.join(', ')}, which does not exist.`);
  if (twice.length > 0) throw new Error(`docs/${INDEX_PAGE} lists ${twice.join(', ')} twice.`);
  return groups
    .filter(({ files }) => files.length > 0)
    .map(({ title, files }) => ({ title, pages: files.map((file) => ({ file, title: titleOf(folder, file) })) }));
}

/** The pages that the tables of a part link to. */
const linkedPages = (part: string): readonly string[] =>
  [...part.matchAll(/^\|.*$/gm)].flatMap(([row]) =>
    [...row.matchAll(/\]\(([^)\s:#]+\.md)\)/g)].map(([, file = '']) => file),
  );

const pagesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md') && !name.startsWith('.') && name !== INDEX_PAGE)
    .sort();

function titleOf(folder: string, file: string): string {
  const [, title] = /^# +(.+)$/m.exec(readFileSync(path.join(folder, file), 'utf8')) ?? [];
  if (title === undefined) throw new Error(`docs/${file} has no first heading.`);
  return title.trim().replaceAll('`', '');
}

/** The anchor that GitHub gives a heading, by its text without marks. */
export function githubSlug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
