import { createReadStream, createWriteStream, mkdtempSync, rmSync, unlink } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PutItem } from 's3-parallel-put';
import type Vinyl from 'vinyl';
import { type Likeness, likenessOf, likenessOfKept, origin, suspicious } from './encoding-check.js';
import type { OnCorrupt } from './options.js';

/** Where the bytes of a file come from. */
export interface Bytes {
  readonly body: PutItem['body'];
  /** Bytes in memory that are held until it is put. */
  readonly held: number;
  /** Gives a stream that was read the same contents once more. */
  readonly restore?: () => void;
}

export interface BytesDeps {
  readonly onCorrupt: OnCorrupt;
  /** Says something once. */
  readonly warn: (code: string, message: string) => void;
  /** Ends reading. */
  readonly signal: AbortSignal;
}

/**
 * Finds the bytes of a file; undefined for what has none: directories, and files without contents that are not on the disk. At once where nothing has
 * to be read for that.
 * @throws Error for a file that cannot be put
 */
export function bytesOf(deps: BytesDeps, file: Vinyl): Bytes | undefined | Promise<Bytes | undefined> {
  const { contents } = file;
  if (Buffer.isBuffer(contents))
    return suspicious(file, contents)
      ? likenessOf(file, contents).then((likeness) => chosen(deps, file, inMemory(contents), likeness))
      : inMemory(contents);
  if (contents !== null) return ofStream(deps, file, contents);
  // Without contents the file is read from where it is: by ranges, in parts, and undamaged.
  if (file.history.length === 1 && file.stat?.isFile?.() === true) return onDisk(file.path);
  return file.isDirectory() ? undefined : found(file);
}

function inMemory(contents: Buffer): Bytes {
  return { body: contents, held: contents.length };
}

function onDisk(path: string): Bytes {
  return { body: { path }, held: 0 };
}

async function ofStream(deps: BytesDeps, file: Vinyl, contents: NodeJS.ReadableStream): Promise<Bytes> {
  const kept = await keep(contents, deps.signal).catch(cutOff);
  const likeness = await likenessOfKept(file, kept);
  const from = origin(file);
  if (likeness === 'same') {
    forget(kept);
    return { ...onDisk(from), restore: () => restore(file, contents, streamOf(from)) };
  }
  const again = (): void => restore(file, contents, keptStream(kept));
  try {
    return { ...chosen(deps, file, onDisk(kept), likeness), restore: again };
  } catch (error) {
    again();
    throw error;
  }
}

/** gulp 5 closes the streams of large files that it decodes before their end. */
function cutOff(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  const told = new Error('its stream has closed before its end, as gulp 5 does where it decodes large files', {
    cause: error,
  });
  throw Object.assign(told, { code: error.code, hint: ENCODING });
}

/** Whoever has set other contents meanwhile keeps them. */
function restore(file: Vinyl, read: NodeJS.ReadableStream, again: NodeJS.ReadableStream): void {
  if (file.contents === read) file.contents = again;
}

/** A file without contents: where it is, or was when gulp found it; a link leads to what is put. */
async function found(file: Vinyl): Promise<Bytes | undefined> {
  for (const path of file.history.toReversed()) {
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isFile() === true) return onDisk(path);
    if (stats !== undefined) return undefined;
  }
  if (file.isSymbolic?.() === true) throw new Error(`${file.path} is a link to nothing`);
  // It was a file, and is gone: the put will say so.
  return file.stat?.isFile?.() === true ? onDisk(file.path) : undefined;
}

const ENCODING = 'Add { encoding: false } to gulp.src, or { read: false } to have the file read when it is put.';
const DAMAGED = `${ENCODING} onCorrupt: 'heal' puts what is on the disk.`;

/** What is put of contents that are, or are not, what is on the disk. */
function chosen({ onCorrupt, warn }: BytesDeps, file: Vinyl, bytes: Bytes, likeness: Likeness): Bytes {
  if (likeness === 'bom') {
    warn(
      'bom',
      `gulp.src has taken the byte order mark from ${file.relative}, and perhaps from others; { removeBOM: false } keeps it.`,
    );
  }
  if (likeness !== 'decoded') return bytes;
  if (onCorrupt === 'heal') return onDisk(origin(file));
  const error = new Error('gulp has decoded this file as UTF-8, and so damaged it');
  throw Object.assign(error, { code: 'CorruptedByGulp', hint: DAMAGED });
}

// A stream is read only once, but has to be put, sent again where that fails, and passed on to the stages after: its bytes are kept in a temporary
// file. The folder is the process's, so that a task that is watched adds no listener with each run.

let folder: string | undefined;
let count = 0;

function nextPath(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'gulp-s3-parallel-put-'));
    folder = made;
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  }
  return join(folder, String(count++));
}

/** Removes a kept file; it may be gone. */
export function forget(path: string): void {
  unlink(path, () => {});
}

/** Streams that nobody has read to their end take their files along. */
const unread = new FinalizationRegistry<string>(forget);

/** Writes a stream to a file of its own; gives the file's path. */
export async function keep(stream: NodeJS.ReadableStream, signal: AbortSignal): Promise<string> {
  const path = nextPath();
  try {
    await pipeline(stream, createWriteStream(path), { signal });
    return path;
  } catch (error) {
    forget(path);
    throw error;
  }
}

/** A file as a stream, opened when somebody reads. */
export function streamOf(path: string): Readable {
  const pieces = async function* (): AsyncGenerator<Buffer, void> {
    for await (const piece of createReadStream(path)) yield piece as Buffer;
  };
  return Readable.from(pieces(), { objectMode: false });
}

/** The same for a kept file, which goes with the stream. */
export function keptStream(path: string): Readable {
  const stream = streamOf(path);
  unread.register(stream, path, stream);
  stream.once('close', () => {
    unread.unregister(stream);
    forget(path);
  });
  return stream;
}
