import assert from 'node:assert/strict';
import { sendSigned } from 'fake-s3/raw-request';
import { copy } from './copying.js';
import { complete, create, md5, part } from './multipart.js';
import { serverTest } from './support.js';

const VERSIONED = { mode: { versioning: true } };
const put = (body: string) => ({ method: 'PUT', path: '/site/a', body });

serverTest(
  'a bucket that keeps versions reads and copies each of them',
  async (server) => {
    const ids: string[] = [];
    for (const body of ['one', 'two']) {
      const { headers } = await sendSigned(server, put(body));
      ids.push(String(headers['x-amz-version-id']));
    }
    const [first = '', second = ''] = ids;
    assert.notEqual(first, second);
    const old = await sendSigned(server, { path: `/site/a?versionId=${first}` });
    assert.equal(old.body, 'one');
    assert.equal(old.headers['x-amz-version-id'], first);
    const now = await sendSigned(server, { path: '/site/a' });
    assert.equal(now.body, 'two');
    assert.equal(now.headers['x-amz-version-id'], second);
    const head = await sendSigned(server, { method: 'HEAD', path: `/site/a?versionId=${second}` });
    assert.equal(head.headers['x-amz-version-id'], second);
    const copied = await copy(server, `site/a?versionId=${first}`);
    assert.equal(copied.headers['x-amz-copy-source-version-id'], first);
    assert.match(String(copied.headers['x-amz-version-id']), /^[\w-]{32}$/);
    assert.equal(server.object('site', 'b')?.body.toString(), 'one');
    // An old version comes back by a copy onto its own key.
    assert.equal((await copy(server, `site/a?versionId=${first}`, {}, '/site/a')).status, 200);
    assert.equal(server.object('site', 'a')?.body.toString(), 'one');
    assert.equal((await sendSigned(server, { path: `/site/a?versionId=${second}` })).body, 'two');
  },
  VERSIONED,
);

serverTest(
  'a missing version is an error of its own',
  async (server) => {
    server.seed('site', 'a', 'hello');
    assert.equal((await sendSigned(server, { path: '/site/a?versionId=none' })).code, 'NoSuchVersion');
    assert.equal((await sendSigned(server, { method: 'HEAD', path: '/site/a?versionId=none' })).status, 404);
    assert.equal((await copy(server, 'site/a?versionId=none')).code, 'NoSuchVersion');
    assert.equal((await sendSigned(server, { path: '/site/a?tagging&versionId=none' })).code, 'NoSuchVersion');
  },
  VERSIONED,
);

serverTest(
  'a delete leaves the versions, and a completion makes one',
  async (server) => {
    const { headers } = await sendSigned(server, put('one'));
    const deleted = await sendSigned(server, { method: 'DELETE', path: '/site/a' });
    assert.equal(deleted.headers['x-amz-delete-marker'], 'true');
    assert.equal((await sendSigned(server, { path: '/site/a' })).status, 404);
    assert.equal((await sendSigned(server, { path: `/site/a?versionId=${headers['x-amz-version-id']}` })).body, 'one');
    const uploadId = await create(server);
    await part(server, uploadId, 1);
    const completed = await complete(server, uploadId, [[1, md5('hello')]]);
    assert.equal(completed.headers['x-amz-version-id'], server.object('site', 'a')?.versionId);
  },
  VERSIONED,
);

serverTest('an object that was put before versioning has the version null', async (server) => {
  const before = await sendSigned(server, put('old'));
  assert.equal('x-amz-version-id' in before.headers, false);
  assert.equal('x-amz-version-id' in (await sendSigned(server, { path: '/site/a' })).headers, false);
  server.mode({ versioning: true });
  assert.equal((await sendSigned(server, { path: '/site/a' })).headers['x-amz-version-id'], 'null');
  await sendSigned(server, put('new'));
  assert.equal((await sendSigned(server, { path: '/site/a?versionId=null' })).body, 'old');
});
