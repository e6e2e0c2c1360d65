import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DecideOptions, type Decision, decide, type RemoteState } from '../../../src/plan/decide.js';

const MD5 = createHash('md5').update('body').digest('hex');
const present = (size: number, etag: string | undefined): RemoteState => ({ state: 'present', size, etag });

/** Mode, comparison, what is remote, and what follows for a local body of 4 bytes with this MD5. */
const TABLE: readonly (readonly [DecideOptions['mode'], DecideOptions['compare'], RemoteState, Decision])[] = [
  ['add', 'content', { state: 'absent', proof: 'proven' }, { action: 'put', reason: 'new', onlyIfAbsent: 'proven' }],
  [
    'add',
    'content',
    { state: 'absent', proof: 'unproven' },
    { action: 'put', reason: 'new', onlyIfAbsent: 'unproven' },
  ],
  ['add', 'content', present(4, MD5), { action: 'skip', reason: 'exists' }],
  ['add', 'content', present(5, 'x'), { action: 'skip', reason: 'exists' }],
  ['add', 'size', present(5, undefined), { action: 'skip', reason: 'exists' }],
  ['add', 'content', { state: 'unknown' }, { action: 'put', reason: 'remote unreadable', onlyIfAbsent: 'unreadable' }],
  ['update', 'content', { state: 'absent', proof: 'proven' }, { action: 'put', reason: 'new' }],
  ['update', 'content', { state: 'absent', proof: 'unproven' }, { action: 'put', reason: 'new' }],
  ['update', 'content', { state: 'unknown' }, { action: 'put', reason: 'remote unreadable' }],
  ['update', 'content', present(5, MD5), { action: 'put', reason: 'size differs' }],
  ['update', 'content', present(4, MD5), { action: 'compare' }],
  ['update', 'content', present(4, undefined), { action: 'compare' }],
  ['update', 'size', present(4, 'opaque'), { action: 'skip', reason: 'same size' }],
  ['update', 'size', present(5, MD5), { action: 'put', reason: 'size differs' }],
  ['update', 'size', { state: 'absent', proof: 'proven' }, { action: 'put', reason: 'new' }],
  ['stupid', 'content', { state: 'unread' }, { action: 'put', reason: 'forced' }],
  ['stupid', 'content', present(4, MD5), { action: 'put', reason: 'forced' }],
  ['stupid', 'size', present(4, MD5), { action: 'put', reason: 'forced' }],
  ['stupid', 'content', { state: 'absent', proof: 'proven' }, { action: 'put', reason: 'forced' }],
  ['stupid', 'content', { state: 'unknown' }, { action: 'put', reason: 'forced' }],
];

for (const [mode, compare, remote, decision] of TABLE) {
  const facts = Object.values(remote).join(' ');
  const what = 'reason' in decision ? `${decision.action} (${decision.reason})` : decision.action;
  test(`mode ${mode} by ${compare} where the key is ${facts} decides to ${what}`, () => {
    assert.deepEqual(decide({ mode, compare }, 4, remote), decision);
  });
}

test('an unknown local size is never a reason to skip in mode update', () => {
  for (const compare of ['content', 'size'] as const)
    assert.equal(decide({ mode: 'update', compare }, undefined, present(4, MD5)).action, 'put');
});

const hex32 = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 32, maxLength: 32 });
const etag = fc.option(fc.oneof(hex32, fc.string(), fc.constant(MD5)), { nil: undefined });
const anyRemote: fc.Arbitrary<RemoteState> = fc.oneof(
  fc.record({ state: fc.constant('absent' as const), proof: fc.constantFrom('proven' as const, 'unproven' as const) }),
  fc.record({ state: fc.constant('present' as const), size: fc.nat({ max: 8 }), etag }),
  fc.constant({ state: 'unknown' as const }),
);

test('mode update skips only equal bytes, and mode add overwrites nothing that it sees', () => {
  fc.assert(
    fc.property(fc.nat({ max: 8 }), anyRemote, (size, remote) => {
      const updated = decide({ mode: 'update', compare: 'content' }, size, remote);
      assert.notEqual(updated.action, 'skip');
      if (updated.action === 'compare') {
        assert.ok(remote.state === 'present' && remote.size === size);
      }
      const added = decide({ mode: 'add', compare: 'content' }, size, remote);
      assert.equal(added.action, remote.state === 'present' ? 'skip' : 'put');
      if (added.action === 'put') assert.ok(added.onlyIfAbsent !== undefined);
      assert.equal(decide({ mode: 'stupid', compare: 'content' }, size, remote).action, 'put');
    }),
  );
});
