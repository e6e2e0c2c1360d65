import { createHash } from 'node:crypto';

/**
 * Version of the rule that gives keys to shards, and of the digest of a source. Jobs that work together must have the same one, so it grows when
 * either changes.
 */
export const SHARD_SCHEME = 1;

/** More than any CI runs side by side: GitHub allows 256 jobs in a matrix. */
export const MOST_SHARDS = 10_000;

/** One of several jobs that share the keys of one source. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/**
 * The shard of a key, from 1: the first eight bytes of the SHA-256 of its UTF-8, as an unsigned big-endian number, modulo the count, plus one. It
 * depends on the whole key and on nothing else, so any two shards are disjoint, and all together have every key.
 * @param key the whole key in the destination, prefix included
 * @param count from 1 to {@link MOST_SHARDS}
 */
export function shardOf(key: string, count: number): number {
  const hash = createHash('sha256').update(key, 'utf8').digest();
  // In two halves, because 64 bits are more than a number holds exactly.
  const high = hash.readUInt32BE(0) % count;
  return ((high * 2 ** 32 + hash.readUInt32BE(4)) % count) + 1;
}

/** Whether a key belongs to a shard. */
export function isOfShard(key: string, { index, count }: Shard): boolean {
  return shardOf(key, count) === index;
}

/** `2/4` */
export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}
