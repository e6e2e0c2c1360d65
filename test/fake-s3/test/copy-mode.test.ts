import assert from 'node:assert/strict';
import { sendSigned } from 'fake-s3/raw-request';
import { copy, copyPart } from './copying.js';
import { create } from './multipart.js';
import { serverTest } from './support.js';

serverTest('copies count as puts where these are held to a rate', async (server) => {
  server.seed('site', 'a', 'hello');
  const uploadId = await create(server);
  server.mode({ putsPerSecond: 1 });
  assert.equal((await copy(server, 'site/a')).status, 200);
  assert.equal((await copy(server, 'site/a')).code, 'SlowDown');
  assert.equal((await copyPart(server, uploadId, 1, 'site/a')).code, 'SlowDown');
});

serverTest('a server without ETags names none in its answer to a copy', async (server) => {
  server.seed('site', 'a', 'hello');
  server.mode({ etags: false });
  const answer = await copy(server, 'site/a');
  assert.equal(answer.status, 200);
  assert.doesNotMatch(answer.body, /ETag/);
});

serverTest('a server without checksums copies none', async (server) => {
  await sendSigned(server, { method: 'PUT', path: '/site/a', body: 'hello' });
  server.mode({ checksums: 'ignored' });
  assert.doesNotMatch((await copy(server, 'site/a')).body, /Checksum/);
  server.mode({ checksums: 'refused' });
  assert.equal((await copy(server, 'site/a', { 'x-amz-checksum-algorithm': 'CRC32' })).status, 501);
});

serverTest('keys of a customer do not go over plain HTTP', async (server) => {
  server.seed('site', 'a', 'hello');
  for (const prefix of ['x-amz-', 'x-amz-copy-source-']) {
    const headers = { [`${prefix}server-side-encryption-customer-algorithm`]: 'AES256' };
    assert.equal((await copy(server, 'site/a', headers)).code, 'InvalidRequest', prefix);
  }
});

serverTest('a destination may deny copies alone', async (server) => {
  server.seed('site', 'a', 'hello');
  server.mode({ deny: ['CopyObject'] });
  assert.equal((await copy(server, 'site/a')).code, 'AccessDenied');
  assert.equal((await sendSigned(server, { method: 'PUT', path: '/site/b', body: '' })).status, 200);
});
