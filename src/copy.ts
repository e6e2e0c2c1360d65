import type { CopyOptions } from './options/types.js';
import { remoteLookup, withRemoteState } from './plan/listing/lookup.js';
import { parallelListing } from './plan/listing/parallel.js';
import { prepareCopy } from './prepare-copy.js';
import { type PutInternals, withThreshold } from './put.js';
import type { Outcome, Report } from './report/types.js';
import { type Job, startJob } from './run/job.js';
import { type ObjectSlots, pacedLimiter } from './run/pacer.js';
import { noFilesFound, type RunRecord, runRecord } from './run/record.js';
import { runConcurrently, type StopSwitch, stopSwitch } from './run/workers.js';
import type { Bucket } from './s3/bucket.js';
import { type OpenBucketOptions, openBucket } from './s3/open.js';
import { bucketSource } from './source/bucket.js';
import { type Md5, md5Hasher } from './transfer/body/hash.js';
import type { PreparedCopy } from './transfer/copy/context.js';
import { chooseRelay, copierForRun } from './transfer/copy/copier.js';
import { compareCopy, settleCopy } from './transfer/copy/settle.js';
import { headObjects, headRemote } from './transfer/head.js';

/**
 * Copies objects from bucket to bucket, in parallel: by the server itself where that can read the one and write the other, else through this
 * machine.
 *
 * Throws `UsageError` at once for options that cannot work. The job resolves with the report, or rejects as that of a put does; where nothing is
 * found, that is `RefusedError`.
 */
export function copy(options: CopyOptions): Job {
  return startCopy(options, {});
}

/** {@link copy}, with what only tests replace. */
export function startCopy(options: CopyOptions, internals: PutInternals): Job {
  const prepared = withThreshold(prepareCopy(options), internals.threshold);
  return startJob((signal, settled) => runCopy(prepared, internals, signal, settled), prepared.options.signal);
}

/** What the stages of one run share. */
interface Means {
  readonly source: Bucket;
  readonly dest: Bucket;
  readonly openSourceAsDest: () => Promise<Bucket>;
  readonly md5: Md5;
  readonly record: RunRecord;
  readonly stop: StopSwitch;
  readonly signal: AbortSignal;
  readonly underWay: ObjectSlots;
  readonly internals: PutInternals;
}

async function runCopy(
  prepared: PreparedCopy,
  internals: PutInternals,
  signal: AbortSignal,
  settled: (outcome: Outcome) => Promise<void>,
): Promise<Report> {
  const { options, places } = prepared;
  const stop = stopSwitch(signal);
  const { limiter, pace, underWay } = pacedLimiter(options.concurrency, stop.signal, internals.limiterClock);
  const record = runRecord(options.dryRun, options.onEvent, limiter);
  const md5 = md5Hasher(stop.signal);
  const { maxAttempts, retryDelay } = options;
  const run: OpenBucketOptions = {
    onEvent: record.emit,
    slots: limiter,
    pace,
    stop: stop.signal,
    maxAttempts,
    retryDelay,
  };
  const opened: Bucket[] = [];
  const open = async (name: string, connection: PreparedCopy['source']): Promise<Bucket> => {
    const bucket = await openBucket(name, connection, { ...internals, ...run });
    opened.push(bucket);
    return bucket;
  };
  try {
    record.emit({ type: 'phase', phase: 'transfer' });
    if (options.compare === 'size' && options.mode === 'update')
      record.warn('compare-size', 'Only sizes were compared: an edit that keeps the length goes unnoticed.');
    const source = await open(places.sourceBucket, prepared.source);
    const dest = await open(places.bucket, prepared.dest);
    const openSourceAsDest = () => open(places.sourceBucket, { ...prepared.dest, region: prepared.source.region });
    const means = { source, dest, openSourceAsDest, md5, record, stop, signal, underWay, internals };
    return await transferred(prepared, means, settled);
  } catch (error) {
    if (signal.aborted) return record.end({ aborted: { reason: signal.reason } });
    return record.end({ error });
  } finally {
    stop.now();
    for (const bucket of opened) bucket.close();
    await md5.close();
  }
}

/** Plans and carries out, object by object, until the listing ends or something stops the run. */
async function transferred(
  prepared: PreparedCopy,
  means: Means,
  settled: (outcome: Outcome) => Promise<void>,
): Promise<Report> {
  const { options, places } = prepared;
  const { source, dest, record, stop, signal } = means;
  const relay = chooseRelay({ ...prepared, ...means, warn: record.warn, asked: record.countHead });
  const settle = settleCopy({
    options,
    compare: compareCopy({
      askSource: headObjects({ bucket: source, record, signal }),
      askDest: headObjects({ bucket: dest, record, signal }),
    }),
    perform: copierForRun(prepared, { ...means, relay }),
    ask: (key) => headRemote(dest, record, key, signal),
    headersGiven: prepared.guessTypes || prepared.copyAcl || Object.keys(prepared.headers).length > 0,
    stop: stop.signal,
  });
  const unmatched: string[] = [];
  const found = bucketSource(
    {
      unmatched: (prefix) => unmatched.push(prefix),
      ...options,
      places,
      names: prepared.names,
      oneBucket: prepared.oneService && places.bucket === places.sourceBucket,
      pages: (prefix) => parallelListing(source.listObjects, { prefix, signal: stop.signal }),
      head(key, versionId) {
        record.countHead('named by key');
        return source.headObject(key, signal, { versionId });
      },
    },
    stop.signal,
  );
  const planned = withRemoteState(found, lookIn(prepared, means));
  const end = await runConcurrently(planned, settle, { ...means, failFast: options.failFast, settled });
  if (end.aborted === undefined && stop.error === undefined && record.objects === 0)
    noFilesFound(record, options.ifNoFilesFound, {
      empty: `There is nothing to copy: no object was found for ${prepared.from}.`,
    });
  if (unmatched.length > 0 && places.selections.length > 1) record.warn('prefix-unmatched', unmatchedText(unmatched));
  return record.end(end);
}

/** Prefixes are named by hand and in lists; one that is mistyped is noticed only here. */
function unmatchedText(prefixes: readonly string[]): string {
  const shown = prefixes.slice(0, 10).map((prefix) => JSON.stringify(prefix));
  const more = prefixes.length > shown.length ? ` and ${prefixes.length - shown.length} more` : '';
  return `No key begins with ${shown.join(', ')}${more}.`;
}

function lookIn({ options, places }: PreparedCopy, { dest, record, stop }: Means) {
  if (options.mode === 'stupid') return undefined;
  const { prefix } = places;
  return remoteLookup({
    list: parallelListing(dest.listObjects, { prefix, signal: stop.signal }),
    prefix,
    ordered: true,
    entries: places.selections.every(({ kind }) => kind === 'key') ? places.selections.length : undefined,
    warn: record.warn,
  });
}
