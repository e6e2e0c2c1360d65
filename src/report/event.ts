/** The S3 verbs that the engine uses, as counted in the report. */
export type Verb =
  | 'PutObject'
  | 'CopyObject'
  | 'GetObject'
  | 'GetObjectTagging'
  | 'GetObjectAcl'
  | 'HeadObject'
  | 'ListObjectsV2'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListParts'
  | 'ListMultipartUploads';

/** What `onEvent` receives while a job runs. */
export type Event =
  /** A stage begins. `survey` counts local names, `transfer` plans and sends. */
  | { readonly type: 'phase'; readonly phase: 'survey' | 'transfer' }
  /** After the survey and after each object. Totals are undefined for a source that can be read only once. */
  | {
      readonly type: 'progress';
      readonly objects: number;
      /** Of what is done, parts of objects under way included. */
      readonly bytes: number;
      /** Bytes of them that lay in the bucket already, in unfinished uploads; absent where there are none. */
      readonly takenOver?: number;
      readonly totalObjects: number | undefined;
      readonly totalBytes: number | undefined;
      /** Requests in flight now. */
      readonly inFlight: number;
    }
  /** A request failed and is tried again after `delayMs`. */
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
  /** Something the user should know; each code is sent once a run. */
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  /** One request was answered or failed. */
  | {
      readonly type: 'request';
      readonly verb: Verb;
      readonly key: string | undefined;
      readonly status: number | undefined;
      readonly durationMs: number;
      /** By which S3's support finds it, where the answer names one. */
      readonly requestId?: string | undefined;
    };

/** A request failed and waits for its next try. */
export type Retry = Extract<Event, { readonly type: 'retry' }>;

export type OnEvent = (event: Event) => void;
