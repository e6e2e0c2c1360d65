import { UsageError } from '../errors.js';
import type { OptionRow } from '../options/row.js';
import type { HeaderMap } from '../options/types.js';

/** One text that was given for an option. */
export interface GivenText {
  readonly row: OptionRow;
  /** As messages name it. */
  readonly as: string;
  readonly value: string | boolean;
}

/**
 * Reads `name<separator>value`, split at the first separator; names are compared without regard to case, as HTTP does,
 * unless their row says otherwise.
 */
export function namedValues(all: readonly GivenText[], separator: ':' | '=', form: string, example: string): HeaderMap {
  const values = new Map<string, string>();
  const seen = new Set<string>();
  for (const { row, as, value } of all) {
    const text = String(value);
    const at = text.indexOf(separator);
    const name = text.slice(0, Math.max(at, 0)).trim();
    if (name === '')
      throw new UsageError(
        `${as}: "${text}" is not of the form "${form}".`,
        `Write for example ${written(as, example)}.`,
      );
    const compared = row.caseMatters === true ? name : name.toLowerCase();
    if (seen.has(compared)) throw new UsageError(`${as}: "${name}" is given twice.`);
    seen.add(compared);
    values.set(name, separator === ':' ? text.slice(at + 1).trim() : text.slice(at + 1));
  }
  return Object.fromEntries(values);
}

/** As it is written there: a flag, a variable, or a line of an input. */
function written(as: string, example: string): string {
  if (as.startsWith('-')) return `${as} ${example}`;
  return as.includes(' ') ? example.replaceAll('"', '') : `${as}=${example}`;
}
