import { existsSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { addressHint, isBucketHost } from '../model/web-address.js';
import { maskAddress } from '../report/mask-secrets.js';
import { msg, type Text } from '../report/message.js';

/** Sources and destination of a put. */
export interface PutLocations {
  readonly source: readonly string[];
  /** A name, or `s3://bucket/prefix`. */
  readonly bucket: string;
}

/** Sources and destination among the words of a command line. */
export interface ParsedOperands {
  readonly source: readonly string[];
  /** The last word, if it is a destination. */
  readonly destination: string | undefined;
}

const TO_THIS_MACHINE = 'To this machine: aws s3 cp or aws s3 sync.';
const HELP =
  'Usage: s3-parallel-put SOURCE... s3://bucket/prefix, as in s3-parallel-put dist s3://my-site; s3-parallel-put --help shows more.';

/** Whether a word names a bucket. */
export function isS3Url(word: string): boolean {
  return word.startsWith('s3://');
}

/** Finds sources and destination among the words of a put; throws `UsageError` if one is invalid or given twice. */
export function putOperands(
  words: readonly string[],
  bucket: string | undefined,
  prefix: string | undefined,
): ParsedOperands {
  const last = words.at(-1);
  const positional =
    last !== undefined && isS3Url(last) && !(words.length === 1 && bucket !== undefined) ? last : undefined;
  const source = positional === undefined ? words : words.slice(0, -1);
  for (const word of source) refuseSource(word, positional ?? bucket);
  if (positional !== undefined && (bucket !== undefined || prefix !== undefined)) {
    const flag = bucket === undefined ? '--prefix' : '--bucket';
    throw new UsageError(
      `The destination is given twice: by "${maskAddress(positional)}" and by ${flag}.`,
      'Give one of the two.',
    );
  }
  return { source, destination: positional };
}

/** Checks sources and bucket, from words or options; throws `UsageError` if one is missing. */
export function requireLocations(source: readonly string[] | undefined, bucket: string | undefined): PutLocations {
  if (source === undefined || source.length === 0) throw new UsageError('No source is given.', HELP);
  for (const word of source) refuseSource(word, bucket);
  if (bucket === undefined) throw noBucketError(source);
  return { source, bucket };
}

function refuseSource(word: string, destination: string | undefined): void {
  if (isS3Url(word)) {
    if (destination === undefined)
      throw new UsageError(
        `"${maskAddress(word)}" is a bucket, and downloads are not supported.`,
        `${TO_THIS_MACHINE} From bucket to bucket: s3-parallel-put copy ${maskAddress(word)} s3://DEST.`,
      );
    throw new UsageError(
      `"${maskAddress(word)}" is a bucket, and put takes its sources from this machine.`,
      `From bucket to bucket is the command "copy": s3-parallel-put copy ${maskAddress(word)} s3://DEST.`,
    );
  }
  if (word === '')
    throw new UsageError('A source is empty text.', 'Name a directory or a file; "." is the working directory.');
  if (isGlob(word) && !existsSync(word) && addressHint(word) === undefined) throw globError(word);
}

/** Whether a word looks like a pattern. */
export function isGlob(word: string): boolean {
  return /[*?[{]/.test(word);
}

/** A pattern as a source, the part before its first special segment, and a glob, the rest. */
export function globParts(word: string): { readonly base: string; readonly glob: string } {
  const segments = word.split('/');
  const at = segments.findIndex(isGlob);
  const base = segments.slice(0, at).join('/') || (word.startsWith('/') ? '/' : '.');
  return { base, glob: segments.slice(at).join('/') };
}

/** The error for a pattern that no shell expanded. */
function globError(word: string): UsageError {
  // Masked as a whole: of a URL whose password has a slash, the part before it does not show that it is one.
  const shown = maskAddress(word);
  const { base, glob } = globParts(shown);
  return new UsageError(
    `"${shown}" is a glob, and a source is a directory or a file.`,
    `Give the source ${base} with --include '${glob}'.`,
  );
}

function noBucketError(source: readonly string[]): UsageError {
  const last = source.at(-1) ?? '';
  const isFile = existsSync(last);
  // Users of other tools write `s3-parallel-put dist my-bucket`.
  if (source.length > 1 && !isFile && /^(?:s3:\/*)?[a-z0-9._-]{3,63}(?:\/|$)/i.test(last) && !isBucketHost(last))
    return new UsageError(
      'No bucket is given.',
      `If "${maskAddress(last)}" is the bucket, write s3://${maskAddress(last.replace(/^s3:\/*/i, ''))}.`,
    );
  const meant = isFile ? undefined : addressHint(last);
  if (meant !== undefined) return new UsageError(`"${maskAddress(last)}" is not how a bucket is written.`, meant);
  if (!isFile && /^[a-z][a-z0-9+.-]*:\/\//i.test(last))
    return new UsageError(`"${maskAddress(last)}" names no bucket.`, NO_BUCKET_THERE);
  return new UsageError('No bucket is given.', 'Name it as the last word, s3://bucket/prefix, or by --bucket.');
}

const NO_BUCKET_THERE = msg`Write the bucket's name as the last word, s3://BUCKET; the address of a server that is not AWS goes into {endpointUrl}.`;

/** Source and destination of a copy. */
export interface CopyOperands {
  readonly source: string;
  readonly destination: string;
}

const USAGE = 'Write s3-parallel-put copy s3://source/path s3://destination/prefix.';

/** Finds source and destination among the words of a copy; throws `UsageError` for anything but two s3:// URLs. */
export function copyOperands(words: readonly string[]): CopyOperands {
  const [source, destination, extra] = words;
  if (source === undefined) throw new UsageError('No source is given.', USAGE);
  if (!isS3Url(source)) throw notBucketError(source);
  if (destination === undefined)
    throw new UsageError(
      `No destination is given: "${maskAddress(source)}" is the source.`,
      `Write copy ${maskAddress(source)} s3://DEST. The default destination of s3copy, temp/dest in the same bucket, was not kept.`,
    );
  if (extra !== undefined)
    throw new UsageError(
      `The command "copy" takes a source and a destination, but "${maskAddress(extra)}" follows.`,
      'Name several parts of a source by --key and --from-prefix; copy each source by itself.',
    );
  if (!isS3Url(destination)) throw downloadError(destination);
  return { source, destination };
}

function notBucketError(word: string): UsageError {
  if (/^s3:\/*/i.test(word)) return new UsageError(`"${maskAddress(word)}" is not a bucket.`, bucketWordHint(word));
  return new UsageError(
    `"${maskAddress(word)}" is not a bucket, and the source of a copy is one.`,
    addressHint(word) ?? 'To upload files of this machine: s3-parallel-put put SOURCE s3://bucket/prefix.',
  );
}

function downloadError(word: string): UsageError {
  if (/^s3:\/*/i.test(word)) return new UsageError(`"${maskAddress(word)}" is not a bucket.`, bucketWordHint(word));
  const meant = addressHint(word);
  if (meant !== undefined) return new UsageError(`"${maskAddress(word)}" is not how a bucket is written.`, meant);
  return new UsageError(
    `"${maskAddress(word)}" is not a bucket, and downloads are not supported.`,
    `${TO_THIS_MACHINE} A bucket is written s3://bucket/prefix.`,
  );
}

/** The one bucket among the words of a command; undefined if there are none. Throws `UsageError` for anything else. */
export function bucketOperand(words: readonly string[], command: 'uploads' | 'delete'): string | undefined {
  const [bucket, extra] = words;
  if (extra !== undefined)
    throw new UsageError(`The command "${command}" takes one bucket, but "${maskAddress(extra)}" follows.`);
  if (bucket !== undefined && !isS3Url(bucket))
    throw new UsageError(`"${maskAddress(bucket)}" is not a bucket.`, bucketWordHint(bucket));
  return bucket;
}

/** The hint for a word that is to be a bucket. */
export function bucketWordHint(word: string): Text {
  return addressHint(word) ?? `Write s3://${maskAddress(word.replace(/^(?:s3:)?\/*/i, ''))}.`;
}
