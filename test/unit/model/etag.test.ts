import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { endsInPartCount, isHeaderEtag, isMd5, multipartEtag, partCountOf } from '../../../src/model/etag.js';

const MD5 = hash('md5', 'a');

test('an ETag of 32 hex digits is an MD5, and one with a number of parts is not', () => {
  assert.ok(isMd5(MD5));
  assert.ok(isMd5(MD5.toUpperCase()));
  for (const etag of [undefined, '', `${MD5}-1`, `"${MD5}"`, MD5.slice(1), `${MD5}0`]) assert.ok(!isMd5(etag));
});

test('an ETag of a multipart upload names how many parts it has', () => {
  assert.equal(partCountOf(`${MD5}-12`), 12);
  for (const etag of [undefined, '', MD5, 'an-12', `${MD5}-`]) assert.equal(partCountOf(etag), undefined);
  assert.ok(endsInPartCount(`${MD5}-12`));
  assert.ok(endsInPartCount('an-12'));
  assert.ok(!endsInPartCount(MD5));
  assert.ok(!endsInPartCount(undefined));
});

test('the ETag of an object in parts is the MD5 of their MD5s and their number', () => {
  const bytes = Buffer.concat([hash('md5', 'a', 'buffer'), hash('md5', 'b', 'buffer')]);
  assert.equal(multipartEtag([hash('md5', 'a'), hash('md5', 'b')]), `${hash('md5', bytes)}-2`);
});

test('an ETag stands in a header where it has visible characters and no quotes', () => {
  for (const etag of [MD5, `${MD5}-12`, 'opaque_+/=', '!']) assert.ok(isHeaderEtag(etag), etag);
  for (const etag of [undefined, '', 'a b', 'a"b', 'a\r\nb: c', 'ü', '\x7f']) assert.ok(!isHeaderEtag(etag), `${etag}`);
});
