import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import zlib from 'node:zlib';
import { ACCEPT_ENCODING, decodeBody } from '../../../src/verify/decode.js';

const TEXT = Buffer.from('Tea and harbour. '.repeat(50));
const MOST = 1_000_000;

describe('decoding a body', () => {
  const rows: readonly (readonly [encoding: string | undefined, body: Buffer])[] = [
    [undefined, TEXT],
    ['', TEXT],
    ['identity', TEXT],
    ['aws-chunked', TEXT],
    ['gzip', zlib.gzipSync(TEXT)],
    ['GZIP', zlib.gzipSync(TEXT)],
    ['x-gzip', zlib.gzipSync(TEXT)],
    ['gzip,aws-chunked', zlib.gzipSync(TEXT)],
    ['br', zlib.brotliCompressSync(TEXT)],
    ['deflate', zlib.deflateSync(TEXT)],
    ['deflate', zlib.deflateRawSync(TEXT)],
    ['br, gzip', zlib.gzipSync(zlib.brotliCompressSync(TEXT))],
  ];
  for (const [encoding, body] of rows)
    test(`${encoding}`, async () => assert.deepEqual(await decodeBody(body, encoding, MOST), { bytes: TEXT }));

  test('zstd, where Node has it', async () => {
    const { zstdCompressSync } = zlib as { readonly zstdCompressSync?: (bytes: Buffer) => Buffer };
    assert.equal(ACCEPT_ENCODING.includes('zstd'), zstdCompressSync !== undefined);
    const decoded = await decodeBody(zstdCompressSync?.(TEXT) ?? TEXT, 'zstd', MOST);
    assert.deepEqual(decoded, zstdCompressSync === undefined ? { problem: 'unknown' } : { bytes: TEXT });
  });

  test('says what is wrong', async () => {
    assert.deepEqual(await decodeBody(TEXT, 'gzip', MOST), { problem: 'damaged' });
    assert.deepEqual(await decodeBody(Buffer.alloc(0), 'gzip', MOST), { bytes: Buffer.alloc(0) });
    assert.deepEqual(await decodeBody(zlib.gzipSync(TEXT).subarray(0, 30), 'gzip', MOST), { problem: 'damaged' });
    assert.deepEqual(await decodeBody(TEXT, 'br', MOST), { problem: 'damaged' });
    assert.deepEqual(await decodeBody(TEXT, 'rot13', MOST), { problem: 'unknown' });
    assert.deepEqual(await decodeBody(TEXT, 'gzip, gzip, gzip, gzip', MOST), { problem: 'unknown' });
  });

  test('a bomb is not unpacked', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(2 * MOST));
    assert.ok(bomb.length < MOST / 100);
    assert.deepEqual(await decodeBody(bomb, 'gzip', MOST), { problem: 'too large' });
    assert.deepEqual(await decodeBody(zlib.gzipSync(bomb), 'gzip, gzip', MOST), { problem: 'too large' });
  });
});
