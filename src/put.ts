import type { Rules } from './encode/rules.js';
import type { ResolvedPutOptions } from './options/resolved.js';
import type { PutOptions } from './options/types.js';
import { type Lookup, remoteLookup, withRemoteState } from './plan/listing/lookup.js';
import { parallelListing } from './plan/listing/parallel.js';
import { type PreparedPut, preparePut } from './prepare-put.js';
import type { Outcome, Report } from './report/types.js';
import { type Job, startJob } from './run/job.js';
import type { LimiterClock } from './run/limiter.js';
import { MemoryBudget } from './run/memory.js';
import { type ObjectSlots, pacedLimiter } from './run/pacer.js';
import { noFilesFound, type RunRecord, runRecord } from './run/record.js';
import { runConcurrently, type StopSwitch, stopSwitch } from './run/workers.js';
import type { Bucket } from './s3/bucket.js';
import { checksumOf } from './s3/checksum.js';
import { type OpenBucketOptions, openBucket } from './s3/open.js';
import { localSource, survey } from './source/local.js';
import type { Source } from './source/types.js';
import { type Md5, md5Hasher } from './transfer/body/hash.js';
import { settleEntry } from './transfer/put/settle.js';

/** What tests may replace: how long a silent server is borne, the clocks of retries and send rate, and the way that requests take. */
export interface PutInternals extends Pick<OpenBucketOptions, 'patience' | 'clock' | 'lane'> {
  readonly limiterClock?: LimiterClock;
  /** Bytes that the rule of part sizes begins with. */
  readonly partFloor?: number;
  /** Bytes above which objects go up in parts, below what the option takes. */
  readonly threshold?: number;
}

/**
 * Puts directories, files or iterables into a bucket, in parallel.
 *
 * Throws `UsageError` at once for options that cannot work. The job resolves with the report, or rejects with `UsageError` (a source that does
 * not exist, two sources for one key), `RefusedError` (no files), `RunStoppedError` (an error that every request meets), `PartialFailureError`
 * (some objects failed) or `AbortError`.
 */
export function put(options: PutOptions): Job {
  return startPut(options, {});
}

/**
 * Checks the options of a put without doing anything, for whoever starts it later.
 * @throws UsageError as {@link put} would
 */
export function checkPut(options: PutOptions): void {
  const { options: resolved, names } = preparePut(options);
  localSource({ ...resolved, names });
}

/** {@link put}, with what only tests replace. */
export function startPut(options: PutOptions, internals: PutInternals): Job {
  const prepared = withThreshold(preparePut(options), internals.threshold);
  const source = localSource({ ...prepared.options, names: prepared.names });
  return startJob(
    (signal, settled) => runPut({ ...prepared, source, internals }, signal, settled),
    prepared.options.signal,
  );
}

/** What was prepared, with the threshold that tests ask for. */
export function withThreshold<T extends { readonly options: { readonly multipartThreshold: number } }>(
  prepared: T,
  threshold: number | undefined,
): T {
  if (threshold === undefined) return prepared;
  return { ...prepared, options: { ...prepared.options, multipartThreshold: threshold } };
}

interface Setup extends PreparedPut {
  readonly source: Source;
  readonly internals: PutInternals;
}

async function runPut(
  setup: Setup,
  signal: AbortSignal,
  settled: (outcome: Outcome) => Promise<void>,
): Promise<Report> {
  const { options, source, internals } = setup;
  const stop = stopSwitch(signal);
  const { limiter, pace, underWay } = pacedLimiter(options.concurrency, stop.signal, internals.limiterClock);
  const record = runRecord(options.dryRun, options.onEvent, limiter);
  const md5 = md5Hasher(stop.signal);
  let bucket: Bucket | undefined;
  try {
    if (source.survey !== undefined && (await surveyed(source, options, record, stop.signal)) === 'empty')
      return record.end({});
    record.emit({ type: 'phase', phase: 'transfer' });
    if (options.compare === 'size' && options.mode === 'update')
      record.warn('compare-size', 'Only sizes were compared: an edit that keeps the length goes unnoticed.');
    if (!(options.dryRun && options.mode === 'stupid')) {
      bucket = await openBucket(options.bucket, options.connection, {
        ...internals,
        onEvent: record.emit,
        slots: limiter,
        pace,
        stop: stop.signal,
        maxAttempts: options.maxAttempts,
        retryDelay: options.retryDelay,
      });
    }
    return await transferred(setup, { bucket, md5, record, stop, signal, underWay }, settled);
  } catch (error) {
    if (signal.aborted) return record.end({ aborted: { reason: signal.reason } });
    return record.end({ error });
  } finally {
    stop.now();
    bucket?.close();
    await md5.close();
  }
}

async function surveyed(
  source: Source,
  options: ResolvedPutOptions,
  record: RunRecord,
  signal: AbortSignal,
): Promise<'some' | 'empty'> {
  record.emit({ type: 'phase', phase: 'survey' });
  const found = await survey(source, signal);
  if (!source.repeatable) return 'some';
  record.expect(found);
  if (found.objects > found.skipped) return 'some';
  noFilesFound(record, options.ifNoFilesFound, found);
  return found.objects === 0 ? 'empty' : 'some';
}

interface Means {
  readonly bucket: Bucket | undefined;
  readonly md5: Md5;
  readonly record: RunRecord;
  readonly stop: StopSwitch;
  readonly signal: AbortSignal;
  readonly underWay: ObjectSlots;
}

/** Plans and carries out, entry by entry, until the source ends or something stops the run. */
async function transferred(setup: Setup, means: Means, settled: (outcome: Outcome) => Promise<void>): Promise<Report> {
  const { options, source } = setup;
  const { record, stop } = means;
  const planned = withRemoteState(source.walk(stop.signal), lookIn(setup, means));
  const memory = new MemoryBudget(options.memory);
  const sizing = { partSize: options.partSize, floor: setup.internals.partFloor };
  const settle = settleEntry({ ...setup, ...means, checksumOf, memory, sizing });
  const end = await runConcurrently(planned, settle, { ...means, failFast: options.failFast, settled });
  const { objects } = record;
  if (end.aborted === undefined && stop.error === undefined) {
    if (objects === 0) noFilesFound(record, options.ifNoFilesFound);
    // A run that stopped has not seen everything that a rule could match.
    if (end.stoppedEarly !== true && objects < options.limit) warnOfUnmatched(setup.rules, record);
  }
  return record.end(end);
}

function warnOfUnmatched(rules: Rules, record: RunRecord): void {
  const unmatched = rules.unmatched().map(({ number, match }) => `rule ${number} (match ${JSON.stringify(match)})`);
  if (unmatched.length > 0) record.warn('rule-unmatched', `No file was matched by ${unmatched.join(', ')}.`);
}

function lookIn(
  { options, source }: Setup,
  { bucket, record, stop }: Means,
): ((key: string) => Promise<Lookup>) | undefined {
  if (bucket === undefined || options.mode === 'stupid') return undefined;
  const { prefix } = options;
  return remoteLookup({
    list: parallelListing(bucket.listObjects, { prefix, signal: stop.signal }),
    prefix,
    ordered: source.ordered,
    entries: record.totals?.objects,
    warn: record.warn,
  });
}
