import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import type { CopyOptions } from '../../src/index.js';
import { copyServer, seed } from '../support/copies.js';
import { connection, type Ran, runCopy } from '../support/engine.js';
import { runFleetCopy } from '../support/fleet.js';
import { PART, SMALL_PARTS } from '../support/parts.js';
import {
  allSend,
  assertClean,
  BIG,
  holdParts,
  LONG_LOCKS,
  leaderOf,
  type NamedWorker,
  QUICK_RANGES,
  startNamed,
} from '../support/ranges.js';
import { startRedis, type TestRedis, withoutRedis } from '../support/redis.js';
import { until } from '../support/until.js';

/** 40 parts of uneven sizes, and a rest. */
const UNEVEN: readonly number[] = [...Array.from({ length: 40 }, (_, at) => PART + (at % 2 === 0 ? 8 : -8)), 17];
const HEADERS = { 'cache-control': 'no-store', 'x-amz-meta-own': 'kept' };
const SEED = { partSizes: UNEVEN, headers: HEADERS };

function startBoth(
  t: TestContext,
  redis: TestRedis,
  dest: S3Server,
  source: S3Server,
  options: Parameters<typeof startNamed>[4] = {},
): NamedWorker[] {
  return ['one', 'two'].map((name) => {
    source.addCredentials({ accessKeyId: name, secretAccessKey: `${name}-secret` });
    return startNamed(t, redis, dest, name, options);
  });
}

function assertCopied(dest: S3Server, source: S3Server, { error, report, keys }: Ran): void {
  assert.equal(error, undefined);
  assert.equal(report.complete, true);
  assert.deepEqual(keys('copy'), ['big']);
  const [copy, original] = [dest.object('site', 'big'), source.object('from', 'big')];
  assert.ok(copy?.body.equals(BIG));
  assert.deepEqual([copy?.etag, copy?.partSizes], [original?.etag, UNEVEN]);
  for (const [name, value] of Object.entries(HEADERS)) assert.equal(copy?.headers[name], value);
}

test('two workers have the server copy the parts of one object', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([copyServer(t), startRedis(t)]);
  seed(server, 'big', BIG, SEED);
  const workers = startBoth(t, redis, server, server, LONG_LOCKS);
  const hold = holdParts(server, 'UploadPartCopy');
  const running = runFleetCopy(server, redis, {}, QUICK_RANGES);
  await allSend(server, workers, 'UploadPartCopy');
  hold.clear();
  const ran = await running;
  assertCopied(server, server, ran);
  assert.equal(ran.report.requests.UploadPartCopy, server.count('UploadPartCopy'));
  assert.equal(ran.report.requests.UploadPart, 1, 'only the mark was sent');
  await assertClean(server, redis);
});

async function relayed(t: TestContext): Promise<{
  readonly source: S3Server;
  readonly dest: S3Server;
  readonly redis: TestRedis;
  readonly options: Partial<CopyOptions>;
}> {
  const [source, dest, redis] = await Promise.all([copyServer(t), copyServer(t), startRedis(t)]);
  seed(source, 'big', BIG, SEED);
  const { endpointUrl, credentials } = connection(source);
  const there = { sourceEndpointUrl: endpointUrl, sourceCredentials: credentials };
  return { source, dest, redis, options: there as Partial<CopyOptions> };
}

test('two workers relay the parts of one object, as a run without a queue does', { skip: withoutRedis }, async (t) => {
  const { source, dest, redis, options } = await relayed(t);
  const workers = startBoth(t, redis, dest, source, LONG_LOCKS);
  const hold = holdParts(dest);
  const running = runFleetCopy(dest, redis, options, QUICK_RANGES);
  await allSend(dest, workers);
  hold.clear();
  const ran = await running;
  assertCopied(dest, source, ran);
  assert.equal(ran.report.requests.GetObject, source.count('GetObject'));
  await assertClean(dest, redis);
  const alone = await copyServer(t);
  const plain = await runCopy(alone, options, SMALL_PARTS);
  assertCopied(alone, source, plain);
  const [own, other] = [ran, plain].map(({ outcomes: [outcome] }) => outcome);
  assert.deepEqual([own?.verified, own?.way, own?.etag], [other?.verified, other?.way, other?.etag]);
});

test('kill -9 of the worker that relays an object: the other one goes on with its upload', {
  skip: withoutRedis,
}, async (t) => {
  const { source, dest, redis, options } = await relayed(t);
  const workers = startBoth(t, redis, dest, source);
  const hold = holdParts(dest);
  const running = runFleetCopy(dest, redis, options, QUICK_RANGES);
  await allSend(dest, workers);
  await leaderOf(dest, workers).leader.kill('SIGKILL');
  hold.clear();
  assertCopied(dest, source, await running);
  assert.equal(dest.count('CreateMultipartUpload'), 1);
  await assertClean(dest, redis);
});

test('a source that changes while workers copy it is copied in its new state', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([copyServer(t), startRedis(t)]);
  seed(server, 'big', BIG, SEED);
  const workers = startBoth(t, redis, server, server);
  const hold = holdParts(server, 'UploadPartCopy');
  const running = runFleetCopy(server, redis, {}, QUICK_RANGES);
  await allSend(server, workers, 'UploadPartCopy');
  const now = Buffer.from(BIG).fill('x', 0, 100);
  seed(server, 'big', now, SEED);
  hold.clear();
  const { error, keys } = await running;
  assert.equal(error, undefined);
  assert.deepEqual(keys('copy'), ['big']);
  assert.ok(server.object('site', 'big')?.body.equals(now));
  await assertClean(server, redis);
});

test('one worker alone copies all ranges', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([copyServer(t), startRedis(t)]);
  seed(server, 'big', BIG, SEED);
  startNamed(t, redis, server, 'one', LONG_LOCKS);
  assertCopied(server, server, await runFleetCopy(server, redis, {}, QUICK_RANGES));
  assert.equal(server.count('UploadPartCopy'), UNEVEN.length);
  await until(() => server.open === 0);
  await assertClean(server, redis);
});
