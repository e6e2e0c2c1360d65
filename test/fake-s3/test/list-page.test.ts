import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PageRequest, pageOf } from '../src/objects/list-page.js';
import { compareUtf8, SortedKeys } from '../src/store/key-order.js';

const COUNT = 1_000_000;
const keys = Array.from({ length: COUNT }, (_, i) => `dir-${String(i).padStart(7, '0').replace(/^..../, '$&/')}`);
const PAGE: PageRequest = { prefix: '', delimiter: '', after: undefined, limit: 1_000 };

/** The keys, and how many of them were looked at. */
function counted(): { readonly sorted: readonly string[]; readonly looks: () => number } {
  let looks = 0;
  const get = (target: readonly string[], name: string | symbol): unknown => {
    if (name !== 'length') looks += 1;
    return Reflect.get(target, name);
  };
  return { sorted: new Proxy(keys, { get }), looks: () => looks };
}

/** To halve a million until one is left takes 20 steps. */
const STEPS = Math.ceil(Math.log2(COUNT));

test('a page of a million keys reads its own keys, and a few more to find its start', () => {
  for (const at of [0, 299_999, 998_000]) {
    const { sorted, looks } = counted();
    const page = pageOf(sorted, compareUtf8, { ...PAGE, after: { key: keys[at] ?? '' } });
    assert.deepEqual([page.keys[0], page.keys.at(-1)], [keys[at + 1], keys[at + 1_000]]);
    assert.ok(looks() <= 1_001 + 2 * (STEPS + 1), `${looks()} keys for a page of 1,000`);
  }
});

test('a page of folders reads a few keys of each', () => {
  const { sorted, looks } = counted();
  const page = pageOf(sorted, compareUtf8, { ...PAGE, delimiter: '/', after: { prefix: 'dir-0099/' } });
  assert.deepEqual([page.prefixes.length, page.prefixes[0], page.prefixes.at(-1)], [900, 'dir-0100/', 'dir-0999/']);
  assert.ok(looks() <= 1_000 * (STEPS + 2) + 3 * (STEPS + 1), `${looks()} keys for 1,000 folders`);
});

test('keys that come in order are neither sorted nor copied for a listing, one after the other', () => {
  const all = new SortedKeys();
  all.addAll(keys);
  assert.equal(all.inOrder(compareUtf8), all.inOrder(compareUtf8));
  assert.equal(all.inOrder(compareUtf8).length, COUNT);
});
