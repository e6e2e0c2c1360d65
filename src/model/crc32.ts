/** Bits of a CRC-32, and its polynomial with the lowest power in the highest bit. */
const BITS = 32;
const POLYNOMIAL = 0xedb88320;

/** A linear map of CRCs: what becomes of each single bit. */
type Matrix = Uint32Array;

/**
 * The CRC-32 of two consecutive pieces of bytes, from the CRC-32 of each. Appending `length` zero bytes is a linear map over GF(2), and squaring
 * gives its powers, so this takes microseconds for any length. It is zlib's `crc32_combine`.
 * @param length bytes of the second piece
 * @see https://github.com/madler/zlib/blob/v1.2.11/crc32.c
 * @internal
 */
export function combineCrc32(first: number, second: number, length: number): number {
  let crc = first >>> 0;
  let rest = length;
  for (let power = 0; rest > 0; power++) {
    if (rest % 2 === 1) crc = applied(zeroBytes(power), crc);
    rest = Math.floor(rest / 2);
  }
  return (crc ^ second) >>> 0;
}

/** A CRC-32 as S3 sends it: four bytes, the highest first. */
export function crc32Bytes(crc32: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(crc32);
  return bytes;
}

/** A CRC-32 in base64, as headers and listings name it. */
export function crc32ToBase64(crc32: number): string {
  return crc32Bytes(crc32).toString('base64');
}

/** The CRC-32 that a header or a listing names. */
export function crc32FromBase64(base64: string): number {
  return Buffer.from(base64, 'base64').readUInt32BE();
}

/** The CRC-32 of consecutive pieces, from the CRC-32 and the length in bytes of each. */
export function combineCrc32s(pieces: Iterable<{ readonly crc32: number; readonly size: number }>): number {
  let whole = 0;
  for (const { crc32, size } of pieces) whole = combineCrc32(whole, crc32, size);
  return whole;
}

/** The maps that append 2^n zero bytes, made on first use. */
const maps: Matrix[] = [];

function zeroBytes(power: number): Matrix {
  let known = maps[power];
  if (known === undefined) {
    known = power === 0 ? zeroByte() : squared(zeroBytes(power - 1));
    maps[power] = known;
  }
  return known;
}

function zeroByte(): Matrix {
  const zeroBit = new Uint32Array(BITS);
  zeroBit[0] = POLYNOMIAL;
  for (let bit = 1; bit < BITS; bit++) zeroBit[bit] = 1 << (bit - 1);
  return squared(squared(squared(zeroBit)));
}

function squared(matrix: Matrix): Matrix {
  return matrix.map((column) => applied(matrix, column));
}

function applied(matrix: Matrix, vector: number): number {
  let sum = 0;
  for (let bit = 0, rest = vector; rest !== 0; bit++, rest >>>= 1) if ((rest & 1) === 1) sum ^= matrix[bit] ?? 0;
  return sum >>> 0;
}
