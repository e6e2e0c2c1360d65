import { UsageError } from '../errors.js';
import { LARGEST_PART, SMALLEST_PART } from '../model/part-layout.js';
import { msg, option } from '../report/message.js';
import type { PartOptions, ResolvedSharedOptions } from './resolved.js';
import {
  COMPARES,
  GZIP_WORDS,
  type GzipOption,
  type HeaderValues,
  IF_NO_FILES_FOUND,
  type PartChoices,
  PUT_MODES,
  RESUMES,
  type SharedOptions,
} from './types.js';
import { parseRetryDelay, parseSize } from './units.js';
import { abortSignal, concurrencyOf, flag, globs, hook, oneOf, requestRateOf, shown, wholeNumber } from './validate.js';

/** Default for the bytes of bodies in memory. */
const BODY_BYTES = 192 * 1024 * 1024;

/** Headers without those whose value is undefined, which must not replace others; undefined where none are left. */
export function definedHeaders(headers: HeaderValues): HeaderValues | undefined {
  const values = Object.values(headers);
  if (values.every((value) => value === undefined)) return undefined;
  if (!values.includes(undefined)) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

/** Checks the options that put and copy share and fills in defaults. Throws `UsageError` naming the first wrong value and its fix; does no I/O. */
export function sharedOptions(options: SharedOptions): ResolvedSharedOptions {
  const minSize = options.minSize === undefined ? 0 : parseSize(options.minSize, 'minSize');
  const maxSize = options.maxSize === undefined ? Number.POSITIVE_INFINITY : parseSize(options.maxSize, 'maxSize');
  if (minSize > maxSize)
    throw new UsageError(msg`{minSize} (${minSize}) is larger than {maxSize} (${maxSize}): no file can fit.`);
  return {
    mode: oneOf('mode', options.mode ?? 'update', PUT_MODES),
    compare: oneOf('compare', options.compare ?? 'content', COMPARES),
    include: globs('include', options.include),
    exclude: globs('exclude', options.exclude),
    limit:
      options.limit === undefined
        ? Number.POSITIVE_INFINITY
        : wholeNumber('limit', options.limit, 'leave it out for no limit'),
    minSize,
    maxSize,
    concurrency: concurrencyOf(options.concurrency),
    maxRequestRate: requestRateOf(options.maxRequestRate),
    retryDelay: parseRetryDelay(options.retryDelay ?? 'jitter', 'retryDelay'),
    memory: options.memory === undefined ? BODY_BYTES : parseSize(options.memory, 'memory'),
    ...partOptions(options),
    failFast: flag('failFast', options.failFast, false),
    ifNoFilesFound: oneOf('ifNoFilesFound', options.ifNoFilesFound ?? 'error', IF_NO_FILES_FOUND),
    ...callOptions(options),
  };
}

/** Options of one call, whatever it does, checked. */
export type CallOptions = Pick<ResolvedSharedOptions, 'maxAttempts' | 'dryRun' | 'signal' | 'onEvent'>;

/** Checks them. Throws `UsageError` naming the first wrong value and its fix. */
export function callOptions(options: Pick<SharedOptions, keyof CallOptions>): CallOptions {
  return {
    maxAttempts:
      options.maxAttempts === undefined
        ? undefined
        : wholeNumber('maxAttempts', options.maxAttempts, 'give 1 for a single try'),
    dryRun: flag('dryRun', options.dryRun, false),
    signal: abortSignal('signal', options.signal),
    onEvent: hook('onEvent', options.onEvent),
  };
}

/** Bytes above which an object is uploaded in parts. */
const THRESHOLD = 16 * 1024 * 1024;

/** Checks the options about parts. Throws `UsageError` with the limits of S3. */
function partOptions({ partSize, multipartThreshold, resume }: PartChoices): PartOptions {
  return {
    partSize: partSize === undefined ? undefined : within('partSize', partSize),
    multipartThreshold: multipartThreshold === undefined ? THRESHOLD : within('multipartThreshold', multipartThreshold),
    resume: oneOf('resume', resume ?? 'on', RESUMES),
  };
}

function within(name: 'partSize' | 'multipartThreshold', value: number | string): number {
  const bytes = parseSize(value, name);
  if (bytes >= SMALLEST_PART && bytes <= LARGEST_PART) return bytes;
  const why = name === 'partSize' ? 'S3 takes parts from 5 MiB to 5 GiB' : 'it must be from 5 MiB to 5 GiB';
  throw new UsageError(
    msg`${option(name)} is ${JSON.stringify(value)} (${bytes} bytes); ${why}.`,
    'Leave it out for the default.',
  );
}

const GZIP_LEVEL = 6;
const FIX =
  'Types are written as "text/css" or "text/*"; "guess" stands for the compressible ones, "all" for every type.';
const TOKEN = "[!#$%&'+\\-.^_`|~0-9a-z]+";
const TYPE = new RegExp(`^${TOKEN}/(?:\\*|${TOKEN})$`);

/** A content type for comparing: in lower case, without its parameters. */
export function bareType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/**
 * The option with its types in lower case and without parameters.
 * @param name how messages name the option
 * @throws UsageError that names the option and quotes the wrong type
 */
export function checkedGzip(name: string, value: unknown): GzipOption {
  if (value === undefined) return false;
  if (typeof value === 'boolean' || value === 'all') return value;
  if (!Array.isArray(value)) {
    throw new UsageError(
      msg`${option(name)} is ${shown(value)}; it must be true, false, "all", or a list of content types.`,
      FIX,
    );
  }
  const types = value.map((type: unknown) => gzipType(name, type));
  return types.includes('all') ? 'all' : types;
}

/**
 * The level, from 1 (fast) to 9 (small).
 * @throws UsageError that names the option
 */
export function checkedGzipLevel(name: string, value: unknown): number {
  if (value === undefined) return GZIP_LEVEL;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 9) return value;
  throw new UsageError(msg`${option(name)} is ${shown(value)}; it must be a whole number from 1 (fast) to 9 (small).`);
}

/**
 * One type of such a list, in lower case and without parameters.
 * @throws UsageError that names the option and quotes the wrong type
 */
export function gzipType(name: string, value: unknown): string {
  const type = typeof value === 'string' ? bareType(value) : '';
  if ((GZIP_WORDS as readonly string[]).includes(type) || TYPE.test(type)) return type;
  throw new UsageError(msg`${option(name)}: ${JSON.stringify(value) ?? typeof value} is not a content type.`, FIX);
}
