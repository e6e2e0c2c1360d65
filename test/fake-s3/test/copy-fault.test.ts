import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { Fault, S3Server, Verb } from 'fake-s3';
import { type RawAnswer, type RawRequest, sendSigned, signed } from 'fake-s3/raw-request';
import { until } from '../../support/until.js';
import { copy } from './copying.js';
import { create, texts } from './multipart.js';
import { serverTest } from './support.js';

type Kind = Partial<Fault> & Pick<Fault, 'type'>;

/** Requests of the verbs that copying adds, by which a server is asked for them. */
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

/** What a fault does to each verb: the answer, or the code of the failure. */
function struck(name: string, kind: Kind, check: (sent: RawAnswer | string, verb: Verb) => void): void {
  serverTest(name, async (server) => {
    for (const [verb, asked] of await requestsOf(server)) {
      const handle = server.fault({ verb, occurrences: 1, ...kind } as Fault);
      const told = await sendSigned(server, asked).catch((error: { code?: string }) => error.code ?? 'none');
      assert.equal(handle.hits, 1, verb);
      check(told, verb);
      const again = await sendSigned(server, asked);
      assert.equal(again.status, 200, verb);
    }
  });
}

const answer = (told: RawAnswer | string): RawAnswer => (typeof told === 'string' ? assert.fail(told) : told);

struck('a status strikes copies and reads', { type: 'status', status: 503 } as Kind, (told, verb) =>
  assert.equal(answer(told).code, 'SlowDown', verb),
);
struck('a reset strikes copies and reads', { type: 'reset' }, (told) => assert.equal(told, 'ECONNRESET'));
struck('an answer to a copy or read may be cut off', { type: 'truncate' }, (told) => assert.equal(told, 'ECONNRESET'));
struck('an error in a 200 strikes copies and reads', { type: 'error-in-200' }, (told, verb) => {
  assert.deepEqual([answer(told).status, answer(told).code], [200, 'InternalError'], verb);
});
struck('a delay strikes copies and reads', { type: 'delay', ms: 5 } as Kind, (told) =>
  assert.equal(answer(told).status, 200),
);
struck(
  'a slow 200 strikes copies and reads, and their answers stay right',
  { type: 'slow-200', ms: 30, every: 5 } as Kind,
  (told, verb) => {
    assert.equal(answer(told).status, 200);
    if (verb === 'GetObject') assert.equal(answer(told).body, 'hello');
    else assert.match(answer(told).body, /^<\?xml [^>]*\?>\n {6}<\w/, verb);
  },
);

serverTest('a reset of a copy that is stored loses only its answer', async (server) => {
  server.seed('site', 'a', 'hello');
  server.fault({ verb: 'CopyObject', occurrences: 1, type: 'reset', stored: true });
  await assert.rejects(copy(server, 'site/a'), { code: 'ECONNRESET' });
  assert.equal(server.object('site', 'b')?.body.toString(), 'hello');
  server.fault({ verb: 'CopyObject', occurrences: 1, type: 'reset' });
  await assert.rejects(copy(server, 'site/a', {}, '/site/c'), { code: 'ECONNRESET' });
  assert.equal(server.object('site', 'c'), undefined);
});

serverTest('copies name wrong ETags and checksums where a fault says so', async (server) => {
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

serverTest('a copy that fails while it is at work says so in a 200, and leaves nothing', async (server) => {
  server.seed('site', 'a', 'hello');
  server.fault({ verb: 'CopyObject', occurrences: 1, type: 'slow-200', ms: 20, every: 5, code: 'InternalError' });
  const failed = await copy(server, 'site/a');
  assert.deepEqual([failed.status, failed.code], [200, 'InternalError']);
  assert.match(failed.body, /^<\?xml [^>]*\?>\n {4}<Error>/);
  assert.equal(server.object('site', 'b'), undefined);
});

serverTest('a stalled copy is never answered', async (server) => {
  server.seed('site', 'a', 'hello');
  server.fault({ verb: 'CopyObject', occurrences: 1, type: 'stall' });
  const headers = { 'x-amz-copy-source': '/site/a' };
  const asked = signed(server, { method: 'PUT', path: '/site/b', headers, body: '' }).request;
  const { hostname, port } = new URL(server.url);
  const outgoing = request({ hostname, port, method: 'PUT', path: asked.path, headers: { ...asked.headers } });
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

serverTest('the bytes of an object can come changed, whole or by range, and nothing else does', async (server) => {
  server.seed('site', 'a', 'hello');
  server.fault({ verb: 'GetObject', occurrences: [1, 2], type: 'wrong-body' });
  const whole = await sendSigned(server, { path: '/site/a' });
  assert.deepEqual([whole.status, whole.body.length, whole.body === 'hello'], [200, 5, false]);
  const range = await sendSigned(server, { path: '/site/a', headers: { range: 'bytes=1-2' } });
  assert.deepEqual([range.status, range.body.length, range.body === 'el'], [206, 2, false]);
  assert.equal((await sendSigned(server, { path: '/site/a' })).body, 'hello');
  assert.equal(server.object('site', 'a')?.body.toString(), 'hello');
});
