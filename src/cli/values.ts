import type { Values } from '../config/layers.js';
import { namedValues } from '../config/text-values.js';
import { UsageError } from '../errors.js';
import { checkedGzip } from '../options/common.js';
import type { OptionRow } from '../options/row.js';
import { didYouMean } from '../options/suggest.js';
import type { PutOptions } from '../options/types.js';
import { type GivenFlag, refuseRemovedValue } from './argv.js';

/** Options of which several flags make one value. */
const JOINED: ReadonlySet<string> = new Set(['include', 'exclude', 'gzip', 'gzipType']);

/** Turns options as given into values; throws `UsageError` for what cannot be read, or was given twice. */
export function valuesOf(given: readonly GivenFlag[]): Values {
  const byRow = new Map<OptionRow, GivenFlag[]>();
  for (const one of given) byRow.set(one.row, [...(byRow.get(one.row) ?? []), one]);
  const values: Record<string, unknown> = {};
  for (const [row, all] of byRow) {
    const [first] = all;
    if (first === undefined || JOINED.has(row.name)) continue;
    if (row.type === 'headers') values[row.name] = namedValues(all, ':', 'Name: value', '"Cache-Control: no-cache"');
    else if (row.type === 'pairs') values[row.name] = namedValues(all, '=', 'name=value', 'owner=docs');
    else if (row.type === 'texts') values[row.name] = all.map(({ value }) => String(value));
    else if (row.type === 'switch') values[row.name] = switchOf(all);
    else values[row.name] = singleOf(all, first);
  }
  return { ...values, ...filtersFromArgv(given), ...gzipFromArgv(given) };
}

function singleOf(all: readonly GivenFlag[], first: GivenFlag): unknown {
  const second = all[1];
  if (second !== undefined) {
    const names = first.as === second.as ? `${first.as} is` : `${first.as} and ${second.as} mean the same and are`;
    throw new UsageError(
      `${names} given twice: "${first.value}" and "${second.value}".`,
      'It takes one value; give it once.',
    );
  }
  const { row, as } = first;
  const text = String(first.value);
  refuseRemovedValue(row.name, as, text);
  if (row.type === 'integer') {
    if (row.choices?.includes(text)) return text;
    if (/^\d+$/.test(text)) return Number(text);
    const or = row.choices === undefined ? '' : ` or ${row.choices.join(', ')}`;
    throw new UsageError(`${as}: "${text}" is not a whole number${or}.`);
  }
  if (row.type === 'choice' && row.choices !== undefined && !row.choices.includes(text)) {
    // A near ACL may be one that lets the world write: who may do what is not guessed.
    const hint =
      row.name === 'acl' ? 'Without the option none is sent, as most buckets want it.' : didYouMean(text, row.choices);
    throw new UsageError(`${as}: "${text}" is not one of ${row.choices.join(', ')}.`, hint);
  }
  return text;
}

function switchOf(all: readonly GivenFlag[]): boolean {
  const on = all.find(({ value }) => value === true);
  const off = all.find(({ value }) => value === false);
  if (on !== undefined && off !== undefined) throw new UsageError(`${on.as} and ${off.as} contradict each other.`);
  return on !== undefined;
}

/** The two lists that the API takes. */
export interface Filters {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/**
 * Translates the order of argv, where the last match wins, into the API's two lists: includes apply first, then excludes,
 * in which `!glob` takes back in. So leading includes are the first list, and everything from the first exclude on is the second.
 * A glob that itself begins with `!` is turned around, as in the API; a name that begins with one is written `\!name`.
 * @internal
 */
export function filtersFromArgv(given: readonly GivenFlag[]): Filters {
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

/**
 * Joins `--gzip`, `--gzip=TYPE`, `--gzip-type TYPE` and `--no-gzip` to the API's option: types alone say which, and turn it on; `--gzip` beside
 * them adds nothing. Throws `UsageError` where it is turned off as well, and for what is no type.
 */
export function gzipFromArgv(given: readonly GivenFlag[]): Pick<PutOptions, 'gzip'> {
  const all = given.filter(({ row }) => row.name === 'gzip' || row.name === 'gzipType');
  if (all.length === 0) return {};
  const off = all.find(({ value }) => value === false);
  const on = all.find(({ value }) => value !== false);
  if (on !== undefined && off !== undefined) throw new UsageError(`${on.as} and ${off.as} contradict each other.`);
  if (on === undefined) return { gzip: false };
  const types = all.flatMap(({ as, value }) => {
    if (typeof value !== 'string') return [];
    checkedGzip(as, [value]);
    return [value];
  });
  if (types.length === 0) return { gzip: true };
  return { gzip: types.includes('all') ? 'all' : types };
}
