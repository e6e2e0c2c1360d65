import { existsSync, statSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { didYouMean } from '../near-names.js';
import type { Operand } from './argv.js';
import { isS3Url } from './operands.js';

/** Commands of this release, with what follows them and what they do. */
export const COMMANDS = {
  put: {
    operands: 'SOURCE... s3://bucket/prefix',
    help: 'Put directories and files into a bucket. The default command.',
  },
  copy: {
    operands: 's3://source/path s3://destination/prefix',
    help: 'Copy objects from bucket to bucket. copy --help shows its options.',
  },
  uploads: {
    operands: 's3://bucket/prefix',
    help: 'List unfinished uploads, and abort old ones with --abort-older-than.',
  },
  completion: { operands: 'bash|zsh|fish', help: 'Print a completion script for a shell.' },
} as const;
export type Command = keyof typeof COMMANDS;

const NAMES = Object.keys(COMMANDS);

/** The command, and the words left for it. */
export interface Commanded {
  readonly command: Command;
  readonly words: readonly string[];
}

/** What the first word means. `flag` is `--command`; `destination` tells whether `--bucket` names one. */
export function commandOf(operands: readonly Operand[], flag: string | undefined, destination: boolean): Commanded {
  const words = operands.map(({ text }) => text);
  if (flag !== undefined) {
    if (isCommand(flag)) return { command: flag, words };
    throw new UsageError(`--command: "${flag}" is not one of ${NAMES.join(', ')}.`, didYouMean(flag, NAMES));
  }
  const [first, ...rest] = words;
  if (first === undefined || operands[0]?.literal || !isCommand(first)) return { command: 'put', words };
  if (isFolder(first) && isPut(rest, destination)) {
    throw new UsageError(
      `"${first}" is a command, and a folder of that name exists.`,
      `Write ./${first} for the folder, or --command ${first} for the command.`,
    );
  }
  return { command: first, words: rest };
}

function isCommand(word: string): word is Command {
  return Object.hasOwn(COMMANDS, word);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Whether these words after a folder would make a put that can work: a destination, and sources that exist. */
function isPut(rest: readonly string[], destination: boolean): boolean {
  const last = rest.at(-1);
  const url = last !== undefined && isS3Url(last);
  return url !== destination && (url ? rest.slice(0, -1) : rest).every((word) => existsSync(word));
}
