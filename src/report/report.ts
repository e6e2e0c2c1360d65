import type { Verb } from './event.js';
import type { OutcomeAction } from './outcome.js';

/** One failed object, as listed in the report. */
export interface ReportFailure {
  readonly key: string;
  readonly origin: string;
  /** What failed, in one sentence. */
  readonly message: string;
  /** S3 or system error code, where there is one. */
  readonly code: string | undefined;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** How to mend it, where that is known. */
  readonly hint: string | undefined;
}

/** What a whole run did. All sizes in bytes, all times in seconds. */
export interface Report {
  /** Version of this shape; it grows when a field changes its meaning or goes. */
  readonly schemaVersion: 1;
  /** Every candidate was attempted, and nothing stopped the run early. */
  readonly complete: boolean;
  readonly dryRun: boolean;
  /** Objects per action; every candidate that settled is in exactly one. */
  readonly counts: Readonly<Record<OutcomeAction, number>>;
  /** Candidates that a stop or an abort left unattempted; undefined where the source's length is not known. */
  readonly notAttempted: number | undefined;
  /** Bytes sent as bodies of successful puts. */
  readonly bytes: number;
  /** Source bytes of the same objects. */
  readonly sourceBytes: number;
  readonly seconds: number;
  readonly bytesPerSecond: number;
  readonly objectsPerSecond: number;
  /** Objects put per reason, for example `{new: 3, 'content differs': 1}`, and likewise for skips. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly retries: number;
  readonly throttles: number;
  /** The most requests that were in flight at once. */
  readonly concurrency: number;
  /** Requests per verb, retries included. */
  readonly requests: Readonly<Partial<Record<Verb, number>>>;
  /** HEADs by why they were needed, without retries; a listing alone decides everything else. */
  readonly heads: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly failures: readonly ReportFailure[];
}
