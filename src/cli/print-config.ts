import type { FoundRefusal } from '../config/found-file.js';
import { type ConfigLayer, type ConfigValue, isConfigurable } from '../config/layers.js';
import type { OptionCommand, OptionRow } from '../options/row.js';
import { belongsTo, CLI_FLAGS, defaultIn, OPTION_TABLE } from '../options/table.js';
import { printable } from '../report/format.js';
import { jsonText } from '../report/json.js';
import { maskSecrets } from '../report/mask-secrets.js';

/**
 * Every option of a command, its value and where that comes from, as lines of YAML that a config file takes too. An option that is not given has
 * its default, as a comment if the default is not a value. Secrets are masked. A setting that a found config file may not have is a comment.
 */
export function configText(
  settings: ConfigLayer,
  command: OptionCommand,
  refused: readonly FoundRefusal[] = [],
): string {
  const operands = OPTION_TABLE.filter(({ type }) => type === 'operands');
  const flags: ReadonlySet<OptionRow> = new Set(CLI_FLAGS);
  const others = OPTION_TABLE.filter((row) => flags.has(row) || row.inConfigFile === true);
  const rows = [...operands, ...others].filter((row) => belongsTo(row, command) && isShown(row, command));
  const lines = rows.map((row) => optionLine(row, settings, command, refused));
  // Settings without effect are refused too.
  const silent = refused.filter(({ name, setting }) => settings.get(name)?.from !== setting.from);
  return `${[...lines, ...silent.map(({ name, setting }) => refusedLine(name, setting))].join('\n')}\n`;
}

function valueText(name: string, { value, from, found }: ConfigValue, more: string): string {
  const comment = found === true ? `${from} (found, not named${more})` : from;
  return `${name}: ${jsonText(maskSecrets(value, name))} # ${printable(comment)}`;
}

function refusedLine(name: string, setting: ConfigValue): string {
  return `# ${valueText(name, setting, '; refused')}`;
}

/** `gzipType` is part of `gzip`. */
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
  const usual = defaultIn(row, isPart(row, settings) ? 'finish' : command);
  const setting = settings.get(name);
  if (setting === undefined) {
    const fixed = defaultOf(row, usual);
    if (fixed !== undefined) return `${name}: ${jsonText(fixed)} # default`;
    return `# ${name}: ${row.required === true ? 'not given' : `${usual || 'none'} (default)`}`;
  }
  if (setting.found === true && refused.some((one) => one.name === name)) return refusedLine(name, setting);
  const text = valueText(name, setting, '');
  // A config file cannot name another one, nor source and destination of a copy.
  return name === 'config' || (command === 'copy' && row.type === 'operands') ? `# ${text}` : text;
}

/** A shard of a put leaves pages to `finish`, and has its order. */
function isPart({ name }: OptionRow, settings: ConfigLayer): boolean {
  return name === 'order' && settings.has('shard');
}

/** The default as a value; undefined if it is only a description. */
function defaultOf({ type, choices }: OptionRow, text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  if (type === 'switch' || type === 'optional') return text === 'on' ? true : text === 'off' ? false : undefined;
  if (type === 'integer' && choices?.includes(text) !== true) return /^\d+$/.test(text) ? Number(text) : undefined;
  if (choices?.includes(text) === true && text === 'false') return false;
  return /\s/.test(text) ? undefined : text;
}
