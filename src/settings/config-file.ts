import { meant } from '../near-names.js';
import { nearOptions } from '../near-options.js';
import type { OptionRow } from '../option-row.js';
import { OPTION_TABLE } from '../option-table.js';
import type { Rule } from '../put-options.js';
import { isAsked } from './asked.js';
import { typeProblem } from './config-values.js';
import type { Setting, Settings } from './layers.js';
import { readYaml, type YamlFile } from './yaml-file.js';

/** What a config file can hold: every option of the command line by its name in the API, but not what asks for something else than a run. */
const ROWS: ReadonlyMap<string, OptionRow> = new Map(
  OPTION_TABLE.filter((row) => row.faces.includes('cli') && !isAsked(row))
    .filter(({ name, faces }) => name !== 'config' && (faces.includes('api') || name !== 'gzipType'))
    .map((row) => [row.name, row]),
);

/** Options of a config file. Throws `ConfigError` for a name that is no option, and a value of another type than the option's. */
export function configSettings(file: string): Settings {
  const yaml = readYaml(file);
  if (yaml.value === null) return new Map();
  if (!isObject(yaml.value)) {
    throw yaml.refused(
      [],
      'value',
      'It does not hold options.',
      'Begin each line with the name of an option, as in "mode: add".',
    );
  }
  const settings = Object.entries(yaml.value).map(([name, value]) => {
    const row = ROWS.get(name) ?? unknownName(yaml, name);
    const problem = typeProblem(row, value);
    if (problem !== undefined) throw yaml.refused([name, ...problem.path], 'value', problem.message, problem.hint);
    return [
      name,
      settingOf(yaml, [name], row.type === 'operands' && typeof value === 'string' ? [value] : value),
    ] as const;
  });
  return new Map(settings);
}

/** The rules that a file holds; throws `ConfigError` where it holds anything else. */
export function rulesFile(file: string, flag: string): Setting {
  return { ...rulesIn(readYaml(file)), from: `${flag} ${file}` };
}

/** The rules that a text holds; throws `ConfigError` where it holds anything else. */
export function rulesIn(yaml: YamlFile): Setting {
  const { value } = yaml;
  if (!Array.isArray(value)) {
    const found = value === null ? 'It is empty' : 'It does not hold a list';
    throw yaml.refused(
      [],
      'value',
      `${found}; rules are one.`,
      'Begin each rule with "- match:"; options belong in a file for --config.',
    );
  }
  return settingOf(yaml, [], value as readonly Rule[]);
}

function settingOf(yaml: YamlFile, path: readonly string[], value: unknown): Setting {
  return {
    value,
    from: `${yaml.file}:${yaml.at(path, 'key').line}`,
    refused: (below, message, hint) =>
      yaml.refused([...path, ...below], isKey(below, message) ? 'key' : 'value', message, hint),
  };
}

/** An unknown key of a rule is wrong itself, whatever its value. */
function isKey(path: readonly (string | number)[], message: string): boolean {
  return path.length === 2 && message.includes(' has the unknown key ');
}

function unknownName(yaml: YamlFile, name: string): never {
  const only = OPTION_TABLE.find((row) => row.name === name);
  const message = only === undefined ? `Unknown option "${name}".` : `The option "${name}" cannot be given in a file.`;
  const near = meant(nearOptions(name, [...ROWS.values()]));
  const all = `Options are: ${[...ROWS.keys()].join(', ')}.`;
  const elsewhere =
    only?.faces.includes('cli') === true
      ? 'Give it on the command line, or as an input of the Action.'
      : 'It works in the API only.';
  throw yaml.refused([name], 'key', message, only === undefined ? (near ?? all) : elsewhere);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
