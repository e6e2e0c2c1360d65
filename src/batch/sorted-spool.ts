import { compareKeys } from '../model/key-order.js';
import { mergeSorted } from './merge-sorted.js';
import { blockFile, type Codec, MOST_IN_SPOOL_BLOCK, type Spool } from './spool.js';

export interface SortOptions<T> {
  readonly codec: Codec<T>;
  readonly keyOf: (record: T) => string;
  /** Records that are sorted in memory. */
  readonly most?: number;
}

const MOST = 20_000;

/** Records on disk in key order. */
interface Sequence {
  readonly blocks: number[];
  last: string;
}

/**
 * A spool that is read in key order, in whatever order the records come: as many as fit into memory are sorted there, and written to the sequence on
 * disk that they continue; a read merges the sequences. Records that come nearly in order, as the objects of a listing do, give one or two of them.
 */
export function openSortedSpool<T>({ codec, keyOf, most = MOST }: SortOptions<T>): Spool<T> {
  const compare = (a: T, b: T): number => compareKeys(keyOf(a), keyOf(b));
  const file = blockFile(codec);
  const sequences: Sequence[] = [];
  /** Those that came last. Half of them stay back, so that records which are late by fewer than that still find their place. */
  let held: T[] = [];
  /** Those that came too late for the first sequence. */
  let late: T[] = [];
  let size = 0;

  /** Writes sorted records behind the sequence that ends closest before them. */
  function write(records: readonly T[]): void {
    const [first] = records;
    if (first === undefined) return;
    const fits = ({ last }: Sequence): boolean => compareKeys(last, keyOf(first)) <= 0;
    let sequence: Sequence | undefined;
    for (const one of sequences)
      if (fits(one) && (sequence === undefined || compareKeys(sequence.last, one.last) < 0)) sequence = one;
    if (sequence === undefined) {
      sequence = { blocks: [], last: '' };
      sequences.push(sequence);
    }
    for (let at = 0; at < records.length; at += MOST_IN_SPOOL_BLOCK)
      sequence.blocks.push(file.write(records.slice(at, at + MOST_IN_SPOOL_BLOCK)));
    sequence.last = keyOf(records.at(-1) ?? first);
  }

  function makeRoom(): void {
    held.sort(compare);
    const lower = held.slice(0, most / 2);
    held = held.slice(lower.length);
    const [first] = sequences;
    const inTime = first === undefined ? 0 : lower.findIndex((record) => compareKeys(keyOf(record), first.last) >= 0);
    const end = inTime < 0 ? lower.length : inTime;
    late.push(...lower.slice(0, end));
    write(lower.slice(end));
    if (late.length < most / 2) return;
    write(late.sort(compare));
    late = [];
  }

  function* sequenceOf({ blocks }: Sequence): Generator<T, void> {
    for (const block of blocks) yield* file.read(block);
  }

  return {
    get size() {
      return size;
    },
    add(record) {
      held.push(record);
      size += 1;
      if (held.length >= most) makeRoom();
    },
    read: () => mergeSorted([...sequences.map(sequenceOf), [...late].sort(compare), [...held].sort(compare)], compare),
    remove() {
      held = [];
      late = [];
      sequences.length = 0;
      size = 0;
      file.remove();
    },
  };
}
