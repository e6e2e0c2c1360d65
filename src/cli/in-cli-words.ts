import type { OptionRow } from '../option-row.js';
import { CLI_FLAGS } from '../option-table.js';

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
    .map((part, index) => (index % 2 === 0 ? named(part) : part))
    .join('');
}

function named(words: string): string {
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
