import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { type Ran, run, serverFor } from '../support/engine.js';
import { runFleetPut } from '../support/fleet.js';
import { etagOf, PART, partsSent, SMALL_PARTS } from '../support/parts.js';
import {
  allSend,
  assertClean,
  BIG,
  BUCKETS,
  holdParts,
  LONG_LOCKS,
  QUICK_RANGES,
  startNamed,
} from '../support/ranges.js';
import { startRedis, withoutRedis } from '../support/redis.js';
import { makeTree } from '../support/tree.js';

const HEADERS = { cacheControl: 'max-age=60', metadata: { owner: 'docs' }, storageClass: 'STANDARD_IA' } as const;
const ALL_PARTS = Array.from({ length: 41 }, (_, at) => at + 1);

function assertPut(server: S3Server, { error, report, outcomes }: Ran): void {
  assert.equal(error, undefined);
  assert.equal(report.complete, true);
  assert.equal(report.counts.put, outcomes.length);
  assert.ok(server.object('site', 'big.bin')?.body.equals(BIG));
  assert.equal(server.object('site', 'big.bin')?.etag, etagOf(BIG, PART));
}

test('three workers send the parts of one object, which is that of a run without a queue', {
  skip: withoutRedis,
}, async (t) => {
  const [server, alone, redis] = await Promise.all([
    serverFor(t, { buckets: BUCKETS }),
    serverFor(t, { buckets: BUCKETS }),
    startRedis(t),
  ]);
  const options = { source: makeTree(t, { 'big.bin': BIG, 'small.txt': 'small' }), ...HEADERS };
  const workers = ['one', 'two', 'three'].map((name) => startNamed(t, redis, server, name, LONG_LOCKS));
  const hold = holdParts(server);
  const running = runFleetPut(server, redis, options, QUICK_RANGES);
  await allSend(server, workers);
  hold.clear();
  const ran = await running;
  assertPut(server, ran);
  assert.deepEqual([...new Set(partsSent(server))], ALL_PARTS);
  const plain = await run(alone, options, SMALL_PARTS);
  const [shared, single] = [server, alone].map((one) => one.object('site', 'big.bin'));
  assert.ok(shared !== undefined && single !== undefined);
  const { 'last-modified': _, ...headers } = shared.headers;
  const { 'last-modified': __, ...others } = single.headers;
  assert.deepEqual(headers, others);
  assert.deepEqual([shared.etag, shared.partSizes], [single.etag, single.partSizes]);
  const [own, other] = [ran, plain].map(({ outcomes }) => outcomes.find(({ key }) => key === 'big.bin'));
  assert.deepEqual([own?.verified, own?.bytes, own?.etag], [other?.verified, other?.bytes, other?.etag]);
  // The report counts the requests of all workers.
  for (const verb of ['UploadPart', 'CreateMultipartUpload', 'CompleteMultipartUpload'] as const)
    assert.equal(ran.report.requests[verb], server.count(verb), verb);
  await assertClean(server, redis);
  const again = await runFleetPut(server, redis, options, QUICK_RANGES);
  assert.deepEqual(again.keys('skip'), ['big.bin', 'small.txt']);
});

test('one worker alone sends all ranges', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t, { buckets: BUCKETS }), startRedis(t)]);
  startNamed(t, redis, server, 'one', LONG_LOCKS);
  const ran = await runFleetPut(server, redis, { source: makeTree(t, { 'big.bin': BIG }) }, QUICK_RANGES);
  assertPut(server, ran);
  assert.deepEqual(partsSent(server), ALL_PARTS);
  await assertClean(server, redis);
});
