import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Lines to stdout, for as long as they can be written. */
export interface Lines {
  /** Writes a line, soon; what it returns resolves when there is room for more. */
  readonly write: (line: string) => Promise<void> | undefined;
  /** Resolves when all lines are written. */
  readonly flush: () => Promise<void>;
  /** Why nothing more can be written: the reader has gone (`EPIPE`, as with `| head`), or a full disk and the like. */
  readonly broken: () => NodeJS.ErrnoException | undefined;
}

/** Characters that are written at once. */
const MOST = 64 * 1024;

/** `onBroken` is called once, when the stream fails; later lines are dropped. */
export function linesTo(stream: NodeJS.WritableStream, onBroken: () => void): Lines {
  let broken: NodeJS.ErrnoException | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (broken !== undefined) return;
    broken = error;
    onBroken();
  });
  let pending = '';
  let flushed: Promise<void> | undefined;

  async function flush(): Promise<void> {
    const text = pending;
    pending = '';
    flushed = undefined;
    if (broken !== undefined || text === '' || stream.write(text)) return;
    // A failure is told to the listener above; here it only ends the wait.
    await once(stream, 'drain').catch(() => undefined);
  }

  return {
    write(line) {
      pending += `${line}\n`;
      if (pending.length >= MOST) return flush();
      // What comes in one turn of the event loop goes out together: a write for each line takes longer than many a put.
      flushed ??= nextTurn().then(flush);
      return undefined;
    },
    flush: () => flushed ?? flush(),
    broken: () => broken,
  };
}
