import type { OptionRow } from '../option-row.js';
import { CLI_FLAGS } from '../option-table.js';

/** A spelling of an option on the command line, without its dashes. */
export interface Flag {
  readonly row: OptionRow;
  /** Value that the spelling itself stands for, so that none follows; undefined where a value follows. */
  readonly fixed: string | boolean | undefined;
}

/** Whether the flag stands alone, so that it never takes the next word. */
export function isSwitch({ type }: OptionRow): boolean {
  return type === 'switch' || type === 'optional';
}

/** Whether `--no-x` exists: for every switch that has a state to begin with. */
export function hasNegation(row: OptionRow): boolean {
  return isSwitch(row) && row.default !== undefined;
}

/** All spellings of one row. */
export function spellings(row: OptionRow & { readonly flag: string }): readonly (readonly [string, Flag])[] {
  const fixed = isSwitch(row) ? true : undefined;
  const plain = [row.flag, ...(row.aliases ?? [])].map((name) => [name, { row, fixed }] as const);
  const short = Object.entries(row.shorthands ?? {}).map(([name, value]) => [name, { row, fixed: value }] as const);
  if (!hasNegation(row)) return [...plain, ...short];
  const negated = [...plain, ...short].map(([name, flag]) => [`no-${name}`, { row, fixed: !flag.fixed }] as const);
  return [...plain, ...short, ...negated];
}

/** Every long spelling that works, by its name without dashes. */
export const FLAGS: ReadonlyMap<string, Flag> = new Map(CLI_FLAGS.flatMap(spellings));
