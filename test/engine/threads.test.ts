import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { S3Mode } from 'fake-s3';
import { IMPATIENT, type Ran, run, serverFor } from '../support/engine.js';
import { etagOf, noise, PART, partsSent } from '../support/parts.js';
import { watchedThreads } from '../support/threads.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

// Only the wire lane has threads; the other one sends from where it is.
const wire = process.env.TEST_LANE !== 'sdk' && process.env.TEST_HTTP !== 'undici';
/** As in a bundle of somebody else. */
const NO_SENDER = { ...IMPATIENT, smallestOnThread: 1, senderUrl: '' };
const SMALL = { minPartSize: 1024 };
const PARTS = { partFloor: PART, threshold: 5 * PART };

const files = (count: number): Record<string, Buffer> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}.bin`, noise(1_000 + index, index + 1)]));

function assertAllThere(server: Awaited<ReturnType<typeof serverFor>>, tree: Record<string, Buffer>): void {
  assert.deepEqual(server.keys('site'), Object.keys(tree).sort());
  for (const [key, bytes] of Object.entries(tree)) assert.ok(server.object('site', key)?.body.equals(bytes), key);
}

const warnings = ({ events }: Ran): string[] =>
  events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));

const KINDS: readonly (readonly [name: string, mode: Partial<S3Mode>, options: object, verified: string])[] = [
  ['CRC32', {}, {}, 'crc32'],
  ['Content-MD5', { serverHeader: undefined }, {}, 'md5'],
  ['nothing', {}, { checksum: 'off' }, 'none'],
  ['CRC32, of which the server knows nothing', { checksums: 'ignored' }, {}, 'md5'],
];
for (const [name, mode, options, verified] of KINDS) {
  test(`files that a thread sends are checked by ${name}`, { skip: !wire }, async (t) => {
    const server = await serverFor(t, { buckets: { site: mode } });
    const { internals, taken } = watchedThreads(t);
    const tree = files(40);
    const ran = await run(server, { source: makeTree(t, tree), threads: 2, ...options }, internals);
    assert.equal(ran.error, undefined);
    assertAllThere(server, tree);
    assert.deepEqual([...new Set(ran.outcomes.map((one) => one.verified))], [verified]);
    assert.equal(ran.report.requests.PutObject, 40);
    assert.equal(server.count('PutObject'), 40);
    assert.ok(taken().length > 0, 'no thread had anything to do');
  });

  test(`parts that a thread sends are checked by ${name}`, { skip: !wire }, async (t) => {
    const server = await serverFor(t, { buckets: { site: { ...SMALL, ...mode } } });
    const { internals, taken } = watchedThreads(t);
    const bytes = noise(10 * PART + 17);
    const source = makeTree(t, { big: bytes });
    const ran = await run(server, { source, threads: 2, ...options }, { ...internals, ...PARTS });
    assert.equal(ran.error, undefined);
    const object = server.object('site', 'big');
    assert.ok(object?.body.equals(bytes));
    assert.equal(object?.etag, etagOf(bytes, PART));
    assert.deepEqual(partsSent(server), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert.ok(taken().includes('UploadPart big'));
  });
}

test('a server that refuses CRC32 gets Content-MD5 from the threads too, after one warning', {
  skip: !wire,
}, async (t) => {
  const server = await serverFor(t, { buckets: { site: { checksums: 'refused' } } });
  const { internals, taken } = watchedThreads(t);
  const tree = files(20);
  const options = { threads: 2, mode: 'stupid', checksum: 'crc32' } as const;
  const ran = await run(server, { source: makeTree(t, tree), ...options }, internals);
  assert.equal(ran.error, undefined);
  assertAllThere(server, tree);
  assert.deepEqual(warnings(ran), ['no-crc32']);
  assert.ok(taken().length > 0);
});

test('bytes that decide about the content type decide about what a thread sends', { skip: !wire }, async (t) => {
  const server = await serverFor(t);
  const { internals, taken } = watchedThreads(t);
  const latin = Buffer.from('caf\u00e9 '.repeat(100), 'latin1');
  const source = makeTree(t, { 'latin.html': latin, 'utf8.html': 'caf\u00e9' });
  const ran = await run(server, { source, threads: 3 }, internals);
  assert.equal(ran.error, undefined);
  const types = ['latin.html', 'utf8.html'].map((key) => server.object('site', key)?.headers['content-type']);
  assert.deepEqual(types, ['text/html', 'text/html; charset=utf-8']);
  assert.ok(taken().length > 0);
});

test('a file that changes before the thread reads it is put as it is then', { skip: !wire }, async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { a: 'short' });
  const write = `fs.writeFileSync(${JSON.stringify(join(root, 'a'))}, 'much longer');`;
  const { internals, taken } = watchedThreads(t, write);
  const ran = await run(server, { source: root, threads: 2 }, internals);
  assert.equal(ran.error, undefined);
  assert.equal(server.object('site', 'a')?.body.toString(), 'much longer');
  assert.deepEqual(taken(), ['PutObject a']);
});

test('a file that goes before the thread reads it fails by name, and the others are put', {
  skip: !wire,
}, async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { a: 'a', b: 'b', c: 'c' });
  const gone = `if (task.key === 'b') fs.rmSync(${JSON.stringify(join(root, 'b'))}, { force: true });`;
  const { internals } = watchedThreads(t, gone);
  const ran = await run(server, { source: root, threads: 2, mode: 'stupid' }, internals);
  // The main thread is one of the lanes, and may have read it before.
  if (existsSync(join(root, 'b'))) return;
  assert.equal(ran.error?.name, 'PartialFailureError');
  assert.deepEqual(
    ran.report.failures.map(({ key, code }) => [key, code]),
    [['b', 'ENOENT']],
  );
  assert.deepEqual(server.keys('site'), ['a', 'c']);
});

test('a large file that changes while threads send its parts is read again', { skip: !wire }, async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const root = makeTree(t, { big: noise(8 * PART) });
  const other = noise(8 * PART, 2);
  writeFileSync(join(root, '.other'), other);
  const { internals } = watchedThreads(
    t,
    `if (count === 2) fs.copyFileSync(${JSON.stringify(join(root, '.other'))}, ${JSON.stringify(join(root, 'big'))});`,
  );
  const ran = await run(server, { source: root, threads: 2, hidden: false }, { ...internals, ...PARTS });
  assert.equal(ran.error, undefined);
  assert.ok(server.object('site', 'big')?.body.equals(other));
  rmSync(join(root, '.other'));
});

for (const [how, code] of [
  ['throws', "if (count === 3) setImmediate(() => { throw new Error('broken'); });"],
  ['exits', 'if (count === 3) setImmediate(() => process.exit(7));'],
  ['runs out of memory', 'if (count === 3) { const all = []; for (;;) all.push(new Array(10_000).fill({ count })); }'],
] as const) {
  test(`a thread that ${how} is replaced, and what it had is sent again`, { skip: !wire }, async (t) => {
    const server = await serverFor(t);
    const { internals, taken } = watchedThreads(t, code);
    const tree = files(60);
    const ran = await run(server, { source: makeTree(t, tree), threads: 2, mode: 'stupid' }, internals);
    assert.equal(ran.error, undefined);
    assertAllThere(server, tree);
    assert.ok(taken().length >= 3, 'the thread did not come to its end');
    assert.ok(ran.report.retries > 0);
    assert.deepEqual(warnings(ran), []);
  });
}

test('a part whose thread ends is sent again', { skip: !wire }, async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const { internals } = watchedThreads(t, 'if (count === 2) process.exit(7);');
  const bytes = noise(10 * PART + 17);
  const ran = await run(server, { source: makeTree(t, { big: bytes }), threads: 2 }, { ...internals, ...PARTS });
  assert.equal(ran.error, undefined);
  assert.equal(server.object('site', 'big')?.etag, etagOf(bytes, PART));
  assert.ok(ran.report.retries > 0);
});

test('an object whose thread ends after it was stored is found by the next attempt in mode add', {
  skip: !wire,
}, async (t) => {
  const server = await serverFor(t);
  const { internals } = watchedThreads(t, 'lost = count === 1;');
  const ran = await run(server, { source: makeTree(t, { a: 'a' }), threads: 2, mode: 'add' }, internals);
  assert.equal(ran.error, undefined);
  assert.equal(server.object('site', 'a')?.body.toString(), 'a');
  assert.deepEqual([ran.outcomes[0]?.action, ran.outcomes[0]?.attempts], ['put', 2]);
  assert.equal(server.count('PutObject'), 2);
});

test('threads that all end leave the work to the main thread, after one warning', { skip: !wire }, async (t) => {
  const server = await serverFor(t);
  const { internals } = watchedThreads(t, 'process.exit(7);');
  const tree = files(60);
  const ran = await run(server, { source: makeTree(t, tree), threads: 2, mode: 'stupid', concurrency: 4 }, internals);
  assert.equal(ran.error, undefined);
  assertAllThere(server, tree);
  for (const code of warnings(ran)) assert.equal(code, 'no-threads');
});

test('threads that cannot load what sends leave the work to the main thread, after one warning', {
  skip: !wire,
}, async (t) => {
  const server = await serverFor(t);
  const { internals } = watchedThreads(t);
  const tree = files(20);
  const source = makeTree(t, tree);
  const ran = await run(server, { source, threads: 3 }, { ...internals, senderUrl: 'file:///nowhere/sender.mjs' });
  assert.equal(ran.error, undefined);
  assertAllThere(server, tree);
  assert.deepEqual(warnings(ran), ['no-threads']);
});

test('an abort reaches what threads have in flight', { skip: !wire }, async (t) => {
  const server = await serverFor(t);
  server.fault({ verb: 'PutObject', occurrences: 'all', type: 'stall' });
  const { internals, taken } = watchedThreads(t);
  const aborting = new AbortController();
  const source = makeTree(t, files(4));
  const ran = await run(
    server,
    {
      source,
      threads: 2,
      mode: 'stupid',
      signal: aborting.signal,
      onEvent: (event) => {
        if (event.type === 'phase' && event.phase === 'transfer')
          void until(() => server.count('PutObject') === 4).then(() => aborting.abort(new Error('enough')));
      },
    },
    internals,
  );
  assert.equal(ran.error?.name, 'AbortError');
  assert.equal(ran.report.complete, false);
  assert.ok(taken().length > 0);
  assert.deepEqual([...new Set(ran.outcomes.map(({ action }) => action))], ['unknown']);
});

test('where the file for threads is missing, a number of them gives one warning, and auto none', {
  skip: !wire,
}, async (t) => {
  const server = await serverFor(t);
  const tree = files(10);
  for (const [threads, warned] of [
    [2, ['no-threads']],
    ['auto', []],
  ] as const) {
    const ran = await run(server, { source: makeTree(t, tree), threads, mode: 'stupid' }, NO_SENDER);
    assert.equal(ran.error, undefined);
    assertAllThere(server, tree);
    assert.deepEqual(warnings(ran), warned);
  }
});

test('with one thread no other one sends', { skip: !wire }, async (t) => {
  const server = await serverFor(t);
  const { internals, taken } = watchedThreads(t);
  const ran = await run(server, { source: makeTree(t, files(5)), threads: 1 }, internals);
  assert.equal(ran.error, undefined);
  assert.deepEqual(taken(), []);
});

test('a number of threads that cannot be is refused by name', async (t) => {
  const server = await serverFor(t);
  for (const threads of [0, 1.5, 65, 'many'])
    await assert.rejects(
      async () => run(server, { source: makeTree(t, { a: 'a' }), threads: threads as number }),
      /threads/,
    );
});
