import { randomUUID } from 'node:crypto';
import { InvalidationError, UsageError } from '../errors.js';
import { VERBS } from '../model/verbs.js';
import type { ResolvedPutOptions } from '../options/resolved.js';
import type { CloudFrontOptions } from '../options/site.js';
import { type Message, msg } from '../report/message.js';
import type { ReportInvalidation } from '../report/types.js';
import type { FinalPhase, Run } from '../run/run.js';
import { REAL_CLOCK, type RetryClock } from '../s3/middleware/retry.js';
import type { OpenBucket } from '../s3/open.js';
import { wrap } from '../s3/verbs.js';
import { autoPaths } from './auto-paths.js';
import { commandFor, createCommand } from './by-hand.js';
import { collectChanges } from './changes.js';
import { type ReadDistribution, readDistribution, type Unread, unreadWarning } from './distribution.js';
import { invalidate } from './invalidate.js';
import { givenPath } from './paths.js';
import { type CloudFront, CloudFrontError, openCloudFront } from './requests.js';

/** The invalidations of one put. */
export interface SiteInvalidation {
  /**
   * Begins to collect what changes. The bucket that it gives back sends its first write only once it is known that all distributions exist; a run that
   * writes nothing makes no request to CloudFront.
   */
  watch(run: Run, bucket: OpenBucket | undefined): OpenBucket | undefined;
  /** Takes what other runs of this deployment have changed; `lacks` says which keys are not all known. */
  changedBefore(before: {
    readonly changed: Iterable<string>;
    readonly created: Iterable<string>;
    readonly lacks: { readonly changed: boolean; readonly created: boolean };
  }): void;
  /** Invalidates what has changed. */
  readonly phase: FinalPhase;
}

type Options = Pick<ResolvedPutOptions, 'bucket' | 'dryRun' | 'connection' | 'cloudfront'>;

/** Undefined where no distribution is named. */
export function siteInvalidation(options: Options, clock: RetryClock = REAL_CLOCK): SiteInvalidation | undefined {
  const { cloudfront } = options;
  return cloudfront && invalidationOf(cloudfront, options, clock);
}

function invalidationOf(
  { distributionIds, paths: given, wait, onFailure, maxPaths }: CloudFrontOptions,
  { bucket: bucketName, dryRun, connection }: Options,
  clock: RetryClock,
): SiteInvalidation {
  const changes = collectChanges();
  const runId = randomUUID();
  const known = new Map<string, ReadDistribution>();
  const results: ReportInvalidation[] = [];
  /** Distributions of which paths may be incomplete, and those that show no changed key. */
  const unread: Readonly<Record<Unread, string[]>> = { config: [], policies: [] };
  const ofOtherKeys: string[] = [];
  let opened: Promise<CloudFront> | undefined;
  let bucket: OpenBucket | undefined;

  /** CloudFront; undefined in a run that makes no request at all. */
  async function openOnce(run: Run): Promise<CloudFront | undefined> {
    if (bucket === undefined) return undefined;
    const { access, location } = bucket;
    const { profile } = connection;
    opened ??= openCloudFront({ access, profile, region: location.region, clock }).then((client) => run.own(client));
    return opened;
  }

  /** @throws UsageError for a distribution that does not exist, `CloudFrontError` */
  async function read(cloudfront: CloudFront | undefined, id: string, signal: AbortSignal): Promise<ReadDistribution> {
    const before = known.get(id);
    if (before !== undefined || cloudfront === undefined) return before ?? { distribution: undefined };
    const found = await readDistribution(cloudfront, id, bucketName, signal).catch((error: unknown) => {
      throw isAbsent(error) ? noSuchDistribution(id, error) : error;
    });
    known.set(id, found);
    return found;
  }

  /** Finds distributions that do not exist. Other errors are those of the invalidation, later: a right that is missing stops no write. */
  async function check(run: Run): Promise<void> {
    const cloudfront = await openOnce(run);
    for (const id of distributionIds)
      await read(cloudfront, id, run.signal).catch((error: unknown) => {
        if (error instanceof UsageError || run.signal.aborted) throw error;
      });
  }

  function pathsFor(id: string, found: ReadDistribution): readonly string[] {
    if (given !== 'auto') return [...new Set(given.map(givenPath))];
    if (found.unread !== undefined) unread[found.unread].push(id);
    const paths = autoPaths(changes, found.distribution, maxPaths);
    if (paths.length === 0 && changes.changed.size > 0) ofOtherKeys.push(id);
    return paths;
  }

  /** Once for all distributions, because a run warns of one thing once. */
  function warnOfPaths({ record }: Run): void {
    const { config, policies } = unread;
    const unreadable = [config, policies].filter((ids) => ids.length > 0);
    const [first, second] = unreadable.map((ids) => unreadWarning(ids === config ? 'config' : 'policies', ids));
    if (first !== undefined)
      record.warn('distribution-unreadable', second === undefined ? first : msg`${first} ${second}`);
    if (ofOtherKeys.length > 0)
      record.warn(
        'distribution-of-other-keys',
        msg`Nothing was invalidated in the distribution${ofOtherKeys.length === 1 ? '' : 's'} ${ofOtherKeys.join(', ')}: none of its origins leads to the keys that have changed. Check the origin paths, {prefix} and {cloudfrontDistributionId}.`,
      );
  }

  async function invalidateIn(run: Run, cloudfront: CloudFront | undefined, id: string): Promise<void> {
    let paths: readonly string[];
    try {
      const found = given === 'auto' || dryRun ? await read(cloudfront, id, run.signal) : { distribution: undefined };
      paths = pathsFor(id, found);
    } catch (error) {
      if (!(error instanceof CloudFrontError)) throw error;
      const unread = given === 'auto' ? autoPaths(changes, undefined, maxPaths) : given.map(givenPath);
      results.push({ distributionId: id, paths: unread, status: 'failed', error: error.message });
      return;
    }
    if (paths.length === 0) return;
    if (dryRun || cloudfront === undefined) {
      results.push({ distributionId: id, paths, status: 'planned' });
      return;
    }
    const onBusy = (): void =>
      run.record.warn(
        'invalidations-in-progress',
        `The distribution ${id} has as many invalidations in progress as CloudFront allows: this one waits until some are completed.`,
      );
    const { signal } = run;
    const options = { cloudfront, distributionId: id, paths, runId, wait, clock, signal, onBusy };
    await invalidate(options, (result) => results.push(result));
  }

  async function work(run: Run, hasFailed: boolean): Promise<void> {
    run.record.include(() => (results.length === 0 ? {} : { invalidations: results }));
    try {
      const cloudfront = await openOnce(run);
      for (const id of distributionIds) await invalidateIn(run, cloudfront, id);
    } catch (error) {
      if (run.signal.aborted) warnOfMissed(run);
      throw error;
    } finally {
      warnOfPaths(run);
    }
    const failed = results.filter(({ status }) => status === 'failed');
    const [first] = failed;
    if (first === undefined) return;
    const message = failureMessage(first, failed.length, dryRun);
    const hint = failureHint(failed, dryRun);
    // Where objects have failed, their error is that of the run.
    if (onFailure === 'warn' || hasFailed) run.record.warn('invalidation-failed', msg`${message} ${hint}`);
    else throw new InvalidationError(message, run.record.report(true), { hint });
  }

  /** What was written stays in the cache, and the next run finds it unchanged. */
  function warnOfMissed(run: Run): void {
    if (dryRun || changes.count === 0) return;
    const left: string[] = [];
    const commands: string[] = [];
    for (const id of distributionIds) {
      const { distribution } = known.get(id) ?? {};
      const done = results.filter(({ distributionId, status }) => distributionId === id && status !== 'failed');
      const taken = new Set(done.flatMap(({ paths }) => paths));
      const all = given === 'auto' ? autoPaths(changes, distribution, maxPaths) : given.map(givenPath);
      const paths = all.filter((path) => !taken.has(path));
      if (paths.length === 0) continue;
      left.push(paths.length === all.length ? id : `${id} (in part)`);
      commands.push(createCommand(id, paths));
    }
    if (commands.length === 0) return;
    const what = changes.count === 1 ? '1 changed object was' : `${changes.count} changed objects were`;
    run.record.warn(
      'not-invalidated',
      `${what} not invalidated in ${left.join(', ')}, because the run ended before. The next run finds them unchanged, so do it by hand: ${commands.join(' ; ')}`,
    );
  }

  return {
    watch(run, toWatch) {
      run.record.onOutcome(changes.add);
      if (toWatch === undefined) return undefined;
      bucket = dryRun
        ? toWatch
        : { ...toWatch, ...checkedBeforeWrites(run, toWatch, () => check(run)), direct: undefined };
      return bucket;
    },
    changedBefore({ changed, created, lacks }) {
      for (const key of changed) changes.addKey('changed', key);
      for (const key of created) changes.addKey('created', key);
      if (lacks.changed) changes.overflow('changed');
      if (lacks.created) changes.overflow('created');
    },
    phase: {
      name: 'invalidation',
      needed: () => changes.count > 0,
      work: (run, end) => work(run, end.stoppedEarly === true || run.record.failed > 0),
      missed: warnOfMissed,
    },
  };
}

/** A bucket whose first write waits for a check. If that fails, its error ends the run, and nothing was written. */
function checkedBeforeWrites(run: Run, bucket: OpenBucket, check: () => Promise<void>): ReturnType<typeof wrap> {
  let checked: Promise<void> | undefined;
  let done = false;
  const begin = async (): Promise<void> => {
    try {
      await check();
      done = true;
    } catch (error) {
      run.stop.now(error);
      throw run.stop.signal.reason;
    }
  };
  return wrap(bucket, async ({ verb }, send) => {
    if (!done && VERBS[verb].writes === true) {
      checked ??= begin();
      await checked;
    }
    return send();
  });
}

function isAbsent(error: unknown): boolean {
  return error instanceof CloudFrontError && error.code === 'NoSuchDistribution';
}

function noSuchDistribution(id: string, cause: unknown): UsageError {
  const error = new UsageError(
    msg`{cloudfrontDistributionId} is "${id}", which is no distribution of this account.`,
    msg`Check the id (aws cloudfront list-distributions shows all), and whether the credentials are those of the account that has it. Nothing was written.`,
  );
  return Object.assign(error, { cause });
}

function failureMessage({ distributionId, error }: ReportInvalidation, count: number, dryRun: boolean): string {
  const more = count > 1 ? `, and ${count - 1} more` : '';
  const what = dryRun
    ? `An upload would not be invalidated in ${distributionId}${more}`
    : `The upload is complete, but the invalidation in ${distributionId} failed${more}`;
  return `${what}: ${error ?? ''}.`.replace(/\.\.$/, '.');
}

function failureHint(failed: readonly ReportInvalidation[], dryRun: boolean): Message {
  const denied = failed.flatMap(({ error = '' }) => /^(\w+) \S+: AccessDenied\b/.exec(error)?.[1] ?? []);
  const allow = denied.length === 0 ? '' : `Allow cloudfront:${[...new Set(denied)].join(', cloudfront:')}. `;
  if (dryRun) return msg`${allow}Nothing was written: fix this before the upload.`;
  return msg`${allow}The next run finds nothing to invalidate, so do it by hand: ${failed.map(commandFor).join(' ; ')}`;
}
