import { lstatSync, type Stats, statSync } from 'node:fs';
import { ConfigError } from '../config/config-error.js';
import type { FoundRefusal } from '../config/found-file.js';
import type { ConfigLayer, ConfigValue, Environment } from '../config/layers.js';
import { UsageError } from '../errors.js';
import { textIn } from '../report/message.js';
import type { Argv } from './argv.js';
import { isFolder } from './command-table.js';
import { environmentConfig, unknownVariables } from './environment.js';
import type { FoundConfig } from './found-config.js';

/** The options of the environment and of files, which the command line overrides. */
export interface ConfigLayers {
  /** The highest first. */
  readonly layers: readonly ConfigLayer[];
  /** The rules in the file that the command line names. */
  readonly rules?: ConfigValue;
  readonly warnings: readonly string[];
  /** The config file that was found and not named, with all its options. */
  readonly found?: FoundConfig;
}

/** Throws the first error, if there is one. */
export function throwFirst([first]: readonly FoundRefusal[]): void {
  if (first !== undefined) throw first.error;
}

export const NO_CONFIG: ConfigLayers = { layers: [], warnings: [] };

const FOUND = 'found in the working directory';
/** Their names. */
const CONFIG_FILES = ['yaml', 'yml', 'json'].map((ending) => `s3-parallel-put.config.${ending}`);

/** Whether the environment and files are read for a command line. */
export function readsConfig(argv: Argv): boolean {
  if (argv.given.some(({ row }) => row.name === 'help' || row.name === 'version')) return false;
  const command = commandOf(argv);
  // A folder of that name may be meant, and then a bucket in a file decides.
  return command === undefined || !['completion', 'help', 'version'].includes(command) || isFolder(command);
}

/** The word that can be a command. */
function commandOf({ given, operands }: Argv): string | undefined {
  const [first] = operands;
  return textOf(given, 'command') ?? (first?.literal === true ? undefined : first?.text);
}

/** Reads the `S3PP_` variables, the config file, and files of rules. Throws `UsageError`; for an error in a file with the position in it. */
export async function readConfigLayers(argv: Argv, env: Environment): Promise<ConfigLayers> {
  const { given } = argv;
  const variables = new Map(environmentConfig(env));
  // Other commands do not use the file, so it need not exist.
  if (['copy', 'uploads', 'delete'].includes(commandOf(argv) ?? '')) variables.delete('rules');
  const config = configSetting(textOf(given, 'config'), variables.get('config'));
  const [rules, below] = [textOf(given, 'rules'), variables.get('rules')];
  const layers = [variables];
  const warnings = unknownVariables(env);
  if (config === undefined && rules === undefined && below === undefined) return { layers, warnings };

  const { configFileLayer, readRulesFile } = await import('../config/config-file.js');
  if (below !== undefined)
    variables.set(
      'rules',
      readNamedFile(below, (file) => readRulesFile(file, below.from)),
    );
  const own = config === undefined ? undefined : readNamedFile(config, configFileLayer);
  const found = config?.from === FOUND ? new Map([...(own ?? [])].map(markFound)) : undefined;
  if (config !== undefined) layers.push(new Map([...(found ?? own ?? []), ['config', config]]));
  return {
    layers,
    warnings,
    ...(found !== undefined && { found: await loadFoundConfig(String(config?.value), found) }),
    ...(rules !== undefined && { rules: readRulesFile(rules, '--rules') }),
  };
}

async function loadFoundConfig(file: string, settings: ConfigLayer): Promise<FoundConfig> {
  const { foundConfig } = await import('./found-config.js');
  return foundConfig(file, settings);
}

function markFound([name, setting]: readonly [string, ConfigValue]): readonly [string, ConfigValue] {
  return [name, { ...setting, found: true }];
}

/** Reads the file that a setting names; if a variable does, an error about the file names the variable. */
function readNamedFile<T>(setting: ConfigValue, read: (file: string) => T): T {
  const file = String(setting.value);
  try {
    return read(file);
  } catch (error) {
    const errorAt = error instanceof UsageError && !(error instanceof ConfigError) ? setting.errorAt : undefined;
    throw errorAt === undefined ? error : errorAt([], textIn(error as UsageError, 'message'), textIn(error, 'hint'));
  }
}

function configSetting(flag: string | undefined, variable: ConfigValue | undefined): ConfigValue | undefined {
  if (flag !== undefined) return { value: flag, from: '--config' };
  const found = variable === undefined ? findConfigFile() : undefined;
  return found === undefined ? variable : { value: found, from: FOUND };
}

function findConfigFile(): string | undefined {
  const [first, second] = CONFIG_FILES.filter((name) => lstatSync(name, { throwIfNoEntry: false }) !== undefined);
  if (first === undefined) return undefined;
  if (second === undefined) return regularFile(first);
  const hint = 'Remove one, or name one with --config.';
  throw new UsageError(`There are two config files here: ${first} and ${second}.`, hint);
}

/** A pipe would hang the run, and a link that leads nowhere would be a file that nobody reads. */
function regularFile(name: string): string {
  let stats: Stats | undefined;
  let why = 'is neither a file nor a link to one';
  try {
    stats = statSync(name);
  } catch (error) {
    why = `cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
  if (stats?.isFile() === true) return name;
  throw new UsageError(
    `The config file ${name} in the working directory ${why}.`,
    'Remove it, or name another one by --config.',
  );
}

function textOf(given: Argv['given'], name: string): string | undefined {
  const value = given.find(({ row }) => row.name === name)?.value;
  return typeof value === 'string' ? value : undefined;
}
