import { CLI_FLAGS } from '../option-table.js';

/** Names with a capital letter are no words of English, so they can be told from the text around them. */
const NAMES: ReadonlyMap<string, string> = new Map(
  CLI_FLAGS.filter(({ name }) => /[A-Z]/.test(name)).map(({ name, flag }) => [name, `--${flag}`]),
);

/** The engine names options as the API does; here `minSize` becomes `--min-size`. What stands in quotes is a value, and stays. */
export function inCliWords(text: string): string {
  const named = (words: string): string =>
    words.replace(/\b[a-z]+[A-Z][A-Za-z]*\b/g, (word) => NAMES.get(word) ?? word);
  return text
    .split(/("[^"]*")/)
    .map((part, index) => (index % 2 === 0 ? named(part) : part))
    .join('');
}
