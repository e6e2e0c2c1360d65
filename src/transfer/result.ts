import { S3RequestError, SourceError, UsageError } from '../errors.js';
import type { HeaderMap } from '../options/types.js';
import type { Decision, RemoteState } from '../plan/decide.js';
import type { Planned } from '../plan/listing/lookup.js';
import type { Lookup } from '../plan/listing/merge.js';
import { LONGEST_TEXT, shorten, shortText, textIn } from '../report/message.js';
import { isNew, REASONS } from '../report/reasons.js';
import type { HeaderChange, Outcome } from '../report/types.js';
import type { FailedTry, RunRecord } from '../run/record.js';
import type { Run } from '../run/run.js';
import { AbortedInFlight } from '../s3/http/http-client.js';
import type { Entry, Unusable } from '../source/types.js';
import type { EntryBody } from './body/body.js';
import type { ObjectNow } from './head.js';

/** What happened to one object: its outcome without key, origin, times and error. */
export type Result = Pick<Outcome, 'action' | 'reason' | 'bytes' | 'verified' | 'attempts'> & {
  readonly etag?: string;
  readonly takenOver?: number;
  readonly way?: string;
  readonly sourceBytes: number;
  /** The headers that a write has sent, or would send: the map of the request itself, in which the type may change until its bytes are read. */
  readonly headers?: HeaderMap;
  readonly headerChanges?: readonly HeaderChange[];
  readonly replacedBytes?: number;
};

/** Carries a put out, or only says what it would do. */
export type Putter = (
  entry: Entry,
  body: EntryBody,
  decision: PutDecision,
  headers: Readonly<Record<string, string>>,
) => Promise<Result>;

/** The decision to write an object, of a put or a copy. */
export type PutDecision = Extract<Decision, { readonly action: 'put' }> & {
  /** Where it is written over an object that must still be the one that the decision is about. */
  readonly overwrite?: Overwrite;
};

/** A write over an object that was listed. It changes with what the refusal of a condition shows. */
export interface Overwrite {
  /** ETag that the object must have, for `If-Match`; undefined where there is no condition any more. */
  readonly ifMatch: string | undefined;
  /** Why the object is written, as it is known by now. */
  readonly reason: string;
  /** What the write replaces, as it is known by now. */
  readonly remote: RemoteState;
  /**
   * Takes what is under the key where `ifMatch` was refused, unless that is what this run has sent. After undefined the write is tried again as
   * `ifMatch` says now; a result means that there is nothing to write. Throws the error of the object where another writer keeps changing it, or
   * where nothing shows what is there.
   */
  refused(error: S3RequestError, met: ObjectNow): Promise<Result | undefined>;
}

/** What must be true of a key when it is written. */
export type WriteCondition = Pick<PutDecision, 'onlyIfAbsent' | 'overwrite'>;

/** Whether S3 refused a write because the object does not have the ETag, or was deleted. */
export function isUnmet(error: unknown, ifMatch: string | undefined): error is S3RequestError {
  if (ifMatch === undefined || !(error instanceof S3RequestError)) return false;
  return error.status === 412 || isDeleted(error);
}

/** Whether the key of a condition on an ETag is absent. */
export function isDeleted({ status, code }: S3RequestError): boolean {
  return status === 404 && code === 'NoSuchKey';
}

/** Why an object was written, as it is known at the end. */
export function reasonOf({ reason, overwrite }: PutDecision): string {
  return overwrite?.reason ?? reason;
}

/** Adds to the result of a write the size of the object that it replaces, where LIST or HEAD has shown one. */
export function replacing(result: Result, remote: RemoteState): Result {
  const { action, reason } = result;
  const writes = action === 'put' || action === 'copy';
  // Where a HEAD shows that the listed object was deleted since, nothing is replaced.
  if (!writes || remote.state !== 'present' || isNew(reason)) return result;
  return Object.assign(result, { replacedBytes: remote.size });
}

/** Nothing was sent. */
export function skipped(reason: string, sourceBytes: number, attempts = 0): Result {
  return { action: 'skip', reason, bytes: 0, sourceBytes, verified: 'none', attempts };
}

/** Mode `add`: another writer has created the key since it was listed. */
export function appeared(sourceBytes: number, attempts: number): Result {
  return skipped(REASONS.appeared, sourceBytes, attempts);
}

const INTERRUPTED = 'Interrupted';
const RUN_AGAIN = 'Run again: what has been stored is compared and skipped.';

/** The run ended while an object was being written, so that its outcome is `unknown`. */
export function interrupted(message: string, hint: string = RUN_AGAIN): SourceError {
  return new SourceError(INTERRUPTED, message, { hint });
}

function isInterrupted(error: Error): boolean {
  return error instanceof SourceError && error.code === INTERRUPTED;
}

/**
 * What the error of a write means for its object. An abort leaves it unknown whether the object is stored if a request was in flight, or if the
 * response of an earlier try was lost. A write that waited for its next try has the error of the last one. Where nothing was sent, the abort is
 * the error.
 */
export function writeError(
  { waiting }: Pick<RunRecord, 'waiting'>,
  { key, origin }: Pick<SettledEntry, 'key' | 'origin'>,
  error: unknown,
): unknown {
  if (error instanceof AbortedInFlight) return mayBeStored(origin);
  if (error instanceof S3RequestError || error instanceof SourceError) return error;
  const failed = waiting.get(key);
  if (failed === undefined) return error;
  return failed.mayBeStored ? mayBeStored(origin) : givenUp(failed);
}

/**
 * Reads what shows whether a write whose response was lost has stored its object. Without the answer that stays unknown.
 * @throws the `Interrupted` error where the run ends meanwhile
 */
export async function orUnknown<T>({ origin }: Pick<SettledEntry, 'origin'>, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof S3RequestError || error instanceof SourceError ? error : mayBeStored(origin);
  }
}

function mayBeStored(origin: string): SourceError {
  return interrupted(`${origin} was on its way when the run was aborted; the bucket may hold it or not`);
}

/** The run ended while a write waited for its next try: its last error is its result. */
function givenUp({ last: { error, attempt } }: FailedTry): Error {
  if (!(error instanceof S3RequestError)) return error;
  const { message, cause: _, ...details } = error;
  const lost = error.status === undefined ? RUN_AGAIN : undefined;
  const text = `${message}; the run ended before the next try`;
  return new S3RequestError(text, { ...details, attempts: attempt, hint: textIn(error, 'hint') ?? lost, cause: error });
}

interface SettledEntry {
  readonly kind: 'entry';
  readonly key: string;
  readonly origin: string;
  readonly size: number | undefined;
}

/** How a short way ends. */
export interface ShortEnds {
  readonly done: (result: Result) => void;
  readonly failed: (thrown: unknown) => void;
  /** Nothing has happened: the object takes the general way. */
  readonly otherwise: () => void;
}

/** A short way for many of the objects, which makes no promises. */
export interface ShortWay<E> {
  /** The decision about an object that may take it; else undefined. */
  readonly takes: (entry: E, remote: Lookup) => PutDecision | undefined;
  readonly start: (entry: E, decision: PutDecision, ends: ShortEnds) => void;
}

/** What put and copy do with an object; the shell around it is the same for both. */
export interface ObjectWork<E extends SettledEntry> {
  readonly short?: ShortWay<E> | undefined;
  /** The result of an object that nothing has to be waited for; undefined for all others. It throws nothing. */
  readonly atOnce?: ((entry: E, remote: Lookup) => Result | undefined) | undefined;
  /** Decides about one object and carries the decision out; undefined where that is left for later. May throw. */
  readonly settle: (entry: E, remote: Lookup) => Promise<Result | undefined>;
  /** Is called for what the source holds and cannot become an object. */
  readonly onUnusable?: (unit: Unusable) => void;
}

/**
 * Returns a function that settles one object; calls may overlap. It never throws: an error becomes a failed outcome, or an unknown one where the run ended meanwhile. The outcome is undefined for an
 * object that was not attempted because the run stopped or was aborted, and for one that is left for later.
 */
export function settleObject<E extends SettledEntry>(
  { stop }: Pick<Run, 'stop'>,
  { short, atOnce, settle, onUnusable }: ObjectWork<E>,
): (unit: Planned<E>) => Promise<Outcome | undefined> {
  function outcomeOfError({ origin, key, size }: E, thrown: unknown, began: Began): Outcome | undefined {
    const known = thrown instanceof S3RequestError || thrown instanceof SourceError || thrown instanceof UsageError;
    if (!known && stop.signal.aborted) return undefined;
    const error = withShortTexts(thrown instanceof Error ? thrown : new Error(String(thrown)));
    const attempts = error instanceof S3RequestError ? error.attempts : 0;
    const lost = { bytes: 0, sourceBytes: size ?? 0, verified: 'none', attempts } as const;
    const action = isInterrupted(error) ? 'unknown' : 'fail';
    return outcomeOf(origin, key, { action, reason: error.message, ...lost }, began, error);
  }

  async function settleLater(unit: Planned<E>, began: Began): Promise<Outcome | undefined> {
    if (unit.kind === 'unusable') {
      onUnusable?.(unit);
      const { origin, key, action, reason, error } = unit;
      const result: Result = {
        action,
        reason: shorten(reason),
        bytes: 0,
        sourceBytes: 0,
        verified: 'none',
        attempts: 0,
      };
      return outcomeOf(origin, key, result, began, error && withShortTexts(error));
    }
    const { entry, remote } = unit;
    try {
      const result = await settle(entry, remote);
      return result && outcomeOf(entry.origin, entry.key, result, began);
    } catch (thrown) {
      return outcomeOfError(entry, thrown, began);
    }
  }

  return (unit) => {
    const began: Began = { date: new Date(), ms: performance.now() };
    if (unit.kind === 'unusable') return settleLater(unit, began);
    const { entry, remote } = unit;
    const result = atOnce?.(entry, remote);
    if (result !== undefined) return Promise.resolve(outcomeOf(entry.origin, entry.key, result, began));
    const decision = short?.takes(entry, remote);
    if (decision === undefined || short === undefined) return settleLater(unit, began);
    return new Promise((resolve) =>
      short.start(entry, decision, {
        done: (result) => resolve(outcomeOf(entry.origin, entry.key, result, began)),
        failed: (thrown) => resolve(outcomeOfError(entry, thrown, began)),
        otherwise: () => resolve(settleLater(unit, began)),
      }),
    );
  };
}

/** An error whose texts an outcome may keep: the same one, unless its message is too long. Its cause then goes too, as it has the whole message. */
function withShortTexts(error: Error): Error {
  const hint = textIn(error, 'hint');
  if (error.message.length <= LONGEST_TEXT && String(hint ?? '').length <= LONGEST_TEXT) return error;
  const message = shorten(error.message);
  const short = hint === undefined ? undefined : shortText(hint);
  if (error instanceof S3RequestError) {
    const { cause: _, message: __, ...details } = error;
    return new S3RequestError(message, { ...details, hint: short });
  }
  if (error instanceof SourceError) return new SourceError(error.code, message, { hint: short });
  const { name, code } = error as NodeJS.ErrnoException;
  return Object.assign(new Error(message), { name, ...(code !== undefined && { code }) });
}

/** When work on an object began: as a date, and on the clock that measures durations. */
interface Began {
  readonly date: Date;
  readonly ms: number;
}

/** The fields in the order that `--json` prints. Spreads would take longer than all else that is done for most objects. */
function outcomeOf(origin: string, key: string, result: Result, began: Began, error?: Error): Outcome {
  const { action, reason, bytes, sourceBytes, takenOver, etag, verified, way, attempts } = result;
  const { headers, headerChanges, replacedBytes } = result;
  const startedAt = began.date;
  const durationMs = performance.now() - began.ms;
  const isUsual = takenOver === undefined && way === undefined && etag !== undefined;
  // Most outcomes have these fields, and are made in one step.
  const outcome: { -readonly [Name in keyof Outcome]: Outcome[Name] } = isUsual
    ? { action, reason, origin, key, bytes, sourceBytes, etag, verified, attempts, startedAt, durationMs }
    : {
        action,
        reason,
        origin,
        key,
        bytes,
        sourceBytes,
        ...(takenOver !== undefined && { takenOver }),
        ...(etag !== undefined && { etag }),
        verified,
        ...(way !== undefined && { way }),
        attempts,
        startedAt,
        durationMs,
      };
  if (headers !== undefined) {
    const { 'content-type': type, 'cache-control': control, 'content-encoding': encoding } = headers;
    if (type !== undefined) outcome.contentType = type;
    if (control !== undefined) outcome.cacheControl = control;
    if (encoding !== undefined) outcome.contentEncoding = encoding;
  }
  if (headerChanges !== undefined) outcome.headerChanges = headerChanges;
  if (replacedBytes !== undefined) outcome.replacedBytes = replacedBytes;
  if (error !== undefined) outcome.error = error;
  return outcome;
}
