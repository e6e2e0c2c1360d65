/** A name in backticks. */
export function code(name: string): string {
  return `\`${name}\``;
}

/** Names in backticks, as a list. */
export function codes(names: readonly string[]): string {
  return names.map(code).join(', ');
}

/** Text for a cell of a table. */
export function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');
}

/** The lines of a table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)];
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
