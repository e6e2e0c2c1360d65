import type { Content } from '../source/entry.js';
import { slicesOf } from './slices.js';

/** Bytes read at once of what is read from its beginning to its end. */
const PIECE_BYTES = 256 * 1024;

/** All slices of a content of this size, which is opened and closed for them. Throws what `changed` gives where it is not as it was. */
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

/** The bytes of a content in their order, each piece good until the next; it is opened and closed for them. */
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
