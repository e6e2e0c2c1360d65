import type { CopyWay } from '../../plan/copy-way.js';
import type { Verified } from '../../report/outcome.js';
import type { CopyEntry } from '../../source/bucket-source.js';
import type { Result } from '../put-entry.js';
import type { CopyDecision } from './copy-deps.js';

interface Stored {
  readonly etag: string | undefined;
  readonly verified: Verified;
  readonly attempts: number;
  readonly takenOver?: number;
}

/** One object that was copied. */
export function copied(
  { size }: CopyEntry,
  { reason }: CopyDecision,
  { reason: way }: CopyWay,
  { etag, verified, attempts, takenOver = 0 }: Stored,
): Result {
  const facts = { action: 'copy', reason, bytes: size, sourceBytes: size, verified, attempts, way } as const;
  const named = etag === undefined ? facts : { ...facts, etag };
  return takenOver > 0 ? { ...named, takenOver } : named;
}

/** Mode `add`: somebody else has written the key meanwhile. */
export function appeared({ size }: CopyEntry, attempts: number): Result {
  return { action: 'skip', reason: 'appeared during the run', bytes: 0, sourceBytes: size, verified: 'none', attempts };
}
