import { configFileLayer, parseRules } from '../config/config-file.js';
import { type ConfigLayer, type ConfigValue, type Environment, mergeLayers } from '../config/layers.js';
import { givenTexts, readChoice, readOption, type TextForm } from '../config/text-values.js';
import { parseYaml } from '../config/yaml.js';
import { UsageError } from '../errors.js';
import { inputName } from '../options/names.js';
import { answerToName } from '../options/other-tools.js';
import type { OptionRow } from '../options/row.js';
import { nearSpellings, suggestion } from '../options/suggest.js';
import { belongsTo, OPTION_TABLE } from '../options/table.js';
import { maskUrl } from '../report/mask-secrets.js';
import { msg, type Text } from '../report/message.js';

/** An input that is not an option of the engine. */
export interface OwnInput {
  readonly name: string;
  readonly description: string;
  readonly default?: string;
}

/** The inputs besides the options. */
export const OWN_INPUTS: readonly OwnInput[] = [
  {
    name: 'command',
    description:
      'What to do: put (upload files into a bucket), copy from bucket to bucket, list and abort unfinished uploads, delete all objects below a prefix, or finish a put whose shards other jobs have uploaded.',
    default: 'put',
  },
  {
    name: 'site-url',
    description:
      'Where visitors find the site, without the prefix. The job summary links to it, and the output url is made of it.',
  },
  {
    name: 'aws-access-key-id',
    description: 'Access key, for servers that have no other credentials (R2, MinIO). Give it as a secret.',
  },
  {
    name: 'aws-secret-access-key',
    description: 'Its secret key. Give it as a secret.',
  },
  {
    name: 'aws-session-token',
    description: 'Its session token, where there is one. Give it as a secret.',
  },
  {
    name: 'aws-region',
    description: 'The same as region.',
  },
  {
    name: 'role-to-assume',
    description:
      'ARN of an IAM role that is assumed by OIDC, again and again in long runs. Needs permissions: id-token: write.',
  },
  {
    name: 'role-session-name',
    description: 'Name of that session, as CloudTrail shows it.',
    default: 's3-parallel-put',
  },
  {
    name: 'role-duration-seconds',
    description:
      'How long each session of role-to-assume is valid, from 900 to 43200 seconds. The maximum session duration of the role must allow it. Long runs renew the session, so the default fits most jobs.',
    default: '3600',
  },
  {
    name: 'audience',
    description:
      'Audience (aud) of the OIDC token for role-to-assume, as the trust policy of the role names it. For AWS in China it is sts.amazonaws.com.cn.',
    default: 'sts.amazonaws.com',
  },
  {
    name: 'summary',
    description: 'Whether the step writes a job summary; summary: false writes none.',
    default: 'true',
  },
];

/** Commands of the Action. */
export const ACTION_COMMANDS = ['put', 'copy', 'uploads', 'delete', 'finish'] as const;
export type ActionCommand = (typeof ACTION_COMMANDS)[number];

/** An option as an input. */
export interface OptionInput {
  readonly input: string;
  readonly row: OptionRow;
}

/** All options that are inputs. */
export const OPTION_INPUTS: readonly OptionInput[] = OPTION_TABLE.filter(({ faces }) => faces.includes('action')).map(
  (row) => ({ input: inputName(row.name), row }),
);

/**
 * Defaults of options in a put that differ from those of the other faces, by the names of their rows: a step mostly deploys a site. Inputs and the
 * config file override them.
 */
export const ACTION_DEFAULTS: Readonly<Record<string, string>> = { order: 'site' };

const DEFAULTS: ConfigLayer = new Map(
  Object.entries(ACTION_DEFAULTS).map(([name, value]) => [name, { value, from: 'the default of the Action' }]),
);

/** The parsed inputs of a step. */
export interface Inputs {
  readonly command: ActionCommand;
  /** Options by the names of their rows: those of the inputs override those of the config file. */
  readonly settings: ConfigLayer;
  /** Inputs that are not options, by their names; empty ones are absent. */
  readonly own: Readonly<Record<string, string>>;
}

/** The names of all inputs, with their options. */
const SPELLINGS: ReadonlyMap<string, OptionRow | undefined> = new Map([
  ...OPTION_INPUTS.map(({ input, row }) => [input, row] as const),
  ...OWN_INPUTS.map(({ name }) => [name, undefined] as const),
]);

/** Reads the inputs from the runner's variables; an empty input counts as not given. Throws `UsageError` naming the input and the fix. */
export function readInputs(env: Environment): Inputs {
  const given = new Map<string, string>();
  for (const [variable, text = ''] of Object.entries(env)) {
    if (!variable.startsWith('INPUT_') || text.trim() === '') continue;
    given.set(variable.slice('INPUT_'.length).toLowerCase(), text.trim());
  }
  for (const name of given.keys()) if (!SPELLINGS.has(name)) throw unknownInput(name);
  const own: Record<string, string> = {};
  for (const { name, default: usual } of OWN_INPUTS) {
    const text = given.get(name) ?? usual;
    if (text !== undefined) own[name] = text;
  }
  const command = readChoice('Input "command"', ACTION_COMMANDS, own.command ?? 'put');
  checkSiteUrl(own['site-url'], command);
  checkSummary(own.summary ?? 'true');
  return { command, settings: readSettings(command, given, own), own };
}

/** The text of an input that is not an option, as its default and the runner give it; undefined for one without a default. */
export function defaultOf(name: string): string | undefined {
  return OWN_INPUTS.find((input) => input.name === name)?.default;
}

/** Whether the step writes a job summary. Also holds where other inputs cannot be used, so it never throws. */
export function wantsSummary(env: Environment): boolean {
  return INPUT.booleans.get((env.INPUT_SUMMARY ?? '').trim()) !== false;
}

function checkSummary(text: string): void {
  if (!INPUT.booleans.has(text))
    throw new UsageError(
      `Input "summary" is "${text}"; it must be ${INPUT.booleanWords}.`,
      'Write summary: false for no job summary.',
    );
}

function readSettings(
  command: ActionCommand,
  given: ReadonlyMap<string, string>,
  own: Readonly<Record<string, string>>,
): ConfigLayer {
  const settings = new Map<string, ConfigValue>();
  for (const { input, row } of OPTION_INPUTS) {
    const text = given.get(input);
    if (text === undefined) continue;
    // The config file is read for every command.
    if (!belongsTo(row, command) && row.name !== 'config')
      throw new UsageError(
        `Input "${input}" is not for the command "${command}".`,
        `${commandsOf(row)}${inputsHint(command)}`,
      );
    settings.set(row.name, inputValue(input, row, text));
  }
  const region = own['aws-region'];
  if (region !== undefined) {
    if (settings.has('region'))
      throw new UsageError('Inputs "region" and "aws-region" mean the same.', 'Give one of them.');
    settings.set('region', { value: region, from: 'input "aws-region"' });
  }
  const config = settings.get('config');
  const layers = config === undefined ? [settings] : [settings, readConfigInput(String(config.value), command)];
  return mergeLayers(command === 'put' || command === 'finish' ? [...layers, DEFAULTS] : layers);
}

/** Switches take the booleans of YAML 1.2 and no other words: `yes`, `on` and `1` are refused as mistakes. */
const INPUT: TextForm = {
  booleans: new Map([
    ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
    ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ]),
  booleanWords: 'true or false',
  example: (_as, value) => value,
};

function inputValue(input: string, row: OptionRow, text: string): ConfigValue {
  const from = `input "${input}"`;
  const as = `Input "${input}"`;
  if (row.name === 'rules') return { ...parseRules(parseYaml(as, text)), from };
  return { from, value: readOption(row, givenTexts(row, as, text, INPUT), INPUT) };
}

function checkSiteUrl(site: string | undefined, command: ActionCommand): void {
  if (site === undefined) return;
  if (command === 'uploads' || command === 'delete')
    throw new UsageError(`Input "site-url" is not for the command "${command}".`, inputsHint(command));
  const address = URL.canParse(site) ? new URL(site) : undefined;
  const is = `Input "site-url" is "${maskUrl(site)}"`;
  if (address?.protocol !== 'https:' && address?.protocol !== 'http:')
    throw new UsageError(`${is}, which is not a web address.`, 'Write https://www.example.com.');
  if (address.username !== '' || address.password !== '')
    throw new UsageError(
      `${is}; it must have no user and password.`,
      'The summary and the output url show the address.',
    );
}

/** Where an input belongs that no put takes: its command was forgotten. */
function commandsOf(row: OptionRow): string {
  const commands = ACTION_COMMANDS.filter((one) => belongsTo(row, one));
  return commands.includes('put') ? '' : `It is for command: ${commands.join(' or ')}. `;
}

function inputsHint(command: ActionCommand): string {
  const names = OPTION_INPUTS.filter(({ row }) => belongsTo(row, command)).map(({ input }) => input);
  return `Its inputs are: ${names.join(', ')}.`;
}

function unknownInput(name: string): UsageError {
  const rows = OPTION_INPUTS.map(({ row }) => row);
  const near = suggestion(nearSpellings(name, SPELLINGS));
  const hint = answerToName(name, rows)?.text ?? near ?? `Inputs are: ${[...SPELLINGS.keys()].join(', ')}.`;
  return new UsageError(`There is no input "${name}".`, hint);
}

/** Reads the options of the config file that a step names. Throws `ConfigError`. */
function readConfigInput(file: string, command: ActionCommand): ConfigLayer {
  const settings = configFileLayer(file);
  refuseCliOptions(settings);
  return command === 'copy' || command === 'delete' ? withoutPutLocations(settings) : settings;
}

/** Source and destination in a config file are those of a put, so a copy ignores them; what is deleted, a step must say itself. */
function withoutPutLocations(settings: ConfigLayer): ConfigLayer {
  return new Map([...settings].filter(([name]) => !PUT_LOCATIONS.has(name)));
}

const PUT_LOCATIONS: ReadonlySet<string> = new Set(['source', 'bucket', 'prefix']);

/** What to use in the Action instead of options that only the command line has. */
const CONFIG_HINTS: ReadonlyMap<string, Text> = new Map<string, Text>([
  ['check', msg`Use {dryRun: true}, and look at the counts of the outputs.`],
  ['ignoreSmallFiles', msg`Use {minSize}.`],
  ['s3cfg', 'Use profile, or the inputs for credentials.'],
  ['destS3cfg', msg`Use {destProfile}, or the inputs for credentials.`],
]);

/** The command line may share the file: its output options are ignored here, but options that change what is done are refused. */
function refuseCliOptions(settings: ConfigLayer): void {
  for (const [name, { value, errorAt }] of settings) {
    const hint = CONFIG_HINTS.get(name);
    if (hint === undefined || value === false || errorAt === undefined) continue;
    throw errorAt([], `The option "${name}" is not for an Action.`, hint);
  }
}
