import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { S3RequestError } from '../../../../src/errors.js';
import { aclIn, annotationsIn, copyAnswer, gotObject, tagsIn } from '../../../../src/s3/answers/copy.js';
import { verdict } from '../../../../src/s3/middleware/retry-policy.js';
import { copySourceHeaders } from '../../../../src/s3/wire/bucket.js';
import { anyCharacter } from '../../../support/characters.js';

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const COPY = { verb: 'CopyObject', bucket: 'b', key: 'k' } as const;
const PART = { ...COPY, verb: 'UploadPartCopy' } as const;
const MD5 = 'a'.repeat(32);
const none = () => undefined;

const result = (name: string, etag = `&quot;${MD5}&quot;`) =>
  `${HEAD}<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>${etag}</ETag></${name}>`;

test('the ETag of a copy and of a copied part is read, however it is quoted', () => {
  for (const etag of [`&quot;${MD5}&quot;`, `"${MD5}"`, `&#34;${MD5}&#34;`, MD5]) {
    assert.equal(copyAnswer(COPY, none, result('CopyObjectResult', etag)).etag, MD5);
    assert.equal(copyAnswer(PART, none, `${result('CopyPartResult', etag)}\n`).etag, MD5);
  }
  assert.equal(copyAnswer(COPY, none, `${HEAD}<CopyObjectResult></CopyObjectResult>`).etag, undefined);
});

test('a copy is encrypted if the response names a key', () => {
  const kms = (name: string) => (name === 'x-amz-server-side-encryption' ? 'aws:kms' : undefined);
  assert.equal(copyAnswer(COPY, kms, result('CopyObjectResult')).encrypted, true);
  assert.equal(copyAnswer(COPY, none, result('CopyObjectResult')).encrypted, false);
});

for (const [code, expected] of [
  ['InternalError', 'transient'],
  ['SlowDown', 'throttle'],
  ['AccessDenied', 'final'],
] as const)
  test(`an ${code} in a response with status 200 is that error, and ${expected}`, () => {
    const body = `${HEAD}   \n  <Error><Code>${code}</Code><Message>No.</Message></Error>`;
    for (const call of [COPY, PART])
      assert.throws(
        () => copyAnswer(call, none, body),
        (error) => error instanceof S3RequestError && error.code === code && verdict(error) === expected,
      );
  });

for (const [name, body] of [
  ['nothing', ''],
  ['spaces only', `${HEAD}     `],
  ['a truncated document', result('CopyObjectResult').slice(0, -5)],
  ['another document', `${HEAD}<ListBucketResult></ListBucketResult>`],
  ['a page', '<html><body>Welcome</body></html>'],
] as const)
  test(`a response of ${name} is not taken for a copy`, () => {
    assert.throws(() => copyAnswer(COPY, none, body), S3RequestError);
    assert.throws(() => copyAnswer(PART, none, body), S3RequestError);
  });

test('a body of another size than requested is an error', () => {
  const got = { headers: { etag: '"x"' }, body: Buffer.from('abc') };
  const call = { ...COPY, verb: 'GetObject' } as const;
  assert.equal(gotObject(call, got, 3), got);
  assert.equal(gotObject(call, got, undefined), got);
  assert.throws(() => gotObject(call, got, 4), S3RequestError);
  assert.throws(() => gotObject(call, { ...got, headers: {} }, 3), S3RequestError);
});

test('tags are read with all their characters, and a truncated document is an error', () => {
  const call = { ...COPY, verb: 'GetObjectTagging' } as const;
  const tag = (key: string, value: string) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`;
  const whole = `${HEAD}<Tagging><TagSet>${tag('a &amp; b', '&lt;1&gt;')}${tag('none', '')}</TagSet></Tagging>`;
  assert.deepEqual(tagsIn(call, whole), { 'a & b': '<1>', none: '' });
  assert.deepEqual(tagsIn(call, `${HEAD}<Tagging><TagSet/></Tagging>`), {});
  assert.throws(() => tagsIn(call, whole.slice(0, -10)), S3RequestError);
});

test('grants become the headers that give them; those without a header are left out', () => {
  const call = { ...COPY, verb: 'GetObjectAcl' } as const;
  const grant = (grantee: string, permission: string) =>
    `<Grant><Grantee>${grantee}</Grantee><Permission>${permission}</Permission></Grant>`;
  const all = [
    grant('<ID>me</ID><DisplayName>I</DisplayName>', 'FULL_CONTROL'),
    grant('<URI>http://acs/AllUsers</URI>', 'READ'),
    grant('<ID>you</ID>', 'READ'),
    grant('<ID>you</ID>', 'WRITE'),
    grant('<EmailAddress>a@b</EmailAddress>', 'READ_ACP'),
  ];
  const list = `<AccessControlList>${all.join('')}</AccessControlList>`;
  const body = `${HEAD}<AccessControlPolicy><Owner><ID>me</ID></Owner>${list}</AccessControlPolicy>`;
  const { grants, isPrivate } = aclIn(call, body);
  assert.deepEqual(grants, {
    'x-amz-grant-full-control': 'id="me"',
    'x-amz-grant-read': 'uri="http://acs/AllUsers", id="you"',
  });
  assert.equal(isPrivate, false);
  assert.throws(() => aclIn(call, body.slice(0, -9)), S3RequestError);
});

test('whatever the key is, the copy source decodes to it once, and has no characters with another meaning', () => {
  const key = fc.oneof(
    fc.string({ unit: anyCharacter, minLength: 1 }),
    fc.constantFrom('a?versionId=1', '100%', 'a+b c', './x'),
  );
  fc.assert(
    fc.property(key, (name) => {
      const { 'x-amz-copy-source': source = '' } = copySourceHeaders({ bucket: 'bucket', key: name });
      assert.match(source, /^\/bucket\/[A-Za-z0-9\-._~%/]*$/);
      assert.equal(decodeURIComponent(source), `/bucket/${name}`);
    }),
  );
});

test('a source is bound to its ETag, its version, its owner and a range', () => {
  const from = { bucket: 'bucket', key: 'a b', versionId: 'v/1+', etag: `${MD5}-2`, owner: '111122223333' };
  assert.deepEqual(copySourceHeaders(from, { start: 5, end: 10 }), {
    'x-amz-copy-source': '/bucket/a%20b?versionId=v%2F1%2B',
    'x-amz-copy-source-if-match': `"${MD5}-2"`,
    'x-amz-copy-source-range': 'bytes=5-9',
    'x-amz-source-expected-bucket-owner': '111122223333',
  });
});

test('a source behind an access point is named as an object of the access point', () => {
  const bucket = 'arn:aws:s3:us-west-2:123456789012:accesspoint/mine';
  const expected = `${bucket}/object/a%20b`;
  assert.equal(copySourceHeaders({ bucket, key: 'a b' })['x-amz-copy-source'], expected);
});

const LIST = { ...COPY, verb: 'ListObjectAnnotations' } as const;
const annotations = (names: readonly string[], next?: string): string =>
  [
    '<?xml version="1.0"?><ListObjectAnnotationsOutput><Annotations>',
    ...names.map((name) => `<AnnotationEntry><AnnotationName>${name}</AnnotationName><Size>1</Size></AnnotationEntry>`),
    `</Annotations>${next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`}`,
    '</ListObjectAnnotationsOutput>',
  ].join('');

test('the names of annotations are read with the token of the next page', () => {
  assert.deepEqual(annotationsIn(LIST, annotations(['a', 'b&amp;c']), undefined), {
    names: ['a', 'b&c'],
    next: undefined,
  });
  assert.deepEqual(annotationsIn(LIST, annotations(['a'], 't'), undefined), { names: ['a'], next: 't' });
  assert.deepEqual(annotationsIn(LIST, '<ListObjectAnnotationsOutput/>', undefined), { names: [], next: undefined });
});

for (const [name, body, after] of [
  ['cut off', annotations(['a']).slice(0, -9), undefined],
  ['the object itself', 'some bytes', undefined],
  ['another document', '<Tagging></Tagging>', undefined],
  ['a page that comes again', annotations(['a'], 't'), 't'],
  ['an empty page before another one', annotations([], 't'), undefined],
] as const)
  test(`a list of annotations that is ${name} cannot be used`, () => {
    assert.throws(() => annotationsIn(LIST, body, after), S3RequestError);
  });
