import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const FILES = Object.fromEntries(Array.from({ length: 350 }, (_, index) => [`d${index % 7}/f${index}`, `${index}`]));

const LARGE = 24 * 1024 * 1024;

describe('350 files', () => {
  it('need one page per page of remote keys, and nothing else when they are unchanged', async (t) => {
    // As with 1,000 keys to a page, which test/large does.
    const server = await serverFor(t, { mode: { pageSize: 100 } });
    const source = makeTree(t, FILES);
    assert.equal((await run(server, { source })).report.counts.put, 350);
    server.clearRequests();
    for (const mode of ['update', 'add'] as const) {
      server.clearRequests();
      const { report } = await run(server, { source, mode });
      assert.equal(report.counts.skip, 350);
      assert.ok(server.count('ListObjectsV2') <= 4);
      assert.equal(server.requests.length, server.count('ListObjectsV2'));
    }
    server.clearRequests();
    await run(server, { source, mode: 'stupid' });
    assert.equal(server.requests.length, 350);
    server.clearRequests();
    await run(server, { source, mode: 'stupid', dryRun: true });
    assert.equal(server.requests.length, 0);
  });

  it('never have more requests in flight than the limit', async (t) => {
    const server = await serverFor(t);
    const { report } = await run(server, { source: makeTree(t, FILES), concurrency: 5 });
    assert.equal(report.concurrency, 5);
    assert.ok(server.peak <= 5, `${server.peak}`);
  });

  it('hold no more bodies than memory allows, and put a body larger than all of it alone', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { large: Buffer.alloc(LARGE, 'l'), a: 'a', b: 'b' });
    const { report } = await run(server, { source, memory: LARGE / 2 }, {});
    assert.equal(report.counts.put, 3);
    assert.equal(server.object('site', 'large')?.body.length, LARGE);
  });
});
