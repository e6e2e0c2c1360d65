import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { compressedHeaders, compressionChoice, decideCompression } from '../../../src/encode/compression.js';
import { UsageError } from '../../../src/errors.js';
import { checkedGzip, checkedGzipLevel } from '../../../src/options/common.js';
import type { GzipOption } from '../../../src/options/types.js';
import { gzipBytes } from '../../../src/transfer/body/gzip.js';

const decide = (
  gzip: GzipOption,
  contentType: string,
  more: { key?: string; size?: number; encoding?: string } = {},
) => {
  const { key = 'a', size, encoding } = more;
  const headers = { 'content-type': contentType, ...(encoding !== undefined && { 'content-encoding': encoding }) };
  const { compress, reason } = decideCompression({ choice: compressionChoice({}, {}, { gzip }), headers, key, size });
  return { compress: compress !== undefined, reason };
};

describe('compressed by default', () => {
  const types: readonly (readonly [string, boolean])[] = [
    ['text/html; charset=utf-8', true],
    ['TEXT/CSS', true],
    ['text/javascript', true],
    ['text/x-anything', true],
    ['application/javascript', true],
    ['application/json; charset=utf-8', true],
    ['application/ld+json', true],
    ['application/manifest+json', true],
    ['application/xml', true],
    ['application/rss+xml', true],
    ['application/xhtml+xml', true],
    ['image/svg+xml', true],
    ['application/wasm', true],
    ['image/x-icon', true],
    ['image/vnd.microsoft.icon', true],
    ['image/bmp', true],
    ['font/ttf', true],
    ['font/woff2', false],
    ['image/png', false],
    ['image/jpeg', false],
    ['video/mp4', false],
    ['application/pdf', false],
    ['application/octet-stream', false],
    ['application/gzip', false],
    ['application/zip', false],
  ];
  for (const [type, compress] of types) {
    test(`${type}: ${compress ? 'yes' : 'no'}`, () => assert.equal(decide(true, type).compress, compress));
  }
});

describe('a list of types', () => {
  test('takes those types and no others, whatever their charset', () => {
    assert.equal(decide(['text/css'], 'text/css; charset=utf-8').compress, true);
    assert.equal(decide(['text/css'], 'text/html').compress, false);
    assert.equal(decide(['image/*'], 'image/png').compress, true);
    assert.equal(decide(['image/*'], 'imagex/png').compress, false);
    assert.equal(decide([], 'text/css').compress, false);
  });

  test('takes the compressible types too where it has the word guess', () => {
    assert.equal(decide(['guess', 'application/pdf'], 'text/html').compress, true);
    assert.equal(decide(['guess', 'application/pdf'], 'application/pdf').compress, true);
    assert.equal(decide(['guess', 'application/pdf'], 'image/png').compress, false);
  });
});

describe('nothing is compressed twice', () => {
  const rows: readonly (readonly [string, ReturnType<typeof decide>, string])[] = [
    ['a given Content-Encoding', decide('all', 'text/css', { encoding: 'br' }), 'Content-Encoding is given'],
    ['Content-Encoding identity', decide(true, 'text/css', { encoding: 'identity' }), 'Content-Encoding is given'],
    ['a name in .gz', decide('all', 'text/css', { key: 'a.css.gz' }), 'encoded by its name'],
    ['a name in .svgz', decide(true, 'image/svg+xml', { key: 'a.SVGZ' }), 'encoded by its name'],
    ['a name in .br', decide(['text/css'], 'text/css', { key: 'd.x/a.css.br' }), 'encoded by its name'],
    ['the type gzip', decide('all', 'application/gzip'), 'compressed by its type'],
    ['the type zip, although listed', decide(['application/zip'], 'application/zip'), 'compressed by its type'],
    ['an empty body', decide('all', 'text/css', { size: 0 }), 'empty'],
    ['a run without gzip', decide(false, 'text/css'), 'off'],
  ];
  for (const [what, answer, reason] of rows) {
    test(what, () => assert.deepEqual(answer, { compress: false, reason }));
  }

  test('and everything else is, with all', () => {
    assert.equal(decide('all', 'image/png', { key: 'a.png' }).compress, true);
    assert.equal(decide('all', 'application/octet-stream', { key: 'gz/br' }).compress, true);
  });
});

describe('the option', () => {
  test('is read without regard to case and parameters', () => {
    assert.deepEqual(checkedGzip('gzip', ['Text/CSS; charset=utf-8', 'GUESS', 'font/*']), [
      'text/css',
      'guess',
      'font/*',
    ]);
    assert.equal(checkedGzip('gzip', ['text/css', 'all']), 'all');
    for (const same of [true, false, 'all'] as const) assert.equal(checkedGzip('gzip', same), same);
    assert.equal(checkedGzip('gzip', undefined), false);
  });

  test('refuses what is no type, and quotes it', () => {
    for (const wrong of ['css', 'text/', '/css', 'text/css/x', '', '*/*', 'a b/c', 'text/c*', 7, null]) {
      assert.throws(
        () => checkedGzip('gzip', ['text/css', wrong]),
        (error) => error instanceof UsageError && error.message.includes(`gzip: ${JSON.stringify(wrong)} is not`),
      );
    }
    for (const wrong of ['text/css', 'guess', 1, {}, null]) {
      assert.throws(() => checkedGzip('gzip', wrong), /^UsageError: gzip is .* list of content types/);
    }
  });

  test('has a level from 1 to 9, by default 6', () => {
    assert.equal(checkedGzipLevel('gzipLevel', undefined), 6);
    assert.equal(checkedGzipLevel('gzipLevel', 9), 9);
    for (const wrong of [0, 10, 1.5, '6', Number.NaN, null]) {
      assert.throws(() => checkedGzipLevel('gzipLevel', wrong), /^UsageError: gzipLevel is .* from 1 \(fast\) to 9/);
    }
  });
});

describe('compressed bytes', () => {
  const text = Buffer.from('p { color: red }\n'.repeat(1000));

  test('give the source back, name no time, and always the same system', async () => {
    const first = await gzipBytes(text, 6);
    assert.ok(first !== undefined);
    assert.deepEqual(gunzipSync(first), text);
    assert.deepEqual([...first.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
    assert.deepEqual(await gzipBytes(text, 6), first);
  });

  test('depend on the level', async () => {
    const [fast, small] = [await gzipBytes(text, 1), await gzipBytes(text, 9)];
    assert.ok(fast !== undefined && small !== undefined && small.length < fast.length);
  });

  test('do not exist where they would not be smaller, or the source is a gzip file by its bytes', async () => {
    assert.equal(await gzipBytes(randomBytes(10_000), 9), undefined);
    assert.equal(await gzipBytes(Buffer.from('short, not worth it'), 9), undefined);
    assert.equal(await gzipBytes(Buffer.alloc(0), 9), undefined);
    const zipped = gzipSync(text);
    assert.equal(await gzipBytes(Buffer.concat([zipped, Buffer.alloc(100_000)]), 9), undefined);
  });

  test('have headers that say so, with the MD5 of the source', () => {
    const headers = compressedHeaders({ 'content-type': 'text/css', 'x-amz-meta-a': 'b' }, 'gzip', 'd41d');
    assert.deepEqual(headers, {
      'content-type': 'text/css',
      'x-amz-meta-a': 'b',
      'content-encoding': 'gzip',
      'x-amz-meta-s3pp-md5': 'd41d',
    });
    const full = { 'x-amz-meta-a': 'x'.repeat(2_040) };
    assert.throws(() => compressedHeaders(full, 'gzip', 'd'.repeat(32)), {
      name: 'UsageError',
      message: /^The user metadata has 2,081 bytes/,
      hint: /"s3pp-md5" of 40 bytes.*leave gzip off/,
    });
  });
});

test('an encoding that only names how bytes were once sent does not keep them from being compressed', () => {
  assert.equal(decide(true, 'text/css', { encoding: 'aws-chunked' }).compress, true);
  assert.equal(decide(true, 'text/css', { encoding: 'aws-chunked, br' }).reason, 'Content-Encoding is given');
});
