import type { Values } from '../config/layers.js';
import { type GivenText, readGzip, readOption, type TextForm } from '../config/text-values.js';
import { UsageError } from '../errors.js';
import { answerToValue } from '../options/other-tools.js';
import type { OptionRow } from '../options/row.js';
import { nearChoice } from '../options/suggest.js';
import type { PutOptions } from '../options/types.js';

/** On the command line the spelling of a switch is its value, so there are no words for it. */
const ARGV: TextForm = { booleans: new Map(), booleanWords: '', example: (as, value) => `${as} ${quoted(value)}` };

/** A value as a shell takes it. */
export function quoted(value: string): string {
  return value.includes(' ') ? `"${value}"` : value;
}

/** Both are one ordered list, so they are read together. */
const FILTERS: ReadonlySet<string> = new Set(['include', 'exclude']);
/** Both give one value. */
const GZIP: ReadonlySet<string> = new Set(['gzip', 'gzipType']);

/** Reads the values of options from their texts; throws `UsageError` for a text that cannot be read, and for an option given twice. */
export function readValues(given: readonly GivenText[], form: TextForm = ARGV): Values {
  const byName = new Map<string, [GivenText, ...GivenText[]]>();
  for (const one of given) {
    const name = GZIP.has(one.row.name) ? 'gzip' : one.row.name;
    const others = byName.get(name);
    if (others === undefined) byName.set(name, [one]);
    else others.push(one);
  }
  const values: Record<string, unknown> = {};
  for (const [name, all] of byName) {
    const [{ row, as, value }] = all;
    if (FILTERS.has(name)) continue;
    refuseRemovedValue(row, as, value);
    values[name] = name === 'gzip' ? readGzip(all) : readOption(row, all, form);
  }
  return { ...values, ...filtersFromArgv(given) };
}

/** The two lists that the API takes. */
export interface Filters {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/**
 * Translates the order of argv, where the last match wins, into the API's two lists: includes apply first, then excludes,
 * in which `!glob` includes again. So leading includes are the first list, and everything from the first exclude on is the second.
 * A glob that itself begins with `!` is negated again, as in the API; a name that begins with one is written `\!name`.
 * @internal
 */
export function filtersFromArgv(given: readonly GivenText[]): Filters {
  const include: string[] = [];
  const exclude: string[] = [];
  for (const { row, value } of given) {
    if (row.type !== 'globs') continue;
    const glob = String(value);
    if (row.name === 'exclude') exclude.push(glob);
    else if (exclude.length === 0) include.push(glob);
    else exclude.push(negated(glob));
  }
  return { ...(include.length > 0 && { include }), ...(exclude.length > 0 && { exclude }) };
}

/** An include as an entry of the exclude list. */
function negated(glob: string): string {
  // `!!x` means nothing; it is passed on, and the engine refuses it.
  if (/^!(?![!(])/.test(glob)) return glob.slice(1);
  // `!(` would open an extended glob, but this parenthesis is part of a name.
  return glob.startsWith('(') ? `!\\${glob}` : `!${glob}`;
}

/** Throws `UsageError` for a value that an ancestor of this tool took. */
function refuseRemovedValue({ name, choices = [] }: OptionRow, as: string, value: string | boolean): void {
  if (typeof value !== 'string' || choices.includes(value) || nearChoice(value, choices) !== undefined) return;
  const other = answerToValue(name, value);
  if (other?.removed !== undefined) throw new UsageError(`${as} ${value} ${other.removed}.`, other.answer);
}

/** `--ignore-small-files` as the option `minSize`; throws `UsageError` if both are given. */
export function smallFiles(values: Values): Pick<PutOptions, 'minSize'> {
  if (values.ignoreSmallFiles !== true) return {};
  if (values.minSize !== undefined)
    throw new UsageError('--ignore-small-files and --min-size do the same.', 'Give one of the two.');
  return { minSize: typeof values.partSize === 'string' ? values.partSize : '8MiB' };
}
