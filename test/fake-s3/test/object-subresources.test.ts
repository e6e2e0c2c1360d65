import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import {
  DeleteObjectTaggingCommand,
  GetObjectAclCommand,
  GetObjectTaggingCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { sendSigned } from 'fake-s3/raw-request';
import { clientOf, rejection, serverTest } from './support.js';

const A = { Bucket: 'site', Key: 'a' };
const ALLOWED = { mode: { acl: 'allowed' } } as const;
const OWNER = '111122223333'.padEnd(64, '0');

serverTest('the tags of an object can be read', async (server) => {
  server.seed('site', 'a', 'hello', { tags: { 'a&b': 'c <d>', empty: '' } });
  const client = clientOf(server);
  const { TagSet } = await client.send(new GetObjectTaggingCommand(A));
  assert.deepEqual(TagSet, [
    { Key: 'a&b', Value: 'c <d>' },
    { Key: 'empty', Value: '' },
  ]);
  server.seed('site', 'a', 'hello');
  assert.deepEqual((await client.send(new GetObjectTaggingCommand(A))).TagSet, []);
  assert.equal(server.count('GetObjectTagging'), 2);
  assert.equal((await sendSigned(server, { path: '/site/b?tagging' })).code, 'NoSuchKey');
  server.mode({ deny: ['GetObjectTagging'] });
  assert.equal((await sendSigned(server, { path: '/site/a?tagging' })).code, 'AccessDenied');
});

serverTest(
  'canned ACLs are read as the grants that they stand for',
  async (server) => {
    const client = clientOf(server);
    const granted = async (acl?: string): Promise<string[]> => {
      server.seed('site', 'a', 'hello', acl === undefined ? {} : { acl });
      const { Grants = [], Owner } = await client.send(new GetObjectAclCommand(A));
      assert.equal(Owner?.ID, OWNER);
      assert.deepEqual(Grants[0]?.Grantee, { ID: OWNER, Type: 'CanonicalUser' });
      return Grants.map(({ Grantee, Permission }) => `${Grantee?.URI?.split('/').at(-1) ?? 'id'} ${Permission}`);
    };
    const owner = 'id FULL_CONTROL';
    assert.deepEqual(await granted(), [owner]);
    assert.deepEqual(await granted('private'), [owner]);
    assert.deepEqual(await granted('public-read'), [owner, 'AllUsers READ']);
    assert.deepEqual(await granted('public-read-write'), [owner, 'AllUsers READ', 'AllUsers WRITE']);
    assert.deepEqual(await granted('authenticated-read'), [owner, 'AuthenticatedUsers READ']);
    assert.deepEqual(await granted('aws-exec-read'), [owner, 'id READ']);
    assert.deepEqual(await granted('bucket-owner-full-control'), [owner]);
    server.mode({ acl: 'BucketOwnerEnforced' });
    assert.deepEqual(await granted('public-read'), [owner]);
    assert.equal(server.count('GetObjectAcl'), 8);
  },
  ALLOWED,
);

serverTest(
  'grants by header are read as they were given',
  async (server) => {
    const headers = { 'x-amz-grant-read': 'id="1", uri="http://group"', 'x-amz-grant-write-acp': 'id=2' };
    await sendSigned(server, { method: 'PUT', path: '/site/a', body: 'hello', headers });
    const { Grants } = await clientOf(server).send(new GetObjectAclCommand(A));
    assert.deepEqual(Grants, [
      { Grantee: { ID: '1', Type: 'CanonicalUser' }, Permission: 'READ' },
      { Grantee: { URI: 'http://group', Type: 'Group' }, Permission: 'READ' },
      { Grantee: { ID: '2', Type: 'CanonicalUser' }, Permission: 'WRITE_ACP' },
    ]);
  },
  ALLOWED,
);

serverTest('ACLs cannot be written', async (server) => {
  server.seed('site', 'a', 'hello');
  for (const method of ['PUT', 'DELETE']) {
    assert.equal((await sendSigned(server, { method, path: '/site/a?acl', body: '' })).status, 501, method);
  }
});

serverTest('tags replace the tags that are there, and leave the ETag and the date', async (server) => {
  server.seed('site', 'a', 'hello', { tags: { old: '1', both: '2' } });
  const before = server.object('site', 'a');
  const client = clientOf(server);
  const TagSet = [
    { Key: 'both', Value: '3' },
    { Key: 'a&b', Value: '<new>' },
  ];
  await client.send(new PutObjectTaggingCommand({ ...A, Tagging: { TagSet } }));
  assert.deepEqual(server.object('site', 'a'), { ...before, tags: { both: '3', 'a&b': '<new>' } });
  await client.send(new DeleteObjectTaggingCommand(A));
  assert.deepEqual(server.object('site', 'a')?.tags, {});
  const absent = await rejection(client.send(new PutObjectTaggingCommand({ ...A, Key: 'b', Tagging: { TagSet } })));
  assert.equal(absent.name, 'NoSuchKey');
  assert.equal(server.count('PutObjectTagging'), 2);
});

serverTest('tags need a checksum, a whole document, and valid names', async (server) => {
  server.seed('site', 'a', 'hello');
  const tag = (body: string, headers: Record<string, string> = { 'content-md5': hash('md5', body, 'base64') }) =>
    sendSigned(server, { method: 'PUT', path: '/site/a?tagging', body, headers });
  const one = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>';
  assert.equal((await tag(one, {})).code, 'InvalidRequest');
  assert.equal((await tag(one, { 'content-md5': hash('md5', 'other', 'base64') })).code, 'BadDigest');
  assert.equal((await tag('<Tagging></Tagging>')).code, 'MalformedXML');
  assert.equal((await tag(one.replace('Value>b</Value', 'Value></Wrong'))).code, 'MalformedXML');
  assert.equal((await tag(one.replace('<Key>a', `<Key>${'a'.repeat(129)}`))).code, 'InvalidTag');
  assert.deepEqual(server.object('site', 'a')?.tags, {});
  assert.equal((await tag(one)).status, 200);
});

serverTest('a server without tags refuses them, also in the head of a put', async (server) => {
  server.mode({ tags: 'refused' });
  server.seed('site', 'a', 'hello');
  for (const method of ['GET', 'PUT', 'DELETE']) {
    assert.equal((await sendSigned(server, { method, path: '/site/a?tagging', body: '' })).status, 501, method);
  }
  const headers = { 'x-amz-tagging': 'a=b' };
  assert.equal((await sendSigned(server, { method: 'PUT', path: '/site/b', body: '', headers })).status, 501);
});
