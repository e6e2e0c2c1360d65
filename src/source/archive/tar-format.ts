import { isUtf8 } from 'node:buffer';
import { SourceError } from '../../errors.js';
import { msg, type Text, textIn } from '../../report/message.js';
import { cutEnd } from '../clean-urls.js';
import type { LeftOut, Unusable } from '../types.js';
import { escapedBytes } from '../walk/children.js';
import { markerOf } from '../walk/found.js';
import { cutsIn, type Tree } from '../walk/tree.js';
import type { ByteReader } from './byte-reader.js';

/** A tar archive is made of blocks of this many bytes. */
const TAR_BLOCK: number = 512;

/** The fields of the block before a member. */
export interface TarHeader {
  /** The type flag: `0` a regular file, `5` a directory, `x` a pax header … */
  readonly type: string;
  /** Bytes after the header. */
  readonly size: number;
  /** Name with its directories, as bytes: the archive does not name their encoding. */
  readonly name: Buffer;
  /** The target of a link. */
  readonly link: Buffer;
  /** More blocks with the map of an old GNU sparse file come before its bytes. */
  readonly moreSparse: boolean;
}

/**
 * Decodes one block; `zeros` for one that marks the end, undefined for one that is no header. Reads only the fields that are used here, so an
 * invalid owner or time does not make it refuse an archive.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 * @internal
 */
export function decodeTarHeader(block: Buffer): TarHeader | 'zeros' | undefined {
  const sum = sumOf(block);
  if (sum === 0) return 'zeros';
  const checksum = block.subarray(148, 156);
  // The sum counts its own field as spaces.
  if (numberIn(checksum) !== sum - sumOf(checksum) + 8 * 0x20) return undefined;
  const shortName = untilNul(block.subarray(0, 100));
  const type = typeOf(block[156] ?? 0, shortName);
  // Some programs write a directory's size on disk, but no bytes follow.
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

/** Only the POSIX format has a prefix; star has the same magic, but stores times in the last bytes of the prefix field. */
function withPrefix(name: Buffer, block: Buffer): Buffer {
  if (block.toString('latin1', 257, 263) !== 'ustar\0') return name;
  const star = block.toString('latin1', 508, 512) === 'tar\0';
  const prefix = untilNul(block.subarray(345, star ? 476 : 500));
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]);
}

/** The bytes of a field up to its first zero, if it has one. */
function untilNul(field: Buffer): Buffer {
  const end = field.indexOf(0);
  return Buffer.from(end === -1 ? field : field.subarray(0, end));
}

/** Parses the records of a pax header (`LENGTH KEY=VALUE\n`); undefined if they are invalid. Values stay bytes. @internal */
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

/** One member of an archive, as its headers describe it. */
export interface TarMember {
  /** Type flag; `S` for a sparse file of any format. */
  readonly type: string;
  readonly name: Buffer;
  readonly link: Buffer;
  /** Offset of its bytes in the archive. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}

/** The archive that is read, for error messages. */
export interface ArchiveRef {
  readonly path: string;
  /** Whether it is compressed; offsets then count decompressed bytes. */
  readonly packed: boolean;
}

/** Extension headers are small; a larger size means damage, not a long name. */
const MAX_EXTENSION_BYTES = 1024 * 1024;
/** Types without bytes, whatever size their header has: links, devices, directories, FIFOs. */
const WITHOUT_BYTES = /^[1-6]$/;

/**
 * Reads one member after the other. The caller may read a member's bytes from the reader before it takes the next one; the rest is skipped.
 * Throws `SourceError` (`SourceFailed`) where the archive is cut short or damaged.
 */
export async function* tarMembers(reader: ByteReader, archive: ArchiveRef): AsyncGenerator<TarMember, void> {
  let next: MemberExtension = {};
  for (;;) {
    const at = reader.position;
    const header = await readHeader(reader, archive);
    if (header === 'end') return;
    if (/^[xgLKX]$/.test(header.type)) {
      next = { ...next, ...(await readExtension(header, reader, archive, at)) };
      continue;
    }
    for (let more = header.moreSparse; more; ) more = (await reader.read(TAR_BLOCK))[504] === 1;
    const member = memberOf(header, next, reader.position);
    if (member === undefined) throw damaged(archive, at, 'the size in a pax header is no number');
    next = {};
    if (reader.size !== undefined && member.start + member.size > reader.size)
      throw cutShort(archive, reader.size, member);
    yield member;
    await skipBytes(reader, member.start + member.size - reader.position, archive, member);
    await reader.skip(padding(member.size));
  }
}

/** Fields that extension headers set for the next member. */
interface MemberExtension {
  readonly name?: Buffer;
  readonly link?: Buffer;
  readonly pax?: ReadonlyMap<string, Buffer>;
}

async function readHeader(reader: ByteReader, archive: ArchiveRef): Promise<TarHeader | 'end'> {
  const at = reader.position;
  const block = await reader.read(TAR_BLOCK);
  if (block.length < TAR_BLOCK) {
    throw damaged(archive, at + block.length, 'it ends there without the two empty blocks that end an archive');
  }
  const header = decodeTarHeader(block);
  if (header === undefined)
    throw damaged(archive, at, `there is no ${at === 0 ? 'tar archive' : 'header of a member'}`);
  if (header !== 'zeros') return header;
  // Reads to the end, so that a compressed stream verifies its checksum.
  for (;;) {
    const from = reader.position;
    const rest = await reader.read(64 * 1024);
    if (rest.length === 0) return 'end';
    const odd = rest.findIndex((byte) => byte !== 0);
    if (odd >= 0) throw damaged(archive, from + odd, `more bytes follow after the end of the archive at byte ${at}`);
  }
}

async function readExtension(
  header: TarHeader,
  reader: ByteReader,
  archive: ArchiveRef,
  at: number,
): Promise<MemberExtension> {
  if (header.size > MAX_EXTENSION_BYTES) throw damaged(archive, at, `a header of ${header.size} bytes`);
  const bytes = await reader.read(header.size);
  if (bytes.length < header.size || (await reader.skip(padding(header.size))) < padding(header.size))
    throw damaged(archive, reader.position, 'it ends there, within a header');
  if (header.type === 'L') return { name: untilNul(bytes) };
  if (header.type === 'K') return { link: untilNul(bytes) };
  const pax = parsePax(bytes);
  if (pax === undefined) throw damaged(archive, at, 'a pax header that cannot be read');
  // Global headers hold comments; a name or size for all members would make no sense.
  return header.type === 'g' ? {} : { pax };
}

function memberOf(header: TarHeader, { name, link, pax }: MemberExtension, start: number): TarMember | undefined {
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

async function skipBytes(reader: ByteReader, bytes: number, archive: ArchiveRef, member: TarMember): Promise<void> {
  if ((await reader.skip(bytes)) < bytes) throw cutShort(archive, reader.position, member);
}

function padding(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

/** The error for an archive that ends at `end`, within a member. */
export function cutShort(archive: ArchiveRef, end: number, { name, start, size }: TarMember): SourceError {
  const missing = start + size - end;
  return damaged(archive, end, `it ends there, ${missing} bytes before the end of "${name.toString('utf8')}"`);
}

/** The error for an archive that cannot be read from byte `at` on. */
export function damaged({ path, packed }: ArchiveRef, at: number, what: string, cause?: unknown): SourceError {
  const where = packed ? `byte ${at} of what it unpacks to` : `byte ${at}`;
  return new SourceError('SourceFailed', `${path} is cut short or damaged at ${where}: ${what}`, {
    hint: 'Fetch or make the archive anew and run again: what comes after this place was not uploaded.',
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

/** A member that has the bytes of another one, which comes before it. */
export interface HardLink extends Omit<NamedMember, 'kind'> {
  readonly kind: 'link';
  /** The name of the other one, as `relativePath`. */
  readonly target: string;
}

/** The name of a member as its `relativePath`. */
export function memberPath({ name }: TarMember): string {
  return normalizeName(escapedBytes(name));
}

/** The name that a link gives, as a `relativePath`. */
export function memberTarget({ link }: TarMember): string {
  return normalizeName(escapedBytes(link));
}

/** The failure of a hard link whose bytes cannot be read. */
export function unresolvedLink(tree: Tree, { relativePath, origin, target }: HardLink, why: string): Unusable {
  const reason = `a hard link to "${target}", but ${why}`;
  const error = new SourceError('HardLink', `${origin}: ${reason}`, {
    hint: msg`Make the archive anew with --hard-dereference (GNU tar), without compression, or leave it out by {exclude}.`,
  });
  return { kind: 'unusable', action: 'fail', key: keyIn(tree, relativePath), origin, reason, error };
}

/** The key of something that is not put. */
function keyIn(tree: Tree, relativePath: string): string {
  return cutEnd(tree.fileKeyPrefix + relativePath, cutsIn(tree, relativePath).own);
}

/** Members that cannot be put, by type flag. Unknown types are skipped. */
const NOT_FILES: Readonly<Record<string, readonly [action: 'skip' | 'fail', what: string]>> = {
  '2': ['skip', 'a symlink'],
  '3': ['skip', 'a device'],
  '4': ['skip', 'a device'],
  '6': ['skip', 'a FIFO'],
  S: ['fail', 'a sparse file, which cannot be read here; make the archive without --sparse'],
  M: ['fail', 'the rest of a file that another volume of the archive begins'],
};

/** Directories, and members that only describe the archive. */
const IGNORED = /^[5DV]$/;

const LEAVE_OUT = msg`Make the archive anew, or leave it out by {exclude}.`;
const NAMES_BELOW = msg`Make the archive anew from within the directory (tar -C DIR -cf site.tar .), or leave it out by {exclude}.`;

/**
 * Decides by type and name what happens to a member: files and hard links can be put; symlinks, devices and the like are skipped; names that leave
 * the archive or are not UTF-8 fail. Directories, and links that the filter excludes, which may lead to directories that it takes, count as present.
 * Undefined for other members that the filter excludes.
 */
export function judgeMember(member: TarMember, tree: Tree): NamedMember | HardLink | Unusable | LeftOut | undefined {
  const { type, name: bytes, link } = member;
  const name = escapedBytes(bytes);
  const relativePath = normalizeName(name);
  if (IGNORED.test(type) || (name.endsWith('/') && member.size === 0))
    return type === '5' && relativePath !== '' && tree.folders === true
      ? markerOf({ ...tree, keyPrefix: tree.fileKeyPrefix }, `${relativePath}/`)
      : undefined;
  if (!tree.filter.takes(relativePath))
    return type === '2' && tree.folders === true
      ? { kind: 'leftOut', key: tree.fileKeyPrefix + relativePath, below: true }
      : undefined;
  const origin = `${tree.path}:${name}`;
  const unusable = (action: 'skip' | 'fail', code: string, reason: string, hint: Text = LEAVE_OUT): Unusable => {
    // The key of a link is that of the objects below it; a name that is refused is shown as it is.
    const key = action === 'skip' ? keyIn(tree, relativePath) : tree.fileKeyPrefix + name;
    const unit = { kind: 'unusable', action, key, origin, reason } as const;
    return action === 'skip' ? unit : { ...unit, error: new SourceError(code, `${origin}: ${reason}`, { hint }) };
  };
  if (!isUtf8(bytes))
    return unusable('fail', 'InvalidKey', 'name is not valid UTF-8, which S3 keys must be; rename it');
  if (name.startsWith('/')) return unusable('fail', 'RefusedName', 'refused: its name is absolute', NAMES_BELOW);
  if (relativePath.split('/').includes('..'))
    return unusable('fail', 'RefusedName', 'refused: its name holds ".."', NAMES_BELOW);
  if (type === '0' || type === '7') return { kind: 'member', relativePath, origin };
  if (type === '1') return { kind: 'link', relativePath, origin, target: memberTarget(member) };
  const [action, what] = NOT_FILES[type] ?? (['skip', `of the unknown type "${type}"`] as const);
  const target = link.length > 0 && type === '2' ? ` to ${escapedBytes(link)}` : '';
  return unusable(action, 'NotAFile', `not a regular file (${what}${target})`);
}

function normalizeName(name: string): string {
  if (!/(?:^|\/)\.?(?:\/|$)/.test(name)) return name;
  return name
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

/** The failure that a walk yields when it cannot continue. */
export function failedArchive(path: string, error: unknown): Unusable {
  const cause = error instanceof Error ? error : new Error(String(error));
  const failure =
    cause instanceof SourceError && cause.code === 'SourceFailed'
      ? cause
      : new SourceError('SourceFailed', textIn(cause, 'message'), { cause, hint: textIn(cause, 'hint') });
  return { kind: 'unusable', action: 'fail', key: '', origin: path, reason: failure.message, error: failure };
}
