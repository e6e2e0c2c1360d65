/** Bytes in memory as a content. */
export function heldContent(bytes: Buffer): Content {
  return {
    size: bytes.length,
    held: true,
    slice: async (start, end) => bytes.subarray(start, end),
    unchanged: async () => true,
    close: async () => {},
  };
}

/** Bytes `start` to `end` of a content, as a content of their own. */
export function contentRange(content: Content, start: number, end: number): Content {
  return { ...content, size: end - start, slice: (from, to, into) => content.slice(start + from, start + to, into) };
}

/** Bytes that can be read by range, any number of times. */
export interface Content {
  /** Length in bytes. */
  readonly size: number;
  /** Its bytes are in memory, so that slices take none of their own. */
  readonly held?: true;
  /**
   * Reads bytes `start` (inclusive) to `end` (exclusive).
   * @param into where to put them, at its beginning; bytes that are in memory already stay where they are
   */
  slice(start: number, end: number, into?: Buffer): Promise<Buffer>;
  /** Whether what was read since opening is still what the origin holds (a file may be written meanwhile). */
  unchanged(): Promise<boolean>;
  close(): Promise<void>;
}
