import { SourceError } from '../errors.js';
import type { ByteReader } from './byte-reader.js';
import { decodeTarHeader, parsePax, TAR_BLOCK, type TarHeader, untilNul } from './tar-header.js';

/** One member of an archive, as its headers tell. */
export interface TarMember {
  /** Type flag; `S` for a sparse file of whatever format. */
  readonly type: string;
  readonly name: Buffer;
  readonly link: Buffer;
  /** Where its bytes begin. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}

/** Which archive is read, for what is said about it. */
export interface TarPlace {
  readonly path: string;
  /** Offsets count the bytes that come out of decompression. */
  readonly packed: boolean;
}

/** Headers about the next member are small; a length beyond this is damage, not a name. */
const MOST_ABOUT_NEXT = 1024 * 1024;
/** Types that no bytes follow, whatever size their header names: links, devices, directories, FIFOs. */
const WITHOUT_BYTES = /^[1-6]$/;

/**
 * Reads one member after the other. Between two of them the caller may read the member's bytes from the reader; the rest is passed by.
 * Throws `SourceError` (`SourceFailed`) at the place where the archive is cut short or damaged.
 */
export async function* tarMembers(reader: ByteReader, place: TarPlace): AsyncGenerator<TarMember, void> {
  let next: AboutNext = {};
  for (;;) {
    const at = reader.position;
    const header = await readHeader(reader, place);
    if (header === 'end') return;
    if (/^[xgLKX]$/.test(header.type)) {
      next = { ...next, ...(await aboutNext(header, reader, place, at)) };
      continue;
    }
    for (let more = header.moreSparse; more; ) more = (await reader.read(TAR_BLOCK))[504] === 1;
    const member = memberOf(header, next, reader.position);
    if (member === undefined) throw damaged(place, at, 'the size in a pax header is no number');
    next = {};
    if (reader.size !== undefined && member.start + member.size > reader.size)
      throw cutShort(place, reader.size, member);
    yield member;
    await pass(reader, member.start + member.size - reader.position, place, member);
    await reader.skip(padding(member.size));
  }
}

/** What the headers before a member say about it. */
interface AboutNext {
  readonly name?: Buffer;
  readonly link?: Buffer;
  readonly pax?: ReadonlyMap<string, Buffer>;
}

async function readHeader(reader: ByteReader, place: TarPlace): Promise<TarHeader | 'end'> {
  const at = reader.position;
  const block = await reader.read(TAR_BLOCK);
  if (block.length < TAR_BLOCK) {
    throw damaged(place, at + block.length, 'it ends there without the two empty blocks that end an archive');
  }
  const header = decodeTarHeader(block);
  if (header === undefined) throw damaged(place, at, `there is no ${at === 0 ? 'tar archive' : 'header of a member'}`);
  if (header !== 'zeros') return header;
  // Reading on to the end lets a compressed stream check its checksum.
  for (;;) {
    const from = reader.position;
    const rest = await reader.read(64 * 1024);
    if (rest.length === 0) return 'end';
    const odd = rest.findIndex((byte) => byte !== 0);
    if (odd >= 0) throw damaged(place, from + odd, `more bytes follow after the end of the archive at byte ${at}`);
  }
}

async function aboutNext(header: TarHeader, reader: ByteReader, place: TarPlace, at: number): Promise<AboutNext> {
  if (header.size > MOST_ABOUT_NEXT) throw damaged(place, at, `a header of ${header.size} bytes`);
  const bytes = await reader.read(header.size);
  if (bytes.length < header.size || (await reader.skip(padding(header.size))) < padding(header.size))
    throw damaged(place, reader.position, 'it ends there, within a header');
  if (header.type === 'L') return { name: untilNul(bytes) };
  if (header.type === 'K') return { link: untilNul(bytes) };
  const pax = parsePax(bytes);
  if (pax === undefined) throw damaged(place, at, 'a pax header that cannot be read');
  // Global headers hold comments; a name or size for all members would make no sense.
  return header.type === 'g' ? {} : { pax };
}

function memberOf(header: TarHeader, { name, link, pax }: AboutNext, start: number): TarMember | undefined {
  const sparse = [...(pax?.keys() ?? [])].some((key) => key.startsWith('GNU.sparse.'));
  const size = pax?.get('size')?.toString('latin1');
  const bytes = WITHOUT_BYTES.test(header.type) ? 0 : size === undefined ? header.size : Number(size);
  if (size !== undefined && !(/^\d+$/.test(size) && Number.isSafeInteger(bytes))) return undefined;
  return {
    type: sparse ? 'S' : header.type,
    name: pax?.get('GNU.sparse.name') ?? pax?.get('path') ?? name ?? header.name,
    link: pax?.get('linkpath') ?? link ?? header.link,
    start,
    size: bytes,
  };
}

async function pass(reader: ByteReader, bytes: number, place: TarPlace, member: TarMember): Promise<void> {
  if ((await reader.skip(bytes)) < bytes) throw cutShort(place, reader.position, member);
}

function padding(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

/** The archive ends at `end`, before the member does. */
export function cutShort(place: TarPlace, end: number, { name, start, size }: TarMember): SourceError {
  const missing = start + size - end;
  return damaged(place, end, `it ends there, ${missing} bytes before the end of "${name.toString('utf8')}"`);
}

/** The archive cannot be read on at byte `at`. */
export function damaged({ path, packed }: TarPlace, at: number, what: string, cause?: unknown): SourceError {
  const where = packed ? `byte ${at} of what it unpacks to` : `byte ${at}`;
  return new SourceError('SourceFailed', `${path} is cut short or damaged at ${where}: ${what}`, {
    hint: 'Fetch or make the archive anew and run again: what comes after this place was not put.',
    ...(cause !== undefined && { cause }),
  });
}
