import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import fc from 'fast-check';
import type { CopyOptions } from '../../src/index.js';
import { copyServer, twoServers } from '../support/copies.js';
import { type Ran, runCopy } from '../support/engine.js';
import { runs } from '../support/runs.js';

/** A server whose bucket `from` has the one keys, and `site` the other. */
async function seeded(
  t: TestContext,
  from: readonly string[],
  site: readonly string[],
  modes: Parameters<typeof copyServer>[1] = {},
): Promise<S3Server> {
  const server = await copyServer(t, modes);
  for (const key of from) server.seed('from', key, key);
  for (const key of site) server.seed('site', key, `old ${key}`);
  return server;
}

const mirror = (server: S3Server, options: Partial<CopyOptions> = {}): Promise<Ran> =>
  runCopy(server, { source: 's3://from', destination: 's3://site/', delete: true, ...options });

const writes = (server: S3Server): number =>
  server.count('CopyObject') + server.count('DeleteObjects') + server.count('DeleteObject');

describe('a copy that deletes', () => {
  test('deletes at the end what the source does not have, and says so', async (t) => {
    const server = await seeded(t, ['a', 'b/c'], ['a', 'old', 'b/old']);
    const { error, keys, report, reasonOf } = await mirror(server);
    assert.equal(error, undefined);
    assert.deepEqual(server.keys('site'), ['a', 'b/c']);
    assert.deepEqual(
      [keys('copy'), keys('delete')],
      [
        ['a', 'b/c'],
        ['b/old', 'old'],
      ],
    );
    assert.equal(reasonOf('old'), 'not in the source');
    assert.deepEqual([report.strays, report.straysComplete, report.notAttempted], [2, true, 0]);
    assert.deepEqual(report.phases, [
      { phase: 'transfer', planned: 2, done: 2, failed: 0, unknown: 0, notAttempted: 0 },
      { phase: 'deletes', planned: 2, done: 2, failed: 0, unknown: 0, notAttempted: 0 },
    ]);
    const order = server.requests.flatMap(({ verb }) => (/^(?:Copy|Delete)Object/.test(verb ?? '') ? [verb] : []));
    assert.equal(order.at(-1), 'DeleteObjects');
    const again = await mirror(server);
    assert.deepEqual(again.report.requests, { ListObjectsV2: 2 });
  });

  test('warns of globs that match nothing on either side, and of globs that protect nothing', async (t) => {
    const server = await seeded(t, ['a', 'b/c'], ['a', 'old', 'uploads/x']);
    const exclude = ['uploads/**', '*.gone', "'x'"];
    const { report } = await mirror(server, { exclude, protect: ['site/old', 'old2'] });
    assert.match(
      report.warnings.join('\n'),
      /^exclude "\*\.gone" matched nothing\. exclude "'x'" matched nothing\. The quotes/m,
    );
    assert.doesNotMatch(report.warnings.join('\n'), /uploads/);
    assert.match(report.warnings.join('\n'), /protect "site\/old", "old2" matches none of the keys/);
    assert.deepEqual(server.keys('site'), ['a', 'b/c', 'uploads/x']);
    const whole = await mirror(server, { exclude: ['uploads/**', 'b/*'], protect: 'old' });
    assert.deepEqual(whole.report.warnings, []);
  });

  test('without the option nothing is deleted, and strays are counted only where that is asked for', async (t) => {
    const server = await seeded(t, ['a'], ['old']);
    const plain = await mirror(server, { delete: false });
    assert.deepEqual([plain.report.strays, plain.report.straysComplete], [undefined, undefined]);
    const counted = await mirror(server, { delete: false, listStrays: true });
    assert.deepEqual([counted.report.strays, counted.report.straysComplete], [1, true]);
    assert.deepEqual(server.keys('site'), ['a', 'old']);
  });

  test('a dry run names what a real run then deletes, and writes nothing', async (t) => {
    const server = await seeded(t, ['a'], ['old', 'older']);
    const dry = await mirror(server, { dryRun: true });
    assert.equal(writes(server), 0);
    const real = await mirror(server);
    assert.deepEqual([dry.keys('delete'), dry.keys('copy')], [real.keys('delete'), real.keys('copy')]);
  });

  test('deletes only below the folder that it writes', async (t) => {
    const site = ['folder/old', 'folder-2/x', 'folder', 'other', 'in/folder/old', 'in/other'];
    for (const [destination, gone] of [
      ['s3://site/', 'folder/old'],
      ['s3://site/in', 'in/folder/old'],
    ] as const) {
      const server = await seeded(t, ['folder/a', 'beside'], site);
      const { error, keys } = await mirror(server, { source: 's3://from/folder', destination });
      assert.equal(error, undefined);
      assert.deepEqual(keys('delete'), [gone]);
    }
  });

  test('with a star deletes below the destination, among the keys that begin so', async (t) => {
    const server = await seeded(t, ['folder/a', 'folder/2026-a'], ['in/old', 'in/2026-old', 'out']);
    const some = await mirror(server, { source: 's3://from/folder/2026-*', destination: 's3://site/in' });
    assert.deepEqual(some.keys('delete'), ['in/2026-old']);
    const all = await mirror(server, { source: 's3://from/folder/*', destination: 's3://site/in' });
    assert.deepEqual(all.keys('delete'), ['in/old']);
    assert.deepEqual(server.keys('site'), ['in/2026-a', 'in/a', 'out']);
  });

  test('keeps what filters leave out by name or size, and what is protected', async (t) => {
    const site = ['big', 'gone', 'keep/me', 'x.log', 'logs/y', 'safe'];
    const server = await seeded(t, ['a', 'keep/other', 'logs/z', 'w.log'], site);
    server.seed('from', 'big', 'x'.repeat(100));
    const { error, keys } = await mirror(server, {
      exclude: ['*.log', 'logs'],
      maxSize: 50,
      protect: ['keep', '/safe'],
    });
    assert.equal(error, undefined);
    assert.deepEqual(keys('delete'), ['gone']);
    assert.deepEqual(server.keys('site'), ['a', 'big', 'keep/me', 'keep/other', 'logs/y', 'safe', 'x.log']);
  });

  test('globs see the path below the folder that is copied, in both buckets', async (t) => {
    const server = await seeded(t, ['folder/a', 'folder/tmp/b'], ['in/folder/old', 'in/folder/tmp/old']);
    const { keys } = await mirror(server, { source: 's3://from/folder', destination: 's3://site/in', exclude: '/tmp' });
    assert.deepEqual(keys('delete'), ['in/folder/old']);
  });

  test('keeps the markers of folders that the source has', async (t) => {
    const server = await seeded(t, ['b/c'], ['b/', 'gone/']);
    assert.deepEqual((await mirror(server)).keys('delete'), ['gone/']);
    const below = await seeded(t, ['x/b/c'], ['in/', 'in/b/', 'in/gone']);
    const { keys } = await mirror(below, { source: 's3://from/x/*', destination: 's3://site/in' });
    assert.deepEqual(keys('delete'), ['in/gone']);
  });

  test('is refused before the first write where it would delete more than is allowed', async (t) => {
    const server = await seeded(t, ['a'], ['x', 'y']);
    const { error } = await mirror(server, { maxDelete: 1 });
    assert.deepEqual([error?.name, error?.code], ['RefusedError', 'TooManyDeletes']);
    assert.match(error?.message ?? '', /2 of 2 keys.*\n {2}x\n {2}y/);
    assert.equal(writes(server), 0);
  });

  test('is refused before the first write where the destination cannot be listed', async (t) => {
    const server = await seeded(t, ['a'], ['x'], { site: { deny: ['ListObjectsV2'] } });
    const { error } = await mirror(server);
    assert.equal(error?.code, 'ListingIncomplete');
    assert.equal(writes(server), 0);
  });

  for (const nth of [1, 2, 3, 4])
    test(`writes nothing where request ${nth} of the listings of both fails`, async (t) => {
      const modes = { from: { pageSize: 2 }, site: { pageSize: 2 } };
      const server = await seeded(t, ['a', 'b', 'c', 'd'], ['w', 'x', 'y', 'z'], modes);
      const fault = { verb: 'ListObjectsV2', type: 'status', status: 400, code: 'InvalidRequest' } as const;
      server.fault({ ...fault, occurrences: nth });
      const { error } = await mirror(server);
      assert.match(error?.message ?? '', /InvalidRequest/);
      assert.equal(writes(server), 0);
    });

  test('deletes nothing after a failure', async (t) => {
    const server = await seeded(t, ['a', 'b'], ['x']);
    server.fault({
      verb: 'CopyObject',
      key: 'b',
      type: 'status',
      status: 400,
      code: 'InvalidRequest',
      occurrences: 'all',
    });
    const { error, keys, report } = await mirror(server);
    assert.equal(error?.name, 'PartialFailureError');
    assert.deepEqual([keys('copy'), keys('fail'), keys('delete')], [['a'], ['b'], []]);
    assert.deepEqual(report.phases?.at(-1), {
      phase: 'deletes',
      planned: 1,
      done: 0,
      failed: 0,
      unknown: 0,
      notAttempted: 1,
    });
    assert.ok(server.keys('site').includes('x'));
  });

  test('deletes nothing where the source is empty', async (t) => {
    const server = await seeded(t, [], ['x']);
    assert.equal((await mirror(server)).error?.code, 'NoFilesFound');
    const { error } = await mirror(server, { ifNoFilesFound: 'ignore' });
    assert.equal(error, undefined);
    assert.deepEqual(server.keys('site'), ['x']);
  });

  test('refuses a source that is one object', async (t) => {
    const server = await seeded(t, ['p'], ['p/x', 'y']);
    const { error } = await mirror(server, { source: 's3://from/p' });
    assert.equal(error?.name, 'UsageError');
    assert.match(error?.message ?? '', /only the object s3:\/\/from\/p/);
    assert.equal(writes(server), 0);
  });

  for (const [from, site] of [
    ['utf16', 'utf8'],
    ['utf8', 'utf16'],
    ['utf16', 'utf16'],
  ] as const)
    test(`meets a source in ${from} and a destination in ${site} order`, async (t) => {
      const keys = ['a', '\u{1f600}/1', '\u{1f600}/2', '\uffee/1', 'b/3', '\u{1f601}'];
      const server = await seeded(t, keys, [...keys, '\u{1f600}/old', 'zz'], {
        mode: { serverHeader: 'x' },
        from: { order: from, pageSize: 2 },
        site: { order: site, pageSize: 2 },
      });
      const { error, keys: of } = await mirror(server, { exclude: 'b' });
      assert.equal(error, undefined);
      assert.deepEqual(of('delete'), ['zz', '\u{1f600}/old'].sort());
    });

  test('works between two servers, mode stupid too', async (t) => {
    const { source, dest, options } = await twoServers(t);
    source.seed('from', 'a', 'a');
    dest.seed('site', 'old', 'x');
    const { error, keys } = await runCopy(dest, {
      ...options,
      destination: 's3://site/',
      delete: true,
      mode: 'stupid',
    });
    assert.equal(error, undefined);
    assert.deepEqual([keys('copy'), keys('delete')], [['a'], ['old']]);
  });
});

describe('a copy that cannot delete', () => {
  const TABLE: readonly (readonly [what: string, options: Partial<CopyOptions>, message: RegExp])[] = [
    ['keys', { key: 'a' }, /delete cannot be used with key,/],
    ['an empty list of keys', { key: [] }, /delete cannot be used with key,/],
    ['prefixes', { fromPrefix: 'a' }, /delete cannot be used with fromPrefix,/],
    ['a limit', { limit: 5 }, /delete cannot be used with limit,/],
    ['no prefix', { destination: 's3://site' }, /delete needs a prefix/],
    ['a source inside', { source: 's3://site/a', destination: 's3://site/', delete: true }, /onto itself/],
    [
      'a source inside, under another name',
      { source: 's3://site/a/*', destination: 's3://site/' },
      /is inside the destination/,
    ],
    [
      'a source beside it whose name begins so',
      { source: 's3://site/x/x*', destination: 's3://site/' },
      /is inside the destination/,
    ],
    ['protected keys alone', { delete: false, protect: 'a' }, /delete is not set/],
  ];
  for (const [what, options, message] of TABLE)
    test(`with ${what} is a usage error`, async (t) => {
      const server = await seeded(t, ['a'], ['a/b', 'x']);
      await assert.rejects(mirror(server, options), (error: Error) => {
        assert.equal(error.name, 'UsageError');
        assert.match(error.message, message);
        return true;
      });
      assert.equal(server.requests.length, 0);
    });

  test('within one bucket a destination beside the source is fine', async (t) => {
    const server = await seeded(t, [], ['a/1', 'b/a/old', 'c']);
    const { error } = await mirror(server, { source: 's3://site/a', destination: 's3://site/b' });
    assert.equal(error, undefined);
    assert.deepEqual(server.keys('site'), ['a/1', 'b/a/1', 'c']);
  });
});

const name = fc.constantFrom('a', 'b', 'b/', 'b/c', 'b/d/e', 'b!', 'c.log', 'd/x.log', '\u{1f600}', '\uffee', 'ü');
const anyKeys: fc.Arbitrary<string[]> = fc.uniqueArray(name as fc.Arbitrary<string>, { maxLength: 8 });

test('no key is deleted unless the destination has it and the source does not, whatever is left out', async (t) => {
  const server = await copyServer(t);
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        from: anyKeys,
        site: anyKeys,
        exclude: fc.uniqueArray(fc.constantFrom('*.log', 'b', '/d', '**/e'), { maxLength: 2 }),
        order: fc.constantFrom('utf8' as const, 'utf16' as const),
        pageSize: fc.integer({ min: 1, max: 5 }),
        prefix: fc.constantFrom('', 'in/'),
        fails: fc.boolean(),
      }),
      async ({ from, site, exclude, order, pageSize, prefix, fails }) => {
        round += 1;
        const [source, dest] = [`from-${round}`, `site-${round}`];
        server.createBucket(source, { pageSize, order, serverHeader: 'x' });
        server.createBucket(dest, { pageSize, serverHeader: 'x' });
        for (const key of from) server.seed(source, key, key);
        for (const key of [...site, 'outside']) server.seed(dest, prefix === '' ? key : prefix + key, key);
        if (fails) server.fault({ verb: 'CopyObject', type: 'status', status: 400, code: 'X', occurrences: 'all' });
        const settings = { source: `s3://${source}`, destination: `s3://${dest}/${prefix}`, exclude };
        const ran = await mirror(server, { ...settings, ifNoFilesFound: 'ignore', maxDelete: '100%' });
        server.clearFaults();
        const gone = ran.keys('delete').map((key) => key.slice(prefix.length));
        for (const key of gone) assert.ok(!from.includes(key) && [...site, 'outside'].includes(key), key);
        if (ran.keys('fail').length > 0) assert.deepEqual(gone, []);
        const left = server.keys(dest).map((key) => key.slice(prefix.length));
        for (const key of site) assert.ok(left.includes(key) || gone.includes(key), key);
      },
    ),
    runs(60),
  );
});
