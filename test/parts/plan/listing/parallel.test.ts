import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { compareKeys } from '../../../../src/model/key-order.js';
import { type Landmarks, landmarks } from '../../../../src/plan/listing/landmarks.js';
import type { FetchPage } from '../../../../src/plan/listing/listed.js';
import { parallelListing } from '../../../../src/plan/listing/parallel.js';
import { isBound, middleKey, predictKeys } from '../../../../src/plan/listing/predict-keys.js';
import { anyCharacter } from '../../../support/characters.js';
import { simulatedListing } from '../../../support/list-simulation.js';
import { runs } from '../../../support/runs.js';

const SIGNAL = new AbortController().signal;

/** All pages from a start on. */
async function read(list: FetchPage, startAfter?: string): Promise<string[]> {
  const keys: string[] = [];
  let continuationToken: string | undefined;
  do {
    const page = await list(continuationToken === undefined ? { startAfter } : { continuationToken });
    keys.push(...page.objects.map(({ key }) => key));
    continuationToken = page.continuationToken;
  } while (continuationToken !== undefined);
  return keys;
}

/** Answers in an order that a seed decides. */
function jitter(seed: number): (n: number) => Promise<void> {
  return async (n) => {
    for (let turns = Math.imul(n + seed, 2654435761) >>> 30; turns > 0; turns--) await turn();
  };
}

const numbers = (count: number, width: number, name = ''): string[] =>
  Array.from({ length: count }, (_, index) => `${name}${String(index).padStart(width, '0')}`);

const piece = fc.string({
  unit: fc.constantFrom(...'ab09-~. !é\u0001\u007f', '\uff5e', '\u{1f600}', '\u{10000}', '\ue000', '\ud7ff', '\u4e00'),
  minLength: 1,
  maxLength: 4,
});
const anyKeys = fc.array(
  fc.array(piece, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  { maxLength: 120 },
);
const flat = fc
  .record({ count: fc.integer({ min: 0, max: 400 }), name: piece })
  .map(({ count, name }) => numbers(count, 3, name));
const rich = fc
  .record({
    directories: fc.integer({ min: 1, max: 60 }),
    each: fc.integer({ min: 1, max: 12 }),
    name: fc.constantFrom('', 'a/', 'a/b/c/', '\u{1f600}/'),
  })
  .map(({ directories, each, name }) => numbers(directories, 2, name).flatMap((one) => numbers(each, 2, `${one}/`)));
const halves = fc.array(fc.string({ unit: anyCharacter, minLength: 1, maxLength: 3 }), { maxLength: 60 });
const hashes = fc.array(fc.stringMatching(/^[0-9a-f]{6}$/), { maxLength: 300 });

const world = fc.record({
  prefix: fc.constantFrom('', 'p/', '\uff5e/', 'p q/x'),
  sets: fc.array(fc.oneof(anyKeys, flat, rich, halves, hashes), { minLength: 1, maxLength: 3 }),
  pageSize: fc.integer({ min: 1, max: 50 }),
  sequentialPages: fc.integer({ min: 1, max: 4 }),
  width: fc.integer({ min: 1, max: 8 }),
  mostPages: fc.integer({ min: 1, max: 64 }),
  order: fc.constantFrom('utf8', 'utf8', 'utf8', 'utf16', 'none'),
  startAfter: fc.constantFrom('kept', 'kept', 'kept', 'ignored'),
  namesOwn: fc.boolean(),
  refused: fc.constantFrom('nothing', 'nothing', 'nothing', 'delimiter', 'parallel'),
  seed: fc.nat(),
});

test('a listing in parallel is exactly the listing in sequence, whatever keys, pages, width, order and refusals', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ prefix, sets, refused, seed, ...rest }) => {
      const keys = [...new Set(sets.flat().map((key) => prefix + key))];
      if (rest.order === 'none') keys.sort().reverse();
      const server = simulatedListing({
        keys,
        delay: jitter(seed),
        refuse(n, delimiter, signal) {
          if (refused === 'delimiter' && delimiter) throw new Error('refused');
          if (refused === 'parallel' && signal !== SIGNAL && n % 5 === 0) throw new Error('refused');
        },
        ...rest,
      });
      const sequence = await read((from) => server.list({ prefix, ...from }, SIGNAL));
      const pages = server.requests;
      server.requests = 0;
      server.peak = 0;
      const listed = await read(parallelListing(server.list, { prefix, bucket: 'site', signal: SIGNAL, ...rest }));
      assert.deepEqual(listed, sequence);
      assert.ok(server.peak <= rest.width, `${server.peak} at once`);
      const most = pages + Math.ceil(pages / 2) + 6 * rest.width + 8;
      if (refused !== 'parallel') assert.ok(server.requests <= most, `${server.requests} requests for ${pages} pages`);
    }),
    runs(150),
  );
});

test('a scan that starts anywhere, after others were cancelled, lists what is behind', async () => {
  const starts = fc.array(fc.record({ at: fc.nat(), pages: fc.nat(12), wait: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(world, starts, async ({ prefix, sets, seed, ...rest }, scans) => {
      const keys = [...new Set(sets.flat().map((key) => prefix + key))].sort(compareKeys);
      const server = simulatedListing({ keys, pageSize: rest.pageSize, delay: jitter(seed) });
      const list = parallelListing(server.list, { prefix, bucket: 'site', signal: SIGNAL, ...rest });
      for (const { at, pages, wait } of scans) {
        const startAfter = keys[at % (keys.length + 1)];
        let page = await list({ startAfter });
        for (let n = 0; n < pages && page.continuationToken !== undefined; n++)
          page = await list({ continuationToken: page.continuationToken });
        if (!wait && page.continuationToken !== undefined) void list({ continuationToken: page.continuationToken });
        const behind = startAfter === undefined ? keys : keys.filter((key) => compareKeys(key, startAfter) > 0);
        assert.deepEqual(await read(list, startAfter), behind);
      }
      for (let n = 0; n < 50; n++) await turn();
      assert.equal(server.inFlight, 0);
    }),
    runs(60),
  );
});

/** Landmarks of a source with these keys. */
function landmarksOf(keys: readonly string[], distance: number): Landmarks {
  const marks = landmarks(distance);
  for (const key of [...keys].sort(compareKeys)) marks.see(key);
  return marks;
}

const source = fc.record({
  /** Of so many keys of the bucket the source lacks one. */
  lacks: fc.integer({ min: 1, max: 60 }),
  more: fc.array(
    fc.oneof(
      piece,
      hashes.map(([first = 'x']) => first),
    ),
    { maxLength: 200 },
  ),
  distance: fc.integer({ min: 1, max: 12 }),
});

test('a listing along the keys of a source is exactly the listing in sequence, whatever the source has', async () => {
  await fc.assert(
    fc.asyncProperty(world, source, async ({ prefix, sets, refused, seed, ...rest }, { lacks, more, distance }) => {
      const keys = [...new Set(sets.flat().map((key) => prefix + key))];
      if (rest.order === 'none') keys.sort().reverse();
      const server = simulatedListing({
        keys,
        delay: jitter(seed),
        refuse(n, _delimiter, signal) {
          if (refused === 'parallel' && signal !== SIGNAL && n % 5 === 0) throw new Error('refused');
        },
        ...rest,
      });
      const own = new Set([...keys.filter((_, index) => index % lacks !== 0), ...more.map((key) => prefix + key)]);
      const sequence = await read((from) => server.list({ prefix, ...from }, SIGNAL));
      const pages = server.requests;
      server.requests = 0;
      server.peak = 0;
      const options = { prefix, bucket: 'site', signal: SIGNAL, landmarks: landmarksOf([...own], distance), ...rest };
      const listed = await read(parallelListing(server.list, options));
      assert.deepEqual(listed, sequence);
      assert.ok(server.peak <= rest.width, `${server.peak} at once`);
      const pieces = Math.ceil(own.size / distance);
      assert.ok(refused === 'parallel' || server.requests <= 2 * pages + pieces + 6 * rest.width + 8);
    }),
    runs(150),
  );
});

const SOURCES: Readonly<
  Record<string, { readonly own: (key: string, index: number) => boolean; readonly more: number }>
> = {
  'a source with the keys of the bucket': { own: () => true, more: 0 },
  'a source without every hundredth key of the bucket': { own: (_, index) => index % 100 !== 7, more: 3 },
  'a source with a third of the keys': { own: (_, index) => index % 3 === 0, more: 3 },
  'a source with the first keys only': { own: (_, index) => index < 1_500, more: 4 },
  'a source with other keys': { own: () => false, more: 3 },
};
for (const [what, { own, more }] of Object.entries(SOURCES)) {
  test(`${what} costs at most ${more} requests more than the pages of the bucket`, async () => {
    const keys = numbers(10_000, 6, 'page-');
    const mine = keys.map((key, index) => (own(key, index) ? key : `${key}.${index}`));
    for (const given of [mine, mine.filter((_, index) => own('', index))]) {
      const server = simulatedListing({ keys, pageSize: 1_000, delay: jitter(given.length) });
      const options = { prefix: '', bucket: 'site', signal: SIGNAL, landmarks: landmarksOf(given, 250) };
      assert.deepEqual(await read(parallelListing(server.list, options)), keys);
      assert.ok(server.requests <= 10 + more, `${server.requests} requests`);
    }
  });
}

test('along the keys of a source pages are requested before the one that is awaited', async () => {
  const keys = numbers(10_000, 6, 'page-');
  const server = simulatedListing({ keys, pageSize: 1_000, delay: () => turn() });
  const options = { prefix: '', bucket: 'site', signal: SIGNAL, landmarks: landmarksOf(keys, 250) };
  assert.deepEqual(await read(parallelListing(server.list, options)), keys);
  assert.equal(server.requests, 10);
  assert.ok(server.peak >= 2);
});

test('what a bucket has behind the last key of a source is not read ahead', async () => {
  const keys = numbers(30_000, 6, 'page-');
  const server = simulatedListing({ keys, pageSize: 1_000, delay: () => turn() });
  const options = { prefix: '', bucket: 'site', signal: SIGNAL, landmarks: landmarksOf(keys.slice(0, 3_000), 250) };
  const list = parallelListing(server.list, options);
  let page = await list({});
  for (let n = 1; n < 3; n++) page = await list({ continuationToken: page.continuationToken });
  for (let n = 0; n < 50; n++) await turn();
  assert.ok(server.requests <= 4, `${server.requests} requests`);
});

const SHAPES: Readonly<Record<string, readonly string[]>> = {
  'flat names with numbers': numbers(20_000, 8, 'data/img_').map((key) => `${key}.jpg`),
  'directories of a page each': numbers(400, 4, 'd').flatMap((one) => numbers(50, 4, `${one}/`)),
  'directories of many pages': numbers(20, 4, 'x/d').flatMap((one) => numbers(1_000, 4, `${one}/`)),
  'many small directories': numbers(4_000, 5, 'users/u').flatMap((one) => numbers(5, 1, `${one}/f`)),
  hashes: numbers(20_000, 5).map((key) => (Math.imul(Number(key) + 1, 2654435761) >>> 0).toString(16).padStart(8, '0')),
  days: numbers(40, 2).flatMap((day) => numbers(500, 6, `logs/2024/${day}/`)),
  'one directory that holds nearly all': [...numbers(19_500, 6, 'a/b/c/'), ...numbers(500, 4, 'z/')],
};
for (const [shape, keys] of Object.entries(SHAPES)) {
  test(`${shape}: eight at once take a fourth of the time, and few requests more`, async () => {
    const rounds = { now: 0, over: false };
    const nextRound = async (): Promise<void> => {
      for (const end = rounds.now + 1; rounds.now < end; ) await turn();
    };
    const clock = (async () => {
      for (; !rounds.over; rounds.now += 1) for (let n = 0; n < 5; n++) await turn();
    })();
    const server = simulatedListing({ keys, pageSize: 50, delay: nextRound });
    const listed = await read(parallelListing(server.list, { prefix: '', bucket: 'site', signal: SIGNAL }));
    rounds.over = true;
    await clock;
    assert.deepEqual(listed, [...keys].sort());
    assert.ok(rounds.now <= 100, `${rounds.now} rounds`);
    assert.ok(server.requests <= 420, `${server.requests} requests`);
  });
}

test('a listing that ends within the pages in sequence is requested as without us', async () => {
  const server = simulatedListing({ keys: numbers(2_000, 4), pageSize: 100 });
  await read(parallelListing(server.list, { prefix: '', bucket: 'site', signal: SIGNAL }));
  assert.deepEqual([server.requests, server.peak], [20, 1]);
});

test('no more pages are held than allowed, however slow the consumer is', async () => {
  const server = simulatedListing({ keys: numbers(20_000, 5), pageSize: 50 });
  const list = parallelListing(server.list, { prefix: '', bucket: 'site', signal: SIGNAL, mostPages: 16 });
  let handedOut = 0;
  let continuationToken: string | undefined;
  do {
    const page = await list({ continuationToken });
    handedOut += page.objects.length;
    continuationToken = page.continuationToken;
    for (let n = 0; n < 20; n++) await turn();
    // The consumer may wait for one page more, and each range may end within a page.
    assert.ok(server.answered - handedOut <= 17 * 50 + server.requests * 5, `${server.answered - handedOut} held`);
  } while (continuationToken !== undefined);
  assert.equal(handedOut, 20_000);
});

test('an abort ends the requests in flight and rejects the call with its reason', async () => {
  const controller = new AbortController();
  const server = simulatedListing({ keys: numbers(4_000, 5), pageSize: 10, delay: () => turn() });
  const list = parallelListing(server.list, {
    prefix: '',
    bucket: 'site',
    signal: controller.signal,
    sequentialPages: 2,
  });
  let page = await list({});
  for (let n = 0; n < 5; n++) page = await list({ continuationToken: page.continuationToken });
  const reason = new Error('enough');
  const waiting = list({ continuationToken: page.continuationToken });
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  await assert.rejects(list({ continuationToken: page.continuationToken }), reason);
  const { requests } = server;
  for (let n = 0; n < 20; n++) await turn();
  assert.deepEqual([server.inFlight, server.requests], [0, requests]);
});

test('an error of the listing in sequence is thrown, and the same page may be requested again', async () => {
  const refused = new Error('refused');
  let down = false;
  const keys = numbers(400, 4);
  const server = simulatedListing({
    keys,
    pageSize: 10,
    refuse() {
      if (down) throw refused;
    },
  });
  const list = parallelListing(server.list, {
    prefix: '',
    bucket: 'site',
    signal: SIGNAL,
    sequentialPages: 2,
    mostPages: 4,
  });
  const listed: string[] = [];
  let continuationToken: string | undefined;
  for (let n = 0; n === 0 || continuationToken !== undefined; n++) {
    const from = { continuationToken };
    down = n >= 6 && n <= 12;
    if (down) for (let turns = 0; turns < 10; turns++) await turn();
    if (n === 11) await assert.rejects(list(from), refused);
    down &&= n < 12;
    if (n === 11) down = false;
    const page = await list(from).catch(() => undefined);
    if (page === undefined) continue;
    listed.push(...page.objects.map(({ key }) => key));
    continuationToken = page.continuationToken;
  }
  assert.deepEqual(listed, keys);
});

const MIDDLES: readonly (readonly [
  after: string,
  end: string | undefined,
  middle: string | undefined,
  prefix?: string,
])[] = [
  ['a', 'c', 'b'],
  ['a', 'b', 'aO'],
  ['a/x', 'a/z', 'a/y'],
  ['k000', 'k999', 'k4'],
  ['a', 'a0', "a'"],
  ['az', 'b', 'a|'],
  ['a~', 'b', 'a\u6c3f'],
  ['p/m', undefined, 'p/v', 'p/'],
  ['', undefined, 'O'],
  ['a', 'a!', 'a '],
  ['a', 'a ', undefined],
  ['', '.0', '&'],
  ['\uff5ea', '\uff5ec', '\uff5eb'],
  ['\u{1f600}a', '\u{1f600}c', '\u{1f600}b'],
  ['\u{1f600}', '\u{1f602}', undefined],
];
for (const [after, end, middle, prefix = ''] of MIDDLES)
  test(`between ${JSON.stringify(after)} and ${JSON.stringify(end)} is ${JSON.stringify(middle)}`, () => {
    assert.equal(middleKey({ prefix, after, end }), middle);
  });

test('the texts that a listing is cut behind are between, are well-formed, and divide UTF-16 order as they do UTF-8', () => {
  const word = fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 4 }), fc.stringMatching(/^[a-c/.]{0,6}$/));
  fc.assert(
    fc.property(word, word, word, fc.constantFrom('', 'p/', '\uff5e'), (one, other, third, prefix) => {
      const [after = '', key = '', end = ''] = [one, other, third].map((text) => prefix + text).sort(compareKeys);
      const middle = middleKey({ prefix, after, end });
      if (middle === undefined) return;
      assert.ok(isBound(middle, { prefix, after, end }));
      assert.ok(compareKeys(after, middle) < 0 && compareKeys(middle, end) < 0 && middle.startsWith(prefix));
      assert.ok(!/\p{Cs}/u.test(middle) && Buffer.byteLength(middle) <= 1024);
      if (after < key && key < end) assert.equal(key <= middle, compareKeys(key, middle) <= 0);
    }),
    runs(3_000),
  );
});

const AHEAD: readonly (readonly [what: string, page: string[], seen: string[], ahead: string[]])[] = [
  ['numbers', ['a/0100', 'a/0196'], [], ['a/0574', 'a/0952']],
  ['numbers that carry', ['a/0800', 'a/0896'], [], ['a/1274', 'a/1652']],
  ['hex digits', ['0a0', '0ff'], ['000', '015', '09c'], ['275', '3eb']],
  ['the directory ends', ['a/80', 'a/99'], [], []],
  ['directories that were seen to end', ['d01/00', 'd01/99'], numbers(100, 2, 'd00/'), ['d05/88', 'd09/77']],
  ['one key', ['a/1'], [], []],
];
for (const [what, page, seen, ahead] of AHEAD)
  test(`four pages on: ${what}`, () => {
    assert.deepEqual(predictKeys(page, seen, 4, 2), ahead);
  });
