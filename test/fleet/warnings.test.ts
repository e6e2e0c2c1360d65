import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { copy, put } from '../../src/index.js';
import type { RunEvent } from '../../src/report/types.js';
import { connection, follow, serverFor } from '../support/engine.js';
import { QUICK, runFleetCopy, runFleetPut, startWorker } from '../support/fleet.js';
import { startRedis, withoutRedis } from '../support/redis.js';
import { makeTree } from '../support/tree.js';

const BUCKETS = ['from', 'one', 'site'];
/** Each file is a batch, so that no worker sees two of them at once. */
const ONE_BY_ONE = { ...QUICK, batchSize: 1 };

/** Whether a worker has come in time depends on the machine. */
function warningsOf(events: readonly RunEvent[]): readonly string[] {
  const warnings = events.filter((event) => event.type === 'warning');
  return warnings
    .filter(({ code }) => code !== 'no-workers')
    .map(({ code, message }) => `${code}: ${message}`)
    .sort();
}

test('a put by workers warns of what a put of one process warns of', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t, { buckets: BUCKETS }), startRedis(t)]);
  const source = makeTree(t, {
    'App.js': 'one',
    'app.js': 'two',
    'app.js.map': '{}',
    _redirects: '/a /b 301',
    'e\u0301.html': 'NFD',
  });
  spawnSync('mkfifo', [join(source, 'pipe')]);
  const given = {
    source,
    prefix: 'index.html',
    mode: 'update',
    compare: 'size',
    headers: { 'cache-control': 'maxage=60' },
    rules: [{ match: 'nothing/**', skip: true }],
  } as const;
  const alone = await follow((onEvent) => put({ bucket: 'one', ...connection(server), ...given, onEvent }));
  startWorker(t, redis, server);
  const shared = await runFleetPut(server, redis, given, ONE_BY_ONE);
  assert.deepEqual([alone.error, shared.error], [undefined, undefined]);
  const warnings = warningsOf(alone.events);
  assert.deepEqual(warningsOf(shared.events), warnings);
  assert.deepEqual(
    warnings.map((text) => text.split(':')[0]),
    [
      'compare-size',
      'decomposed-keys',
      'header-cache-control',
      'rule-unmatched',
      'same-looking-keys',
      `skipped ${join(source, 'pipe')}`,
      'source-maps',
      'unread-redirects',
    ],
  );
  const one = { source: join(source, 'app.js'), prefix: 'b.txt' };
  const oneAlone = await follow((onEvent) => put({ bucket: 'site', ...connection(server), ...one, onEvent }));
  const [warning, ...others] = warningsOf(oneAlone.events);
  assert.match(warning ?? '', /^prefix-looks-like-a-key: /);
  assert.deepEqual(others, []);
  assert.deepEqual(warningsOf((await runFleetPut(server, redis, one)).events), [warning]);
});

for (const serverHeader of ['MinIO', 'AmazonS3'])
  test(`workers see whether a server keeps objects as files: ${serverHeader}`, { skip: withoutRedis }, async (t) => {
    const [server, redis] = await Promise.all([
      serverFor(t, { buckets: BUCKETS, mode: { serverHeader } }),
      startRedis(t),
    ]);
    for (const key of ['a', 'a.txt', 'a/b']) server.seed('from', key, key);
    startWorker(t, redis, server);
    const alone = await follow((onEvent) =>
      copy({ source: 's3://from', destination: 's3://one', ...connection(server), onEvent }),
    );
    const shared = await runFleetCopy(server, redis, {}, ONE_BY_ONE);
    assert.deepEqual([alone.error, shared.error], [undefined, undefined]);
    const warnings = warningsOf(shared.events);
    assert.deepEqual(warnings, warningsOf(alone.events));
    assert.equal(warnings.length, serverHeader === 'MinIO' ? 1 : 0);
    // Two sources give such keys without a file system that could not have them.
    const sources = [makeTree(t, { 'a/b': 'below' }), `${makeTree(t, { a: 'file' })}/a`];
    const put = await runFleetPut(server, redis, { source: sources, prefix: 'put' }, ONE_BY_ONE);
    assert.equal(put.error, undefined);
    assert.deepEqual(
      warningsOf(put.events).map((text) => text.split(':')[0]),
      serverHeader === 'MinIO' ? ['key-is-folder'] : [],
    );
  });
