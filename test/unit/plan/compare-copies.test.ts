import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CopyFacts, compareCopies, type HeadFacts } from '../../../src/plan/compare.js';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const sum = (value: string) => ({ algorithm: 'CRC64NVME', value }) as HeadFacts['checksum'];
const facts = (given: Partial<HeadFacts> = {}): HeadFacts => ({
  kms: false,
  checksum: undefined,
  copiedFrom: undefined,
  ...given,
});
const UNPROVEN = 'content unproven, ETags cannot be compared and no checksum of the whole is told';

type Row = readonly [
  name: string,
  source: string | undefined,
  dest: string | undefined,
  facts: CopyFacts,
  kms: 'yes' | 'no' | 'unknown',
  expected: string,
];

const ROWS: readonly Row[] = [
  ['equal MD5s', A, A, {}, 'unknown', 'same content'],
  ['equal MD5s in other letters', A.toUpperCase(), A, {}, 'unknown', 'same content'],
  ['equal ETags of parts', `${A}-3`, `${A}-3`, {}, 'yes', 'same content'],
  ['other MD5s, no key known', A, B, {}, 'unknown', 'find dest'],
  ['other MD5s where no key encrypts', A, B, {}, 'no', 'content differs'],
  ['other MD5s where keys encrypt', A, B, {}, 'yes', 'find dest'],
  ['an ETag of parts and an MD5', `${A}-2`, B, {}, 'no', 'find dest'],
  ['no ETag at all', undefined, undefined, {}, 'no', 'find dest'],
  ['the destination gone meanwhile', A, B, { dest: 'absent' }, 'unknown', 'new'],
  ['a copy that tells its source', A, `${B}-2`, { dest: facts({ copiedFrom: A }) }, 'no', 'same content'],
  ['a copy that tells another source', A, `${B}-2`, { dest: facts({ copiedFrom: B }) }, 'no', 'find source'],
  ['only the destination known', A, B, { dest: facts({ kms: true }) }, 'yes', 'find source'],
  ['no key on either side', A, B, { dest: facts(), source: facts() }, 'unknown', 'content differs'],
  ['a key at the destination', A, B, { dest: facts({ kms: true }), source: facts() }, 'yes', UNPROVEN],
  [
    'equal checksums',
    A,
    B,
    { dest: facts({ kms: true, checksum: sum('x') }), source: facts({ checksum: sum('x') }) },
    'yes',
    'same content',
  ],
  [
    'other checksums',
    A,
    B,
    { dest: facts({ kms: true, checksum: sum('x') }), source: facts({ checksum: sum('y') }) },
    'yes',
    'content differs',
  ],
  [
    'a checksum on one side',
    `${A}-2`,
    `${B}-2`,
    { dest: facts({ checksum: sum('x') }), source: facts() },
    'no',
    UNPROVEN,
  ],
  [
    'a source that may not be asked',
    A,
    `${B}-2`,
    { dest: facts(), source: 'denied' },
    'no',
    'content unproven, HEAD of the source is denied',
  ],
];

for (const [name, source, dest, known, kms, expected] of ROWS)
  test(`${name}: ${expected}`, () => {
    const compared = compareCopies({ size: 5, etag: source }, { size: 5, etag: dest }, known, kms);
    const told = compared.action === 'find' ? `find ${compared.fact}` : compared.reason;
    assert.equal(told, expected);
    assert.equal(compared.action, expected.startsWith('find') ? 'find' : expected === 'same content' ? 'skip' : 'put');
  });

test('empty objects are the same, whatever their ETags', () => {
  const [a, b] = [
    { size: 0, etag: A },
    { size: 0, etag: undefined },
  ];
  assert.deepEqual(compareCopies(a, b, {}, 'unknown'), { action: 'skip', reason: 'same content' });
});
