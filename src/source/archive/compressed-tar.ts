import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { SourceError, UsageError } from '../../errors.js';
import type { ArchiveKind } from '../../model/archive-name.js';
import type { Content } from '../../model/content.js';
import { openFileBy, readPolicy } from '../file.js';
import type { Found } from '../types.js';
import type { Tree } from '../walk/tree.js';
import { type ByteReader, streamReader } from './byte-reader.js';
import { type MemberMemory, readAhead } from './member-memory.js';
import {
  type ArchiveRef,
  cutShort,
  damaged,
  failedArchive,
  judgeMember,
  type TarMember,
  tarMembers,
  unresolvedLink,
} from './tar-format.js';

/**
 * Walks a compressed archive once, in the order of its members. Their bytes are read into memory, a bounded amount ahead of the uploads. An
 * archive that ends early or is damaged is one more failure after the members before it.
 */
export async function* walkPackedTar(
  tree: Tree,
  unpacker: Unpacker,
  memory: MemberMemory,
  signal: AbortSignal,
): AsyncGenerator<Found, void> {
  const archive: ArchiveRef = { path: tree.path, packed: true };
  let stream: AsyncGenerator<Buffer, void> | undefined;
  try {
    stream = unpacked(tree.path, unpacker, signal);
    const reader = withPosition(streamReader(stream), archive);
    const buffer = readAhead(signal, memory);
    for await (const member of tarMembers(reader, archive)) {
      signal.throwIfAborted();
      const judged = judgeMember(member, tree);
      if (judged?.kind === 'unusable' || judged?.kind === 'leftOut') yield judged;
      if (judged?.kind === 'link')
        yield unresolvedLink(
          tree,
          judged,
          'a compressed archive is read only once, and that file was read before the link',
        );
      if (judged?.kind !== 'member') continue;
      const buffered = await buffer(member.size, (into) => readMember(member, reader, archive, into));
      const { relativePath, origin } = judged;
      const { size } = member;
      const { open, release } = buffered;
      const key = tree.fileKeyPrefix + relativePath;
      try {
        yield { kind: 'entry', key, origin, relativePath, size, buffered: true, open, release };
      } finally {
        // Also when the walk ends here: this entry is still being read.
        await buffered.settled;
      }
      if (buffered.broken) return;
    }
  } catch (error) {
    signal.throwIfAborted();
    yield failedArchive(tree.path, error);
  } finally {
    await stream?.return().catch(() => {});
  }
}

async function readMember(member: TarMember, reader: ByteReader, archive: ArchiveRef, into: Buffer): Promise<Buffer> {
  const bytes = await reader.read(member.size, into);
  if (bytes.length < member.size) throw cutShort(archive, reader.position, member);
  return bytes;
}

/** Adds the position in the archive to errors of decompression. */
function withPosition(reader: ByteReader, archive: ArchiveRef): ByteReader {
  async function locateError<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (error) {
      if (error instanceof SourceError) throw error;
      throw damaged(archive, reader.position, error instanceof Error ? error.message : String(error), error);
    }
  }
  return {
    get position() {
      return reader.position;
    },
    size: reader.size,
    read: (bytes, into) => locateError(reader.read(bytes, into)),
    skip: (bytes) => locateError(reader.skip(bytes)),
  };
}

const PIECE_BYTES = 64 * 1024;

/** Makes a decompressing stream. */
export type Unpacker = () => Transform;

/**
 * Finds the decompressor for archives of this kind.
 * @throws UsageError if this version of Node has none; it names the versions that do
 */
export function unpackerFor(kind: Exclude<ArchiveKind, 'tar'>, path: string): Unpacker {
  // On an error, zlib drops output that was not read yet, so it gets no more input before its output is read.
  const options = { chunkSize: PIECE_BYTES, readableHighWaterMark: 1, writableHighWaterMark: 1 };
  if (kind === 'gzip') return () => zlib.createGunzip(options);
  // Missing in the types of Node 20.
  const { createZstdDecompress } = zlib as typeof zlib & {
    createZstdDecompress?: (settings: typeof options) => Transform;
  };
  if (createZstdDecompress !== undefined) return () => createZstdDecompress(options);
  throw new UsageError(
    `The source "${path}" is compressed with zstd, which Node ${process.version} cannot read.`,
    'Node 22.15, 23.8 and all later versions can. Or decompress it (zstd -d) and give the .tar.',
  );
}

/**
 * Streams the decompressed bytes of a file. Failures of the file and of decompression are thrown to the reader, after all bytes before them.
 * Ending the iteration closes the file.
 */
async function* unpacked(path: string, unpacker: Unpacker, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const content = await openFileBy(readPolicy(true), { path });
  const progress = { consumed: 0 };
  let yielded = 0;
  try {
    for await (const piece of decompress(pieces(path, content, progress), unpacker, signal)) {
      yielded += piece.length;
      yield piece;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SourceError))
      yield* recoverDropped(path, content, progress.consumed, yielded, unpacker, signal);
    throw error;
  } finally {
    await content.close();
  }
}

function decompress(input: AsyncIterable<Buffer>, unpacker: Unpacker, signal: AbortSignal): AsyncIterable<Buffer> {
  const stream = unpacker();
  // A failure destroys the stream, which throws the error to its reader.
  pipeline(input, stream, { signal }).catch(() => {});
  return stream;
}

/**
 * On an error, zlib drops its output for the piece of input that failed, up to a whole chunk. So the file is decompressed once more, and that
 * piece byte by byte: the output of each byte is read before the next one goes in.
 */
async function* recoverDropped(
  path: string,
  content: Content,
  consumed: number,
  yielded: number,
  unpacker: Unpacker,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  let passed = 0;
  try {
    for await (const piece of decompress(pieces(path, content, { consumed: 0 }, consumed), unpacker, signal)) {
      const rest = piece.subarray(Math.max(0, yielded - passed));
      passed += piece.length;
      if (rest.length > 0) yield rest;
    }
  } catch {
    signal.throwIfAborted();
  }
}

/** @param byBytesFrom offset from which each piece is one byte */
async function* pieces(
  path: string,
  content: Content,
  progress: { consumed: number },
  byBytesFrom: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < content.size; at += PIECE_BYTES) {
    const piece = await content.slice(at, Math.min(at + PIECE_BYTES, content.size));
    const step = at < byBytesFrom ? piece.length : 1;
    for (let from = 0; from < piece.length; from += step) yield piece.subarray(from, from + step);
    progress.consumed = at + piece.length;
  }
  if (!(await content.unchanged())) throw new SourceError('SourceChanged', `${path} changed while it was read`);
}
