import { siteInvalidation } from './cloudfront/phase.js';
import {
  type Distribute,
  openPut,
  type PutInternals,
  type PutTask,
  straysAfter,
  surveySource,
  walk,
  warnOfUnmatched,
  withThreshold,
} from './open-put.js';
import type { PutOptions } from './options/types.js';
import { landmarks } from './plan/listing/landmarks.js';
import { dropPlanned, withRemoteState } from './plan/listing/lookup.js';
import { type PreparedPut, preparePut } from './prepare-put.js';
import { putInPhases } from './put-in-phases.js';
import type { OnEvent } from './report/types.js';
import type { Job } from './run/job.js';
import { announceStart, hasEnded, type RunEnd } from './run/record.js';
import { type FinalPhase, type Phase, type Run, startPhases } from './run/run.js';
import { runConcurrently } from './run/workers.js';
import { locationUnopened } from './s3/open.js';
import { hashedFiles } from './site/hashed-files.js';
import { linkGuard } from './site/link-guard.js';
import { redirectTargets } from './site/redirects.js';
import { secretGuard } from './site/secret-guard.js';
import { localSource, sourceLabel } from './source/local.js';
import { namesSourceMaps, nameWatch } from './source/names.js';
import { ownFiles } from './source/own-files.js';
import { withRedirects } from './source/redirects.js';
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
 * Checks the options of a put without starting it, so that a caller can start it later.
 * @throws UsageError as {@link put} would
 */
export function checkPut(options: PutOptions): void {
  const { options: resolved, names, cleanUrlsOf } = preparePut(options);
  localSource({ ...resolved, names, cleanUrlsOf });
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
  const files = localSource({
    ...options,
    names: prepared.names,
    cleanUrlsOf: prepared.cleanUrlsOf,
    leftOut: options.listStrays,
    ownFiles: own,
  });
  const walked = internals.around?.(files) ?? files;
  const source = withRedirects(walked, prepared.redirects, options.ifNoFilesFound !== 'error');
  const names = nameWatch(source.ordered, options.warnSourceMaps && !namesSourceMaps(options), prepared.unreadFiles);
  const secrets = secretGuard(prepared);
  const hashed = options.preset === 'site' ? hashedFiles() : undefined;
  const links = linkGuard({ ...options, redirects: redirectTargets(prepared.redirects) }, source);
  const invalidation = siteInvalidation(options, internals.clock);
  const live = liveCheckOfPut({ prepared, source, internals });
  return startTask({ prepared, source, names, secrets, hashed, links, own, invalidation, live, internals });
}

/** Starts a put with its source, which nothing has walked yet. */
export function startTask(given: PutTask): Job {
  const { source, internals } = given;
  const task: PutTask = source.ordered ? { ...given, landmarks: landmarks() } : given;
  const { options } = task.prepared;
  const surveys: readonly Phase[] =
    source.survey === undefined ? [] : [{ name: 'survey', work: (run) => surveySource(run, task) }];
  const { distribute } = internals;
  const writes: readonly Phase[] =
    distribute !== undefined
      ? [{ name: 'transfer', work: (run) => distributed(run, task, distribute) }]
      : options.order === 'site' || options.delete || options.updateHeaders || task.links !== undefined
        ? putInPhases(task)
        : [{ name: 'transfer', work: (run) => transfer(run, task) }];
  return startPhases({ ...options, limiterClock: internals.limiterClock }, [...surveys, ...writes], finalPhases(task));
}

/** Announces the run as a put does that opens its bucket, and has others put what is found. */
async function distributed(run: Run, task: PutTask, distribute: Distribute): Promise<RunEnd> {
  const { options, rules, warnings } = task.prepared;
  const from = options.sources.map(sourceLabel);
  announceStart(run.record, { ...options, ...locationUnopened(options.connection), from });
  for (const { code, message } of [...warnings, ...rules.warnings()]) run.record.warn(code, message);
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
