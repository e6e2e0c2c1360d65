import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyServer, KIB, runInOrder, seed, twoServers, verbs } from '../support/copies.js';
import { runCopy } from '../support/engine.js';
import { noise, PART, SMALL_PARTS } from '../support/parts.js';

// Objects that cannot be read before they are restored, and other states of a source that a copy cannot change.

const RESTORED = 'ongoing-request="false", expiry-date="Fri, 21 Dec 2040 00:00:00 GMT"';
const PARTS = { partSizes: [4 * KIB, 5 * KIB, 6 * KIB, 2 * KIB] };
const BODY = noise(17 * KIB);
const KEY = "it's/a key";
const COMMAND = /restore it first \(aws s3api restore-object --bucket from --key 'it'\\''s\/a key' --restore-request /;

for (const storageClass of ['GLACIER', 'DEEP_ARCHIVE'])
  for (const parted of [false, true])
    for (const relayed of [false, true]) {
      const way = `${relayed ? 'relayed' : 'copied by the server'}, ${parted ? 'in parts' : 'in one piece'}`;
      test(`an archived object fails with the command that restores it, without a HEAD (${storageClass}, ${way})`, async (t) => {
        const { source, dest, options } = await twoServers(t);
        const to = relayed ? dest : source;
        seed(source, KEY, BODY, { headers: { 'x-amz-storage-class': storageClass }, ...(parted ? PARTS : {}) });
        const ran = await runCopy(to, relayed ? options : {});
        const [failure] = ran.report.failures;
        assert.equal(failure?.code, 'InvalidObjectState');
        assert.match(failure?.hint ?? '', COMMAND);
        assert.match(failure?.hint ?? '', /Days=7\)/);
        assert.deepEqual([source.count('HeadObject'), to.count('CreateMultipartUpload')], [0, 0]);
        assert.deepEqual([to.keys('site'), to.uploads('site')], [[], []]);
      });

      test(`a restored object is copied (${storageClass}, ${way})`, async (t) => {
        const { source, dest, options } = await twoServers(t);
        const to = relayed ? dest : source;
        const headers = { 'x-amz-storage-class': storageClass, 'x-amz-restore': RESTORED };
        seed(source, KEY, BODY, { headers, ...(parted ? PARTS : {}) });
        const ran = await runCopy(to, { ...(relayed ? options : {}), storageClass: 'STANDARD' });
        assert.equal(ran.error, undefined);
        assert.ok(to.object('site', KEY)?.body.equals(BODY));
        assert.equal(to.object('site', KEY)?.etag, source.object('from', KEY)?.etag);
      });
    }

test('an archived object that is relayed by ranges of our own fails before an upload begins', async (t) => {
  const { source, dest, options } = await twoServers(t);
  seed(source, KEY, noise(7 * PART), { headers: { 'x-amz-storage-class': 'GLACIER' } });
  const ran = await runCopy(dest, options, SMALL_PARTS);
  assert.match(ran.report.failures[0]?.hint ?? '', COMMAND);
  assert.deepEqual([source.count('HeadObject'), dest.count('CreateMultipartUpload')], [0, 0]);
});

for (const tier of ['ARCHIVE_ACCESS', 'DEEP_ARCHIVE_ACCESS'])
  for (const parted of [false, true])
    test(`an object in the tier ${tier} fails with its own command (${parted ? 'in parts' : 'in one piece'})`, async (t) => {
      const server = await copyServer(t);
      const headers = { 'x-amz-storage-class': 'INTELLIGENT_TIERING', 'x-amz-archive-status': tier };
      seed(server, KEY, BODY, { headers, ...(parted ? PARTS : {}) });
      const [failure] = (await runCopy(server)).report.failures;
      assert.equal(failure?.code, 'InvalidObjectState');
      assert.match(failure?.hint ?? '', COMMAND);
      assert.match(failure?.hint ?? '', /--restore-request '\{\}'/);
      assert.equal(server.count('HeadObject'), parted ? 1 : 0, 'no part is asked for after the first');
      assert.deepEqual(server.uploads('site'), []);
    });

test('the command names the version', async (t) => {
  const server = await copyServer(t, { from: { versioning: true } });
  seed(server, 'a', BODY, { headers: { 'x-amz-storage-class': 'GLACIER' } });
  const versionId = server.object('from', 'a')?.versionId ?? '';
  const [failure] = (await runCopy(server, { key: { key: 'a', versionId } })).report.failures;
  assert.ok(failure?.hint?.includes(`--key a --version-id ${versionId} --restore-request Days=7`), failure?.hint);
});

test('a dry run expects no HEAD of an archived object in parts', async (t) => {
  const server = await copyServer(t);
  seed(server, KEY, BODY, { headers: { 'x-amz-storage-class': 'GLACIER' }, ...PARTS });
  assert.deepEqual((await runCopy(server, { dryRun: true })).report.heads, {});
});

for (const parted of [false, true])
  test(`a storage class that the destination lacks is named, with the option (${parted ? 'in parts' : 'in one piece'})`, async (t) => {
    const { source, dest, options } = await twoServers(t);
    const headers = { 'x-amz-storage-class': 'GLACIER_IR' };
    seed(source, 'a', BODY, { headers, ...(parted ? PARTS : {}) });
    const verb = parted ? 'CreateMultipartUpload' : 'PutObject';
    dest.fault({ verb, occurrences: 'all', type: 'status', status: 400, code: 'InvalidStorageClass' });
    const [failure] = (await runInOrder(dest, options)).report.failures;
    assert.equal(failure?.code, 'InvalidStorageClass');
    assert.match(failure?.hint ?? '', /source's is GLACIER_IR\. Choose one that it has by storageClass/);
  });

const SSE_C = {
  status: 400,
  code: 'InvalidRequest',
  message:
    'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
} as const;

for (const [verb, relayed, parted] of [
  ['CopyObject', false, false],
  ['GetObject', true, false],
  ['HeadObject', false, true],
] as const)
  test(`an object that a customer's key encrypts says so where ${verb} fails`, async (t) => {
    const { source, dest, options } = await twoServers(t);
    const to = relayed ? dest : source;
    seed(source, 'a', BODY, parted ? PARTS : {});
    source.fault({ verb, occurrences: 'all', type: 'status', ...SSE_C });
    const [failure] = (await runInOrder(to, relayed ? options : {})).report.failures;
    assert.match(failure?.hint ?? '', /SSE-C.*exclude/);
    assert.equal(verbs(to).CompleteMultipartUpload, undefined);
  });
