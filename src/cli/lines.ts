import { once } from 'node:events';

/** Lines to stdout, for as long as they can be written. */
export interface Lines {
  /** Writes a line; resolves when there is room for more. */
  readonly write: (line: string) => Promise<void>;
  /** Why nothing more can be written: the reader has gone (`EPIPE`, as with `| head`), or a full disk and the like. */
  readonly broken: () => NodeJS.ErrnoException | undefined;
}

/** `onBroken` is called once, when the stream fails; later lines are dropped. */
export function linesTo(stream: NodeJS.WriteStream, onBroken: () => void): Lines {
  let broken: NodeJS.ErrnoException | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (broken !== undefined) return;
    broken = error;
    onBroken();
  });
  return {
    async write(line) {
      if (broken !== undefined || stream.write(`${line}\n`)) return;
      // A failure is told to the listener above; here it only ends the wait.
      await once(stream, 'drain').catch(() => undefined);
    },
    broken: () => broken,
  };
}
