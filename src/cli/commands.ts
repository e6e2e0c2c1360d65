import { existsSync } from 'node:fs';
import type { ConfigLayer } from '../config/layers.js';
import { type GivenText, readChoice } from '../config/text-values.js';
import { UsageError } from '../errors.js';
import type { OptionCommand } from '../options/row.js';
import { belongsTo, OPTION_TABLE } from '../options/table.js';
import type { Argv } from './argv.js';
import { COMMAND_NAMES, type Command, isCommand, isFolder } from './command-table.js';
import { isS3Url } from './operands.js';
import { refuseOtherCommand } from './other-commands.js';

/** The command, and its words. */
export interface CommandWords {
  readonly command: Command;
  readonly words: readonly string[];
}

/** Finds the command in the first word; throws `UsageError` for a word that is a command of other tools. `destination` says whether `--bucket` names one. */
export function parseCommand({ given, operands }: Argv, destination: boolean): CommandWords {
  const words = operands.map(({ text }) => text);
  const flag = given.find(({ row }) => row.name === 'command')?.value;
  if (flag !== undefined) {
    return { command: readChoice('--command', COMMAND_NAMES, String(flag)), words };
  }
  const [first, ...rest] = words;
  if (first === undefined || operands[0]?.literal) return { command: 'put', words };
  if (!isCommand(first)) {
    if (!existsSync(first)) refuseOtherCommand(words, given, destination);
    return { command: 'put', words };
  }
  if (isFolder(first) && looksLikePut(rest, destination)) {
    throw new UsageError(
      `"${first}" is a command, and a folder of that name exists.`,
      `Write ./${first} for the folder, or --command ${first} for the command.`,
    );
  }
  return { command: first, words: rest };
}

/** Whether the words after a folder make a put that can work: a destination, and sources that exist. */
function looksLikePut(rest: readonly string[], destination: boolean): boolean {
  const last = rest.at(-1);
  const url = last !== undefined && isS3Url(last);
  return url !== destination && (url ? rest.slice(0, -1) : rest).every((word) => existsSync(word));
}

const USAGE: Readonly<Record<OptionCommand, string>> = {
  put: 'Write s3-parallel-put put SOURCE s3://bucket/prefix.',
  copy: 'Write s3-parallel-put copy s3://SOURCE s3://DEST.',
  uploads: 'Write s3-parallel-put uploads s3://bucket/prefix.',
  delete: 'Write s3-parallel-put delete s3://bucket/prefix/.',
  explain: 'Write s3-parallel-put explain FILE [SOURCE] [s3://bucket/prefix].',
  finish: 'Write s3-parallel-put finish SOURCE s3://bucket/prefix --reports DIR --shards N.',
  worker: 'Write s3-parallel-put worker redis://host:6379.',
};

const DESTINATION_HINT =
  'The destination is the last word: s3-parallel-put copy s3://source/path s3://destination/prefix.';
const SAME_BYTES = 'A copy has the same bytes as its source.';

/** What to use in a copy instead of options of a put; by their names. */
const COPY_HINTS: Readonly<Record<string, string>> = {
  bucket: DESTINATION_HINT,
  prefix: DESTINATION_HINT,
  gzip: SAME_BYTES,
  gzipType: SAME_BYTES,
  gzipLevel: SAME_BYTES,
  rules: 'Give headers for all objects by --header, --content-type and --cache-control, in a run for each kind.',
  as: 'Its objects keep their names below the path of the source; keys come from standard input by --keys-file -.',
  ignoreSmallFiles: 'Use --min-size.',
  hidden: 'Leave objects out by --exclude.',
  keyBase: "Keys are relative to the source's path.",
};

/** Throws `UsageError` for an option of another command. */
export function refuseStray(given: readonly GivenText[], command: OptionCommand): void {
  const stray = given.find(({ row }) => !belongsTo(row, command));
  if (stray === undefined) return;
  const { row, as } = stray;
  const owners = row.commands ?? ['put'];
  if (command === 'put') {
    const names = owners.map((owner) => `"${owner}"`).join(' and ');
    const usage = owners.map((owner) => USAGE[owner]).join(' ');
    throw new UsageError(`${as} belongs to the ${owners.length === 1 ? 'command' : 'commands'} ${names}.`, usage);
  }
  const hint = command === 'copy' ? COPY_HINTS[row.name] : undefined;
  throw new UsageError(`The command "${command}" takes no ${as}.`, hint);
}

const OPTIONS_OF: Readonly<Record<OptionCommand, ReadonlySet<string>>> = {
  put: namesOf('put'),
  copy: namesOf('copy'),
  uploads: namesOf('uploads'),
  delete: namesOf('delete'),
  explain: namesOf('explain'),
  finish: namesOf('finish'),
  worker: namesOf('worker'),
};

function namesOf(command: OptionCommand): ReadonlySet<string> {
  const rows = OPTION_TABLE.filter(
    (row) => (row.faces.includes('cli') || row.inConfigFile === true) && belongsTo(row, command),
  );
  return new Set(rows.map(({ name }) => name));
}

/** What the command line alone says, by the command: in a variable or a file it is meant for a put. */
const WRITTEN_ONLY: Readonly<Partial<Record<OptionCommand, readonly string[]>>> = {
  copy: ['source'],
  delete: ['bucket', 'prefix'],
};

/** The settings of a layer that a command takes: variables and files may hold options of other commands, which are ignored. */
export function settingsFor(layer: ConfigLayer, command: OptionCommand): ConfigLayer {
  return new Map(
    [...layer].filter(([name]) => OPTIONS_OF[command].has(name) && WRITTEN_ONLY[command]?.includes(name) !== true),
  );
}
