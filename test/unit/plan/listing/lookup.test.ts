import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '../../../../src/model/key-order.js';
import type { FetchPage } from '../../../../src/plan/listing/listed.js';
import { type RemoteKeys, remoteLookup, withRemoteState } from '../../../../src/plan/listing/lookup.js';
import type { Lookup } from '../../../../src/plan/listing/merge.js';
import type { LeftOut } from '../../../../src/source/types.js';
import { runs } from '../../../support/runs.js';

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
      const { look } = remoteLookup({ list, prefix, ordered: sorted || claimed, entries: known, warn: () => {} });
      for (const key of wanted) {
        const { state } = await look(key);
        if (state !== 'unlisted') assert.equal(state, remote.has(key) ? 'present' : 'absent', JSON.stringify(key));
      }
      if (order === 'utf8' && (sorted || !claimed))
        assert.ok(lists <= Math.max(1, Math.ceil(remote.size / pageSize)), `${lists} pages`);
    }),
    runs(1_000),
  );
});

const deleteWorld = fc.record({
  world,
  /** What covers keys: a folder of the source that could not be read. */
  covered: fc.array(fc.constantFrom('a/', 'b/', 'a', '-/'), { maxLength: 2 }),
  folders: fc.array(fc.constantFrom('a/', 'b/'), { maxLength: 2 }),
  whole: fc.boolean(),
  known: fc.boolean(),
});

test('a key is a stray only if the source does not have it, and every such key is one where the listing is complete', async () => {
  await fc.assert(
    fc.asyncProperty(deleteWorld, async ({ world: one, covered, folders, whole, known }) => {
      const { prefix, order, pageSize, sorted, claimed } = one;
      const slashed = (keys: readonly string[]) => keys.flatMap((key) => [key, `a/${key}`]);
      const markers = folders.map((key) => prefix + key);
      const remote = new Set([...slashed([...one.remote, ...one.both]).map((key) => prefix + key), ...markers]);
      const wanted = [...new Set(slashed([...one.local, ...one.both]).map((key) => prefix + key))];
      const covers = covered.map((key) => prefix + key);
      if (sorted) wanted.sort(compareKeys);
      const compare = order === 'utf8' ? compareKeys : (a: string, b: string) => (a < b ? -1 : 1);
      const listing = [...remote].sort(compare);
      const list: FetchPage = async ({ startAfter, continuationToken }) => {
        const after = continuationToken ?? startAfter;
        const rest = after === undefined ? listing : listing.filter((key) => key !== after && compare(key, after) > 0);
        const page = rest.slice(0, pageSize);
        return {
          objects: page.map((key) => ({ key, size: 1, etag: 'e' })),
          continuationToken: rest.length > pageSize ? page.at(-1) : undefined,
        };
      };
      const remoteKeys = remoteLookup({
        list,
        prefix,
        ordered: sorted || claimed,
        entries: undefined,
        warn: () => {},
        strays: { keep: true, isLeftOut: () => false, whole, isOrdered: () => known },
      });
      for (const key of covers) remoteKeys.cover(key);
      for (const key of wanted) await remoteKeys.look(key);
      const strays = await remoteKeys.strays();
      assert.ok(strays !== undefined);
      const { keys, complete, count, listed } = strays;
      const has = new Set(wanted);
      const present = (key: string): boolean =>
        has.has(key) ||
        covers.some((cover) => key === cover || key.startsWith(cover.endsWith('/') ? cover : `${cover}/`)) ||
        (key.endsWith('/') && wanted.some((own) => own.startsWith(key)));
      const expected = listing.filter((key) => !present(key)).sort();
      const found = keys.map(({ key }) => key).sort();
      assert.equal(count, keys.length);
      if (!complete) {
        // Incomplete is only what was not read as a whole, and what a server lists in another order than it is known for.
        assert.ok(!whole || known || (sorted && order === 'utf8' && remote.size === 0), 'incomplete');
        return;
      }
      assert.deepEqual(found, expected);
      assert.equal(listed, remote.size);
    }),
    runs(700),
  );
});

test('a key on the page that was read last is looked up at once', async () => {
  const keys = ['a', 'c', 'd'];
  const list: FetchPage = async () => ({
    objects: keys.map((key) => ({ key, size: 1, etag: 'e' })),
    continuationToken: undefined,
  });
  const { look } = remoteLookup({ list, prefix: '', ordered: true, entries: undefined, warn: () => {} });
  const first = look('a');
  assert.ok(first instanceof Promise);
  await first;
  assert.deepEqual(
    ['b', 'c', 'e'].map((key) => look(key)).map((found) => (found instanceof Promise ? 'later' : found.state)),
    ['absent', 'present', 'absent'],
  );
});

/** A remote whose key `late` is looked up by a page that has to be awaited. */
function remoteWithLatePage(page: Promise<Lookup>): RemoteKeys {
  return {
    look: (key) => (key === 'late' ? page : { state: 'absent', proof: 'proven' }),
    folder: async () => {},
    cover: () => {},
    strays: async () => undefined,
  };
}

const entry = (key: string, dropped: string[] = []) => ({
  kind: 'entry' as const,
  key,
  release: () => void dropped.push(`${key} released`),
  settled: () => void dropped.push(`${key} settled`),
});

type Unit = ReturnType<typeof entry> | LeftOut;

async function* oneBlock(...units: readonly Unit[]): AsyncGenerator<readonly Unit[], void> {
  yield units;
}

test('what is before a page that must be awaited is passed on before it', async () => {
  let arrive = (_lookup: Lookup): void => {};
  const page = new Promise<Lookup>((resolve) => (arrive = resolve));
  const units = withRemoteState(oneBlock(entry('a'), entry('late'), entry('z')), remoteWithLatePage(page));
  const keysOf = ({ value }: Awaited<ReturnType<typeof units.next>>) =>
    (value ?? []).map((unit) => (unit.kind === 'planned' ? unit.entry.key : unit.key));
  assert.deepEqual(keysOf(await units.next()), ['a']);
  arrive({ state: 'present', size: 1, etag: undefined });
  assert.deepEqual(keysOf(await units.next()), ['late', 'z']);
  assert.deepEqual(keysOf(await units.next()), []);
});

test('what is left of a block is dropped where its page cannot be read, and where the run stops', async () => {
  for (const end of ['failure', 'stop'] as const) {
    const dropped: string[] = [];
    const page = end === 'failure' ? Promise.reject(new Error('no page')) : new Promise<Lookup>(() => {});
    const block = oneBlock(entry('a', dropped), entry('late', dropped), entry('z', dropped));
    const units = withRemoteState(block, remoteWithLatePage(page));
    await units.next();
    if (end === 'failure') await assert.rejects(units.next(), /no page/);
    else await units.return();
    assert.deepEqual(dropped, ['late released', 'late settled', 'z released', 'z settled']);
  }
});

test('without a remote nothing is looked up, and what is left out has no unit', async () => {
  const leftOut = { kind: 'leftOut', key: 'b', below: false } as const;
  const planned: unknown[] = [];
  for await (const block of withRemoteState(oneBlock(entry('a'), leftOut), undefined)) planned.push(...block);
  assert.deepEqual(
    planned.map((unit) => (unit as { readonly remote: Lookup }).remote),
    [{ state: 'unread' }],
  );
});
