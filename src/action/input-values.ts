import { rulesIn } from '../config/config-file.js';
import type { ConfigValue } from '../config/layers.js';
import { namedValues } from '../config/text-values.js';
import { yamlIn } from '../config/yaml.js';
import { UsageError } from '../errors.js';
import type { OptionRow } from '../options/row.js';
import { didYouMean } from '../options/suggest.js';

/** YAML 1.2's words, and no others: `yes`, `on` and `1` are slips. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

/** The text of an input as the value of its option; throws `UsageError` that names the input. */
export function inputValue(input: string, row: OptionRow, text: string): ConfigValue {
  const from = `input "${input}"`;
  if (row.type === 'file' && row.name === 'rules') return { ...rulesIn(yamlIn('Input "rules"', text)), from };
  return { from, value: readValue(input, row, text) };
}

function readValue(input: string, row: OptionRow, text: string): unknown {
  switch (row.type) {
    case 'switch':
      return booleanOf(input, text);
    case 'integer':
      return wholeNumberOf(input, row, text);
    case 'choice':
      return choiceOf(input, row.choices ?? [], text);
    case 'optional':
      return BOOLEANS.get(text) ?? (row.choices?.includes(text) === true || text === 'all' ? text : linesOf(text));
    case 'operands':
    case 'texts':
    case 'globs':
      return linesOf(text);
    case 'headers':
      return namedValues(texts(input, row, text), ':', 'Name: value', '"Cache-Control: no-cache"');
    case 'pairs':
      return namedValues(texts(input, row, text), '=', 'name=value', 'owner=docs');
    default:
      return text;
  }
}

export function booleanOf(input: string, text: string): boolean {
  const value = BOOLEANS.get(text);
  if (value !== undefined) return value;
  throw new UsageError(`Input "${input}" is "${text}"; it must be true or false.`, 'Write true or false.');
}

export function choiceOf<T extends string>(input: string, choices: readonly T[], text: string): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  // A near ACL may be one that lets the world write: who may do what is not guessed.
  const near = input === 'acl' ? undefined : didYouMean(text, choices);
  throw new UsageError(`Input "${input}" is "${text}"; it must be one of ${choices.join(', ')}.`, near);
}

function wholeNumberOf(input: string, { choices = [] }: OptionRow, text: string): unknown {
  if (choices.includes(text)) return text;
  if (/^\d+$/.test(text)) return Number(text);
  const or = choices.length === 0 ? '' : ` or ${choices.join(', ')}`;
  throw new UsageError(`Input "${input}" is "${text}"; it must be a whole number${or}.`);
}

/** One a line; blank lines count for nothing. */
export function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function texts(input: string, row: OptionRow, text: string) {
  return linesOf(text).map((value) => ({ row, as: `Input "${input}"`, value }));
}
