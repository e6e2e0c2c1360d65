import type { PutMode } from '../options/types.js';
import { REASONS, unproven } from '../report/reasons.js';

export interface DecideOptions {
  readonly mode: PutMode;
  readonly compare: 'content' | 'size';
}

/**
 * The put modes.
 *
 * | mode     | key absent              | present, same content | present, different | not readable            |
 * |----------|-------------------------|-----------------------|--------------------|-------------------------|
 * | `add`    | put, only if absent     | skip                  | skip               | put, only if absent     |
 * | `update` | put                     | skip                  | put                | put                     |
 * | `stupid` | put                     | put                   | put                | put                     |
 *
 * @param size local bytes; undefined only where nothing will be compared
 */
export function decide(options: DecideOptions, size: number | undefined, remote: RemoteState): Decision {
  if (options.mode === 'stupid' || remote.state === 'unread') return { action: 'put', reason: REASONS.forced };
  if (remote.state === 'unknown') {
    return options.mode === 'add'
      ? { action: 'put', reason: REASONS.remoteUnreadable, onlyIfAbsent: 'unreadable' }
      : { action: 'put', reason: REASONS.remoteUnreadable };
  }
  if (remote.state === 'absent') {
    return options.mode === 'add'
      ? { action: 'put', reason: REASONS.new, onlyIfAbsent: remote.proof }
      : { action: 'put', reason: REASONS.new };
  }
  if (options.mode === 'add') return { action: 'skip', reason: REASONS.exists };
  if (size === undefined) return { action: 'put', reason: REASONS.localSizeUnknown };
  if (size !== remote.size) return { action: 'put', reason: REASONS.sizeDiffers };
  return options.compare === 'size' ? { action: 'skip', reason: REASONS.sameSize } : { action: 'compare' };
}

/**
 * The same for a stream that is longer than memory: it is read only once, so its bytes cannot be compared before they are sent, and what neither mode
 * nor size decides is put.
 */
export function decideStream(
  options: DecideOptions,
  size: number | undefined,
  remote: RemoteState,
): Exclude<Decision, { readonly action: 'compare' }> {
  const decision = decide(options, size, remote);
  return decision.action === 'compare' ? { action: 'put', reason: unproven('a stream is read only once') } : decision;
}

/** What is known about a key before anything is sent. */
export type RemoteState =
  /** Not looked up (mode `stupid`). */
  | { readonly state: 'unread' }
  /** `proven` by an ordered listing or a HEAD; `unproven` by a listing out of order, which may hide keys. */
  | { readonly state: 'absent'; readonly proof: 'proven' | 'unproven' }
  | {
      readonly state: 'present';
      readonly size: number;
      readonly etag: string | undefined;
      /** Whether the listing names a checksum of the whole object; only a HEAD shows its value. */
      readonly wholeChecksum?: boolean | undefined;
      /** Whether a KMS key encrypts it, where a HEAD has shown it. */
      readonly kms?: boolean | undefined;
      /** User metadata, where a HEAD has shown it. */
      readonly metadata?: Readonly<Record<string, string>> | undefined;
      /** Its `Content-Encoding`, where a HEAD has shown the metadata. */
      readonly encoding?: string | undefined;
      /** All headers of a HEAD, where there was one and they may be compared. */
      readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
    }
  /** Neither LIST nor HEAD is allowed. */
  | { readonly state: 'unknown' };

/** What to do with one candidate, and why. */
export type Decision =
  | {
      readonly action: 'put';
      readonly reason: string;
      readonly onlyIfAbsent?: 'proven' | 'unproven' | 'unreadable';
    }
  | { readonly action: 'skip'; readonly reason: string }
  /** Sizes are equal, so the contents must be compared. */
  | { readonly action: 'compare' };
