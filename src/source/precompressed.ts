import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { compressedCopy, isBetter } from '../encode/precompressed.js';
import type { PutOptions } from '../options/types.js';
import type { Found } from './types.js';
import type { Child } from './walk/children.js';

/** `separate`: each compressed copy has its own key; `replace`: the key of the plain file gets the best of them. */
export type Precompressed = NonNullable<PutOptions['precompressed']>;

type File = Extract<Child, { readonly type: 'file' }>;

/**
 * The children of a directory, with what is known of compressed copies: a copy beside its plain file, both of which are put, gets its encoding
 * (`separate`), or goes to that file (`replace`). A copy without one is a file like any other. The order stays.
 * @param above the directory's path below the source: empty, or ends in `/`
 */
export function withCopies(
  children: readonly Child[],
  above: string,
  kind: Precompressed,
  takes: (path: string) => boolean,
): readonly Child[] {
  const plain = new Set(children.flatMap((child) => (isFile(child) && takes(above + child.name) ? [child.name] : [])));
  const copies = new Map<Child, NonNullable<File['copy']>>();
  const best = new Map<string, NonNullable<File['copy']>>();
  for (const child of children) {
    if (!isFile(child) || !plain.has(child.name)) continue;
    const found = compressedCopy(above + child.name);
    const name = found?.plain.slice(above.length);
    if (found === undefined || name === undefined || !plain.has(name)) continue;
    const copy = { ...child, encoding: found.encoding };
    copies.set(child, copy);
    const known = best.get(name);
    if (known === undefined || isBetter(copy.encoding, known.encoding)) best.set(name, copy);
  }
  if (copies.size === 0) return children;
  if (kind === 'separate')
    return children.map((child) => {
      const copy = copies.get(child);
      return copy !== undefined && isFile(child) ? { ...child, encoding: copy.encoding } : child;
    });
  return children.flatMap((child): readonly Child[] => {
    if (copies.has(child)) return [];
    const copy = isFile(child) ? best.get(child.name) : undefined;
    return isFile(child) && copy !== undefined ? [{ ...child, copy }] : [child];
  });
}

function isFile(child: Child): child is File {
  return child.type === 'file';
}

/**
 * The paths that decide together what becomes of one file: itself, the file that it is a copy of, and where copies replace files its own copies.
 * Only those that exist.
 */
export function pathsDeciding(source: string, path: string, kind: Precompressed | undefined): readonly string[] {
  if (kind === undefined) return [path];
  const plain = compressedCopy(path)?.plain;
  const copies =
    kind === 'replace' ? copiesBeside(join(source, path)).map((copy) => path + copy.slice(-extname(copy).length)) : [];
  return [path, ...(plain !== undefined && existsSync(join(source, plain)) ? [plain] : []), ...copies];
}

/** The compressed copies of a file that exist. */
export function copiesBeside(file: string): readonly string[] {
  return ['br', 'gz', 'zst'].map((ending) => `${file}.${ending}`).filter((copy) => existsSync(copy));
}

/** For what is not in a directory the name alone shows a compressed copy, because what is beside it is not known. */
export async function* withNamedCopies(found: AsyncIterable<Found>): AsyncGenerator<Found, void> {
  for await (const unit of found) {
    const copy = unit.kind === 'entry' ? compressedCopy(unit.relativePath) : undefined;
    yield copy === undefined || unit.kind !== 'entry' ? unit : { ...unit, encoding: copy.encoding };
  }
}
