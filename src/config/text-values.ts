import { UsageError } from '../errors.js';
import { gzipType } from '../options/common.js';
import { answerToValue } from '../options/other-tools.js';
import type { OptionRow } from '../options/row.js';
import { nearChoice } from '../options/suggest.js';
import type { GzipOption, HeaderMap } from '../options/types.js';
import { shown } from '../options/validate.js';
import { shownValue } from '../report/mask-secrets.js';
import type { Text } from '../report/message.js';

/** One text that was given for an option. */
export interface GivenText {
  readonly row: OptionRow;
  /** The place as messages name it: `--min-size`, `S3PP_MIN_SIZE`, `Input "min-size"`. */
  readonly as: string;
  /** A boolean if the spelling alone says it, as `--hidden` and `--no-hidden` do. */
  readonly value: string | boolean;
}

/** How a place writes the values of options. */
export interface TextForm {
  /** The words for true and false, and no others. */
  readonly booleans: ReadonlyMap<string, boolean>;
  /** Those words as a message lists them. */
  readonly booleanWords: string;
  /** An example as users write it there. */
  readonly example: (as: string, value: string) => string;
}

/** Types with one value per line in a variable or an input. */
const LISTS: ReadonlySet<OptionRow['type']> = new Set(['operands', 'globs', 'texts', 'headers', 'pairs', 'optional']);

/** Splits the text of a variable or an input into texts as several flags give them. Throws `UsageError` for a switch that is neither true nor false. */
export function givenTexts(row: OptionRow, as: string, text: string, form: TextForm): readonly GivenText[] {
  const state = text === row.onWord ? true : form.booleans.get(text);
  if (row.type === 'switch' || (row.type === 'optional' && state !== undefined)) {
    if (state === undefined) throw wrongValue(as, text, form.booleanWords, `Write ${form.booleanWords}.`);
    return [{ row, as, value: state }];
  }
  return (LISTS.has(row.type) ? trimmedLines(text) : [text]).map((value) => ({ row, as, value }));
}

function trimmedLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/**
 * The value of an option from all texts that were given for it, for flags, variables and inputs alike. Sizes, delays and free text stay text,
 * because the engine parses them. Throws `UsageError` that names the place and the fix.
 */
export function readOption(row: OptionRow, given: readonly GivenText[], { example, booleanWords }: TextForm): unknown {
  switch (row.type) {
    case 'operands':
    case 'globs':
    case 'texts':
      return given.map(({ value }) => String(value));
    case 'headers':
      return namedValues(given, ':', 'Name: value', (as) => example(as, 'Cache-Control: no-cache'));
    case 'pairs':
      return namedValues(given, '=', 'name=value', (as) => example(as, 'owner=docs'));
    case 'switch':
      return isOn(given);
    case 'optional':
      return row.choices === undefined ? readGzip(given) : readOptional(row, given, booleanWords);
    default:
      return readSingle(row, given);
  }
}

/** The option `gzip`: types turn compression on and say what is compressed; a plain true beside them adds nothing. */
export function readGzip(given: readonly GivenText[]): GzipOption {
  if (!isOn(given)) return false;
  const types = given.flatMap(({ as, value }) => (typeof value === 'string' ? [gzipType(as, value)] : []));
  if (types.length === 0) return true;
  return types.includes('all') ? 'all' : types;
}

/** A switch that may have one of its choices as a value. */
function readOptional(
  { choices = [], repeated }: OptionRow,
  given: readonly GivenText[],
  booleanWords: string,
): boolean | string {
  if (!isOn(given)) return false;
  const word = given.find(({ value }) => typeof value === 'string');
  if (word === undefined) return given.length > 1 && repeated !== undefined ? repeated : true;
  const text = String(word.value);
  if (choices.includes(text)) return text;
  const wanted = [booleanWords, ...choices].filter((one) => one !== '').join(', or ');
  throw wrongValue(word.as, text, wanted, nearChoice(text, choices));
}

function isOn(given: readonly GivenText[]): boolean {
  const on = given.find(({ value }) => value !== false);
  const off = given.find(({ value }) => value === false);
  if (on !== undefined && off !== undefined) throw new UsageError(`${on.as} and ${off.as} contradict each other.`);
  return on !== undefined;
}

function readSingle(row: OptionRow, [first, second]: readonly GivenText[]): unknown {
  if (first === undefined) return undefined;
  const { as } = first;
  if (second !== undefined) {
    const names = as === second.as ? `${as} is` : `${as} and ${second.as} mean the same and are`;
    throw new UsageError(
      `${names} given twice: ${[first, second].map(({ value }) => shownValue(value, row.name)).join(' and ')}.`,
      'It takes one value; give it once.',
    );
  }
  const text = String(first.value);
  if (row.type === 'choice') return readChoice(as, row.choices ?? [], text, choiceHint(row, text));
  if (row.type === 'number') return readNumber(as, text);
  if (row.type !== 'integer' || row.choices?.includes(text) === true) return text;
  if (/^\d+$/.test(text)) return Number(text);
  throw wrongValue(as, text, wholeNumberOr(row));
}

function readNumber(as: string, text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw wrongValue(as, text, NUMBER);
}

/** What an option with a number must be, as messages say it. */
export const NUMBER = 'a number, such as 100 or 0.5';

/** One of the choices. Throws `UsageError` with the hint otherwise. */
export function readChoice<T extends string>(
  as: string,
  choices: readonly T[],
  text: string,
  hint: Text | undefined = nearChoice(text, choices),
): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw wrongValue(as, text, oneOfThem(choices), hint);
}

/** The hint for a text that is not one of the option's choices. */
export function choiceHint({ name, choices = [] }: OptionRow, text: string): Text | undefined {
  const other = answerToValue(name, text);
  const near = nearChoice(text, choices);
  if (other !== undefined && (other.values !== '*' || near === undefined)) return other.answer;
  if (name !== 'acl') return near;
  return `${near === undefined ? '' : `${near} `}By default no ACL is sent, which is right for most buckets.`;
}

/** What a whole-number option must be, as messages say it. */
export function wholeNumberOr({ choices = [] }: OptionRow): string {
  return `a whole number${choices.length === 0 ? '' : ` or ${choices.join(', ')}`}`;
}

/** What an option with choices must be, as messages say it. */
export function oneOfThem(choices: readonly string[]): string {
  return `one of ${choices.join(', ')}`;
}

function wrongValue(as: string, text: string, wanted: string, hint?: Text): UsageError {
  return new UsageError(`${as} is ${shown(text)}; it must be ${wanted}.`, hint);
}

/**
 * Reads `name<separator>value`, split at the first separator; names are compared without regard to case, as HTTP does,
 * unless their row says otherwise.
 */
function namedValues(
  given: readonly GivenText[],
  separator: ':' | '=',
  form: string,
  example: (as: string) => string,
): HeaderMap {
  const values = new Map<string, string>();
  const seen = new Set<string>();
  for (const { row, as, value } of given) {
    const text = String(value);
    const at = text.indexOf(separator);
    const name = text.slice(0, Math.max(at, 0)).trim();
    if (name === '')
      throw new UsageError(`${as}: "${text}" is not of the form "${form}".`, `Write for example ${example(as)}.`);
    const compared = row.caseMatters === true ? name : name.toLowerCase();
    if (seen.has(compared)) throw new UsageError(`${as}: "${name}" is given twice.`);
    seen.add(compared);
    values.set(name, separator === ':' ? text.slice(at + 1).trim() : text.slice(at + 1));
  }
  return Object.fromEntries(values);
}
