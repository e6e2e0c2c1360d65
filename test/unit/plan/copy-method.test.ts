import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyMethod, LARGEST_COPY } from '../../../src/plan/copy-method.js';

const MIB = 1024 ** 2;
const MD5 = 'a'.repeat(32);
const WHY = 'the endpoints differ';

for (const [name, size, etag, relay, splitAbove, expected] of [
  ['a small object', 5, MD5, undefined, undefined, 'object own: copied by the server'],
  ['an empty object', 0, MD5, undefined, undefined, 'object own: copied by the server'],
  ['an empty object that came in a part', 0, `${MD5}-1`, undefined, undefined, 'object own: copied by the server'],
  ['the largest that is copied at once', LARGEST_COPY, MD5, undefined, undefined, 'object own: copied by the server'],
  ['one byte more', LARGEST_COPY + 1, MD5, undefined, undefined, 'parts own: copied by the server, in ranges'],
  ['what is at splitAbove', 5 * MIB, MD5, undefined, 5 * MIB, 'object own: copied by the server'],
  ['what is above splitAbove', 5 * MIB + 1, MD5, undefined, 5 * MIB, 'parts own: copied by the server, in ranges'],
  ['one part', 5, `${MD5}-1`, undefined, undefined, 'parts source: copied by the server, in 1 part as the source'],
  ['parts', 9 * MIB, `${MD5}-2`, undefined, 5 * MIB, 'parts source: copied by the server, in 2 parts as the source'],
  ['no ETag', 5, undefined, undefined, undefined, 'object own: copied by the server'],
  ['another kind of ETag', 5, 'abc-2', undefined, undefined, 'object own: copied by the server'],
  ['what is relayed', 8 * MIB, MD5, WHY, undefined, `object own: relayed, ${WHY}`],
  ['what is relayed and large', 8 * MIB + 1, MD5, WHY, undefined, `parts own: relayed, ${WHY}, in ranges`],
  [
    'what is relayed in parts',
    9,
    `${MD5}-3`,
    WHY,
    undefined,
    `parts source: relayed, ${WHY}, in 3 parts as the source`,
  ],
] as const)
  test(`${name} is copied as ${expected}`, () => {
    const way = copyMethod({ size, etag }, { relay, splitAbove, threshold: 8 * MIB });
    assert.equal(`${way.by} ${way.layout}: ${way.reason}`, expected);
    assert.equal(way.relayed, relay !== undefined);
  });
