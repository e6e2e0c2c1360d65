import { nearest } from './near-names.js';
import type { OptionRow } from './option-table.js';

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
