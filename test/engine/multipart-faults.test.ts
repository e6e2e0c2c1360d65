import assert from 'node:assert/strict';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Fault, S3Server } from 'fake-s3';
import type { RunEvent } from '../../src/index.js';
import { serverFor } from '../support/engine.js';
import { noise, PART, partsSent, runInParts } from '../support/parts.js';
import { makeTree } from '../support/tree.js';

const SMALL = { minPartSize: 1024 };
const BIG = noise(8 * PART);

function assertStored(server: S3Server, bytes: Buffer = BIG): void {
  assert.ok(server.object('site', 'big')?.body.equals(bytes), 'the object has the bytes of the source');
  assert.deepEqual(server.uploads('site'), [], 'no upload is left');
}

/** Faults that end equal, and how often parts are sent then. */
const PASSING: readonly (readonly [name: string, faults: readonly Fault[], parts: number])[] = [
  ['503 on create', [{ verb: 'CreateMultipartUpload', occurrences: 1, type: 'status', status: 503 }], 8],
  ['503 on a part', [{ verb: 'UploadPart', occurrences: 4, type: 'status', status: 503 }], 9],
  ['a reset in the middle of a part', [{ verb: 'UploadPart', occurrences: 4, type: 'reset', after: 0.3 * PART }], 9],
  ['a truncated answer to a part', [{ verb: 'UploadPart', occurrences: 4, type: 'truncate' }], 9],
  ['a wrong ETag for a part', [{ verb: 'UploadPart', occurrences: 4, type: 'wrong-etag' }], 8],
  ['a wrong checksum for a part', [{ verb: 'UploadPart', occurrences: 4, type: 'wrong-checksum' }], 9],
  ['200 with an error on complete', [{ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'error-in-200' }], 8],
  [
    'an error after minutes of spaces on complete',
    [{ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'slow-200', ms: 300, code: 'InternalError' }],
    8,
  ],
  [
    'spaces before the answer to complete',
    [{ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'slow-200', ms: 300 }],
    8,
  ],
  ['a lost answer on complete', [{ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'reset', stored: true }], 8],
  ['a truncated answer on complete', [{ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'truncate' }], 8],
  ['complete never arrives', [{ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'reset' }], 8],
  [
    '409 on complete, twice',
    [
      {
        verb: 'CompleteMultipartUpload',
        occurrences: [1, 2],
        type: 'status',
        status: 409,
        code: 'ConditionalRequestConflict',
      },
    ],
    24,
  ],
  [
    'InvalidPart on complete',
    [{ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'status', status: 400, code: 'InvalidPart' }],
    8,
  ],
  [
    'NoSuchUpload on complete although nothing is stored',
    [{ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'status', status: 404, code: 'NoSuchUpload' }],
    16,
  ],
  [
    'a denied listing of uploads',
    [{ verb: 'ListMultipartUploads', occurrences: 'all', type: 'status', status: 403, code: 'AccessDenied' }],
    8,
  ],
  ['a wrong checksum of the whole', [{ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'wrong-checksum' }], 8],
];

for (const [name, faults, parts] of PASSING) {
  for (const mode of ['update', 'add'] as const) {
    test(`${name}: the object is right in the end (${mode})`, async (t) => {
      const server = await serverFor(t, { buckets: { site: SMALL } });
      for (const fault of faults) server.fault(fault);
      const ran = await runInParts(server, { source: makeTree(t, { big: BIG }), mode, concurrency: 3 });
      assert.equal(ran.error, undefined);
      assert.deepEqual(ran.keys('put'), ['big']);
      const left = name.startsWith('NoSuchUpload') ? 1 : 0;
      assert.ok(server.object('site', 'big')?.body.equals(BIG));
      assert.equal(server.uploads('site').length, left);
      assert.equal(partsSent(server).length, parts);
      for (const [verb, count] of Object.entries(ran.report.requests))
        assert.equal(count, server.count(verb as 'PutObject'), verb);
    });
  }
}

test('three conflicts on complete are a failure that says so, and leave nothing', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  server.fault({
    verb: 'CompleteMultipartUpload',
    occurrences: 'all',
    type: 'status',
    status: 409,
    code: 'OperationAborted',
  });
  const ran = await runInParts(server, { source: makeTree(t, { big: BIG }) });
  assert.deepEqual(
    ran.report.failures.map(({ code }) => code),
    ['OperationAborted'],
  );
  assert.equal(server.count('CreateMultipartUpload'), 3);
  assert.deepEqual(server.uploads('site'), []);
});

/** Does something once so many parts have arrived. */
function afterParts(count: number, act: () => void): (event: RunEvent) => void {
  let seen = 0;
  return (event) => {
    if (event.type === 'request' && event.verb === 'UploadPart' && ++seen === count) act();
  };
}

test('an upload that somebody aborts meanwhile is begun again', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const abort = () => server.abortUpload('site', server.uploads('site')[0]?.uploadId ?? '');
  const onEvent = afterParts(4, abort);
  const ran = await runInParts(server, { source: makeTree(t, { big: BIG }), concurrency: 2, onEvent });
  assert.equal(ran.error, undefined);
  assert.equal(server.count('CreateMultipartUpload'), 2);
  assertStored(server);
});

test('an upload that another run has completed meanwhile is no work any more', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const onEvent = afterParts(4, () => {
    server.abortUpload('site', server.uploads('site')[0]?.uploadId ?? '');
    server.seed('site', 'big', BIG, { partSizes: Array<number>(8).fill(PART) });
  });
  const ran = await runInParts(server, { source: makeTree(t, { big: BIG }), concurrency: 2, onEvent });
  assert.equal(ran.error, undefined);
  assert.deepEqual([ran.keys('skip'), ran.reasonOf('big')], [['big'], 'appeared during the run']);
  assert.equal(server.count('CreateMultipartUpload'), 1);
});

for (const [name, change] of [
  ['grows', (path: string) => appendFileSync(path, 'more')],
  [
    'is replaced',
    (path: string) => {
      writeFileSync(`${path}.new`, noise(7 * PART, 5));
      renameSync(`${path}.new`, path);
    },
  ],
] as const) {
  test(`a source that ${name} while it is read is read once more, and never mixed`, async (t) => {
    const server = await serverFor(t, { buckets: { site: SMALL } });
    const root = makeTree(t, { big: BIG });
    const onEvent = afterParts(4, () => change(join(root, 'big')));
    const ran = await runInParts(server, { source: join(root, 'big'), concurrency: 1, onEvent });
    assert.equal(ran.error, undefined);
    const { readFileSync } = await import('node:fs');
    if (name === 'grows') assertStored(server, readFileSync(join(root, 'big')));
    // What was open was replaced by a name: the bytes are those that were opened.
    else
      assert.ok(
        [BIG, readFileSync(join(root, 'big'))].some((bytes) => server.object('site', 'big')?.body.equals(bytes)),
      );
    assert.deepEqual(server.uploads('site'), []);
  });
}

test('a source that changes again and again fails by name, and leaves nothing', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const root = makeTree(t, { big: BIG });
  const onEvent = (event: RunEvent) => {
    if (event.type === 'request' && event.verb === 'UploadPart') appendFileSync(join(root, 'big'), 'x');
  };
  const ran = await runInParts(server, { source: root, concurrency: 1, onEvent });
  assert.deepEqual(
    ran.report.failures.map(({ code }) => code),
    ['SourceChanged'],
  );
  assert.deepEqual([server.uploads('site'), server.keys('site')], [[], []]);
});

test('mode add never overwrites what appears while parts are sent, and leaves no upload', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const onEvent = afterParts(4, () => server.seed('site', 'big', 'theirs'));
  const ran = await runInParts(server, { source: makeTree(t, { big: BIG }), mode: 'add', onEvent });
  assert.equal(ran.error, undefined);
  assert.equal(ran.reasonOf('big'), 'appeared during the run');
  assert.equal(server.object('site', 'big')?.body.toString(), 'theirs');
  assert.deepEqual(server.uploads('site'), []);
});

test('two runs on one key at once: both end well or say what happened, and nothing is left unsaid', async (t) => {
  for (const mode of ['update', 'add'] as const) {
    const server = await serverFor(t, { buckets: { site: SMALL } });
    server.fault({ verb: 'UploadPart', occurrences: 'all', type: 'delay', ms: 5 });
    const source = makeTree(t, { big: BIG });
    const runs = await Promise.all([0, 1].map(() => runInParts(server, { source, mode, concurrency: 2 })));
    assert.ok(server.object('site', 'big')?.body.equals(BIG));
    assert.ok(
      runs.some((ran) => ran.keys('put').length === 1),
      'one has put it',
    );
    for (const ran of runs) assert.equal(ran.error, undefined);
    for (const { uploadId } of server.uploads('site'))
      assert.ok(
        runs.some(({ report }) => report.warnings.join().includes('unfinished')),
        uploadId,
      );
  }
});

test('two runs with different bytes for one key never mix them', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  server.fault({ verb: 'UploadPart', occurrences: 'all', type: 'delay', ms: 5 });
  const other = Buffer.concat([BIG.subarray(0, 6 * PART), noise(2 * PART, 9)]);
  const sources = [BIG, other].map((bytes) => makeTree(t, { big: bytes }));
  const runs = await Promise.all(sources.map((source) => runInParts(server, { source, concurrency: 2 })));
  assert.ok([BIG, other].some((bytes) => server.object('site', 'big')?.body.equals(bytes)));
  for (const ran of runs) assert.equal(ran.error, undefined);
});
