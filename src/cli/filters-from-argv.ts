import type { Given } from './argv.js';

/** The two lists that the API takes. */
export interface Filters {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/**
 * Translates the order of argv, where the last match wins, into the API's two lists: includes apply first, then excludes,
 * in which `!glob` takes back in. So leading includes are the first list, and everything from the first exclude on is the second.
 * A glob that itself begins with `!` is turned around, as in the API; a name that begins with one is written `\!name`.
 */
export function filtersFromArgv(given: readonly Given[]): Filters {
  const include: string[] = [];
  const exclude: string[] = [];
  for (const { row, value } of given) {
    if (row.type !== 'globs') continue;
    const glob = String(value);
    if (row.name === 'exclude') exclude.push(glob);
    else if (exclude.length === 0) include.push(glob);
    else exclude.push(turnedAround(glob));
  }
  return { ...(include.length > 0 && { include }), ...(exclude.length > 0 && { exclude }) };
}

/** An include as an entry of the exclude list. */
function turnedAround(glob: string): string {
  // `!!x` means nothing; it is passed on, and refused.
  if (/^!(?![!(])/.test(glob)) return glob.slice(1);
  // `!(` would open an extended glob, while this parenthesis is part of a name.
  return glob.startsWith('(') ? `!\\${glob}` : `!${glob}`;
}
