import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CopyHeaderFacts, prepareCopyHeaders } from '../../../src/encode/copy-headers.js';

const SOURCE = {
  'content-type': 'text/plain',
  'cache-control': 'no-store',
  expires: '0',
  'x-amz-meta-a': 'b',
  etag: '"e"',
  'content-length': '3',
  'x-amz-server-side-encryption': 'aws:kms',
  'x-amz-website-redirect-location': '/there',
} as const;
const KEPT = { 'content-type': 'text/plain', 'cache-control': 'no-store', expires: '0', 'x-amz-meta-a': 'b' };
const REDIRECT = { 'x-amz-website-redirect-location': '/there' };
const PLAIN: CopyHeaderFacts = { key: 'k.html', storageClass: undefined };

const ofCopy = (headers: Record<string, string>, facts: Partial<CopyHeaderFacts> = {}, guessTypes = false) => ({
  ...prepareCopyHeaders({ headers, guessTypes }).ofCopy({ ...PLAIN, ...facts }),
});
const ofNew = (headers: Record<string, string>, facts: Partial<CopyHeaderFacts> = {}, guessTypes = false) => ({
  ...prepareCopyHeaders({ headers, guessTypes }).ofNew({ ...PLAIN, ...facts }),
});

test('a copy in one request has no headers for what S3 copies itself', () => {
  assert.deepEqual(ofCopy({}), {});
});

test('a copy in one request names the class and the redirect, which S3 does not copy', () => {
  const facts = { storageClass: 'STANDARD_IA', source: SOURCE };
  assert.deepEqual(ofCopy({}, facts), { 'x-amz-storage-class': 'STANDARD_IA', ...REDIRECT });
});

test('given metadata replaces only the headers of its names, so all others are sent again', () => {
  assert.deepEqual(ofCopy({ 'cache-control': 'x', 'x-amz-meta-c': 'd' }, { source: SOURCE }), {
    'x-amz-metadata-directive': 'REPLACE',
    ...KEPT,
    ...REDIRECT,
    'cache-control': 'x',
    'x-amz-meta-c': 'd',
  });
});

test('given tags replace all tags, and no metadata', () => {
  assert.deepEqual(ofCopy({ 'x-amz-tagging': 'a=b' }), {
    'x-amz-tagging': 'a=b',
    'x-amz-tagging-directive': 'REPLACE',
  });
});

test('a given class, ACL or encryption needs no metadata', () => {
  const given = { 'x-amz-storage-class': 'GLACIER', 'x-amz-acl': 'private', 'x-amz-server-side-encryption': 'AES256' };
  assert.deepEqual(ofCopy(given, { storageClass: 'STANDARD_IA' }), given);
  assert.equal(prepareCopyHeaders({ headers: given, guessTypes: false }).replaceMetadata, false);
});

test('a new object gets all headers of its source, except those of the bucket and of the response', () => {
  const facts = { storageClass: 'GLACIER_IR', source: SOURCE, tags: { team: 'x y', 'aws:own': 'z' } };
  assert.deepEqual(ofNew({}, facts), {
    ...KEPT,
    ...REDIRECT,
    'x-amz-storage-class': 'GLACIER_IR',
    'x-amz-tagging': 'team=x%20y',
  });
});

test('given headers override those of the source, for both kinds of copies', () => {
  const given = { 'x-amz-storage-class': 'GLACIER', 'x-amz-website-redirect-location': '/other' };
  for (const headers of [ofCopy, ofNew].map((of) => of(given, { storageClass: 'STANDARD_IA', source: SOURCE }))) {
    assert.equal(headers['x-amz-storage-class'], 'GLACIER');
    assert.equal(headers['x-amz-website-redirect-location'], '/other');
  }
});

test('a guessed type replaces that of the source', () => {
  const replaced = ofCopy({}, { source: SOURCE }, true);
  assert.equal(replaced['content-type'], 'text/html; charset=utf-8');
  assert.deepEqual([replaced['x-amz-metadata-directive'], replaced['x-amz-meta-a']], ['REPLACE', 'b']);
  assert.equal(ofNew({}, { source: SOURCE }, true)['content-type'], 'text/html; charset=utf-8');
});

test('a class of other kinds of buckets is not copied', () => {
  for (const storageClass of ['EXPRESS_ONEZONE', 'OUTPOSTS', 'STANDARD', 'SNOW'])
    for (const of of [ofCopy, ofNew]) assert.equal(of({}, { storageClass })['x-amz-storage-class'], undefined);
});

test('grants of the source are sent', () => {
  const grants = { 'x-amz-grant-read': 'id="x"' };
  for (const of of [ofCopy, ofNew]) assert.deepEqual(of({}, { grants }), grants);
});

test('the ETag of the source is sent where there is room, and metadata of the user takes precedence', () => {
  const mark = 'x-amz-meta-s3pp-source';
  assert.deepEqual(ofNew({}, { copiedFrom: 'e' }), { [mark]: 'e' });
  assert.equal(ofCopy({}, { copiedFrom: 'e' })['x-amz-metadata-directive'], 'REPLACE');
  assert.equal(ofNew({}, { copiedFrom: 'new', source: { [mark]: 'old' } })[mark], 'new');
  const [name, etag] = ['x-amz-meta-long', 'e'.repeat(32)];
  const room = 2048 - 'long'.length - 's3pp-source'.length - etag.length;
  const filled = (bytes: number) => ofNew({}, { copiedFrom: etag, source: { [name]: 'x'.repeat(bytes) } });
  assert.equal(filled(room)[mark], etag);
  assert.equal(filled(room + 1)[mark], undefined);
  assert.equal(filled(room + 1)[name]?.length, room + 1);
});

for (const [given, kept] of [
  ['aws-chunked', undefined],
  ['AWS-Chunked', undefined],
  ['aws-chunked,gzip', 'gzip'],
  ['gzip, aws-chunked', 'gzip'],
  ['gzip,  aws-chunked , br', 'gzip, br'],
  ['gzip', 'gzip'],
  ['aws-chunked-not', 'aws-chunked-not'],
] as const) {
  const expected = kept === undefined ? {} : { 'content-encoding': kept };
  test(`of the encoding "${given}" a copy gets ${kept === undefined ? 'nothing' : `"${kept}"`}`, () => {
    const source = { 'content-encoding': given, 'x-amz-meta-a': 'b' };
    const metadata = { 'x-amz-meta-a': 'b', ...expected };
    assert.deepEqual(ofNew({}, { source }), metadata);
    // S3 would copy the token itself.
    const replaced = given === kept ? {} : { 'x-amz-metadata-directive': 'REPLACE', ...metadata };
    assert.deepEqual(ofCopy({}, { source }), replaced);
  });
}

const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
const word = (text: string): string => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;

for (const [name, raw, text] of [
  ['UTF-8 that was read as Latin-1', utf8('Größe 日本'), 'Größe 日本'],
  ['UTF-8 that was read as such', 'Größe 日本', 'Größe 日本'],
  ['Latin-1', 'Gr\xf6\xdfe', 'Größe'],
  ['a control character', 'a\x01b', 'a\x01b'],
] as const)
  test(`metadata in ${name} is sent again as S3 returns it`, () => {
    assert.deepEqual(ofNew({}, { source: { 'x-amz-meta-a': raw } }), { 'x-amz-meta-a': word(text) });
  });

test('metadata that is in the form of RFC 2047 already is kept', () => {
  const source = { 'x-amz-meta-a': word('ü') };
  assert.deepEqual(ofNew({}, { source }), source);
});

for (const [name, source] of [
  ['another header', { 'content-disposition': utf8('attachment; filename="ä"') }],
  ['metadata whose bytes are lost', { 'x-amz-meta-a': 'Gr\ufffd\ufffde' }],
  ['metadata that grows beyond 2 KB', { 'x-amz-meta-a': utf8('ä'.repeat(900)) }],
] as const)
  test(`${name} that is not US-ASCII fails by name, with the options that help`, () => {
    assert.throws(
      () => ofNew({}, { source }),
      (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, 'NotAscii');
        assert.match(error.hint ?? '', /headers.*metadata.*exclude/);
        return true;
      },
    );
  });

test('metadata that no response shows fails by name, unless the options give metadata', () => {
  const source = { ...SOURCE, 'x-amz-missing-meta': '2' };
  const named = /^2 entries of the source's metadata cannot be read \(x-amz-missing-meta\)/;
  assert.throws(() => ofNew({}, { source }), { code: 'MissingMetadata', message: named });
  assert.throws(() => ofCopy({ 'cache-control': 'x' }, { source }), { code: 'MissingMetadata' });
  assert.equal(ofNew({ 'x-amz-meta-c': 'd' }, { source })['x-amz-meta-c'], 'd');
  // The server copies it itself.
  assert.deepEqual(ofCopy({}, { source }), REDIRECT);
});

for (const storageClass of ['AWS_BACKUP_WARM', 'AWS_BACKUP_LOW_COST_WARM', 'FSX_ONTAP', 'FSX_OPENZFS'])
  test(`a copy does not get the class ${storageClass}, which only a service of AWS can write`, () => {
    assert.deepEqual(ofCopy({}, { storageClass }), {});
    assert.deepEqual(ofNew({}, { storageClass }), {});
  });

test('an empty value removes the header of the source, and is not sent', () => {
  const empty = { 'cache-control': '', 'x-amz-meta-a': '', 'x-amz-website-redirect-location': '' };
  const left = { 'content-type': 'text/plain', expires: '0' };
  assert.deepEqual(ofCopy(empty, { source: SOURCE }), { 'x-amz-metadata-directive': 'REPLACE', ...left });
  assert.deepEqual(ofNew(empty, { source: SOURCE }), left);
  // S3 copies no redirect.
  assert.deepEqual(ofCopy({ 'x-amz-website-redirect-location': '' }), {});
});
