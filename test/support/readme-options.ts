import { OPTION_TABLE, type OptionRow } from '../../src/option-table.js';

/** The README's table of options, made from the option table. */
export function readmeOptions(): string {
  const rows = OPTION_TABLE.map(
    (row) =>
      `| ${cell(apiName(row))} | ${cell(flags(row))} | ${defaultOf(row)} | ${escaped(row.help)}${choices(row)} |`,
  );
  return ['| API | CLI | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function apiName(row: OptionRow): readonly string[] {
  return row.faces.includes('api') ? [row.name] : [];
}

function flags(row: OptionRow): readonly string[] {
  if (!row.faces.includes('cli')) return [];
  if (row.type === 'operands') return [`${row.value ?? row.name}…`];
  const others = [...(row.aliases ?? []), ...Object.keys(row.shorthands ?? {})].map((flag) => `--${flag}`);
  return [...(row.short === undefined ? [] : [`-${row.short}`]), `--${row.flag ?? row.name}`, ...others];
}

function cell(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function defaultOf(row: OptionRow): string {
  return row.required === true ? 'required' : escaped(row.default ?? '');
}

function choices(row: OptionRow): string {
  const words = row.choices?.map((choice) => `\`${choice}\``).join(', ');
  return words === undefined ? '' : ` ${row.type === 'choice' ? 'One of' : 'Also'} ${words}.`;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
