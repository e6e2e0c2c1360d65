import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { combineCrc32, combineCrc32s, crc32Bytes, crc32FromBase64, crc32ToBase64 } from '../../../src/model/crc32.js';

test('the CRC of pieces joined is that of the whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 5_000 }), { maxLength: 6 }), (pieces) => {
      const whole = crc32(Buffer.concat(pieces));
      assert.equal(combineCrc32s(pieces.map((piece) => ({ crc32: crc32(piece), size: piece.length }))), whole);
    }),
  );
});

test('a CRC is four bytes, the highest first, and in base64 the same', () => {
  assert.deepEqual(crc32Bytes(0x01020304), Buffer.from([1, 2, 3, 4]));
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.equal(crc32FromBase64(crc32ToBase64(crc32(bytes))), crc32(bytes));
    }),
  );
});

test('lengths above 4 GiB count in full', () => {
  // Zeroes appended in two steps or in one are the same.
  const length = 5 * 1024 ** 3;
  const zeroes = combineCrc32(crc32(Buffer.alloc(1)), 0, 0);
  const half = combineCrc32(zeroes, 0, length / 2);
  assert.equal(combineCrc32(half, 0, length / 2), combineCrc32(zeroes, 0, length));
  assert.notEqual(combineCrc32(zeroes, 0, length), combineCrc32(zeroes, 0, length % 2 ** 32));
});
