import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { putInProcess } from '../support/client-process.js';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

/** A tree of small files of different content, 1,000 to a directory. */
function manyFiles(t: TestContext, count: number, bytes: number): string {
  const root = makeTree(t, {});
  for (let index = 0; index < count; index++) {
    const directory = `${root}/d${String(Math.floor(index / 1_000)).padStart(3, '0')}`;
    if (index % 1_000 === 0) mkdirSync(directory);
    writeFileSync(`${directory}/file-${String(index % 1_000).padStart(4, '0')}.txt`, `${index}`.padEnd(bytes, '.'));
  }
  return root;
}

describe('10,000 files', () => {
  it('are put in at most 200 MB, and the second run lists at most 11 pages and sends nothing', async (t) => {
    const server = await serverFor(t);
    const source = manyFiles(t, 10_000, 8_000);
    const first = await putInProcess(server, { source });
    t.diagnostic(`put: ${first.maxRssMiB.toFixed(0)} MiB, ${first.report.seconds.toFixed(1)} s`);
    assert.equal(first.report.counts.put, 10_000);
    assert.ok(first.maxRssMiB * 1.048576 <= 200, `${first.maxRssMiB} MiB`);

    server.clearRequests();
    const second = await putInProcess(server, { source });
    t.diagnostic(
      `unchanged: ${second.maxRssMiB.toFixed(0)} MiB, ${second.report.seconds.toFixed(1)} s, ${server.count('ListObjectsV2')} pages`,
    );
    assert.equal(second.report.counts.skip, 10_000);
    assert.ok(server.count('ListObjectsV2') <= 11);
    assert.equal(server.requests.length, server.count('ListObjectsV2'));

    server.clearRequests();
    await putInProcess(server, { source, mode: 'stupid' });
    assert.equal(server.requests.length, 10_000);
    assert.equal(server.count('PutObject'), 10_000);
  });
});

describe('10,000 files of a site, in order and with deletes', () => {
  it('are planned in little more memory than without, and the second run lists ten pages and sends nothing else', async (t) => {
    const server = await serverFor(t);
    const source = manyFiles(t, 10_000, 8_000);
    for (let index = 0; index < 200; index++) server.seed('site', `old/${index}`, 'stray');
    const site = { source, prefix: '', order: 'site', delete: true } as const;
    // With few requests in flight the plan is what needs memory, and not the connections.
    const first = await putInProcess(server, { ...site, concurrency: 16 });
    t.diagnostic(`put: ${first.maxRssMiB.toFixed(0)} MiB, ${first.report.seconds.toFixed(1)} s`);
    assert.deepEqual([first.report.counts.put, first.report.counts.delete], [10_000, 200]);
    assert.ok(first.maxRssMiB * 1.048576 <= 140, `${first.maxRssMiB} MiB`);

    server.clearRequests();
    const second = await putInProcess(server, site);
    t.diagnostic(`unchanged: ${second.maxRssMiB.toFixed(0)} MiB, ${second.report.seconds.toFixed(1)} s`);
    assert.equal(second.report.counts.skip, 10_000);
    assert.equal(server.count('ListObjectsV2'), 10);
    assert.equal(server.requests.length, 10);
    assert.ok(second.maxRssMiB * 1.048576 <= 140, `${second.maxRssMiB} MiB`);
  });
});

describe('100,000 files', () => {
  it('take at most 250 MB in a dry run, and none of them a request with stupid', async (t) => {
    const server = await serverFor(t);
    const source = manyFiles(t, 100_000, 10);
    const dry = await putInProcess(server, { source, dryRun: true });
    t.diagnostic(`dry run: ${dry.maxRssMiB.toFixed(0)} MiB, ${dry.report.seconds.toFixed(1)} s`);
    assert.equal(dry.report.counts.put, 100_000);
    assert.ok(dry.maxRssMiB * 1.048576 <= 250, `${dry.maxRssMiB} MiB`);
    assert.equal(server.count('ListObjectsV2'), 1);

    server.clearRequests();
    const stupid = await putInProcess(server, { source, dryRun: true, mode: 'stupid' });
    t.diagnostic(`stupid dry run: ${stupid.maxRssMiB.toFixed(0)} MiB, ${stupid.report.seconds.toFixed(1)} s`);
    assert.equal(stupid.report.counts.put, 100_000);
    assert.equal(server.requests.length, 0);
  });
});
