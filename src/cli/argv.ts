import { parseArgs } from 'node:util';
import { UsageError } from '../errors.js';
import { didYouMean } from '../near-names.js';
import type { OptionRow } from '../option-row.js';
import { CLI_FLAGS } from '../option-table.js';
import { FLAGS } from './flags.js';
import { RETIRED, retiredFlag } from './retired.js';

/** One option as it stands in argv. */
export interface Given {
  readonly row: OptionRow;
  /** As the user wrote it, with dashes. */
  readonly as: string;
  readonly value: string | boolean;
}

/** One word that belongs to no option. */
export interface Operand {
  readonly text: string;
  /** After `--`, where no word is a command. */
  readonly literal: boolean;
}

export interface Argv {
  readonly given: readonly Given[];
  readonly operands: readonly Operand[];
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

/** Splits argv, in its order, into options and operands; throws `UsageError` for what is unknown or incomplete. */
export function readArgv(argv: readonly string[]): Argv {
  const tokens = tokenize(argv);
  // Help is for people who got something wrong, so it answers before anything is checked.
  // Only as a word of its own: `-hidden` is a slip, and must not end well without having put anything.
  const asked = tokens.find(
    (token): token is OptionToken =>
      token.kind === 'option' && token.name === 'help' && /^(?:-h|--help)$/.test(argv[token.index] ?? ''),
  );
  if (asked !== undefined) return { given: [readOption(asked)], operands: words(tokens) };
  const options = tokens.filter((token) => token.kind === 'option');
  return { given: options.map(readOption), operands: words(tokens) };
}

function words(tokens: readonly Token[]): readonly Operand[] {
  const end = tokens.findIndex(({ kind }) => kind === 'option-terminator');
  return tokens.flatMap((token, index) =>
    token.kind === 'positional' ? [{ text: token.value, literal: end >= 0 && index > end }] : [],
  );
}

function tokenize(argv: readonly string[]): readonly Token[] {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string; multiple: true }> = {};
  for (const [name, { fixed }] of FLAGS)
    options[name] = { type: fixed === undefined ? 'string' : 'boolean', multiple: true };
  for (const name of RETIRED.keys()) options[name] = { type: 'string', multiple: true };
  for (const { flag, short } of CLI_FLAGS) {
    if (short !== undefined) options[flag] = { type: 'boolean', short, multiple: true };
  }
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  return tokens;
}

function readOption(token: OptionToken): Given {
  const { name, rawName: as, value } = token;
  const flag = FLAGS.get(name);
  if (flag === undefined) throw retiredFlag(name, value) ?? unknownOption(token);
  const { row, fixed } = flag;
  if (fixed !== undefined) {
    if (value === undefined) return { row, as, value: fixed };
    if (row.type !== 'optional' || fixed !== true) throw takesNoValue(row, as, value);
  }
  if (value === undefined) throw new UsageError(`${as} needs a value: ${as} ${row.value ?? 'VALUE'}.`);
  if (!token.inlineValue && /^-./.test(value) && !/^-\d+$/.test(value)) {
    throw new UsageError(
      `${as} needs a value, but the option-like "${value}" follows.`,
      `If that is the value, write ${as}=${value}.`,
    );
  }
  if (value === '' && row.emptyAllowed === undefined)
    throw new UsageError(
      `${as} has an empty value.`,
      row.required === true ? 'Is the variable that should hold it set?' : 'Leave the option out, or give it a value.',
    );
  return { row, as, value };
}

function takesNoValue(row: OptionRow, as: string, value: string): UsageError {
  const hint =
    row.default === undefined ? undefined : `Write --${row.flag} to turn it on and --no-${row.flag} to turn it off.`;
  return new UsageError(`${as} takes no value, but has "${value}".`, hint);
}

function unknownOption({ name, rawName }: OptionToken): UsageError {
  if (rawName === '-p') return new UsageError('Unknown option -p.', 'Write --prefix, or --mode, in full.');
  const positive = name.startsWith('no-') ? FLAGS.get(name.slice(3)) : undefined;
  if (positive !== undefined)
    return new UsageError(
      `${rawName} does not exist.`,
      `Only switches can be turned off; leave --${name.slice(3)} out.`,
    );
  const all = 's3-parallel-put --help lists all options.';
  const near = rawName.startsWith('--') ? didYouMean(name, FLAGS.keys(), '--') : undefined;
  return new UsageError(`Unknown option ${rawName}.`, near === undefined ? all : `${near} ${all}`);
}
