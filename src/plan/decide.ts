import type { PutMode } from '../put-options.js';
import type { Decision, RemoteState } from './decision.js';

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
      ? { action: 'put', reason: 'remote unreadable', onlyIfAbsent: 'unreadable' }
      : { action: 'put', reason: 'remote unreadable' };
  }
  if (remote.state === 'absent') {
    return options.mode === 'add'
      ? { action: 'put', reason: 'new', onlyIfAbsent: remote.proof }
      : { action: 'put', reason: 'new' };
  }
  if (options.mode === 'add') return { action: 'skip', reason: 'exists' };
  if (size === undefined) return { action: 'put', reason: 'local size unknown' };
  if (size !== remote.size) return { action: 'put', reason: 'size differs' };
  return options.compare === 'size' ? { action: 'skip', reason: 'same size' } : { action: 'compare' };
}
