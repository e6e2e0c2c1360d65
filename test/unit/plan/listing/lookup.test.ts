import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '../../../../src/model/key-order.js';
import { type FetchPage, remoteLookup } from '../../../../src/plan/listing/lookup.js';

const text = fc.string({
  unit: fc.constantFrom(...'ab.-~ !/%é\u0001', '\uff5e', '\u{1f600}', '\u{10000}', '\ue000'),
  minLength: 1,
  maxLength: 5,
});

const world = fc.record({
  prefix: fc.constantFrom('', 'p/', '\uff5e/', 'p q/'),
  /** Below the prefix; what is in both is present. */
  remote: fc.array(text, { maxLength: 25 }),
  local: fc.array(text, { minLength: 1, maxLength: 12 }),
  both: fc.array(text, { maxLength: 8 }),
  order: fc.constantFrom('utf8', 'utf16'),
  pageSize: fc.constantFrom(1, 2, 3, 7, 1000),
  /** Some servers answer nothing at all to a start that lies outside of the prefix. */
  strictStart: fc.boolean(),
  sorted: fc.boolean(),
  /** Keys that are not sorted may be said to be. */
  claimed: fc.boolean(),
  entries: fc.constantFrom('unknown', 'few', 'many'),
});

test('a lookup never takes a present key for absent, nor an absent one for present, and lists no page twice', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ prefix, order, pageSize, strictStart, sorted, claimed, entries, ...keys }) => {
      const remote = new Set([...keys.remote, ...keys.both].map((key) => prefix + key));
      const wanted = [...new Set([...keys.local, ...keys.both].map((key) => prefix + key))];
      if (sorted) wanted.sort(compareKeys);
      const compare = order === 'utf8' ? compareKeys : (a: string, b: string) => (a < b ? -1 : 1);
      const listing = [...remote].sort(compare);
      let lists = 0;
      const list: FetchPage = async ({ startAfter, continuationToken }) => {
        lists += 1;
        if (strictStart && startAfter?.startsWith(prefix) === false)
          return { objects: [], continuationToken: undefined };
        const after = continuationToken ?? startAfter;
        const rest = after === undefined ? listing : listing.filter((key) => key !== after && compare(key, after) > 0);
        const page = rest.slice(0, pageSize);
        return {
          objects: page.map((key) => ({ key, size: 1, etag: 'e' })),
          continuationToken: rest.length > pageSize ? page.at(-1) : undefined,
        };
      };
      const known = entries === 'unknown' ? undefined : entries === 'few' ? wanted.length : 1_000;
      const look = remoteLookup({ list, prefix, ordered: sorted || claimed, entries: known, warn: () => {} });
      for (const key of wanted) {
        const { state } = await look(key);
        if (state !== 'unlisted') assert.equal(state, remote.has(key) ? 'present' : 'absent', JSON.stringify(key));
      }
      if (order === 'utf8' && (sorted || !claimed))
        assert.ok(lists <= Math.max(1, Math.ceil(remote.size / pageSize)), `${lists} pages`);
    }),
    { numRuns: 1_000 },
  );
});
