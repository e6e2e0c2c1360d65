import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Keeps streams in temporary files: a stream is read only once, but has to be put, sent again where that fails, and passed on to the stages after.
 */
export interface Spool {
  /** Writes a stream to a file of its own; gives the file's path. */
  keep(stream: NodeJS.ReadableStream): Promise<string>;
  /** The kept bytes as a stream; their file goes when that ends. */
  reread(path: string): Readable;
  /** Nothing is kept from now on; what is passed on still can be read. */
  end(): void;
}

export function spool(): Spool {
  let folder: string | undefined;
  let count = 0;
  let ended = false;
  const kept = new Set<string>();

  function removeFolder(): void {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    folder = undefined;
    process.off('exit', removeFolder);
  }

  function begin(): string {
    if (folder === undefined) {
      folder = mkdtempSync(join(tmpdir(), 'gulp-s3-parallel-put-'));
      process.on('exit', removeFolder);
    }
    return folder;
  }

  async function forget(path: string): Promise<void> {
    await rm(path, { force: true });
    kept.delete(path);
    if (ended && kept.size === 0) removeFolder();
  }

  return {
    async keep(stream) {
      const path = join(begin(), String(count++));
      kept.add(path);
      try {
        await pipeline(stream, createWriteStream(path));
      } catch (error) {
        await forget(path);
        throw error;
      }
      return path;
    },
    reread(path) {
      const stream = createReadStream(path);
      stream.once('close', () => void forget(path));
      return stream;
    },
    end() {
      ended = true;
      if (kept.size === 0) removeFolder();
    },
  };
}
