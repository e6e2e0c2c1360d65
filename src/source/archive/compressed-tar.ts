import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { SourceError, UsageError } from '../../errors.js';
import type { Content } from '../../model/content.js';
import type { Tree } from '../directory.js';
import { openFile } from '../file.js';
import type { Found } from '../types.js';
import { type ByteReader, streamReader } from './byte-reader.js';
import { type MemberMemory, readAhead } from './member-memory.js';
import {
  type ArchiveKind,
  cutShort,
  damaged,
  failedArchive,
  judgeMember,
  type TarMember,
  type TarPlace,
  tarMembers,
} from './tar-format.js';

/**
 * Walks a compressed archive once, in the order of its members. Their bytes are taken into memory, a bounded amount ahead of what is done with
 * them. An archive that ends early or is damaged is one more failure after what came before.
 */
export async function* walkPackedTar(
  tree: Tree,
  unpacker: Unpacker,
  room: MemberMemory,
  signal: AbortSignal,
): AsyncGenerator<Found, void> {
  const place: TarPlace = { path: tree.path, packed: true };
  let stream: AsyncGenerator<Buffer, void> | undefined;
  try {
    stream = unpacked(tree.path, unpacker, signal);
    const reader = tellingWhere(streamReader(stream), place);
    const hold = readAhead(signal, room);
    for await (const member of tarMembers(reader, place)) {
      signal.throwIfAborted();
      const judged = judgeMember(member, tree);
      if (judged?.kind === 'unusable') yield judged;
      if (judged?.kind !== 'member') continue;
      const held = await hold(member.size, (into) => wholeOf(member, reader, place, into));
      const { relativePath, origin } = judged;
      const { size } = member;
      const { open, release } = held;
      const key = tree.fileKeyPrefix + relativePath;
      try {
        yield { kind: 'entry', key, origin, relativePath, size, buffered: true, open, release };
      } finally {
        // Also where nothing more is wanted: this one still is.
        await held.settled;
      }
      if (held.broken) return;
    }
  } catch (error) {
    signal.throwIfAborted();
    yield failedArchive(tree.path, error);
  } finally {
    await stream?.return().catch(() => {});
  }
}

async function wholeOf(member: TarMember, reader: ByteReader, place: TarPlace, into: Buffer): Promise<Buffer> {
  const bytes = await reader.read(member.size, into);
  if (bytes.length < member.size) throw cutShort(place, reader.position, member);
  return bytes;
}

/** Adds to what decompression throws how far it had come. */
function tellingWhere(reader: ByteReader, place: TarPlace): ByteReader {
  async function told<T>(take: Promise<T>): Promise<T> {
    try {
      return await take;
    } catch (error) {
      if (error instanceof SourceError) throw error;
      throw damaged(place, reader.position, error instanceof Error ? error.message : String(error), error);
    }
  }
  return {
    get position() {
      return reader.position;
    },
    size: reader.size,
    read: (bytes, into) => told(reader.read(bytes, into)),
    skip: (bytes) => told(reader.skip(bytes)),
  };
}

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
 * Streams what a compressed file holds. Failures of the file and of decompression are thrown where it is read, after all that came before them.
 * Leaving the iteration closes the file.
 */
export async function* unpacked(path: string, unpacker: Unpacker, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const content = openFile(path);
  const progress = { consumed: 0 };
  let given = 0;
  try {
    for await (const piece of through(pieces(path, content, progress), unpacker, signal)) {
      given += piece.length;
      yield piece;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SourceError)) yield* dropped(path, content, progress.consumed, given, unpacker, signal);
    throw error;
  } finally {
    await content.close();
  }
}

function through(input: AsyncIterable<Buffer>, unpacker: Unpacker, signal: AbortSignal): AsyncIterable<Buffer> {
  const stream = unpacker();
  // What goes wrong destroys the stream, and whoever reads it is thrown the error.
  pipeline(input, stream, { signal }).catch(() => {});
  return stream;
}

/**
 * An error takes with it what zlib has made of the piece of input that it came with, up to a whole chunk. So the file is unpacked once more, and
 * that piece byte by byte: each gives what it gives before the next.
 */
async function* dropped(
  path: string,
  content: Content,
  consumed: number,
  given: number,
  unpacker: Unpacker,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  let passed = 0;
  try {
    for await (const piece of through(pieces(path, content, { consumed: 0 }, consumed), unpacker, signal)) {
      const rest = piece.subarray(Math.max(0, given - passed));
      passed += piece.length;
      if (rest.length > 0) yield rest;
    }
  } catch {
    signal.throwIfAborted();
  }
}

/** @param byBytesFrom where pieces of one byte begin */
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
