import { S3RequestError } from '../errors.js';
import type { Verb } from '../model/verbs.js';
import { keepMessages, LONGEST_CODE, shorten, shortText, type Text, textIn } from './message.js';
import type { Outcome, OutcomeAction, Report, ReportFailure, ReportUnknown, RunEvent } from './types.js';

/** What is known only at the end of a run. */
export interface RunTotals {
  readonly startedAt: Date;
  readonly seconds: number;
  readonly complete: boolean;
  readonly notAttempted: number | undefined;
  /** The most requests that were in flight at once. */
  readonly concurrency: number;
}

/** How many failures, unknown objects and warnings a report lists, each: its memory does not grow with their number. */
const MOST_LISTED = 1_000;

/** What another process has counted besides its outcomes. */
export type OtherCounts = Pick<Report, 'requests' | 'heads' | 'retries' | 'throttles' | 'conflicts'>;

/** Adds up outcomes and events to a report, one at a time; keeps the first failures and unknown objects, but no others. */
export interface ReportFold {
  outcome(outcome: Outcome): void;
  event(event: RunEvent): void;
  /** Counts a HEAD request by the reason for it. */
  countHead(reason: string): void;
  /** Counts an object that another writer has changed during the run. */
  conflict(): void;
  /** Adds what others have counted who work for the same run. */
  addCounts(counts: OtherCounts): void;
  /** Objects with an outcome. */
  readonly objects: number;
  /** Objects that failed, or of which it is unknown whether they were stored. */
  readonly failed: number;
  readonly bytes: number;
  report(ending: RunTotals): Report;
}

export function reportFold(dryRun: boolean): ReportFold {
  const counts: Record<OutcomeAction, number> = {
    put: 0,
    copy: 0,
    metadata: 0,
    skip: 0,
    delete: 0,
    fail: 0,
    unknown: 0,
  };
  const reasons: Record<string, number> = {};
  const requests: Partial<Record<Verb, number>> = {};
  const heads: Record<string, number> = {};
  const warnings: Text[] = [];
  const failures: ReportFailure[] = [];
  const unknown: ReportUnknown[] = [];
  let warned = 0;
  let bytes = 0;
  let sourceBytes = 0;
  let objects = 0;
  let retries = 0;
  let throttles = 0;
  let conflicts = 0;

  return {
    outcome(outcome) {
      objects += 1;
      counts[outcome.action] += 1;
      if (outcome.action === 'fail') {
        if (failures.length < MOST_LISTED) failures.push(failureOf(outcome));
        return;
      }
      if (outcome.action === 'unknown') {
        if (unknown.length < MOST_LISTED) unknown.push(unknownOf(outcome));
        return;
      }
      reasons[outcome.reason] = (reasons[outcome.reason] ?? 0) + 1;
      // Setting headers sends no bytes.
      if (outcome.action === 'skip' || outcome.action === 'metadata') return;
      bytes += outcome.bytes;
      sourceBytes += outcome.sourceBytes;
    },
    event(event) {
      if (event.type === 'request') requests[event.verb] = (requests[event.verb] ?? 0) + 1;
      else if (event.type === 'retry') retries += 1;
      else if (event.type === 'throttle') throttles += 1;
      else if (event.type === 'warning') {
        warned += 1;
        if (warnings.length < MOST_LISTED) warnings.push(shortText(textIn(event, 'message')));
      }
    },
    countHead(reason) {
      heads[reason] = (heads[reason] ?? 0) + 1;
    },
    conflict() {
      conflicts += 1;
    },
    addCounts(others) {
      for (const [verb, count] of Object.entries(others.requests) as [Verb, number][])
        requests[verb] = (requests[verb] ?? 0) + count;
      for (const [reason, count] of Object.entries(others.heads)) heads[reason] = (heads[reason] ?? 0) + count;
      retries += others.retries;
      throttles += others.throttles;
      conflicts += others.conflicts;
    },
    get failed() {
      return counts.fail + counts.unknown;
    },
    get objects() {
      return objects;
    },
    get bytes() {
      return bytes;
    },
    report: ({ startedAt, seconds, complete, notAttempted, concurrency }) => ({
      schemaVersion: 2,
      complete,
      dryRun,
      startedAt,
      counts: { ...counts },
      notAttempted,
      conflicts,
      bytes,
      sourceBytes,
      seconds,
      bytesPerSecond: seconds > 0 ? bytes / seconds : 0,
      objectsPerSecond: seconds > 0 ? (counts.put + counts.copy) / seconds : 0,
      reasons: { ...reasons },
      retries,
      throttles,
      concurrency,
      requests: { ...requests },
      heads: { ...heads },
      warnings: shownWarnings(warnings),
      warningsOmitted: warned - warnings.length,
      failures: [...failures],
      failuresOmitted: counts.fail - failures.length,
      unknown: [...unknown],
      unknownOmitted: counts.unknown - unknown.length,
    }),
  };
}

function shownWarnings(warnings: readonly Text[]): readonly string[] {
  const shown = warnings.map(String);
  keepMessages(shown, Object.fromEntries(warnings.entries()));
  return shown;
}

function failureOf({ key, origin, reason, error }: Outcome): ReportFailure {
  const request = error instanceof S3RequestError ? error : undefined;
  const message = shortText(textIn(error, 'message') ?? reason);
  const hint = textIn(error, 'hint');
  const shortHint = hint === undefined ? undefined : shortText(hint);
  const failure = {
    key: shorten(key),
    origin: shorten(origin),
    message: String(message),
    code: codeField(error, 'code'),
    status: request?.status,
    requestId: codeField(request, 'requestId'),
    hint: shortHint?.toString(),
  };
  keepMessages(failure, { message, hint: shortHint });
  return failure;
}

function unknownOf({ key, origin, reason }: Outcome): ReportUnknown {
  return { key: shorten(key), origin: shorten(origin), message: shorten(reason) };
}

function codeField(error: Error | undefined, name: 'code' | 'requestId'): string | undefined {
  const value = error === undefined ? undefined : (error as unknown as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? shorten(value, LONGEST_CODE) : undefined;
}
