/** Breaks text between words into lines of at most `width` characters; a longer word gets a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Two columns: the second is wrapped, and begins a line lower where the first is too long for it. */
export function twoColumns(left: string, right: string, at: number, width: number): string {
  const lines = wrap(right, width - at);
  const indent = ' '.repeat(at);
  const [first = '', ...rest] = left.length + 2 <= at ? lines : ['', ...lines];
  const head = `${left.padEnd(first === '' ? 0 : at)}${first}`;
  return [head, ...rest.map((line) => `${indent}${line}`)].join('\n');
}
