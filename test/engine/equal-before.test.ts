import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { Fault } from 'fake-s3';
import { run, serverFor } from '../support/engine.js';
import { noise, PART, runInParts } from '../support/parts.js';
import { makeTree } from '../support/tree.js';

// An object with the same bytes was there before, with other headers: it must not be taken for what the upload makes.

const SMALL = { minPartSize: 1024 };
const BIG = noise(8 * PART);

const DOUBTS: readonly (readonly [name: string, fault: Fault])[] = [
  ['complete never arrives', { verb: 'CompleteMultipartUpload', occurrences: 1, type: 'reset' }],
  [
    'complete is refused for a part',
    { verb: 'CompleteMultipartUpload', occurrences: 1, type: 'status', status: 400, code: 'InvalidPart' },
  ],
  [
    'complete finds no upload',
    { verb: 'CompleteMultipartUpload', occurrences: 1, type: 'status', status: 404, code: 'NoSuchUpload' },
  ],
  ['a part finds no upload', { verb: 'UploadPart', occurrences: 6, type: 'status', status: 404, code: 'NoSuchUpload' }],
];

for (const [name, fault] of DOUBTS) {
  test(`${name} although an equal object is there: the headers now wanted are there in the end`, async (t) => {
    const server = await serverFor(t, { buckets: { site: SMALL } });
    const source = makeTree(t, { big: BIG });
    await runInParts(server, { source, cacheControl: 'old' });
    // HTTP dates have seconds.
    server.mode({ clockOffset: 4_000 });
    server.fault(fault);
    const { error, keys } = await runInParts(server, { source, mode: 'stupid', cacheControl: 'new' });
    assert.equal(error, undefined);
    assert.deepEqual(keys('put'), ['big']);
    assert.equal(server.object('site', 'big')?.headers['cache-control'], 'new');
    assert.ok(server.object('site', 'big')?.body.equals(BIG));
  });
}

for (const [what, bytes] of [
  ['in parts', 3 * PART],
  ['in one put', 10],
] as const) {
  test(`an abort ends a stream that waits for its source, ${what}`, async (t) => {
    const server = await serverFor(t, { buckets: { site: SMALL } });
    const controller = new AbortController();
    const body = Readable.from(
      (async function* () {
        yield noise(bytes);
        setTimeout(() => controller.abort(), 50);
        await new Promise(() => {});
      })(),
    );
    const { error } = await runInParts(server, { source: [{ key: 'k', body }], signal: controller.signal });
    assert.equal(error?.name, 'AbortError');
    assert.deepEqual(server.uploads('site'), []);
  });
}

test('a run that is resumed unproven fails by name where the object has headers that are no longer wanted', async (t) => {
  const server = await serverFor(t, {
    buckets: { site: { ...SMALL, unlistedParts: 'refused', serverHeader: undefined } },
  });
  const source = makeTree(t, { big: BIG });
  const parts = Object.fromEntries([1, 2].map((n) => [n, BIG.subarray((n - 1) * PART, n * PART)]));
  server.seedUpload('site', 'big', parts, {
    headers: { 'content-type': 'application/octet-stream', 'cache-control': 'old', 'x-amz-meta-a': 'b' },
  });
  const { report } = await runInParts(server, { source, resume: 'unproven' });
  assert.equal(report.failures.length, 1);
  assert.match(report.failures[0]?.message ?? '', /cache-control.*x-amz-meta-a|x-amz-meta-a.*cache-control/);
});

test('an upload is not adopted unproven where headers are wanted that nothing shows', async (t) => {
  const server = await serverFor(t, {
    buckets: { site: { ...SMALL, unlistedParts: 'refused', serverHeader: undefined } },
  });
  const source = makeTree(t, { big: BIG });
  const id = server.seedUpload('site', 'big', { 1: BIG.subarray(0, PART) });
  const { error } = await runInParts(server, { source, resume: 'unproven', tagging: { a: 'b' } });
  assert.equal(error, undefined);
  assert.deepEqual(
    server.uploads('site').map(({ uploadId }) => uploadId),
    [id],
  );
  assert.equal((await run(server, { source, dryRun: true })).error, undefined);
});
