import type { OptionRow } from '../option-row.js';
import { CLI_FLAGS, OPTION_TABLE } from '../option-table.js';
import { inputName } from './option-inputs.js';

const INPUTS: ReadonlyMap<string, OptionRow> = new Map(
  OPTION_TABLE.filter(({ faces }) => faces.includes('action')).map((row) => [row.name, row]),
);
/** What each flag of an input stands for: the input, and a value where the flag says one. */
const FLAGS: ReadonlyMap<string, string> = new Map(
  CLI_FLAGS.filter(({ name }) => INPUTS.has(name)).flatMap((row) => {
    const input = inputName(row.name);
    const plain = [row.flag, ...(row.aliases ?? [])].map((flag) => [flag, input] as const);
    const short = Object.entries(row.shorthands ?? {}).map(([flag, value]) => [flag, `${input}: ${value}`] as const);
    const off =
      row.type === 'switch' || row.type === 'optional' ? [[`no-${row.flag}`, `${input}: false`] as const] : [];
    return [...off, ...plain, ...short];
  }),
);

/**
 * The engine names options as the API does, and sometimes as the command line does; here `minSize` and `--min-size` become `min-size`, which is
 * the Action's input. Options of one word have the same name everywhere. What stands in double quotes is a value, and stays.
 */
export function inActionWords(text: string): string {
  return text
    .split(/("[^"]*")/)
    .map((part, index) => (index % 2 === 0 ? named(part) : part))
    .join('');
}

function named(words: string): string {
  return (
    words
      // A step enters its workspace before it looks for anything.
      .replaceAll('the working directory', 'the workspace')
      .replace(/(?<![\w-])--([a-z0-9]+(?:-[a-z0-9]+)*)/g, (whole, flag: string) => FLAGS.get(flag) ?? whole)
      // Within a path or a file's name it is no option.
      .replace(/(?<![\w./\\-])[a-z]+\d?[A-Z]\w*(?![\w/\\-]|\.\w)/g, (word) =>
        INPUTS.has(word) ? inputName(word) : word,
      )
  );
}
