import { isMd5 } from '../model/etag.js';

/** What is known about one object once its job has ended. */
export interface AfterJob {
  /** By the completion report; `unreported` where it has no line. */
  readonly task: 'succeeded' | 'failed' | 'unreported';
  /** Whether the destination had no such object, or one with another ETag, before. */
  readonly differed: boolean;
  readonly size: number;
  readonly etag: string | undefined;
  /** What the destination's listing shows now; undefined where it lacks the key. */
  readonly found: { readonly size: number; readonly etag: string | undefined } | undefined;
  /** Whether a KMS key encrypts source or destination, so that ETags prove nothing. */
  readonly kms: boolean;
}

/**
 * Whether a job has copied an object.
 *
 * | completion report | listing | KMS key | verdict |
 * |---|---|---|---|
 * | any | no such key, or another size | any | `again` |
 * | succeeded | the source's ETag | any | `copied` |
 * | failed, or no line | the source's ETag, and it differed before | any | `copied`: the answer was lost |
 * | failed, or no line | the source's ETag before, too | any | `again` |
 * | succeeded | another ETag | yes | `unproven`: it is copied, and no ETag proves it |
 * | succeeded | another ETag | not known | `ask`: HEADs show whether there is a key |
 * | failed, or no line | another ETag | any | `again` |
 */
export function verdict(after: AfterJob): 'copied' | 'unproven' | 'ask' | 'again' {
  const { task, differed, size, etag, found, kms } = after;
  if (found === undefined || found.size !== size) return 'again';
  if (isMd5(etag) && found.etag?.toLowerCase() === etag.toLowerCase())
    return task === 'succeeded' || differed ? 'copied' : 'again';
  if (task !== 'succeeded') return 'again';
  return kms ? 'unproven' : 'ask';
}
