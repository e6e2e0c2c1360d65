import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionOf } from '../../src/options/connection.js';
import { Limiter } from '../../src/run/limiter.js';
import { openBucket } from '../../src/s3/open.js';
import { connection, run, serverFor } from '../support/engine.js';

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

for (const lane of ['wire', 'sdk'] as const) {
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
