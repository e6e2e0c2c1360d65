import { isUtf8 } from 'node:buffer';
import { SourceError } from '../../errors.js';
import { msg, type Text, textIn } from '../../report/message.js';
import { escapedBytes, type Tree } from '../directory.js';
import type { Unusable } from '../types.js';
import type { ByteReader } from './byte-reader.js';

/** A tar archive is made of blocks of this many bytes. */
export const TAR_BLOCK: number = 512;

/** What the block in front of a member says. */
export interface TarHeader {
  /** The type flag: `0` a regular file, `5` a directory, `x` a pax header … */
  readonly type: string;
  /** Bytes that follow. */
  readonly size: number;
  /** Name with its directories, as bytes: which encoding they have is not said. */
  readonly name: Buffer;
  /** Where a link leads. */
  readonly link: Buffer;
  /** Blocks with the rest of the map of an old GNU sparse file come before its bytes. */
  readonly moreSparse: boolean;
}

/**
 * Decodes one block; `zeros` for one that marks the end, undefined for one that is no header. Reads only the fields that are used here, so a
 * strange owner or time is no reason to refuse an archive.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export function decodeTarHeader(block: Buffer): TarHeader | 'zeros' | undefined {
  const sum = sumOf(block);
  if (sum === 0) return 'zeros';
  const checksum = block.subarray(148, 156);
  // The sum was made while its own field held spaces.
  if (numberIn(checksum) !== sum - sumOf(checksum) + 8 * 0x20) return undefined;
  const shortName = untilNul(block.subarray(0, 100));
  const type = typeOf(block[156] ?? 0, shortName);
  // Some programs write the size that a directory has on disk, but no bytes follow.
  const size = type === '5' ? 0 : numberIn(block.subarray(124, 136));
  if (size === undefined) return undefined;
  return {
    type,
    size,
    name: withPrefix(shortName, block),
    link: untilNul(block.subarray(157, 257)),
    moreSparse: type === 'S' && block[482] === 1,
  };
}

function sumOf(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum;
}

/** In the oldest format a file has no type, and a directory is a file whose name ends with a slash. */
function typeOf(flag: number, shortName: Buffer): string {
  const type = flag === 0 ? '0' : String.fromCharCode(flag);
  return type === '0' && shortName.at(-1) === 0x2f ? '5' : type;
}

/**
 * A number as octal digits or, as GNU writes those that are too large for the field, in base 256: the highest bit of the first byte marks it, and
 * the bytes after that one are the number, the highest first. Undefined for one that is negative, too large to be exact, or none.
 * @see https://www.gnu.org/software/tar/manual/html_node/Extensions.html
 */
function numberIn(field: Buffer): number | undefined {
  const [first = 0] = field;
  let number = Number.NaN;
  if (first < 0x80) number = Number.parseInt(untilNul(field).toString('latin1'), 8);
  else if (first === 0x80) number = field.subarray(1).reduce((whole, byte) => whole * 256 + byte, 0);
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** Only the POSIX format has a prefix; star, which has the same mark, keeps times in the last bytes of its field. */
function withPrefix(name: Buffer, block: Buffer): Buffer {
  if (block.toString('latin1', 257, 263) !== 'ustar\0') return name;
  const star = block.toString('latin1', 508, 512) === 'tar\0';
  const prefix = untilNul(block.subarray(345, star ? 476 : 500));
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]);
}

/** The bytes of a field that a zero may end. */
export function untilNul(field: Buffer): Buffer {
  const end = field.indexOf(0);
  return Buffer.from(end === -1 ? field : field.subarray(0, end));
}

/** Takes the records of a pax header (`LENGTH KEY=VALUE\n`) apart; undefined where they are none. Values stay bytes. @internal */
export function parsePax(bytes: Buffer): ReadonlyMap<string, Buffer> | undefined {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const equals = bytes.indexOf(0x3d, space);
    const length = /^\d+$/.test(bytes.toString('latin1', at, Math.max(at, space)))
      ? Number(bytes.toString('latin1', at, space))
      : 0;
    const end = at + length;
    if (equals < 0 || equals >= end || end > bytes.length || bytes[end - 1] !== 0x0a) return undefined;
    records.set(bytes.toString('utf8', space + 1, equals), Buffer.from(bytes.subarray(equals + 1, end - 1)));
    at = end;
  }
  return records;
}

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

/** A member that can become an object. */
export interface NamedMember {
  readonly kind: 'member';
  /** Without `./` and doubled slashes. */
  readonly relativePath: string;
  readonly origin: string;
}

/** What cannot be put, by type flag. Other types that are no files are skipped as unknown. */
const NO_FILES: Readonly<Record<string, readonly [action: 'skip' | 'fail', what: string]>> = {
  '1': ['skip', 'a hard link'],
  '2': ['skip', 'a symlink'],
  '3': ['skip', 'a device'],
  '4': ['skip', 'a device'],
  '6': ['skip', 'a FIFO'],
  S: ['fail', 'a sparse file, which cannot be read here; make the archive without --sparse'],
  M: ['fail', 'the rest of a file that another volume of the archive begins'],
};

/** Directories, and what only tells of the archive. */
const SILENT = /^[5DV]$/;

const LEAVE_OUT = msg`Make the archive anew, or leave it out by {exclude}.`;
const NAMES_BELOW = msg`Make the archive anew from within the directory (tar -C DIR -cf site.tar .), or leave it out by {exclude}.`;

/**
 * What becomes of a member by its type and name: files can be put; links, devices and the like are skipped, names that lead out of the
 * archive or are not UTF-8 fail. Undefined for directories and for what the filter leaves out.
 */
export function judgeMember(member: TarMember, tree: Tree): NamedMember | Unusable | undefined {
  const { type, name: bytes, link } = member;
  const name = escapedBytes(bytes);
  if (SILENT.test(type) || (name.endsWith('/') && member.size === 0)) return undefined;
  const relativePath = plain(name);
  if (!tree.filter.takes(relativePath)) return undefined;
  const origin = `${tree.path}:${name}`;
  const unusable = (action: 'skip' | 'fail', code: string, reason: string, hint: Text = LEAVE_OUT): Unusable => {
    const unit = { kind: 'unusable', action, key: tree.fileKeyPrefix + name, origin, reason } as const;
    return action === 'skip' ? unit : { ...unit, error: new SourceError(code, `${origin}: ${reason}`, { hint }) };
  };
  if (!isUtf8(bytes))
    return unusable('fail', 'InvalidKey', 'name is not valid UTF-8, which S3 keys must be; rename it');
  if (name.startsWith('/')) return unusable('fail', 'RefusedName', 'refused: its name is absolute', NAMES_BELOW);
  if (relativePath.split('/').includes('..'))
    return unusable('fail', 'RefusedName', 'refused: its name holds ".."', NAMES_BELOW);
  if (type === '0' || type === '7') return { kind: 'member', relativePath, origin };
  const [action, what] = NO_FILES[type] ?? (['skip', `of the unknown type "${type}"`] as const);
  const target = link.length > 0 && /^[12]$/.test(type) ? ` to ${escapedBytes(link)}` : '';
  return unusable(action, 'NotAFile', `not a regular file (${what}${target})`);
}

function plain(name: string): string {
  if (!/(?:^|\/)\.?(?:\/|$)/.test(name)) return name;
  return name
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

/** What the walk of an archive says when it cannot go on. */
export function failedArchive(path: string, error: unknown): Unusable {
  const cause = error instanceof Error ? error : new Error(String(error));
  const failure =
    cause instanceof SourceError && cause.code === 'SourceFailed'
      ? cause
      : new SourceError('SourceFailed', textIn(cause, 'message'), { cause, hint: textIn(cause, 'hint') });
  return { kind: 'unusable', action: 'fail', key: '', origin: path, reason: failure.message, error: failure };
}

/** How the members of an archive are packed: not at all, or as one compressed stream. */
export type ArchiveKind = 'tar' | 'gzip' | 'zstd';

const KINDS: readonly (readonly [ending: RegExp, kind: ArchiveKind])[] = [
  [/\.tar$/i, 'tar'],
  [/\.(?:tar\.gz|tgz)$/i, 'gzip'],
  [/\.(?:tar\.zst|tzst)$/i, 'zstd'],
];

/** The kind of archive that a path names by its ending; undefined for everything else. */
export function archiveKind(path: string): ArchiveKind | undefined {
  return KINDS.find(([ending]) => ending.test(path))?.[1];
}
