import { maskUrlsIn } from './report/mask-secrets.js';
import { keepMessages, type Text, textIn } from './report/message.js';
import type { Report, ReportFailure } from './report/types.js';

/** A text as errors show it: URLs in it have no password. A message masks its values itself. */
function masked(text: Text): string;
function masked(text: Text | undefined): string | undefined;
function masked(text: Text | undefined): string | undefined {
  return typeof text === 'string' ? maskUrlsIn(text) : text?.toString();
}

/** Wrong options, configuration or source; thrown before any request. CLI exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** How to fix it, where that is known. */
  readonly hint: string | undefined;
  /** The report of the job that the error ended; undefined where no job had begun. */
  readonly report: Report | undefined;
  constructor(message: Text, hint?: Text) {
    super(masked(message));
    this.hint = masked(hint);
    this.report = undefined;
    keepMessages(this, { message, hint });
  }
}

/** One request failed: by the response of S3, or on the way to it. */
export class S3RequestError extends Error {
  override readonly name = 'S3RequestError';
  /** S3 error code (`AccessDenied`), or the system's for a connection error (`ECONNRESET`). */
  readonly code: string;
  /** HTTP status; undefined without a response. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly verb: string;
  readonly key: string | undefined;
  readonly bucket: string;
  /** The bucket's region by the response, when the bucket is in another region. */
  readonly region: string | undefined;
  /** `Retry-After` of the response, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** `Date` of the response, in ms since 1970, where it has one. */
  readonly serverTime: number | undefined;
  /** ETag of what the request has stored, unquoted, where the response shows that it is not what was sent. */
  readonly storedEtag: string | undefined;
  /** How to fix it, where that is known. */
  readonly hint: string | undefined;
  /** Number of tries, from 1. */
  readonly attempts: number;
  constructor(message: string, details: S3RequestErrorDetails) {
    super(masked(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.status = details.status;
    this.requestId = details.requestId;
    this.verb = details.verb;
    this.key = details.key;
    this.bucket = details.bucket;
    this.region = details.region;
    this.retryAfterMs = details.retryAfterMs;
    this.serverTime = details.serverTime;
    this.storedEtag = details.storedEtag;
    this.hint = masked(details.hint);
    this.attempts = details.attempts ?? 1;
    keepMessages(this, { hint: details.hint });
  }
}

export interface S3RequestErrorDetails {
  readonly code: string;
  readonly verb: string;
  readonly bucket: string;
  readonly key?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly region?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly serverTime?: number | undefined;
  readonly storedEtag?: string | undefined;
  readonly hint?: Text | undefined;
  readonly attempts?: number | undefined;
  readonly cause?: unknown;
}

/** A source could not be read, or changed while it was read. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  /** System error code such as `ENOENT`, or `SourceChanged`, `TooLarge`, `InvalidKey`, `SymlinkOutside` and the like. */
  readonly code: string;
  readonly hint: string | undefined;
  constructor(
    code: string,
    message: Text,
    details: { readonly hint?: Text | undefined; readonly cause?: unknown } = {},
  ) {
    super(masked(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = masked(details.hint);
    keepMessages(this, { message, hint: details.hint });
  }
}

/** Some objects failed; all others were put or copied. `failures` lists the first 1,000 of them. CLI exit code 1. */
export class PartialFailureError extends Error {
  override readonly name = 'PartialFailureError';
  readonly report: Report;
  readonly failures: readonly ReportFailure[];
  /** Failures that `failures` does not list; all are outcomes of the job. */
  readonly failuresOmitted: number;
  constructor(message: string, report: Report) {
    super(message);
    this.report = report;
    this.failures = report.failures;
    this.failuresOmitted = report.failuresOmitted;
  }
}

/** Why a run was refused. */
export type RefusalCode =
  | 'NoFilesFound'
  | 'TooManyDeletes'
  | 'TooManyUpdates'
  | 'ListingIncomplete'
  | 'SourceChanged'
  | 'Secrets'
  | 'MissingLinks'
  | 'ShardsNotDone';

/** A guard refused the run, for example because the source has no files. CLI exit code 3. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: RefusalCode;
  readonly report: Report;
  readonly hint: string | undefined;
  constructor(code: RefusalCode, message: string, report: Report, hint?: Text) {
    super(masked(message));
    this.code = code;
    this.report = report;
    this.hint = masked(hint);
    keepMessages(this, { hint });
  }
}

/** Everything is in the bucket, but a CDN could not be made to fetch it again. CLI exit code 1. */
export class InvalidationError extends Error {
  override readonly name = 'InvalidationError';
  readonly report: Report;
  readonly hint: string | undefined;
  constructor(message: Text, report: Report, details: { readonly hint?: Text; readonly cause?: unknown } = {}) {
    super(masked(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.report = report;
    this.hint = masked(details.hint);
    keepMessages(this, { message, hint: details.hint });
  }
}

/** Everything is in the bucket, but the live site does not show it. CLI exit code 5. */
export class LiveCheckError extends Error {
  override readonly name = 'LiveCheckError';
  readonly report: Report;
  readonly hint: string | undefined;
  constructor(message: Text, report: Report, hint?: Text) {
    super(masked(message));
    this.report = report;
    this.hint = masked(hint);
    keepMessages(this, { message, hint });
  }
}

/** An error that every request would meet ended the run. CLI exit code 4, or 1 if objects had been put before. */
export class RunStoppedError extends Error {
  override readonly name = 'RunStoppedError';
  readonly code: string;
  readonly report: Report;
  readonly hint: string | undefined;
  constructor(cause: S3RequestError, report: Report) {
    super(cause.message, { cause });
    this.code = cause.code;
    this.hint = cause.hint;
    this.report = report;
    keepMessages(this, { hint: textIn(cause, 'hint') });
  }
}

/** The job was aborted: by its signal, by `abort()`, or by leaving the iteration early. */
export class AbortError extends Error {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';
  readonly report: Report;
  constructor(report: Report, cause: unknown) {
    super(`The run was aborted${reasonOf(cause)}.`, { cause });
    this.report = report;
  }
}

/** The reason of an abort as the end of a sentence; empty where it says no more than "aborted". */
function reasonOf(cause: unknown): string {
  const reason = cause instanceof Error && cause.name !== 'AbortError' ? cause.message : cause;
  return typeof reason === 'string' && reason !== '' ? `: ${reason.replace(/\.$/, '')}` : '';
}
