import { closeSync, openSync, readSync } from 'node:fs';

const PIECE = 64 * 1024;

/**
 * The bytes of a file, or undefined if it has more than `most`. It stops reading there, because a device or a pipe may have no end. Throws the
 * system's error.
 */
export function readAtMost(file: string, most: number): Buffer | undefined {
  const handle = openSync(file, 'r');
  try {
    const pieces: Buffer[] = [];
    let size = 0;
    while (size <= most) {
      const piece = Buffer.allocUnsafe(PIECE);
      const read = readSync(handle, piece);
      if (read === 0) return Buffer.concat(pieces);
      pieces.push(piece.subarray(0, read));
      size += read;
    }
    return undefined;
  } finally {
    closeSync(handle);
  }
}
