import { S3RequestError } from '../errors.js';
import { REASONS } from '../report/reasons.js';
import type { Outcome } from '../report/types.js';
import { Limiter } from '../run/limiter.js';
import type { RunEnd } from '../run/record.js';
import type { Run } from '../run/run.js';
import { runConcurrently } from '../run/workers.js';
import type { Bucket } from '../s3/bucket.js';
import { deleter, type Fate } from './delete-requests.js';
import { interrupted } from './result.js';

/** One key to delete, as the listing shows it. */
export interface KeyToDelete {
  readonly key: string;
  /** Unquoted. The object is deleted only if it still has it, where the server honours that. */
  readonly etag: string | undefined;
  /** Bytes. */
  readonly size: number;
  /** Label of the outcome. Default: the object's address. */
  readonly origin?: string | undefined;
}

export interface DeleteContext {
  readonly bucket: Bucket;
  /** Only says what would be deleted, without a request. */
  readonly dryRun: boolean;
  /** Why they are deleted, as outcomes say it. */
  readonly reason: string;
}

/** Batches in progress at once: S3 counts each key, and each batch holds the names of 1,000. */
const MOST_BATCHES = 8;

/**
 * Deletes keys, 1,000 by one request where the server has that, and settles an outcome for each. Never throws for a key; returns how the run ended.
 * No delete begins once the run stops. A key that was absent counts as deleted.
 * @param keys read only as far as there is room for them
 */
export async function deleteKeys(
  run: Run,
  context: DeleteContext,
  keys: Iterable<KeyToDelete> | AsyncIterable<KeyToDelete>,
): Promise<RunEnd> {
  const { bucket, dryRun } = context;
  const requests = deleter(run, bucket);
  const batches = new Limiter(MOST_BATCHES, run.stop.signal);

  /** The keys in batches, each as soon as there may be one more. */
  async function* inBatches(): AsyncGenerator<readonly (readonly KeyToDelete[])[], void> {
    let batch: KeyToDelete[] = [];
    for await (const key of keys) {
      batch.push(key);
      if (batch.length < requests.most) continue;
      await room(batch);
      yield [batch];
      batch = [];
    }
    if (batch.length === 0) return;
    await room(batch);
    yield [batch];
  }

  async function room(batch: readonly KeyToDelete[]): Promise<void> {
    if (batch.length > 1) await batches.take();
  }

  async function settle(batch: readonly KeyToDelete[]): Promise<readonly Outcome[]> {
    const began: Began = { date: new Date(), ms: performance.now() };
    try {
      const fates = dryRun ? batch.map((): Fate => 'deleted') : await requests.delete(batch);
      return batch.flatMap((key, i) => outcomeOf(run, context, key, fates[i] as Fate, began) ?? []);
    } finally {
      if (batch.length > 1) batches.release();
    }
  }

  return runConcurrently(run, inBatches(), settle);
}

/** When work on a batch began: as a date, and on the clock that measures durations. */
interface Began {
  readonly date: Date;
  readonly ms: number;
}

function outcomeOf(
  { record }: Run,
  { bucket, dryRun, reason }: DeleteContext,
  { key, size, origin = `s3://${bucket.name}/${key}` }: KeyToDelete,
  fate: Fate,
  began: Began,
): Outcome | undefined {
  if (fate === 'untouched') return undefined;
  const durationMs = performance.now() - began.ms;
  // In the order in which JSON shows them.
  const rest = (attempts: number) =>
    ({ bytes: 0, sourceBytes: 0, verified: 'none', attempts, startedAt: began.date, durationMs }) as const;
  if (fate === 'deleted') {
    return { action: 'delete', reason, origin, key, ...rest(dryRun ? 0 : 1), replacedBytes: size };
  }
  if (fate === 'changed') {
    record.conflict();
    record.warn('changed-before-delete', changedText(bucket.name, key));
    return { action: 'skip', reason: REASONS.changedBeforeDelete, origin, key, ...rest(1) };
  }
  if (fate instanceof S3RequestError)
    return { action: 'fail', reason: fate.message, origin, key, ...rest(fate.attempts), error: fate };
  const error = interrupted(unknownText(bucket.name, key), 'Run again: what is gone is no longer listed.');
  return { action: 'unknown', reason: error.message, origin, key, ...rest(1), error };
}

function changedText(bucket: string, key: string): string {
  return `s3://${bucket}/${key} was changed by another writer during the run, so it is not deleted; "conflicts" counts all such objects.`;
}

function unknownText(bucket: string, key: string): string {
  return `s3://${bucket}/${key} was being deleted when the run was aborted; it may be gone or not`;
}
