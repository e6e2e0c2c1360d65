import { collectChanges } from './cloudfront/changes.js';
import { type SiteInvalidation, siteInvalidation } from './cloudfront/phase.js';
import { UsageError } from './errors.js';
import {
  type Distribute,
  openPut,
  type PutInternals,
  type PutTask,
  runInternals,
  straysAfter,
  surveySource,
  walk,
  warnAtStart,
  warnOfUnmatched,
  withThreshold,
} from './open-put.js';
import type { PutOptions } from './options/types.js';
import { landmarks } from './plan/listing/landmarks.js';
import { dropPlanned, withRemoteState } from './plan/listing/lookup.js';
import { type FinishOptions, type PreparedPut, prepareFinish, preparePut } from './prepare-put.js';
import { putInPhases } from './put-in-phases.js';
import { msg, type Text } from './report/message.js';
import type { OnEvent } from './report/types.js';
import type { Job } from './run/job.js';
import { inParts, type Part } from './run/parts.js';
import { announceStart, hasEnded, type RunEnd } from './run/record.js';
import { type FinalPhase, type Phase, type Run, startPhases } from './run/run.js';
import { runConcurrently } from './run/workers.js';
import { locationUnopened } from './s3/open.js';
import { type IsPage, type ShardWork, workOfFinish, workOfShard } from './shards/work.js';
import { hashedFiles } from './site/hashed-files.js';
import { linkGuard } from './site/link-guard.js';
import { redirectTargets } from './site/redirects.js';
import { secretGuard } from './site/secret-guard.js';
import { type LocalSourceOptions, localSource, sourceLabel } from './source/local.js';
import { namesSourceMaps, nameWatch } from './source/names.js';
import { ownFiles } from './source/own-files.js';
import { withRedirects } from './source/redirects.js';
import type { Source } from './source/types.js';
import { type LiveCheck, liveCheckOf } from './verify/live-check.js';

/**
 * Puts directories, files or iterables into a bucket, in parallel.
 *
 * Throws `UsageError` at once for options that cannot work. The job resolves with the report, or rejects with `UsageError` (a source that does
 * not exist, two sources for one key), `RefusedError` (no files, secrets), `RunStoppedError` (an error that every request meets), `PartialFailureError`
 * (some objects failed) or `AbortError`.
 */
export function put(options: PutOptions): Job {
  return startPut(options, {});
}

/**
 * Puts what the shards of a put have left: the pages, and then deletes, invalidations and the live check, with the options of a put. It compares the
 * whole source with the bucket, so that what a shard has not put is put before the pages, with a warning.
 *
 * Throws as {@link put} does; the job also rejects with `RefusedError` (`ShardsNotDone`), before anything is written, where the reports do not show that every
 * shard has put the same source.
 */
export function finish(options: FinishOptions): Job {
  return startFinish(options, {});
}

/** {@link finish}, with what only tests replace. @internal */
export function startFinish(options: FinishOptions, internals: PutInternals): Job {
  return startPrepared(prepareFinish(options), internals);
}

/**
 * Checks the options of a put without starting it, so that a caller can start it later.
 * @throws UsageError as {@link put} would
 */
export function checkPut(options: PutOptions): void {
  const { options: resolved, names, cleanUrlsOf } = preparePut(options);
  const source = localSource({ ...resolved, names, cleanUrlsOf });
  if (resolved.shard !== undefined) refuseReadOnce(source, msg`{shard}`);
}

/** {@link put}, with what only tests replace. @internal */
export function startPut(options: PutOptions, internals: PutInternals): Job {
  return startPrepared(preparePut(options), internals);
}

/** {@link put} with options that are checked already. */
export function putPrepared(prepared: PreparedPut, onEvent: OnEvent, internals: PutInternals = {}): Job {
  return startPrepared({ ...prepared, options: { ...prepared.options, onEvent } }, internals);
}

function startPrepared(checked: PreparedPut, internals: PutInternals): Job {
  const prepared = withThreshold(checked, internals.threshold);
  const { options } = prepared;
  const own = ownFiles(prepared.ownFiles, prepared.siteFiles);
  const walked = filesOf(prepared, { ownFiles: own });
  const files = internals.around?.(walked) ?? walked;
  const source = withRedirects(files, prepared.redirects, options.ifNoFilesFound !== 'error');
  const names = nameWatch(source.ordered, options.warnSourceMaps && !namesSourceMaps(options), prepared.unreadFiles);
  const secrets = secretGuard(prepared);
  const hashed = options.preset === 'site' ? hashedFiles() : undefined;
  // A shard does not know what the others put; finish checks all links, and where redirects lead.
  const targets = options.shard === undefined ? redirectTargets(prepared.redirects) : [];
  const links = linkGuard({ ...options, redirects: targets }, source);
  const invalidation = siteInvalidation(options, internals.clock);
  const live = liveCheckOfPut({ prepared, source, internals });
  const shards = shardWork(prepared, source, invalidation);
  return startTask({ prepared, source, names, secrets, hashed, links, own, invalidation, live, shards, internals });
}

/** The source of prepared options, without redirects. Throws `UsageError`. */
export function filesOf(
  { options, names, cleanUrlsOf }: PreparedPut,
  more: Pick<LocalSourceOptions, 'ownFiles' | 'listedFolders'> = {},
): Source {
  return localSource({ ...options, names, cleanUrlsOf, leftOut: options.listStrays, ...more });
}

/** What the run does besides, if it is one of several; undefined where it is not. */
function shardWork(
  prepared: PreparedPut,
  source: Source,
  invalidation: SiteInvalidation | undefined,
): ShardWork | undefined {
  const { options, phaseOf, finish: plan } = prepared;
  if (options.shard === undefined && plan === undefined) return undefined;
  refuseReadOnce(source, plan === undefined ? msg`{shard}` : 'finish');
  const isPage: IsPage = ({ phase, relativePath }) => (phase ?? phaseOf(relativePath)) === 'pages';
  const context = { options, isPage, ordered: source.ordered };
  if (plan !== undefined) return workOfFinish(plan, context, (before) => invalidation?.changedBefore(before));
  const changes = collectChanges(MOST_CHANGED);
  return options.shard && workOfShard(options.shard, { ...context, changes, attempt: prepared.attempt });
}

/** Keys of each kind in the report of a shard. */
const MOST_CHANGED = 10_000;

/** All shards read the whole source before they write, to compare it. */
function refuseReadOnce({ repeatable }: Source, what: Text): void {
  if (repeatable) return;
  throw new UsageError(
    msg`${what} needs a source that can be read twice, and this one is a compressed archive, standard input or items.`,
    'Unpack it, and give its folder.',
  );
}

/** Starts a put with its source, which nothing has walked yet. */
export function startTask(given: PutTask): Job {
  const { source, internals } = given;
  const task: PutTask = source.ordered ? { ...given, landmarks: landmarks() } : given;
  const { options } = task.prepared;
  const { distribute, parts } = internals;
  const surveys: readonly Phase[] =
    source.survey === undefined || parts !== undefined
      ? []
      : [{ name: 'survey', work: (run) => surveySource(run, task) }];
  const writes: readonly Phase[] =
    distribute !== undefined
      ? [{ name: 'transfer', work: (run) => distributed(run, task, distribute) }]
      : parts !== undefined
        ? [{ name: 'transfer', work: (run) => putParts(run, task, parts) }]
        : options.order === 'site' ||
            options.delete ||
            options.updateHeaders ||
            [task.links, task.prepared.finish].some((one) => one !== undefined)
          ? putInPhases(task)
          : [{ name: 'transfer', work: (run) => transfer(run, task) }];
  return startPhases({ ...options, ...runInternals(internals) }, [...surveys, ...writes], finalPhases(task));
}

/** Announces the run as a put does that opens its bucket, and has others put what is found. */
async function distributed(run: Run, task: PutTask, distribute: Distribute): Promise<RunEnd> {
  const { options, rules } = task.prepared;
  const from = options.sources.map(sourceLabel);
  announceStart(run.record, { ...options, ...locationUnopened(options.connection), from });
  warnAtStart(run.record, task);
  const end = await distribute(run, walk(run, task));
  if (!hasEnded(end)) warnOfUnmatched(rules, run.record);
  return end;
}

/** What follows once all is written: invalidations, then the live check. */
function finalPhases({ invalidation, live }: PutTask): readonly FinalPhase[] {
  return [invalidation?.phase, live?.phase].filter((phase) => phase !== undefined);
}

function liveCheckOfPut({
  prepared,
  source,
  internals,
}: Pick<PutTask, 'prepared' | 'source' | 'internals'>): LiveCheck | undefined {
  const { siteProxy: proxy } = prepared;
  const patience = {
    ...(internals.clock !== undefined && { sleep: internals.clock.sleep }),
    ...internals.livePatience,
  };
  return liveCheckOf({ ...prepared, source, proxy, patience, http: internals.patience });
}

/** Joins entries with what is remote and settles them concurrently, until the source ends or something stops the run. */
async function transfer(run: Run, task: PutTask): Promise<RunEnd> {
  const opened = await openPut(run, task);
  const units = withRemoteState(walk(run, task), opened.remote);
  const end = await runConcurrently(run, units, opened.work.settle, dropPlanned);
  await straysAfter(run, task, opened, end);
  opened.work.finish();
  opened.finish(end, run.record.objects);
  return end;
}

/** The same for sources that come one after the other. Of what only a whole walk shows it says nothing. */
async function putParts(run: Run, task: PutTask, parts: AsyncIterable<Part<Source>>): Promise<RunEnd> {
  const { work, remoteOfPart } = await openPut(run, task);
  const unitsOf = (source: Source) => withRemoteState(source.walk(run.stop.signal), remoteOfPart(source));
  const joined = inParts(run, parts, unitsOf, work.settle);
  const end = await runConcurrently(run, joined.blocks, joined.settle, dropPlanned);
  work.finish();
  return end;
}
