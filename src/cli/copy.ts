import { copyKey, readList } from '../config/key-list.js';
import { engineOptions, merged, type Settings, valuesIn } from '../config/layers.js';
import { UsageError } from '../errors.js';
import { apiRows } from '../options/table.js';
import type { CopyOptions } from '../options/types.js';
import { copyPlaces } from './operands.js';
import { type OutputOptions, outputOptions, withDryRun } from './output.js';
import { readS3cfg, type S3cfg } from './s3cfg.js';

/** Files whose content is a part of the options, by the names of their rows. */
export interface CopyFiles {
  readonly keysFile: string | undefined;
  readonly prefixesFile: string | undefined;
  readonly s3cfg: string | undefined;
  readonly destS3cfg: string | undefined;
}

/** The command `copy`, as a command line asks for it. */
export interface CopyAsked {
  readonly command: 'copy';
  /** Without what the files hold. */
  readonly options: CopyOptions;
  readonly files: CopyFiles;
  readonly output: OutputOptions;
  /** The options by where they were given. */
  readonly settings: Settings;
}

const API_NAMES: ReadonlySet<string> = new Set(apiRows('copy').map(({ name }) => name));

/** What cannot be given together: each says the same of a side. */
const TWO_ACCOUNTS: readonly (readonly [string, string])[] = [
  ['s3cfg', 'profile'],
  ['s3cfg', 'sourceProfile'],
  ['destS3cfg', 'destProfile'],
];

/** Puts the command together; `places` begin with the command line. Throws `UsageError`. */
export function copyAsked(words: readonly string[], places: readonly Settings[], printed: boolean): CopyAsked {
  const { source, destination } = copyPlaces(printed && words.length === 0 ? ['s3://source', 's3://dest'] : words);
  const [own = new Map(), ...below] = places;
  const from = 'command line';
  const operands: Settings = new Map([
    ['source', { value: source, from }],
    ['destination', { value: destination, from }],
  ]);
  const settings = withDryRun(merged([new Map([...own, ...(words.length === 0 ? [] : operands)]), ...below]));
  const values = valuesIn(settings);
  for (const [one, other] of TWO_ACCOUNTS)
    if (settings.has(one) && settings.has(other)) throw twice(settings, one, other);
  if (values.keysFile === '-' && values.prefixesFile === '-')
    throw new UsageError('Keys and prefixes are both to come from standard input; it can be read once.');
  const key = textsOf(values.key).map(copyKey);
  const fromPrefix = textsOf(values.fromPrefix);
  const options: CopyOptions = {
    ...engineOptions(values, API_NAMES),
    source,
    destination,
    ...(key.length > 0 && { key }),
    ...(fromPrefix.length > 0 && { fromPrefix }),
  };
  const file = (name: string): string | undefined => textsOf(values[name])[0];
  const files = {
    keysFile: file('keysFile'),
    prefixesFile: file('prefixesFile'),
    s3cfg: file('s3cfg'),
    destS3cfg: file('destS3cfg'),
  };
  return { command: 'copy', options, files, output: outputOptions(settings), settings };
}

function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? [value] : [];
}

function twice(settings: Settings, one: string, other: string): UsageError {
  const [first, second] = [settings.get(one), settings.get(other)];
  const message = `${first?.from} and ${second?.from} both say whose credentials are used.`;
  const hint = 'Leave one of them out.';
  return (second?.refused ?? first?.refused)?.([], message, hint) ?? new UsageError(message, hint);
}

/** The options of a copy, with what its files hold; throws `UsageError` for a file that cannot be read. */
export async function withFiles(
  { options, files, settings }: Pick<CopyAsked, 'options' | 'files' | 'settings'>,
  stdin: AsyncIterable<Buffer>,
): Promise<CopyOptions> {
  const list = async (name: 'keysFile' | 'prefixesFile'): Promise<readonly string[]> => {
    const file = files[name];
    return file === undefined ? [] : readList(settings.get(name)?.from ?? name, file, stdin);
  };
  const cfg = (file: string | undefined): S3cfg | undefined =>
    file === undefined ? undefined : readS3cfg(file, options.secure);
  const [both, dest] = [cfg(files.s3cfg), cfg(files.destS3cfg)];
  const key = [...listed(options.key), ...(await list('keysFile')).map(copyKey)];
  const fromPrefix = [...listed(options.fromPrefix), ...(await list('prefixesFile'))];
  return {
    ...withAccounts(options, both, dest),
    ...((options.key !== undefined || files.keysFile !== undefined) && { key }),
    ...((options.fromPrefix !== undefined || files.prefixesFile !== undefined) && { fromPrefix }),
  };
}

function listed<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

/** Fills in what files of s3cmd say: `both` below every option, `dest` below those of the destination alone. */
export function withAccounts(options: CopyOptions, both: S3cfg | undefined, dest: S3cfg | undefined): CopyOptions {
  if (both === undefined && dest === undefined) return options;
  const { endpointUrl, region, profile, ...rest } = options;
  const common = {
    endpointUrl: endpointUrl ?? both?.endpointUrl,
    region: region ?? both?.region,
    profile,
    proxy: options.proxy ?? both?.proxy,
    forcePathStyle: options.forcePathStyle ?? pathStyle(options, both, dest),
  };
  if (dest === undefined) {
    const credentials = both?.credentials;
    // A profile of the destination is another account, so that the file's is the source's alone.
    return given({
      ...rest,
      ...common,
      [options.destProfile === undefined ? 'credentials' : 'sourceCredentials']: credentials,
    });
  }
  const { proxy, forcePathStyle } = common;
  return given({
    ...rest,
    proxy,
    forcePathStyle,
    sourceEndpointUrl: options.sourceEndpointUrl ?? common.endpointUrl,
    sourceRegion: options.sourceRegion ?? common.region,
    sourceProfile: options.sourceProfile ?? profile,
    sourceCredentials: both?.credentials,
    destEndpointUrl: options.destEndpointUrl ?? dest.endpointUrl,
    destRegion: options.destRegion ?? dest.region ?? region,
    destCredentials: dest.credentials,
  });
}

/** One option holds for both sides, so it is set only where nothing says otherwise of one. */
function pathStyle(options: CopyOptions, both: S3cfg | undefined, dest: S3cfg | undefined): boolean | undefined {
  const { sourceEndpointUrl, destEndpointUrl, endpointUrl } = options;
  if ([sourceEndpointUrl, destEndpointUrl, endpointUrl].some((own) => own !== undefined)) return undefined;
  if (dest === undefined) return both?.pathStyle;
  return both?.pathStyle === dest.pathStyle ? dest.pathStyle : undefined;
}

/** Without what is undefined. */
function given(options: CopyOptions): CopyOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as CopyOptions;
}
