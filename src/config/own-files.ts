import { OPTION_TABLE } from '../options/table.js';
import type { ConfigLayer } from './layers.js';

/** The options whose value is the path of a file. */
const FILES: ReadonlySet<string> = new Set(OPTION_TABLE.filter(({ type }) => type === 'file').map(({ name }) => name));
const STANDARD_INPUT = '-';

/** The paths of all files that a run with these settings reads or writes itself: of its options, rules, log and lists. */
export function ownPaths(settings: ConfigLayer): readonly string[] {
  return [...settings].flatMap(([name, { value, file }]) => {
    if (file !== undefined) return [file];
    return FILES.has(name) && typeof value === 'string' && value !== STANDARD_INPUT ? [value] : [];
  });
}
