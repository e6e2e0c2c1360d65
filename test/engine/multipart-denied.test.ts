import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { noise, PART, partsSent, runInParts, SMALL_PARTS } from '../support/parts.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

const BIG = noise(6 * PART);

test('an ACL in a bucket without ACLs ends the run with one message and leaves no upload', async (t) => {
  const server = await serverFor(t);
  const ran = await runInParts(server, { source: makeTree(t, { a: BIG, b: BIG }), acl: 'public-read' });
  assert.deepEqual([ran.error?.name, ran.error?.code], ['RunStoppedError', 'AccessControlListNotSupported']);
  assert.deepEqual(server.uploads('site'), []);
});

test('denied writes are reported by the permission that is missing', async (t) => {
  const server = await serverFor(t, { buckets: { site: { deny: ['CreateMultipartUpload'] } } });
  const ran = await runInParts(server, { source: makeTree(t, { a: BIG }) });
  assert.deepEqual([ran.error?.name, ran.error?.code], ['RunStoppedError', 'AccessDenied']);
  assert.match(ran.error?.hint ?? '', /s3:PutObject/);
});

test('many large files and small ones share one limit of requests, and at most four large ones are open', async (t) => {
  const server = await serverFor(t, { buckets: { site: { minPartSize: 1024 } } });
  const files = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`big${index}`, noise(6 * PART, index + 1)]),
  );
  const small = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`small${index}`, 'x']));
  let open = 0;
  const watch = setInterval(() => {
    open = Math.max(open, server.uploads('site').length);
  }, 1);
  t.after(() => clearInterval(watch));
  const source = makeTree(t, { ...files, ...small });
  const ran = await runInParts(server, { source, concurrency: 6, memory: 8 * PART });
  assert.equal(ran.error, undefined);
  for (const [key, bytes] of Object.entries(files)) assert.ok(server.object('site', key)?.body.equals(bytes), key);
  assert.ok(open <= 4, `${open} uploads were open`);
  assert.ok(ran.report.concurrency <= 6);
  // Completing and aborting wait behind nothing, so a few more may be open.
  assert.ok(server.peak <= 6 + 4, `${server.peak} requests`);
  assert.equal(partsSent(server).length, 9 * 6);
});

test('a run that is stopped by an error keeps what can be resumed', async (t) => {
  const server = await serverFor(t, { buckets: { site: { minPartSize: 1024 } } });
  const hold = server.fault({ verb: 'UploadPart', key: 'big', occurrences: [4, 5, 6, 7], type: 'delay', ms: 300 });
  const small = server.fault({ verb: 'PutObject', occurrences: 'all', type: 'hold' });
  void until(() => (server.uploads('site')[0]?.parts.size ?? 0) > 1).then(() => small.clear());
  server.fault({ verb: 'PutObject', occurrences: 'all', type: 'status', status: 403, code: 'InvalidAccessKeyId' });
  const source = makeTree(t, { big: BIG, small: 'x' });
  const ran = await runInParts(server, { source, mode: 'stupid', concurrency: 2 }, SMALL_PARTS);
  assert.equal(ran.error?.code, 'InvalidAccessKeyId');
  assert.ok((server.uploads('site')[0]?.parts.size ?? 0) > 1);
  assert.match(ran.report.warnings.join(), /big is unfinished/);
  hold.clear();
  server.clearFaults();
  const again = await runInParts(server, { source, mode: 'stupid' });
  assert.equal(again.error, undefined);
  assert.ok((again.outcomes.find(({ key }) => key === 'big')?.takenOver ?? 0) > 0);
});
