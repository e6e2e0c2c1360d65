import { hash } from 'node:crypto';
import type { S3Mode } from '../mode.js';
import { NO_BYTES } from '../objects/put-object.js';
import { type SeedOptions, seededObject } from './seed.js';
import type { StoredBucket, StoredObject } from './store.js';

export interface SeedManyOptions extends SeedOptions {
  /** Bytes of each, or of the one with this index; default 0. Only the size is stored, no bytes: GET is 500 unless it is 0. */
  readonly size?: number | ((index: number) => number);
}

/** Fills a bucket with objects that have sizes and ETags but no bytes; objects of one size share a record, so that a million fit into memory. */
export function seedMany(
  bucket: StoredBucket,
  mode: S3Mode,
  count: number,
  keyOf: (index: number) => string,
  { size = 0, ...options }: SeedManyOptions,
): void {
  const sizeOf = typeof size === 'number' ? (): number => size : size;
  const bySize = new Map<number, StoredObject>();
  const objectAt = (index: number): StoredObject => {
    const bytes = sizeOf(index);
    const known = bySize.get(bytes);
    if (known !== undefined) return known;
    const etag = options.etag ?? hash('md5', bytes === 0 ? '' : `${bytes} bytes`);
    const object = { ...seededObject(NO_BYTES, { ...options, etag }, mode), size: bytes };
    bySize.set(bytes, object);
    return object;
  };
  bucket.setMany(
    Array.from({ length: count }, (_, i) => keyOf(i)),
    objectAt,
  );
}
