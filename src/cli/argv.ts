import type { GivenText } from '../config/text-values.js';
import { UsageError } from '../errors.js';
import { answerToName, answerToValue } from '../options/other-tools.js';
import type { OptionRow } from '../options/row.js';
import { nearSpellings, suggestion } from '../options/suggest.js';
import { CLI_FLAGS } from '../options/table.js';
import { maskAddress, maskSecrets, shownValue } from '../report/mask-secrets.js';
import { FLAGS, type Operand, type OptionToken, operandsOf, type Token, tokenize } from './flags.js';
import { refuseForeign } from './other-commands.js';

export interface Argv {
  /** In their order, named as the user wrote them, with dashes. */
  readonly given: readonly GivenText[];
  readonly operands: readonly Operand[];
}

/** Splits argv, in its order, into options and operands; throws `UsageError` for an unknown or incomplete option. */
export function readArgv(argv: readonly string[]): Argv {
  const tokens = tokenize(argv);
  const operands = operandsOf(tokens);
  // `rm --recursive`: what the option means here is of no use.
  if (tokens.some(isUnknown) && beginsWithCommand(tokens)) refuseForeign(operands.map(({ text }) => text));
  const given = tokens.flatMap((token, index) =>
    token.kind === 'option' ? [readOption(token, argv[token.index] ?? '', tokens[index + 1])] : [],
  );
  return { given, operands };
}

function isUnknown(token: Token | undefined): boolean {
  return token?.kind === 'option' && !FLAGS.has(token.name);
}

/** Whether the first word can be a command: no `--command` names one, and it is not the value of an option that does not exist here. */
function beginsWithCommand(tokens: readonly Token[]): boolean {
  const at = tokens.findIndex(({ kind }) => kind !== 'option');
  const named = tokens.some((token) => token.kind === 'option' && token.name === 'command');
  return !named && tokens[at]?.kind === 'positional' && !isUnknown(tokens[at - 1]);
}

/** Reads one option; `word` is the word of argv in which it stands, `next` the token behind it. */
function readOption(token: OptionToken, word: string, next: Token | undefined): GivenText {
  const { name, rawName: as, value } = token;
  const flag = FLAGS.get(name);
  if (flag === undefined)
    throw unknownOption(token, word, value ?? (next?.kind === 'positional' ? next.value : undefined));
  const { row, fixed } = flag;
  if (fixed !== undefined) {
    if (value === undefined) return { row, as, value: fixed };
    if (value === row.onWord && fixed === true) return { row, as, value: fixed };
    if (row.type !== 'optional' || fixed !== true) throw takesNoValue(row, as, value);
  }
  if (value === undefined)
    throw new UsageError(`${as} needs a value: ${as} ${row.value ?? 'VALUE'}.`, answerToValue(row.name, '')?.answer);
  if (!token.inlineValue && /^-./.test(value) && !/^-\d+$/.test(value)) {
    throw new UsageError(
      `${as} needs a value, but the option-like ${shownValue(value, row.name)} follows.`,
      answerToValue(row.name, '')?.answer ?? `If that is the value, write ${as}=${maskSecrets(value, row.name)}.`,
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
  return new UsageError(`${as} takes no value, but has "${maskAddress(value)}".`, hint);
}

const ALL = 's3-parallel-put --help all lists all options.';

/** The error for an option that does not exist; `next` is the text that may be its value. */
function unknownOption({ name, rawName }: OptionToken, word: string, next: string | undefined): UsageError {
  // `-exclude` is one long name, not seven short ones.
  if (/^-[a-z][a-z-]{2,}$/i.test(word)) {
    const long = nearFlag(word.slice(1));
    if (long !== undefined) return new UsageError(`Unknown option ${word}.`, `${long} ${ALL}`);
  }
  const answer = answerToName(rawName.startsWith('--') ? name : rawName, CLI_FLAGS, next);
  if (answer?.removed === true)
    return new UsageError(`${rawName}${next === undefined ? '' : ` ${maskSecrets(next)}`} was removed.`, answer.text);
  if (answer !== undefined) return new UsageError(`Unknown option ${rawName}.`, answer.text);
  const positive = name.startsWith('no-') ? FLAGS.get(name.slice(3)) : undefined;
  if (positive !== undefined)
    return new UsageError(
      `${rawName} does not exist.`,
      `Only switches can be turned off; leave --${name.slice(3)} out.`,
    );
  const near = rawName.startsWith('--') ? nearFlag(name) : undefined;
  return new UsageError(`Unknown option ${rawName}.`, near === undefined ? ALL : `${near} ${ALL}`);
}

/** "Did you mean --a or --b?"; undefined if no flag is similar. */
function nearFlag(typed: string): string | undefined {
  const rows = new Map([...FLAGS].map(([name, { row }]) => [name, row]));
  return suggestion(nearSpellings(typed, rows).map((name) => `--${name}`));
}
