import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizeHeaders, takeRemoved } from '../../../src/encode/header-syntax.js';
import { objectHeaders } from '../../../src/encode/object-headers.js';

test('an empty value is one of the headers that an object may be without', () => {
  for (const name of ['cache-control', 'content-disposition', 'content-language', 'expires'])
    assert.deepEqual(normalizeHeaders({ [name]: ' ' }), { [name]: '' });
  assert.deepEqual(normalizeHeaders({ 'X-Amz-Website-Redirect-Location': '', 'x-amz-meta-a': '' }), {
    'x-amz-website-redirect-location': '',
    'x-amz-meta-a': '',
  });
  for (const name of ['content-type', 'content-encoding', 'x-amz-acl', 'x-amz-storage-class', 'x-amz-tagging'])
    assert.throws(() => normalizeHeaders({ [name]: '' }), /is empty/, name);
});

test('names with an empty value are taken out, and do not count as metadata', () => {
  const headers = { 'cache-control': '', 'content-type': 'a/b', 'x-amz-meta-a': '' };
  assert.deepEqual(takeRemoved(headers), ['cache-control', 'x-amz-meta-a']);
  assert.deepEqual(headers, { 'content-type': 'a/b' });
  const metadata = { big: 'x'.repeat(2_045), ['y'.repeat(100)]: '' };
  assert.equal(objectHeaders('a', { metadata })[`x-amz-meta-${'y'.repeat(100)}`], '');
});
