import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { putInProcess } from '../support/client-process.js';
import { serverFor } from '../support/engine.js';
import { objectsPerSecond } from '../support/rate.js';
import { makeTree } from '../support/tree.js';

const OBJECTS = 10_000;

for (const concurrency of ['auto', 256] as const) {
  test(`10,000 puts to a server that allows 200 a second all arrive, at nearly that rate, with concurrency ${concurrency}`, async (t) => {
    const server = await serverFor(t, { buckets: { site: { putsPerSecond: 200 } } });
    const source = makeTree(t, {});
    for (let index = 0; index < OBJECTS; index++) writeFileSync(`${source}/f${index}`, `${index}`);
    const { report, maxRssMiB } = await putInProcess(server, { source, concurrency });
    assert.equal(report.counts.put, OBJECTS);
    assert.equal(server.keys('site').length, OBJECTS);
    const [rate, attempts] = [objectsPerSecond(server), server.count('PutObject')];
    t.diagnostic(`${rate.toFixed(0)} objects a second, ${attempts} attempts, ${maxRssMiB.toFixed(0)} MiB`);
    assert.ok(rate >= 0.8 * 200, `${rate} objects a second`);
    assert.ok(attempts <= 1.1 * OBJECTS, `${attempts} attempts`);
  });
}
