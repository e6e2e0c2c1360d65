/** What happened to one object. `copy`, `metadata` and `delete` belong to operations that put never performs. */
export type OutcomeAction = 'put' | 'copy' | 'metadata' | 'skip' | 'delete' | 'fail';

/** How the server's answer proved what it stored; `none` where nothing in it could be compared. */
export type Verified = 'crc32' | 'md5' | 'none';

/** One object, after it settled. */
export interface Outcome {
  readonly action: OutcomeAction;
  /** Why this action: `new`, `content differs`, `same content`, `forced` and so on; for `fail` what failed. */
  readonly reason: string;
  /** Human label of where the bytes come from. */
  readonly origin: string;
  /** Remote key, prefix included. */
  readonly key: string;
  /** Bytes sent to the bucket (in a dry run: that would be sent), those taken over from an unfinished upload included. 0 for skip and fail. */
  readonly bytes: number;
  /** Bytes of them that an earlier run had sent, and that were not sent again; absent where there were none. */
  readonly takenOver?: number;
  /** Bytes of the source, before any encoding; 0 where unknown. */
  readonly sourceBytes: number;
  /** ETag of the stored object, without quotes, where the server named one. */
  readonly etag?: string;
  readonly verified: Verified;
  /** How a copy went, or in a dry run would go: by the server or relayed through this machine, and why. */
  readonly way?: string;
  /** Requests made for the write, retries included; 0 where none was made. */
  readonly attempts: number;
  readonly durationMs: number;
  /** Present when `action` is `fail`. */
  readonly error?: Error;
}
