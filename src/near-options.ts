import { UsageError } from './errors.js';
import { meant, nearest } from './near-names.js';
import type { OptionRow } from './option-row.js';

/**
 * Refuses options that are in none of the rows.
 * @throws UsageError that names the first of them and those that are near
 */
export function refuseUnknown(options: object, rows: readonly OptionRow[]): void {
  const unknown = Object.keys(options).find((name) => !rows.some((row) => row.name === name));
  if (unknown === undefined) return;
  throw new UsageError(
    `Unknown option "${unknown}".`,
    meant(nearOptions(unknown, rows)) ?? 'The README lists all options.',
  );
}

/** Names in the API of the options near a mistyped one, nearest first; the spellings of the command line count too. */
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
