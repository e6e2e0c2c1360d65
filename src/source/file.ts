import { closeSync, constants, fstat, fstatSync, open, openSync, read, readSync, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { SourceError } from '../errors.js';
import type { Content } from '../model/content.js';
import { goneText, hintFor, plainWords } from '../model/hints.js';

const openLater = promisify(open);
const statLater = promisify(fstat);
const readLater = promisify(read);

/** Up to this many bytes one synchronous read is cheaper than the thread pool (10 µs against 40–190 µs). */
const SYNC_READ_BYTES = 256 * 1024;

// Without O_NONBLOCK a FIFO that took the file's place since the walk would block the whole process.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Opens a file for reading by range, synchronously. Throws `SourceError` with the system's code, or `NotAFile`. */
export function openFile(path: string, reads: ReadPolicy = readPolicy(true)): Content {
  try {
    const began = performance.now();
    const fd = openSync(path, FLAGS);
    return contentOf(fd, path, fstatSync(fd), reads, performance.now() - began);
  } catch (error) {
    throw readError(path, error);
  }
}

/** {@link openFile}, through the thread pool where the policy says so. */
export async function openFileBy(reads: ReadPolicy, path: string): Promise<Content> {
  if (reads.sync) return openFile(path, reads);
  try {
    const fd = await openLater(path, FLAGS);
    return contentOf(fd, path, await statLater(fd), reads, 0);
  } catch (error) {
    throw readError(path, error);
  }
}

/**
 * Reads a small file synchronously; undefined where it is not small, was written meanwhile, or the policy says no: then open its content.
 * Throws `SourceError` as {@link openFile} does.
 */
export function readWhole(path: string, reads: ReadPolicy): Buffer | undefined {
  if (!reads.sync) return undefined;
  const began = performance.now();
  try {
    const fd = openSync(path, FLAGS);
    try {
      const before = fstatSync(fd);
      if (!before.isFile() || before.size > SYNC_READ_BYTES) return undefined;
      const bytes = Buffer.allocUnsafe(before.size);
      const count = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, 0);
      if (count !== bytes.length || !isSame(before, fstatSync(fd))) return undefined;
      reads.recordRead(performance.now() - began);
      return bytes;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw readError(path, error);
  }
}

function isSame(before: Stats, now: Stats): boolean {
  return now.size === before.size && now.mtimeMs === before.mtimeMs && now.ino === before.ino;
}

/** @param openMs how long a synchronous open took; 0 for an asynchronous one */
function contentOf(fd: number, path: string, before: Stats, reads: ReadPolicy, openMs: number): Content {
  if (!before.isFile()) {
    closeSync(fd);
    throw new SourceError('NotAFile', `${path} is no longer a regular file`);
  }
  return {
    size: before.size,
    slice: (start, end, into) =>
      readRange({ fd, path, reads, openMs }, start, into?.subarray(0, end - start) ?? Buffer.allocUnsafe(end - start)),
    async unchanged() {
      return isSame(before, reads.sync ? fstatSync(fd) : await statLater(fd));
    },
    close: async () => closeSync(fd),
  };
}

interface OpenFile {
  readonly fd: number;
  readonly path: string;
  readonly reads: ReadPolicy;
  readonly openMs: number;
}

async function readRange({ fd, path, reads, openMs }: OpenFile, start: number, bytes: Buffer): Promise<Buffer> {
  let filled = 0;
  try {
    while (filled < bytes.length) {
      const wanted = bytes.length - filled;
      let count: number;
      if (wanted <= SYNC_READ_BYTES && reads.sync) {
        const began = performance.now();
        count = readSync(fd, bytes, filled, wanted, start + filled);
        reads.recordRead(openMs + performance.now() - began);
      } else {
        count = (await readLater(fd, bytes, filled, wanted, start + filled)).bytesRead;
      }
      if (count === 0) break;
      filled += count;
    }
  } catch (error) {
    throw readError(path, error);
  }
  return filled === bytes.length ? bytes : bytes.subarray(0, filled);
}

/** Adds the file's name to a system error, and the fix where it is known; returns other errors unchanged. */
export function readError(path: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (error instanceof SourceError || code === undefined) return error as Error;
  const words = plainWords(code, 'read');
  const message =
    code === 'ENOENT'
      ? `${goneText(path)} (${code})`
      : `cannot read ${path}: ${words === undefined ? (error as Error).message : `${words} (${code})`}`;
  return new SourceError(code, message, { cause: error, hint: hintFor({ code, verb: 'read' }) });
}

/** A Blob's bytes, which may be outside of memory. */
export function blobContent(blob: Blob): Content {
  return {
    size: blob.size,
    slice: async (start, end) => Buffer.from(await blob.slice(start, end).arrayBuffer()),
    unchanged: async () => true,
    close: async () => {},
  };
}

/** Whether small files are read synchronously, which blocks for as long as the disk takes, or through the thread pool. */
export interface ReadPolicy {
  readonly sync: boolean;
  /** Records how many milliseconds it took to open and read one file synchronously. */
  recordRead(ms: number): void;
}

/** Reads that take longer are slow. A local disk takes hundredths of this, a network file system more. */
const SLOW_MS = 1;
/** After this many slow reads, four fast ones making up for one, the disk counts as slow for the rest of the run. */
const MOST_SLOW_READS = 8;

/** @param sync false reads everything through the thread pool */
export function readPolicy(sync: boolean): ReadPolicy {
  let slow = sync ? 0 : MOST_SLOW_READS;
  return {
    get sync() {
      return slow < MOST_SLOW_READS;
    },
    recordRead(ms) {
      if (slow >= MOST_SLOW_READS) return;
      slow = ms > SLOW_MS ? slow + 1 : Math.max(0, slow - 0.25);
    },
  };
}
