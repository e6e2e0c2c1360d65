import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { after, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { Xxh3_64, Xxh3_128, Xxh64 } from '@aws-sdk/checksums/xxh';
import type { Content } from '../../../../src/model/content.js';
import { bytesContent } from '../../../../src/model/content.js';
import { inParallel, md5Hasher } from '../../../../src/transfer/body/hash.js';
import { hashing } from '../../../../src/transfer/threads/hashing.js';
import { threadPool } from '../../../../src/transfer/threads/pool.js';

const MIB = 1024 * 1024;
const never = new AbortController().signal;
setMaxListeners(0, never);
const pool = threadPool({ most: 4, warn: assert.fail });
const md5 = md5Hasher(hashing(pool, never));
after(() => pool.close());

const md5Of = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** Bytes as a file reads them: each slice again, into the given buffer. */
function file(bytes: Buffer, onSlice: (into: Buffer | undefined) => void): Content {
  return {
    ...bytesContent(bytes),
    async slice(start, end, into) {
      onSlice(into);
      const whole = into ?? Buffer.alloc(end - start);
      return whole.subarray(0, bytes.copy(whole, 0, start, end));
    },
  };
}

test('contents of every length have their MD5, in memory or read', async () => {
  for (const length of [0, 1, MIB, MIB + 1, 3 * MIB, 5 * MIB - 7]) {
    const bytes = Buffer.alloc(length + 10, `${length}`).subarray(5, length + 5);
    assert.equal(await md5.of(bytesContent(bytes), never), md5Of(bytes));
    assert.equal(
      await md5.of(
        file(bytes, () => {}),
        never,
      ),
      md5Of(bytes),
    );
  }
});

test('large contents are hashed a few at a time, so that their slices take little memory', async () => {
  let [begun, done, most] = [0, 0, 0];
  const hashing = Array.from({ length: 40 }, async (_, index) => {
    const bytes = Buffer.alloc(3 * MIB, `${index}`);
    let first = true;
    const content = file(bytes, () => {
      if (first) begun += 1;
      first = false;
      most = Math.max(most, begun - done);
    });
    assert.equal(await md5.of(content, never), md5Of(bytes));
    done += 1;
  });
  await Promise.all(hashing);
  assert.ok(most <= 8, `${most} at once`);
});

test('a slice goes to the thread without the buffer that it is a part of', async () => {
  const content = bytesContent(Buffer.alloc(96 * MIB, 'x'));
  const before = process.memoryUsage.rss();
  let most = 0;
  const slice: Content['slice'] = (start, end) => {
    most = Math.max(most, process.memoryUsage.rss() - before);
    return content.slice(start, end);
  };
  await md5.of({ ...content, slice }, never);
  assert.ok(most < 64 * MIB, `${most / MIB} MiB more`);
});

interface Oracle {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array | Promise<Uint8Array>;
}

function plainCrc32(): Oracle {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}

const ORACLES: Readonly<Record<string, () => Oracle>> = {
  CRC32: plainCrc32,
  CRC32C: () => new Crc32c(),
  CRC64NVME: () => new Crc64Nvme(),
  MD5: () => createHash('md5'),
  SHA1: () => createHash('sha1'),
  SHA256: () => createHash('sha256'),
  SHA512: () => createHash('sha512'),
  XXHASH64: () => new Xxh64(),
  XXHASH3: () => new Xxh3_64(),
  XXHASH128: () => new Xxh3_128(),
};

for (const [algorithm, oracle] of Object.entries(ORACLES))
  test(`contents of every length have their ${algorithm}`, async () => {
    for (const length of [0, 1, 9, MIB, MIB + 1, 2 * MIB + 3, 3 * MIB]) {
      const bytes = Buffer.alloc(length, `${length} and more`);
      const expected = oracle();
      expected.update(bytes);
      const value = await md5.checksum(algorithm, bytesContent(bytes), never);
      assert.equal(value, Buffer.from(await expected.digest()).toString('base64'), `${length} bytes`);
    }
  });

test('an unknown checksum cannot be computed', async () => {
  for (const algorithm of ['CRC16', 'XXHASH32', ''])
    for (const length of [1, 2 * MIB])
      assert.equal(await md5.checksum(algorithm, bytesContent(Buffer.alloc(length)), never), undefined);
});

test('the CRCs of the catalogue of CRCs come out', async () => {
  const nine = bytesContent(Buffer.from('123456789'));
  assert.equal(await md5.checksum('CRC32C', nine, never), Buffer.from('e3069283', 'hex').toString('base64'));
  assert.equal(await md5.checksum('CRC64NVME', nine, never), Buffer.from('ae8b14860a799888', 'hex').toString('base64'));
});

for (const algorithm of ['CRC64NVME', 'CRC32C', 'SHA512', 'XXHASH64'])
  test(`the main thread goes on while a large ${algorithm} is computed`, async () => {
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 1);
    await md5.checksum(algorithm, bytesContent(Buffer.alloc(24 * MIB, 'x')), never);
    clearInterval(counting);
    assert.ok(turns > 0);
  });

test('an aborted hash throws the reason, and the threads go on with others', async () => {
  const abort = new AbortController();
  const bytes = Buffer.alloc(5 * MIB, 'y');
  const slow = file(bytes, () => abort.abort(new Error('enough')));
  await assert.rejects(md5.checksum('CRC64NVME', slow, abort.signal), /enough/);
  assert.equal(await md5.of(bytesContent(bytes), never), md5Of(bytes));
});

test('work in parallel ends at the first that is false or throws', async () => {
  const called: number[] = [];
  const all = await inParallel(100, async (index) => {
    called.push(index);
    return index !== 3;
  });
  assert.equal(all, false);
  assert.ok(called.length < 20);
  assert.equal(await inParallel(0, async () => false), true);
  await assert.rejects(
    inParallel(10, async (index) => {
      if (index === 2) throw new Error('two');
      return true;
    }),
    /two/,
  );
});
