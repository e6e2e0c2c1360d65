import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { putInProcess } from '../support/client-process.js';
import { serverFor } from '../support/engine.js';
import { killAndRerun } from '../support/kills.js';
import { noise } from '../support/parts.js';
import { serverInProcess } from '../support/server-process.js';
import { makeTree } from '../support/tree.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

test('20 kills of a 200 MB file: each rerun sends only what is missing', async (t) => {
  const server = await serverFor(t);
  const size = 200e6;
  const cwd = makeTree(t, { 'big.bin': noise(size) });
  const rounds = await killAndRerun(server, cwd, { rounds: 20, size, perSecond: 40e6, partSize: 8 * MIB });
  const useful = rounds.filter(({ arrived, parts }) => arrived > 0 && arrived < parts);
  assert.ok(useful.length >= 15, JSON.stringify(rounds));
});

/** Puts a sparse file of this size to a server in a process of its own, and returns the memory that the put used. */
async function rssOf(t: TestContext, size: number, threads = 1): Promise<number> {
  const server = await serverInProcess(t);
  const source = makeTree(t, { big: '' });
  truncateSync(`${source}/big`, size);
  const { report, maxRssMiB } = await putInProcess(server, { source, mode: 'stupid', resume: 'off', threads });
  assert.equal(report.counts.put, 1);
  t.diagnostic(`${size / GIB} GiB, ${threads} threads: ${report.seconds.toFixed(1)} s, ${maxRssMiB.toFixed(0)} MiB`);
  return maxRssMiB;
}

test('2 GiB take at most 350 MB of memory, and 8 GiB no more', async (t) => {
  const small = await rssOf(t, 2 * GIB);
  const large = await rssOf(t, 8 * GIB);
  assert.ok(small * 1.048576 <= 350, `${small} MiB`);
  assert.ok(large <= small * 1.15, `${small} and ${large} MiB`);
});

test('each thread takes at most 40 MB of memory more', async (t) => {
  const one = await rssOf(t, 2 * GIB, 1);
  const three = await rssOf(t, 2 * GIB, 3);
  assert.ok((three - one) * 1.048576 <= 2 * 40, `${one} and ${three} MiB`);
});
