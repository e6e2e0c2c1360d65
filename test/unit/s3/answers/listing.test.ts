import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { listPage, parseListing } from '../../../../src/s3/answers/listing.js';
import { runs } from '../../../support/runs.js';

const CALL = { verb: 'ListObjectsV2', bucket: 'site' } as const;
const document = (inside: string): string =>
  `<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>site</Name>${inside}</ListBucketResult>\n`;
const page = (inside: string) => listPage(CALL, parseListing(document(inside)), undefined);

test('a listed object has the values of its own elements, whatever else is in there', () => {
  const { objects } = page(`
    <Contents>
      <Owner><ID>o</ID><DisplayName>Key</DisplayName><Key>not this</Key><Size>9</Size></Owner>
      <!-- <Key>nor this</Key> -->
      <Key>a&amp;b&#65;&#x42; &lt;c></Key><LastModified>2024-02-29T10:11:12.345Z</LastModified>
      <ETag>&quot;e-2&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>
      <Size>12</Size><RestoreStatus><Size>1</Size></RestoreStatus><StorageClass>GLACIER_IR</StorageClass>
    </Contents>`);
  assert.deepEqual(objects, [
    {
      key: 'a&bAB <c>',
      size: 12,
      etag: 'e-2',
      wholeChecksum: true,
      modified: Date.UTC(2024, 1, 29, 10, 11, 12, 345),
      storageClass: 'GLACIER_IR',
    },
  ]);
});

test('missing and unusable values of an object are undefined', () => {
  const { objects } = page('<Contents><Key>k</Key><ETag/><LastModified>soon</LastModified></Contents>');
  const nothing = { etag: undefined, modified: undefined, storageClass: undefined };
  assert.deepEqual(objects, [{ key: 'k', size: 0, wholeChecksum: false, ...nothing }]);
  assert.equal(page('<Contents><Key>k</Key><ETag>plain</ETag></Contents>').objects[0]?.etag, 'plain');
});

test('CDATA sections and attributes do not hide the end of an element', () => {
  const { objects } = page(
    '<Contents><Key a="1"><![CDATA[x</Key></Contents>&amp;]]>&amp;<![CDATA[y]]></Key><Size >3</Size ></Contents><Contents ><Key>z</Key></Contents>',
  );
  assert.deepEqual(
    objects.map(({ key, size }) => [key, size]),
    [
      ['x</Key></Contents>&amp;&y', 3],
      ['z', 0],
    ],
  );
});

test('keys and common prefixes are decoded if the response says that they are encoded', () => {
  const inside =
    '<Contents><Key>a+b%2Bc%26</Key></Contents><CommonPrefixes><Prefix>p+%F0%9F%98%80/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>q%2F</Prefix></CommonPrefixes>';
  const encoded = page(`<EncodingType>url</EncodingType>${inside}`);
  assert.deepEqual(encoded.prefixes, ['p \u{1f600}/', 'q/']);
  assert.equal(encoded.objects[0]?.key, 'a b+c&');
  const plain = page(inside);
  assert.deepEqual([plain.objects[0]?.key, plain.prefixes[1]], ['a+b%2Bc%26', 'q%2F']);
});

test('a listing that is truncated anywhere is an error', () => {
  const inside = '<IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>1</Size></Contents>';
  const whole = document(inside).trimEnd();
  for (let end = whole.indexOf('<ListBucketResult') + 17; end < whole.length; end++)
    assert.throws(() => parseListing(whole.slice(0, end)), SyntaxError, whole.slice(0, end));
  for (const broken of ['<Contents><Key>a</Contents>', '<Contents><Key>a</Key>', '<Contents><Key', '<Contents><!-- '])
    assert.throws(() => parseListing(document(broken)), SyntaxError, broken);
});

const word = fc.string({ unit: fc.constantFrom(...'ab/ +%"'), maxLength: 6 });
const child = fc.oneof(
  word.map((text) => `<Key>${text.replaceAll('"', '&quot;')}</Key>`),
  fc.nat(9_999).map((size) => `<Size>${size}</Size>`),
  word.map((text) => `<ETag>&#34;${text.replaceAll('"', '')}&#34;</ETag>`),
  fc.constantFrom(
    '<ETag>&quot;e&quot;</ETag>',
    '<ETag/>',
    '<Owner><ID>o</ID><Key>not this</Key></Owner>',
    '<s3:Size>5</s3:Size>',
    '<Size a="1">6</Size>',
    '<Key><![CDATA[<Key>c</Key></Contents>]]></Key>',
    '<!-- </Contents> -->',
    '<ChecksumType>FULL_OBJECT</ChecksumType>',
    '<LastModified>2024-02-29T10:11:12.345Z</LastModified>',
    '<StorageClass>GLACIER</StorageClass>',
    '<Other>x</Other>',
    '<Key>cut',
    '</Key>',
    '\n  ',
  ),
);

test('an object whose elements are plain is read as one that has a comment, and both fail alike', () => {
  const objects = fc.array(fc.array(child, { maxLength: 6 }), { minLength: 1, maxLength: 3 });
  const read = (inside: string): unknown => {
    try {
      return parseListing(document(inside)).Contents;
    } catch (error) {
      return (error as Error).name;
    }
  };
  fc.assert(
    fc.property(objects, (all) => {
      const of = (first: string): string =>
        all.map((inside) => `<Contents>${first}${inside.join('')}</Contents>`).join('');
      assert.deepEqual(read(of('')), read(of('<!-- -->')));
    }),
    runs(500),
  );
});
