import type { FoundRefusal } from '../config/found-file.js';
import { type ConfigLayer, type ConfigValue, engineOptions, mergeLayers, valuesIn } from '../config/layers.js';
import { checkStandardInput } from '../config/standard-input.js';
import type { GivenText } from '../config/text-values.js';
import { UsageError } from '../errors.js';
import { checkOwnKey } from '../model/key.js';
import type { FinishChoices } from '../options/site-types.js';
import { didYouMean } from '../options/suggest.js';
import type { PutItem, PutOptions } from '../options/types.js';
import { maskAddress } from '../report/mask-secrets.js';
import type { UploadsOptions } from '../uploads.js';
import { type Argv, readArgv } from './argv.js';
import { HELP_TOPICS, SHELLS, type Shell } from './command-table.js';
import { parseCommand, refuseStray, settingsFor } from './commands.js';
import { type ConfigLayers, NO_CONFIG, throwFirst } from './config.js';
import { type ParsedCopy, parseCopy } from './copy.js';
import { type ParsedDelete, parseDelete } from './delete.js';
import { type ParsedExplain, parseExplain } from './explain.js';
import { type ParsedWorker, parseWorker } from './fleet/worker.js';
import { type InfoRequest, infoRequest, wordRequest } from './help/request.js';
import { bucketOperand, putOperands, requireLocations } from './operands.js';
import { helpAboutOther } from './other-commands.js';
import { type OutputOptions, outputOptions, withDryRun } from './output/lines.js';
import { readValues, smallFiles } from './values.js';

/** A parsed command line. */
export type Invocation =
  | InfoRequest
  | { readonly command: 'completion'; readonly shell: Shell }
  | {
      readonly command: 'print-config';
      readonly of: 'put' | 'finish';
      /** As for a put, with placeholders for a missing source or bucket. */
      readonly options: PutOptions;
      readonly settings: ConfigLayer;
      /** Settings of a found config file that only a named file may have. */
      readonly refused: readonly FoundRefusal[];
    }
  | {
      readonly command: 'print-copy-config';
      readonly parsed: ParsedCopy;
      readonly refused: readonly FoundRefusal[];
    }
  | (ParsedPut & WithNotice)
  | (ParsedFinish & WithNotice)
  | (ParsedCopy & WithNotice)
  | (ParsedUploads & WithNotice)
  | (ParsedDelete & WithNotice)
  | (ParsedExplain & WithNotice)
  | (ParsedWorker & WithNotice);

/** The command `put`. */
export interface ParsedPut {
  readonly command: 'put';
  readonly options: PutOptions;
  readonly output: OutputOptions;
  /** The options, with where each was given. */
  readonly settings: ConfigLayer;
  /** Key of the object read from standard input, the source `-`. */
  readonly stdinKey?: string;
  /** The file with the paths for the option `filesFrom`, which `options` lacks; `-` is standard input. */
  readonly filesFrom?: string;
}

/** The command `finish`. Its options are those of `FinishOptions`, which are checked like those of a put. */
export interface ParsedFinish extends Omit<ParsedPut, 'command'> {
  readonly command: 'finish';
}

/** What is printed before the run. */
interface WithNotice {
  /** Names the config file that was found, and what it sets. */
  readonly notice: string | undefined;
}

/** Parses a command line alone, without `node` and the script; throws `UsageError`. Reads the file system only to resolve ambiguous words. @internal */
export function parseCommandLine(argv: readonly string[]): Invocation {
  return infoRequest(argv) ?? parse(readArgv(argv), NO_CONFIG);
}

/** Merges a command line with the environment and files, which it overrides; throws `UsageError`. */
export function parse(argv: Argv, config: ConfigLayers): Invocation {
  const { given } = argv;
  const values = readValues(given);
  // Among other short options, as in `-nh`.
  if (values.help === true) return { command: 'help' };
  if (values.version === true) return { command: 'version' };
  const bucket = text(values.bucket);
  const lower = mergeLayers(config.layers);
  const { command, words } = parseCommand(argv, bucket !== undefined || lower.has('bucket'));
  if (command === 'help' || command === 'version') return wordRequest(command, words) ?? refuseWords(command, words);
  if (command === 'completion') {
    const stray = given.find(({ row }) => row.name !== 'command');
    if (stray !== undefined) throw new UsageError(`The command "completion" takes no ${stray.as}.`);
    return { command, shell: shellOf(words) };
  }
  refuseStray(given, command);
  const layers = config.layers.map((layer) => settingsFor(layer, command));
  const flags = new Map<string, ConfigValue>();
  for (const [name, value] of Object.entries(values)) flags.set(name, { value, from: spellingOf(given, name) });
  // The flag names a file of rules; the option is its content, which is read already.
  if (flags.delete('rules') && config.rules !== undefined) flags.set('rules', config.rules);
  const printed = values.printConfig === true;
  const refusals = (merged: ConfigLayer, copy?: string) => config.found?.refusals(merged, copy) ?? [];
  if (!printed) throwFirst(refusals(new Map()));
  if (command === 'copy') {
    const parsed = parseCopy(words, [flags, ...layers], printed);
    const refused = refusals(parsed.settings, JSON.stringify(parsed.options.destination));
    if (printed) return { command: 'print-copy-config', parsed, refused };
    throwFirst(refused);
    return { ...parsed, notice: config.found?.notice(parsed.settings) };
  }
  if (command === 'delete') {
    const parsed = parseDelete(words, [flags, ...layers]);
    throwFirst(refusals(parsed.settings));
    return { ...parsed, notice: config.found?.notice(parsed.settings) };
  }
  if (command === 'explain') {
    const parsed = parseExplain(words, [flags, ...layers]);
    throwFirst(refusals(parsed.settings));
    return { ...parsed, notice: config.found?.notice(parsed.settings) };
  }
  if (command === 'worker') {
    const parsed = parseWorker(words, [flags, ...layers]);
    throwFirst(refusals(parsed.settings));
    return { ...parsed, notice: config.found?.notice(parsed.settings) };
  }
  const { source, destination } =
    command === 'uploads'
      ? { source: [], destination: bucketOperand(words, command) }
      : putOperands(words, bucket, text(values.prefix));
  if (source.length > 0) flags.set('source', { value: source, from: 'command line' });
  if (destination !== undefined) flags.set('bucket', { value: destination, from: 'command line' });
  const settings = withDryRun(mergeLayers([flags, ...layers]));
  const refused = refusals(settings);
  if (!printed) throwFirst(refused);
  const all = valuesIn(settings);
  const output = outputOptions(settings);
  const notice = config.found?.notice(settings);
  if (command === 'uploads') return { ...parseUploads(settings, output), notice };
  const [sources, name] = [all.source as readonly string[] | undefined, text(all.bucket)];
  const needed = printed ? requireLocations(sources ?? ['.'], name ?? 'bucket') : requireLocations(sources, name);
  const { filesFrom: list, ...own } = engineOptions(settings, command);
  const options: PutOptions = { ...own, ...needed, ...smallFiles(all) };
  if (printed) return { command: 'print-config', of: command, options: withoutReports(options), settings, refused };
  if (command === 'finish') checkFinish(options, readsStdin(needed.source));
  const run = { command, output, settings, notice } as const;
  const filesFrom = text(list);
  if (!readsStdin(needed.source)) return { ...run, options, ...(filesFrom !== undefined && { filesFrom }) };
  if (filesFrom !== undefined)
    throw new UsageError(
      `${settings.get('filesFrom')?.from} lists paths in a directory, but the source is standard input ("-").`,
      'Name the directory as the source.',
    );
  const { as: key, ...others } = options;
  return { ...run, options: others, stdinKey: stdinKeyOf(key) };
}

/** The options of a put among those of a `finish`; the reports are not read. */
function withoutReports(options: PutOptions & Partial<FinishChoices>): PutOptions {
  const { reports: _reports, shards: _shards, ...put } = options;
  return put;
}

/** Throws `UsageError` for what `finish` cannot do without, and for a source that no shard can have read. */
function checkFinish(options: object, fromStdin: boolean): void {
  const usage = 'Write s3-parallel-put finish SOURCE s3://bucket/prefix --reports DIR --shards N.';
  const missing = ['reports', 'shards'].find((name) => !(name in options));
  if (missing !== undefined) throw new UsageError(`The command "finish" needs --${missing}.`, usage);
  if (fromStdin)
    throw new UsageError('The command "finish" needs the folder that the shards have read, not standard input.', usage);
}

/** The flag that gave a value, as the user wrote it. */
function spellingOf(given: readonly GivenText[], name: string): string {
  return given.find(({ row }) => row.name === name || (name === 'gzip' && row.name === 'gzipType'))?.as ?? name;
}

function shellOf(words: readonly string[]): Shell {
  const [word, extra] = words;
  const known = `Shells: ${SHELLS.join(', ')}.`;
  if (word === undefined) throw new UsageError('The command "completion" needs a shell.', known);
  if (extra !== undefined)
    throw new UsageError(`The command "completion" takes one shell, but "${extra}" follows.`, known);
  const shell = SHELLS.find((name) => name === word);
  if (shell === undefined)
    throw new UsageError(`There is no completion for "${word}".`, didYouMean(word, SHELLS) ?? known);
  return shell;
}

/** Throws `UsageError` for words that `help` or `version` does not take. */
function refuseWords(command: 'help' | 'version', [word = '', extra]: readonly string[]): never {
  const wrong = maskAddress(extra ?? word);
  if (command === 'version' || extra !== undefined)
    throw new UsageError(`The command "${command}" takes no "${wrong}".`, `Write s3-parallel-put ${command}.`);
  const known = `Write s3-parallel-put help, or help with one of ${HELP_TOPICS.join(', ')}.`;
  const hint = helpAboutOther(word) ?? didYouMean(word, HELP_TOPICS) ?? known;
  throw new UsageError(`There is no help about "${wrong}".`, hint);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The source that means standard input. */
const STDIN = '-';

/** Whether standard input is a source. Throws `UsageError` if it is named twice. */
function readsStdin(sources: readonly string[]): boolean {
  const count = sources.filter((source) => source === STDIN).length;
  if (count > 1) throw new UsageError('Standard input ("-") is named twice; it can be read only once.');
  return count === 1;
}

/** Throws `UsageError` where there is no key, or one that S3 refuses. */
function stdinKeyOf(key: string | undefined): string {
  if (key === undefined) throw new UsageError('Standard input ("-") has no name.', 'Give its key by --as KEY.');
  checkOwnKey(key);
  return key;
}

/** The sources as people know them. */
export function sourceNames(source: PutOptions['source']): readonly string[] {
  return (source as readonly string[]).map((one) => (one === STDIN ? 'standard input' : one));
}

/** The sources with standard input as a stream. Throws `UsageError` if it cannot be read. */
export function withStdin(source: PutOptions['source'], key: string): PutOptions['source'] {
  checkStandardInput('Standard input ("-")');
  const items: PutItem[] = [{ key, body: process.stdin }];
  return (source as readonly string[]).map((one) => (one === STDIN ? items : one));
}

/** A command line with the command `uploads`. */
export interface ParsedUploads {
  readonly command: 'uploads';
  readonly options: UploadsOptions;
  readonly output: OutputOptions;
  /** The options, with where each was given. */
  readonly settings: ConfigLayer;
  /** Abort without asking. */
  readonly yes: boolean;
}

/** Reads the options of the command; throws `UsageError` for options that make no sense together. */
function parseUploads(settings: ConfigLayer, output: OutputOptions): ParsedUploads {
  const values = valuesIn(settings);
  if (values.abortOlderThan === undefined && (values.any === true || values.yes === true))
    throw new UsageError('--any and --yes only matter for aborting uploads.', 'Add --abort-older-than 7d.');
  const bucket = values.bucket;
  if (typeof bucket !== 'string')
    throw new UsageError('No bucket is given.', 'Write s3-parallel-put uploads s3://bucket/prefix.');
  const options = { ...engineOptions(settings, 'uploads'), bucket };
  return { command: 'uploads', options, output, settings, yes: values.yes === true };
}
