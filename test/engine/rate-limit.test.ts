import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { objectsPerSecond } from '../support/rate.js';
import { makeTree } from '../support/tree.js';

const OBJECTS = 600;
const FILES = Object.fromEntries(Array.from({ length: OBJECTS }, (_, index) => [`f${index}`, `${index}`]));

for (const concurrency of ['auto', 32] as const) {
  test(`a server that allows 200 puts a second gets every object, and few in vain, with concurrency ${concurrency}`, async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, FILES);
    // Until its code is compiled the client may be slower than the server allows.
    await run(server, { source, mode: 'stupid' });
    server.clearRequests();
    server.mode({ putsPerSecond: 200 }, 'site');
    const { error, report } = await run(server, { source, mode: 'stupid', concurrency }, {});
    assert.equal(error, undefined);
    assert.deepEqual([report.counts.put, server.keys('site').length], [OBJECTS, OBJECTS]);
    // How many a second is for the large test to hold: a busy machine is slower than the server allows.
    t.diagnostic(`${objectsPerSecond(server).toFixed(0)} objects a second, ${server.count('PutObject')} attempts`);
    assert.ok(report.throttles > 0);
    assert.equal(server.count('PutObject'), OBJECTS + report.throttles);
    assert.ok(server.count('PutObject') <= 1.5 * OBJECTS, `${server.count('PutObject')} attempts`);
  });
}
