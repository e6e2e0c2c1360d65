import type { OptionRow } from '../option-row.js';
import { OPTION_TABLE } from '../option-table.js';

/** An option as an input. */
export interface OptionInput {
  readonly input: string;
  readonly row: OptionRow;
}

/** An option's name as an input: its kebab-case. */
export function inputName(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Every option that is an input. */
export const OPTION_INPUTS: readonly OptionInput[] = OPTION_TABLE.filter(({ faces }) => faces.includes('action')).map(
  (row) => ({ input: inputName(row.name), row }),
);
