import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionOf } from '../../src/options/connection.js';
import { Limiter } from '../../src/run/limiter.js';
import { openBucket } from '../../src/s3/open.js';
import { connection, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const PAGES = 80;
const KEYS = Array.from(
  { length: PAGES * 10 },
  (_, index) => `d${index % 20}/f${String(index).padStart(4, '0')}\u{1f600}`,
);
const items = (keys: readonly string[]) => keys.map((key) => ({ key, body: key }));

for (const order of ['utf8', 'utf16'] as const) {
  test(`a destination of ${PAGES} pages in ${order} order is listed side by side, and no key is put again`, async (t) => {
    const server = await serverFor(t, { buckets: { site: { order, pageSize: 10 } } });
    for (const key of KEYS) server.seed('site', key, key);
    for (const key of ['d7/\uff5e', 'd7/\u{1f600}', 'z\uff5e', 'z\u{1f600}']) server.seed('site', key, key);
    const { error, report } = await run(server, { source: items(KEYS), mode: 'update' });
    assert.deepEqual([error, report.counts.skip], [undefined, KEYS.length]);
    assert.equal(server.count('PutObject'), 0);
    const ranges = server.requests.filter(({ query }) => query['start-after'] !== undefined);
    assert.ok(ranges.length >= 3, `${ranges.length} ranges`);
    if (order === 'utf8') assert.ok(server.requests.length <= 1.5 * PAGES, `${server.requests.length} requests`);
  });
}

test('after a refusal to list in parallel the listing continues in sequence', async (t) => {
  const server = await serverFor(t, { buckets: { site: { pageSize: 10 } } });
  for (const key of KEYS) server.seed('site', key, key);
  const refusal = { type: 'status', status: 403, code: 'AccessDenied' } as const;
  const fault = server.fault({ ...refusal, verb: 'ListObjectsV2', occurrences: [24] });
  const { error, report } = await run(server, { source: items(KEYS), mode: 'update' });
  assert.deepEqual([error, report.counts.skip, fault.hits], [undefined, KEYS.length, 1]);
  assert.equal(server.count('PutObject') + server.count('HeadObject'), 0);
});

const FOLDER = Object.fromEntries(
  Array.from({ length: 1_250 }, (_, index) => [`d${index % 9}/f${String(index).padStart(4, '0')}`, `${index}`]),
);

for (const lane of ['wire', 'sdk'] as const) {
  for (const deletes of [false, true]) {
    const site = deletes ? ({ order: 'site', delete: true, maxDelete: '100%' } as const) : {};
    const options = { mode: 'update', prefix: 'p/', ...site } as const;

    test(`a folder that did not change is compared by a request a page, along its own keys (${lane}${deletes ? ', site' : ''})`, async (t) => {
      const server = await serverFor(t, { buckets: { site: { pageSize: 250 } } });
      for (const [key, text] of Object.entries(FOLDER)) server.seed('site', `p/${key}`, text);
      const source = makeTree(t, FOLDER);
      const { error, report } = await run(server, { source, ...options }, { lane });
      assert.deepEqual([error, report.counts.skip], [undefined, 1_250]);
      assert.equal(server.count('ListObjectsV2'), 5);
      const ahead = server.requests.filter(({ query }) => query['start-after'] !== undefined);
      assert.ok(ahead.length >= 3, `${ahead.length} ranges`);
    });

    test(`listed along its own keys, exactly what changed in a folder is put${deletes ? ', and exactly the strays are deleted' : ''} (${lane})`, async (t) => {
      const server = await serverFor(t, { buckets: { site: { pageSize: 250 } } });
      const keys = Object.keys(FOLDER);
      const changed = keys.filter((_, index) => index % 100 === 3);
      const absent = keys.filter((_, index) => index % 100 === 50);
      const strays = ['a', 'd3/f0100x', 'd3/f9999', 'd8/zz', 'z'].flatMap((key) => [key, `${key}~\u{1f600}`]);
      for (const [key, text] of Object.entries(FOLDER))
        if (!absent.includes(key))
          server.seed('site', `p/${key}`, changed.includes(key) ? text.replace(/./, 'x') : text);
      for (const key of strays) server.seed('site', `p/${key}`, key);
      const { error, outcomes, report } = await run(server, { source: makeTree(t, FOLDER), ...options }, { lane });
      const keysOf = (action: string) => outcomes.filter((one) => one.action === action).map(({ key }) => key.slice(2));
      assert.equal(error, undefined);
      assert.deepEqual(keysOf('put').sort(), [...changed, ...absent].sort());
      assert.deepEqual(keysOf('delete').sort(), deletes ? strays.sort() : []);
      assert.equal(report.counts.skip, 1_250 - changed.length - absent.length);
      assert.ok(server.count('ListObjectsV2') <= 9, `${server.count('ListObjectsV2')} LISTs`);
    });
  }

  test(`by delimiter a listing names common prefixes, and of objects their time and class (${lane})`, async (t) => {
    const server = await serverFor(t, { buckets: { site: { pageSize: 2 } } });
    const lastModified = new Date(Date.UTC(2024, 1, 29, 1, 2, 3));
    for (const key of ['p/a+b c/1', 'p/a+b c/2', 'p/k', 'p/\u{1f600}/x'])
      server.seed('site', key, 'xy', { lastModified });
    const signal = new AbortController().signal;
    const bucket = await openBucket('site', connectionOf(connection(server)), {
      slots: new Limiter(4, signal),
      pacer: { finished: () => {}, outOfDescriptors: () => {}, exhausted: () => {}, overloaded: () => false },
      stop: signal,
      onEvent: () => {},
      lane,
    });
    t.after(() => bucket.close());
    const first = await bucket.listObjects({ prefix: 'p/', delimiter: '/' }, signal);
    const { continuationToken } = first;
    const second = await bucket.listObjects({ prefix: 'p/', delimiter: '/', continuationToken }, signal);
    assert.deepEqual([first.prefixes, second.prefixes], [['p/a+b c/'], ['p/\u{1f600}/']]);
    assert.deepEqual(
      first.objects.map(({ key, size, modified, storageClass }) => ({ key, size, modified, storageClass })),
      [{ key: 'p/k', size: 2, modified: lastModified.getTime(), storageClass: 'STANDARD' }],
    );
    assert.deepEqual([second.objects, second.continuationToken], [[], undefined]);
  });
}
