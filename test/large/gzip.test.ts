import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describe, it, type TestContext } from 'node:test';
import { putInProcess } from '../support/client-process.js';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const WORDS =
  'the of and a to in is you that it he was for on are as with his they at be this have from or one had by word';
const BYTES = 100_000;

/** Text that is as hard to compress as prose: words in an order without a pattern, different in each file. */
function textTree(t: TestContext, count: number): string {
  const root = makeTree(t, {});
  const words = WORDS.split(' ').flatMap((word) => [word, `${word}s`, `un${word}`, `${word}ing`]);
  const pool: string[] = [];
  let random = 1;
  for (let length = 0; length < 8 * BYTES; length += (pool.at(-1)?.length ?? 0) + 1) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    pool.push(words[(random >>> 16) % words.length] ?? '');
  }
  const text = pool.join(' ');
  for (let index = 0; index < count; index++) {
    const directory = `${root}/d${String(Math.floor(index / 1_000)).padStart(3, '0')}`;
    if (index % 1_000 === 0) mkdirSync(directory);
    const start = (index * 7_919) % (text.length - BYTES);
    writeFileSync(`${directory}/file-${index % 1_000}.txt`, `${index} ${text.slice(start, start + BYTES)}`);
  }
  return root;
}

describe('10,000 text files with gzip', () => {
  it('keep the processor busy and the event loop free, in at most 250 MB, and are not sent twice', async (t) => {
    const server = await serverFor(t, { dropBodies: true });
    const source = textTree(t, 10_000);
    const first = await putInProcess(server, { source, gzip: true });
    const { report, cores, loopP99Ms, maxRssMiB } = first;
    t.diagnostic(
      `put: ${report.seconds.toFixed(1)} s, ${(report.sourceBytes / report.seconds / 1e6).toFixed(0)} MB/s, ${cores.toFixed(2)} cores, event loop p99 ${loopP99Ms.toFixed(0)} ms, ${maxRssMiB.toFixed(0)} MiB`,
    );
    assert.equal(report.counts.put, 10_000);
    assert.ok(report.bytes < report.sourceBytes / 2);
    assert.ok(maxRssMiB * 1.048576 <= 250, `${maxRssMiB} MiB`);
    assert.ok(loopP99Ms <= 50, `${loopP99Ms} ms`);
    if (availableParallelism() >= 2) assert.ok(cores >= 1.7, `${cores} cores`);

    server.clearRequests();
    const second = await putInProcess(server, { source, gzip: true });
    t.diagnostic(`unchanged: ${second.report.seconds.toFixed(1)} s, ${second.cores.toFixed(2)} cores`);
    assert.equal(second.report.counts.skip, 10_000);
    assert.deepEqual([server.count('PutObject'), server.count('HeadObject')], [0, 0]);
  });
});
