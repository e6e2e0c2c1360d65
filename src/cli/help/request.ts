import { HELP_TOPICS, type HelpTopic, isFolder } from '../command-table.js';
import { type Operand, operandsOf, type Token, tokenize } from '../flags.js';

/** What a command line asks about the program itself. */
export type InfoRequest = { readonly command: 'help'; readonly about?: HelpTopic } | { readonly command: 'version' };

// Only as words of their own: `-hidden` is a typo, and must not exit with success without a put.
const HELP = /^(?:-h|-help|--help)$/;
const VERSION = /^(?:-V|-version|--version)$/;

/**
 * Whether a command line asks for help or the version. Users need these most after a mistake, so they come before all checks.
 * Undefined for everything else, also for a word such as `help` that may be a folder, which needs the options to decide.
 */
export function infoRequest(argv: readonly string[]): InfoRequest | undefined {
  const tokens = tokenize(argv);
  const operands = operandsOf(tokens);
  const help = tokens.find(({ kind, index }) => kind === 'option' && HELP.test(nameIn(argv, index)));
  if (help !== undefined) return helpAbout(topicBehind(help, operands) ?? firstTopic(operands));
  if (tokens.some(({ kind, index }) => kind === 'option' && VERSION.test(nameIn(argv, index))))
    return { command: 'version' };
  const [first, ...rest] = operands;
  if (
    first === undefined ||
    first.literal ||
    tokens.some((token) => token.kind === 'option' && token.name === 'command')
  )
    return undefined;
  if (isFolder(first.text)) return undefined;
  return wordRequest(
    first.text,
    rest.map(({ text }) => text),
  );
}

/** What the command `help` or `version` with these words asks for; undefined for other commands, and for words that they do not take. */
export function wordRequest(command: string, words: readonly string[]): InfoRequest | undefined {
  const [word, extra] = words;
  if (extra !== undefined) return undefined;
  if (command === 'version') return word === undefined ? { command } : undefined;
  if (command !== 'help') return undefined;
  return word === undefined || word === 'help' || word === 'version' ? { command } : topicRequest(word);
}

function topicRequest(word: string): InfoRequest | undefined {
  return isTopic(word) ? helpAbout(word) : undefined;
}

function helpAbout(about: HelpTopic | undefined): InfoRequest {
  return { command: 'help', ...(about !== undefined && { about }) };
}

function isTopic(word: string | undefined): word is HelpTopic {
  return HELP_TOPICS.some((topic) => topic === word);
}

/** `--help all`, and `--help=all`. */
function topicBehind(help: Token, operands: readonly Operand[]): HelpTopic | undefined {
  const inline = 'value' in help ? help.value : undefined;
  const next = inline ?? operands.find(({ index }) => index === help.index + 1)?.text;
  return isTopic(next) ? next : undefined;
}

/** `put --help`, and `help put --help`. */
function firstTopic(operands: readonly Operand[]): HelpTopic | undefined {
  const [first, second] = operands.filter(({ literal }) => !literal).map(({ text }) => text);
  const word = first === 'help' ? second : first;
  return isTopic(word) && word !== 'all' ? word : undefined;
}

/** The spelling of an option in argv, without `=value`. */
function nameIn(argv: readonly string[], index: number): string {
  return (argv[index] ?? '').replace(/^(--[^=]*)=.*$/s, '$1');
}
