import type { Readable } from 'node:stream';

/** What files leave the stream by. */
export interface Outlet<T> {
  /** Passes a file on, as soon as somebody reads. */
  pass(file: T): void;
  /** Files that nobody has read yet. */
  readonly length: number;
  /** Somebody reads. */
  read(): void;
  /** There are no more: ends the readable side behind the last file. */
  end(): void;
  /** Resolves when the last file has been read. */
  empty(): Promise<void>;
  clear(): void;
}

/**
 * Files in a queue of their own, because a stream that is destroyed by an error drops what it holds: the error has to wait until all are read. The
 * stream holds one at most (`readableHighWaterMark: 1`).
 * @param read called when there is room again
 */
export function outlet<T>(stream: () => Readable, room: () => void): Outlet<T> {
  const files: T[] = [];
  let wanted = false;
  let ending = false;
  let emptied: (() => void) | undefined;

  function give(): void {
    const readable = stream();
    if (!wanted || readable.destroyed) return;
    const file = files.shift();
    if (file === undefined) {
      if (ending) readable.push(null);
      emptied?.();
      emptied = undefined;
      return;
    }
    wanted = false;
    try {
      readable.push(file);
    } catch (error) {
      // A stage behind has thrown: it is its error, and no put's.
      readable.destroy(error as Error);
    }
    room();
  }

  return {
    pass(file) {
      files.push(file);
      if (wanted) give();
      else if (files.length >= UNREAD) drainIfUnread(stream());
    },
    get length() {
      return files.length;
    },
    read() {
      wanted = true;
      give();
    },
    end() {
      ending = true;
      drainIfUnread(stream());
      give();
    },
    empty() {
      if (files.length === 0 && stream().readableLength === 0) return Promise.resolve();
      drainIfUnread(stream());
      return new Promise((resolve) => {
        // What is being read now arrives first.
        emptied = () => void setImmediate(resolve);
      });
    },
    clear() {
      files.length = 0;
    },
  };
}

/** Files that wait before somebody has to read. */
export const UNREAD = 16;

/** Those that are looked at in the next turn of the loop. */
const watched = new WeakSet<Readable>();

/** A last stage has nobody who reads, and must not wait for one. Who comes in this turn of the loop is in time. */
export function drainIfUnread(stream: Readable): void {
  if (stream.readableFlowing !== null || watched.has(stream)) return;
  watched.add(stream);
  setImmediate(() => {
    watched.delete(stream);
    // To somebody who listens files go without a way through the stream's own queue.
    if (stream.readableFlowing === null && !stream.destroyed) stream.on('data', () => {});
  });
}
