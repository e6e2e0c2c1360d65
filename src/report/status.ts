import { isKept, isNew, isUnchanged, isUncompared } from './reasons.js';
import type { Outcome, OutcomeAction } from './types.js';

/**
 * What became of an object, finer than its action: `not compared` was sent without a look at what the bucket has, as mode `stupid` does; `headers` has
 * the same content with other headers, which were set without an upload; `stray` is a key that the source does not have and that stays for a while.
 */
export type Status =
  | 'new'
  | 'changed'
  | 'not compared'
  | 'headers'
  | 'deleted'
  | 'stray'
  | 'unchanged'
  | 'skipped'
  | 'failed'
  | 'unknown';

export function statusOf({ action, reason }: Pick<Outcome, 'action' | 'reason'>): Status {
  return STATUS_OF[action](reason);
}

const sent = (reason: string): Status => (isNew(reason) ? 'new' : isUncompared(reason) ? 'not compared' : 'changed');
const STATUS_OF: Readonly<Record<OutcomeAction, (reason: string) => Status>> = {
  put: sent,
  copy: sent,
  metadata: () => 'headers',
  delete: () => 'deleted',
  skip: (reason) => (isUnchanged(reason) ? 'unchanged' : isKept(reason) ? 'stray' : 'skipped'),
  fail: () => 'failed',
  unknown: () => 'unknown',
};
