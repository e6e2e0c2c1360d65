import { existsSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import type { GivenText } from '../config/text-values.js';
import { UsageError } from '../errors.js';
import { archiveKind } from '../model/archive-name.js';
import { type WrittenBucket, writtenBucket } from '../model/web-address.js';
import { answerToCommand } from '../options/other-tools.js';
import { didYouMean } from '../options/suggest.js';
import { maskAddress, maskSecrets } from '../report/mask-secrets.js';
import type { Text } from '../report/message.js';
import { COMMAND_NAMES } from './command-table.js';
import { FLAGS } from './flags.js';
import { globParts, isGlob, isS3Url } from './operands.js';

// A first word that is a command of another tool is answered with the whole command line to write. Such a line is pasted, so it has to do what the
// other tool does: where a file gets another name there, it does here.

const DOWNLOADS = 'Downloads are not supported: use aws s3 cp or aws s3 sync.';
const RENAMES = 'A copy keeps the names of objects: aws s3 cp gives one another name.';
const UPLOAD = 'Write s3-parallel-put SOURCE s3://bucket/prefix.';

/** Tools whose name people paste with their command line. */
const TOOLS: ReadonlySet<string> = new Set(['aws', 's3', 's3cmd', 's5cmd', 'rclone']);

/** Commands that move single objects, and rename them: `cp a s3://bucket/b`. */
const OF_OBJECTS: ReadonlySet<string> = new Set(['cp', 'mv', 'copyto', 'moveto']);
const MOVES: ReadonlySet<string> = new Set(['mv', 'move', 'moveto']);

interface OtherLine {
  readonly command: string;
  readonly words: readonly string[];
  readonly answer: 'transfer' | Text;
}

/** The line of another tool that these words are; undefined for words that begin with a path, or with a command of no tool. */
function otherLine(words: readonly string[]): OtherLine | undefined {
  const at = words.findIndex((word) => !TOOLS.has(word));
  const command = words[at];
  if (command === undefined || existsSync(words[0] ?? '')) return undefined;
  const answer = answerToCommand(command);
  if (answer === undefined) return undefined;
  // Masked before they are taken apart: a part of a URL whose password has a slash does not show that it is one.
  const shownWords = words.slice(at + 1).map((word) => (existsSync(word) ? word : maskAddress(word)));
  return { command, words: shownWords, answer };
}

/** Throws `UsageError` for a first word that is a command elsewhere, or similar to one here. `destination` says whether an option names one. */
export function refuseOtherCommand(words: readonly string[], given: readonly GivenText[], destination: boolean): void {
  const line = otherLine(words);
  if (line !== undefined) {
    const hint = line.answer === 'transfer' ? transferHint(line, given, destination) : line.answer;
    throw new UsageError(`There is no command "${line.command}".`, hint);
  }
  const [first = ''] = words;
  const near = first.length > 2 ? didYouMean(first, COMMAND_NAMES) : undefined;
  if (near !== undefined) throw new UsageError(`"${maskAddress(first)}" is neither a command nor a file here.`, near);
}

/**
 * Throws `UsageError` for a command that nothing here does: whatever its options mean there, they are not what has to be answered. Commands that
 * put or copy are answered once their options are understood.
 */
export function refuseForeign(words: readonly string[]): void {
  const line = otherLine(words);
  if (line === undefined) return;
  if (line.answer !== 'transfer') throw new UsageError(`There is no command "${line.command}".`, line.answer);
  if (isDownload(line.words.map(bucketIn))) throw new UsageError(`There is no command "${line.command}".`, DOWNLOADS);
}

/** What the command `help` says about a command of another tool; undefined for any other word. */
export function helpAboutOther(word: string): Text | undefined {
  const answer = answerToCommand(word);
  return answer === 'transfer' ? UPLOAD : answer;
}

/** The line to write instead of a line that moves files or objects. */
function transferHint({ command, words }: OtherLine, given: readonly GivenText[], destination: boolean): string {
  const buckets = words.map(bucketIn);
  if (words.length === 0) return UPLOAD;
  if (isDownload(buckets)) return DOWNLOADS;
  const flags = given.map(flagText);
  const server = buckets.find((one) => one?.endpointUrl !== undefined)?.endpointUrl;
  if (server !== undefined && !given.some(({ row }) => row.name === 'endpointUrl'))
    flags.push(`--endpoint-url ${server}`);
  const stays = MOVES.has(command) ? 'Nothing is deleted here, so the source stays. ' : '';
  const [from] = buckets;
  const line =
    from === undefined
      ? putLine(words, buckets, flags, destination)
      : copyLine(from.address, buckets[1]?.address ?? 's3://DEST', OF_OBJECTS.has(command), flags);
  if (line === undefined) return RENAMES;
  // No full stop behind it: it would be pasted, too.
  return `${stays}Write: s3-parallel-put ${line}`;
}

function isDownload(buckets: readonly (WrittenBucket | undefined)[]): boolean {
  const [first, ...rest] = buckets;
  return first !== undefined && rest.length > 0 && rest.every((one) => one === undefined);
}

/** The bucket that a word names, in this tool's way, as a web address, or as a remote of rclone; undefined for a path. */
function bucketIn(word: string): WrittenBucket | undefined {
  if (isS3Url(word)) return { address: word, endpointUrl: undefined };
  if (existsSync(word)) return undefined;
  // One letter is a drive of Windows.
  const [, remote] = /^[\w-]{2,}:\/?([^/\\].*)$/s.exec(word) ?? [];
  return (
    writtenBucket(word) ?? (remote === undefined ? undefined : { address: `s3://${remote}`, endpointUrl: undefined })
  );
}

function putLine(
  words: readonly string[],
  buckets: readonly (WrittenBucket | undefined)[],
  flags: readonly string[],
  destination: boolean,
): string {
  const last = words.at(-1) ?? '';
  const guessed =
    !destination && words.length > 1 && !existsSync(last) && /^[a-z0-9][a-z0-9.-]{2,62}(?:\/|$)/.test(last);
  const named = buckets.at(-1)?.address ?? (guessed ? `s3://${last}` : undefined);
  const sources = named === undefined ? words : words.slice(0, -1);
  const target = named ?? (destination ? undefined : 's3://bucket/prefix');
  const [only = ''] = sources;
  const special = named === undefined || sources.length !== 1 ? undefined : ofOneSource(only, named);
  const { source = sources.map(shown).join(' '), to = target && shown(target), more = '' } = special ?? {};
  return [...flags, source, ...(to === undefined ? [] : [to]), ...(more === '' ? [] : [more])].join(' ');
}

interface Special {
  readonly source?: string;
  readonly to?: string;
  readonly more?: string;
}

/** How one source is put where a line as it stands would give other keys; undefined for a directory. */
function ofOneSource(source: string, target: string): Special | undefined {
  const { bucket, path } = partsOf(target);
  const name = posix.basename(source.replaceAll('\\', '/'));
  const toPrefix = path === '' || path.endsWith('/');
  const fromStdin = (key: string, input: string) => ({
    source: '-',
    to: bucket,
    more: `--as ${shellWord(key)}${input}`,
  });
  if (source === '-') return fromStdin(path === '' || toPrefix ? `${path}KEY` : path, '');
  if (isGlob(source) && !existsSync(source)) {
    const { base, glob } = globParts(source);
    return { source: shown(base), ...(glob !== '*' && { more: `--include ${shellWord(glob)}` }) };
  }
  if (!isFile(source)) return undefined;
  // An archive would be unpacked.
  if (archiveKind(source) !== undefined) return fromStdin(toPrefix ? path + name : path, ` < ${shellWord(source)}`);
  if (toPrefix) return undefined;
  return posix.basename(path) === name ? { to: parentOf(target) } : { to: bucket, more: `--as ${shellWord(path)}` };
}

/** The line of a copy, which takes the contents of a prefix as other tools do; undefined for an object that gets another name. */
function copyLine(
  source: string,
  destination: string,
  ofObjects: boolean,
  flags: readonly string[],
): string | undefined {
  const from = partsOf(source).path;
  const to = partsOf(destination).path;
  const isObject = ofObjects && /\.[^./*]+$/.test(from);
  const renames = isObject && to !== '' && !to.endsWith('/');
  if (renames && posix.basename(to) !== posix.basename(from)) return undefined;
  const contents = from === '' || from.endsWith('*') || isObject ? source : `${source.replace(/\/$/, '')}/*`;
  return ['copy', ...flags, shown(contents), shown(renames ? parentOf(destination) : destination)].join(' ');
}

/** `s3://bucket/a/` of `s3://bucket/a/b`. */
function parentOf(address: string): string {
  return address.slice(0, address.lastIndexOf('/') + 1);
}

function partsOf(address: string): { readonly bucket: string; readonly path: string } {
  const [, bucket = address, path = ''] = /^(s3:\/\/[^/]*)\/?(.*)$/s.exec(address) ?? [];
  return { bucket, path };
}

/** Whether a path is that of a file; one that does not exist is meant as one if it has an extension. */
function isFile(path: string): boolean {
  return existsSync(path) ? statSync(path).isFile() : /[^./\\]\.\w+$/.test(path);
}

/** An option as it was given. */
function flagText({ row, as, value }: GivenText): string {
  const fixed = FLAGS.get(as.replace(/^--?/, ''))?.fixed ?? as === `-${row.short}`;
  if (fixed === value) return as;
  const text = String(maskSecrets(String(value), row.name));
  // A value that stands alone would be the next word, or an option.
  return `${as}${row.type === 'optional' || text.startsWith('-') ? '=' : ' '}${shellWord(text)}`;
}

function shown(word: string): string {
  return shellWord(maskAddress(word));
}

/** A word that a shell does not change. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
