import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { maskSecrets, maskUrl, maskUrlsIn, shownValue } from '../../../src/report/mask-secrets.js';

describe('a URL is shown without its user and password', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['http://user:Pa/ss@h:3128', 'http://***@h:3128'],
    ['user:pw@h:99999', '***@h:99999'],
    ['http://user:p#w@h', 'http://***@h'],
    ['http://user:p?w@h', 'http://***@h'],
    ['http://user:p@w@h', 'http://***@h'],
    ['http://user:p w@h', 'http://***@h'],
    ['http://user:100%@h', 'http://***@h'],
    ['http://user:pw%40h:3128', 'http://***%40h:3128'],
    ['http://user:pw\uff20h', 'http://***\uff20h'],
    ['http:\\\\user:pw@h', 'http:\\\\***@h'],
    ['http:/user:pw@h', 'http:/***@h'],
    ['http:user:pw@h', 'http:***@h'],
    ['"http://user:pw@h"', '"http://***@h"'],
    ['proxy=http://user:pw@h', '***@h'],
    ['https://AKIAEXAMPLE:se/cr+et@endpoint', 'https://***@endpoint'],
    ['s3://AKIAEXAMPLE:se/cr+et@bucket', 's3://***@bucket'],
    ['https://token@h/path', 'https://***@h/path'],
    ['socks5://user:pw@h', 'socks5://***@h'],
    // No "@": what follows the host and is no port may be a password.
    ['http://user:password', 'http://user:***'],
    ['http://user:pw:h:3128', 'http://user:***'],
    ['user:password/h', 'user:***'],
    ['http://user:123456', 'http://user:***'],
    ['http://h:9000?password=x', 'http://h:9000?***'],
    ['http://h/#x', 'http://h/#***'],
    // Nothing to hide.
    ['http://127.0.0.1:9000/base', 'http://127.0.0.1:9000/base'],
    ['http://[::1]:9000', 'http://[::1]:9000'],
    ['http://[::1]', 'http://[::1]'],
    ['minio.example.com:9000', 'minio.example.com:9000'],
    ['h:99999', 'h:99999'],
    ['s3.example.com', 's3.example.com'],
    ['https://h:', 'https://h:'],
    ['', ''],
  ];
  for (const [url, shown] of rows) test(JSON.stringify(url), () => assert.equal(maskUrl(url), shown));
});

describe('in a text only what looks like the user of a URL is hidden', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['"http://user:Pa/ss@h" is no bucket', '"http://***@h" is no bucket'],
    ['"s3://AKIA:se/cret@b" is no bucket', '"s3://***@b" is no bucket'],
    ['s3://bucket/@scope/file', 's3://bucket/@scope/file'],
    ['https://medium.com/@user', 'https://medium.com/@user'],
    ['node_modules/@scope/file', 'node_modules/@scope/file'],
    ['owner: me@example.com', 'owner: me@example.com'],
    ['https://h/?X-Amz-Signature=abc&x=1', 'https://h/?X-Amz-Signature=***&x=1'],
    ['https://h/?x=1&access_token=abc#t', 'https://h/?x=1&access_token=***#t'],
  ];
  for (const [text, shown] of rows) test(text, () => assert.equal(maskUrlsIn(text), shown));
});

test('values of options for URLs are masked as URLs, others as texts', () => {
  assert.equal(maskSecrets('user:pw@h', 'proxy'), '***@h');
  assert.equal(maskSecrets('user:pw@h', 'sourceEndpointUrl'), '***@h');
  assert.equal(maskSecrets('a:b@c', 'storageClass'), 'a:b@c');
  assert.deepEqual(maskSecrets({ 'x-amz-server-side-encryption-customer-key': 'k', a: ['http://u:p@h'] }), {
    'x-amz-server-side-encryption-customer-key': '***',
    a: ['http://***@h'],
  });
  assert.equal(shownValue('user:pw@h', 'proxy'), '"***@h"');
});

const PASSWORD = fc.stringMatching(/^SECRET[ -~é\uff20]{0,8}SECRET$/);

test('a password is never left in a URL, whatever it holds and however the URL is written', () => {
  const before = fc.constantFrom('http://', 'https://', '', 's3://', 'http:/', 'http:', 'HTTP://', ' http://', '//');
  const after = fc.constantFrom('@h', '@h:3128', '@h:99999', '@', '%40h', '@h/path', '@[::1', '@h/a b');
  fc.assert(
    fc.property(before, fc.constantFrom('user', 'AKIAEXAMPLE', ''), PASSWORD, after, (scheme, user, password, host) => {
      const url = `${scheme}${user}:${password}${host}`;
      assert.doesNotMatch(maskUrl(url), /SECRET/);
      if (scheme.endsWith('//')) assert.doesNotMatch(maskUrlsIn(`"${url}" is wrong`), /SECRET/);
    }),
  );
});
