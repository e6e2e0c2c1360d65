import type { OptionCommand, OptionRow } from '../option-row.js';
import { belongsTo, CLI_FLAGS, defaultIn, OPTION_TABLE } from '../option-table.js';
import { isAsked } from '../settings/asked.js';
import type { Settings } from '../settings/layers.js';

/**
 * Every option of a command, its value and where that comes from, as lines of YAML that a config file takes too. What is not given has its default,
 * in words where it is not a value. Secrets are masked.
 */
export function configText(settings: Settings, command: OptionCommand): string {
  const operands = OPTION_TABLE.filter(({ type }) => type === 'operands');
  const rows = [...operands, ...CLI_FLAGS].filter((row) => belongsTo(row, command) && isShown(row, command));
  return `${rows.map((row) => line(row, settings, command)).join('\n')}\n`;
}

/** `gzipType` is a part of `gzip`. */
function isShown(row: OptionRow, command: OptionCommand): boolean {
  return row.name !== 'gzipType' && (!isAsked(row) || (command === 'copy' && row.name === 'destination'));
}

function line(row: OptionRow, settings: Settings, command: OptionCommand): string {
  const { name } = row;
  const usual = defaultIn(row, command);
  const setting = settings.get(name);
  if (setting === undefined) {
    const fixed = defaultOf(row, usual);
    if (fixed !== undefined) return `${name}: ${JSON.stringify(fixed)} # default`;
    return `# ${name}: ${row.required === true ? 'not given' : `${usual || 'none'} (default)`}`;
  }
  const text = `${name}: ${JSON.stringify(masked(setting.value))} # ${setting.from}`;
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

const SECRET_NAME = /customer-key$|secret|password|token/i;
const USER_IN_URL = /(?<=\/\/)[^/\s@]*@/g;
const SECRET_IN_QUERY = /(?<=[?&][^=&\s]*(?:signature|credential|token|secret|password|key)[^=&\s]*=)[^&#\s]+/gi;

/** A value without what nobody may read in a log: users in URLs, secrets in their queries, keys and tokens in headers. */
function masked(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(USER_IN_URL, '***@').replace(SECRET_IN_QUERY, '***');
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, SECRET_NAME.test(name) ? '***' : masked(one)]),
  );
}
