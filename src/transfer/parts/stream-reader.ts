/** Bytes of pieces, in lengths of one's own. */
export interface StreamReader {
  /** Are there no more? */
  ended(): Promise<boolean>;
  /** Fills the buffer as far as there are bytes; the part that is filled. */
  fill(into: Buffer): Promise<Buffer>;
  /** Wants no more. */
  close(): Promise<void>;
}

/** Reads pieces one after the other, at any lengths. Throws what they throw. */
export function reader(pieces: AsyncIterable<Buffer>): StreamReader {
  const iterator = pieces[Symbol.asyncIterator]();
  let piece: Buffer = Buffer.alloc(0);
  let done = false;

  async function ended(): Promise<boolean> {
    while (!done && piece.length === 0) {
      const next = await iterator.next();
      if (next.done === true) done = true;
      else piece = next.value;
    }
    return done;
  }

  return {
    ended,
    async fill(into) {
      let filled = 0;
      while (filled < into.length && !(await ended())) {
        const count = piece.copy(into, filled);
        filled += count;
        piece = piece.subarray(count);
      }
      return into.subarray(0, filled);
    },
    async close() {
      await iterator.return?.();
    },
  };
}
