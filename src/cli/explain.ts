import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { type ConfigLayer, engineOptions, mergeLayers, valuesIn } from '../config/layers.js';
import { UsageError } from '../errors.js';
import type { PutOptions } from '../options/types.js';
import { counted, number, printable } from '../report/format.js';
import { isFolder } from './command-table.js';
import { EXIT, errorExitCode } from './errors.js';
import { readListFile } from './list-file.js';
import { isS3Url, putOperands } from './operands.js';
import { type OutputOptions, outputOptions, withDryRun } from './output/lines.js';
import { paintFor, printText } from './output/terminal.js';
import { smallFiles } from './values.js';

/** A command line with the command `explain`. */
export interface ParsedExplain {
  readonly command: 'explain';
  /** As for a put; `bucket` is absent without a destination. */
  readonly options: Omit<PutOptions, 'bucket'> & { readonly bucket?: string; readonly source: readonly string[] };
  readonly output: OutputOptions;
  /** The options, with where each was given. */
  readonly settings: ConfigLayer;
  readonly about:
    | { readonly file: string }
    /** Names as filters see them, `-` for those on standard input. */
    | { readonly names: readonly string[] };
  /** The file with the paths for the option `filesFrom`, which `options` lacks. */
  readonly filesFrom?: string;
}

const USAGE = 'Write s3-parallel-put explain FILE [SOURCE] [s3://bucket/prefix], with the options of the put.';
const FILTERS_USAGE =
  "Write s3-parallel-put explain --filters [SOURCE] NAME..., with the filters; the name - reads names from standard input. As in explain --filters --exclude '*.map' a.js.map.";

/** Merges the options of the command; the first of `layers` is the command line. Throws `UsageError`. */
export function parseExplain(words: readonly string[], layers: readonly ConfigLayer[]): ParsedExplain {
  const own = layers[0] ?? new Map();
  return own.get('filters')?.value === true ? parseNames(words, layers) : parseFile(words, layers);
}

function parseFile(words: readonly string[], [own = new Map(), ...below]: readonly ConfigLayer[]): ParsedExplain {
  const [file, ...rest] = words;
  if (file === undefined || file === '') throw new UsageError('No file is given to explain.', USAGE);
  if (isS3Url(file)) throw new UsageError(`"${file}" is no file of this machine.`, USAGE);
  if (file === '-' || rest.includes('-'))
    throw new UsageError('Standard input ("-") cannot be explained: it is read only once.', USAGE);
  const { bucket: named, prefix } = valuesIn(own);
  const { source, destination } = putOperands(rest, text(named), text(prefix));
  const flags = new Map(own);
  if (source.length > 0) flags.set('source', { value: source, from: 'command line' });
  if (destination !== undefined) flags.set('bucket', { value: destination, from: 'command line' });
  // A file with a key of its own is the source itself.
  if (source.length === 0 && own.has('as')) flags.set('source', { value: [file], from: 'the file' });
  const merged = withDryRun(mergeLayers([flags, ...below]));
  const folder = { value: [dirname(file)], from: 'the folder of the file' };
  const settings: ConfigLayer = merged.has('source') ? merged : new Map([...merged, ['source', folder]]);
  return parsed(settings, { file });
}

function parseNames(words: readonly string[], [own = new Map(), ...below]: readonly ConfigLayer[]): ParsedExplain {
  const [first, ...rest] = words;
  if (first === undefined) throw new UsageError('No name is given whose filters are to be explained.', FILTERS_USAGE);
  const named = rest.length > 0 && isFolder(first);
  const names = named ? rest : words;
  const url = names.find(isS3Url);
  if (url !== undefined) throw new UsageError(`"${url}" is a bucket: filters need none.`, FILTERS_USAGE);
  const flags = new Map(own);
  if (named) flags.set('source', { value: [first], from: 'command line' });
  flags.delete('as');
  const merged = mergeLayers([flags, ...below]);
  const settings: ConfigLayer = new Map([['source', { value: ['.'], from: 'default' }], ...merged]);
  return parsed(settings, { names });
}

function parsed(settings: ConfigLayer, about: ParsedExplain['about']): ParsedExplain {
  const values = valuesIn(settings);
  const { filesFrom: list, ...engine } = engineOptions(settings, 'put');
  const source = values.source as readonly string[];
  const filesFrom = text(list);
  return {
    command: 'explain',
    options: { ...engine, ...smallFiles(values), source },
    output: outputOptions(settings),
    settings,
    about,
    ...(filesFrom !== undefined && { filesFrom }),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Explains a file or names; resolves with the exit code. Throws `UsageError` for options that cannot work, and for a file that is not in the source. */
export async function runExplain(given: ParsedExplain): Promise<number> {
  const { options, settings, about, filesFrom, output } = given;
  const [engine, environment, origin, { ownPaths }, show] = await Promise.all([
    import('../explain.js'),
    import('../config/connection-environment.js'),
    import('../config/locate-error.js'),
    import('../config/own-files.js'),
    import('./output/explanation.js'),
  ]);
  const { explainPrepared, nameExplainer, NO_BUCKET, ofOneFile } = engine;
  const { explanationJson, explanationText, nameJson, nameText, tellsApart } = show;
  const { bucket = NO_BUCKET } = options;
  const listed =
    filesFrom === undefined || 'names' in about
      ? {}
      : { filesFrom: await readListFile(settings, 'filesFrom', filesFrom, process.stdin) };
  const whole = environment.withConnectionEnvironment(ofOneFile({ ...options, bucket, ...listed }), process.env);
  const prepared = await origin.preparePutWithOrigin(whole, settings);
  const paint = paintFor(process.stdout, process.env);
  if ('file' in about) {
    const checked = { ...prepared, ownFiles: ownPaths(settings) };
    const explanation = await explainPrepared(checked, about.file, options.bucket !== undefined);
    const shown = output.json
      ? `${explanationJson(explanation, settings)}\n`
      : explanationText(explanation, settings, paint);
    const code = await printText(process.stdout, shown);
    const error = explanation.decision?.action === 'refuse' ? undefined : explanation.decision?.error;
    return code === EXIT.done && error !== undefined ? errorExitCode(error, undefined) : code;
  }
  const [root = '.'] = options.source;
  const explain = nameExplainer(prepared, root);
  const names = await namesIn(about.names, given);
  const explained = names.map((name) => explain(nameIn(root, name)));
  const lines = output.json ? explained.map((one) => nameJson(one, settings)) : nameText(explained, settings, paint);
  const code = await printText(process.stdout, lines.map((line) => `${line}\n`).join(''));
  if (output.summary && !output.json) {
    const taken = explained.filter(({ filter, rule }) => filter.taken && rule === undefined).length;
    const others = explained.filter(tellsApart).length;
    const differs = others === 0 ? 'aws s3 would do the same' : `aws s3 would do otherwise with ${number(others)}`;
    process.stderr.write(`${number(taken)} of ${counted(names.length, 'name', 'names')} would be taken; ${differs}.\n`);
  }
  return code;
}

async function namesIn(words: readonly string[], { settings }: ParsedExplain): Promise<readonly string[]> {
  const names: string[] = [];
  for (const word of words)
    for (const name of word === '-' ? await readListFile(settings, 'filters', '-', process.stdin) : [word])
      names.push(name);
  return names;
}

/** A name as filters see it: relative to the source, also where it was written from the working directory or the root. */
function nameIn(root: string, name: string): string {
  const path = name
    .replaceAll(sep, '/')
    .replace(/^(?:\.\/+)+/, '')
    .replace(/\/+$/, '');
  const folder = root
    .replaceAll(sep, '/')
    .replace(/^(?:\.\/+)+/, '')
    .replace(/\/+$/, '');
  if (folder !== '' && folder !== '.' && path.startsWith(`${folder}/`)) return path.slice(folder.length + 1);
  const below = isAbsolute(name) ? relative(resolve(root), name).split(sep).join('/') : path;
  if (below === '' || below === '.' || isAbsolute(below) || below.split('/').includes('..'))
    throw new UsageError(
      `"${printable(name)}" is no name of a file in the source "${printable(root)}".`,
      'Filters see names relative to the source.',
    );
  return below;
}
