import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { action, inputsFor } from './action-process.js';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`a job that is cancelled by ${signal} ends soon, tells what it did, and leaves large files to be gone on with`, async (t) => {
    const server = await serverFor(t, { buckets: { site: { bytesPerSecond: 10 * 1024 * 1024 } } });
    const workspace = makeTree(t, { 'dist/big.bin': Buffer.alloc(40 * 1024 * 1024, 'x'), 'dist/a.txt': 'a' });
    const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', 'part-size': '5MiB' };
    let cancelledAt = 0;
    const ran = await action(t, inputs, {
      workspace,
      onLog: (text, child) => {
        if (cancelledAt > 0 || !text.includes('put dist/a.txt')) return;
        cancelledAt = performance.now();
        setTimeout(() => child.kill(signal), 1_500);
      },
    });
    const tookMs = performance.now() - cancelledAt - 1_500;
    assert.ok(ran.code !== 0 && ran.code !== null, `exit code ${ran.code}`);
    assert.ok(tookMs < 7_500, `it took ${tookMs} ms`);
    assert.equal(ran.outputs.put, '1', ran.log);
    assert.match(ran.log, /cancelled/);
    assert.equal(server.count('CompleteMultipartUpload'), 0);
    assert.equal(server.uploads('site').length, 1, 'the upload stays for the next run');
    server.mode({ bytesPerSecond: Number.POSITIVE_INFINITY }, 'site');
    const sent = server.count('UploadPart');
    const again = await action(t, inputs, { workspace });
    assert.equal(again.code, 0, again.log);
    assert.ok(server.count('UploadPart') - sent < 8, 'parts that had arrived are not sent again');
  });
}
