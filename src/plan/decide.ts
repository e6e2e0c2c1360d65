import type { PutMode } from '../put-options.js';
import { compareListed } from './compare.js';

/** What is known of a key before anything is sent. */
export type RemoteState =
  /** Nobody asked (mode `stupid`). */
  | { readonly state: 'unread' }
  /** `proven` by an ordered listing or a HEAD; `unproven` by a listing out of order, which may have hidden it. */
  | { readonly state: 'absent'; readonly proof: 'proven' | 'unproven' }
  | { readonly state: 'present'; readonly size: number; readonly etag: string | undefined }
  /** Neither LIST nor HEAD is allowed. */
  | { readonly state: 'unknown' };

/** What should happen to one candidate, and why. */
export type Decision =
  | {
      readonly action: 'put';
      readonly reason: string;
      readonly onlyIfAbsent?: 'proven' | 'unproven';
      /** The only ground is that the ETag differs, which proves nothing where ETags are not MD5s. */
      readonly byEtag?: true;
    }
  | { readonly action: 'skip'; readonly reason: string }
  /** One more fact is needed: the MD5 of the local bytes, to compare with `etag`. */
  | { readonly action: 'compare'; readonly etag: string };

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
 * @param size local bytes; undefined only where no comparison will be made
 */
export function decide(options: DecideOptions, size: number | undefined, remote: RemoteState): Decision {
  if (options.mode === 'stupid' || remote.state === 'unread') return { action: 'put', reason: 'forced' };
  if (remote.state === 'unknown') {
    return options.mode === 'add'
      ? { action: 'put', reason: 'remote unreadable', onlyIfAbsent: 'unproven' }
      : { action: 'put', reason: 'remote unreadable' };
  }
  if (remote.state === 'absent') {
    return options.mode === 'add'
      ? { action: 'put', reason: 'new', onlyIfAbsent: remote.proof }
      : { action: 'put', reason: 'new' };
  }
  if (options.mode === 'add') return { action: 'skip', reason: 'exists' };
  return compareListed(options.compare, size, remote);
}
