import {
  closeSync,
  constants,
  fstat,
  fstatSync,
  lstatSync,
  open,
  openSync,
  read,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SourceError } from '../errors.js';
import { bytesContent, type Content, type FileRange } from '../model/content.js';
import { goneText, hintFor, plainWords } from '../model/hints.js';
import type { BufferLender } from '../run/body-buffers.js';
import { isShortage, whenDescriptorFree } from '../run/descriptors.js';
import type { FileRef, FileStamp, ReadPolicy } from './types.js';

const openLater = promisify(open);
const statLater = promisify(fstat);
const readLater = promisify(read);

/** Up to this many bytes one synchronous read is cheaper than the thread pool (10 µs against 40–190 µs). */
const SYNC_READ_BYTES = 256 * 1024;

// Without O_NONBLOCK a FIFO that took the file's place since the walk would block the whole process.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** Windows has no such flag. */
const NO_LINK = constants.O_NOFOLLOW ?? 0;

/** All of a file that was seen before, for a thread to read; undefined where nothing is known of it. */
export function wholeRange({ path, seen, noLink, reads }: FileRef): FileRange | undefined {
  if (seen === undefined) return undefined;
  return { path, stamp: seen, start: 0, end: seen.size, noLink: noLink === true, sync: reads?.sync !== false };
}

/** The first bytes of a file that was seen before, at most `most`; undefined where it is not what was seen, or cannot be read. */
export function readHead({ path, seen, noLink }: FileRef, most: number): Buffer | undefined {
  try {
    const fd = openSync(path, noLink === true ? FLAGS | NO_LINK : FLAGS);
    try {
      const now = fstatSync(fd);
      if (seen === undefined || !now.isFile() || !isSame(seen, now)) return undefined;
      const bytes = Buffer.allocUnsafe(Math.min(most, seen.size));
      return readSync(fd, bytes, 0, bytes.length, 0) === bytes.length ? bytes : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

/** The compact form of a stat. */
export function stampOf({ dev, ino, ctimeMs, mtimeMs, size }: FileStamp): FileStamp {
  return { dev, ino, ctimeMs, mtimeMs, size };
}

function isSameFile(one: FileStamp, other: FileStamp): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/** Whether it is the same file, and not written meanwhile. */
export function isSame(before: FileStamp, now: FileStamp): boolean {
  return isSameFile(before, now) && now.size === before.size && now.ctimeMs === before.ctimeMs;
}

/** A file that is open for reading by range. */
export interface FileContent extends Content {
  readonly stamp: FileStamp;
}

/** Opens a file for reading by range, synchronously. Throws `SourceError` with the system's code, or `NotAFile`. */
export function openFile(file: FileRef, reads: ReadPolicy = readPolicy(true)): FileContent {
  try {
    const began = performance.now();
    const fd = openSync(file.path, FLAGS);
    return contentOf(fd, file, statOr(fd), reads, performance.now() - began);
  } catch (error) {
    throw readError(file.path, error);
  }
}

function statOr(fd: number): Stats {
  try {
    return fstatSync(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** {@link openFile}, through the thread pool where the policy says so. */
export async function openFileBy(reads: ReadPolicy, file: FileRef): Promise<FileContent> {
  try {
    if (reads.sync) return openFile(file, reads);
  } catch (error) {
    if (!isShortage(error)) throw error;
  }
  try {
    const fd = await whenDescriptorFree(() => openLater(file.path, FLAGS));
    return contentOf(fd, file, await statLater(fd), reads, 0);
  } catch (error) {
    throw readError(file.path, error);
  }
}

/**
 * Reads a small file synchronously; undefined where it is not small, is not what was seen, was written meanwhile, or the policy says no: then open
 * its content. Throws `SourceError` as {@link openFile} does.
 *
 * One stat after the read proves that the bytes are of the file that the walk saw, as it was then.
 * @param lender of memory for the bytes: new memory for each of many files takes as long as reading them
 */
export function readWhole(
  { path, seen, noLink }: FileRef,
  reads: ReadPolicy,
  lender: BufferLender,
): Buffer | undefined {
  if (!reads.sync || (seen !== undefined && seen.size > SYNC_READ_BYTES)) return undefined;
  const began = performance.now();
  let fd: number;
  try {
    fd = openSync(path, noLink === true ? FLAGS | NO_LINK : FLAGS);
  } catch (error) {
    // A symlink took its place: where it leads decides. Without a descriptor, opening its content waits for one.
    if ((error as NodeJS.ErrnoException).code === 'ELOOP' || isShortage(error)) return undefined;
    throw readError(path, error);
  }
  try {
    const before = seen ?? fstatSync(fd);
    if (before.size > SYNC_READ_BYTES) return undefined;
    // One byte more shows whether the file ends where its size says.
    const bytes = lender.lend(before.size + 1);
    const count = readSync(fd, bytes, 0, before.size + 1, 0);
    const now = fstatSync(fd);
    if (count !== before.size || !now.isFile() || !isSame(before, now)) return undefined;
    reads.recordRead(performance.now() - began);
    return bytes.subarray(0, count);
  } catch {
    // What is wrong with it shows when it is opened.
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** @param openMs how long a synchronous open took; 0 for an asynchronous one */
function contentOf(fd: number, file: FileRef, before: Stats, reads: ReadPolicy, openMs: number): FileContent {
  const { path, seen, confirm } = file;
  try {
    if (!before.isFile())
      throw new SourceError('NotAFile', `${path} is ${seen === undefined ? 'not' : 'no longer'} a regular file`);
    if (seen !== undefined && !isSameFile(seen, before)) confirm?.(path, before);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  const opened = { fd, path, reads, openMs };
  const stamp = stampOf(before);
  return {
    size: before.size,
    stamp,
    file: { path, stamp, start: 0, end: before.size, noLink: false, sync: reads.sync },
    slice: (start, end, into) =>
      readRange(opened, start, into?.subarray(0, end - start) ?? Buffer.allocUnsafe(end - start)),
    async unchanged() {
      if (!isSame(before, reads.sync ? fstatSync(fd) : await statLater(fd))) return false;
      // Some file systems name a size that is too small.
      return (await readRange(opened, before.size, Buffer.allocUnsafe(1))).length === 0;
    },
    close: async () => closeSync(fd),
  };
}

/** Sizes up to this one, in whole pages, may be no more than a page's size: sysfs names it for each of its files. */
const PAGE_BYTES = 4096;
const MOST_PAGES = 16;

/**
 * The size of a file whose stat says `stat`. Undefined where it holds more or less, as files of /proc and /sys and of some network file systems do:
 * then it is read to its end. Costs nothing but for files that are empty, and for those that say they use no space on the disk.
 */
export function trueSize(path: string, { size, blocks }: Pick<Stats, 'size' | 'blocks'>): number | undefined {
  if (size !== 0 && !(blocks === 0 && size % PAGE_BYTES === 0 && size <= MOST_PAGES * PAGE_BYTES)) return size;
  try {
    const fd = openSync(path, FLAGS);
    try {
      if (!fstatSync(fd).isFile()) return size;
      return readSync(fd, Buffer.allocUnsafe(size + 1), 0, size + 1, 0) === size ? size : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    // Reading it later says why it cannot be read.
    return size;
  }
}

interface ReadOnce {
  readonly size: undefined;
  readonly buffered: true;
  open(grow: (bytes: number) => Promise<void>, signal: AbortSignal): Promise<Content>;
}

/** What an entry says of a file that does not say how much it holds: it is read to its end and kept. */
export function readOnce(file: FileRef, reads: ReadPolicy): ReadOnce {
  return { size: undefined, buffered: true, open: (grow, signal) => readToEnd(file, reads, grow, signal) };
}

/**
 * Reads a file that does not say how much it holds.
 * @param grow reserves memory for this many bytes in total
 */
async function readToEnd(
  file: FileRef,
  reads: ReadPolicy,
  grow: (bytes: number) => Promise<void>,
  signal: AbortSignal,
): Promise<Content> {
  const content = await openFileBy(reads, file);
  try {
    const pieces: Buffer[] = [];
    let length = 0;
    for (;;) {
      signal.throwIfAborted();
      const piece = await content.slice(length, length + SYNC_READ_BYTES);
      if (piece.length === 0) return bytesContent(Buffer.concat(pieces, length));
      length += piece.length;
      await grow(length);
      pieces.push(piece);
    }
  } finally {
    await content.close();
  }
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

/** Where a link leads, as it is written. */
export function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return 'unreadable';
  }
}

/** The target of a broken link, as it is written and as a path from where the link's own begins; undefined for what is no link. */
export function brokenTarget(path: string): string | undefined {
  try {
    if (!lstatSync(path).isSymbolicLink()) return undefined;
  } catch {
    return undefined;
  }
  const target = targetOf(path);
  const whole = isAbsolute(path) ? resolve(dirname(path), target) : join(dirname(path), target);
  return whole === target ? target : `${target} (${whole})`;
}

/** Adds the file's name to a system error, and the fix where it is known; returns other errors unchanged. */
export function readError(path: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (error instanceof SourceError || code === undefined) return error as Error;
  const target = code === 'ENOENT' ? brokenTarget(path) : undefined;
  if (target !== undefined)
    return new SourceError(code, `cannot read ${path}: it is a symlink, and its target ${target} does not exist`, {
      hint: 'Make the target, repair the link, or leave it out.',
      cause: error,
    });
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
