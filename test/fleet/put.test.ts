import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openQueue } from '../../src/fleet/queue.js';
import { serverFor } from '../support/engine.js';
import { runFleetCopy, runFleetPut, startWorker } from '../support/fleet.js';
import { startRedis, withoutRedis } from '../support/redis.js';
import { makeTree, type TreeFiles } from '../support/tree.js';
import { until } from '../support/until.js';

/** Files in several folders. */
const files = (count: number): TreeFiles =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`f${at % 7}/name-${String(at).padStart(4, '0')}.txt`, `content ${at}`]),
  );

test('two workers put all files, and the report is that of a put', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const source = makeTree(t, files(95));
  startWorker(t, redis, server);
  startWorker(t, redis, server);
  const first = await runFleetPut(server, redis, { source, cacheControl: 'max-age=60' });
  assert.equal(first.error, undefined);
  assert.equal(first.report.counts.put, 95);
  assert.equal(first.report.requests.PutObject, 95);
  assert.equal(first.report.complete, true);
  assert.equal(server.keys('site').length, 95);
  const object = server.object('site', 'f0/name-0000.txt');
  assert.equal(String(object?.body), 'content 0');
  assert.equal(object?.headers['cache-control'], 'max-age=60');
  const [outcome] = first.outcomes.filter(({ key }) => key === 'f0/name-0000.txt');
  assert.equal(outcome?.etag, object?.etag);
  assert.equal(outcome?.contentType, 'text/plain; charset=utf-8');
  const again = await runFleetPut(server, redis, { source, cacheControl: 'max-age=60' });
  assert.equal(again.report.counts.skip, 95);
  assert.deepEqual(await redis.client.keys('s3pp:batches:run*'), [], 'nothing of a run is left');
  const events = await redis.client.xrange('s3pp:batches:events', '-', '+');
  assert.equal(JSON.stringify(events).includes('packed'), false, 'results are not kept as events');
});

test('workers copy from bucket to bucket', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t, { buckets: ['from', 'site'] }), startRedis(t)]);
  for (let at = 0; at < 42; at++) server.seed('from', `docs/${at}`, `object ${at}`);
  startWorker(t, redis, server);
  const { report, error } = await runFleetCopy(server, redis, { source: 's3://from/docs/*' });
  assert.equal(error, undefined);
  assert.equal(report.counts.copy, 42);
  assert.equal(String(server.object('site', '41')?.body), 'object 41');
});

test('keys and prefixes that a run names are relative to its source on workers, too', {
  skip: withoutRedis,
}, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t, { buckets: ['from', 'site'] }), startRedis(t)]);
  for (const key of ['docs/a/1', 'docs/b', 'docs/c']) server.seed('from', key, `object ${key}`);
  startWorker(t, redis, server);
  const source = 's3://from/docs';
  const byKey = await runFleetCopy(server, redis, { source, key: ['b'] });
  assert.equal(byKey.error, undefined);
  assert.deepEqual(server.keys('site'), ['b']);
  const byPrefix = await runFleetCopy(server, redis, { source, fromPrefix: ['a/'] });
  assert.equal(byPrefix.error, undefined);
  assert.deepEqual(server.keys('site'), ['a/1', 'b']);
  assert.equal(String(server.object('site', 'a/1')?.body), 'object docs/a/1');
  // A destination inside of the source is no overlap where a key is named.
  const inside = await runFleetCopy(server, redis, { source, destination: 's3://from/docs/c', key: ['b'] });
  assert.equal(inside.error, undefined);
  assert.equal(String(server.object('from', 'docs/c/b')?.body), 'object docs/b');
});

test('only workers of the same database count as connected', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const worker = startWorker(t, redis, server);
  await worker.said('ready');
  const [same, other] = await Promise.all([openQueue(redis.url, 'a'), openQueue(`${redis.url}/1`, 'b')]);
  try {
    await until(async () => (await same.workers()) === 1);
    assert.equal(await other.workers(), 0);
    assert.deepEqual(await other.workerNames(), []);
  } finally {
    await Promise.all([same.close(), other.close()]);
  }
});
