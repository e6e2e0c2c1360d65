import { answerToName } from '../options/other-tools.js';
import type { OptionRow } from '../options/row.js';
import { nearOptions, suggestion } from '../options/suggest.js';
import { OPTION_TABLE } from '../options/table.js';
import { GZIP_WORDS, type Rule } from '../options/types.js';
import { msg, type Text } from '../report/message.js';
import { type ConfigLayer, type ConfigValue, isConfigurable } from './layers.js';
import { choiceHint, NUMBER, oneOfThem, wholeNumberOr } from './text-values.js';
import { readYaml, type YamlFile } from './yaml.js';

/** What a config file can hold: every option of the command line by its name in the API, except those that are not configurable, and a few of the API. */
export const CONFIG_ROWS: ReadonlyMap<string, OptionRow> = new Map(
  OPTION_TABLE.filter((row) => (row.faces.includes('cli') || row.inConfigFile === true) && isConfigurable(row))
    .filter(({ name, faces }) => name !== 'config' && (faces.includes('api') || name !== 'gzipType'))
    .map((row) => [row.name, row]),
);

/** Names the JSON Schema of the file for editors, as JSON files do; it is no option. */
const SCHEMA_KEY = '$schema';

/** Reads the options of a config file. Throws `ConfigError` for an unknown option, and for a value of the wrong type. */
export function configFileLayer(file: string): ConfigLayer {
  const yaml = readYaml(file);
  if (yaml.value === null) return new Map();
  if (!isObject(yaml.value)) {
    throw yaml.error(
      [],
      'value',
      'It does not hold options.',
      'Begin each line with the name of an option, as in "mode: add".',
    );
  }
  const options = Object.entries(yaml.value).filter(([name]) => name !== SCHEMA_KEY);
  const settings = options.map(([name, value]) => {
    const row = CONFIG_ROWS.get(name) ?? unknownName(yaml, name);
    const problem = typeProblem(row, value);
    if (problem !== undefined) throw yaml.error([name, ...problem.path], 'value', problem.message, problem.hint);
    return [
      name,
      toSetting(yaml, [name], row.type === 'operands' && typeof value === 'string' ? [value] : value),
    ] as const;
  });
  return new Map(settings);
}

/** Reads the rules of a file; throws `ConfigError` if it holds anything else. */
export function readRulesFile(file: string, flag: string): ConfigValue {
  return { ...parseRules(readYaml(file)), from: `${flag} ${file}`, file };
}

/** The rules of a parsed file; throws `ConfigError` if it holds anything else. */
export function parseRules(yaml: YamlFile): ConfigValue {
  const { value } = yaml;
  if (!Array.isArray(value)) {
    const found = value === null ? 'It is empty' : 'It does not hold a list';
    throw yaml.error(
      [],
      'value',
      `${found}; rules are a list.`,
      msg`Begin each rule with "- match:"; options belong in a file for {config}.`,
    );
  }
  return toSetting(yaml, [], value as readonly Rule[]);
}

function toSetting(yaml: YamlFile, path: readonly string[], value: unknown): ConfigValue {
  return {
    value,
    from: `${yaml.file}:${yaml.at(path, 'key').line}`,
    placeOf: (below) => `${yaml.file}:${yaml.at([...path, ...below], 'value').line}`,
    // In a config file options have their API names, and so they have in errors about it.
    errorAt: (below, text, hint) => {
      const message = String(text);
      return yaml.error([...path, ...below], isKey(below, message) ? 'key' : 'value', message, hint?.toString());
    },
  };
}

/** For an unknown key of a rule the error points at the key, not at its value. */
function isKey(path: readonly (string | number)[], message: string): boolean {
  return path.length === 2 && message.includes(' has the unknown key ');
}

function unknownName(yaml: YamlFile, name: string): never {
  const only = OPTION_TABLE.find((row) => row.name === name);
  const message = only === undefined ? `Unknown option "${name}".` : `The option "${name}" cannot be given in a file.`;
  const rows = [...CONFIG_ROWS.values()];
  const near = answerToName(name, rows)?.text.toString() ?? suggestion(nearOptions(name, rows));
  const all = `Options are: ${[...CONFIG_ROWS.keys()].join(', ')}.`;
  const elsewhere =
    only?.faces.includes('cli') === true
      ? 'Give it on the command line, or as an input of the Action.'
      : 'It works in the API only.';
  throw yaml.error([name], 'key', message, only === undefined ? (near ?? all) : elsewhere);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is wrong with a value of a file. */
export interface Problem {
  /** Keys and indexes that lead to the wrong part of the value. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: Text | undefined;
}

type Check = (row: OptionRow, value: unknown) => Problem | undefined;

/** Why a value has the wrong type for an option; undefined if the type fits. The engine checks what a text says. */
function typeProblem(row: OptionRow, value: unknown): Problem | undefined {
  if (value === null)
    return { path: [], message: `${row.name} has no value.`, hint: 'Give one, or leave the line out.' };
  if (value === '' && row.emptyAllowed === undefined)
    return { path: [], message: `${row.name} is empty text.`, hint: 'Leave it out to use its default.' };
  if (typeof value === row.alsoTakes) return undefined;
  return CHECKS[row.type]?.(row, value);
}

const QUOTED = 'Put quotes around it.';

const text: Check = ({ name }, value) => {
  if (typeof value === 'string') return undefined;
  const hint = isPlain(value) ? QUOTED : undefined;
  return { path: [], message: `${name} is ${shown(value)}; it must be text.`, hint };
};

const textOrTexts: Check = ({ name }, value) => {
  if (!Array.isArray(value)) {
    if (typeof value === 'string') return undefined;
    const hint = 'Put quotes around a text, or give a list of texts.';
    return { path: [], message: `${name} is ${shown(value)}; it must be a text or a list of texts.`, hint };
  }
  if (value.length === 0) return { path: [], message: `${name} is an empty list.`, hint: 'Leave it out.' };
  const index = value.findIndex((one) => typeof one !== 'string' || one === '');
  if (index < 0) return undefined;
  return { path: [index], message: `${name} holds ${shown(value[index])}; it must hold texts.`, hint: QUOTED };
};

const namedTexts: Check = ({ name }, value) => {
  if (typeof value !== 'object' || Array.isArray(value)) {
    const hint =
      name === 'headers' ? 'Write for example {Cache-Control: no-cache}.' : 'Write for example {owner: docs}.';
    return { path: [], message: `${name} is ${shown(value)}; it must be names with their values.`, hint };
  }
  const seen = new Set<string>();
  for (const [key, one] of Object.entries(value ?? {})) {
    if (typeof one !== 'string')
      return { path: [key], message: `${name}: "${key}" is ${shown(one)}; it must be text.`, hint: QUOTED };
    if (seen.has(key.toLowerCase()))
      return { path: [key], message: `${name}: "${key}" is given twice.`, hint: 'Give it once.' };
    seen.add(key.toLowerCase());
  }
  return undefined;
};

const choice: Check = (row, value) => {
  const { name, choices = [] } = row;
  if (typeof value === 'string' && choices.includes(value)) return undefined;
  const message = `${name} is ${shown(value)}; it must be ${oneOfThem(choices)}.`;
  return { path: [], message, hint: typeof value === 'string' ? choiceHint(row, value) : undefined };
};

const wholeNumber: Check = (row, value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return undefined;
  if (typeof value === 'string' && row.choices?.includes(value) === true) return undefined;
  const hint = typeof value === 'string' && /^\d+$/.test(value) ? 'Leave the quotes out.' : undefined;
  return { path: [], message: `${row.name} is ${shown(value)}; it must be ${wholeNumberOr(row)}.`, hint };
};

const anyNumber: Check = ({ name }, value) => {
  if (typeof value === 'number') return undefined;
  const hint = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? 'Leave the quotes out.' : undefined;
  return { path: [], message: `${name} is ${shown(value)}; it must be ${NUMBER}.`, hint };
};

const size: Check = ({ name }, value) => {
  if (typeof value === 'string' || (typeof value === 'number' && value >= 0)) return undefined;
  return { path: [], message: `${name} is ${shown(value)}; it must be bytes, or text such as 8MiB.` };
};

const trueOrFalse: Check = ({ name }, value) => {
  if (typeof value === 'boolean') return undefined;
  return {
    path: [],
    message: `${name} is ${shown(value)}; it must be true or false.`,
    hint: value === 'true' || value === 'false' ? 'Write it without quotes.' : 'Write true or false.',
  };
};

const optional: Check = (row, value) => {
  const { name, choices } = row;
  if (choices === undefined) return gzipValue(row, value);
  if (typeof value === 'boolean' || (typeof value === 'string' && choices.includes(value))) return undefined;
  const message = `${name} is ${shown(value)}; it must be true, false or ${choices.join(', ')}.`;
  return { path: [], message, hint: typeof value === 'string' ? choiceHint(row, value) : undefined };
};

const gzipValue: Check = ({ name }, value) => {
  if (typeof value === 'boolean' || value === 'all' || Array.isArray(value)) return undefined;
  const hint = `A single type is a list of one: ["text/css"]. Words are ${GZIP_WORDS.join(' and ')}.`;
  return {
    path: [],
    message: `${name} is ${shown(value)}; it must be true, false, all, or a list of content types.`,
    hint,
  };
};

const rules: Check = (row, value) => {
  const { name } = row;
  if (name !== 'rules') return text(row, value);
  if (Array.isArray(value)) return undefined;
  const hint =
    typeof value === 'string'
      ? 'Write the rules here as a list, or give their file on the command line: --rules FILE.'
      : 'Begin each rule with "- match:".';
  return { path: [], message: `${name} is ${shown(value)}; it must be a list of rules.`, hint };
};

const listOfRedirects: Check = ({ name }, value) => {
  if (!Array.isArray(value))
    return { path: [], message: `${name} is ${shown(value)}; it must be a list.`, hint: REDIRECTS_FIX };
  const index = value.findIndex((one) => typeof one !== 'object' || one === null || Array.isArray(one));
  if (index < 0) return undefined;
  return { path: [index], message: `${name} holds ${shown(value[index])}; each has from and to.`, hint: REDIRECTS_FIX };
};
const REDIRECTS_FIX = 'Write each as {from: /old, to: /new}.';

const CHECKS: Partial<Record<OptionRow['type'], Check>> = {
  operands: textOrTexts,
  string: text,
  integer: wholeNumber,
  number: anyNumber,
  size,
  switch: trueOrFalse,
  optional,
  choice,
  globs: textOrTexts,
  texts: textOrTexts,
  headers: namedTexts,
  pairs: namedTexts,
  file: rules,
  object: listOfRedirects,
};

function isPlain(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function shown(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value);
}
