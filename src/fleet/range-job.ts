import { hash } from 'node:crypto';
import type { Layout, PartRange } from '../model/part-layout.js';
import type { PartRecord } from '../transfer/multipart/parts.js';
import { MOST_RANGE_PARTS, MOST_RESULT_BYTES, type RangeJob, type RangePart } from './job.js';
import type { BatchCounts, PassedError } from './result.js';

/** Which objects are sent by several workers, and in which ranges. */
export interface RangeSize {
  /** Bytes of an object above which several workers send it. */
  readonly above: number;
  /** Bytes of a range at most, unless that is less than `least` parts. */
  readonly bytes: number;
  /** Parts of a range at least, but for the last: a worker sends several at once. */
  readonly least: number;
}

/**
 * A range of 128 MiB has 16 parts of 8 MiB: enough of them for some connections at once, and a second of a network of 1 Gbit/s, so that a lost worker
 * costs little. Four of them are worth the work of sharing.
 */
export const RANGE_SIZE: RangeSize = { above: 512 * 1024 ** 2, bytes: 128 * 1024 ** 2, least: 4 };

/** A range of an upload. */
export interface CutRange {
  /** Number of the first part that a whole range here would have, stored or not. */
  readonly first: number;
  /** Those of its parts that are not stored. */
  readonly parts: readonly PartRange[];
}

/**
 * Cuts the parts of an upload that are not stored into ranges. Where these begin depends on the object alone, so that whoever resumes its upload meets
 * the ranges that others are sending.
 */
export function cutRanges(
  { count, range }: Pick<Layout, 'count' | 'range'>,
  isStored: (number: number) => boolean,
  { bytes: most, least }: RangeSize,
): CutRange[] {
  const ranges: CutRange[] = [];
  let first = 1;
  let bytes = 0;
  let missing: PartRange[] = [];
  const close = (next: number): void => {
    if (missing.length > 0) ranges.push({ first, parts: missing });
    first = next;
    bytes = 0;
    missing = [];
  };
  for (let number = 1; number <= count; number++) {
    const part = range(number);
    const size = part.end - part.start;
    const parts = number - first;
    if (parts >= MOST_RANGE_PARTS || (parts >= least && bytes + size > most)) close(number);
    bytes += size;
    if (!isStored(number)) missing.push(part);
  }
  close(count + 1);
  return ranges;
}

/**
 * The id of a range: adding it twice is adding it once. Another state of the object, or another upload, gives another id.
 * @param batch id of the batch that the object is in
 */
export function rangeId(
  batch: string,
  first: number,
  { batch: object, upload, relayed }: Omit<RangeJob, 'parts'>,
): string {
  const what = hash('sha256', JSON.stringify([object, upload.uploadId, relayed]), 'hex').slice(0, 16);
  return `${batch}.r${what}.${first}`;
}

const RANGE_END = /\.r[0-9a-f]{16}\.\d+$/;

/** Whether an id is that of a range, not of a batch. */
export function isRangeId(id: string): boolean {
  return RANGE_END.test(id);
}

/** The id of the batch that has the object of a range. */
export function batchOfRange(id: string): string {
  return id.replace(RANGE_END, '');
}

export function toRangePart({ number, start, end }: PartRange): RangePart {
  return [number, start, end];
}

export function fromRangePart([number, start, end]: RangePart): PartRange {
  return { number, start, end };
}

/**
 * How the work on a range ended. `done`: all parts are stored. `failed`: an error of the object. `changed`: its source was written meanwhile. `ended`: an error that
 * every request of this worker meets. `back`: the worker was asked to stop. `refused`: this worker may not do it, or lacks the source.
 */
export type RangeState = 'done' | 'failed' | 'changed' | 'ended' | 'back' | 'refused';

/** What a worker returns for a range. */
export interface RangeResult {
  readonly state: RangeState;
  /** Name of the worker, for people. */
  readonly worker: string;
  /** Parts that are stored. */
  readonly records: readonly PartRecord[];
  /** Requests for them. */
  readonly attempts: number;
  readonly counts: BatchCounts;
  readonly error?: PassedError;
}

/** The result as a return value of at most 64 KiB; throws where an ETag of a strange server makes it longer. */
export function packRange(result: RangeResult): RangeResult {
  for (const value of [result, { ...result, counts: { ...result.counts, warnings: [] } }])
    if (Buffer.byteLength(JSON.stringify(value)) <= MOST_RESULT_BYTES - 1024) return value;
  throw new Error(`A result of ${result.records.length} parts does not fit into ${MOST_RESULT_BYTES} bytes.`);
}

const STATES: readonly unknown[] = ['done', 'failed', 'changed', 'ended', 'back', 'refused'] satisfies RangeState[];

/**
 * Reads what a worker has returned; throws for what cannot be its result.
 * @param sizeOf bytes of a part of the object; undefined for a number that it does not have
 */
export function readRange(value: unknown, sizeOf: (number: number) => number | undefined): RangeResult {
  const result = (value ?? {}) as RangeResult;
  const { state, worker, records, attempts, counts, error } = result;
  const isWhole =
    STATES.includes(state) &&
    typeof worker === 'string' &&
    Number.isSafeInteger(attempts) &&
    typeof counts === 'object' &&
    Array.isArray(counts?.warnings) &&
    Array.isArray(records) &&
    records.every((record) => isRecord(record) && sizeOf(record.number) === record.size);
  const isExplained = state === 'done' || state === 'back' || typeof error?.message === 'string';
  if (!isWhole || !isExplained) throw new Error('the result of a range cannot be read');
  return { ...result, records: records.map(withAllFields) };
}

function isRecord(value: unknown): value is PartRecord {
  const { number, size, etag, crc32, md5, verified } = (value ?? {}) as PartRecord;
  const texts = [etag, crc32, md5].every((one) => one === undefined || typeof one === 'string');
  return Number.isSafeInteger(number) && Number.isSafeInteger(size) && texts && VERIFIED.includes(verified);
}

const VERIFIED: readonly unknown[] = ['none', 'crc32', 'md5'] satisfies PartRecord['verified'][];

/** JSON leaves out what is undefined. */
function withAllFields({ number, size, etag, crc32, md5, verified }: PartRecord): PartRecord {
  return { number, size, etag, crc32, md5, verified };
}
