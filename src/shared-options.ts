import { UsageError } from './errors.js';
import { abortSignal, flag, globs, hook, oneOf, wholeNumber } from './option-checks.js';
import { type PartOptions, partOptions } from './part-options.js';
import { COMPARES, IF_NO_FILES_FOUND, PUT_MODES, type PutOptions } from './put-options.js';
import { parseRetryDelay, type RetryDelay } from './retry-delay.js';
import { parseSize } from './size.js';

/** Bodies held at once, in bytes. */
const BODY_BYTES = 192 * 1024 * 1024;

/** What every operation that writes objects may be told. */
export type SharedOptions = Pick<
  PutOptions,
  | 'mode'
  | 'compare'
  | 'include'
  | 'exclude'
  | 'limit'
  | 'minSize'
  | 'maxSize'
  | 'concurrency'
  | 'maxAttempts'
  | 'retryDelay'
  | 'memory'
  | 'partSize'
  | 'multipartThreshold'
  | 'resume'
  | 'dryRun'
  | 'failFast'
  | 'ifNoFilesFound'
  | 'signal'
  | 'onEvent'
>;

/** The same with every default in place and every value checked. */
export interface ResolvedSharedOptions extends Pick<PutOptions, 'signal' | 'onEvent'>, PartOptions {
  readonly mode: NonNullable<PutOptions['mode']>;
  readonly compare: NonNullable<PutOptions['compare']>;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly limit: number;
  readonly minSize: number;
  readonly maxSize: number;
  readonly concurrency: number | 'auto';
  readonly maxAttempts: number | undefined;
  readonly retryDelay: RetryDelay;
  /** Bytes. */
  readonly memory: number;
  readonly dryRun: boolean;
  readonly failFast: boolean;
  readonly ifNoFilesFound: NonNullable<PutOptions['ifNoFilesFound']>;
}

/** Checks them and fills in defaults. Throws `UsageError` naming the first wrong value and its fix; does no I/O. */
export function sharedOptions(options: SharedOptions): ResolvedSharedOptions {
  const minSize = options.minSize === undefined ? 0 : parseSize(options.minSize, 'minSize');
  const maxSize = options.maxSize === undefined ? Number.POSITIVE_INFINITY : parseSize(options.maxSize, 'maxSize');
  if (minSize > maxSize)
    throw new UsageError(`minSize (${minSize}) is larger than maxSize (${maxSize}): no file can fit.`);
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
    ...partOptions(options),
    dryRun: flag('dryRun', options.dryRun, false),
    failFast: flag('failFast', options.failFast, false),
    ifNoFilesFound: oneOf('ifNoFilesFound', options.ifNoFilesFound ?? 'error', IF_NO_FILES_FOUND),
    signal: abortSignal('signal', options.signal),
    onEvent: hook('onEvent', options.onEvent),
  };
}
