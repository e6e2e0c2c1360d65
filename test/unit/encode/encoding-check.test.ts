import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkEncoding, type EncodingVerdict } from '../../../src/encode/encoding-check.js';

const GZIP = Buffer.from([0x1f, 0x8b, 8, 0]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18]);
const TEXT = Buffer.from('text');

function verdict(key: string, bytes: Buffer, type: string, encoding?: string): EncodingVerdict['is'] {
  const headers = { 'content-type': type, ...(encoding !== undefined && { 'content-encoding': encoding }) };
  return checkEncoding(headers, key, bytes).is;
}

const rows: readonly (readonly [string, EncodingVerdict['is'], EncodingVerdict['is']])[] = [
  ['text without an encoding', verdict('a.css', TEXT, 'text/css'), 'right'],
  ['gzip under a type worth compressing', verdict('a.css', GZIP, 'text/css; charset=utf-8'), 'missing'],
  ['zstd under one', verdict('a.json', ZSTD, 'application/json'), 'missing'],
  ['gzip under .svgz', verdict('a.svgz', GZIP, 'image/svg+xml'), 'missing'],
  ['gzip under a picture', verdict('a.png', GZIP, 'image/png'), 'odd'],
  ['gzip under no type', verdict('backup', GZIP, 'application/octet-stream'), 'odd'],
  ['a gzip file', verdict('a.css.gz', GZIP, 'application/gzip'), 'right'],
  ['a gzip file with the type of what is inside', verdict('a.css.gz', GZIP, 'text/css'), 'right'],
  ['a gzip file under another name', verdict('a.pkg', GZIP, 'application/x-gzip'), 'right'],
  ['a type that says so', verdict('a.x', GZIP, 'application/x-gtar-compressed'), 'right'],
  ['gzip as said', verdict('a.css', GZIP, 'text/css', 'gzip'), 'right'],
  ['text that is said to be gzip', verdict('a.css', TEXT, 'text/css', 'gzip'), 'wrong'],
  ['in the older word', verdict('a.css', TEXT, 'text/css', ' X-GZIP '), 'wrong'],
  ['one byte', verdict('a.css', Buffer.from('t'), 'text/css', 'gzip'), 'wrong'],
  ['nothing', verdict('a.css', Buffer.alloc(0), 'text/css', 'gzip'), 'right'],
  ['text that is said to be zstd', verdict('a.css', TEXT, 'text/css', 'zstd'), 'wrong'],
  ['zstd as said', verdict('a.css', ZSTD, 'text/css', 'zstd'), 'right'],
  ['a frame of zstd that is skipped', verdict('a.css', SKIPPABLE, 'text/css', 'zstd'), 'right'],
  ['br, which nothing shows', verdict('a.css', TEXT, 'text/css', 'br'), 'right'],
  ['of several the last: gzip', verdict('a.css', TEXT, 'text/css', 'br, gzip'), 'wrong'],
  ['of several the last: br', verdict('a.css', TEXT, 'text/css', 'gzip, br'), 'right'],
  ['identity', verdict('a.css', GZIP, 'text/css', 'identity'), 'right'],
  ['an unknown coding', verdict('a.css', TEXT, 'text/css', 'deflate'), 'right'],
];

for (const [what, actual, expected] of rows) test(`${what}: ${expected}`, () => assert.equal(actual, expected));
