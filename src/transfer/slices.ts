import type { Content } from '../source/entry.js';

/** A body of more bytes is never one buffer: it is read by slices, twice. */
export const LARGEST_BUFFER: number = 64 * 1024 * 1024;
/** Memory that such a body takes, with what the connection holds of it. */
const SLICED_MEMORY = 1024 * 1024;

/**
 * Bytes that are held of a body of this size while it is sent.
 * @param share how many times over, where it is one buffer
 */
export function roomFor(bytes: number, share: number): number {
  return bytes > LARGEST_BUFFER ? SLICED_MEMORY : bytes * share;
}

const SLICE = 128 * 1024;

/**
 * Bytes `start` to `end` of a content, in slices that are good until the next one is asked for.
 * @param changed what to throw where the content is not what it was
 */
export async function* slicesOf(
  content: Content,
  start: number,
  end: number,
  changed: () => Error,
): AsyncGenerator<Buffer, void> {
  const room = Buffer.allocUnsafe(SLICE);
  for (let at = start; at < end; at += SLICE) {
    const wanted = Math.min(SLICE, end - at);
    const slice = await content.slice(at, at + wanted, room);
    if (slice.length !== wanted) throw changed();
    yield slice;
  }
  if (!(await content.unchanged())) throw changed();
}
