import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { SourceError, UsageError } from '../errors.js';
import type { ArchiveKind } from './archive-name.js';
import { openFile } from './content.js';
import type { Content } from './entry.js';

const PIECE_BYTES = 64 * 1024;

/** Makes a stream that decompresses. */
export type Unpacker = () => Transform;

/**
 * Finds what decompresses archives of this kind.
 * @throws UsageError where this Node cannot, naming those that can
 */
export function unpackerFor(kind: Exclude<ArchiveKind, 'tar'>, path: string): Unpacker {
  // An error throws away what is decompressed and not yet read, so nothing is read into it before that has been.
  const options = { chunkSize: PIECE_BYTES, readableHighWaterMark: 1, writableHighWaterMark: 1 };
  if (kind === 'gzip') return () => zlib.createGunzip(options);
  // The types of Node 20 do not know it.
  const { createZstdDecompress } = zlib as typeof zlib & {
    createZstdDecompress?: (given: typeof options) => Transform;
  };
  if (createZstdDecompress !== undefined) return () => createZstdDecompress(options);
  throw new UsageError(
    `The source "${path}" is compressed with zstd, which Node ${process.version} cannot read.`,
    'Node 22.15, 23.8 and all later versions can. Or decompress it (zstd -d) and give the .tar.',
  );
}

/**
 * Streams what a compressed file holds. Failures of the file and of decompression are thrown where it is read. Destroying the stream closes
 * the file.
 */
export function unpacked(path: string, unpacker: Unpacker, signal: AbortSignal): Readable {
  const content = openFile(path);
  const stream = unpacker();
  // What goes wrong destroys the stream, and whoever reads it is thrown the error.
  pipeline(pieces(path, content), stream, { signal }).catch(() => {});
  return stream;
}

async function* pieces(path: string, content: Content): AsyncGenerator<Buffer, void> {
  try {
    for (let at = 0; at < content.size; at += PIECE_BYTES) {
      yield await content.slice(at, Math.min(at + PIECE_BYTES, content.size));
    }
    if (!(await content.unchanged())) throw new SourceError('SourceChanged', `${path} changed while it was read`);
  } finally {
    await content.close();
  }
}
