import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareEncoded, type EncodedFacts } from '../../../src/plan/compare.js';

const SMALL = 1024 * 1024;
const LARGE = SMALL + 1;
const OURS = { size: 400, md5: 'aa' };
const PLAIN = 'plain';
const OTHER_ENCODING = { sourceMd5: 'CC', sameEncoding: false } as const;
const NOT_OURS = { sourceMd5: undefined, sameEncoding: false } as const;
const put = (reason: string) => `put, ${reason}`;
const skip = (reason: string) => `skip, ${reason}`;

function compared(
  size: number | undefined,
  remote: { readonly size: number; readonly etag?: string },
  facts: EncodedFacts,
  compare: 'content' | 'size' = 'content',
): string {
  const next = compareEncoded(
    { compare, headFirst: (size ?? 0) > SMALL },
    size,
    { size: remote.size, etag: remote.etag },
    facts,
  );
  if (next.action === 'find') return `find ${next.fact}`;
  return 'reason' in next ? `${next.action}, ${next.reason}` : next.action;
}

const rows: readonly (readonly [string, string, string])[] = [
  ['up to 1 MiB the bytes are compressed first', compared(SMALL, { size: 400, etag: 'AA' }, {}), 'find encoded'],
  ['so is what has no known length', compared(undefined, { size: 400 }, {}), 'find encoded'],
  ['above, a HEAD comes first', compared(LARGE, { size: 400, etag: 'AA' }, {}), 'find head'],
  ['equal MD5s are the same', compared(SMALL, { size: 400, etag: 'AA' }, { encoded: OURS }), skip('same content')],
  ['unequal ones ask by HEAD', compared(SMALL, { size: 400, etag: 'bb' }, { encoded: OURS }), 'find head'],
  ['no ETag asks by HEAD', compared(SMALL, { size: 400 }, { encoded: OURS }), 'find head'],
  ['sizes prove nothing', compared(SMALL, { size: 999, etag: 'bb' }, { encoded: OURS }), 'find head'],
  [
    'metadata asks for the MD5 of the source',
    compared(SMALL, { size: 999, etag: 'bb' }, { encoded: OURS, head: { sourceMd5: 'CC', sameEncoding: true } }),
    'find sourceMd5',
  ],
  [
    'above 1 MiB it does so without compressing',
    compared(LARGE, { size: 999, etag: 'bb' }, { head: { sourceMd5: 'CC', sameEncoding: true } }),
    'find sourceMd5',
  ],
  [
    'an equal source is the same, whatever compressed it',
    compared(
      SMALL,
      { size: 999, etag: 'bb' },
      { encoded: OURS, head: { sourceMd5: 'CC', sameEncoding: true }, sourceMd5: 'cc' },
    ),
    skip('same content'),
  ],
  [
    'another source is different',
    compared(LARGE, { size: 999, etag: 'bb' }, { head: { sourceMd5: 'CC', sameEncoding: true }, sourceMd5: 'dd' }),
    put('content differs'),
  ],
  [
    'an object without the metadata is different',
    compared(SMALL, { size: 999, etag: 'bb' }, { encoded: OURS, head: { sourceMd5: undefined, sameEncoding: true } }),
    put('content differs'),
  ],
  [
    'above 1 MiB only after its bytes were compared',
    compared(LARGE, { size: 999, etag: 'bb' }, { head: { sourceMd5: undefined, sameEncoding: true } }),
    'find encoded',
  ],
  [
    'and the same if they are equal',
    compared(LARGE, { size: 400, etag: 'aa' }, { encoded: OURS, head: { sourceMd5: undefined, sameEncoding: true } }),
    skip('same content'),
  ],
  ['gone meanwhile is new', compared(SMALL, { size: 9, etag: 'bb' }, { encoded: OURS, head: 'absent' }), put('new')],
  [
    'a denied HEAD tells nothing',
    compared(SMALL, { size: 9, etag: 'bb' }, { encoded: OURS, head: 'denied' }),
    put('content unproven, HEAD is denied'),
  ],
  ['so above 1 MiB the bytes are asked', compared(LARGE, { size: 9 }, { head: 'denied' }), 'find encoded'],
  ['no gain and equal sizes: plain', compared(SMALL, { size: SMALL, etag: 'bb' }, { encoded: 'no gain' }), PLAIN],
  [
    'no gain here may be a gain elsewhere',
    compared(SMALL, { size: 9, etag: 'bb' }, { encoded: 'no gain' }),
    'find head',
  ],
  [
    'no gain and no metadata: plain',
    compared(SMALL, { size: 9 }, { encoded: 'no gain', head: { sourceMd5: undefined, sameEncoding: true } }),
    PLAIN,
  ],
  [
    'no gain and the same source: the same',
    compared(
      SMALL,
      { size: 9 },
      { encoded: 'no gain', head: { sourceMd5: 'cc', sameEncoding: true }, sourceMd5: 'cc' },
    ),
    skip('same content'),
  ],
  [
    'by size, equal compressed sizes are enough',
    compared(SMALL, { size: 400, etag: 'bb' }, { encoded: OURS }, 'size'),
    skip('same size'),
  ],
  [
    'the same source in another encoding is compressed, if only the HEAD came first',
    compared(LARGE, { size: 9, etag: 'bb' }, { head: OTHER_ENCODING }),
    'find encoded',
  ],
  [
    'its MD5 then says whether the content differs as well',
    compared(SMALL, { size: 9, etag: 'bb' }, { encoded: OURS, head: OTHER_ENCODING }),
    'find sourceMd5',
  ],
  [
    'an equal one is put for its encoding',
    compared(SMALL, { size: 9, etag: 'bb' }, { encoded: OURS, head: OTHER_ENCODING, sourceMd5: 'cc' }),
    put('encoding differs'),
  ],
  [
    'another one for its content',
    compared(SMALL, { size: 9, etag: 'bb' }, { encoded: OURS, head: OTHER_ENCODING, sourceMd5: 'dd' }),
    put('content differs'),
  ],
  [
    'without a gain the bytes are compared as they are, whatever they are stored in',
    compared(SMALL, { size: 9, etag: 'bb' }, { encoded: 'no gain', head: OTHER_ENCODING }),
    PLAIN,
  ],
  [
    'an object that is stored as it is shows its source by its ETag',
    compared(SMALL, { size: SMALL, etag: 'CC' }, { encoded: OURS, head: NOT_OURS, sourceMd5: 'cc' }),
    put('encoding differs'),
  ],
  ['and unequal ones prove nothing', compared(SMALL, { size: 401 }, { encoded: OURS }, 'size'), 'find head'],
];

for (const [what, actual, expected] of rows) test(what, () => assert.equal(actual, expected));
