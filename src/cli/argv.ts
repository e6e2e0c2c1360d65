import { parseArgs } from 'node:util';
import type { GivenText } from '../config/text-values.js';
import { UsageError } from '../errors.js';
import type { OptionRow } from '../options/row.js';
import { didYouMean } from '../options/suggest.js';
import { CLI_FLAGS } from '../options/table.js';
import { RESUMES } from '../options/types.js';
import { maskAddress, maskSecrets, shownValue } from '../report/mask-secrets.js';

/** One word that belongs to no option. */
export interface Operand {
  readonly text: string;
  /** After `--`, where no word is a command. */
  readonly literal: boolean;
}

export interface Argv {
  /** In their order, named as the user wrote them, with dashes. */
  readonly given: readonly GivenText[];
  readonly operands: readonly Operand[];
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

/** Splits argv, in its order, into options and operands; throws `UsageError` for an unknown or incomplete option. */
export function readArgv(argv: readonly string[]): Argv {
  const tokens = tokenize(argv);
  // Users need help most after a mistake, so --help comes before all checks.
  // Only as a word of its own: `-hidden` is a typo, and must not exit with success without a put.
  const help = tokens.find(
    (token): token is OptionToken =>
      token.kind === 'option' && token.name === 'help' && /^(?:-h|--help)$/.test(argv[token.index] ?? ''),
  );
  if (help !== undefined) return { given: [readOption(help)], operands: operandsOf(tokens) };
  const options = tokens.filter((token) => token.kind === 'option');
  return { given: options.map(readOption), operands: operandsOf(tokens) };
}

function operandsOf(tokens: readonly Token[]): readonly Operand[] {
  const end = tokens.findIndex(({ kind }) => kind === 'option-terminator');
  return tokens.flatMap((token, index) =>
    token.kind === 'positional' ? [{ text: token.value, literal: end >= 0 && index > end }] : [],
  );
}

function tokenize(argv: readonly string[]): readonly Token[] {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string; multiple: true }> = {};
  for (const [name, { fixed }] of FLAGS)
    options[name] = { type: fixed === undefined ? 'string' : 'boolean', multiple: true };
  for (const name of REMOVED_FLAGS.keys()) options[name] = { type: 'string', multiple: true };
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

function readOption(token: OptionToken): GivenText {
  const { name, rawName: as, value } = token;
  const flag = FLAGS.get(name);
  if (flag === undefined) throw removedFlag(name, value) ?? unknownOption(token);
  const { row, fixed } = flag;
  if (fixed !== undefined) {
    if (value === undefined) return { row, as, value: fixed };
    if (value === row.onWord && fixed === true) return { row, as, value: fixed };
    if (row.type !== 'optional' || fixed !== true) throw takesNoValue(row, as, value);
  }
  if (value === undefined) throw new UsageError(`${as} needs a value: ${as} ${row.value ?? 'VALUE'}.`);
  if (!token.inlineValue && /^-./.test(value) && !/^-\d+$/.test(value)) {
    throw new UsageError(
      `${as} needs a value, but the option-like ${shownValue(value, row.name)} follows.`,
      `If that is the value, write ${as}=${maskSecrets(value, row.name)}.`,
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

/** The hint for a flag of the original tool that no longer exists; `value` is the text given with it. */
type RemovalHint = (value: string | undefined) => string;

const COPY_HINT = 'From bucket to bucket is the command "copy": s3-parallel-put copy s3://SOURCE s3://DEST.';

const WALK_HINTS: ReadonlyMap<string | undefined, string> = new Map([
  ['tar', 'Leave it out: a source whose name ends in .tar, .tar.gz or .tar.zst is read as an archive.'],
  ['s3', COPY_HINT],
]);

/** Flags of the original s3-parallel-put that no longer work, without dashes; all take a value. */
const REMOVED_FLAGS: ReadonlyMap<string, RemovalHint> = new Map<string, RemovalHint>([
  ['walk', (value) => WALK_HINTS.get(value) ?? 'Leave it out: directories and files are walked by default.'],
  ['bucket_region', () => 'Use --region.'],
  ['log-filename', () => 'Use --log-file FILE, or redirect stdout: "--json > FILE" for a program to read.'],
  [
    'ignore-files-older-than-days',
    () =>
      'It never excluded a file, and modification times are not used. Choose files with --include, --exclude, --min-size and --max-size.',
  ],
]);

/** Throws `UsageError` for removed values of options that still exist. */
export function refuseRemovedValue(name: string, as: string, value: string | boolean): void {
  if (name === 'mode' && value === 'copy') throw new UsageError(`${as} copy is no longer a mode.`, COPY_HINT);
  const isNear = typeof value === 'string' && didYouMean(value, RESUMES) !== undefined;
  if (name === 'resume' && !RESUMES.some((choice) => choice === value) && !isNear) {
    throw new UsageError(
      `${as} ${value} was removed: the option no longer takes a log, but one of ${RESUMES.join(', ')}.`,
      'No log is needed: run the same command again. --mode update puts absent and different objects, --mode add absent ones.',
    );
  }
  if (name === 'contentType' && value === 'magic') {
    throw new UsageError(
      `${as} magic is no longer supported.`,
      'Use --content-type guess, which is the default: it guesses from the name of the file.',
    );
  }
}

/** The error for a removed flag; undefined for any other. */
function removedFlag(name: string, value: string | undefined): UsageError | undefined {
  const hintFor = REMOVED_FLAGS.get(name);
  if (hintFor === undefined) return undefined;
  return new UsageError(`--${name}${value === undefined ? '' : ` ${value}`} was removed.`, hintFor(value));
}
