import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageClass } from '@aws-sdk/client-s3';
import { taggingHeader } from '../../../src/encode/header-syntax.js';
import { type HeaderOptions, objectHeaders } from '../../../src/encode/object-headers.js';
import { UsageError } from '../../../src/errors.js';
import { connectionOf } from '../../../src/options/connection.js';
import { type PutOptions, SSE_METHODS, STORAGE_CLASSES } from '../../../src/options/types.js';

const SSE = 'x-amz-server-side-encryption';
const KEY = `${SSE}-aws-kms-key-id`;
const CUSTOMER = {
  [`${SSE}-customer-algorithm`]: 'AES256',
  [`${SSE}-customer-key`]: 'a2V5',
  [`${SSE}-customer-key-md5`]: 'bWQ1',
};

/** Headers besides the content type. */
function headersOf(options: HeaderOptions, own?: Readonly<Record<string, string>>): Record<string, string> {
  const { 'content-type': _, ...headers } = objectHeaders('a', options, own);
  return headers;
}

function refuses(act: () => unknown, tells: RegExp): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof UsageError, String(error));
    assert.match(`${error.message} ${error.hint ?? ''}`, tells);
    return true;
  });
}

test('every storage class of the option is one that S3 has', () => {
  const known: readonly string[] = Object.values(StorageClass);
  for (const storageClass of STORAGE_CLASSES) {
    assert.ok(known.includes(storageClass), storageClass);
    assert.deepEqual(headersOf({ storageClass }), { 'x-amz-storage-class': storageClass });
  }
});

test('each option sets the header of its name, and no other header is sent', () => {
  const rows: readonly (readonly [HeaderOptions, Readonly<Record<string, string>>])[] = [
    [{}, {}],
    [{ tagging: {}, requestPayer: false }, {}],
    ...SSE_METHODS.map((sse) => [{ sse }, { [SSE]: sse }] as const),
    [
      { sse: 'aws:kms', sseKmsKeyId: 'alias/site' },
      { [SSE]: 'aws:kms', [KEY]: 'alias/site' },
    ],
    [
      { sse: 'aws:kms:dsse', sseKmsKeyId: 'k' },
      { [SSE]: 'aws:kms:dsse', [KEY]: 'k' },
    ],
    [{ tagging: { team: 'docs' } }, { 'x-amz-tagging': 'team=docs' }],
    [{ requestPayer: true }, { 'x-amz-request-payer': 'requester' }],
    [{ expectedBucketOwner: '012345678901' }, { 'x-amz-expected-bucket-owner': '012345678901' }],
  ];
  for (const [options, expected] of rows) assert.deepEqual(headersOf(options), expected, JSON.stringify(options));
});

test('named options override headers, and an item overrides both', () => {
  const options: HeaderOptions = {
    storageClass: 'STANDARD_IA',
    sse: 'AES256',
    tagging: { a: '1' },
    expectedBucketOwner: '111122223333',
    headers: {
      'X-Amz-Storage-Class': 'GLACIER',
      [SSE]: 'aws:kms',
      'x-amz-tagging': 'b=2',
      'x-amz-expected-bucket-owner': '999999999999',
      'x-amz-request-payer': 'requester',
    },
  };
  assert.deepEqual(headersOf(options), {
    'x-amz-storage-class': 'STANDARD_IA',
    [SSE]: 'AES256',
    'x-amz-tagging': 'a=1',
    'x-amz-expected-bucket-owner': '111122223333',
    'x-amz-request-payer': 'requester',
  });
  const own = { 'x-amz-storage-class': 'STANDARD', [SSE]: 'aws:kms', 'x-amz-tagging': 'c=3' };
  assert.deepEqual(headersOf(options, own), {
    ...own,
    'x-amz-expected-bucket-owner': '111122223333',
    'x-amz-request-payer': 'requester',
  });
});

test('a KMS key needs an encryption by KMS, wherever the two come from', () => {
  const needs = /KMS key.*Set sse to "aws:kms" or "aws:kms:dsse"/;
  refuses(() => headersOf({ sseKmsKeyId: 'k' }), /bucket's own.*Set sse to "aws:kms"/);
  refuses(() => headersOf({ sse: 'AES256', sseKmsKeyId: 'k' }), /"AES256".*Set sse to "aws:kms"/);
  refuses(() => headersOf({ headers: { [KEY]: 'k' } }), needs);
  refuses(() => headersOf({ sse: 'AES256', headers: { [SSE]: 'aws:kms', [KEY]: 'k' } }), needs);
  refuses(() => headersOf({}, { [KEY]: 'k' }), needs);
  refuses(() => headersOf({ sse: 'AES256' }, { [KEY]: 'k' }), needs);
  const both = { [SSE]: 'aws:kms', [KEY]: 'k' };
  assert.deepEqual(headersOf({ sseKmsKeyId: 'k', headers: { [SSE]: 'aws:kms' } }), both);
  assert.deepEqual(headersOf({ sse: 'aws:kms', headers: { [KEY]: 'k' } }), both);
  assert.deepEqual(headersOf({ sse: 'aws:kms' }, { [KEY]: 'k' }), both);
});

test('an item’s own encryption replaces what belongs to the inherited one', () => {
  const kms: HeaderOptions = {
    sse: 'aws:kms',
    sseKmsKeyId: 'k',
    headers: { [`${SSE}-bucket-key-enabled`]: 'true', 'cache-control': 'no-cache' },
  };
  const rest = { 'cache-control': 'no-cache' };
  assert.deepEqual(headersOf(kms, { [SSE]: 'AES256' }), { ...rest, [SSE]: 'AES256' });
  assert.deepEqual(headersOf(kms, CUSTOMER), { ...rest, ...CUSTOMER });
  assert.deepEqual(headersOf(kms, { [SSE]: 'aws:kms:dsse' }), {
    ...rest,
    [SSE]: 'aws:kms:dsse',
    [KEY]: 'k',
    [`${SSE}-bucket-key-enabled`]: 'true',
  });
  assert.deepEqual(headersOf({ headers: CUSTOMER }, { [SSE]: 'aws:kms' }), { [SSE]: 'aws:kms' });
  refuses(() => headersOf({ sse: 'AES256', headers: CUSTOMER }), /"AES256".*key of your own.*exclude each other/);
  refuses(() => headersOf({}, { [SSE]: 'aws:kms', ...CUSTOMER }), /exclude each other/);
});

test('unknown choices are refused with the known ones', () => {
  refuses(
    () => headersOf({ storageClass: 'standard' as 'STANDARD' }),
    /storageClass "standard".*STANDARD, STANDARD_IA, .*SNOW/,
  );
  refuses(() => headersOf({ sse: 'kms' as 'aws:kms' }), /sse "kms".*AES256, aws:kms, aws:kms:dsse/);
  refuses(() => headersOf({ sse: 'aws:kms', sseKmsKeyId: 'a\nb' }), /control character/);
});

test('tags are sent as a query, with what it would misread encoded', () => {
  assert.equal(
    taggingHeader({ team: 'docs', Team: '', 'a b': 'c+d=e/f@g:h' }),
    'team=docs&Team=&a%20b=c%2Bd%3De%2Ff%40g%3Ah',
  );
  assert.equal(taggingHeader({ größe: '大' }), 'gr%C3%B6%C3%9Fe=%E5%A4%A7');
  assert.equal(taggingHeader({}), undefined);
});

test('tags keep the limits and the characters of S3', () => {
  const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']));
  assert.equal(taggingHeader(tags(10))?.split('&').length, 10);
  assert.ok(taggingHeader({ ['k'.repeat(128)]: 'v'.repeat(256) }));
  const rows: readonly (readonly [unknown, RegExp])[] = [
    [tags(11), /11 tags.*at most 10/],
    [{ ['k'.repeat(129)]: 'v' }, /key of the tag "k+" has 129 characters.*at most 128/],
    [{ k: 'v'.repeat(257) }, /value of the tag "k" has 257 characters.*at most 256/],
    [{ k: '𐐀'.repeat(129) }, /258 characters/],
    [{ '': 'v' }, /no key.*key=value/],
    [{ 'a&b': 'v' }, /key of the tag "a&b" holds "&".*letters, digits/],
    [{ k: 'a,b' }, /value of the tag "k" holds ","/],
    [{ k: 'a\nb' }, /holds "\\n"/],
    [{ k: '\ud800' }, /holds/],
    [{ k: 1 }, /value of the tag "k" is number/],
    [{ 'AWS:x': 'v' }, /"AWS:x" cannot be given.*"aws:"/],
    [['a'], /tagging is \["a"\].*Give an object/],
    ['a=1', /tagging is "a=1".*Give an object/],
    [null, /tagging is null/],
  ];
  for (const [wrong, tells] of rows) refuses(() => taggingHeader(wrong as Record<string, string>), tells);
});

test('the owner and the payer are headers of every request', () => {
  const headersFor = (options: Partial<PutOptions>) =>
    connectionOf({ source: 'a', bucket: 'b', ...options }).requestHeaders;
  assert.deepEqual(headersFor({}), {});
  assert.deepEqual(headersFor({ requestPayer: false }), {});
  assert.deepEqual(headersFor({ requestPayer: true, expectedBucketOwner: '111122223333' }), {
    'x-amz-request-payer': 'requester',
    'x-amz-expected-bucket-owner': '111122223333',
  });
  for (const owner of ['', '1111', '1111222233334', '1111-2222-3333', 'a'.repeat(12), 111122223333])
    refuses(() => headersFor({ expectedBucketOwner: owner as string }), /expectedBucketOwner is .*12 digits/);
  refuses(() => headersFor({ requestPayer: 'requester' as unknown as boolean }), /requestPayer is "requester"/);
});
