import { UsageError } from '../errors.js';
import type { OptionCommand } from '../option-row.js';
import { belongsTo, OPTION_TABLE } from '../option-table.js';
import type { Settings } from '../settings/layers.js';
import type { Given } from './argv.js';

const WRITE: Readonly<Record<OptionCommand, string>> = {
  put: 'Write s3-parallel-put put SOURCE s3://bucket/prefix.',
  copy: 'Write s3-parallel-put copy s3://SOURCE s3://DEST.',
  uploads: 'Write s3-parallel-put uploads s3://bucket/prefix.',
};

const DESTINATION = 'The destination is the last word: s3-parallel-put copy s3://source/path s3://destination/prefix.';
const AS_THEY_ARE = 'A copy has the bytes of its source.';

/** What to do without options of a put in a copy; by their names. */
const INSTEAD: Readonly<Record<string, string>> = {
  bucket: DESTINATION,
  prefix: DESTINATION,
  gzip: AS_THEY_ARE,
  gzipType: AS_THEY_ARE,
  gzipLevel: AS_THEY_ARE,
  rules: 'Give headers for all objects by --header, --content-type and --cache-control, in a run for each kind.',
  stdinKey: 'Its source is a bucket; keys come from standard input by --keys-file -.',
  ignoreSmallFiles: 'Use --min-size.',
  hidden: 'Leave objects out by --exclude.',
  keyBase: "Keys are relative to the source's path.",
};

/** Throws `UsageError` where a command is given what belongs to others. */
export function refuseStray(given: readonly Given[], command: OptionCommand): void {
  const stray = given.find(({ row }) => !belongsTo(row, command));
  if (stray === undefined) return;
  const { row, as } = stray;
  const [owner, second] = row.commands ?? ['put'];
  if (command === 'put' && owner !== undefined && second === undefined)
    throw new UsageError(`${as} belongs to the command "${owner}".`, WRITE[owner]);
  const hint = command === 'copy' ? INSTEAD[row.name] : undefined;
  throw new UsageError(`The command "${command}" takes no ${as}.`, hint);
}

const NAMES: Readonly<Record<OptionCommand, ReadonlySet<string>>> = {
  put: namesOf('put'),
  copy: namesOf('copy'),
  uploads: namesOf('uploads'),
};

function namesOf(command: OptionCommand): ReadonlySet<string> {
  const rows = OPTION_TABLE.filter((row) => row.faces.includes('cli') && belongsTo(row, command));
  return new Set(rows.map(({ name }) => name));
}

/** What variables and files say for a command: they may hold options of others, which say nothing here. */
export function settingsOf(place: Settings, command: OptionCommand): Settings {
  // A source there is a put's: both places of a copy are words.
  return new Map([...place].filter(([name]) => NAMES[command].has(name) && (command !== 'copy' || name !== 'source')));
}
