/** Bytes in memory as a content. */
export function bytesContent(bytes: Uint8Array): Content {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    size: buffer.length,
    held: true,
    slice: async (start, end) => buffer.subarray(start, end),
    unchanged: async () => true,
    close: async () => {},
  };
}

/** Bytes `start` to `end` of a content, as a content of their own. */
export function contentRange(content: Content, start: number, end: number): Content {
  const { file } = content;
  return {
    ...content,
    size: end - start,
    wholeSize: content.wholeSize ?? content.size,
    slice: (from, to, into) => content.slice(start + from, start + to, into),
    ...(file !== undefined && { file: { ...file, start: file.start + start, end: file.start + end } }),
  };
}

/** A range of a local file, for a thread that reads it itself; plain values alone. */
export interface FileRange {
  readonly path: string;
  /** What proves that the file is the one that was seen, unchanged. */
  readonly stamp: { readonly dev: number; readonly ino: number; readonly ctimeMs: number; readonly size: number };
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** It was no symlink when it was found, so that it is not read as one. */
  readonly noLink: boolean;
  /** Small reads may block the thread. */
  readonly sync: boolean;
}

/** Bytes that can be read by range, any number of times. */
export interface Content {
  /** Length in bytes. */
  readonly size: number;
  /** Of a range: the length of the content that it is part of. */
  readonly wholeSize?: number;
  /** Whether its bytes are in memory already, so that slices need no memory of their own. */
  readonly held?: true;
  /** Where its bytes are, if they are those of a local file. */
  readonly file?: FileRange;
  /**
   * Reads bytes `start` (inclusive) to `end` (exclusive).
   * @param into buffer to read into, from its beginning; ignored for bytes that are in memory already
   */
  slice(start: number, end: number, into?: Buffer): Promise<Buffer>;
  /** Whether the origin has not changed since it was opened (a file may be written meanwhile). */
  unchanged(): Promise<boolean>;
  close(): Promise<void>;
}
