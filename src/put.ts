import type { Rules } from './encode/rules.js';
import type { PutOptions } from './options/types.js';
import { type Lookup, remoteLookup, withRemoteState } from './plan/listing/lookup.js';
import { parallelListing } from './plan/listing/parallel.js';
import { type PreparedPut, preparePut } from './prepare-put.js';
import type { OnEvent } from './report/types.js';
import type { Job } from './run/job.js';
import { announceStart, noFilesFound, type RunEnd, type RunRecord, warnOfSizes } from './run/record.js';
import { type Phase, type Run, type RunOptions, startPhases } from './run/run.js';
import { runConcurrently } from './run/workers.js';
import type { Bucket } from './s3/bucket.js';
import { locationUnopened, type OpenBucketOptions, openBucketOfRun } from './s3/open.js';
import { localSource, sourceLabel, survey } from './source/local.js';
import { type NameWatch, nameWatch, watchNames } from './source/names.js';
import type { Source } from './source/types.js';
import { md5Hasher } from './transfer/body/hash.js';
import { putWork } from './transfer/put/settle.js';

/** What tests may replace: patience with a silent server, the clocks of retries and send rate, and the client that sends requests. */
export interface PutInternals
  extends Pick<OpenBucketOptions, 'patience' | 'clock' | 'lane'>,
    Pick<RunOptions, 'limiterClock'> {
  /** Smallest part size of the part-size rule, in bytes. */
  readonly partFloor?: number;
  /** Bytes above which objects are sent in parts; may be below what the option accepts. */
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
 * Checks the options of a put without starting it, so that a caller can start it later.
 * @throws UsageError as {@link put} would
 */
export function checkPut(options: PutOptions): void {
  const { options: resolved, names } = preparePut(options);
  localSource({ ...resolved, names });
}

/** {@link put}, with what only tests replace. @internal */
export function startPut(options: PutOptions, internals: PutInternals): Job {
  return startPrepared(preparePut(options), internals);
}

/** {@link put} with options that are checked already. */
export function putPrepared(prepared: PreparedPut, onEvent: OnEvent): Job {
  return startPrepared({ ...prepared, options: { ...prepared.options, onEvent } }, {});
}

function startPrepared(checked: PreparedPut, internals: PutInternals): Job {
  const prepared = withThreshold(checked, internals.threshold);
  const source = localSource({ ...prepared.options, names: prepared.names });
  const names = nameWatch(source.ordered);
  const surveys: readonly Phase[] =
    source.survey === undefined ? [] : [{ name: 'survey', work: (run) => surveySource(run, prepared, source, names) }];
  return startPhases({ ...prepared.options, limiterClock: internals.limiterClock }, [
    ...surveys,
    { name: 'transfer', work: (run) => transfer(run, prepared, source, names, internals) },
  ]);
}

/** Counts what will be put, so that a run without files ends before it sends anything. */
async function surveySource(
  run: Run,
  { options }: PreparedPut,
  source: Source,
  names: NameWatch,
): Promise<RunEnd | undefined> {
  const { record, stop } = run;
  const found = await survey(source, stop.signal, source.repeatable ? names : undefined);
  if (!source.repeatable) return undefined;
  record.expect(found);
  if (found.objects > found.skipped) return undefined;
  noFilesFound(record, options.ifNoFilesFound, found);
  return found.objects === 0 ? {} : undefined;
}

/** Joins entries with what is remote and settles them concurrently, until the source ends or something stops the run. */
async function transfer(
  run: Run,
  prepared: PreparedPut,
  source: Source,
  names: NameWatch,
  internals: PutInternals,
): Promise<RunEnd> {
  const { options, rules } = prepared;
  const { record, stop } = run;
  const warnOfHeaders = () => {
    for (const { code, message } of [...prepared.warnings, ...rules.warnings()]) record.warn(code, message);
  };
  const sendsNothing = options.dryRun && options.mode === 'stupid';
  const bucket = sendsNothing
    ? undefined
    : await openBucketOfRun(run, options.bucket, options.connection, { ...internals, ...options });
  const location = bucket?.location ?? locationUnopened(options.connection);
  announceStart(record, { ...options, ...location, from: options.sources.map(sourceLabel) });
  warnOfSizes(record, options);
  // A survey has shown names, and which rules match; without one that is known at the end.
  for (const [code, message] of names.warnings()) record.warn(code, message);
  warnOfHeaders();
  const walked = source.repeatable ? source.walk(stop.signal) : watchNames(source.walk(stop.signal), names);
  const planned = withRemoteState(walked, lookupFor(run, prepared, source, bucket));
  const { settle } = putWork(run, {
    ...prepared,
    bucket,
    md5: run.own(md5Hasher(stop.signal)),
    sizing: { partSize: options.partSize, floor: internals.partFloor },
  });
  const end = await runConcurrently(run, planned, settle);
  warnOfHeaders();
  const { objects } = record;
  warnOfNames(record, names, bucket);
  if (end.aborted === undefined && stop.error === undefined) {
    if (objects === 0) noFilesFound(record, options.ifNoFilesFound);
    // A run that stopped early has not seen every file that a rule could match.
    if (end.stoppedEarly !== true && objects < options.limit) warnOfUnmatched(rules, record);
  }
  return end;
}

function lookupFor(
  { record, stop }: Run,
  { options }: PreparedPut,
  source: Source,
  bucket: Bucket | undefined,
): ((key: string) => Promise<Lookup>) | undefined {
  if (bucket === undefined || options.mode === 'stupid') return undefined;
  const { prefix } = options;
  return remoteLookup({
    list: parallelListing(bucket.listObjects, { prefix, bucket: bucket.name, signal: stop.signal }),
    prefix,
    ordered: source.ordered,
    entries: record.totals?.objects,
    warn: record.warn,
  });
}

/** Warns of names that a server treats otherwise than expected: after the first responses, which show what the server is. */
function warnOfNames(record: RunRecord, names: NameWatch, bucket: Bucket | undefined): void {
  for (const [code, message] of names.warnings()) record.warn(code, message);
  const onFiles = bucket?.facts().keepsFiles === true ? names.fileServerWarning() : undefined;
  if (onFiles !== undefined) record.warn(...onFiles);
}

function warnOfUnmatched(rules: Rules, record: RunRecord): void {
  const unmatched = rules.unmatched().map(({ number, match }) => `rule ${number} (match ${JSON.stringify(match)})`);
  if (unmatched.length > 0) record.warn('rule-unmatched', `No file was matched by ${unmatched.join(', ')}.`);
}

/** The prepared options with the threshold that a test sets. */
export function withThreshold<T extends { readonly options: { readonly multipartThreshold: number } }>(
  prepared: T,
  threshold: number | undefined,
): T {
  if (threshold === undefined) return prepared;
  return { ...prepared, options: { ...prepared.options, multipartThreshold: threshold } };
}
