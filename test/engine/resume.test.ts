import assert from 'node:assert/strict';
import { mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { S3Mode, S3Server } from 'fake-s3';
import type { PutOptions } from '../../src/index.js';
import { serverFor } from '../support/engine.js';
import { noise, PART, partNumber, partsSent, runInParts } from '../support/parts.js';
import { makeTree } from '../support/tree.js';

const SMALL = { minPartSize: 1024 };
const BIG = noise(10 * PART);

/** A server to which a run has sent some parts of `big` before it was refused. */
async function interrupted(
  t: TestContext,
  { site = {}, ...options }: Partial<PutOptions> & { readonly site?: Partial<S3Mode> } = {},
): Promise<{ readonly server: S3Server; readonly source: string; readonly arrived: number[] }> {
  const server = await serverFor(t, { buckets: { site: { ...SMALL, ...site } } });
  const source = makeTree(t, { big: BIG });
  const denied = { type: 'status', status: 403, code: 'AccessDenied' } as const;
  const fault = server.fault({ verb: 'UploadPart', occurrences: [6, 7, 8, 9, 10, 11], ...denied });
  const ran = await runInParts(server, { source, concurrency: 2, ...options });
  assert.deepEqual(ran.keys('fail'), ['big']);
  fault.clear();
  return { server, source, arrived: arrivedIn(server) };
}

function arrivedIn(server: S3Server): number[] {
  const [upload] = server.uploads('site');
  return [...(upload?.parts.keys() ?? [])].filter((number) => number < 10_000).sort((a, b) => a - b);
}

function missing(arrived: readonly number[]): number[] {
  return Array.from({ length: 10 }, (_, index) => index + 1).filter((number) => !arrived.includes(number));
}

for (const [name, mode] of [
  ['by checksums', {}],
  ['by ETags', { checksums: 'ignored' }],
  ['by checksums where a key encrypts', { kms: true }],
  ['where nothing is listed after a marker that is no part', { partsAfterUnknownMarker: 'empty', pageSize: 3 }],
  ['where a prefix must be a whole key', { uploadListing: 'minio', pageSize: 2 }],
] as const) {
  test(`a rerun sends only the parts that are missing, proved ${name}`, async (t) => {
    const { server, source, arrived } = await interrupted(t, { site: mode });
    assert.ok(arrived.length > 0 && arrived.length < 10, `${arrived}`);
    server.clearRequests();
    const ran = await runInParts(server, { source });
    assert.equal(ran.error, undefined);
    assert.deepEqual(partsSent(server), missing(arrived));
    assert.ok(server.object('site', 'big')?.body.equals(BIG));
    assert.deepEqual(server.uploads('site'), []);
    assert.equal(server.count('CreateMultipartUpload'), 0);
    const [outcome] = ran.outcomes;
    assert.deepEqual([outcome?.bytes, outcome?.takenOver], [BIG.length, arrived.length * PART]);
    assert.ok(ran.events.some((event) => event.type === 'progress' && event.takenOver === arrived.length * PART));
    for (let count = 1; count < arrived.length; count++)
      assert.ok(
        ran.events.some((event) => event.type === 'progress' && event.takenOver === count * PART),
        'each part counts when it is proven',
      );
  });
}

test('parts that were proven do not count where another one is not', async (t) => {
  const { server, source, arrived } = await interrupted(t);
  const last = arrived.at(-1) ?? 0;
  const other = Buffer.from(BIG);
  other[(last - 1) * PART] = (other[(last - 1) * PART] ?? 0) ^ 1;
  writeFileSync(join(source, 'big'), other);
  const ran = await runInParts(server, { source });
  assert.equal(ran.error, undefined);
  assert.ok(server.object('site', 'big')?.body.equals(other));
  const progress = ran.events.filter((event) => event.type === 'progress');
  const [final] = progress.slice(-1);
  assert.deepEqual([final?.bytes, final?.takenOver], [BIG.length, undefined]);
  assert.equal(ran.outcomes[0]?.takenOver, undefined);
});

test('mode stupid resumes too, although it looks at no object', async (t) => {
  const { server, source, arrived } = await interrupted(t, { mode: 'stupid' });
  server.clearRequests();
  const ran = await runInParts(server, { source, mode: 'stupid' });
  assert.equal(ran.error, undefined);
  assert.deepEqual(partsSent(server), missing(arrived));
  assert.deepEqual([server.count('ListObjectsV2'), server.count('HeadObject')], [0, 0]);
});

test('a rerun from another directory, with another modification time, resumes', async (t) => {
  const { server, source, arrived } = await interrupted(t);
  const elsewhere = join(makeTree(t, { x: '' }), 'deep/site');
  mkdirSync(dirname(elsewhere), { recursive: true });
  renameSync(source, elsewhere);
  utimesSync(join(elsewhere, 'big'), 1, 1);
  server.clearRequests();
  const ran = await runInParts(server, { source: elsewhere });
  assert.equal(ran.error, undefined);
  assert.deepEqual(partsSent(server), missing(arrived));
});

test('the first run says what lies there, what it costs, and how to go on', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  server.fault({ verb: 'UploadPart', occurrences: [5, 6, 7, 8], type: 'status', status: 403, code: 'AccessDenied' });
  const ran = await runInParts(server, { source: makeTree(t, { big: BIG }), concurrency: 1 });
  assert.match(
    ran.report.warnings.join(),
    /s3:\/\/site\/big is unfinished: [1-9] of 10 parts \(\d{3}\.\d kB\) are in the bucket and cost less than a cent a month/,
  );
});

for (const [name, change, options] of [
  [
    'a part that differs',
    (root: string, [first = 1]: readonly number[]) => {
      const other = Buffer.from(BIG);
      other.fill(0, (first - 1) * PART, (first - 1) * PART + 4);
      writeFileSync(join(root, 'big'), other);
    },
    {},
  ],
  ['another length', (root: string) => writeFileSync(join(root, 'big'), BIG.subarray(4)), {}],
  ['other headers', () => {}, { cacheControl: 'no-cache' }],
] as const) {
  test(`${name}: the old upload is left alone with a warning, and a new one has all parts`, async (t) => {
    const { server, source, arrived } = await interrupted(t);
    const [old] = server.uploads('site');
    change(source, arrived);
    server.clearRequests();
    const ran = await runInParts(server, { source, ...options });
    assert.equal(ran.error, undefined);
    const size = server.object('site', 'big')?.size ?? 0;
    assert.equal(partsSent(server).length, Math.ceil(size / PART));
    assert.deepEqual(
      server.uploads('site').map(({ uploadId }) => uploadId),
      [old?.uploadId],
    );
    assert.match(ran.report.warnings.join(), /an unfinished upload exists that this run did not resume/);
  });
}

test('a stray part among the right ones spoils the upload', async (t) => {
  const { server, source, arrived } = await interrupted(t);
  const uploadId = server.uploads('site')[0]?.uploadId ?? '';
  const stray = server.uploads('site')[0]?.parts.get(arrived[0] ?? 0);
  assert.ok(stray !== undefined);
  const parts = server.uploads('site')[0]?.parts as Map<number, typeof stray>;
  parts.set(stray.number, {
    ...stray,
    body: Buffer.alloc(PART),
    etag: 'f'.repeat(32),
    checksum: { algorithm: 'crc32', value: 'AAAAAA==' },
  });
  server.clearRequests();
  const ran = await runInParts(server, { source });
  assert.equal(ran.error, undefined);
  assert.equal(partsSent(server).length, 10);
  assert.ok(server.object('site', 'big')?.body.equals(BIG));
  assert.deepEqual(
    server.uploads('site').map((upload) => upload.uploadId),
    [uploadId],
  );
});

test("another tool's upload of the very same parts is not touched", async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const foreign = server.seedUpload('site', 'big', { 1: BIG.subarray(0, PART), 2: BIG.subarray(PART, 2 * PART) });
  server.seedUpload('site', 'big-other', { 1: BIG.subarray(0, PART) });
  const ran = await runInParts(server, { source: makeTree(t, { big: BIG }) });
  assert.equal(ran.error, undefined);
  assert.equal(partsSent(server).length, 10);
  assert.equal(server.uploads('site').length, 2);
  assert.ok(server.uploads('site').some(({ uploadId }) => uploadId === foreign));
});

test('of several uploads the one with most parts is resumed, with a warning about the others', async (t) => {
  const { server, source, arrived } = await interrupted(t);
  const [more] = server.uploads('site');
  const fewer = server.seedUpload('site', 'big', {}, { checksum: { algorithm: 'crc32', type: 'FULL_OBJECT' } });
  const parts = server.uploads('site').find(({ uploadId }) => uploadId === fewer)?.parts as Map<number, unknown>;
  for (const number of [arrived[0] ?? 0, 10_000]) parts.set(number, more?.parts.get(number));
  server.clearRequests();
  const ran = await runInParts(server, { source });
  assert.equal(ran.error, undefined);
  assert.deepEqual(partsSent(server), missing(arrived));
  assert.deepEqual(
    server.uploads('site').map(({ uploadId }) => uploadId),
    [fewer],
  );
  assert.match(ran.report.warnings.join(), /an unfinished upload exists/);
});

test('resume off looks for nothing, marks nothing and leaves nothing', async (t) => {
  const { server } = await interrupted(t, { resume: 'off' });
  assert.deepEqual(server.uploads('site'), []);
  assert.equal(server.count('ListMultipartUploads'), 0);
  assert.equal(server.count('AbortMultipartUpload'), 1);
  assert.ok(server.requests.every((request) => request.verb !== 'UploadPart' || partNumber(request) < 10_000));
});

test('where listings are denied nothing is left, and one warning says why', async (t) => {
  for (const verb of ['ListMultipartUploads', 'ListParts'] as const) {
    const server = await serverFor(t, { buckets: { site: { ...SMALL, deny: [verb] } } });
    if (verb === 'ListParts') server.seedUpload('site', 'big', { 1: 'x' });
    const ran = await runInParts(server, { source: makeTree(t, { big: BIG, big2: BIG }) });
    assert.equal(ran.error, undefined, verb);
    assert.equal(ran.report.warnings.filter((text) => /cannot be listed/.test(text)).length, 1);
    assert.ok(server.object('site', 'big')?.body.equals(BIG));
  }
  const { server } = await interrupted(t, { site: { deny: ['ListMultipartUploads'] } });
  assert.deepEqual(server.uploads('site'), []);
});

test('a server that does not take marks gets none; what fails is aborted, and the way out is named', async (t) => {
  const mode = { unlistedParts: 'refused', serverHeader: 'Ceph Object Gateway' } as const;
  const { server, source } = await interrupted(t, { site: mode });
  assert.deepEqual(server.uploads('site'), []);
  server.clearRequests();
  const ran = await runInParts(server, { source });
  assert.equal(ran.error, undefined);
  assert.equal(
    server.requests.filter((request) => request.verb === 'UploadPart' && partNumber(request) === 10_000).length,
    0,
  );
});

test("resume 'unproven' keeps it there, resumes by parts alone, and compares the headers afterwards", async (t) => {
  const mode = { unlistedParts: 'refused', serverHeader: 'Ceph Object Gateway' } as const;
  const { server, source, arrived } = await interrupted(t, { site: mode, resume: 'unproven' });
  assert.ok(arrived.length > 0);
  server.clearRequests();
  const ran = await runInParts(server, { source, resume: 'unproven' });
  assert.equal(ran.error, undefined);
  assert.deepEqual(partsSent(server), missing(arrived));
  assert.equal(server.count('HeadObject'), 1);

  const other = await interrupted(t, { site: mode, resume: 'unproven' });
  const changed = await runInParts(other.server, {
    source: other.source,
    resume: 'unproven',
    cacheControl: 'no-cache',
  });
  assert.deepEqual(
    changed.report.failures.map(({ code }) => code),
    ['HeadersDiffer'],
  );
});

test('an upload that never goes through because of its mark is begun again without', async (t) => {
  const server = await serverFor(t, { buckets: { site: { ...SMALL, unlistedParts: 'refused' } } });
  const ran = await runInParts(server, { source: makeTree(t, { big: BIG }) });
  assert.equal(ran.error, undefined);
  assert.ok(server.object('site', 'big')?.body.equals(BIG));
  assert.deepEqual(server.uploads('site'), []);
});

test('an abort stops new parts, leaves the upload for the next run, and says so', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const slow = server.fault({ verb: 'UploadPart', occurrences: 'all', type: 'delay', ms: 100 });
  const source = makeTree(t, { big: BIG });
  const controller = new AbortController();
  const ran = await runInParts(server, {
    source,
    concurrency: 2,
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === 'progress' && event.bytes >= 3 * PART) controller.abort();
    },
  });
  assert.equal(ran.error?.name, 'AbortError');
  const [failure] = ran.report.unknown;
  assert.deepEqual([ran.report.counts.unknown, ran.report.counts.fail], [1, 0]);
  assert.match(
    failure?.message ?? '',
    /big was on its way when the run ended; \d of 10 parts \((\d{3}\.\d kB|1\.\d MB)\) are in the bucket/,
  );
  const error = ran.outcomes[0]?.error as { readonly hint?: string } | undefined;
  assert.match(error?.hint ?? '', /Run the same command again/);
  const arrived = arrivedIn(server);
  assert.ok(arrived.length >= 3 && arrived.length <= 8);
  slow.clear();
  server.clearRequests();
  const again = await runInParts(server, { source });
  assert.equal(again.error, undefined);
  assert.deepEqual(partsSent(server), missing(arrived));
});

test('an abort leaves nothing where nothing could be resumed', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  server.fault({ verb: 'UploadPart', occurrences: 'all', type: 'delay', ms: 100 });
  const controller = new AbortController();
  await runInParts(server, {
    source: makeTree(t, { big: BIG }),
    resume: 'off',
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === 'progress' && event.bytes >= 3 * PART) controller.abort();
    },
  });
  assert.deepEqual(server.uploads('site'), []);
});
