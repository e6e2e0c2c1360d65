import type { UsageError } from '../errors.js';
import type { OptionCommand, OptionRow } from '../options/row.js';
import { apiRows } from '../options/table.js';
import type { Text } from '../report/message.js';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of one option, and where it was given. */
export interface ConfigValue {
  readonly value: unknown;
  /** A flag, a variable, or `file:line`. */
  readonly from: string;
  /** It comes from a config file that was found in the working directory and that `--config` does not name. */
  readonly found?: true;
  /** The file that a flag or variable names and that holds the value. */
  readonly file?: string;
  /** Where a part of the value is in its file, as `file:line`; absent where there is none. @param path keys and indexes that lead to it */
  readonly placeOf?: (path: readonly (string | number)[]) => string;
  /**
   * The error for this value, with the place where it was given; absent if the message names the place already.
   * @param path keys and indexes that lead to the wrong part of the value
   */
  readonly errorAt?: (path: readonly (string | number)[], message: Text, hint?: Text) => UsageError;
}

/** The options of one place, such as a config file, by the names of their rows. */
export type ConfigLayer = ReadonlyMap<string, ConfigValue>;

/** The other options that a setting overrides in the layers below it; by the setting's name. */
const OVERRIDDEN_WITH: Readonly<Record<string, (value: unknown) => readonly string[]>> = {
  // Both are one ordered list.
  include: () => ['exclude'],
  exclude: () => ['include'],
  // An s3:// URL is the whole destination.
  bucket: (value) => (isUrl(value) ? ['prefix'] : []),
  verbose: (value) => (value === true ? ['quiet'] : []),
  quiet: (value) => (value !== false ? ['verbose'] : []),
  check: (value) => (value === true ? ['dryRun'] : []),
  dryRun: (value) => (value === false ? ['check'] : []),
  // Each says whose credentials are used.
  s3cfg: () => ['profile', 'sourceProfile'],
  profile: () => ['s3cfg'],
  sourceProfile: () => ['s3cfg'],
  destS3cfg: () => ['destProfile'],
  destProfile: () => ['destS3cfg'],
};

/** Merges layers, the highest first: a value replaces the value of a lower layer as a whole, and is never joined with it. */
export function mergeLayers(layers: readonly ConfigLayer[]): ConfigLayer {
  const all = new Map<string, ConfigValue>();
  const overridden = new Set<string>();
  for (const layer of layers) {
    const prefixAbove = all.has('prefix');
    const added = [...layer].filter(([name]) => !all.has(name) && !overridden.has(name));
    for (const [name, setting] of added) all.set(name, name === 'bucket' && prefixAbove ? bare(setting) : setting);
    for (const [name, { value }] of added)
      for (const other of OVERRIDDEN_WITH[name]?.(value) ?? []) overridden.add(other);
  }
  return all;
}

/** A bucket's URL without its prefix, where a higher layer gives another prefix. */
function bare(setting: ConfigValue): ConfigValue {
  return isUrl(setting.value) ? { ...setting, value: setting.value.replace(/^(s3:\/\/[^/]*).*$/s, '$1') } : setting;
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('s3://');
}

/** Values of the options by the names of their rows; what was not given is absent. */
export type Values = Readonly<Record<string, unknown>>;

/** The values alone. */
export function valuesIn(settings: ConfigLayer): Values {
  return Object.fromEntries([...settings].map(([name, { value }]) => [name, value]));
}

const TAKEN: Readonly<Record<OptionCommand, ReadonlySet<string>>> = {
  put: namesOf(apiRows('put')),
  copy: namesOf(apiRows('copy')),
  uploads: namesOf(apiRows('uploads')),
  delete: namesOf(apiRows('delete')),
  explain: namesOf(apiRows('explain')),
  finish: namesOf(apiRows('finish')),
  worker: namesOf(apiRows('worker')),
};

function namesOf(rows: readonly OptionRow[]): ReadonlySet<string> {
  return new Set(rows.map(({ name }) => name));
}

/** The values that the function of a command takes; what only a face uses is left out. */
export function engineOptions(settings: ConfigLayer, command: OptionCommand): Values {
  return valuesIn(new Map([...settings].filter(([name]) => TAKEN[command].has(name))));
}

const NOT_CONFIGURABLE: ReadonlySet<string> = new Set([
  'help',
  'version',
  'command',
  'printConfig',
  'abortOlderThan',
  'any',
  'yes',
  'filters',
  'as',
  'destination',
  'shard',
  'reports',
  'shards',
]);

/** Whether a variable or a config file can set the option. Options about this one call are flags or inputs only. */
export function isConfigurable({ name }: OptionRow): boolean {
  return !NOT_CONFIGURABLE.has(name);
}
