import type { Content } from '../source/types.js';

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
