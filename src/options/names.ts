import type { Text } from '../report/message.js';
import type { Face, OptionRow } from './row.js';
import { CLI_FLAGS, OPTION_TABLE } from './table.js';

/** A text with its options as the users of a face write them: `minSize` in the API, `--min-size` on the command line, `min-size` as an input. */
export function renderOptionNames(text: Text, face: Face): string {
  if (typeof text === 'string') return text;
  if (face === 'api') return text.toString();
  return text.render(face === 'cli' ? asFlag : asInput);
}

const FLAGS: ReadonlyMap<string, OptionRow & { readonly flag: string }> = new Map(
  CLI_FLAGS.map((row) => [row.name, row]),
);

/** `--min-size`; with a value `--no-gzip`, `--size-only` or `--mode add`. What is no flag keeps its name. */
function asFlag(option: string, value?: string): string {
  const row = FLAGS.get(option);
  if (row === undefined) return asWritten(option, value);
  if (value === undefined) return `--${row.flag}`;
  const bare = withoutQuotes(value);
  const [shorthand] = Object.entries(row.shorthands ?? {}).find(([, meant]) => String(meant) === bare) ?? [];
  if (shorthand !== undefined) return `--${shorthand}`;
  if (bare === 'true') return `--${row.flag}`;
  if (bare === 'false') return `--no-${row.flag}`;
  return `--${row.flag}${row.type === 'optional' ? '=' : ' '}${bare}`;
}

const INPUTS: ReadonlySet<string> = new Set(
  OPTION_TABLE.filter(({ faces }) => faces.includes('action')).map(({ name }) => name),
);

/** Placeholders that are no options: a step runs in its workspace, which is what its users call that directory. */
export const PLACES_OF_ACTION: Readonly<Record<string, string>> = { 'the working directory': 'the workspace' };

/** `min-size`; with a value `gzip: false`, as under `with:`. What is no input keeps its name. */
function asInput(option: string, value?: string): string {
  if (!INPUTS.has(option)) return PLACES_OF_ACTION[option] ?? asWritten(option, value);
  return value === undefined ? inputName(option) : `${inputName(option)}: ${withoutQuotes(value)}`;
}

/** As the API has it. */
function asWritten(option: string, value?: string): string {
  return value === undefined ? option : `${option}: ${value}`;
}

function withoutQuotes(value: string): string {
  return value.replaceAll("'", '');
}

/** An option's name as an input: its kebab-case. */
export function inputName(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const ROWS: ReadonlyMap<string, OptionRow & { readonly flag: string }> = new Map(
  CLI_FLAGS.map((row) => [row.name, row]),
);
/** Of a key there is more to say than of the option. */
const WORD = `(${[...ROWS.keys()].filter((name) => !/[A-Z]/.test(name) && name !== 'key').join('|')})`;

/** Where a name that is a word of English too stands for the option, by what the engine says. */
const PHRASES: readonly RegExp[] = [
  new RegExp(`^${WORD}(?= (?:is|has) )`),
  new RegExp(`(?<=\\b(?:set|leave|lower|leave the|by|by \\S+ or) )${WORD}(?![\\w'-])`, 'gi'),
  new RegExp(`(?<=\\bthe )${WORD}(?= option\\b)`, 'g'),
  /\b(include)(?=, exclude\b)|(?<=\binclude, )(exclude)\b|(?<![\w-])(mode)(?= (?:add|update|stupid)\b)/g,
];
const SWITCHED = new RegExp(`\\b${WORD}: (true|false)\\b`, 'g');

/**
 * The engine names options as the API does; here `minSize` becomes `--min-size`, and "set region" becomes "set --region". What stands in quotes is
 * a value, and stays.
 */
export function inCliWords(text: string): string {
  return text
    .split(/("[^"]*")/)
    .map((part, index) => (index % 2 === 0 ? cliNamed(part) : part))
    .join('');
}

function cliNamed(words: string): string {
  // Names with a capital letter are no words of English, so they can be told from the text around them.
  const plain = words
    .replace(/\b[a-z]+[A-Z][A-Za-z]*\b/g, (word) => flagOf(word))
    .replace(SWITCHED, (_whole, name: string, state: string) => switched(name, state === 'true'));
  return PHRASES.reduce((said, phrase) => said.replace(phrase, (word) => flagOf(word)), plain);
}

function flagOf(name: string): string {
  const flag = ROWS.get(name)?.flag;
  return flag === undefined ? name : `--${flag}`;
}

function switched(name: string, state: boolean): string {
  const row = ROWS.get(name);
  const short = Object.entries(row?.shorthands ?? {}).find(([, value]) => value === state)?.[0];
  return `--${short ?? `${state ? '' : 'no-'}${row?.flag ?? name}`}`;
}

const ACTION_ROWS: ReadonlyMap<string, OptionRow> = new Map(
  OPTION_TABLE.filter(({ faces }) => faces.includes('action')).map((row) => [row.name, row]),
);
/** What each flag of an input stands for: the input, and a value where the flag says one. */
const FLAG_INPUTS: ReadonlyMap<string, string> = new Map(
  CLI_FLAGS.filter(({ name }) => ACTION_ROWS.has(name)).flatMap((row) => {
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
    .map((part, index) => (index % 2 === 0 ? actionNamed(part) : part))
    .join('');
}

function actionNamed(words: string): string {
  return (
    words
      // A step enters its workspace before it looks for anything.
      .replaceAll('the working directory', 'the workspace')
      .replace(/(?<![\w-])--([a-z0-9]+(?:-[a-z0-9]+)*)/g, (whole, flag: string) => FLAG_INPUTS.get(flag) ?? whole)
      // Within a path or a file's name it is no option.
      .replace(/(?<![\w./\\-])[a-z]+\d?[A-Z]\w*(?![\w/\\-]|\.\w)/g, (word) =>
        ACTION_ROWS.has(word) ? inputName(word) : word,
      )
  );
}
