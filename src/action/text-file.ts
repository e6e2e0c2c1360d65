import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';

/** A new text file that is written piece by piece, in bounded memory. */
export interface TextFile {
  readonly path: string;
  /** Writes a text; returns a promise where the writer is to wait for the disk. A full disk does not stop the run: `end` reports it. */
  readonly write: (text: string) => Promise<void> | undefined;
  /** Ends the file with a last text; resolves with the error if the file could not be written as a whole. */
  readonly end: (last?: string) => Promise<Error | undefined>;
}

/**
 * Creates a file that only its owner can read.
 *
 * @param folder exists longer than the step; the runner's temporary folder exists until the job ends
 */
export function textFile(folder: string, name: string): TextFile {
  const file = path.join(folder, name);
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  let broken: Error | undefined;
  // One for all writers that wait: each wait of its own would add listeners.
  let drained: Promise<void> | undefined;
  stream.on('error', (error) => {
    broken ??= error;
  });
  return {
    path: file,
    write(text) {
      if (broken !== undefined) return undefined;
      if (stream.write(text)) return undefined;
      drained ??= once(stream, 'drain')
        .catch(nothing)
        .then(() => {
          drained = undefined;
        });
      return drained;
    },
    async end(last = '') {
      if (broken === undefined) {
        stream.end(last);
        await once(stream, 'close').catch(nothing);
      }
      return broken;
    },
  };
}

function nothing(): undefined {}
