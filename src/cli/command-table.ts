import { statSync } from 'node:fs';

/** Shells with a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

/** The commands, with their operands and what they do. */
export const COMMANDS = {
  put: {
    operands: 'SOURCE... s3://bucket/prefix',
    help: 'Upload directories and files into a bucket. The default command.',
  },
  copy: {
    operands: 's3://source/path s3://destination/prefix',
    help: 'Copy objects from bucket to bucket.',
  },
  uploads: {
    operands: 's3://bucket/prefix',
    help: 'List unfinished uploads, and abort old ones.',
  },
  delete: {
    operands: 's3://bucket/prefix/',
    help: 'Delete all objects below a prefix, after a question.',
  },
  explain: {
    operands: 'FILE [SOURCE] [s3://bucket/prefix]',
    help: 'Show what a put would do with one file, and why.',
  },
  finish: {
    operands: 'SOURCE... s3://bucket/prefix',
    help: 'Upload the pages of a site, delete and invalidate, once all shards of a put are done.',
  },
  worker: {
    operands: 'redis://host:6379',
    help: 'Take work from a queue that put or copy fill by --queue.',
  },
  completion: { operands: 'bash|zsh|fish|powershell', help: 'Print a completion script for a shell.' },
  help: { operands: '[COMMAND|all]', help: 'Show this, or what a command takes.' },
  version: { operands: '', help: 'Show the version.' },
} as const;
export type Command = keyof typeof COMMANDS;

export const COMMAND_NAMES: readonly Command[] = Object.keys(COMMANDS) as readonly Command[];

export function isCommand(word: string): word is Command {
  return Object.hasOwn(COMMANDS, word);
}

/** What `--help` can be about, besides the whole. */
export type HelpTopic = 'put' | 'copy' | 'uploads' | 'delete' | 'explain' | 'finish' | 'worker' | 'completion' | 'all';

/** The topics of `--help`; `help help` is the help itself. */
export const HELP_TOPICS: readonly HelpTopic[] = [
  'put',
  'copy',
  'uploads',
  'delete',
  'explain',
  'finish',
  'worker',
  'completion',
  'all',
];

/** Whether a directory has this name: then a command word may be meant as a source. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
