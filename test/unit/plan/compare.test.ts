import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { partCount, partSizeFor } from '../../../src/model/part-layout.js';
import {
  type Comparison,
  compareContent,
  type Facts,
  type KmsUse,
  type RemoteContent,
} from '../../../src/plan/compare.js';

const MIB = 1024 * 1024;
const MD5 = '0123456789abcdef0123456789abcdef';
const OTHER = 'f'.repeat(32);
const CRC = { algorithm: 'CRC32', value: 'AAAAAA==' };

const plain: RemoteContent = { size: 10, etag: MD5, wholeChecksum: true };
const own: RemoteContent = { size: 20 * MIB, etag: `${MD5}-3` };
const foreign: RemoteContent = { size: 20 * MIB, etag: `${MD5}-4` };
const head = (kms: boolean, checksum?: typeof CRC) => ({ head: { kms, checksum } });

const ROWS: readonly (readonly [string, RemoteContent, Facts, KmsUse, string])[] = [
  ['an MD5 asks for ours', plain, {}, 'unknown', 'find md5'],
  ['an MD5 that is ours', plain, { md5: MD5 }, 'unknown', 'skip'],
  ['an MD5 in capitals', { ...plain, etag: MD5.toUpperCase() }, { md5: MD5 }, 'no', 'skip'],
  ['the first mismatch asks about KMS', plain, { md5: OTHER }, 'unknown', 'find head'],
  ['a mismatch that is not by KMS', plain, { md5: OTHER, ...head(false, CRC) }, 'unknown', 'put'],
  ['a mismatch on a bucket known to be without KMS', plain, { md5: OTHER }, 'no', 'put'],
  ['KMS asks for our checksum', plain, { md5: OTHER, ...head(true, CRC) }, 'yes', 'find localChecksum CRC32'],
  ['KMS with an equal checksum', plain, { ...head(true, CRC), localChecksum: { value: CRC.value } }, 'yes', 'skip'],
  ['KMS with another checksum', plain, { ...head(true, CRC), localChecksum: { value: 'BBBBBB==' } }, 'yes', 'put'],
  [
    'KMS with a checksum that we cannot compute',
    plain,
    { ...head(true, CRC), localChecksum: { value: undefined } },
    'yes',
    'put unproven',
  ],
  ['KMS without a checksum', plain, head(true), 'yes', 'put unproven'],
  ['a KMS bucket is asked at once', plain, {}, 'yes', 'find head'],
  ['an object without KMS in a KMS bucket', plain, head(false), 'yes', 'find md5'],
  ['an object without KMS in a KMS bucket, equal', plain, { ...head(false), md5: MD5 }, 'yes', 'skip'],
  ['an object without KMS in a KMS bucket, different', plain, { ...head(false), md5: OTHER }, 'yes', 'put'],
  ['a mismatch whose HEAD is denied', plain, { md5: OTHER, head: 'denied' }, 'unknown', 'put unproven'],
  ['a mismatch whose HEAD is denied, without KMS', plain, { md5: OTHER, head: 'denied' }, 'no', 'put'],
  ['a KMS bucket whose HEAD is denied', plain, { head: 'denied' }, 'yes', 'find md5'],
  ['a KMS bucket whose HEAD is denied, equal all the same', plain, { head: 'denied', md5: MD5 }, 'yes', 'skip'],
  ['a KMS bucket whose HEAD is denied, different', plain, { head: 'denied', md5: OTHER }, 'yes', 'put unproven'],
  ['a mismatch whose object is gone', plain, { md5: OTHER, head: 'absent' }, 'unknown', 'put'],
  ['foreign parts whose HEAD is denied', foreign, { firstPart: 'denied' }, 'unknown', 'put unproven'],
  [
    'foreign parts whose checksum is denied',
    { ...foreign, wholeChecksum: true },
    { head: 'denied' },
    'unknown',
    'put unproven',
  ],
  [
    'no ETag, and a HEAD that is denied',
    { size: 1, etag: undefined, wholeChecksum: true },
    { head: 'denied' },
    'no',
    'put unproven',
  ],
  ['parts that our rule gives', own, {}, 'unknown', `find etagInParts ${8 * MIB}`],
  [
    'parts that our rule gives, equal',
    own,
    { etagInParts: { partSize: 8 * MIB, etag: `${MD5}-3` } },
    'unknown',
    'skip',
  ],
  [
    'parts that our rule gives, different',
    own,
    { etagInParts: { partSize: 8 * MIB, etag: `${OTHER}-3` } },
    'unknown',
    'find firstPart',
  ],
  ['foreign parts', foreign, {}, 'unknown', 'find firstPart'],
  ['foreign parts with a checksum of the whole', { ...foreign, wholeChecksum: true }, {}, 'unknown', 'find head'],
  [
    'foreign parts whose HEAD has no checksum',
    { ...foreign, wholeChecksum: true },
    head(false),
    'unknown',
    'find firstPart',
  ],
  [
    'foreign parts with our checksum',
    { ...foreign, wholeChecksum: true },
    { ...head(false, CRC), localChecksum: { value: CRC.value } },
    'unknown',
    'skip',
  ],
  [
    'foreign parts of 5 MiB',
    foreign,
    { firstPart: { size: 5 * MIB, kms: false } },
    'unknown',
    `find etagInParts ${5 * MIB}`,
  ],
  [
    'foreign parts of 5 MiB, equal',
    foreign,
    { firstPart: { size: 5 * MIB, kms: false }, etagInParts: { partSize: 5 * MIB, etag: `${MD5}-4` } },
    'no',
    'skip',
  ],
  [
    'foreign parts of 5 MiB, different',
    foreign,
    { firstPart: { size: 5 * MIB, kms: false }, etagInParts: { partSize: 5 * MIB, etag: `${OTHER}-4` } },
    'no',
    'put',
  ],
  ['parts that a KMS key encrypts', foreign, { firstPart: { size: 5 * MIB, kms: true } }, 'unknown', 'put unproven'],
  [
    'parts that a KMS key encrypts, whose checksum cannot be computed',
    { ...foreign, wholeChecksum: true },
    { ...head(true, CRC), localChecksum: { value: undefined } },
    'unknown',
    'put unproven',
  ],
  [
    'parts that a server does not tell',
    foreign,
    { firstPart: { size: undefined, kms: false } },
    'unknown',
    'put unproven',
  ],
  [
    'parts of a server that ignores partNumber',
    foreign,
    { firstPart: { size: 20 * MIB, kms: false } },
    'unknown',
    'put unproven',
  ],
  ['an ETag that is no digest', { size: 1, etag: 'opaque' }, {}, 'unknown', 'put unproven'],
  ['no ETag', { size: 1, etag: undefined }, {}, 'unknown', 'put unproven'],
  ['no ETag but a checksum', { size: 1, etag: undefined, wholeChecksum: true }, {}, 'unknown', 'find head'],
];

function shown(comparison: Comparison): string {
  if (comparison.action !== 'find') return comparison.action + (/unproven/.test(comparison.reason) ? ' unproven' : '');
  const { fact, ...rest } = comparison.fact;
  return ['find', fact, ...Object.values(rest)].join(' ');
}

for (const [what, remote, facts, kms, expected] of ROWS) {
  test(`${what}: ${expected}`, () => assert.equal(shown(compareContent(remote, facts, kms)), expected));
}

test('the part size is the smallest power of two from 8 MiB that gives at most 8,192 parts', () => {
  const rows = [
    [0, 8],
    [1, 8],
    [64 * 1024, 8],
    [64 * 1024 + 1, 16],
    [128 * 1024 + 1, 32],
    [48.8 * 1024 * 1024, 5 * 1024],
  ] as const;
  for (const [mib, part] of rows) assert.equal(partSizeFor(Math.ceil(mib * MIB)), part * MIB, `${mib} MiB`);
  assert.equal(partSizeFor(64 * 1024 * MIB + 1), 16 * MIB);
});

test('whatever the size, parts are legal and at most 9,999', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (nat) => {
      const size = nat % (Math.floor(48.8 * 1024 ** 4) + 1);
      const part = partSizeFor(size);
      assert.ok(part >= 5 * MIB && part <= 5 * 1024 * MIB);
      const count = partCount(size, part);
      assert.ok(count >= 1 && count <= 9_999, `${count}`);
      assert.ok(size === 0 || (count - 1) * part < size);
    }),
  );
});
