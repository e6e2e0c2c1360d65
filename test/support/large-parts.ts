import assert from 'node:assert/strict';
import { createHash, hash } from 'node:crypto';
import { closeSync, createReadStream, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type TestContext, test } from 'node:test';
import type { HttpClientChoice } from '../../src/index.js';
import { run, serverFor } from './engine.js';
import { partsSent } from './parts.js';
import { makeTree } from './tree.js';

const MIB = 1024 * 1024;

/** A sparse file with some bytes at offsets where a mistake would show. */
function sparse(t: TestContext, size: number): string {
  const root = makeTree(t, {});
  const fd = openSync(join(root, 'big'), 'w');
  ftruncateSync(fd, size);
  for (let at = 0; at < size; at += 10 * MIB) writeSync(fd, `at ${at}`, at);
  writeSync(fd, 'end', size - 3);
  closeSync(fd);
  return root;
}

async function sha256(path: string): Promise<string> {
  const sum = createHash('sha256');
  await pipeline(createReadStream(path), sum);
  return sum.digest('hex');
}

/** Tests that parts over 64 MiB are read in slices, with these clients and checksums. */
export function testLargeParts(
  ways: readonly (readonly [httpClient: HttpClientChoice, checksum: 'crc32' | 'md5'])[],
): void {
  for (const [httpClient, checksum] of ways) {
    test(`parts and bodies over 64 MiB are read by slices, in little memory (${httpClient}, ${checksum})`, async (t) => {
      const server = await serverFor(t);
      const source = sparse(t, 71 * MIB + 7);
      const options = { source, httpClient, checksum, memory: '8MiB', mode: 'stupid' } as const;
      const parts = await run(server, { ...options, partSize: '70MiB' });
      assert.equal(parts.error, undefined);
      assert.deepEqual(partsSent(server), [1, 2]);
      const expected = await sha256(join(source, 'big'));
      assert.equal(hash('sha256', server.object('site', 'big')?.body ?? ''), expected);
      assert.deepEqual(
        parts.outcomes.map(({ verified }) => verified),
        [checksum],
      );
      if (checksum === 'md5') return;
      server.clearRequests();
      const whole = await run(server, { ...options, multipartThreshold: '1GiB' });
      assert.equal(whole.error, undefined);
      assert.deepEqual([server.count('PutObject'), server.count('UploadPart')], [1, 0]);
      assert.equal(hash('sha256', server.object('site', 'big')?.body ?? ''), expected);
    });
  }
}
