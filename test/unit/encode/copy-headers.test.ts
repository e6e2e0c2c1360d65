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
