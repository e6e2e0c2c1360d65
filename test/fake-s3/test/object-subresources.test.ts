import assert from 'node:assert/strict';
import { GetObjectAclCommand, GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { sendSigned } from 'fake-s3/raw-request';
import { clientOf, serverTest } from './support.js';

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

serverTest('tags and ACLs cannot be written', async (server) => {
  server.seed('site', 'a', 'hello');
  for (const path of ['/site/a?tagging', '/site/a?acl']) {
    for (const method of ['PUT', 'DELETE']) {
      assert.equal((await sendSigned(server, { method, path, body: '' })).status, 501, `${method} ${path}`);
    }
  }
});
