import type { OptionCommand, OptionRow } from '../../src/options/row.js';
import { belongsTo, OPTION_TABLE } from '../../src/options/table.js';

/** The README's table of options, made from the option table. */
export function readmeOptions(): string {
  const rows = OPTION_TABLE.map(
    (row) =>
      `| ${cell(apiName(row))} | ${cell(flags(row))} | ${commands(row)} | ${defaultOf(row)} | ${escaped(row.help)}${choices(row)} |`,
  );
  return ['| API | CLI | of | default | meaning |', '|---|---|---|---|---|', ...rows].join('\n');
}

const COMMANDS: readonly OptionCommand[] = ['put', 'copy', 'uploads'];

function commands(row: OptionRow): string {
  const taking = COMMANDS.filter((command) => belongsTo(row, command));
  return taking.length === COMMANDS.length ? 'all' : taking.join(', ');
}

function apiName(row: OptionRow): readonly string[] {
  return row.faces.includes('api') ? [row.name] : [];
}

function flags(row: OptionRow): readonly string[] {
  if (!row.faces.includes('cli')) return [];
  if (row.type === 'operands') return [row.value ?? row.name];
  const others = [...(row.aliases ?? []), ...Object.keys(row.shorthands ?? {})].map((flag) => `--${flag}`);
  return [...(row.short === undefined ? [] : [`-${row.short}`]), `--${row.flag ?? row.name}`, ...others];
}

function cell(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function defaultOf(row: OptionRow): string {
  if (row.required === true) return 'required';
  const own = row.copyDefault === undefined ? [] : [`copy: ${row.copyDefault}`];
  return escaped([...(row.default === undefined ? [] : [row.default]), ...own].join('; '));
}

function choices(row: OptionRow): string {
  const words = row.choices?.map((choice) => `\`${choice}\``).join(', ');
  return words === undefined ? '' : ` ${row.type === 'choice' ? 'One of' : 'Also'} ${words}.`;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
