import { UsageError } from '../errors.js';
import { OPTION_TABLE } from '../option-table.js';
import type { PutOptions } from '../put-options.js';
import { type Argv, type Given, readArgv } from './argv.js';
import { commandOf } from './command-word.js';
import { merged, type Setting, type Settings, valuesIn } from './layers.js';
import { neededPlaces, placesIn } from './operands.js';
import { type Below, NOTHING_BELOW } from './settings.js';
import { smallFiles, stdinAsked } from './sources-asked.js';
import { didYouMean } from './suggest.js';
import { refuseUploadsOptions, type UploadsAsked, uploadsAsked, uploadsPlace } from './uploads-asked.js';
import { engineOptions, type Values, valuesOf } from './values.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** How a run is shown. */
export interface OutputOptions {
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly progress: boolean;
  /** Exit with 1 if anything would change. */
  readonly check: boolean;
}

/** What a command line asks for. */
export type Invocation =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | { readonly command: 'completion'; readonly shell: Shell }
  | { readonly command: 'print-config'; readonly settings: Settings }
  | {
      readonly command: 'put';
      readonly options: PutOptions;
      readonly output: OutputOptions;
      /** The options by where they were given. */
      readonly settings: Settings;
      /** Key of what comes from standard input, which is the source `-`. */
      readonly stdinKey?: string;
    }
  | UploadsAsked;

const API_NAMES: ReadonlySet<string> = new Set(
  OPTION_TABLE.filter(({ faces }) => faces.includes('api')).map(({ name }) => name),
);

/** Reads a command line alone, without `node` and the script; throws `UsageError`. Looks at the file system only to tell names apart. */
export function parseCommandLine(argv: readonly string[]): Invocation {
  return parse(readArgv(argv), NOTHING_BELOW);
}

/** Puts a command line together with what the environment and files say below it; throws `UsageError`. */
export function parse({ given, operands }: Argv, below: Below): Invocation {
  const values = valuesOf(given);
  if (values.help === true) return { command: 'help' };
  if (values.version === true) return { command: 'version' };
  const bucket = text(values.bucket);
  const lower = merged(below.places);
  const { command, words } = commandOf(operands, text(values.command), bucket !== undefined || lower.has('bucket'));
  if (command === 'completion') {
    const stray = given.find(({ row }) => row.name !== 'command');
    if (stray !== undefined) throw new UsageError(`The command "completion" takes no ${stray.as}.`);
    return { command, shell: shellOf(words) };
  }
  const { source, destination } =
    command === 'uploads' ? uploadsPlace(words) : placesIn(words, bucket, text(values.prefix));
  const own = new Map<string, Setting>();
  for (const [name, value] of Object.entries(values)) own.set(name, { value, from: spelling(given, name) });
  // Without its content, a file of rules says nothing yet.
  if (own.delete('rules') && below.rules !== undefined) own.set('rules', below.rules);
  if (source.length > 0) own.set('source', { value: source, from: 'command line' });
  if (destination !== undefined) own.set('bucket', { value: destination, from: 'command line' });
  const settings = merged([own, ...below.places]);
  if (values.printConfig === true) return { command: 'print-config', settings };
  const all = valuesIn(settings);
  const output = outputOptions(all);
  if (command === 'uploads') return uploadsAsked({ given, values: all }, output);
  refuseUploadsOptions(given);
  const places = neededPlaces(all.source as readonly string[] | undefined, text(all.bucket));
  const options: PutOptions = { ...engineOptions(all, API_NAMES), ...places, ...smallFiles(all) };
  const { stdinKey } = stdinAsked(places.source, text(all.stdinKey));
  const stdin = stdinKey === undefined ? {} : { stdinKey };
  return { command, options: output.check ? { ...options, dryRun: true } : options, output, settings, ...stdin };
}

/** The flag that gave a value, as it was written. */
function spelling(given: readonly Given[], name: string): string {
  return given.find(({ row }) => row.name === name || (name === 'gzip' && row.name === 'gzipType'))?.as ?? name;
}

function outputOptions(values: Values): OutputOptions {
  const verbose = values.verbose === true;
  const quiet = values.quiet === true;
  const check = values.check === true;
  if (verbose && quiet) throw new UsageError('--verbose and --quiet contradict each other.');
  if (check && values.dryRun === false) throw new UsageError('--check and --no-dry-run contradict each other.');
  if (values.secure === false && /^https:/i.test(text(values.endpointUrl) ?? '')) {
    throw new UsageError(
      '--insecure and an https:// endpoint contradict each other.',
      'Leave --insecure out, or write http://.',
    );
  }
  return { verbose, quiet, check, json: values.json === true, progress: values.progress !== false };
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

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
