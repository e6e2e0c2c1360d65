import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { FaultKind, S3Server, Verb } from 'fake-s3';
import { copyServer, KIB, runInOrder, seed } from '../support/copies.js';
import { runCopy } from '../support/engine.js';
import { noise, SMALL_PARTS } from '../support/parts.js';

const THREE = [4 * KIB, 4 * KIB, 2 * KIB];
const TAGS = { team: 'x' };

/** A server with an object of every kind: small, in parts with tags, empty, with headers. */
async function serverWithAll(t: TestContext): Promise<S3Server> {
  const server = await copyServer(t);
  seed(server, 'a', 'small', { headers: { 'cache-control': 'no-store' }, tags: TAGS });
  seed(server, 'big', noise(10 * KIB), { partSizes: THREE, tags: TAGS, headers: { 'x-amz-meta-a': 'b' } });
  seed(server, 'none', '', { headers: { 'x-amz-website-redirect-location': '/there' } });
  seed(server, 'z', 'last');
  return server;
}

function assertCopied(server: S3Server): void {
  assert.deepEqual(server.keys('site'), server.keys('from'));
  for (const key of server.keys('from')) {
    const [source, dest] = [server.object('from', key), server.object('site', key)];
    assert.ok(source && dest, key);
    assert.ok(dest.body.equals(source.body), key);
    assert.deepEqual([dest.etag, dest.headers, dest.tags], [source.etag, source.headers, source.tags], key);
  }
  // An upload that was created twice, as the first answer was lost, has no parts.
  assert.ok(server.uploads('site').every(({ parts }) => parts.size === 0));
}

const PASSING: readonly (readonly [name: string, fault: FaultKind])[] = [
  ['500', { type: 'status', status: 500 }],
  ['503', { type: 'status', status: 503 }],
  ['429', { type: 'status', status: 429, code: 'TooManyRequests' }],
  ['a reset', { type: 'reset' }],
  ['a lost answer', { type: 'reset', stored: true }],
  ['a truncated answer', { type: 'truncate' }],
  ['an InternalError inside a 200', { type: 'error-in-200' }],
  ['a SlowDown inside a 200', { type: 'error-in-200', code: 'SlowDown' }],
  ['an error that comes late in a 200', { type: 'slow-200', ms: 30, every: 10, code: 'InternalError' }],
];

const VERBS = [
  'ListObjectsV2',
  'HeadObject',
  'CopyObject',
  'GetObjectTagging',
  'ListMultipartUploads',
  'CreateMultipartUpload',
  'UploadPart',
  'UploadPartCopy',
  'CompleteMultipartUpload',
] as const satisfies readonly Verb[];

for (const verb of VERBS)
  for (const [name, fault] of PASSING)
    test(`${name} to ${verb} is tried again, and all is copied`, async (t) => {
      const server = await serverWithAll(t);
      const struck = server.fault({ verb, occurrences: 1, ...fault });
      const ran = await runInOrder(server);
      assert.equal(ran.error, undefined);
      assert.equal(struck.hits, 1);
      assertCopied(server);
      assert.deepEqual(ran.keys('copy'), ['a', 'big', 'none', 'z']);
      server.clearRequests();
      assert.equal((await runInOrder(server)).keys('skip').length, 4);
      assert.deepEqual(
        server.requests.map((request) => request.verb),
        ['ListObjectsV2', 'ListObjectsV2'],
      );
    });

for (const verb of ['CopyObject', 'UploadPartCopy', 'CompleteMultipartUpload'] as const) {
  test(`a ${verb} that takes its time inside a 200 is no error, and is requested once`, async (t) => {
    const server = await serverWithAll(t);
    server.fault({ verb, occurrences: 'all', type: 'slow-200', ms: 60, every: 10 });
    const ran = await runInOrder(server);
    assert.equal(ran.error, undefined);
    assertCopied(server);
    assert.equal(ran.report.retries, 0);
  });

  test(`a ${verb} that is refused inside a 200 fails its object alone, by name`, async (t) => {
    const server = await serverWithAll(t);
    const key = verb === 'CopyObject' ? 'a' : 'big';
    server.fault({ verb, key, occurrences: 'all', type: 'error-in-200', code: 'AccessDenied', message: 'No.' });
    const ran = await runInOrder(server);
    assert.equal(ran.error?.name, 'PartialFailureError');
    assert.deepEqual([ran.keys('fail'), ran.keys('copy').length], [[key], 3]);
    assert.deepEqual(
      ran.report.failures.map((failure) => [failure.key, failure.code]),
      [[key, 'AccessDenied']],
    );
    assert.ok(!server.keys('site').includes(key));
    assert.equal(server.count(verb), verb === 'CopyObject' ? 3 : verb === 'UploadPartCopy' ? server.count(verb) : 1);
  });

  test(`a ${verb} that always responds with an error inside a 200 fails after its attempts`, async (t) => {
    const server = await serverWithAll(t);
    server.fault({ verb, key: /^(a|big)$/, occurrences: 'all', type: 'error-in-200' });
    const ran = await runInOrder(server, { maxAttempts: 3 });
    const key = verb === 'CopyObject' ? 'a' : 'big';
    assert.deepEqual(
      ran.report.failures.map((failure) => [failure.key, failure.code]),
      [[key, 'InternalError']],
    );
    assert.ok(!server.keys('site').includes(key));
  });

  test(`a ${verb} that names another ETag than what it made does no harm`, async (t) => {
    const server = await serverWithAll(t);
    server.fault({ verb, occurrences: 1, type: 'wrong-etag' });
    const ran = await runInOrder(server);
    assert.equal(ran.error, undefined);
    assertCopied(server);
  });
}

test('a key that appears at the destination meanwhile stays, where the server has conditional copies', async (t) => {
  const server = await serverWithAll(t);
  const appear = () => server.seed('site', 'a', 'theirs');
  const ran = await runInOrder(server, { mode: 'add', ...onceListed(server, appear) });
  assert.equal(ran.error, undefined);
  assert.deepEqual([ran.keys('skip'), ran.reasonOf('a')], [['a'], 'appeared during the run']);
  assert.equal(server.object('site', 'a')?.body.toString(), 'theirs');
  const copies = server.requests.filter(({ verb }) => verb === 'CopyObject');
  assert.ok(copies.every(({ headers }) => headers['if-none-match'] === '*'));
});

test('where a server is not known to support conditional copies, a warning says so and no condition is sent', async (t) => {
  const server = await serverWithAll(t);
  server.mode({ serverHeader: 'VERSITYGW', conditionalCopies: 'ignored' });
  const ran = await runInOrder(server, { mode: 'add' });
  assert.equal(ran.error, undefined);
  assertCopied(server);
  assert.ok(ran.report.warnings.some((text) => text.startsWith('This server may have no conditional copies')));
  const copies = server.requests.filter(({ verb }) => verb === 'CopyObject');
  assert.ok(copies.every(({ headers }) => headers['if-none-match'] === undefined));
});

test('mode add does not take the copy of its own lost answer for somebody else’s', async (t) => {
  const server = await serverWithAll(t);
  server.fault({ verb: 'CopyObject', occurrences: 1, key: 'a', type: 'reset', stored: true });
  server.fault({ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'reset', stored: true });
  const ran = await runInOrder(server, { mode: 'add' });
  assert.equal(ran.error, undefined);
  assert.deepEqual(ran.keys('copy').includes('big'), true);
  assertCopied(server);
});

test('what is never answered is tried again once patience is over', async (t) => {
  const hasty = { ...SMALL_PARTS, patience: { connectMs: 10_000, sendMs: 2_000, responseMs: 2_000 } };
  const verbs = ['ListObjectsV2', 'HeadObject', 'GetObjectTagging', 'UploadPart', 'ListMultipartUploads'] as const;
  const runs = verbs.map(async (verb) => {
    const server = await serverWithAll(t);
    server.fault({ verb, occurrences: 1, type: 'stall' });
    const ran = await runCopy(server, {}, hasty);
    assert.equal(ran.error, undefined, verb);
    assertCopied(server);
    assert.ok(ran.report.retries >= 1);
  });
  await Promise.all(runs);
});

function onceListed(server: S3Server, act: () => void): { readonly onEvent: () => void } {
  let done = false;
  return {
    onEvent() {
      if (done || server.count('ListObjectsV2') < 2) return;
      done = true;
      act();
    },
  };
}
