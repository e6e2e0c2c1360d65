import { parseCopyKey } from '../config/key-list.js';
import { type ConfigLayer, engineOptions, mergeLayers, valuesIn } from '../config/layers.js';
import { UsageError } from '../errors.js';
import type { CopyOptions } from '../options/types.js';
import { copyOperands } from './operands.js';
import { type OutputOptions, outputOptions, withDryRun } from './output/lines.js';

/** Files whose content is part of the options, by the names of their rows. */
export interface CopyFiles {
  readonly keysFile: string | undefined;
  readonly prefixesFile: string | undefined;
  readonly s3cfg: string | undefined;
  readonly destS3cfg: string | undefined;
}

/** A command line with the command `copy`. */
export interface ParsedCopy {
  readonly command: 'copy';
  /** Without the content of the files. */
  readonly options: CopyOptions;
  readonly files: CopyFiles;
  readonly output: OutputOptions;
  /** The options by where they were given. */
  readonly settings: ConfigLayer;
}

/** Options that exclude each other: both say whose credentials one side uses. */
const TWO_ACCOUNTS: readonly (readonly [string, string])[] = [
  ['s3cfg', 'profile'],
  ['s3cfg', 'sourceProfile'],
  ['destS3cfg', 'destProfile'],
];

/** Merges the options of the command; the first of `layers` is the command line. Throws `UsageError`. */
export function parseCopy(words: readonly string[], layers: readonly ConfigLayer[], printed: boolean): ParsedCopy {
  const { source, destination } = copyOperands(printed && words.length === 0 ? ['s3://source', 's3://dest'] : words);
  const [own = new Map(), ...below] = layers;
  const from = 'command line';
  const operands: ConfigLayer = new Map([
    ['source', { value: source, from }],
    ['destination', { value: destination, from }],
  ]);
  const settings = withDryRun(mergeLayers([new Map([...own, ...(words.length === 0 ? [] : operands)]), ...below]));
  const values = valuesIn(settings);
  for (const [one, other] of TWO_ACCOUNTS)
    if (settings.has(one) && settings.has(other)) throw twoAccountsError(settings, one, other);
  if (values.keysFile === '-' && values.prefixesFile === '-')
    throw new UsageError('Keys and prefixes both come from standard input, which can be read only once.');
  const key = toTexts(values.key).map(parseCopyKey);
  const fromPrefix = toTexts(values.fromPrefix);
  const options: CopyOptions = {
    ...engineOptions(settings, 'copy'),
    source,
    destination,
    ...(key.length > 0 && { key }),
    ...(fromPrefix.length > 0 && { fromPrefix }),
  };
  const file = (name: string): string | undefined => toTexts(values[name])[0];
  const files = {
    keysFile: file('keysFile'),
    prefixesFile: file('prefixesFile'),
    s3cfg: file('s3cfg'),
    destS3cfg: file('destS3cfg'),
  };
  return { command: 'copy', options, files, output: outputOptions(settings), settings };
}

function toTexts(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? [value] : [];
}

function twoAccountsError(settings: ConfigLayer, one: string, other: string): UsageError {
  const [first, second] = [settings.get(one), settings.get(other)];
  const message = `${first?.from} and ${second?.from} both say whose credentials are used.`;
  const hint = 'Leave one of them out.';
  return (second?.errorAt ?? first?.errorAt)?.([], message, hint) ?? new UsageError(message, hint);
}
