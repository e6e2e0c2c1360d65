import { UsageError } from '../errors.js';
import { didYouMean } from '../near-names.js';
import { belongsTo } from '../option-table.js';
import { merged, type Setting, type Settings } from '../settings/layers.js';
import { configInput } from './config-input.js';
import { choiceOf, inputValue } from './input-value.js';
import { OPTION_INPUTS } from './option-inputs.js';
import { ACTION_COMMANDS, type ActionCommand, OWN_INPUTS } from './own-inputs.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a step asks for. */
export interface Inputs {
  readonly command: ActionCommand;
  /** Options by the names of their rows: those of the inputs, and below them those of the config file. */
  readonly settings: Settings;
  /** Inputs that are no options, by their names; empty ones are absent. */
  readonly own: Readonly<Record<string, string>>;
}

const NAMES: readonly string[] = [...OPTION_INPUTS.map(({ input }) => input), ...OWN_INPUTS.map(({ name }) => name)];

/** Reads the inputs as the runner gives them; an empty one is not given. Throws `UsageError` naming the input and the fix. */
export function readInputs(env: Environment): Inputs {
  const given = new Map<string, string>();
  for (const [variable, text = ''] of Object.entries(env)) {
    if (!variable.startsWith('INPUT_') || text.trim() === '') continue;
    given.set(variable.slice('INPUT_'.length).toLowerCase(), text.trim());
  }
  for (const name of given.keys()) if (!NAMES.includes(name)) throw unknownInput(name);
  const own: Record<string, string> = {};
  for (const { name, default: usual } of OWN_INPUTS) {
    const text = given.get(name) ?? usual;
    if (text !== undefined) own[name] = text;
  }
  const command = choiceOf('command', ACTION_COMMANDS, own.command ?? 'put');
  checkSite(own['site-url'], command);
  return { command, settings: settingsOf(command, given, own), own };
}

function settingsOf(
  command: ActionCommand,
  given: ReadonlyMap<string, string>,
  own: Readonly<Record<string, string>>,
): Settings {
  const settings = new Map<string, Setting>();
  for (const { input, row } of OPTION_INPUTS) {
    const text = given.get(input);
    if (text === undefined) continue;
    // The config file is read for its options, whatever the command.
    if (!belongsTo(row, command) && row.name !== 'config')
      throw new UsageError(`Input "${input}" is not for the command "${command}".`, takenBy(command));
    settings.set(row.name, inputValue(input, row, text));
  }
  const region = own['aws-region'];
  if (region !== undefined) {
    if (settings.has('region'))
      throw new UsageError('Inputs "region" and "aws-region" mean the same.', 'Give one of them.');
    settings.set('region', { value: region, from: 'input "aws-region"' });
  }
  const config = settings.get('config');
  settings.delete('config');
  if (config === undefined) return settings;
  return merged([settings, configInput(String(config.value), command)]);
}

function checkSite(site: string | undefined, command: ActionCommand): void {
  if (site === undefined) return;
  if (command === 'uploads')
    throw new UsageError('Input "site-url" is not for the command "uploads".', takenBy(command));
  const address = URL.canParse(site) ? new URL(site) : undefined;
  if (address?.protocol === 'https:' || address?.protocol === 'http:') return;
  throw new UsageError(`Input "site-url" is "${site}", which is no web address.`, 'Write https://www.example.com.');
}

function takenBy(command: ActionCommand): string {
  const names = OPTION_INPUTS.filter(({ row }) => belongsTo(row, command)).map(({ input }) => input);
  return `Its inputs are: ${names.join(', ')}.`;
}

function unknownInput(name: string): UsageError {
  return new UsageError(`There is no input "${name}".`, didYouMean(name, NAMES) ?? `Inputs are: ${NAMES.join(', ')}.`);
}
