import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { USER_RIGHTS } from '../../src/fleet/redis-errors.js';
import { UsageError } from '../../src/index.js';
import { serverFor } from '../support/engine.js';
import { QUICK, runFleetCopy, runFleetPut, startWorker } from '../support/fleet.js';
import { startRedis, type TestRedis, withoutRedis } from '../support/redis.js';
import { makeTree, type TreeFiles } from '../support/tree.js';
import { until } from '../support/until.js';

const PAGE = join(import.meta.dirname, '../../docs/fleet.md');
const files: TreeFiles = Object.fromEntries(Array.from({ length: 45 }, (_, at) => [`f${at % 4}/${at}.txt`, `${at}`]));
/** In the second batch. */
const HELD = 'f1/13.txt';

/** The user of docs/fleet.md, as words of a config file: its name, its password and its rights. */
function documentedUser(): readonly [name: string, on: string, password: string, ...rights: readonly string[]] {
  const [, words = ''] = /^user (.*)$/m.exec(readFileSync(PAGE, 'utf8')) ?? [];
  const [name = '', on = '', password = '', ...rights] = words.split(' ');
  return [name, on, password, ...rights];
}

/** The same Redis for the documented user. */
function asUser(redis: TestRedis): TestRedis {
  const [name, , password] = documentedUser();
  return { ...redis, url: redis.url.replace('//', `//${name}:${password.slice(1)}@`) };
}

const startWithUser = async (t: Parameters<typeof startRedis>[0]): Promise<TestRedis> =>
  startRedis(t, ['--maxmemory-policy', 'noeviction', '--user', ...documentedUser()]);

test('the page and the message about missing rights name the same rights', () => {
  assert.equal(documentedUser().slice(3).join(' '), USER_RIGHTS);
});

test('the documented user can do all that a fleet does', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t, { buckets: ['site', 'from'] }), startWithUser(t)]);
  const user = asUser(redis);
  const hold = server.fault({ type: 'hold', verb: 'PutObject', key: HELD, occurrences: 'all' });
  const putting = runFleetPut(server, user, { source: makeTree(t, files) });
  for (const hits of [1, 2, 3]) {
    const worker = startWorker(t, user, server);
    await until(() => hold.hits >= hits);
    await worker.kill('SIGKILL');
  }
  // Its batch has lost three workers, and is cut in two.
  startWorker(t, user, server);
  await until(() => hold.hits > 3);
  assert.deepEqual(await redis.client.acl('LOG'), []);
  await redis.restart();
  hold.clear();
  const put = await putting;
  assert.equal(put.error, undefined);
  assert.equal(put.report.counts.put + put.report.counts.skip, 45);
  assert.equal(server.keys('site').length, 45);
  server.seed('from', 'a', 'a');
  const copy = await runFleetCopy(server, user);
  assert.equal(copy.error, undefined);
  assert.equal(copy.report.counts.copy, 1);
  assert.deepEqual(await redis.client.keys('*:run*'), []);
  assert.deepEqual(await redis.client.acl('LOG'), []);
});

test('a right that is missing ends a run and a worker, and is named', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startWithUser(t)]);
  const user = asUser(redis);
  const [name] = documentedUser();
  const source = makeTree(t, { 'a.txt': 'a' });
  for (const [right, again, named] of [
    ['-info', '+info', /'info' command/],
    ['-set', '+set', /'set' command/],
    ['-client|list', '+client|list', /'client\|list' command/],
    ['-eval', '+eval', /'eval' command/],
    ['-zadd', '+zadd', /executing the script can't run this command/],
  ] as const) {
    await redis.client.acl('SETUSER', name, right);
    const { error } = await runFleetPut(server, user, { source });
    assert.ok(error instanceof UsageError, String(error));
    assert.match(error.message, /does not give its user enough rights: /);
    assert.match(error.message, named);
    assert.ok(error.hint?.includes(USER_RIGHTS));
    await redis.client.acl('SETUSER', name, again);
  }
  await redis.client.acl('SETUSER', name, '-bzpopmin');
  const worker = startWorker(t, user, server);
  await worker.said('end The queue');
  assert.match(worker.lines.join('\n'), /enough rights: .*'bzpopmin' command/);
});

test('a right that is taken away during a run ends it', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startWithUser(t)]);
  const [name] = documentedUser();
  const running = runFleetPut(server, asUser(redis), { source: makeTree(t, { 'a.txt': 'a' }) }, QUICK);
  while ((await redis.client.llen('s3pp:batches:wait')) === 0) await new Promise((go) => setTimeout(go, 20));
  await redis.client.acl('SETUSER', name, '-get');
  const { error, report } = await running;
  assert.ok(error instanceof UsageError);
  assert.match(error.message, /'get' command/);
  assert.equal(report.complete, false);
});
