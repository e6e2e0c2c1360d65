import leven from 'leven';
import { UsageError } from '../errors.js';
import type { OptionRow } from './row.js';

/** The most names in a suggestion. */
const MOST = 3;

/** The names similar to a mistyped one, nearest first: few letters differ, one begins with the other, or they share a word. */
export function nearest(typed: string, names: Iterable<string>): readonly string[] {
  const wanted = plain(typed);
  const words = new Set(wanted.split(WORDS).filter((word) => word.length > 3));
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const name of names) {
    const known = plain(name);
    const distance = leven(wanted, known);
    const begins =
      (wanted.length > 2 && (known.startsWith(wanted) || wanted.startsWith(`${known}-`))) ||
      (known.length > 3 && wanted.startsWith(known));
    const ends = wanted.length > 2 && known.endsWith(`:${wanted}`);
    const shares = known.split(WORDS).some((word) => words.has(word));
    if (distance <= Math.max(1, Math.floor(wanted.length / 3)) || begins || ends || shares)
      near.push({ name, distance });
  }
  const same = near.filter(({ distance }) => distance === 0);
  if (same.length === 1) return same.map(({ name }) => name);
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.slice(0, MOST).map(({ name }) => name);
}

const WORDS = /[-:]/;

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
  const near = nearest(typed, choices).filter((one) => !/write/.test(one) || /write/i.test(typed));
  return suggestion(near);
}

/**
 * Refuses unknown options.
 * @throws UsageError that names the first unknown option, and similar ones
 */
export function refuseUnknown(options: object, rows: readonly OptionRow[]): void {
  const unknown = Object.keys(options).find((name) => !rows.some((row) => row.name === name));
  if (unknown === undefined) return;
  throw new UsageError(
    `Unknown option "${unknown}".`,
    suggestion(nearOptions(unknown, rows)) ?? 'docs/options.md lists all options.',
  );
}

/** API names of the options similar to a mistyped name, nearest first; flags of the command line are compared, too. */
export function nearOptions(typed: string, rows: readonly OptionRow[]): readonly string[] {
  const spelt = new Map(rows.flatMap((row) => spellings(row).map((one) => [one, row.name] as const)));
  return [...new Set(nearest(kebab(typed), spelt.keys()).map((one) => spelt.get(one) ?? one))];
}

function spellings(row: OptionRow): readonly string[] {
  return [kebab(row.name), ...(row.flag === undefined ? [] : [row.flag]), ...(row.aliases ?? [])];
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
