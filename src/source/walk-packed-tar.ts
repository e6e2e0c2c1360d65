import { SourceError } from '../errors.js';
import { type ByteReader, streamReader } from './byte-reader.js';
import type { Found } from './entry.js';
import { readAhead } from './read-ahead.js';
import type { Room } from './room.js';
import { failedArchive, judgeMember } from './tar-member-name.js';
import { cutShort, damaged, type TarMember, type TarPlace, tarMembers } from './tar-members.js';
import type { Tree } from './tree.js';
import { type Unpacker, unpacked } from './unpack.js';

/**
 * Walks a compressed archive once, in the order of its members. Their bytes are taken into memory, a bounded amount ahead of what is done with
 * them. An archive that ends early or is damaged is one more failure after what came before.
 */
export async function* walkPackedTar(
  tree: Tree,
  unpacker: Unpacker,
  room: Room,
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
