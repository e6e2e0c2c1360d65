import { existsSync } from 'node:fs';
import { ConfigError } from '../config/config-error.js';
import type { ConfigLayer, ConfigValue } from '../config/layers.js';
import { UsageError } from '../errors.js';
import { textIn } from '../report/message.js';
import type { Argv } from './argv.js';

/** What the environment and files say, below the command line. */
export interface ConfigLayers {
  /** The highest first. */
  readonly places: readonly ConfigLayer[];
  /** The rules in the file that the command line names. */
  readonly rules?: ConfigValue;
  readonly warnings: readonly string[];
  /** The config file that nobody named, and all that it holds. */
  readonly found?: FoundConfig;
}

/** A config file that was found in the working directory. */
export interface FoundConfig {
  readonly file: string;
  readonly settings: ConfigLayer;
}

export const NO_CONFIG: ConfigLayers = { places: [], warnings: [] };

const FOUND = 'found in the working directory';
/** Looked for there. */
const CONFIG_FILES = ['yaml', 'yml', 'json'].map((ending) => `s3-parallel-put.config.${ending}`);

/** Whether a command line asks for a run, so that the environment and files are read for it. */
export function isRun(argv: Argv): boolean {
  if (argv.given.some(({ row }) => row.name === 'help' || row.name === 'version')) return false;
  return commandOf(argv) !== 'completion';
}

/** The word that may be a command. */
function commandOf({ given, operands }: Argv): string | undefined {
  const [first] = operands;
  return textOf(given, 'command') ?? (first?.literal === true ? undefined : first?.text);
}

/** Reads the `S3PP_` variables, the config file, and files of rules. Throws `UsageError`, for what a file holds with the place in it. */
export async function readConfigLayers(
  argv: Argv,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ConfigLayers> {
  const { given } = argv;
  const { environmentConfig, unknownVariables } = await import('./environment.js');
  const variables = new Map(environmentConfig(env));
  // Its file need not be there for other commands.
  if (['copy', 'uploads'].includes(commandOf(argv) ?? '')) variables.delete('rules');
  const config = configOf(textOf(given, 'config'), variables.get('config'));
  const [rules, below] = [textOf(given, 'rules'), variables.get('rules')];
  const places = [variables];
  const warnings = unknownVariables(env);
  if (config === undefined && rules === undefined && below === undefined) return { places, warnings };

  const { configFileLayer, rulesFile } = await import('../config/config-file.js');
  if (below !== undefined)
    variables.set(
      'rules',
      byVariable(below, (file) => rulesFile(file, below.from)),
    );
  const own = config === undefined ? undefined : byVariable(config, configFileLayer);
  const found = config?.from === FOUND ? new Map([...(own ?? [])].map(asFound)) : undefined;
  if (config !== undefined) places.push(new Map([...(found ?? own ?? []), ['config', config]]));
  return {
    places,
    warnings,
    ...(found !== undefined && { found: { file: String(config?.value), settings: found } }),
    ...(rules !== undefined && { rules: rulesFile(rules, '--rules') }),
  };
}

function asFound([name, setting]: readonly [string, ConfigValue]): readonly [string, ConfigValue] {
  return [name, { ...setting, found: true }];
}

/** Reads the file that a setting names; where a variable does, an error about the file names that. */
function byVariable<T>(setting: ConfigValue, read: (file: string) => T): T {
  const file = String(setting.value);
  try {
    return read(file);
  } catch (error) {
    const { refused } = setting;
    if (refused === undefined || !(error instanceof UsageError) || error instanceof ConfigError) throw error;
    throw refused([], textIn(error, 'message'), textIn(error, 'hint'));
  }
}

function configOf(flag: string | undefined, variable: ConfigValue | undefined): ConfigValue | undefined {
  if (flag !== undefined) return { value: flag, from: '--config' };
  const found = variable === undefined ? foundConfig() : undefined;
  return found === undefined ? variable : { value: found, from: FOUND };
}

function foundConfig(): string | undefined {
  const [first, second] = CONFIG_FILES.filter((name) => existsSync(name));
  if (second === undefined) return first;
  const hint = 'Remove one, or name the one that counts with --config.';
  throw new UsageError(`There are two config files here: ${first} and ${second}.`, hint);
}

function textOf(given: Argv['given'], name: string): string | undefined {
  const value = given.find(({ row }) => row.name === name)?.value;
  return typeof value === 'string' ? value : undefined;
}
