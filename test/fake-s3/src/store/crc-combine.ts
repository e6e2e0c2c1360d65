/**
 * The CRC of two byte strings one after the other, from the CRC of each and the length of the second: the first is
 * multiplied by x to the power of that length in bits, modulo the polynomial. Bits are reflected, as in the CRCs
 * themselves: the highest bit stands for x⁰.
 */
export function combineCrc(crc: Crc, first: bigint, second: bigint, secondLength: number): bigint {
  return multiply(crc, shiftOf(crc, secondLength), first) ^ second;
}

/** A CRC that begins with ones and ends inverted. */
export interface Crc {
  readonly bits: bigint;
  /** Reflected. */
  readonly polynomial: bigint;
}

export const CRC32: Crc = { bits: 32n, polynomial: 0xedb88320n };
export const CRC32C: Crc = { bits: 32n, polynomial: 0x82f63b78n };
export const CRC64NVME: Crc = { bits: 64n, polynomial: 0x9a6c9329ac4bc9b5n };

/** Most parts of an object have one length. */
const shifts: Map<string, bigint> = new Map();

function shiftOf(crc: Crc, bytes: number): bigint {
  const name = `${crc.polynomial} ${bytes}`;
  let shift = shifts.get(name);
  if (shift === undefined) {
    shift = 1n << (crc.bits - 1n);
    let power = 1n << (crc.bits - 2n);
    for (let rest = 8n * BigInt(bytes); rest > 0n; rest >>= 1n) {
      if (rest & 1n) shift = multiply(crc, power, shift);
      power = multiply(crc, power, power);
    }
    shifts.set(name, shift);
  }
  return shift;
}

function multiply({ bits, polynomial }: Crc, a: bigint, b: bigint): bigint {
  let product = 0n;
  let factor = b;
  for (let bit = 1n << (bits - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
  }
  return product;
}
