import type { Content } from '../../model/content.js';

/** A larger body is never one buffer: it is read in slices, twice. */
export const LARGEST_BUFFER: number = 64 * 1024 * 1024;
/** Memory that such a body takes, including what the connection buffers. */
const SLICED_MEMORY = 1024 * 1024;

/**
 * Bytes of memory that a body of this size takes while it is sent.
 * @param share copies of it that are held, where it is one buffer
 */
export function roomFor(bytes: number, share: number): number {
  return bytes > LARGEST_BUFFER ? SLICED_MEMORY : bytes * share;
}

const SLICE = 128 * 1024;

/**
 * Bytes `start` to `end` of a content, in slices; each is valid until the next is read.
 * @param changed the error to throw where the content has changed
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

/** Bytes of one read, where a content is read from beginning to end. */
const PIECE_BYTES = 256 * 1024;

/** All slices of a content of this size, which is opened and closed for them. Throws what `changed` returns where the content has changed. */
export async function* openedSlices(
  open: () => Promise<Content>,
  size: number,
  changed: () => Error,
): AsyncGenerator<Buffer, void> {
  const content = await open();
  try {
    if (content.size !== size) throw changed();
    yield* slicesOf(content, 0, size, changed);
  } finally {
    await content.close();
  }
}

/** The bytes of a content in order, each piece valid until the next; it is opened and closed for them. */
export async function* openedPieces(open: () => Promise<Content>, changed: () => Error): AsyncGenerator<Buffer, void> {
  const content = await open();
  try {
    const room = content.held === true ? undefined : Buffer.allocUnsafe(PIECE_BYTES);
    for (let at = 0; at < content.size; at += PIECE_BYTES)
      yield await content.slice(at, Math.min(at + PIECE_BYTES, content.size), room);
    if (!(await content.unchanged())) throw changed();
  } finally {
    await content.close();
  }
}
