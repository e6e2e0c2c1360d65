import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { after, test } from 'node:test';
import type { Content } from '../../../../src/model/content.js';
import { bytesContent } from '../../../../src/model/content.js';
import { md5Hasher } from '../../../../src/transfer/body/hash.js';

const MIB = 1024 * 1024;
const never = new AbortController().signal;
setMaxListeners(0, never);
const md5 = md5Hasher();
after(() => md5.close());

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
