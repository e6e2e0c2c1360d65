import type { Readable } from 'node:stream';

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
