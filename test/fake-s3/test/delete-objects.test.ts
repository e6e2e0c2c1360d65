import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import type { S3Server } from 'fake-s3';
import { type RawAnswer, sendSigned } from 'fake-s3/raw-request';
import { clientOf, rejection, serverTest } from './support.js';

type Headers = Readonly<Record<string, string>>;

const md5 = (text: string): string => hash('md5', text);

function post(server: S3Server, body: string, headers?: Headers): Promise<RawAnswer> {
  const check = headers ?? { 'content-md5': hash('md5', body, 'base64') };
  return sendSigned(server, { method: 'POST', path: '/site?delete', body, headers: check });
}

const document = (...objects: readonly string[]): string =>
  `<Delete>${objects.map((object) => `<Object>${object}</Object>`).join('')}</Delete>`;
const keys = (...names: readonly string[]): string => document(...names.map((name) => `<Key>${name}</Key>`));

function seeded(server: S3Server, ...names: readonly string[]): void {
  for (const name of names) server.seed('site', name, name);
}

serverTest('DeleteObjects deletes each key, and an absent one counts as deleted', async (server) => {
  seeded(server, 'a', 'b & <c>', 'ü', 'stays');
  const Objects = ['a', 'b & <c>', 'ü', 'absent'].map((Key) => ({ Key }));
  const { Deleted, Errors } = await clientOf(server).send(
    new DeleteObjectsCommand({ Bucket: 'site', Delete: { Objects } }),
  );
  assert.deepEqual(Deleted, Objects);
  assert.equal(Errors, undefined);
  assert.deepEqual(server.keys('site'), ['stays']);
  assert.equal(server.count('DeleteObjects'), 1);
});

serverTest('in quiet mode only errors are named', async (server) => {
  seeded(server, 'a', 'b');
  server.mode({ deny: [{ verb: 'DeleteObject', key: /^b$/ }] });
  const { body, status } = await post(server, keys('a', 'b').replace('</Delete>', '<Quiet>true</Quiet></Delete>'));
  assert.equal(status, 200);
  assert.doesNotMatch(body, /<Deleted>/);
  assert.match(body, /<Error><Key>b<\/Key><Code>AccessDenied<\/Code>/);
  assert.deepEqual(server.keys('site'), ['b']);
});

serverTest('the body must have a right checksum, old or new', async (server) => {
  seeded(server, 'a');
  const body = keys('a');
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  assert.equal((await post(server, body, {})).code, 'InvalidRequest');
  assert.equal((await post(server, body, { 'content-md5': hash('md5', 'other', 'base64') })).code, 'BadDigest');
  assert.equal((await post(server, body, { 'x-amz-checksum-crc32': 'AAAAAA==' })).code, 'BadDigest');
  assert.deepEqual(server.keys('site'), ['a']);
  assert.equal((await post(server, body, { 'x-amz-checksum-crc32': crc.toString('base64') })).status, 200);
  server.mode({ checksums: 'ignored' });
  assert.equal((await post(server, body, { 'x-amz-checksum-crc32': crc.toString('base64') })).code, 'InvalidRequest');
});

serverTest('a document that S3 does not know is MalformedXML, and deletes nothing', async (server) => {
  seeded(server, 'a');
  const many = (count: number) => keys(...Array.from({ length: count }, (_, i) => `k${i}`));
  for (const body of [
    '',
    '<Delete></Delete>',
    '<Other><Object><Key>a</Key></Object></Other>',
    '<Delete><Object><Key>a</Key></Object>',
    '<Delete><Object></Object></Delete>',
    document('<Key></Key>'),
    '<Delete><Object><Key>a</Key></Object><Loud>true</Loud></Delete>',
    keys('a', 'with&#x1;control'),
    keys('a', 'with\u0001control'),
    keys('a', 'with&#31;control'),
    many(1_001),
  ])
    assert.equal((await post(server, body)).code, 'MalformedXML', body.slice(0, 80));
  assert.deepEqual(server.keys('site'), ['a']);
  assert.equal((await post(server, many(1_000))).status, 200);
});

serverTest('line breaks and tabs come as references', async (server) => {
  seeded(server, 'a\r\n\tb');
  const { body } = await post(server, keys('a&#13;&#10;&#x9;b'));
  assert.match(body, /<Deleted>/);
  assert.deepEqual(server.keys('site'), []);
});

serverTest('a key is deleted only if it has the ETag that is given for it', async (server) => {
  seeded(server, 'same', 'other', 'plain');
  const { status, body } = await post(
    server,
    document(
      `<Key>same</Key><ETag>&quot;${md5('same')}&quot;</ETag>`,
      `<Key>other</Key><ETag>${md5('before')}</ETag>`,
      `<Key>absent</Key><ETag>${md5('before')}</ETag>`,
      '<Key>plain</Key>',
    ),
  );
  assert.equal(status, 200);
  assert.deepEqual(body.match(/<Deleted><Key>\w+/g), ['<Deleted><Key>same', '<Deleted><Key>plain']);
  assert.match(body, /<Error><Key>other<\/Key><Code>PreconditionFailed</);
  assert.match(body, /<Error><Key>absent<\/Key><Code>NoSuchKey</);
  assert.deepEqual(server.keys('site'), ['other']);
});

serverTest('a mode ignores, refuses, denies or never meets the conditions of deletes', async (server) => {
  seeded(server, 'a');
  const right = `"${md5('a')}"`;
  const one = document(`<Key>a</Key><ETag>${right.replaceAll('"', '&quot;')}</ETag>`);
  const single = (etag: string) =>
    sendSigned(server, { method: 'DELETE', path: '/site/a', headers: { 'if-match': etag } });
  for (const [conditions, status, code] of [
    ['refused', 501, 'NotImplemented'],
    ['refused-400', 400, 'NotImplemented'],
    ['denied', 403, 'AccessDenied'],
    ['never-met', 412, 'PreconditionFailed'],
  ] as const) {
    server.mode({ conditions });
    const alone = await single(right);
    assert.deepEqual([alone.status, alone.code], [status, code]);
    const batch = await post(server, one);
    if (conditions.startsWith('refused')) assert.deepEqual([batch.status, batch.code], [status, code]);
    else assert.match(batch.body, new RegExp(`<Error><Key>a</Key><Code>${code}`));
  }
  server.mode({ conditions: 'honoured' });
  assert.equal((await single('"other"')).status, 412);
  assert.deepEqual(server.keys('site'), ['a']);
  server.mode({ conditions: 'ignored' });
  assert.match((await post(server, one.replaceAll(md5('a'), md5('b')))).body, /<Deleted>/);
});

serverTest('denied deletes are refused key by key, or as a whole', async (server) => {
  seeded(server, 'a/1', 'a/2', 'b/1');
  server.mode({ deny: [{ verb: 'DeleteObject', key: /^a\// }] });
  assert.equal((await sendSigned(server, { method: 'DELETE', path: '/site/a/1' })).code, 'AccessDenied');
  const { Deleted, Errors } = await clientOf(server).send(
    new DeleteObjectsCommand({
      Bucket: 'site',
      Delete: { Objects: ['a/1', 'b/1', 'a/2'].map((Key) => ({ Key })) },
    }),
  );
  assert.deepEqual(
    Deleted?.map(({ Key }) => Key),
    ['b/1'],
  );
  assert.deepEqual(
    Errors?.map(({ Key, Code }) => [Key, Code]),
    [
      ['a/1', 'AccessDenied'],
      ['a/2', 'AccessDenied'],
    ],
  );
  server.mode({ deny: ['DeleteObjects'] });
  assert.equal((await post(server, keys('a/1'))).status, 403);
  assert.deepEqual(server.keys('site'), ['a/1', 'a/2']);
});

serverTest('a bucket with versions gets delete markers', async (server) => {
  server.mode({ versioning: true });
  seeded(server, 'a');
  const { Deleted } = await clientOf(server).send(
    new DeleteObjectsCommand({ Bucket: 'site', Delete: { Objects: [{ Key: 'a' }] } }),
  );
  assert.equal(Deleted?.[0]?.DeleteMarker, true);
  assert.match(Deleted?.[0]?.DeleteMarkerVersionId ?? '', /^[\w-]{32}$/);
});

serverTest('a server may have no DeleteObjects', async (server) => {
  seeded(server, 'a');
  server.mode({ batchDeletes: false });
  const refused = await rejection(
    clientOf(server).send(new DeleteObjectsCommand({ Bucket: 'site', Delete: { Objects: [{ Key: 'a' }] } })),
  );
  assert.equal(refused.name, 'NotImplemented');
  assert.equal(refused.$metadata?.httpStatusCode, 501);
  server.mode({ batchDeletes: 'not-allowed' });
  assert.equal((await post(server, keys('a'))).status, 405);
  assert.deepEqual(server.keys('site'), ['a']);
});
