import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { Fault, S3Server, Verb } from 'fake-s3';
import { type RawAnswer, type RawRequest, sendSigned, signed } from 'fake-s3/raw-request';
import { until } from '../../support/until.js';
import { copy } from './copying.js';
import { create, texts } from './multipart.js';
import { serverTest } from './support.js';

type Kind = Partial<Fault> & Pick<Fault, 'type'>;

/** A request for each verb that copies use. */
async function requestsOf(server: S3Server): Promise<ReadonlyMap<Verb, RawRequest>> {
  server.seed('site', 'a', 'hello', { tags: { x: 'y' } });
  const source = { 'x-amz-copy-source': '/site/a' };
  const part = `/site/a?partNumber=1&uploadId=${await create(server)}`;
  return new Map<Verb, RawRequest>([
    ['CopyObject', { method: 'PUT', path: '/site/b', headers: source, body: '' }],
    ['UploadPartCopy', { method: 'PUT', path: part, headers: source, body: '' }],
    ['GetObject', { path: '/site/a' }],
    ['GetObjectTagging', { path: '/site/a?tagging' }],
    ['GetObjectAcl', { path: '/site/a?acl' }],
  ]);
}

/** Tests the effect of a fault on each verb: the response, or the code of the failure. */
function faultTest(name: string, kind: Kind, check: (sent: RawAnswer | string, verb: Verb) => void): void {
  serverTest(name, async (server) => {
    for (const [verb, raw] of await requestsOf(server)) {
      const handle = server.fault({ verb, occurrences: 1, ...kind } as Fault);
      const result = await sendSigned(server, raw).catch((error: { code?: string }) => error.code ?? 'none');
      assert.equal(handle.hits, 1, verb);
      check(result, verb);
      const again = await sendSigned(server, raw);
      assert.equal(again.status, 200, verb);
    }
  });
}

const answer = (result: RawAnswer | string): RawAnswer => (typeof result === 'string' ? assert.fail(result) : result);

faultTest('a status affects copies and reads', { type: 'status', status: 503 } as Kind, (result, verb) =>
  assert.equal(answer(result).code, 'SlowDown', verb),
);
faultTest('a reset affects copies and reads', { type: 'reset' }, (result) => assert.equal(result, 'ECONNRESET'));
faultTest('a response to a copy or read may be truncated', { type: 'truncate' }, (result) =>
  assert.equal(result, 'ECONNRESET'),
);
faultTest('an error in a 200 affects copies and reads', { type: 'error-in-200' }, (result, verb) => {
  assert.deepEqual([answer(result).status, answer(result).code], [200, 'InternalError'], verb);
});
faultTest('a delay affects copies and reads', { type: 'delay', ms: 5 } as Kind, (result) =>
  assert.equal(answer(result).status, 200),
);
faultTest(
  'a slow 200 affects copies and reads, and their responses stay correct',
  { type: 'slow-200', ms: 30, every: 5 } as Kind,
  (result, verb) => {
    assert.equal(answer(result).status, 200);
    if (verb === 'GetObject') assert.equal(answer(result).body, 'hello');
    else assert.match(answer(result).body, /^<\?xml [^>]*\?>\n {6}<\w/, verb);
  },
);

serverTest('a reset of a stored copy loses only its response', async (server) => {
  server.seed('site', 'a', 'hello');
  server.fault({ verb: 'CopyObject', occurrences: 1, type: 'reset', stored: true });
  await assert.rejects(copy(server, 'site/a'), { code: 'ECONNRESET' });
  assert.equal(server.object('site', 'b')?.body.toString(), 'hello');
  server.fault({ verb: 'CopyObject', occurrences: 1, type: 'reset' });
  await assert.rejects(copy(server, 'site/a', {}, '/site/c'), { code: 'ECONNRESET' });
  assert.equal(server.object('site', 'c'), undefined);
});

serverTest('a fault makes copies return wrong ETags and checksums', async (server) => {
  await sendSigned(server, { method: 'PUT', path: '/site/a', body: 'hello' });
  const [right] = texts(await copy(server, 'site/a'), 'ETag');
  for (const [type, name] of [
    ['wrong-etag', 'ETag'],
    ['wrong-checksum', 'ChecksumCRC64NVME'],
  ] as const) {
    server.fault({ verb: 'CopyObject', occurrences: 1, type });
    const [wrong] = texts(await copy(server, 'site/a'), name);
    const [after] = texts(await copy(server, 'site/a'), name);
    assert.equal(wrong?.length, after?.length);
    assert.notEqual(wrong, after);
  }
  assert.equal(right, '&quot;5d41402abc4b2a76b9719d911017c592&quot;');
});

serverTest('a copy that fails late returns its error with status 200, and stores nothing', async (server) => {
  server.seed('site', 'a', 'hello');
  server.fault({ verb: 'CopyObject', occurrences: 1, type: 'slow-200', ms: 20, every: 5, code: 'InternalError' });
  const failed = await copy(server, 'site/a');
  assert.deepEqual([failed.status, failed.code], [200, 'InternalError']);
  assert.match(failed.body, /^<\?xml [^>]*\?>\n {4}<Error>/);
  assert.equal(server.object('site', 'b'), undefined);
});

serverTest('a stalled copy never gets a response', async (server) => {
  server.seed('site', 'a', 'hello');
  server.fault({ verb: 'CopyObject', occurrences: 1, type: 'stall' });
  const headers = { 'x-amz-copy-source': '/site/a' };
  const outline = signed(server, { method: 'PUT', path: '/site/b', headers, body: '' }).request;
  const { hostname, port } = new URL(server.url);
  const outgoing = request({ hostname, port, method: 'PUT', path: outline.path, headers: { ...outline.headers } });
  let isAnswered = false;
  outgoing.on('response', () => {
    isAnswered = true;
  });
  outgoing.on('error', () => {});
  outgoing.end();
  await until(() => server.count('CopyObject') === 1);
  // A request that comes later is answered.
  assert.equal((await sendSigned(server, { path: '/site/a' })).status, 200);
  outgoing.destroy();
  assert.equal(isAnswered, false);
  assert.equal(server.object('site', 'b'), undefined);
});

serverTest('a fault can change the bytes of an object, whole or by range, and nothing else', async (server) => {
  server.seed('site', 'a', 'hello');
  server.fault({ verb: 'GetObject', occurrences: [1, 2], type: 'wrong-body' });
  const whole = await sendSigned(server, { path: '/site/a' });
  assert.deepEqual([whole.status, whole.body.length, whole.body === 'hello'], [200, 5, false]);
  const range = await sendSigned(server, { path: '/site/a', headers: { range: 'bytes=1-2' } });
  assert.deepEqual([range.status, range.body.length, range.body === 'el'], [206, 2, false]);
  assert.equal((await sendSigned(server, { path: '/site/a' })).body, 'hello');
  assert.equal(server.object('site', 'a')?.body.toString(), 'hello');
});
