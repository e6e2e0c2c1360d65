import assert from 'node:assert/strict';
import type { S3Server } from 'fake-s3';
import { documentOf, type Named } from 'fake-s3/completion-document';
import { sendSigned } from 'fake-s3/raw-request';
import { complete, create, etagInParts, md5, part, SMALL_PARTS, texts } from './multipart.js';
import { serverTest } from './support.js';

const ONE = md5('one');
const TWO = md5('two');
const BOTH: Named = [
  [1, ONE],
  [2, TWO],
];

/** An upload of `one` and `two`. */
async function begun(server: S3Server, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const uploadId = await create(server, headers);
  await part(server, uploadId, 1, 'one');
  await part(server, uploadId, 2, 'two');
  return uploadId;
}

serverTest(
  'the named parts become the object, and the upload ends',
  async (server) => {
    const uploadId = await begun(server);
    const answer = await complete(server, uploadId, BOTH);
    assert.equal(answer.status, 200);
    assert.deepEqual(texts(answer, 'ETag'), [`&quot;${etagInParts('one', 'two')}&quot;`]);
    assert.deepEqual(texts(answer, 'Key'), ['a']);
    assert.deepEqual(texts(answer, 'Location'), [`${server.url}/site/a`]);
    assert.equal(answer.headers.etag, undefined);
    const got = await sendSigned(server, { path: '/site/a' });
    assert.equal(got.body, 'onetwo');
    assert.equal(got.headers.etag, `"${etagInParts('one', 'two')}"`);
    assert.deepEqual(server.uploads('site'), []);
    assert.deepEqual(server.object('site', 'a')?.partSizes, [3, 3]);
  },
  SMALL_PARTS,
);

serverTest(
  'an error in the list of parts has its own code, and the upload stays',
  async (server) => {
    const uploadId = await begun(server);
    const none = '<CompleteMultipartUpload></CompleteMultipartUpload>';
    const cases: [Named | string, string][] = [
      [[...BOTH].reverse(), 'InvalidPartOrder'],
      [[...BOTH, [2, TWO]], 'InvalidPartOrder'],
      [[...BOTH, [3, TWO]], 'InvalidPart'],
      [[[1, TWO]], 'InvalidPart'],
      [[[1, '']], 'InvalidPart'],
      [[[10_001, ONE]], 'InvalidArgument'],
      [[['x', ONE]], 'MalformedXML'],
      [none, 'MalformedXML'],
      ['', 'MalformedXML'],
      ['nonsense', 'MalformedXML'],
      [documentOf(BOTH).replace('</Part>', ''), 'MalformedXML'],
      [documentOf(BOTH).replaceAll('Part>', 'Piece>'), 'MalformedXML'],
      [documentOf(BOTH).replaceAll('CompleteMultipartUpload', 'Delete'), 'MalformedXML'],
      [documentOf(BOTH).replaceAll('ETag', 'Etag'), 'MalformedXML'],
      [documentOf(BOTH).replace('&quot;', '&nonsense;'), 'MalformedXML'],
      [[[1, ONE, '<ChecksumCRC32>NhCmhg==</ChecksumCRC32>']], 'InvalidPart'],
      [[[1, ONE, '<ChecksumCRC32>AAAA</ChecksumCRC32>']], 'InvalidArgument'],
    ];
    for (const [named, code] of cases) {
      const answer = await complete(server, uploadId, named);
      assert.equal(answer.status, 400, JSON.stringify(named));
      assert.equal(answer.code, code, JSON.stringify(named));
    }
    const invalid = await complete(server, uploadId, [[3, TWO]]);
    assert.match(invalid.body, new RegExp(`<UploadId>${uploadId}</UploadId><PartNumber>3</PartNumber>`));
    assert.equal((await complete(server, uploadId, BOTH)).status, 200);
  },
  SMALL_PARTS,
);

serverTest(
  'a list is read in any valid form',
  async (server) => {
    const written = [
      documentOf(BOTH).replaceAll('&quot;', ''),
      documentOf(BOTH).replaceAll('&quot;', '"'),
      documentOf(BOTH).replaceAll('&quot;', '&#34;'),
      `<?xml version="1.0" encoding="UTF-8"?>\n<!-- parts -->\n${documentOf(BOTH).replaceAll('><', '>\n  <')}\n`,
      documentOf(BOTH).replace(/ xmlns="[^"]*"/, ''),
      documentOf(BOTH.map(([number, etag]) => [`0${number}`, etag])),
    ];
    for (const document of written) {
      const answer = await complete(server, await begun(server), document);
      assert.equal(answer.status, 200, document);
      assert.equal(server.object('site', 'a')?.etag, etagInParts('one', 'two'));
    }
  },
  SMALL_PARTS,
);

serverTest('all parts but the last named one must have the least size', async (server) => {
  const floor = 5 * 1024 ** 2;
  const uploadId = await create(server);
  const bodies = [Buffer.alloc(floor), Buffer.alloc(floor - 1)];
  for (const [i, body] of bodies.entries()) await part(server, uploadId, i + 1, body);
  await part(server, uploadId, 3, 'last');
  const named = bodies.map((body, i) => [i + 1, md5(body)] as const);
  const small = await complete(server, uploadId, [...named, [3, md5('last')]]);
  assert.equal(small.code, 'EntityTooSmall');
  assert.match(small.body, /<ProposedSize>5242879<.*<MinSizeAllowed>5242880<.*<PartNumber>2</);
  assert.equal((await complete(server, uploadId, named)).status, 200);
  assert.equal(server.object('site', 'a')?.size, 2 * floor - 1);
});

serverTest(
  'parts that are not named are dropped, or refused as Ceph does',
  async (server) => {
    const uploadId = await begun(server);
    await part(server, uploadId, 10_000, 'mark');
    server.mode({ unlistedParts: 'refused' });
    const refused = await complete(server, uploadId, BOTH);
    assert.equal(refused.status, 400);
    assert.equal(refused.code, 'InvalidPart');
    server.mode({ unlistedParts: 'dropped' });
    assert.equal((await complete(server, uploadId, BOTH, { 'x-amz-mp-object-size': '6' })).status, 200);
    assert.equal(server.object('site', 'a')?.body.toString(), 'onetwo');
  },
  SMALL_PARTS,
);

serverTest(
  'parts of different sizes are completed, or refused as R2 does',
  async (server) => {
    const uploadId = await begun(server);
    await part(server, uploadId, 3, 'larger');
    const three = [...BOTH, [3, md5('larger')] as const];
    server.mode({ partSizes: 'equal' });
    const refused = await complete(server, uploadId, three);
    assert.deepEqual([refused.status, refused.code], [400, 'InvalidPart']);
    assert.match(refused.body, /All non-trailing parts must have the same length/);
    server.mode({ partSizes: 'any' });
    assert.equal((await complete(server, uploadId, three)).status, 200);
  },
  SMALL_PARTS,
);

serverTest(
  'the size of the object, if given, must be correct',
  async (server) => {
    const uploadId = await begun(server);
    for (const size of ['5', '7', 'x', '-6']) {
      const answer = await complete(server, uploadId, BOTH, { 'x-amz-mp-object-size': size });
      assert.equal(answer.status, 400);
      assert.equal(answer.code, 'InvalidRequest');
    }
    assert.equal((await complete(server, uploadId, BOTH, { 'x-amz-mp-object-size': '6' })).status, 200);
  },
  SMALL_PARTS,
);

serverTest(
  'conditions hold when the upload is completed, not before',
  async (server) => {
    const uploadId = await begun(server);
    assert.equal((await complete(server, uploadId, BOTH, { 'if-match': ONE })).code, 'NoSuchKey');
    server.seed('site', 'a', 'old');
    const exists = await complete(server, uploadId, BOTH, { 'if-none-match': '*' });
    assert.equal(exists.status, 412);
    assert.equal(exists.code, 'PreconditionFailed');
    assert.equal((await complete(server, uploadId, BOTH, { 'if-match': ONE })).status, 412);
    assert.equal(server.object('site', 'a')?.body.toString(), 'old');
    server.fault({
      verb: 'CompleteMultipartUpload',
      occurrences: 1,
      type: 'status',
      status: 409,
      code: 'ConditionalRequestConflict',
    });
    const conflict = await complete(server, uploadId, BOTH, { 'if-match': md5('old') });
    assert.equal(conflict.status, 409);
    assert.equal(conflict.code, 'ConditionalRequestConflict');
    assert.equal((await complete(server, uploadId, BOTH, { 'if-match': md5('old') })).status, 200);
    server.mode({ conditionalWrites: 'refused' });
    const again = await begun(server);
    assert.equal((await complete(server, again, BOTH, { 'if-none-match': '*' })).status, 501);
    server.mode({ conditionalWrites: 'ignored' });
    assert.equal((await complete(server, again, BOTH, { 'if-none-match': '*' })).status, 200);
  },
  SMALL_PARTS,
);

serverTest(
  'completing again is NoSuchUpload, or the same response if the server remembers it',
  async (server) => {
    const uploadId = await begun(server);
    const first = await complete(server, uploadId, BOTH);
    const second = await complete(server, uploadId, BOTH);
    assert.equal(second.status, 404);
    assert.equal(second.code, 'NoSuchUpload');
    server.mode({ repeatedComplete: 'same' });
    const third = await complete(server, uploadId, BOTH);
    assert.equal(third.status, 200);
    assert.equal(third.body, first.body);
    assert.equal((await complete(server, uploadId, BOTH, {}, 'b')).code, 'NoSuchUpload');
    const aborted = await begun(server);
    server.abortUpload('site', aborted);
    assert.equal((await complete(server, aborted, BOTH)).code, 'NoSuchUpload');
  },
  SMALL_PARTS,
);

serverTest(
  'of completions that race for one absent key exactly one wins',
  async (server) => {
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) ids.push(await begun(server));
    const answers = await Promise.all(ids.map((id) => complete(server, id, BOTH, { 'if-none-match': '*' })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412, 412]);
    assert.equal(server.uploads('site').length, 3);
  },
  SMALL_PARTS,
);

serverTest(
  'under KMS the ETag of the object is not made of MD5s',
  async (server) => {
    server.mode({ kms: true });
    const uploadId = await begun(server);
    const etags = [1, 2].map((n) => server.uploads('site')[0]?.parts.get(n)?.etag ?? '');
    const answer = await complete(
      server,
      uploadId,
      etags.map((etag, i) => [i + 1, etag]),
    );
    assert.match(texts(answer, 'ETag')[0] ?? '', /^&quot;[0-9a-f]{32}-2&quot;$/);
    assert.notEqual(server.object('site', 'a')?.etag, etagInParts('one', 'two'));
    assert.equal(answer.headers['x-amz-server-side-encryption'], 'aws:kms');
  },
  SMALL_PARTS,
);
