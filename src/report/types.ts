import type { FilePhase } from '../model/site-phases.js';
import type { Verb } from '../model/verbs.js';

/**
 * What happened to one object. `metadata`: its headers were set, without an upload. `unknown`: the run ended while a request that writes the object
 * was in flight, so that it may have been stored.
 */
export type OutcomeAction = 'put' | 'copy' | 'metadata' | 'skip' | 'delete' | 'fail' | 'unknown';

/** How the response proved what the server stored; `none` where it had nothing to compare. */
export type Verified = 'crc32' | 'md5' | 'none';

/** A header of an object that this run sets. */
export interface HeaderChange {
  /** In lower case. */
  readonly name: string;
  /** Its value in the bucket; absent where the object has none. */
  readonly from?: string;
  /** The value that it gets; absent where it is removed. */
  readonly to?: string;
}

/** One object, after the last request for it. */
export interface Outcome {
  readonly action: OutcomeAction;
  /** Why this action was taken: `new`, `content differs`, `same content`, `forced` and so on; for `fail` what failed, for `unknown` what was in flight. At most 4,000 characters, like the message of `error`. */
  readonly reason: string;
  /** Human label of where the bytes come from. */
  readonly origin: string;
  /** Remote key, prefix included. */
  readonly key: string;
  /** Bytes sent to the bucket (in a dry run: that would be sent), including those taken over from an unfinished upload. 0 for skip, fail and unknown. */
  readonly bytes: number;
  /** How many of these bytes an earlier run had sent, so that they were not sent again; absent where there were none. */
  readonly takenOver?: number;
  /** Bytes of the source, before any encoding; 0 where unknown. */
  readonly sourceBytes: number;
  /** ETag of the stored object, without quotes, where the server named one. */
  readonly etag?: string;
  readonly verified: Verified;
  /** How a copy was made, or in a dry run would be made: by the server or relayed through this machine, and why. */
  readonly way?: string;
  /** Requests made for the write, retries included; 0 where none was made. */
  readonly attempts: number;
  /** When work on the object began; ISO 8601 in UTC in JSON. */
  readonly startedAt?: Date;
  readonly durationMs: number;
  /**
   * Content-Type that the object was put with, or in a dry run would be; absent where nothing is stored (`skip`, `fail`, `unknown`), and where S3
   * itself carries over that of a copy's source. A dry run does not read streams for it, and knows no headers of a copy's source.
   */
  readonly contentType?: string;
  /** Cache-Control, likewise; absent where none is sent. */
  readonly cacheControl?: string;
  /** Content-Encoding, likewise; absent where none is sent. */
  readonly contentEncoding?: string;
  /** With `updateHeaders`: the headers of an object with the same content that differ, in the order of their names; absent elsewhere. */
  readonly headerChanges?: readonly HeaderChange[];
  /** Size of the object that a put or copy replaces, in bytes; absent for a new object, and where no request has shown it, as in mode `stupid`. */
  readonly replacedBytes?: number;
  /** Present when `action` is `fail` or `unknown`. */
  readonly error?: Error;
  /** The error is the one that ended the run, which the job throws: a face shows it once. */
  readonly shared?: true;
}

/**
 * The phases of a run, in their order. A run with `order: 'site'`, `delete` or `updateHeaders` plans first, and then writes phase by phase; any other one
 * decides and writes at once, which is `transfer`. So does one whose source is read once, and then sets headers in a second `transfer`. Invalidations
 * and the live check come last.
 */
export type PhaseName = 'survey' | 'batch' | 'transfer' | 'plan' | FilePhase | 'deletes' | 'invalidation' | 'verify';

/** What `onEvent` receives while a job runs. */
export type RunEvent =
  /**
   * What goes where. Once per put or copy, before its first request; not at all for a run that ends before, such as one without files. A dry run in
   * mode `stupid` opens no bucket, and so shows only the region and the endpoint that options name.
   */
  | {
      readonly type: 'start';
      /** The sources: paths as given, `s3://bucket/path` for a copy, `standard input`, and `items` for any other iterable. */
      readonly from: readonly string[];
      /** The destination, as `s3://bucket/prefix`. */
      readonly to: string;
      /** The region that requests are signed for; absent where nothing names one, so that the bucket's is found by a request. */
      readonly region?: string | undefined;
      /** Address of the server, where an option names it or it is not AWS S3; then there is no region. */
      readonly endpoint?: string | undefined;
      readonly dryRun: boolean;
    }
  /** A stage begins. `survey` counts local names, `plan` decides, `transfer` decides and sends; the others are writes in the order of a site. */
  | { readonly type: 'phase'; readonly phase: PhaseName }
  /** Sent after the survey and after each object. Totals are undefined for a source that can be read only once. */
  | {
      readonly type: 'progress';
      readonly objects: number;
      /** Bytes done so far, including parts of objects that are not finished. */
      readonly bytes: number;
      /** How many of these bytes were in the bucket already, in unfinished uploads; absent where there are none. */
      readonly takenOver?: number;
      readonly totalObjects: number | undefined;
      readonly totalBytes: number | undefined;
      /** Requests in flight now. */
      readonly inFlight: number;
    }
  /** A request failed and is retried after `delayMs`. */
  | {
      readonly type: 'retry';
      readonly verb: Verb;
      readonly key: string | undefined;
      readonly attempt: number;
      readonly delayMs: number;
      readonly error: Error;
    }
  /** The server asked to slow down (503 or 429); a `retry` event follows. */
  | { readonly type: 'throttle'; readonly verb: Verb; readonly key: string | undefined }
  /** A job of S3 Batch Operations was created, or is further than before. */
  | { readonly type: 'batchJob'; readonly job: ReportBatchJob }
  /** Something the user should know; each code is sent once per run. */
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  /** One request got a response or failed. */
  | {
      readonly type: 'request';
      readonly verb: Verb;
      readonly key: string | undefined;
      readonly status: number | undefined;
      readonly durationMs: number;
      /** The ID that S3's support needs to find the request, where the response has one. */
      readonly requestId?: string | undefined;
    };

/**
 * The former name of `RunEvent`.
 * @deprecated Use `RunEvent`: the DOM has a type `Event` too.
 */
export type Event = RunEvent;

/** A request failed and waits for its retry. */
export type Retry = Extract<RunEvent, { readonly type: 'retry' }>;

export type OnEvent = (event: RunEvent) => void;

/** One failed object, as listed in the report. */
export interface ReportFailure {
  readonly key: string;
  readonly origin: string;
  /** What failed, in one sentence. */
  readonly message: string;
  /** S3 or system error code, where there is one. */
  readonly code: string | undefined;
  /** HTTP status, where there was a response. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** How to fix it, where that is known. */
  readonly hint: string | undefined;
}

/** One object of which it is unknown whether it was stored, as listed in the report. */
export interface ReportUnknown {
  readonly key: string;
  readonly origin: string;
  /** What was in flight when the run ended, in one sentence. */
  readonly message: string;
}

/** What became of the writes of one phase. */
export interface ReportPhase {
  /** `transfer`: all writes of a run without an order. */
  readonly phase: FilePhase | 'transfer' | 'deletes';
  /** Objects that the plan has for this phase: writes or deletes, and files that cannot be read. */
  readonly planned: number;
  /** Written or deleted, or found to need neither. */
  readonly done: number;
  readonly failed: number;
  /** In flight when the run ended. */
  readonly unknown: number;
  /** Not attempted, because an earlier phase has failed or the run was stopped. */
  readonly notAttempted: number;
}

/** One invalidation of a CDN. */
export interface ReportInvalidation {
  readonly distributionId: string;
  /** Absent where none was created: in a dry run, and where creating it failed. */
  readonly id?: string;
  /** As they are sent: percent-encoded, some with `*` at their end. */
  readonly paths: readonly string[];
  /** `planned`: a dry run. `created`: it was not waited for. */
  readonly status: 'planned' | 'created' | 'completed' | 'failed';
  /** Why it failed. */
  readonly error?: string;
}

/** One job of S3 Batch Operations. */
export interface ReportBatchJob {
  /** Absent in a dry run. */
  readonly id?: string;
  /** S3's word, such as `Active` or `Complete`; `planned` in a dry run. */
  readonly status: string;
  /** Objects of the job. */
  readonly objects: number;
  readonly succeeded: number;
  /** Objects that the job could not copy; they are copied as usual afterwards. */
  readonly failed: number;
  /** What S3 charges for the job and its copy requests, estimated by the prices of us-east-1. */
  readonly dollars: number;
  /** Where its completion report is, or will be: the address of a folder. */
  readonly report?: string;
  /** Why it has failed or waits, where S3 says it. */
  readonly why?: string;
}

/** What a live page is said to be. */
export interface LivePage {
  readonly url: string;
  readonly key: string;
  readonly message: string;
}

/** What the live check found. */
export interface ReportLiveCheck {
  readonly url: string;
  /** Pages and files that were fetched. */
  readonly checked: number;
  readonly failed: number;
  /** The first 100. */
  readonly failures: readonly LivePage[];
  /** The first 100: pages that a CDN rewrites. */
  readonly warnings: readonly LivePage[];
}

/** What the check of links found. */
export interface ReportLinks {
  /** HTML and CSS that was read. */
  readonly documents: number;
  /** References in them to files of the site, each as often as it is there. */
  readonly references: number;
  /** Files that they refer to, and that are neither in the run nor in the bucket. */
  readonly missing: number;
  /** Files of which it is unknown whether they are in the bucket; absent where there are none. */
  readonly unchecked?: number;
  /** The first 100 missing ones. */
  readonly examples: readonly MissingLink[];
}

/** A file that is missing, and a document that refers to it. */
export interface MissingLink {
  /** Key of the document, or where a redirect is written. */
  readonly document: string;
  /** As written. */
  readonly url: string;
  /** The key that it means first. */
  readonly resolved: string;
}

/** One attempt of a run of a CI, counted from 1. */
export interface CiAttempt {
  readonly run: string;
  readonly number: number;
}

/** The part of one of several jobs that share the keys of a source. */
export interface ReportShard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
  /** Version of the rule that gives keys to shards, and of the digest. */
  readonly scheme: number;
  readonly command: 'put' | 'copy';
  /** As `s3://bucket/prefix`. */
  readonly destination: string;
  /** Address of the server, or `AWS S3`, with its partition behind it if that is not the usual one. Absent where no option names it and no bucket was opened. */
  readonly endpoint?: string;
  /** Which attempt of a run of the CI this was, where its environment names both (`GITHUB_RUN_ID`, `GITHUB_RUN_ATTEMPT`): a job that has failed can run again. */
  readonly attempt?: CiAttempt;
  /** Of a put: the SHA-256 of all keys and sizes of the source, and of the MD5s of its pages, in hex; absent where the survey has not ended. */
  readonly digest?: string;
  /** Objects of the whole source; of a copy, as far as it was listed. */
  readonly objects: number;
  /** Objects of this shard. */
  readonly own: number;
  /** Pages of the whole source, which this shard and the others leave to `finish`. */
  readonly left: number;
  /** Of a put: keys that existed before this shard wrote them, and keys that did not, at most 10,000 of each. `finish` invalidates them. */
  readonly changed?: readonly string[];
  readonly created?: readonly string[];
  /** Whether `changed` or `created` lack some. */
  readonly truncated?: true;
}

/** What `finish` found in the reports of the shards. */
export interface ReportFinish {
  /** Shards whose reports show that they are done. */
  readonly shards: number;
  /** Files that shards should have put, and that `finish` put, because they were missing in the bucket or differed. */
  readonly repaired: number;
  /** Objects that the shards have changed or created, all attempts together, or in dry runs of shards would. */
  readonly changed: number;
  /** Some of the shards were dry runs, too, which only a dry run takes. */
  readonly dryRun?: true;
  /** There may be more: reports list 10,000 keys of each kind at most, and that of an earlier attempt may be missing. */
  readonly truncated?: true;
}

/** What a whole run did. All sizes in bytes, all times in seconds. */
export interface Report {
  /** Version of this shape; it grows when a field changes its meaning or is removed. */
  readonly schemaVersion: 2;
  /** Every candidate was attempted, and nothing stopped the run early. */
  readonly complete: boolean;
  readonly dryRun: boolean;
  /** When the run began; ISO 8601 in UTC in JSON. */
  readonly startedAt?: Date;
  /** Objects per action; every finished candidate counts in exactly one. */
  readonly counts: Readonly<Record<OutcomeAction, number>>;
  /** With `order: 'site'`, `delete` or `updateHeaders`: what became of each phase that had something to do, in order. */
  readonly phases?: readonly ReportPhase[];
  /** Keys under the prefix that the source does not have, as far as the listing was read; absent where nothing was listed. Those that are deleted count too. */
  readonly strays?: number;
  /** Whether the whole listing was read, so that `strays` are all of them. */
  readonly straysComplete?: boolean;
  /** Objects that another writer changed during the run, before they were overwritten or deleted. */
  readonly conflicts: number;
  /** With `cloudfrontDistributionId`, where anything has changed. */
  readonly invalidations?: readonly ReportInvalidation[];
  /** With `batchOperations`: the jobs of this run. */
  readonly batchJobs?: readonly ReportBatchJob[];
  /** With `batchOperations`: how many objects no job was to copy, by reason. */
  readonly notByJob?: Readonly<Record<string, number>>;
  /** With `verifyUrl`, where the run came that far. */
  readonly liveCheck?: ReportLiveCheck;
  /** With `checkLinks`. */
  readonly links?: ReportLinks;
  /** With `shard`. */
  readonly shard?: ReportShard;
  /** Of `finish`, once the reports of all shards were accepted. */
  readonly finish?: ReportFinish;
  /** Candidates that were not attempted because of a stop or an abort; undefined where the source's length is unknown. */
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
  /** Requests per verb, including retries. */
  readonly requests: Readonly<Partial<Record<Verb, number>>>;
  /** HEAD requests by the reason for them, without retries; listings alone decide everything else. */
  readonly heads: Readonly<Record<string, number>>;
  /** The first 1,000. */
  readonly warnings: readonly string[];
  /** Warnings that `warnings` does not list. */
  readonly warningsOmitted: number;
  /** The first 1,000; the outcomes of the job are all of them. */
  readonly failures: readonly ReportFailure[];
  /** Failures that `failures` does not list. */
  readonly failuresOmitted: number;
  /** The first 1,000 objects that may have been stored: a request that writes them was in flight when the run ended. */
  readonly unknown: readonly ReportUnknown[];
  /** Such objects that `unknown` does not list. */
  readonly unknownOmitted: number;
}
