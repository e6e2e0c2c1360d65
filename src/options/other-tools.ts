import { msg, type Text } from '../report/message.js';
import { ADD, INVALIDATE, OTHER_NAMES, OWN_KEYS } from './other-names.js';
import type { OptionRow } from './row.js';

// Values and commands of other tools, and the answers to every word of them; the names of their options are rows of their own.

/** Values that other tools give an option that exists here. */
export interface OtherValue {
  /** The option, by its name in the API. */
  readonly option: string;
  /** The values in lower case, separated by spaces; empty for none at all, `*` for every other. */
  readonly values: string;
  readonly answer: Text;
  /** The value was one of an ancestor of this tool: the end of the message that refuses it. */
  readonly removed?: string;
}

const UPDATE = msg`{mode: 'update'}, the default, uploads absent and different objects; {mode: 'stupid'} uploads all.`;

export const OTHER_VALUES: readonly OtherValue[] = [
  {
    option: 'mode',
    values: 'copy',
    answer: 'From bucket to bucket is the command "copy": s3-parallel-put copy s3://SOURCE s3://DEST.',
    removed: 'is no longer a mode',
  },
  { option: 'compress', values: 'brotli', answer: msg`Use {compress: 'br'}.` },
  { option: 'compress', values: 'gz true yes on', answer: msg`Use {compress: 'gzip'}.` },
  { option: 'compress', values: 'zst zstandard', answer: msg`Use {compress: 'zstd'}.` },
  { option: 'compress', values: 'none off no', answer: 'Leave it out.' },
  { option: 'mode', values: 'sync mirror overwrite replace always all force changed', answer: UPDATE },
  {
    option: 'mode',
    values: 'metadata headers headers-only metadata-only',
    answer: msg`Use {updateHeaders} with {mode: 'update'}: it sets headers that differ, without an upload.`,
  },
  {
    option: 'preset',
    values: 'spa static static-site website web app vite webpack next nextjs astro nuxt sveltekit hugo jekyll angular',
    answer: msg`There is one for all sites: {preset: 'site'}.`,
  },
  { option: 'preset', values: 'none off false no default', answer: 'Leave it out.' },
  { option: 'cleanUrls', values: 'true on yes strip extension', answer: msg`Use {cleanUrls: 'html'}.` },
  { option: 'cleanUrls', values: 'folder folders directory directories', answer: msg`Use {cleanUrls: 'index'}.` },
  { option: 'cleanUrls', values: 'all', answer: msg`Use {cleanUrls: 'both'}.` },
  { option: 'cleanUrls', values: 'none off false no', answer: 'Leave it out.' },
  { option: 'mode', values: 'new create skip absent', answer: ADD },
  { option: 'resume', values: 'false no none never', answer: msg`That is {resume: 'off'}.` },
  { option: 'resume', values: 'true yes always', answer: msg`That is {resume: 'on'}, which is the default.` },
  {
    option: 'resume',
    values: '*',
    answer: msg`No log is needed: run the same command again. {mode: 'update'} uploads absent and different objects, {mode: 'add'} absent ones.`,
    removed: 'was removed: the option no longer takes a log, but one of on, off, unproven',
  },
  {
    option: 'contentType',
    values: 'magic',
    answer: msg`Use {contentType: 'guess'}, which is the default: it guesses from the name of the file.`,
    removed: 'is no longer supported',
  },
  { option: 'sse', values: '', answer: msg`What aws s3 means by it alone is {sse} AES256.` },
  { option: 'sse', values: 'true on yes s3 sse-s3', answer: msg`S3's own keys are {sse} AES256.` },
  { option: 'sse', values: 'sse-c customer', answer: OWN_KEYS },
  { option: 'sse', values: 'none off false', answer: 'Leave it out: the bucket encrypts as it is set up.' },
  {
    option: 'storageClass',
    values: 'ia infrequent_access infrequent cold cool',
    answer: msg`S3's is {storageClass: 'STANDARD_IA'}.`,
  },
  {
    option: 'storageClass',
    values: 'archive coldline nearline',
    answer: msg`S3's are {storageClass: 'GLACIER_IR'}, GLACIER and DEEP_ARCHIVE.`,
  },
  { option: 'acl', values: 'none off default inherit no', answer: 'Leave it out.' },
  { option: 'acl', values: 'log-delivery-write', answer: 'S3 takes it for buckets only.' },
  {
    option: 'compare',
    values: 'mtime time times timestamp timestamps date modtime etag md5 checksum hash sha256 both',
    answer: msg`Leave it out: {compare: 'content'} is the default. Times are not compared.`,
  },
  { option: 'compare', values: 'none off never', answer: msg`Use {mode: 'stupid'}: it compares nothing.` },
  { option: 'checksum', values: '', answer: msg`Leave it out: contents are compared by default.` },
  { option: 'checksum', values: 'none no never false', answer: msg`That is {checksum: 'off'}.` },
  {
    option: 'checksum',
    values: 'sha1 sha256 crc32c crc64nvme crc64',
    answer: msg`The checksum of uploads is CRC32 or MD5; {checksum: 'auto'} chooses.`,
  },
  {
    option: 'checksum',
    values: '*',
    answer:
      'An option of this name without a value, as rclone has it, is not needed: contents are compared by default.',
  },
  { option: 'logLevel', values: 'trace verbose all', answer: msg`The most is {logLevel: 'debug'}.` },
  { option: 'logLevel', values: 'critical fatal quiet none off', answer: msg`The least is {logLevel: 'error'}.` },
];

/** Commands of other tools, by what does the same here. */
export interface OtherCommand {
  readonly names: string;
  /** `transfer`: put or copy, by the words that follow. */
  readonly answer: 'transfer' | Text;
}

export const OTHER_COMMANDS: readonly OtherCommand[] = [
  {
    names:
      'sync cp mv upload deploy push mirror move rsync bisync copyto moveto publish send transfer put-object upload-file copy-object',
    answer: 'transfer',
  },
  {
    names: 'pipe rcat',
    answer: 'Standard input is the source "-": s3-parallel-put - s3://bucket/prefix --as KEY.',
  },
  {
    names: 'check verify diff cryptcheck checksum status compare',
    answer:
      'Write s3-parallel-put --check SOURCE s3://bucket/prefix: it writes nothing, and exits with 1 if anything would change.',
  },
  {
    names: 'rm del remove deletefile purge expunge cleanup delete-object delete-objects',
    answer: 'Write s3-parallel-put delete s3://bucket/prefix/: it deletes all keys under a prefix.',
  },
  {
    names:
      'ls la ll list lsl lsd lsf lsjson du size tree ncdu head stat info find list-objects list-objects-v2 listremotes hashsum md5sum sha1sum gettagging',
    answer:
      'This tool lists no objects; "aws s3 ls" does. A dry run shows what would change: s3-parallel-put -n SOURCE s3://bucket/prefix.',
  },
  {
    names: 'get download cat copyurl select presign signurl share link get-object sign mount',
    answer: 'This tool reads nothing from a bucket for you; "aws s3 cp" and "aws s3 presign" do.',
  },
  {
    names:
      'mb rb mkdir rmdir rmdirs bucket bucket-version makebucket create-bucket website ws-create ws-delete ws-info setpolicy delpolicy setcors delcors setlifecycle getlifecycle dellifecycle expire payer setversioning setownership fixbucket s3api',
    answer: 'Buckets are not made or changed here; "aws s3 mb" and "aws s3api" do that. Folders need not exist.',
  },
  {
    names:
      'setacl restore accesslog settagging deltagging settier setobjectretention setobjectlegalhold retention legalhold put-object-acl put-object-tagging',
    answer: 'Objects that exist are not changed in place; an upload or a copy with the wanted options replaces them.',
  },
  {
    names: 'modify fix-headers update-metadata',
    answer:
      'Write s3-parallel-put --update-headers SOURCE s3://bucket/prefix with the wanted headers: it sets those that differ, without an upload.',
  },
  {
    names: 'multipart abortmp listmp list-multipart-uploads',
    answer:
      'Unfinished uploads are listed by s3-parallel-put uploads s3://bucket/prefix, and aborted with --abort-older-than.',
  },
  {
    names: 'why describe inspect check-ignore',
    answer: 'Write s3-parallel-put explain FILE SOURCE: it says what a put would do with one file, and why.',
  },
  { names: 'run batch', answer: 'A file of commands is not read; run one command for each line.' },
  {
    names: 'configure login init auth',
    answer: 'There is nothing to set up: credentials come from the AWS configuration, as with the AWS CLI.',
  },
  { names: 'invalidate cfinvalidate cfinval invalidation create-invalidation', answer: INVALIDATE },
  { names: 'usage man manual commands', answer: 'Write s3-parallel-put --help.' },
];

/** Letters and digits alone: `CacheControl`, `cache_control` and `--cache-control` are one name. */
function letters(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9=*]/g, '');
}

/** A short flag keeps its dash and its case, which other tools distinguish. */
function plain(name: string): string {
  return /^-.$/.test(name) ? name : letters(name);
}

function byName<T extends { readonly names: string }>(rows: readonly T[]): ReadonlyMap<string, T> {
  return new Map(rows.flatMap((row) => row.names.split(' ').map((name) => [plain(name), row] as const)));
}

const NAMES = byName(OTHER_NAMES.filter(({ names }) => !names.endsWith('*')));
const FAMILIES = OTHER_NAMES.filter(({ names }) => names.endsWith('*'));
const COMMANDS = new Map(OTHER_COMMANDS.flatMap((row) => row.names.split(' ').map((name) => [name, row] as const)));

/** The options that a text names. @internal */
export function optionsNamed(text: Text): readonly string[] {
  const names: string[] = [];
  if (typeof text !== 'string') text.render((name) => `${names.push(name)}`);
  return names;
}

/** Placeholders that every face words itself. */
const FACE_TEXTS: ReadonlySet<string> = new Set(['giveCredentials']);

/** The answer to an option of another tool. */
export interface Answer {
  readonly text: Text;
  readonly removed: boolean;
}

/**
 * What is here instead of an option of another tool; undefined for an unknown name. `typed` is a name in any spelling, or a short flag with its
 * dash; `value` is the word that follows it; `rows` are the options that can be given there.
 */
export function answerToName(typed: string, rows: Iterable<OptionRow>, value?: string): Answer | undefined {
  const name = plain(typed);
  const family = FAMILIES.find(({ names }) => typed.toLowerCase().replaceAll('_', '-').startsWith(names.slice(0, -1)));
  const row = (value === undefined ? undefined : NAMES.get(`${name}=${value}`)) ?? NAMES.get(name) ?? family;
  if (row === undefined) return undefined;
  const here = new Set([...rows].map((one) => one.name));
  const exists = optionsNamed(row.answer).every((option) => here.has(option) || FACE_TEXTS.has(option));
  const text = exists ? row.answer : row.elsewhere;
  return text === undefined ? undefined : { text, removed: row.removed === true };
}

/** What is here instead of a value that other tools give an option; undefined for any other. An empty value is none at all. */
export function answerToValue(option: string, value: string): OtherValue | undefined {
  const own = OTHER_VALUES.filter((row) => row.option === option);
  return (
    own.find(({ values }) => values.split(' ').includes(value.toLowerCase())) ??
    (value === '' ? undefined : own.find(({ values }) => values === '*'))
  );
}

/** What is here instead of a command of another tool; undefined for any other word. */
export function answerToCommand(word: string): OtherCommand['answer'] | undefined {
  return COMMANDS.get(word.toLowerCase())?.answer;
}
