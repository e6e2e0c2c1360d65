import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';
import { action, inputsFor } from './action-process.js';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`a job that is cancelled by ${signal} ends, waits for no part, reports what it did, and leaves large files to be resumed`, async (t) => {
    const server = await serverFor(t);
    // The last parts do not arrive.
    server.fault({ verb: 'UploadPart', occurrences: [5, 6, 7, 8, 9], type: 'hold' });
    const workspace = makeTree(t, { 'dist/big.bin': Buffer.alloc(40 * 1024 * 1024, 'x'), 'dist/a.txt': 'a' });
    const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', 'part-size': '5MiB' };
    let isCancelled = false;
    const ran = await action(t, inputs, {
      workspace,
      onLog: (text, child) => {
        if (isCancelled || !text.includes('uploaded a.txt')) return;
        isCancelled = true;
        void until(() => (server.uploads('site')[0]?.parts.size ?? 0) >= 3).then(() => child.kill(signal));
      },
    });
    assert.ok(ran.code !== 0 && ran.code !== null, `exit code ${ran.code}`);
    assert.equal(ran.outputs.put, '1', ran.log);
    assert.match(ran.log, /cancelled/);
    assert.deepEqual([ran.outputs.failed, ran.outputs.unknown, ran.outputs.changed], ['0', '1', 'true']);
    assert.match(ran.log, /^unknown big\.bin: was on its way/m);
    assert.match(ran.summary, /1 file may have been stored: .*<code>big\.bin<\/code>/);
    assert.equal(server.count('CompleteMultipartUpload'), 0);
    assert.equal(server.uploads('site').length, 1, 'the upload stays for the next run');
    server.clearFaults();
    const sent = server.count('UploadPart');
    const again = await action(t, inputs, { workspace });
    assert.equal(again.code, 0, again.log);
    assert.ok(server.count('UploadPart') - sent < 8, 'parts that had arrived are not sent again');
  });
}
