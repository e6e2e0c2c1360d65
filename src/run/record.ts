import {
  AbortError,
  PartialFailureError,
  RefusedError,
  RunStoppedError,
  S3RequestError,
  SourceError,
} from '../errors.js';
import { errorCode } from '../model/error-codes.js';
import { type OtherCounts, reportFold } from '../report/fold.js';
import { msg, type Text, warning } from '../report/message.js';
import type { StartEvent } from '../report/start.js';
import type { OnEvent, Outcome, Report, Retry, RunEvent } from '../report/types.js';

/** How many objects a run will settle, where that is known. */
export interface Totals {
  readonly objects: number;
  readonly bytes: number;
}

/** Requests in flight, counted by a limiter. */
export interface RequestsInFlight {
  readonly inFlight: number;
  readonly peak: number;
}

/** Why a run ended, other than that everything is done. */
export interface RunEnd {
  readonly aborted?: { readonly reason: unknown };
  /** The error that stopped it: of S3 or of the source. */
  readonly error?: unknown;
  /** Stopped at the first failure, by the option `failFast`. */
  readonly stoppedEarly?: boolean;
}

/** Whether a run, or a phase of it, ended before all of its work was attempted. */
export function hasEnded({ aborted, error, stoppedEarly }: RunEnd): boolean {
  return aborted !== undefined || error !== undefined || stoppedEarly === true;
}

/** A write that failed and is tried again. */
export interface FailedTry {
  /** The last of its failures. */
  readonly last: Retry;
  /** The response of one of its tries was lost, so that the object may be stored. */
  readonly mayBeStored: boolean;
}

/** The record of one run: passes events on, folds outcomes, and turns the end into a report or an error that carries it. */
export interface RunRecord {
  readonly emit: OnEvent;
  /** Warns the user, once per code. */
  readonly warn: (code: string, message: Text) => void;
  /** Puts and copies that have failed at least once and are not settled yet, by key. */
  readonly waiting: Map<string, FailedTry>;
  expect(totals: Totals): void;
  readonly totals: Totals | undefined;
  /** Settled objects. */
  readonly objects: number;
  /** Those that failed, or of which it is unknown whether they were stored. */
  readonly failed: number;
  settle(outcome: Outcome): void;
  /** Counts bytes of one unfinished object, for progress. */
  meter(): { add(bytes: number, takenOver: boolean): void; end(): void };
  /** Counts a HEAD that is about to be sent, by its reason. */
  countHead(why: string): void;
  /** Adds fields to every report from here on, as they are when it is made. */
  include(
    more: () => Pick<
      Report,
      | 'phases'
      | 'strays'
      | 'straysComplete'
      | 'invalidations'
      | 'batchJobs'
      | 'notByJob'
      | 'liveCheck'
      | 'links'
      | 'shard'
      | 'finish'
    >,
  ): void;
  /** Calls a listener with each outcome from here on, when the object is settled. */
  onOutcome(listener: (outcome: Outcome) => void): void;
  /** Counts an object that another writer has changed during the run. */
  conflict(): void;
  /** Adds what others have counted who work for this run. */
  addCounts(counts: OtherCounts): void;
  report(complete: boolean): Report;
  /** Returns the report, or throws the error of the run's end. */
  end(end: RunEnd): Report;
}

export function runRecord(dryRun: boolean, onEvent: OnEvent | undefined, requests: RequestsInFlight): RunRecord {
  const startedAt = new Date();
  const started = performance.now();
  const fold = reportFold(dryRun);
  const warned = new Set<string>();
  const waiting = new Map<string, FailedTry>();
  let totals: Totals | undefined;
  let sourceBytes = 0;
  let sourceFailed = false;
  let unfinishedBytes = 0;
  let takenOver = 0;
  const included: (() => Partial<Report>)[] = [];
  const listeners: ((outcome: Outcome) => void)[] = [];
  let hookFailure: { readonly error: unknown } | undefined;

  /** An error of the hook must not change what happens to objects: it is thrown at the end of the run. */
  function callHook(event: RunEvent): void {
    try {
      const answer: unknown = onEvent?.(event);
      if (answer instanceof Promise) answer.catch(hookFailed);
    } catch (error) {
      hookFailed(error);
    }
  }

  function hookFailed(error: unknown): void {
    hookFailure ??= { error };
  }

  function emit(event: RunEvent): void {
    if (event.type === 'warning') {
      if (warned.has(event.code)) return;
      warned.add(event.code);
    }
    if (event.type === 'retry') noteRetry(event);
    fold.event(event);
    callHook(event);
  }

  function noteRetry(last: Retry): void {
    const { verb, key, error } = last;
    if (key === undefined || (verb !== 'PutObject' && verb !== 'CopyObject')) return;
    const lost =
      error instanceof S3RequestError && error.status === undefined && errorCode(error.code).answerLost === true;
    waiting.set(key, { last, mayBeStored: lost || waiting.get(key)?.mayBeStored === true });
  }

  function progress(): void {
    if (onEvent === undefined) return;
    const event = {
      type: 'progress',
      objects: fold.objects,
      bytes: sourceBytes + unfinishedBytes,
      totalObjects: totals?.objects,
      totalBytes: totals?.bytes,
      inFlight: requests.inFlight,
    } as const;
    // Spreads are slow, and this is made for every object.
    callHook(takenOver > 0 ? { ...event, takenOver } : event);
  }

  function report(complete: boolean): Report {
    const report = fold.report({
      startedAt,
      seconds: (performance.now() - started) / 1_000,
      complete,
      // A file that was removed between survey and plan is no longer a candidate.
      notAttempted: totals === undefined ? undefined : complete ? 0 : Math.max(0, totals.objects - fold.objects),
      concurrency: requests.peak,
    });
    return Object.assign(report, ...included.map((more) => more()));
  }

  return {
    emit,
    waiting,
    // Most warnings are met once for each object.
    warn(code, message) {
      if (!warned.has(code)) emit(warning(code, message));
    },
    expect(expected) {
      totals = expected;
      progress();
    },
    meter() {
      let own = 0;
      return {
        add(bytes, already) {
          own += bytes;
          unfinishedBytes += bytes;
          if (already) takenOver += bytes;
          progress();
        },
        end() {
          unfinishedBytes -= own;
          own = 0;
        },
      };
    },
    countHead: (why) => fold.countHead(why),
    conflict: () => fold.conflict(),
    addCounts: (counts) => fold.addCounts(counts),
    get totals() {
      return totals;
    },
    get objects() {
      return fold.objects;
    },
    get failed() {
      return fold.failed;
    },
    settle(outcome) {
      fold.outcome(outcome);
      for (const listener of listeners) listener(outcome);
      sourceBytes += outcome.sourceBytes;
      sourceFailed ||= outcome.error instanceof SourceError && outcome.error.code === 'SourceFailed';
      progress();
    },
    onOutcome(listener) {
      listeners.push(listener);
    },
    include(more) {
      included.push(more);
    },
    report,
    end({ aborted, error, stoppedEarly }) {
      const whole = aborted === undefined && error === undefined && stoppedEarly !== true && !sourceFailed;
      const result = report(whole);
      if (aborted !== undefined) throw new AbortError(result, aborted.reason);
      if (error instanceof S3RequestError) throw new RunStoppedError(error, result);
      if (error !== undefined) throw withReport(error, result);
      if (result.counts.fail + result.counts.unknown > 0) throw new PartialFailureError(failureMessage(result), result);
      if (hookFailure !== undefined) throw withReport(hookFailure.error, result);
      return result;
    },
  };
}

/** An error that ends a run carries the report of what was done before. */
function withReport(error: unknown, report: Report): unknown {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return error;
  return 'report' in error && error.report !== undefined ? error : Object.assign(error, { report });
}

/** What a run puts where. */
export interface RunRoute extends Omit<StartEvent, 'type' | 'to'> {
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
}

/** Announces what goes where. Called once per run, when its bucket is known and before its first request. */
export function announceStart({ emit }: RunRecord, { bucket, prefix, from, region, endpoint, dryRun }: RunRoute): void {
  const to = `s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`;
  emit({
    type: 'start',
    from,
    to,
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    dryRun,
  });
}

/** Warns that a comparison of sizes misses edits of equal length. */
export function warnOfSizes(record: RunRecord, options: { readonly mode: string; readonly compare: string }): void {
  if (options.compare === 'size' && options.mode === 'update')
    record.warn('compare-size', 'Only sizes were compared: an edit that keeps the length goes unnoticed.');
}

/** Refuses, warns about, or accepts a source without files. Throws `RefusedError` by the rule `error`. */
export function noFilesFound(
  record: RunRecord,
  rule: 'error' | 'warn' | 'ignore',
  {
    skipped = 0,
    examples = [],
    empty = 'The source holds no files to upload.',
  }: { readonly skipped?: number; readonly examples?: readonly string[]; readonly empty?: string } = {},
): void {
  const more = skipped > examples.length ? ` and ${skipped - examples.length} more` : '';
  const but = skipped === 0 ? '' : ` Skipped: ${examples.join(', ')}${more}.`;
  const message = `${empty}${but}`;
  if (rule === 'warn') record.warn('no-files-found', message);
  if (rule !== 'error') return;
  const hint = msg`Check the source, {include}, {exclude} and the size limits; {ifNoFilesFound: 'warn'} or {ifNoFilesFound: 'ignore'} lets an empty source pass.`;
  throw new RefusedError('NoFilesFound', message, record.report(false), hint);
}

function failureMessage({ failures: [first], counts, notAttempted, unknown: [lost] }: Report): string {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0) + (notAttempted ?? 0);
  const unknown = counts.unknown === 0 ? '' : `, ${counts.unknown} may have been stored`;
  return `${counts.fail} of ${all} objects failed${unknown}. First: ${(first ?? lost)?.message ?? ''}`;
}
