import type { RunEnd } from '../run/record.js';
import type { Run } from '../run/run.js';
import type { Bucket } from '../s3/bucket.js';

export interface KeyToDelete {
  readonly key: string;
  readonly etag: string | undefined;
  readonly size: number;
  readonly origin?: string;
}

export async function deleteKeys(
  run: Run,
  _context: { readonly bucket: Bucket; readonly dryRun: boolean; readonly reason: string },
  keys: Iterable<KeyToDelete>,
): Promise<RunEnd> {
  for (const { key, size } of keys) {
    const outcome = {
      action: 'delete',
      reason: _context.reason,
      origin: '',
      key,
      bytes: 0,
      sourceBytes: 0,
      verified: 'none',
      attempts: 0,
      durationMs: 0,
      replacedBytes: size,
    } as const;
    run.record.settle(outcome);
    await run.settled(outcome);
  }
  return {};
}
