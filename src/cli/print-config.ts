import type { FoundRefusal } from '../config/found-file.js';
import { type ConfigLayer, type ConfigValue, isConfigurable } from '../config/layers.js';
import { maskSecrets } from '../config/mask-secrets.js';
import type { OptionCommand, OptionRow } from '../options/row.js';
import { belongsTo, CLI_FLAGS, defaultIn, OPTION_TABLE } from '../options/table.js';

/**
 * Every option of a command, its value and where that comes from, as lines of YAML that a config file takes too. What is not given has its default,
 * in words where it is not a value. Secrets are masked. What a found config file may not set is a comment that says so.
 */
export function configText(
  settings: ConfigLayer,
  command: OptionCommand,
  refused: readonly FoundRefusal[] = [],
): string {
  const operands = OPTION_TABLE.filter(({ type }) => type === 'operands');
  const rows = [...operands, ...CLI_FLAGS].filter((row) => belongsTo(row, command) && isShown(row, command));
  const lines = rows.map((row) => optionLine(row, settings, command, refused));
  // What has no effect is refused too.
  const silent = refused.filter(({ name, setting }) => settings.get(name)?.from !== setting.from);
  return `${[...lines, ...silent.map(({ name, setting }) => refusedLine(name, setting))].join('\n')}\n`;
}

function valueText(name: string, { value, from, found }: ConfigValue, more: string): string {
  const comment = found === true ? `${from} (found, not named${more})` : from;
  return `${name}: ${JSON.stringify(maskSecrets(value))} # ${comment}`;
}

function refusedLine(name: string, setting: ConfigValue): string {
  return `# ${valueText(name, setting, '; refused')}`;
}

/** `gzipType` is a part of `gzip`. */
function isShown(row: OptionRow, command: OptionCommand): boolean {
  return row.name !== 'gzipType' && (isConfigurable(row) || (command === 'copy' && row.name === 'destination'));
}

function optionLine(
  row: OptionRow,
  settings: ConfigLayer,
  command: OptionCommand,
  refused: readonly FoundRefusal[],
): string {
  const { name } = row;
  const usual = defaultIn(row, command);
  const setting = settings.get(name);
  if (setting === undefined) {
    const fixed = defaultOf(row, usual);
    if (fixed !== undefined) return `${name}: ${JSON.stringify(fixed)} # default`;
    return `# ${name}: ${row.required === true ? 'not given' : `${usual || 'none'} (default)`}`;
  }
  if (setting.found === true && refused.some((one) => one.name === name)) return refusedLine(name, setting);
  const text = valueText(name, setting, '');
  // A config file names no other, and no places of a copy.
  return name === 'config' || (command === 'copy' && row.type === 'operands') ? `# ${text}` : text;
}

/** The default where it is a value, not words about one. */
function defaultOf({ type, choices }: OptionRow, text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  if (type === 'switch' || type === 'optional') return text === 'on' ? true : text === 'off' ? false : undefined;
  if (type === 'integer') return choices?.includes(text) === true ? text : Number(text);
  return /\s/.test(text) ? undefined : text;
}
