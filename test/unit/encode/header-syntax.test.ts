import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizeHeaders, parseHeader } from '../../../src/encode/header-syntax.js';
import { type HeaderOptions, objectHeaders, prepareObjectHeaders } from '../../../src/encode/object-headers.js';
import { UsageError } from '../../../src/errors.js';
import { CANNED_ACLS } from '../../../src/options/types.js';

function refuses(act: () => unknown, message: RegExp, hint?: RegExp): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof UsageError, String(error));
    assert.match(error.message, message);
    if (hint !== undefined) assert.match(error.hint ?? '', hint);
    return true;
  });
}

test('A header text is split at its first colon', () => {
  assert.deepEqual(parseHeader('Cache-Control: public, max-age=60'), ['cache-control', 'public, max-age=60']);
  assert.deepEqual(parseHeader('x-amz-meta-a:1'), ['x-amz-meta-a', '1']);
  assert.deepEqual(parseHeader('x-amz-meta-url: https://a.b:8080/c, d'), ['x-amz-meta-url', 'https://a.b:8080/c, d']);
  assert.deepEqual(parseHeader(' Expires :  Thu, 01 Dec 1994 16:00:00 GMT '), [
    'expires',
    'Thu, 01 Dec 1994 16:00:00 GMT',
  ]);
  assert.deepEqual(parseHeader('x-amz-meta-a:'), ['x-amz-meta-a', '']);
  for (const text of ['foo', '', ':', ': x', '  : x'])
    refuses(() => parseHeader(text), new RegExp(JSON.stringify(text)), /Name: value/);
});

test('Values survive verbatim between their outer white space', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const value = text.trim();
      assert.deepEqual(parseHeader(`X-Amz-Meta-A:${text}`), ['x-amz-meta-a', value]);
    }),
  );
});

test('Headers of an object are accepted in any case, and the last of one name counts', () => {
  const headers = {
    'Cache-Control': 'no-cache',
    'content-disposition': 'attachment; filename="a, b.txt"',
    'Content-Encoding': 'br',
    'Content-Language': 'de, en',
    'Content-Type': 'text/html;charset=utf-8',
    Expires: '0',
    'X-Amz-Meta-Some_Name': '',
    'x-amz-grant-read': 'id="1122", uri="http://acs.amazonaws.com/groups/global/AllUsers", id=33',
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-tagging': 'a=1&b=2',
    'x-amz-website-redirect-location': '/new',
    'x-amz-request-payer': 'requester',
    'x-amz-expected-bucket-owner': '123456789012',
    'x-amz-object-lock-mode': 'GOVERNANCE',
  };
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  assert.deepEqual(normalizeHeaders(headers), lower);
  assert.deepEqual(normalizeHeaders({ 'cache-control': 'a', 'Cache-Control': 'b' }), { 'cache-control': 'b' });
  assert.deepEqual(normalizeHeaders({ ' Cache-Control ': ' b ' }), { 'cache-control': 'b' });
});

test('Headers that something else sets are refused with what sets them', () => {
  const rows: [name: string, hint: RegExp][] = [
    ['Content-Length', /length/],
    ['Content-MD5', /computed/],
    ['x-amz-checksum-crc32', /computed/],
    ['x-amz-content-sha256', /computed/],
    ['Host', /signed/],
    ['Authorization', /signed/],
    ['x-amz-date', /signed/],
    ['If-Match', /The mode sets conditions/],
    ['If-None-Match', /"add"/],
    ['Transfer-Encoding', /connection/],
    ['x-amz-copy-source', /A copy sets it/],
    ['x-amz-metadata-directive', /A copy sets it/],
    ['x-amz-grant-write', /buckets only/],
    ['ETag', /server/],
    ['Access-Control-Allow-Origin', /CORS/],
    ['Content-Security-Policy', /CDN/],
  ];
  for (const [name, hint] of rows)
    refuses(() => normalizeHeaders({ [name]: 'x' }), new RegExp(name.toLowerCase()), hint);
});

test('Unknown headers are refused with similar ones', () => {
  refuses(() => normalizeHeaders({ 'cache-contrl': 'x' }), /"cache-contrl"/, /Is "cache-control" meant\?/);
  refuses(() => normalizeHeaders({ 'content-typ': 'x' }), /"content-typ"/, /"content-type"/);
  refuses(() => normalizeHeaders({ 'x-meta-author': 'x' }), /"x-meta-author"/, /"x-amz-meta-author"/);
  refuses(() => normalizeHeaders({ 'x-amz-meta-': 'x' }), /"x-amz-meta-"/, /"x-amz-meta-name"/);
  refuses(() => normalizeHeaders({ 'x-something-quite-else': 'x' }), /x-something-quite-else/);
  refuses(() => normalizeHeaders({ constructor: 'x' }), /constructor/);
  for (const name of ['', 'a b', 'x-amz-meta-a b', 'x-amz-meta-é', 'x-amz-meta-a:b', 'a\nb']) {
    refuses(() => normalizeHeaders({ [name]: 'x' }), /not a header name/);
  }
});

test('Values that a header cannot hold are refused', () => {
  refuses(() => normalizeHeaders({ 'x-amz-meta-a': 'x\r\nx-amz-acl: public-read' }), /line break/);
  refuses(() => normalizeHeaders({ 'cache-control': 'a\0b' }), /control character/);
  refuses(() => normalizeHeaders({ 'x-amz-meta-a': 'Jörg' }), /not ASCII/, /RFC 2047/);
  refuses(() => normalizeHeaders({ 'content-disposition': 'attachment; filename="ü.txt"' }), /not ASCII/, /filename\*/);
  refuses(() => normalizeHeaders({ 'content-type': ' ' }), /empty/);
  refuses(() => normalizeHeaders({ 'content-type': 'html' }), /content type/, /text\/html/);
  refuses(() => normalizeHeaders({ 'x-amz-website-redirect-location': 'new' }), /relative/);
  refuses(() => normalizeHeaders({ expires: 0 as unknown as string }), /number/);
});

test('Only canned ACLs of objects are accepted', () => {
  for (const acl of CANNED_ACLS) assert.deepEqual(normalizeHeaders({ 'x-amz-acl': acl }), { 'x-amz-acl': acl });
  refuses(
    () => objectHeaders('a', { acl: 'public' as 'private' }),
    /"public"/,
    /public-read, .*bucket-owner-full-control/,
  );
  refuses(() => objectHeaders('a', { acl: 'log-delivery-write' as 'private' }), /buckets only/, /private/);
});

test('Grants name an id or a group, not an e-mail', () => {
  refuses(() => normalizeHeaders({ 'x-amz-grant-read': 'emailAddress="a@b.c"' }), /e-mail/, /id="…"/);
  refuses(() => normalizeHeaders({ 'x-amz-grant-read': 'id=1, EmailAddress=a@b.c' }), /e-mail/);
  for (const value of ['everyone', 'id=', 'id="a', 'id=a b'])
    refuses(() => normalizeHeaders({ 'x-amz-grant-read': value }), /has an invalid grantee/);
});

test('The precedence is guess, headers, named options, the item itself', () => {
  const type = 'content-type';
  const options: HeaderOptions[] = [{}, { headers: { 'Content-Type': 'text/x-a' } }];
  assert.deepEqual(
    options.map((option) => objectHeaders('a.css', option)[type]),
    ['text/css; charset=utf-8', 'text/x-a'],
  );
  const all: HeaderOptions = {
    contentType: 'text/x-b',
    cacheControl: 'no-store',
    acl: 'private',
    metadata: { Build: '2' },
    headers: {
      'content-type': 'text/x-a',
      'cache-control': 'x',
      'x-amz-acl': 'public-read',
      'x-amz-meta-build': '1',
      'x-amz-meta-more': '1',
    },
  };
  const headersOfAll = {
    'content-type': 'text/x-b',
    'cache-control': 'no-store',
    'x-amz-acl': 'private',
    'x-amz-meta-build': '2',
    'x-amz-meta-more': '1',
  };
  assert.deepEqual(objectHeaders('a.css', all), headersOfAll);
  const own = { 'Content-Type': 'text/x-c', 'X-Amz-Meta-Build': '3', 'x-amz-grant-read': 'id=1' };
  assert.deepEqual(objectHeaders('a.css', all, own), {
    'content-type': 'text/x-c',
    'cache-control': 'no-store',
    'x-amz-meta-build': '3',
    'x-amz-meta-more': '1',
    'x-amz-grant-read': 'id=1',
  });
  assert.deepEqual(objectHeaders('a', {}), { 'content-type': 'application/octet-stream' });
  assert.deepEqual(objectHeaders('a.css', { contentType: 'guess' }), { 'content-type': 'text/css; charset=utf-8' });
});

test('Objects do not share their headers', () => {
  const headers = prepareObjectHeaders({ contentType: 'text/plain' });
  assert.notEqual(headers('a'), headers('a'));
});

test('An ACL and grants exclude each other', () => {
  refuses(() => objectHeaders('a', { acl: 'private', headers: { 'x-amz-grant-read': 'id=1' } }), /exclude each other/);
  refuses(() => objectHeaders('a', {}, { 'x-amz-acl': 'private', 'x-amz-grant-read': 'id=1' }), /exclude each other/);
});

test('User metadata is limited to 2 KB over all places that give it', () => {
  const half = 'x'.repeat(1023);
  assert.ok(objectHeaders('a', { metadata: { a: half, b: half } }));
  refuses(() => objectHeaders('a', { metadata: { a: half, b: `${half}x` } }), /2,049 bytes/);
  refuses(() => objectHeaders('a', { metadata: { a: half } }, { 'x-amz-meta-b': `${half}x` }), /2,049 bytes/);
});

test('Metadata names are written without their prefix', () => {
  refuses(() => objectHeaders('a', { metadata: { 'x-amz-meta-a': '1' } }), /x-amz-meta-a/, /without/);
  refuses(() => objectHeaders('a', { metadata: { '': '1' } }), /cannot be used/);
  refuses(() => objectHeaders('a', { metadata: { 'a b': '1' } }), /not a header name/);
});

test('Options are checked before the first object', () => {
  refuses(() => prepareObjectHeaders({ contentType: 'html' }), /content type/);
  refuses(() => prepareObjectHeaders({ cacheControl: 'a\nb' }), /control character/);
  refuses(() => prepareObjectHeaders({ headers: { foo: 'x' } }), /"foo"/);
});
