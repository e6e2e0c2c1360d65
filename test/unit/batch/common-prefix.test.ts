import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commonPrefix } from '../../../src/batch/common-prefix.js';

test('a common prefix begins all keys, and no longer one does', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '🦊', '🦉') }), { minLength: 1 }), (keys) => {
      const prefix = commonPrefix(keys);
      assert.ok(keys.every((key) => key.startsWith(prefix)));
      assert.doesNotMatch(prefix, /[\ud800-\udbff]$/);
      const [first = ''] = keys;
      const longer = first.slice(0, prefix.length + ([...first.slice(prefix.length)][0]?.length ?? 0));
      assert.ok(longer === prefix || !keys.every((key) => key.startsWith(longer)));
    }),
  );
  assert.equal(commonPrefix([]), '');
});
