import assert from 'node:assert/strict';
import { CreateBucketCommand, DeleteBucketCommand, HeadBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { sendSigned } from 'fake-s3/raw-request';
import { clientOf, rejection, serverTest } from './support.js';

serverTest('buckets are made, found, listed and deleted', async (server) => {
  const client = clientOf(server);
  await client.send(new CreateBucketCommand({ Bucket: 'other' }));
  const head = await client.send(new HeadBucketCommand({ Bucket: 'other' }));
  assert.equal(head.BucketRegion, 'us-east-1');
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  assert.deepEqual(
    Buckets?.map(({ Name }) => Name),
    ['other', 'site'],
  );
  await client.send(new DeleteBucketCommand({ Bucket: 'other' }));
  const gone = await rejection(client.send(new HeadBucketCommand({ Bucket: 'other' })));
  assert.equal(gone.$metadata?.httpStatusCode, 404);
});

serverTest('a bucket with objects cannot be deleted', async (server) => {
  server.seed('site', 'a', '');
  const answer = await sendSigned(server, { method: 'DELETE', path: '/site' });
  assert.equal(answer.status, 409);
  assert.equal(answer.code, 'BucketNotEmpty');
});

serverTest('a new bucket enforces its owner unless the request says otherwise', async (server) => {
  const client = clientOf(server);
  await client.send(new CreateBucketCommand({ Bucket: 'plain' }));
  await client.send(new CreateBucketCommand({ Bucket: 'open', ObjectOwnership: 'ObjectWriter' }));
  const put = (path: string) =>
    sendSigned(server, { method: 'PUT', path, body: '', headers: { 'x-amz-acl': 'private' } });
  assert.equal((await put('/plain/a')).code, 'AccessControlListNotSupported');
  assert.equal((await put('/open/a')).status, 200);
});

serverTest('bucket names follow their rules', async (server) => {
  for (const name of ['ab', 'UPPER', '-lead', 'two..dots', '1.2.3.4', 'x'.repeat(64)]) {
    const answer = await sendSigned(server, { method: 'PUT', path: `/${name}` });
    assert.equal(answer.code, 'InvalidBucketName', name);
  }
});

serverTest(
  'outside us-east-1 a bucket is made in the region of its endpoint, and once',
  async (server) => {
    const none = await sendSigned(server, { method: 'PUT', path: '/other' });
    assert.equal(none.code, 'IllegalLocationConstraintException');
    const client = clientOf(server);
    const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const;
    await client.send(new CreateBucketCommand({ Bucket: 'other', CreateBucketConfiguration }));
    const again = await rejection(client.send(new CreateBucketCommand({ Bucket: 'other', CreateBucketConfiguration })));
    assert.equal(again.name, 'BucketAlreadyOwnedByYou');
  },
  { mode: { region: 'eu-west-1' } },
);

serverTest('the bucket may be in the host name', async (server) => {
  for (const [host, bucket] of [
    ['site.localhost', 'site'],
    ['site.s3.localhost', 'site'],
    ['site.s3.eu-west-1.localhost', 'site'],
    ['my.site.localhost', 'my.site'],
  ] as const) {
    server.seed(bucket, 'a/b', 'hello');
    const answer = await sendSigned(server, { path: '/a/b', headers: { host: `${host}:${server.port}` } });
    assert.equal(answer.body, 'hello', host);
  }
  for (const host of ['localhost', 's3.localhost']) {
    const answer = await sendSigned(server, { path: '/site/a/b', headers: { host: `${host}:${server.port}` } });
    assert.equal(answer.body, 'hello', host);
  }
});
