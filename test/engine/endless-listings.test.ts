import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uploads } from '../../src/uploads.js';
import { connection, run, runCopy, serverFor } from '../support/engine.js';

const KEYS = ['a', 'b', 'c', 'd', 'e'];
/** Their number is not known in advance: for a few files a long listing is not read. */
async function* items() {
  yield* ['z', 'zz'].map((key) => ({ key, body: key }));
}

const PART = Buffer.alloc(5 * 1024 * 1024, 'x');

for (const listings of ['repeat', 'empty'] as const) {
  for (const pageSize of [1, 2, 5, 1000]) {
    test(`a listing that goes on with ${listings} pages, ${pageSize} keys a page, ends a put and a copy`, async (t) => {
      const server = await serverFor(t, {
        buckets: { site: { pageSize, listings }, from: { pageSize, listings }, dest: {} },
      });
      for (const key of KEYS) server.seed('site', key, key);
      for (const key of KEYS) server.seed('from', key, key);
      const put = await run(server, { source: items() });
      const copied = await runCopy(server, { destination: 's3://dest' });
      for (const { error } of [put, copied]) {
        assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'EndlessListing']);
        assert.match(
          error?.message ?? '',
          /^ListObjectsV2 s3:\/\/(site|from): the listing goes round: ("a" is listed twice|1,000 pages in a row are empty)$/,
        );
        assert.match(error?.hint ?? '', /repeats pages/);
      }
      assert.equal(put.report.counts.put, 0);
      // Each object was copied once at most.
      assert.ok(copied.report.counts.copy <= KEYS.length, `${copied.report.counts.copy} copies`);
      assert.equal(new Set(copied.outcomes.map(({ key }) => key)).size, copied.outcomes.length);
    });
  }

  test(`a list of uploads, or of their parts, that goes on with ${listings} pages ends`, async (t) => {
    const server = await serverFor(t);
    const { endpointUrl, region, credentials } = connection(server);
    const given = { bucket: 'site', endpointUrl, region, credentials };
    const interrupted = { source: [{ key: 'big', body: Buffer.concat([PART, PART]) }], multipartThreshold: '5MiB' };
    server.fault({ verb: 'CompleteMultipartUpload', occurrences: 'all', type: 'status', status: 403 });
    await run(server, { ...interrupted, partSize: '5MiB' });
    server.mode({ listings }, 'site');
    const error = await uploads({ ...given }).then(
      () => undefined,
      (thrown) => thrown,
    );
    assert.deepEqual([error?.name, error?.code], ['S3RequestError', 'EndlessListing']);
    assert.match(error?.message ?? '', /^List(MultipartUploads|Parts) s3:\/\/site(\/big)?: the listing goes round: /);
  });
}

test('a server without order lists all pages, also if a page begins with the last key of the one before', async (t) => {
  const server = await serverFor(t, {
    buckets: { site: { pageSize: 1, order: 'utf16' }, from: { pageSize: 1, order: 'utf16' } },
  });
  const keys = ['\uff5e', '\u{1f600}', 'z'];
  for (const key of keys) server.seed('from', key, key);
  const { error, report } = await runCopy(server);
  assert.deepEqual([error, report.counts.copy], [undefined, 3]);
});

for (const filter of [{ include: ['m/**', 'x/**'] }, { exclude: ['b/**', 'm/**'] }]) {
  test(`a server that ignores where a listing is to start is listed to its end with ${JSON.stringify(filter)}`, async (t) => {
    const keys = ['a/1', 'b/1', 'b/2', 'b/3', 'm/1', 'm/2', 'x/1'];
    for (const startAfter of ['supported', 'ignored'] as const) {
      const server = await serverFor(t, { buckets: { from: { pageSize: 2, startAfter }, site: {} } });
      for (const key of keys) server.seed('from', key, key);
      const { error, outcomes } = await runCopy(server, filter);
      const wanted = 'include' in filter ? ['m/1', 'm/2', 'x/1'] : ['a/1', 'x/1'];
      assert.deepEqual([error, outcomes.map(({ key }) => key).sort()], [undefined, wanted]);
    }
  });
}

test('where both markers of a list of uploads are refused, all uploads are listed by the key alone', async (t) => {
  const server = await serverFor(t, {
    buckets: { site: { pageSize: 2, uploadMarkers: 'key', serverHeader: 'VERSITYGW' } },
  });
  const { endpointUrl, region, credentials } = connection(server);
  const begun = ['a', 'b', 'b', 'b', 'c', 'd', 'd'];
  for (const key of begun) server.seedUpload('site', key);
  server.mode({ pageSize: 2 }, 'site');
  const found = await uploads({ bucket: 'site', endpointUrl, region, credentials });
  assert.deepEqual(new Set(found.map(({ key }) => key)), new Set(begun));
  assert.equal(new Set(found.map(({ uploadId }) => uploadId)).size, found.length);
});
