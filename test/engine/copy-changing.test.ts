import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { S3Server, Verb } from 'fake-s3';
import { copyServer, KIB, runInOrder, seed } from '../support/copies.js';
import { noise } from '../support/parts.js';

const THREE = [4 * KIB, 4 * KIB, 2 * KIB];
const OLD = noise(10 * KIB, 1);
const NEW = noise(10 * KIB, 2);

/** Does something to the server when the nth request of a verb ends. */
function after(server: S3Server, verb: Verb, n: number, act: () => void): { readonly onEvent: () => void } {
  let done = false;
  return {
    onEvent() {
      if (done || server.requests.filter((request) => request.verb === verb && request.status !== 0).length < n) return;
      done = true;
      act();
    },
  };
}

async function withBig(t: TestContext, partSizes: number[] | undefined): Promise<S3Server> {
  const server = await copyServer(t);
  seed(server, 'big', OLD, partSizes === undefined ? {} : { partSizes });
  return server;
}

for (const [name, before, now] of [
  ['an object in one piece', undefined, undefined],
  ['one in parts by another in parts', THREE, THREE],
  ['one in parts by one in other parts', THREE, [6 * KIB, 4 * KIB]],
  ['one in parts by one in one piece', THREE, undefined],
  ['one in one piece by one in parts', undefined, THREE],
] as const)
  test(`a source overwritten after it was listed is copied as it is now: ${name}`, async (t) => {
    const server = await withBig(t, before && [...before]);
    const ran = await runInOrder(
      server,
      after(server, 'ListObjectsV2', 1, () => {
        server.seed('from', 'big', NEW, { headers: { 'x-amz-meta-of': 'new' }, ...(now && { partSizes: now }) });
      }),
    );
    assert.equal(ran.error, undefined);
    const object = server.object('site', 'big');
    assert.ok(object?.body.equals(NEW));
    assert.equal(object?.etag, server.object('from', 'big')?.etag);
    assert.equal(object?.headers['x-amz-meta-of'], 'new');
    assert.deepEqual([server.keys('site'), server.uploads('site')], [['big'], []]);
    assert.equal(ran.report.heads['the source has changed'], 1);
  });

for (const [verb, n] of [
  ['HeadObject', 1],
  ['CreateMultipartUpload', 1],
  ['UploadPartCopy', 1],
  ['UploadPartCopy', 2],
] as const)
  test(`a source overwritten after ${verb} ${n} never makes a mix`, async (t) => {
    const server = await withBig(t, THREE);
    const other = () => server.seed('from', 'big', NEW, { partSizes: THREE });
    const ran = await runInOrder(server, after(server, verb, n, other));
    assert.equal(ran.error, undefined);
    assert.ok(server.object('site', 'big')?.body.equals(NEW));
    assert.deepEqual(server.uploads('site'), [], 'the upload of the old state is aborted');
    assert.deepEqual(ran.keys('copy'), ['big']);
  });

test('a source that is overwritten again and again fails by name, and others are copied', async (t) => {
  const server = await withBig(t, undefined);
  seed(server, 'calm', 'calm');
  let version = 0;
  const ran = await runInOrder(server, {
    onEvent: () => {
      version += 1;
      server.seed('from', 'big', noise(KIB, version));
    },
  });
  assert.equal(ran.error?.name, 'PartialFailureError');
  assert.deepEqual([ran.keys('fail'), ran.keys('copy')], [['big'], ['calm']]);
  assert.equal(ran.report.failures[0]?.code, 'SourceChanged');
  assert.match(ran.report.failures[0]?.message ?? '', /^s3:\/\/from\/big changed while it was copied/);
  assert.deepEqual(server.keys('site'), ['calm']);
});

for (const partSizes of [undefined, THREE])
  test(`a source that is deleted after it was listed fails by name (${partSizes === undefined ? 'one piece' : 'parts'})`, async (t) => {
    const server = await withBig(t, partSizes);
    seed(server, 'calm', 'calm');
    const fault = { type: 'status', status: 404, code: 'NoSuchKey', key: 'big', occurrences: 'all' } as const;
    for (const verb of ['CopyObject', 'HeadObject', 'UploadPartCopy'] as const) server.fault({ verb, ...fault });
    const ran = await runInOrder(server);
    assert.equal(ran.error?.name, 'PartialFailureError');
    assert.deepEqual([ran.keys('fail'), ran.keys('copy')], [['big'], ['calm']]);
    assert.equal(ran.report.failures[0]?.code, 'NoSuchKey');
    assert.deepEqual([server.keys('site'), server.uploads('site')], [['calm'], []]);
  });

test('an object that is put at the destination meanwhile is not replaced in mode add', async (t) => {
  for (const partSizes of [undefined, THREE]) {
    const server = await withBig(t, partSizes);
    const verb = partSizes === undefined ? 'ListObjectsV2' : 'UploadPartCopy';
    const theirs = () => server.seed('site', 'big', 'theirs');
    const ran = await runInOrder(server, { mode: 'add', ...after(server, verb, 2, theirs) });
    assert.equal(ran.error, undefined);
    assert.equal(ran.reasonOf('big'), 'appeared during the run');
    assert.equal(server.object('site', 'big')?.body.toString(), 'theirs');
    assert.deepEqual(server.uploads('site'), []);
  }
});
