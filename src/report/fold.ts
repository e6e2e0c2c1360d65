import { S3RequestError } from '../errors.js';
import type { Verb } from '../model/verbs.js';
import { keepMessages, type Text, textIn } from './message.js';
import type { Event, Outcome, OutcomeAction, Report, ReportFailure } from './types.js';

/** What is known only at the end of a run. */
export interface RunTotals {
  readonly seconds: number;
  readonly complete: boolean;
  readonly notAttempted: number | undefined;
  /** The most requests that were in flight at once. */
  readonly concurrency: number;
}

/** Adds up outcomes and events to a report, one at a time; keeps failures, but no other objects. */
export interface ReportFold {
  outcome(outcome: Outcome): void;
  event(event: Event): void;
  /** Counts a HEAD request by the reason for it. */
  countHead(reason: string): void;
  /** Objects with an outcome. */
  readonly objects: number;
  readonly bytes: number;
  report(ending: RunTotals): Report;
}

export function reportFold(dryRun: boolean): ReportFold {
  const counts: Record<OutcomeAction, number> = { put: 0, copy: 0, metadata: 0, skip: 0, delete: 0, fail: 0 };
  const reasons: Record<string, number> = {};
  const requests: Partial<Record<Verb, number>> = {};
  const heads: Record<string, number> = {};
  const warnings: Text[] = [];
  const failures: ReportFailure[] = [];
  let bytes = 0;
  let sourceBytes = 0;
  let objects = 0;
  let retries = 0;
  let throttles = 0;

  return {
    outcome(outcome) {
      objects += 1;
      counts[outcome.action] += 1;
      if (outcome.action === 'fail') {
        failures.push(failureOf(outcome));
        return;
      }
      reasons[outcome.reason] = (reasons[outcome.reason] ?? 0) + 1;
      if (outcome.action === 'skip') return;
      bytes += outcome.bytes;
      sourceBytes += outcome.sourceBytes;
    },
    event(event) {
      if (event.type === 'request') requests[event.verb] = (requests[event.verb] ?? 0) + 1;
      else if (event.type === 'retry') retries += 1;
      else if (event.type === 'throttle') throttles += 1;
      else if (event.type === 'warning') warnings.push(textIn(event, 'message'));
    },
    countHead(reason) {
      heads[reason] = (heads[reason] ?? 0) + 1;
    },
    get objects() {
      return objects;
    },
    get bytes() {
      return bytes;
    },
    report: ({ seconds, complete, notAttempted, concurrency }) => ({
      schemaVersion: 1,
      complete,
      dryRun,
      counts: { ...counts },
      notAttempted,
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
      failures: [...failures],
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
  const failure = {
    key,
    origin,
    message: error?.message ?? reason,
    code: textField(error, 'code'),
    status: request?.status,
    requestId: request?.requestId,
    hint: textField(error, 'hint'),
  };
  keepMessages(failure, { message: textIn(error, 'message'), hint: textIn(error, 'hint') });
  return failure;
}

function textField(error: Error | undefined, name: 'code' | 'hint'): string | undefined {
  const value = error === undefined ? undefined : (error as unknown as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}
