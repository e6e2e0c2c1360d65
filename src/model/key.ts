import { UsageError } from '../errors.js';
import { maskAddress } from '../report/mask-secrets.js';
import { msg, type Text } from '../report/message.js';
import { addressHint, isBucketHost } from './web-address.js';

/**
 * Longest key that S3 takes, in UTF-8 bytes.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export const MAX_KEY_BYTES = 1024;

/** Why a key made from a local name is refused. */
export interface KeyProblem {
  readonly code: 'InvalidKey' | 'KeyTooLong';
  readonly message: string;
}

/**
 * Why a local name cannot become this key; undefined where it can. Refused are keys over 1,024 UTF-8 bytes, empty keys, a
 * leading `/`, an empty, `.` or `..` segment, text that is not well-formed Unicode, and U+0000. Other control characters
 * are allowed. One pass without allocations, because it runs for every object.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export function keyProblem(key: string): KeyProblem | undefined {
  if (key === '') return invalid('The key is empty.');
  let bytes = 0;
  let start = 0;
  for (let i = 0; i <= key.length; i++) {
    // The end of the key ends its last segment, as a slash would.
    const unit = i < key.length ? key.charCodeAt(i) : SLASH;
    if (unit === SLASH) {
      const problem = segmentProblem(key, start, i);
      if (problem !== undefined) return problem;
      start = i + 1;
      bytes += 1;
    } else if (unit === 0) {
      return invalid(`The key ${JSON.stringify(key)} holds the character U+0000.`);
    } else if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (!isSurrogate(unit)) bytes += 3;
    else {
      const next = key.charCodeAt(i + 1);
      if (unit >= 0xdc00 || !(next >= 0xdc00 && next <= 0xdfff)) {
        return invalid(`The key ${JSON.stringify(key)} is not well-formed Unicode: half a character stands alone.`);
      }
      bytes += 4;
      i++;
    }
  }
  bytes -= 1;
  if (bytes <= MAX_KEY_BYTES) return undefined;
  const message = `The key is ${bytes.toLocaleString('en')} bytes long in UTF-8; S3 takes at most 1,024.`;
  return { code: 'KeyTooLong', message };
}

/**
 * Checks a key that the user gives to a file or to standard input by the option `as`.
 * @param prefix what is put before it: empty, or ends in `/`
 * @throws UsageError where it cannot be a key
 */
export function checkOwnKey(key: string, prefix = ''): void {
  const problem = keyProblem(key) ?? keyProblem(prefix + key);
  if (problem !== undefined)
    throw new UsageError(
      msg`{as} is ${JSON.stringify(key)}, which cannot be a key. ${problem.message}`,
      msg`Write a key below the prefix of the destination, such as "docs/index.html".`,
    );
}

function segmentProblem(key: string, start: number, end: number): KeyProblem | undefined {
  const length = end - start;
  if (length > 2) return undefined;
  if (length === 0) {
    if (end === 0) return invalid(`The key ${JSON.stringify(key)} begins with "/".`);
    return invalid(
      end === key.length
        ? `The key ${JSON.stringify(key)} ends in "/".`
        : `The key ${JSON.stringify(key)} holds an empty segment ("//").`,
    );
  }
  if (key.charCodeAt(start) !== DOT || (length === 2 && key.charCodeAt(start + 1) !== DOT)) return undefined;
  return invalid(`The key ${JSON.stringify(key)} holds the segment "${key.slice(start, end)}".`);
}

function invalid(message: string): KeyProblem {
  return { code: 'InvalidKey', message };
}

const DOT = 0x2e;
const SLASH = 0x2f;

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/**
 * The prefix of a put's keys: `''`, or text that ends in one `/`. One slash at its beginning and one at its end may be left out or written. Empty
 * segments are refused: without them the objects would go elsewhere than what is written.
 * @throws UsageError for an empty, `.` or `..` segment, text that cannot be part of a key, or a whole `s3://` address
 */
export function normalizePrefix(prefix: string): string {
  const shown = `prefix ${JSON.stringify(prefix)}`;
  if (/^s3:\//i.test(prefix))
    throw new UsageError(`The ${shown} is an address.`, msg`Give the bucket in \`{bucket}\`.`);
  const segments = prefix.split('/');
  const kept = segments.filter((segment) => segment !== '');
  refuseDots(kept, shown);
  if (/\/\//.test(prefix)) throw emptySegment(shown, kept.length === 0 ? 'leave it out' : `write "${kept.join('/')}"`);
  const joined = kept.join('/');
  if (joined === '') return '';
  const problem = keyProblem(joined);
  if (problem !== undefined) throw new UsageError(`The ${shown} cannot begin a key. ${problem.message}`);
  return `${joined}/`;
}

/**
 * The prefix of a copy's keys: keys of a bucket may have empty segments, and a copy keeps them. Empty, or ends in one `/`; slashes at the end change
 * nothing.
 * @throws UsageError for a `.` or `..` segment, and for text that cannot be part of a key
 */
export function copyPrefix(path: string): string {
  const shown = `prefix ${JSON.stringify(path)}`;
  refuseDots(path.split('/'), shown);
  const filled = path
    .split('/')
    .filter((segment) => segment !== '')
    .join('/');
  const problem = filled === '' ? undefined : keyProblem(filled);
  if (problem !== undefined) throw new UsageError(`The ${shown} cannot begin a key. ${problem.message}`);
  return withSlash(path);
}

/** A path as the prefix of what is below it: with one slash at the end, however many there are. */
export function withSlash(path: string): string {
  const bare = path.replace(/\/+$/, '');
  return bare === '' ? '' : `${bare}/`;
}

function refuseDots(segments: readonly string[], shown: string): void {
  const dots = segments.find((segment) => segment === '.' || segment === '..');
  if (dots === undefined) return;
  throw new UsageError(
    `The ${shown} holds the segment "${dots}".`,
    'Keys have no relative segments: write the prefix without it.',
  );
}

function emptySegment(shown: string, fix: string): UsageError {
  return new UsageError(
    `The ${shown} holds an empty segment ("//").`,
    `An upload writes no such keys: ${fix}. Only a copy keeps empty segments.`,
  );
}

/** Where objects are stored. */
export interface BucketAddress {
  /** Bucket name, access point alias, or access point ARN. */
  readonly bucket: string;
  /** As {@link normalizePrefix} returns it. */
  readonly prefix: string;
}

const ACCESS_POINT = /^arn:[^:/]+:s3[^:/]*:[^:/]*:[^:/]*:(?:outpost[:/][^:/]+[:/])?accesspoint[:/][^:/]+$/;
const ACCESS_POINT_AND_REST = /^(arn:.*?[:/]accesspoint[:/][^:/]+)(?:\/(.*))?$/s;

/**
 * Reads the `bucket` option: `name`, `s3://name`, `s3://name/prefix`, or an access point ARN, which is kept whole (after
 * `s3://` a prefix may follow it).
 * @throws UsageError that names the value and the fix
 */
export function parseBucket(text: string): BucketAddress {
  const { bucket, path } = parseAddress(text);
  if (path.startsWith('/') || path.includes('//')) {
    const kept = path.split('/').filter((segment) => segment !== '');
    throw emptySegment(`bucket ${JSON.stringify(text)}`, `write s3://${[bucket, ...kept].join('/')}`);
  }
  return { bucket, prefix: normalizePrefix(path) };
}

/**
 * Bucket and path of an address, the path as written. Names are 3–255 letters, digits, `.`, `_` and `-`: wider than
 * today's rule, because old buckets in us-east-1 may have capitals and underscores.
 * @param option the option's name in messages
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 * @throws UsageError that names the value and the fix
 */
export function parseAddress(
  text: string,
  option: Text = 'bucket',
): { readonly bucket: string; readonly path: string } {
  const address = /^s3:\/\/(.*)$/is.exec(text)?.[1];
  if (text === '' || address === '')
    throw new UsageError(
      msg`The ${option} ${JSON.stringify(text)} names no bucket.`,
      text === '' ? 'Write a name or s3://name/prefix.' : 'Write s3://name or s3://name/prefix.',
    );
  const arn = ACCESS_POINT_AND_REST.exec(address ?? text);
  const slash = address?.indexOf('/') ?? -1;
  const [bucket, path] =
    arn !== null
      ? [address === undefined ? text : (arn[1] ?? ''), address === undefined ? '' : (arn[2] ?? '')]
      : address === undefined || slash < 0
        ? [address ?? text, '']
        : [address.slice(0, slash), address.slice(slash + 1)];
  if ((!/^[A-Za-z0-9._-]{3,255}$/.test(bucket) && !ACCESS_POINT.test(bucket)) || isBucketHost(bucket)) {
    throw new UsageError(
      msg`The ${option} ${JSON.stringify(maskAddress(text))} is not a bucket name.`,
      bucketHint(text, bucket),
    );
  }
  return { bucket, path };
}

function bucketHint(text: string, bucket: string): Text {
  const meant = addressHint(text) ?? addressHint(bucket);
  if (meant !== undefined) return meant;
  if (/^https?:/i.test(text))
    return msg`Write the bucket's name, s3://BUCKET; the address of a server that is not AWS goes into \`{endpointUrl}\`.`;
  if (bucket === text && /^[^/\s:]+\/[^\s]*$/.test(text))
    return `Write s3://${maskAddress(text)} for a bucket with a prefix.`;
  return 'A name has 3 to 255 letters, digits, dots, underscores and hyphens; write it as name, s3://name or s3://name/prefix.';
}
