import { parseArgs } from 'node:util';
import type { OptionRow } from '../options/row.js';
import { CLI_FLAGS } from '../options/table.js';

/** A spelling of an option on the command line, without its dashes. */
export interface Flag {
  readonly row: OptionRow;
  /** The value that the spelling itself stands for; undefined if a value follows. */
  readonly fixed: string | boolean | undefined;
}

/** Whether the flag never takes the next word as its value. */
export function isSwitch({ type }: OptionRow): boolean {
  return type === 'switch' || type === 'optional';
}

/** Whether `--no-x` exists: for every switch with a default. */
export function hasNegation(row: OptionRow): boolean {
  return isSwitch(row) && row.default !== undefined;
}

/** All spellings of one row. */
function spellings(row: OptionRow & { readonly flag: string }): readonly (readonly [string, Flag])[] {
  const fixed = isSwitch(row) ? true : undefined;
  const plain = [row.flag, ...(row.aliases ?? [])].map((name) => [name, { row, fixed }] as const);
  const short = Object.entries(row.shorthands ?? {}).map(([name, value]) => [name, { row, fixed: value }] as const);
  if (!hasNegation(row)) return [...plain, ...short];
  const negated = [...plain, ...short].map(([name, flag]) => [`no-${name}`, { row, fixed: !flag.fixed }] as const);
  return [...plain, ...short, ...negated];
}

/** Every long spelling that works, by its name without dashes. */
export const FLAGS: ReadonlyMap<string, Flag> = new Map(CLI_FLAGS.flatMap(spellings));

export type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
export type OptionToken = Extract<Token, { kind: 'option' }>;

/** Splits argv into options, their values and words; unknown options are among them. */
export function tokenize(argv: readonly string[]): readonly Token[] {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string; multiple: true }> = {};
  for (const [name, { fixed }] of FLAGS)
    options[name] = { type: fixed === undefined ? 'string' : 'boolean', multiple: true };
  for (const { flag, short } of CLI_FLAGS) {
    if (short !== undefined) options[flag] = { type: 'boolean', short, multiple: true };
  }
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  return tokens.filter((token, index) => !isOnWord(token, tokens[index - 1]));
}

/** Whether a word is the value that other tools write behind a switch: `--request-payer requester`. */
function isOnWord(token: Token, before: Token | undefined): boolean {
  if (token.kind !== 'positional' || before?.kind !== 'option' || before.value !== undefined) return false;
  const flag = FLAGS.get(before.name);
  return flag?.fixed === true && flag.row.onWord !== undefined && flag.row.onWord === token.value;
}

/** One word that belongs to no option. */
export interface Operand {
  readonly text: string;
  /** After `--`, where no word is a command. */
  readonly literal: boolean;
  /** Its place in argv. */
  readonly index: number;
}

export function operandsOf(tokens: readonly Token[]): readonly Operand[] {
  const end = tokens.findIndex(({ kind }) => kind === 'option-terminator');
  return tokens.flatMap((token, index) =>
    token.kind === 'positional' ? [{ text: token.value, literal: end >= 0 && index > end, index: token.index }] : [],
  );
}
