import { UsageError } from '../errors.js';
import { didYouMean } from '../near-names.js';
import { apiRows } from '../option-table.js';
import type { PutOptions } from '../put-options.js';
import { engineOptions } from '../settings/engine-options.js';
import type { FoundRefusal } from '../settings/found-file.js';
import { merged, type Setting, type Settings, valuesIn } from '../settings/layers.js';
import { type Argv, type Given, readArgv } from './argv.js';
import { commandOf } from './command-word.js';
import { type CopyAsked, copyAsked } from './copy-asked.js';
import { foundNotice, refuse, refusedOf } from './found-config.js';
import { refuseStray, settingsOf } from './of-command.js';
import { neededPlaces, placesIn } from './operands.js';
import { type OutputOptions, outputOptions, withDryRun } from './output-options.js';
import { type Below, NOTHING_BELOW } from './settings.js';
import { smallFiles, stdinAsked } from './sources-asked.js';
import { type UploadsAsked, uploadsAsked, uploadsPlace } from './uploads-asked.js';
import { valuesOf } from './values.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What a command line asks for. */
export type Invocation =
  | { readonly command: 'help'; readonly about?: 'copy' }
  | { readonly command: 'version' }
  | { readonly command: 'completion'; readonly shell: Shell }
  | {
      readonly command: 'print-config';
      /** As for a put, with something in the place of a source or bucket that is not given. */
      readonly options: PutOptions;
      readonly settings: Settings;
      /** What a config file sets that may not, because nobody named it. */
      readonly refused: readonly FoundRefusal[];
    }
  | {
      readonly command: 'print-copy-config';
      readonly asked: CopyAsked;
      readonly refused: readonly FoundRefusal[];
    }
  | ({
      readonly command: 'put';
      readonly options: PutOptions;
      readonly output: OutputOptions;
      /** The options by where they were given. */
      readonly settings: Settings;
      /** Key of what comes from standard input, which is the source `-`. */
      readonly stdinKey?: string;
    } & Noticed)
  | (CopyAsked & Noticed)
  | (UploadsAsked & Noticed);

/** What is said before the run begins. */
interface Noticed {
  /** Which config file was found, and what it sets. */
  readonly notice: string | undefined;
}

const API_NAMES: ReadonlySet<string> = new Set(apiRows('put').map(({ name }) => name));

/** Reads a command line alone, without `node` and the script; throws `UsageError`. Looks at the file system only to tell names apart. */
export function parseCommandLine(argv: readonly string[]): Invocation {
  return parse(readArgv(argv), NOTHING_BELOW);
}

/** Puts a command line together with what the environment and files say below it; throws `UsageError`. */
export function parse({ given, operands }: Argv, below: Below): Invocation {
  const values = valuesOf(given);
  if (values.help === true)
    return operands[0]?.text === 'copy' ? { command: 'help', about: 'copy' } : { command: 'help' };
  if (values.version === true) return { command: 'version' };
  const bucket = text(values.bucket);
  const lower = merged(below.places);
  const { command, words } = commandOf(operands, text(values.command), bucket !== undefined || lower.has('bucket'));
  if (command === 'completion') {
    const stray = given.find(({ row }) => row.name !== 'command');
    if (stray !== undefined) throw new UsageError(`The command "completion" takes no ${stray.as}.`);
    return { command, shell: shellOf(words) };
  }
  refuseStray(given, command);
  const places = below.places.map((place) => settingsOf(place, command));
  const own = new Map<string, Setting>();
  for (const [name, value] of Object.entries(values)) own.set(name, { value, from: spelling(given, name) });
  // Without its content, a file of rules says nothing yet.
  if (own.delete('rules') && below.rules !== undefined) own.set('rules', below.rules);
  const printed = values.printConfig === true;
  if (!printed) refuse(refusedOf(below));
  if (command === 'copy') {
    const asked = copyAsked(words, [own, ...places], printed);
    const refused = refusedOf(below, asked.settings, JSON.stringify(asked.options.destination));
    if (printed) return { command: 'print-copy-config', asked, refused };
    refuse(refused);
    return { ...asked, notice: foundNotice(below.found, asked.settings) };
  }
  const { source, destination } =
    command === 'uploads' ? uploadsPlace(words) : placesIn(words, bucket, text(values.prefix));
  if (source.length > 0) own.set('source', { value: source, from: 'command line' });
  if (destination !== undefined) own.set('bucket', { value: destination, from: 'command line' });
  const settings = withDryRun(merged([own, ...places]));
  const refused = refusedOf(below, settings);
  if (!printed) refuse(refused);
  const all = valuesIn(settings);
  const output = outputOptions(settings);
  const notice = foundNotice(below.found, settings);
  if (command === 'uploads') return { ...uploadsAsked(all, output), notice };
  const [sources, name] = [all.source as readonly string[] | undefined, text(all.bucket)];
  const needed = printed ? neededPlaces(sources ?? ['.'], name ?? 'bucket') : neededPlaces(sources, name);
  const options: PutOptions = { ...engineOptions(all, API_NAMES), ...needed, ...smallFiles(all) };
  if (printed) return { command: 'print-config', options, settings, refused };
  const { stdinKey } = stdinAsked(needed.source, text(all.stdinKey));
  const stdin = stdinKey === undefined ? {} : { stdinKey };
  return { command, options, output, settings, notice, ...stdin };
}

/** The flag that gave a value, as it was written. */
function spelling(given: readonly Given[], name: string): string {
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

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
