import { Header } from 'tar/header';

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
 * Decodes one block; `zeros` for one that marks the end, undefined for one that is no header.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export function decodeTarHeader(block: Buffer): TarHeader | 'zeros' | undefined {
  const header = decoded(block);
  if (header?.nullBlock === true) return 'zeros';
  if (header?.cksumValid !== true || header.size === undefined) return undefined;
  const type = header.typeKey === 'Unsupported' ? String.fromCharCode(block[156] ?? 0) : header.typeKey;
  return {
    type,
    size: header.size,
    name: nameOf(block),
    link: untilNul(block.subarray(157, 257)),
    moreSparse: type === 'S' && block[482] === 1,
  };
}

function decoded(block: Buffer): Header | undefined {
  try {
    return new Header(block);
  } catch {
    // A number that no file can have.
    return undefined;
  }
}

/** The library gives names as text, where bytes that are not UTF-8 are lost. */
function nameOf(block: Buffer): Buffer {
  const name = untilNul(block.subarray(0, 100));
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

/** Takes the records of a pax header (`LENGTH KEY=VALUE\n`) apart; undefined where they are none. Values stay bytes. */
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
