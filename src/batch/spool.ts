import { readSync, writeSync } from 'node:fs';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { openTemporaryFile, type TemporaryFile, temporaryFileError } from '../run/temporary-file.js';

/** How a record becomes JSON, and a record again. */
export interface Codec<T> {
  pack(record: T): unknown;
  /** @param row what `pack` has returned, with `null` in the place of what is undefined in a list */
  unpack(row: unknown): T;
}

/** For records that are JSON themselves. */
export function plainCodec<T>(): Codec<T> {
  return { pack: (record) => record, unpack: (row) => row as T };
}

/** Records in a temporary file, which are read in the order in which they were added, as often as they are wanted. */
export interface Spool<T> {
  readonly size: number;
  /** Throws `SourceError` where the file cannot be written. */
  add(record: T): void;
  read(): Generator<T, void>;
  /** Forgets the records and removes the file; a second call does nothing. */
  remove(): void;
}

/** Records of a block, which is what a reader holds in memory: merges read many blocks side by side. */
export const MOST_IN_SPOOL_BLOCK = 256;

/** Opens a spool. Few records stay in memory, and make no file. */
export function openSpool<T>(codec: Codec<T>): Spool<T> {
  const file = blockFile(codec);
  const blocks: number[] = [];
  let pending: T[] = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(record) {
      pending.push(record);
      size += 1;
      if (pending.length < MOST_IN_SPOOL_BLOCK) return;
      blocks.push(file.write(pending));
      pending = [];
    },
    *read() {
      for (const block of blocks) yield* file.read(block);
      yield* pending;
    },
    remove() {
      pending = [];
      blocks.length = 0;
      size = 0;
      file.remove();
    },
  };
}

/** Blocks of records in one file. */
export interface BlockFile<T> {
  /** @returns the number of the block */
  write(records: readonly T[]): number;
  read(block: number): T[];
  remove(): void;
}

/** What the files hold, for errors. */
const CONTENT = 'the objects of jobs';

/**
 * A file of compressed blocks, which is opened with the first one. It is written and read without promises: a promise for each record would cost more
 * than the record, and the system keeps what was written last in memory.
 */
export function blockFile<T>({ pack, unpack }: Codec<T>): BlockFile<T> {
  let file: TemporaryFile | undefined;
  /** Where each block begins, and where the last one ends. */
  const starts = [0];
  return {
    write(records) {
      const bytes = deflateRawSync(JSON.stringify(records.map(pack)), { level: 1 });
      const start = starts.at(-1) ?? 0;
      try {
        file ??= openTemporaryFile('objects');
        for (let at = 0; at < bytes.length; ) at += writeSync(file.fd, bytes, at, bytes.length - at, start + at);
      } catch (error) {
        throw temporaryFileError(error, CONTENT);
      }
      return starts.push(start + bytes.length) - 2;
    },
    read(block) {
      const start = starts[block] ?? 0;
      const bytes = Buffer.allocUnsafe((starts[block + 1] ?? start) - start);
      for (let at = 0; file !== undefined && at < bytes.length; ) {
        const read = readSync(file.fd, bytes, at, bytes.length - at, start + at);
        if (read === 0) throw new TypeError('a temporary file has lost bytes');
        at += read;
      }
      return (JSON.parse(inflateRawSync(bytes).toString()) as unknown[]).map(unpack);
    },
    remove() {
      file?.remove();
      file = undefined;
      starts.length = 1;
    },
  };
}
