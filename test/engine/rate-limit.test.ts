import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { objectsPerSecond } from '../support/rate.js';
import { makeTree } from '../support/tree.js';

const OBJECTS = 800;
const FILES = Object.fromEntries(Array.from({ length: OBJECTS }, (_, index) => [`f${index}`, `${index}`]));
const source = makeTree({ after }, FILES);
/** Objects a second without a limit, which the first test finds for both. */
let unlimited: number | undefined;

for (const concurrency of ['auto', 32] as const) {
  test(`a server that limits puts to 200 a second gets all of them, with concurrency ${concurrency}`, async (t) => {
    const server = await serverFor(t);
    if (unlimited === undefined) {
      await run(server, { source, mode: 'stupid' });
      unlimited = objectsPerSecond(server);
    }
    // A busy machine may not even make 200: then the server limits it to a quarter of what it can.
    const allowed = Math.floor(Math.min(200, unlimited / 4));
    const limit = 4 * allowed;
    server.clearRequests();
    server.mode({ putsPerSecond: allowed }, 'site');
    const { error, report } = await run(server, { source, mode: 'stupid', concurrency, limit }, {});
    assert.equal(error, undefined);
    assert.equal(report.counts.put, limit);
    assert.ok(report.throttles > 0);
    // The large test holds the rate; here other tests run beside.
    const [rate, attempts] = [objectsPerSecond(server, 0.9), server.count('PutObject')];
    t.diagnostic(`${rate.toFixed(0)} objects a second of ${allowed}, ${attempts} attempts for ${limit}`);
    assert.equal(attempts, limit + report.throttles);
    // How few is tried by simulated time, in the unit tests of the send rate, and by the large test. Here it depends on how busy the machine is.
    assert.ok(report.throttles <= 2 * limit, `${attempts} attempts for ${limit} objects`);
  });
}
