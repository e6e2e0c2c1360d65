import { UsageError } from '../errors.js';
import { editDistance } from '../model/edit-distance.js';
import { answerToName } from './other-tools.js';
import type { OptionRow } from './row.js';

/** The most names in a suggestion. */
const MOST = 3;

/** The names similar to a mistyped one, nearest first: few letters differ or stand in another order, or one begins the other. */
export function nearest(typed: string, names: Iterable<string>): readonly string[] {
  const wanted = plain(typed);
  const most = Math.max(1, Math.min(3, Math.floor(wanted.length / 3)));
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const name of names) {
    const known = plain(name);
    const distance = editDistance(wanted, known);
    const isLonger = known.length > 3 && wanted.startsWith(known) && wanted.length <= known.length + 2;
    const begins = wanted.length > 2 && known.startsWith(wanted);
    const ends = wanted.length > 2 && known.endsWith(`:${wanted}`);
    if (distance <= most || begins || isLonger || ends || sameLetters(wanted, known)) near.push({ name, distance });
  }
  const same = near.filter(({ distance }) => distance === 0);
  if (same.length === 1) return same.map(({ name }) => name);
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.slice(0, MOST).map(({ name }) => name);
}

/** Whether two names differ in nothing but their dashes, their case and the order of their letters. */
function sameLetters(one: string, other: string): boolean {
  return one.length > 2 && sortedLetters(one) === sortedLetters(other);
}

/** Whether a name is cut short, by less than half of it. */
function isMostOf(typed: string, name: string): boolean {
  return plain(name).startsWith(plain(typed)) && plain(typed).length * 2 > name.length;
}

function sortedLetters(name: string): string {
  return [...plain(name).replaceAll('-', '')].sort().join('');
}

function plain(name: string): string {
  return name.trim().toLowerCase().replaceAll('_', '-');
}

/** "Did you mean --a or --b?"; undefined if no name is similar. */
export function didYouMean(typed: string, names: Iterable<string>, dashes = ''): string | undefined {
  return suggestion(nearest(typed, names).map((name) => `${dashes}${name}`));
}

/** "Did you mean a or b?" for similar names; undefined for none. */
export function suggestion(near: readonly string[]): string | undefined {
  if (near.length === 0) return undefined;
  const last = near.at(-1) ?? '';
  return `Did you mean ${near.length === 1 ? last : `${near.slice(0, -1).join(', ')} or ${last}`}?`;
}

/**
 * "Did you mean public-read?" for a mistyped choice; undefined if no choice is similar. A choice that lets the world write is meant only by a text
 * that says so.
 */
export function nearChoice(typed: string, choices: readonly string[]): string | undefined {
  // `warning` means `warn`: a choice is one of few words, so an ending may be of any length.
  const begun = choices.filter((one) => one.length > 3 && plain(typed).startsWith(one));
  const near = new Set([...nearest(typed, choices), ...begun]);
  return suggestion([...near].filter((one) => !/write/.test(one) || /write/i.test(typed)));
}

/**
 * Refuses unknown options.
 * @throws UsageError that names the first unknown option, and similar ones
 */
export function refuseUnknown(options: object, rows: readonly OptionRow[]): void {
  const unknown = Object.keys(options).find((name) => !rows.some((row) => row.name === name));
  if (unknown === undefined) return;
  const hint = answerToName(unknown, rows)?.text ?? suggestion(nearOptions(unknown, rows));
  throw new UsageError(`Unknown option "${unknown}".`, hint ?? 'docs/options.md lists all options.');
}

/**
 * The spellings of options similar to a mistyped one, nearest first. A guarded option is suggested for nothing but its own letters, or more than half of them.
 * @param spelt the spellings, with their rows; undefined for a name that is no option
 */
export function nearSpellings(typed: string, spelt: ReadonlyMap<string, OptionRow | undefined>): readonly string[] {
  const open = [...spelt].filter(
    ([name, row]) => row?.guarded !== true || sameLetters(typed, name) || isMostOf(typed, name),
  );
  return nearest(
    typed,
    open.map(([name]) => name),
  );
}

/** API names of the options similar to a mistyped name, nearest first; flags of the command line are compared, too. */
export function nearOptions(typed: string, rows: readonly OptionRow[]): readonly string[] {
  const spelt = new Map(rows.flatMap((row) => spellings(row).map((one) => [one, row] as const)));
  return [...new Set(nearSpellings(kebab(typed), spelt).map((one) => spelt.get(one)?.name ?? one))];
}

function spellings(row: OptionRow): readonly string[] {
  return [kebab(row.name), ...(row.flag === undefined ? [] : [row.flag]), ...(row.aliases ?? [])];
}

function kebab(name: string): string {
  return name
    .replaceAll(/(?<=[a-z0-9])[A-Z]|[A-Z](?=[a-z])/g, (letter) => `-${letter}`)
    .replace(/^-/, '')
    .toLowerCase();
}
