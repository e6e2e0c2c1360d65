import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareUtf8, type S3Server } from 'fake-s3';
import type { CopyOptions } from '../../src/index.js';
import { copyServer, KIB, requestsOf, runInOrder, seed, verbs } from '../support/copies.js';
import { noise } from '../support/parts.js';

const THREE = [4 * KIB, 4 * KIB, 2 * KIB];
const TEN = noise(10 * KIB);

/** The source has four objects; the destination has two of them, one of those with other bytes. */
async function halfCopied(t: Parameters<typeof copyServer>[0]): Promise<S3Server> {
  const server = await copyServer(t);
  for (const key of ['new', 'same', 'edited', 'longer']) seed(server, key, key);
  seed(server, 'parts', TEN, { partSizes: THREE });
  server.seed('site', 'same', 'same');
  server.seed('site', 'edited', 'ydited');
  server.seed('site', 'longer', 'longer than');
  server.seed('site', 'parts', TEN, { partSizes: THREE });
  server.seed('site', 'gone', 'not in the source');
  return server;
}

for (const [mode, copied, skipped, heads] of [
  ['update', ['edited', 'longer', 'new'], ['parts', 'same'], 2],
  ['add', ['new'], ['edited', 'longer', 'parts', 'same'], 0],
  ['stupid', ['edited', 'longer', 'new', 'parts', 'same'], [], 0],
] as const)
  test(`mode ${mode} copies what it should, and no more`, async (t) => {
    const server = await halfCopied(t);
    const ran = await runInOrder(server, { mode });
    assert.equal(ran.error, undefined);
    assert.deepEqual([ran.keys('copy'), ran.keys('skip')], [copied, skipped]);
    assert.equal(server.count('ListObjectsV2'), mode === 'stupid' ? 1 : 2);
    assert.equal(server.count('CopyObject'), copied.filter((key) => key !== 'parts').length);
    assert.equal(ran.report.heads['ETags differ'] ?? 0, heads, 'the first differing ETags show that no key encrypts');
    assert.equal(server.count('GetObject'), 0);
    assert.equal(server.object('site', 'gone')?.body.toString(), 'not in the source');
    for (const key of copied) assert.equal(server.object('site', key)?.etag, server.object('from', key)?.etag);
    assert.deepEqual([ran.report.counts.copy, ran.report.counts.put], [copied.length, 0]);
    assert.equal(
      ran.report.bytes,
      copied.reduce((sum, key) => sum + (server.object('from', key)?.size ?? 0), 0),
    );
  });

test('a rerun lists only, whatever the objects are, and one that changed is one that is copied', async (t) => {
  const server = await copyServer(t, { from: { pageSize: 7 }, site: { pageSize: 5 } });
  for (let n = 0; n < 12; n++) seed(server, `k${n}`, noise(KIB * n, n + 1));
  for (let n = 0; n < 3; n++) seed(server, `p${n}`, TEN, { partSizes: THREE });
  assert.equal((await runInOrder(server)).error, undefined);
  server.clearRequests();
  assert.equal((await runInOrder(server)).keys('skip').length, 15);
  assert.deepEqual(verbs(server), { ListObjectsV2: 6 });
  seed(server, 'p1', noise(10 * KIB, 5), { partSizes: THREE });
  assert.deepEqual((await runInOrder(server)).keys('copy'), ['p1']);
});

for (const side of ['from', 'site'] as const)
  for (const checksum of [true, false])
    for (const partSizes of [undefined, THREE])
      test(`KMS at ${side}, ${checksum ? 'with' : 'without'} checksums, in ${partSizes ? 'parts' : 'one piece'}: a rerun asks one HEAD a side`, async (t) => {
        const kms = { kms: true, ...(!checksum && { checksums: 'ignored' as const }) };
        const plain = !checksum ? { checksums: 'ignored' as const } : {};
        const server = await copyServer(t, { from: plain, site: plain, [side]: kms });
        const value = Buffer.alloc(8, 1).toString('base64');
        const known = checksum ? { checksum: { algorithm: 'crc64nvme', value } } : {};
        seed(server, 'a', TEN, { ...(partSizes ? { partSizes } : {}), ...known });
        const first = await runInOrder(server);
        assert.equal(first.error, undefined);
        assert.ok(server.object('site', 'a')?.body.equals(TEN));
        server.clearRequests();
        const again = await runInOrder(server);
        assert.equal(again.error, undefined);
        const { HeadObject = 0 } = verbs(server);
        if (again.keys('skip').length === 1) assert.ok(HeadObject <= 2 && Object.keys(verbs(server)).length === 2);
        else assert.match(again.reasonOf('a') ?? '', /^content unproven|^content differs/);
        assert.equal(server.count('GetObject'), 0);
        if (checksum && partSizes === undefined) assert.deepEqual(again.keys('skip'), ['a']);
      });

for (const options of [{}, { mode: 'add' }, { mode: 'stupid' }, { cacheControl: 'x' }, { splitAbove: '5MiB' }] as const)
  test(`a dry run writes nothing, and a real one does what it says (${JSON.stringify(options)})`, async (t) => {
    const server = await halfCopied(t);
    seed(server, 'empty', '');
    const before = server.keys('site').map((key) => server.object('site', key)?.etag);
    const dry = await runInOrder(server, { ...options, dryRun: true });
    assert.equal(dry.error, undefined);
    assert.ok(server.requests.every(({ method }) => method === 'GET' || method === 'HEAD'));
    assert.deepEqual(
      server.keys('site').map((key) => server.object('site', key)?.etag),
      before,
    );
    const real = await runInOrder(server, options);
    const plan = ({ outcomes }: typeof dry) =>
      outcomes.map(({ action, key, reason, bytes, way }) => [key, action, reason, bytes, way]).sort();
    assert.deepEqual(plan(dry), plan(real));
    assert.equal(dry.report.dryRun, true);
    // How many HEADs it takes to learn of the parts is known only then.
    const heads = ({ report }: typeof dry) => ({ ...report.heads, 'parts of the source': 0 });
    assert.deepEqual(heads(dry), heads(real), 'the plan shows what a copy asks');
  });

for (const [name, options, expected] of [
  ['include', { include: '*.js' }, ['a.js', 'b/c.js']],
  ['exclude', { exclude: 'b' }, ['.hidden', 'a.js', 'd.css']],
  ['limit', { limit: 2 }, ['.hidden', 'a.js']],
  ['minSize', { minSize: 5 }, ['b/c.js', 'b/e/f.css']],
  ['maxSize', { maxSize: 2 }, ['.hidden', 'a.js']],
  ['both', { include: '**/*.css', exclude: 'b/**' }, ['d.css']],
] as const)
  test(`${name} chooses what is copied, as it does for a put`, async (t) => {
    const server = await copyServer(t);
    const files = { '.hidden': 'x', 'a.js': 'xx', 'b/c.js': 'xxxxx', 'b/e/f.css': 'xxxxxx', 'd.css': 'xxx' };
    for (const [key, body] of Object.entries(files)) seed(server, key, body);
    const ran = await runInOrder(server, options as Partial<CopyOptions>);
    assert.equal(ran.error, undefined);
    assert.deepEqual(server.keys('site'), expected);
  });

test('the listing of the source skips what lies below an excluded directory', async (t) => {
  const server = await copyServer(t, { from: { pageSize: 10 } });
  server.seedMany('from', 500, (n) => `b/${String(n).padStart(4, '0')}`);
  for (const key of ['a', 'c', 'd/e']) seed(server, key, key);
  const ran = await runInOrder(server, { exclude: 'b/' });
  assert.equal(ran.error, undefined);
  assert.deepEqual(server.keys('site'), ['a', 'c', 'd/e']);
  assert.ok(requestsOf(server, 'ListObjectsV2').length <= 4, `${server.count('ListObjectsV2')} LISTs`);
});

test('a listing in another order is read to its end, also where an excluded directory is large', async (t) => {
  const server = await copyServer(t, { from: { order: 'utf16', pageSize: 5 } });
  const keys = Array.from({ length: 20 }, (_, n) => `b/\u{ffee}${n}`);
  for (const key of [...keys, 'b/\u{1f600}', 'c', 'a']) seed(server, key, key);
  const ran = await runInOrder(server, { exclude: 'b/' });
  assert.equal(ran.error, undefined);
  assert.deepEqual(server.keys('site'), ['a', 'c']);
});

for (const side of ['from', 'site', 'both'] as const)
  test(`listings that are not in the order of UTF-8 give the same results (${side})`, async (t) => {
    const utf16 = { order: 'utf16', pageSize: 3 } as const;
    const server = await copyServer(t, {
      ...(side !== 'site' && { from: utf16 }),
      ...(side !== 'from' && { site: utf16 }),
    });
    const keys = ['a', '\u{ff01}', '\u{ff02}x', '\u{1f600}', '\u{1f601}', 'z', 'b/\u{ffee}', 'b/\u{1f4a9}'];
    for (const key of keys) seed(server, key, key);
    for (const key of keys.slice(0, 5)) server.seed('site', key, key);
    const ran = await runInOrder(server);
    assert.equal(ran.error, undefined);
    assert.deepEqual(ran.keys('copy').sort(compareUtf8), keys.slice(5).sort(compareUtf8));
    assert.equal(ran.keys('skip').length, 5);
  });

test('where listing the destination is denied, each key gets a HEAD', async (t) => {
  const server = await halfCopied(t);
  server.mode({ deny: ['ListObjectsV2'] }, 'site');
  const ran = await runInOrder(server);
  assert.equal(ran.error, undefined);
  assert.deepEqual(
    [ran.keys('copy'), ran.keys('skip')],
    [
      ['edited', 'longer', 'new'],
      ['parts', 'same'],
    ],
  );
  assert.equal(ran.report.heads['not listed'], 5);
  assert.ok(ran.report.warnings.some((text) => text.startsWith('Listing "site" is denied')));
});

test('where listing the source is denied, the run ends with just that', async (t) => {
  const server = await halfCopied(t);
  server.mode({ deny: ['ListObjectsV2'] }, 'from');
  const ran = await runInOrder(server);
  assert.equal(ran.error?.code, 'AccessDenied');
  assert.match(ran.error?.message ?? '', /ListObjectsV2 s3:\/\/from/);
  assert.deepEqual([ran.outcomes, server.count('CopyObject')], [[], 0]);
});

test('where nothing may be read of the destination, all is copied that mode update would compare', async (t) => {
  const server = await halfCopied(t);
  server.mode({ deny: ['ListObjectsV2', 'HeadObject'] }, 'site');
  const ran = await runInOrder(server);
  assert.equal(ran.error, undefined);
  assert.equal(ran.keys('copy').length, 5);
});

test('a listing begins where includes can match, and ends behind them', async (t) => {
  const server = await copyServer(t, { from: { pageSize: 10 } });
  for (let at = 0; at < 300; at++) seed(server, `d${String(Math.floor(at / 10)).padStart(2, '0')}/${at}`, `${at}`);
  const ran = await runInOrder(server, { include: ['d07/**', 'd20/20*'], mode: 'stupid' });
  assert.equal(ran.error, undefined);
  assert.equal(ran.keys('copy').length, 20);
  assert.ok(server.count('ListObjectsV2') <= 6, `${server.count('ListObjectsV2')} pages`);
});
