import { type ConfigLayer, type ConfigValue, type Environment, isConfigurable } from '../config/layers.js';
import { givenTexts, type TextForm } from '../config/text-values.js';
import { UsageError } from '../errors.js';
import { inputName } from '../options/names.js';
import type { OptionRow } from '../options/row.js';
import { nearSpellings, suggestion } from '../options/suggest.js';
import { CLI_FLAGS, OPTION_TABLE } from '../options/table.js';
import { msg } from '../report/message.js';
import { FLAGS } from './flags.js';
import { quoted, readValues } from './values.js';

const PREFIX = 'S3PP_';
/** Variables of this package's own tests. */
const TEST_VARIABLES: readonly string[] = ['S3PP_SERVERS', 'S3PP_SERVERS_CACHE'];
const VARIABLE: TextForm = {
  booleans: new Map([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ]),
  booleanWords: 'true or false, or 1 or 0',
  example: (as, value) => `${as}=${quoted(value)}`,
};

/** The options that variables can set, by the name of the variable. */
export const VARIABLES: ReadonlyMap<string, OptionRow> = new Map(
  [...OPTION_TABLE.filter(({ type }) => type === 'operands'), ...CLI_FLAGS]
    .filter((row) => isConfigurable(row))
    .map((row) => [variableName(row.flag ?? row.name), row]),
);

/** The same by the option's name in the API, where its flag has another: `S3PP_HEADERS` for `--header`. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map(
  [...VARIABLES].flatMap(([as, row]) => {
    const other = variableName(inputName(row.name));
    return VARIABLES.has(other) ? [] : [[other, as]];
  }),
);

const SPELLINGS: ReadonlyMap<string, OptionRow> = new Map([...FLAGS].map(([name, { row }]) => [name, row]));

/**
 * Reads options from `S3PP_` variables: the name of the flag or of the API in capitals; lists and pairs have one entry per line, switches are true, false, 1 or 0.
 * An empty variable counts as absent. Throws `UsageError` for a value that cannot be read,
 * and where both names of an option are set.
 */
export function environmentConfig(env: Environment): ConfigLayer {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  const given = [...VARIABLES].flatMap(([flagName, row]) => {
    const other = [...OTHER_NAMES].find(([name, meant]) => meant === flagName && isSet(name))?.[0];
    if (other !== undefined && isSet(flagName))
      throw new UsageError(`${other} and ${flagName} are one option, and both are set.`, 'Unset one of them.');
    const as = other ?? flagName;
    return isSet(as) ? givenTexts(row, as, env[as] ?? '', VARIABLE) : [];
  });
  const settings = new Map<string, ConfigValue>();
  for (const [name, value] of Object.entries(readValues(given, VARIABLE))) {
    const as = given.find(({ row }) => row.name === name || (name === 'gzip' && row.name === 'gzipType'))?.as;
    settings.set(name, settingOf(as ?? variableName(name), value));
  }
  return settings;
}

/** Warnings about `S3PP_` variables that name no option and may be misspelt. Their values are not shown. */
export function unknownVariables(env: Environment): readonly string[] {
  const unknown = Object.keys(env).filter(
    (name) =>
      name.startsWith(PREFIX) && !VARIABLES.has(name) && !OTHER_NAMES.has(name) && !TEST_VARIABLES.includes(name),
  );
  return unknown.sort().map((name) => {
    const typed = name.slice(PREFIX.length).toLowerCase().replaceAll('_', '-');
    const rows = nearSpellings(typed, SPELLINGS).flatMap((flag) => FLAGS.get(flag)?.row ?? []);
    const near = rows.filter((row) => isConfigurable(row)).map((row) => variableName(row.flag ?? row.name));
    const hint = suggestion([...new Set(near)]);
    return `The variable ${name} names no option.${hint === undefined ? '' : ` ${hint}`}`;
  });
}

function variableName(flag: string): string {
  return PREFIX + flag.toUpperCase().replaceAll('-', '_');
}

function settingOf(as: string, value: unknown): ConfigValue {
  return { value, from: as, errorAt: (_path, message, hint) => new UsageError(msg`${as}: ${message}`, hint) };
}
