import { isAbsolute, resolve, sep } from 'node:path';
import type { Blocks } from '../run/blocks.js';
import type { CopyEntry, CopyFound } from '../source/bucket.js';
import type { Entry, Found, Unusable } from '../source/types.js';
import { stampRoot } from './files.js';
import { type BatchFile, type BatchJob, type BatchObject, type CopyJob, type PutJob, partOf } from './job.js';
import { RANGE_SIZE } from './range-job.js';

/** A job, and what the coordinator knows of its entries, in their order. */
export interface Batch {
  readonly job: BatchJob;
  /** Keys in the destination. */
  readonly keys: readonly string[];
  /** Labels for people. */
  readonly origins: readonly string[];
  /** Bytes of each entry. */
  readonly sizes: readonly number[];
}

/** When a batch is full. */
export interface BatchSize {
  /** Entries. */
  readonly most: number;
  /** Bytes, unless a single entry has more. */
  readonly mostBytes: number;
  /** An object of more bytes is a batch of its own, whose parts several workers send. */
  readonly alone: number;
}

/** As many keys as S3 lists in one page; few enough bytes that a lost worker costs little. */
export const BATCH_SIZE: BatchSize = { most: 1_000, mostBytes: 512 * 1024 ** 2, alone: RANGE_SIZE.above };

/** What all jobs of a run have in common. */
export type JobBase = Pick<BatchJob, 'version' | 'run' | 'options'>;

/** A batch that is being filled. */
interface Open<T> {
  readonly entries: T[];
  readonly keys: string[];
  readonly origins: string[];
  readonly sizes: number[];
  bytes: number;
}

function emptyBatch<T>(): Open<T> {
  return { entries: [], keys: [], origins: [], sizes: [], bytes: 0 };
}

function oneEntry<T>(entry: T, key: string, origin: string, size: number): Open<T> {
  const batch = emptyBatch<T>();
  append(batch, entry, key, origin, size);
  return batch;
}

function isFull({ entries, bytes }: Open<unknown>, size: number, { most, mostBytes }: BatchSize): boolean {
  return entries.length >= most || (entries.length > 0 && bytes + size > mostBytes);
}

function append<T>(open: Open<T>, entry: T, key: string, origin: string, size: number): void {
  open.entries.push(entry);
  open.keys.push(key);
  open.origins.push(origin);
  open.sizes.push(size);
  open.bytes += size;
}

/**
 * Cuts the files of a put into batches: each of one directory, and in the order of its keys, so that a worker lists no more than the keys from the first
 * to the last. Holds one open batch for each directory that was given as a source.
 * @param onUnusable takes what cannot become an object
 */
export async function* putBatches(
  found: Blocks<Found>,
  base: JobBase,
  prefix: string,
  onUnusable: (unit: Unusable) => Promise<void> | undefined,
  size: BatchSize = BATCH_SIZE,
): AsyncGenerator<Batch, void> {
  const open = new Map<string, Open<BatchFile>>();
  for await (const block of found)
    for (const unit of block) {
      if (unit.kind === 'leftOut') continue;
      if (unit.kind === 'unusable') {
        await onUnusable(unit);
        continue;
      }
      const file = fileOf(unit, prefix);
      unit.release?.();
      const bytes = file.entry[1];
      if (bytes > size.alone) {
        yield closePut(oneEntry(file.entry, unit.key, unit.origin, bytes), file.root, base);
        continue;
      }
      const batch = open.get(file.root) ?? emptyBatch<BatchFile>();
      open.set(file.root, batch);
      if (isFull(batch, bytes, size)) {
        open.set(file.root, emptyBatch());
        yield closePut(batch, file.root, base);
      }
      append(open.get(file.root) ?? batch, file.entry, unit.key, unit.origin, bytes);
    }
  for (const [root, batch] of open) if (batch.entries.length > 0) yield closePut(batch, root, base);
}

function closePut({ entries, ...known }: Open<BatchFile>, root: string, base: JobBase): Batch {
  const job: PutJob = { kind: 'put', ...base, root, rootStamp: stampRoot(root), files: entries };
  return { job, ...known };
}

/** What a batch says of a file, and the directory that its path begins at. */
function fileOf(
  { file, relativePath, key, size = 0 }: Entry,
  prefix: string,
): { readonly root: string; readonly entry: BatchFile } {
  const { path: written = '', seen } = file ?? {};
  const path = isAbsolute(written) ? written : resolve(written);
  const below = sep === '/' ? relativePath : relativePath.replaceAll('/', sep);
  if (seen === undefined || !path.endsWith(below)) throw new TypeError(`${relativePath} is no file of a directory`);
  const root = path.slice(0, -relativePath.length - 1) || sep;
  const facts = [relativePath, size, Math.trunc(seen.mtimeMs), seen.ino] as const;
  return { root, entry: key === prefix + relativePath ? facts : [...facts, key] };
}

/** Cuts the objects of a copy into batches, in the order of the source's listing. */
export async function* copyBatches(
  found: AsyncIterable<CopyFound>,
  base: JobBase,
  onUnusable: (unit: Unusable) => Promise<void> | undefined,
  size: BatchSize = BATCH_SIZE,
): AsyncGenerator<Batch, void> {
  let open = emptyBatch<BatchObject>();
  for await (const unit of found) {
    if (unit.kind === 'leftOut') continue;
    if (unit.kind === 'unusable') {
      await onUnusable(unit);
      continue;
    }
    if (unit.size > size.alone) {
      yield closeCopy(oneEntry(objectOf(unit), unit.key, unit.origin, unit.size), base);
      continue;
    }
    // The server copies; only what it cannot copy at once takes long.
    if (isFull(open, unit.size, { ...size, mostBytes: size.mostBytes * 8 })) {
      yield closeCopy(open, base);
      open = emptyBatch();
    }
    append(open, objectOf(unit), unit.key, unit.origin, unit.size);
  }
  if (open.entries.length > 0) yield closeCopy(open, base);
}

function closeCopy({ entries, ...known }: Open<BatchObject>, base: JobBase): Batch {
  const job: CopyJob = { kind: 'copy', ...base, objects: entries };
  return { job, ...known };
}

export function objectOf({ sourceKey, size, etag, modified, storageClass, versionId }: CopyEntry): BatchObject {
  return [sourceKey, size, etag ?? null, modified ?? null, storageClass ?? null, versionId ?? null];
}

/** The two halves of a batch. */
export function cutInTwo({ job, keys, origins, sizes }: Batch): readonly [Batch, Batch] {
  const middle = Math.ceil(keys.length / 2);
  const part = (from: number, to: number): Batch => ({
    job: partOf(job, from, to),
    keys: keys.slice(from, to),
    origins: origins.slice(from, to),
    sizes: sizes.slice(from, to),
  });
  return [part(0, middle), part(middle, keys.length)];
}
