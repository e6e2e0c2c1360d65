import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const OWNER = '111122223333';

describe('storage class, encryption and tags', () => {
  it('reach the object, and nothing of them is sent where they are not given', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, {
      source: makeTree(t, { a: '1' }),
      storageClass: 'STANDARD_IA',
      sse: 'aws:kms',
      sseKmsKeyId: 'alias/site',
      tagging: { team: 'docs + more', Team: '', größe: '大=1' },
    });
    assert.deepEqual(ran.keys('put'), ['a']);
    const stored = server.object('site', 'a');
    assert.equal(stored?.storageClass, 'STANDARD_IA');
    assert.equal(stored?.encryption, 'aws:kms');
    assert.equal(stored?.kmsKeyId, 'alias/site');
    assert.deepEqual(stored?.tags, { team: 'docs + more', Team: '', größe: '大=1' });
    await run(server, { source: makeTree(t, { plain: '1' }) });
    const plain = server.requests.find(({ key }) => key === 'plain');
    assert.deepEqual(
      Object.keys(plain?.headers ?? {}).filter((name) => /storage|encryption|tagging|payer|owner/.test(name)),
      [],
    );
  });

  it('are sent for every class and method that an ordinary bucket takes', async (t) => {
    const server = await serverFor(t);
    for (const storageClass of [
      'STANDARD',
      'ONEZONE_IA',
      'INTELLIGENT_TIERING',
      'GLACIER_IR',
      'DEEP_ARCHIVE',
    ] as const) {
      await run(server, { source: makeTree(t, { [storageClass]: '1' }), storageClass });
      assert.equal(server.object('site', storageClass)?.storageClass, storageClass);
    }
    for (const sse of ['AES256', 'aws:kms', 'aws:kms:dsse'] as const) {
      await run(server, { source: makeTree(t, { [sse.replaceAll(':', '-')]: '1' }), sse });
      assert.equal(server.object('site', sse.replaceAll(':', '-'))?.encryption, sse);
    }
  });

  it('of an item win over the options, and its encryption drops the key that would not fit', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, {
      source: makeTree(t, { a: '1', b: '2' }),
      sse: 'aws:kms',
      sseKmsKeyId: 'alias/site',
      storageClass: 'GLACIER',
      headers: ({ relativePath }) =>
        relativePath === 'b'
          ? { 'x-amz-server-side-encryption': 'AES256', 'x-amz-storage-class': 'STANDARD' }
          : undefined,
    });
    assert.deepEqual(ran.keys('put'), ['a', 'b']);
    const { a, b } = { a: server.object('site', 'a'), b: server.object('site', 'b') };
    assert.deepEqual([a?.encryption, a?.kmsKeyId, a?.storageClass], ['aws:kms', 'alias/site', 'GLACIER']);
    assert.deepEqual([b?.encryption, b?.kmsKeyId, b?.storageClass], ['AES256', undefined, 'STANDARD']);
  });
});

describe('requestPayer and expectedBucketOwner', () => {
  const both = { requestPayer: true, expectedBucketOwner: OWNER } as const;

  it('go with every put, head and listing', async (t) => {
    const server = await serverFor(t, { buckets: { site: { owner: OWNER, requesterPays: true } } });
    const source = makeTree(t, { a: '1', b: '2' });
    await run(server, { source, ...both });
    assert.deepEqual(server.keys('site'), ['a', 'b']);
    server.mode({ deny: ['ListObjectsV2'] }, 'site');
    const again = await run(server, { source, ...both });
    assert.deepEqual(again.keys('skip'), ['a', 'b']);
    const verbs = new Set(server.requests.map(({ verb }) => verb));
    assert.deepEqual([...verbs].toSorted(), ['HeadObject', 'ListObjectsV2', 'PutObject']);
    for (const { verb, headers } of server.requests) {
      assert.equal(headers['x-amz-request-payer'], 'requester', verb);
      assert.equal(headers['x-amz-expected-bucket-owner'], OWNER, verb);
    }
  });

  it('are signed, as every header is', async (t) => {
    const server = await serverFor(t);
    await run(server, { source: makeTree(t, { a: '1' }), ...both });
    for (const { verb, headers } of server.requests)
      assert.match(
        headers.authorization ?? '',
        /SignedHeaders=[^,]*x-amz-expected-bucket-owner;.*x-amz-request-payer/,
        verb,
      );
  });

  it('win over headers, which are for puts only, and give way to those of an item', async (t) => {
    const server = await serverFor(t);
    const source = [
      { key: 'a', body: '1' },
      { key: 'b', body: '2', headers: { 'x-amz-expected-bucket-owner': OWNER } },
    ];
    const options = { expectedBucketOwner: '999999999999', headers: { 'x-amz-expected-bucket-owner': OWNER } };
    const ran = await run(server, { source, mode: 'stupid', ...options });
    assert.deepEqual(ran.keys('fail'), ['a']);
    assert.deepEqual(ran.keys('put'), ['b']);
  });

  it('that name another owner let nothing be put', async (t) => {
    const server = await serverFor(t, { buckets: { site: { owner: OWNER } } });
    const ran = await run(server, { source: makeTree(t, { a: '1' }), expectedBucketOwner: '999999999999' });
    assert.equal(ran.error?.code ?? ran.outcomes[0]?.error?.name, 'AccessDenied');
    assert.deepEqual(server.keys('site'), []);
  });

  it('are what a bucket with Requester Pays asks of every request', async (t) => {
    const server = await serverFor(t, { buckets: { site: { requesterPays: true } } });
    const source = makeTree(t, { a: '1' });
    const refused = await run(server, { source });
    assert.notEqual(refused.error, undefined);
    assert.deepEqual(server.keys('site'), []);
    const ran = await run(server, { source, requestPayer: true });
    assert.deepEqual(ran.keys('put'), ['a']);
  });
});
