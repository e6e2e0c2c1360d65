import type { Readable } from 'node:stream';

/** The files that leave the stream. */
export interface OutputQueue<T> {
  /** Adds a file; it is delivered when the next stage reads. */
  add(file: T): void;
  /** Files that are not delivered yet. */
  readonly length: number;
  /** The next stage asks for a file: the `read` of the stream. */
  read(): void;
  /** No more files will be added: ends the readable side after the last file. */
  end(): void;
  /** Resolves when fewer than `MAX_UNREAD` files wait. */
  whenRoom(): Promise<void>;
  /** Resolves when the last file has been delivered. */
  whenEmpty(): Promise<void>;
  /** Drops the files that are not delivered yet. */
  clear(): void;
}

/** Files that wait before a stream without a reader is drained. */
export const MAX_UNREAD = 16;

/**
 * Keeps files in a queue of its own, because a stream that an error destroys drops what it buffers, and the error must wait until all files are read.
 * The stream itself buffers at most one (`readableHighWaterMark: 1`).
 * @param onRoom called after a file was delivered
 */
export function createOutputQueue<T>(stream: () => Readable, onRoom: () => void): OutputQueue<T> {
  const files: T[] = [];
  let wanted = false;
  let ending = false;
  let onEmpty: (() => void) | undefined;
  let waitingForRoom: (() => void)[] = [];

  function tellRoom(): void {
    if (files.length >= MAX_UNREAD) return;
    const waiting = waitingForRoom;
    waitingForRoom = [];
    for (const resolve of waiting) resolve();
  }

  function deliver(): void {
    const readable = stream();
    if (!wanted || readable.destroyed) return;
    const file = files.shift();
    if (file === undefined) {
      if (ending) readable.push(null);
      onEmpty?.();
      onEmpty = undefined;
      return;
    }
    wanted = false;
    try {
      readable.push(file);
    } catch (error) {
      // A later stage threw: the stream fails with its error, not with the error of a put.
      readable.destroy(error as Error);
    }
    tellRoom();
    onRoom();
  }

  return {
    add(file) {
      files.push(file);
      if (wanted) deliver();
      else if (files.length >= MAX_UNREAD) drainIfUnread(stream());
    },
    get length() {
      return files.length;
    },
    read() {
      wanted = true;
      deliver();
    },
    end() {
      ending = true;
      drainIfUnread(stream());
      deliver();
    },
    whenRoom() {
      if (files.length < MAX_UNREAD) return Promise.resolve();
      return new Promise((resolve) => waitingForRoom.push(resolve));
    },
    whenEmpty() {
      if (files.length === 0 && stream().readableLength === 0) return Promise.resolve();
      drainIfUnread(stream());
      return new Promise((resolve) => {
        // The file that is being read arrives first.
        onEmpty = () => void setImmediate(resolve);
      });
    },
    clear() {
      files.length = 0;
      tellRoom();
    },
  };
}

/** Streams that are checked in the next turn of the event loop. */
const checked = new WeakSet<Readable>();

/** Lets the files of a last stage go: it has no reader, and must not wait for one. A reader that is attached in the same turn of the event loop gets all files. */
export function drainIfUnread(stream: Readable): void {
  if (stream.readableFlowing !== null || checked.has(stream)) return;
  checked.add(stream);
  setImmediate(() => {
    checked.delete(stream);
    // A 'data' listener gets files directly; they do not pass the stream's own buffer.
    if (stream.readableFlowing === null && !stream.destroyed) stream.on('data', () => {});
  });
}
