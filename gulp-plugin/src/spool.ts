import { createReadStream, createWriteStream, mkdtempSync, rmSync, unlink } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

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
