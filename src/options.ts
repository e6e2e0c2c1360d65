import { type ConnectionOptions, connectionOf } from './connection-options.js';
import { UsageError } from './errors.js';
import { checkedGzip, checkedGzipLevel, type GzipOption } from './gzip-option.js';
import { joinPrefix, parseBucket } from './key.js';
import { meant } from './near-names.js';
import { nearOptions } from './near-options.js';
import { abortSignal, flag, globs, hook, oneOf, text, wholeNumber } from './option-checks.js';
import { apiRows } from './option-table.js';
import { partOptions } from './part-options.js';
import {
  COMPARES,
  IF_NO_FILES_FOUND,
  KEY_BASES,
  PUT_MODES,
  type PutOptions,
  type ResumeChoice,
  type SourceInput,
  SYMLINK_RULES,
} from './put-options.js';
import { parseRetryDelay, type RetryDelay } from './retry-delay.js';
import { parseSize } from './size.js';

/** Bodies held at once, in bytes. */
const BODY_BYTES = 192 * 1024 * 1024;

/** Put options with every default in place and every value checked. */
export interface ResolvedPutOptions
  extends Pick<
    PutOptions,
    | 'headers'
    | 'cacheControl'
    | 'acl'
    | 'metadata'
    | 'storageClass'
    | 'sse'
    | 'sseKmsKeyId'
    | 'tagging'
    | 'requestPayer'
    | 'expectedBucketOwner'
    | 'rules'
    | 'signal'
    | 'onEvent'
    | 'key'
    | 'filter'
  > {
  readonly sources: readonly SourceInput[];
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
  readonly mode: NonNullable<PutOptions['mode']>;
  readonly compare: NonNullable<PutOptions['compare']>;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly keyBase: NonNullable<PutOptions['keyBase']>;
  readonly limit: number;
  readonly minSize: number;
  readonly maxSize: number;
  readonly hidden: boolean;
  readonly symlinks: NonNullable<PutOptions['symlinks']>;
  readonly contentType: string;
  /** Types in lower case, without parameters. */
  readonly gzip: GzipOption;
  readonly gzipLevel: number;
  readonly concurrency: number | 'auto';
  readonly maxAttempts: number | undefined;
  readonly retryDelay: RetryDelay;
  /** Bytes. */
  readonly memory: number;
  readonly syncReads: boolean;
  /** Bytes; undefined for the rule. */
  readonly partSize: number | undefined;
  /** Bytes. */
  readonly multipartThreshold: number;
  readonly resume: ResumeChoice;
  readonly dryRun: boolean;
  readonly failFast: boolean;
  readonly ifNoFilesFound: NonNullable<PutOptions['ifNoFilesFound']>;
  readonly connection: ConnectionOptions;
}

const ROWS = apiRows('put');

/** Checks all options and fills in defaults. Throws `UsageError` naming the first wrong value and its fix; does no I/O. */
export function resolvePutOptions(options: PutOptions): ResolvedPutOptions {
  if (typeof options !== 'object' || options === null) throw new UsageError('put() needs an object of options.');
  const unknown = Object.keys(options).find((name) => !ROWS.some((row) => row.name === name));
  if (unknown !== undefined)
    throw new UsageError(
      `Unknown option "${unknown}".`,
      meant(nearOptions(unknown, ROWS)) ?? 'The README lists all options.',
    );
  const { bucket, prefix } = destination(options);
  const minSize = options.minSize === undefined ? 0 : parseSize(options.minSize, 'minSize');
  const maxSize = options.maxSize === undefined ? Number.POSITIVE_INFINITY : parseSize(options.maxSize, 'maxSize');
  if (minSize > maxSize)
    throw new UsageError(`minSize (${minSize}) is larger than maxSize (${maxSize}): no file can fit.`);
  return {
    sources: sourcesOf(options.source),
    bucket,
    prefix,
    mode: oneOf('mode', options.mode ?? 'update', PUT_MODES),
    compare: oneOf('compare', options.compare ?? 'content', COMPARES),
    include: globs('include', options.include),
    exclude: globs('exclude', options.exclude),
    keyBase: oneOf('keyBase', options.keyBase ?? 'source', KEY_BASES),
    limit:
      options.limit === undefined
        ? Number.POSITIVE_INFINITY
        : wholeNumber('limit', options.limit, 'leave it out for no limit'),
    minSize,
    maxSize,
    hidden: flag('hidden', options.hidden, true),
    symlinks: oneOf('symlinks', options.symlinks ?? 'inside', SYMLINK_RULES),
    contentType: text('contentType', options.contentType) ?? 'guess',
    headers: headersOf(options.headers),
    cacheControl: text('cacheControl', options.cacheControl),
    acl: options.acl,
    metadata: options.metadata,
    storageClass: options.storageClass,
    sse: options.sse,
    sseKmsKeyId: text('sseKmsKeyId', options.sseKmsKeyId),
    tagging: options.tagging,
    requestPayer: options.requestPayer,
    expectedBucketOwner: options.expectedBucketOwner,
    rules: options.rules,
    gzip: checkedGzip('gzip', options.gzip),
    gzipLevel: checkedGzipLevel('gzipLevel', options.gzipLevel),
    concurrency:
      options.concurrency === undefined || options.concurrency === 'auto'
        ? 'auto'
        : wholeNumber('concurrency', options.concurrency, 'give a number of requests in flight, or "auto"'),
    maxAttempts:
      options.maxAttempts === undefined
        ? undefined
        : wholeNumber('maxAttempts', options.maxAttempts, 'give 1 for a single try'),
    retryDelay: parseRetryDelay(options.retryDelay ?? 'jitter', 'retryDelay'),
    memory: options.memory === undefined ? BODY_BYTES : parseSize(options.memory, 'memory'),
    syncReads: flag('syncReads', options.syncReads, true),
    ...partOptions(options),
    dryRun: flag('dryRun', options.dryRun, false),
    failFast: flag('failFast', options.failFast, false),
    ifNoFilesFound: oneOf('ifNoFilesFound', options.ifNoFilesFound ?? 'error', IF_NO_FILES_FOUND),
    connection: connectionOf(options),
    signal: abortSignal('signal', options.signal),
    onEvent: hook('onEvent', options.onEvent),
    key: hook('key', options.key),
    filter: hook('filter', options.filter),
  };
}

function destination(options: PutOptions): { readonly bucket: string; readonly prefix: string } {
  if (typeof options.bucket !== 'string' || options.bucket === '') {
    throw new UsageError('No bucket was given.', 'Set bucket to a name or to "s3://bucket/prefix".');
  }
  const { bucket, prefix } = parseBucket(options.bucket);
  const own = text('prefix', options.prefix);
  if (prefix !== '' && own !== undefined) {
    throw new UsageError(
      `The bucket "${options.bucket}" names a prefix, and so does the prefix option ("${own}").`,
      'Give only one of them.',
    );
  }
  return { bucket, prefix: joinPrefix(own ?? prefix) };
}

function sourcesOf(source: PutOptions['source'] | undefined): readonly SourceInput[] {
  if (source === undefined || source === null || source === '') {
    throw new UsageError('No source was given.', 'Name a directory, a file, or give an iterable of {key, body}.');
  }
  const several = Array.isArray(source) && source.length > 0 && !source.some(isItem);
  const sources = several ? (source as readonly SourceInput[]) : [source as SourceInput];
  for (const one of sources) {
    if (typeof one === 'string' ? one !== '' : isIterable(one)) continue;
    throw new UsageError(
      `A source is ${one === '' ? 'an empty string' : typeof one}.`,
      'Give a path, or an iterable of {key, body}.',
    );
  }
  return sources;
}

/** An array of items, or an empty one, is one iterable source; an array of anything else is several sources. */
function isItem(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'key' in value && 'body' in value;
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

function headersOf(headers: PutOptions['headers']): PutOptions['headers'] {
  if (headers === undefined || typeof headers === 'function') return headers;
  if (typeof headers === 'object' && headers !== null && !Array.isArray(headers)) return headers;
  throw new UsageError('headers is not an object.', 'Give {name: value}, or a function that gives it for an item.');
}
