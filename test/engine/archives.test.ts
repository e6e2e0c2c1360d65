import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import * as zlib from 'node:zlib';
import { run, serverFor } from '../support/engine.js';
import { makeTar, TAR_END, type TarEntry, tarEntry } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

const SITE: readonly TarEntry[] = [
  { name: './', type: '5' },
  { name: './index.html', body: '<p>häßlich' },
  { name: './css/', type: '5' },
  { name: './css/site.css', body: 'p{}' },
  { name: 'a.b', body: '2' },
  { name: 'a-b', body: '1' },
  { name: 'a/x', body: Buffer.alloc(70_000, 'x') },
  { name: 'cut', pax: { path: `${'long/'.repeat(60)}name` }, body: 'long' },
];
const SITE_KEYS = ['a-b', 'a.b', 'a/x', 'css/site.css', 'index.html', `${'long/'.repeat(60)}name`];

/** Writes `site.tar`, or a compressed form of it, into a directory of its own. */
function archive(t: TestContext, name: string, entries: readonly TarEntry[] | Buffer): string {
  const bytes = Buffer.isBuffer(entries) ? entries : makeTar(entries);
  return join(makeTree(t, { [name]: name.endsWith('gz') ? zlib.gzipSync(bytes) : bytes }), name);
}

const FORMS = ['site.tar', 'site.tar.gz', 'site.tgz', 'SITE.TAR'] as const;

describe('archives as sources', () => {
  it('put their regular files under their paths, and nothing at the second run', async (t) => {
    for (const form of FORMS) {
      const server = await serverFor(t);
      const source = archive(t, form, SITE);
      const ran = await run(server, { source, prefix: 'p' });
      assert.equal(ran.error, undefined, form);
      assert.deepEqual(
        ran.keys('put'),
        SITE_KEYS.map((key) => `p/${key}`),
      );
      assert.equal(ran.outcomes.length, SITE_KEYS.length);
      assert.equal(server.object('site', 'p/index.html')?.body.toString(), '<p>häßlich');
      assert.equal(server.object('site', 'p/index.html')?.headers['content-type'], 'text/html; charset=utf-8');
      assert.deepEqual(server.object('site', 'p/a/x')?.body, Buffer.alloc(70_000, 'x'));
      assert.equal(ran.outcomes.find(({ key }) => key === 'p/a-b')?.origin, `${source}:a-b`);

      server.clearRequests();
      const again = await run(server, { source, prefix: 'p' });
      assert.equal(again.report.counts.skip, SITE_KEYS.length);
      assert.equal(server.count('PutObject') + server.count('HeadObject'), 0);
    }
  });

  it('come in key order where they are not compressed, with totals known before', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, { source: archive(t, 'site.tar', SITE), concurrency: 1, mode: 'stupid' });
    const put = server.requests.filter(({ verb }) => verb === 'PutObject').map(({ key }) => key);
    assert.equal(put.length, SITE_KEYS.length);
    const totals = ran.events.find((event) => event.type === 'progress');
    assert.equal(totals?.type === 'progress' && totals.totalObjects, SITE_KEYS.length);
  });

  it('are objects themselves where they lie in a directory that is the source', async (t) => {
    const server = await serverFor(t);
    const source = join(archive(t, 'site.tar', SITE), '..');
    mkdirSync(join(source, 'folder.tgz'));
    writeFileSync(join(source, 'folder.tgz', 'file'), 'x');
    assert.deepEqual((await run(server, { source })).keys('put'), ['folder.tgz/file', 'site.tar']);
    // A directory may be called whatever it likes.
    assert.deepEqual((await run(server, { source: join(source, 'folder.tgz') })).keys('put'), ['file']);
  });

  it('stand beside directories and other archives, and one key from two of them is an error before any request', async (t) => {
    const root = makeTree(t, { m: 'M', z: 'Z' });
    const first = archive(t, 'one.tar', [{ name: 'n', body: '1' }]);
    const second = archive(t, 'two.tar', [{ name: 'a', body: '2' }]);
    const packed = archive(t, 'three.tgz', [{ name: 'm2', body: '3' }]);
    for (const source of [
      [first, root, second],
      [packed, first, root, second],
    ]) {
      const server = await serverFor(t);
      const ran = await run(server, { source });
      assert.equal(ran.error, undefined);
      assert.equal(ran.report.counts.put, source.length + 1);
    }
    const server = await serverFor(t);
    const clash = archive(t, 'clash.tar', [{ name: './z' }]);
    const ran = await run(server, { source: [first, root, clash] });
    assert.equal(ran.error?.name, 'UsageError');
    assert.match(ran.error?.message ?? '', /key "z".*clash\.tar:\.\/z/);
    assert.equal(server.requests.length, 0);
  });

  it('that are compressed leave the other sources surveyed before any request, and fail only what they repeat', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { a: 'A', z: 'Z' });
    const twin = makeTree(t, { z: 'other' });
    const packed = archive(t, 'three.tgz', [
      { name: 'm', body: '3' },
      { name: 'z', body: '4' },
      { name: 'n', body: '5' },
    ]);
    for (const options of [{}, { key: () => undefined }]) {
      const refused = await run(server, { source: [root, packed, twin], ...options });
      assert.equal(refused.error?.name, 'UsageError');
      assert.match(refused.error?.message ?? '', /Two sources give the key "z"/);
      assert.deepEqual([refused.report.complete, refused.report.counts.put], [false, 0]);
    }
    for (const source of ['missing.tgz', 'missing.tar.gz', join(root, 'z', 'x.tgz')]) {
      const missing = await run(server, { source: [root, packed, source] });
      assert.match(missing.error?.message ?? '', /The source ".*" does not exist/);
    }
    assert.equal(server.requests.length, 0);
    const ran = await run(server, { source: [packed, root] });
    assert.equal(ran.error?.name, 'PartialFailureError');
    assert.deepEqual([ran.keys('put'), ran.keys('fail')], [['a', 'm', 'n', 'z'], ['z']]);
    assert.equal(server.object('site', 'z')?.body.toString(), 'Z');
  });

  it('obey globs, hidden, sizes, limit and the hooks as directories do', async (t) => {
    const entries = [
      { name: './.well-known/x', body: '1' },
      { name: './.git/config', body: '1' },
      { name: 'a.map', body: '1' },
      { name: 'b.js', body: '22' },
      { name: 'c.js', body: '333' },
      { name: 'sub/d.js', body: '4444' },
    ];
    for (const form of ['s.tar', 's.tgz']) {
      const server = await serverFor(t);
      const source = archive(t, form, entries);
      const keys = async (options: Parameters<typeof run>[1]) => (await run(server, options)).keys('put');
      const stupid = { source, mode: 'stupid' } as const;
      assert.deepEqual(await keys(stupid), ['.well-known/x', 'a.map', 'b.js', 'c.js', 'sub/d.js']);
      assert.deepEqual(await keys({ ...stupid, hidden: false, exclude: '*.map' }), ['b.js', 'c.js', 'sub/d.js']);
      assert.deepEqual(await keys({ ...stupid, include: 'sub' }), ['sub/d.js']);
      assert.deepEqual(await keys({ ...stupid, minSize: 2, maxSize: 3 }), ['b.js', 'c.js']);
      assert.equal((await keys({ ...stupid, limit: 2 })).length, 2);
      assert.deepEqual(await keys({ ...stupid, filter: ({ size }) => size === 4 }), ['sub/d.js']);
      const renamed = await keys({ ...stupid, exclude: '.*', key: ({ key }) => `new/${key}` });
      assert.deepEqual(renamed, ['new/a.map', 'new/b.js', 'new/c.js', 'new/sub/d.js']);
      assert.equal((await run(server, { ...stupid, dryRun: true })).report.counts.put, 5);
    }
  });

  it('have at most 48 MiB of their members in memory while puts are slow', async (t) => {
    const server = await serverFor(t, { dropBodies: true });
    server.fault({ verb: 'PutObject', occurrences: 'all', type: 'delay', ms: 300 });
    const members = Array.from({ length: 16 }, (_, index) => ({ name: `m${index}`, body: Buffer.alloc(4_000_000) }));
    for (const form of ['slow.tar', 'slow.tgz']) {
      const { report } = await run(server, { source: archive(t, form, members), mode: 'stupid' });
      assert.equal(report.counts.put, 16);
      assert.ok(report.concurrency <= 12, `${report.concurrency} at once`);
    }
  });

  it('with keyBase cwd give the keys of files unpacked where the archive lies', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'backup/s.tar': makeTar(SITE.slice(0, 2)) });
    const cwd = process.cwd();
    process.chdir(root);
    t.after(() => process.chdir(cwd));
    const ran = await run(server, { source: 'backup/s.tar', keyBase: 'cwd', prefix: 'p' });
    assert.deepEqual(ran.keys('put'), ['p/backup/index.html']);
  });
});

describe('members of archives that are no plain files', () => {
  const ODD: readonly TarEntry[] = [
    { name: 'hard', type: '1', link: 'file' },
    { name: 'soft', type: '2', link: '../etc/passwd' },
    { name: 'null', type: '3' },
    { name: 'disk', type: '4' },
    { name: 'pipe', type: '6' },
    { name: 'new-kind', type: 'Q', body: 'what' },
    { name: '../up', body: 'x' },
    { name: 'in/../../up', body: 'x' },
    { name: '/etc/passwd', body: 'x' },
    { name: Buffer.from([0x62, 0xe4, 0x64]), body: 'x' },
    { name: 'holes', body: 'x', pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' } },
    { name: 'volume', type: 'V' },
    { name: 'file', body: 'fine' },
  ];

  it('are skipped by name, names that lead out or are not UTF-8 fail by name, and the rest is put', async (t) => {
    for (const form of ['s.tar', 's.tgz']) {
      const server = await serverFor(t);
      const ran = await run(server, { source: archive(t, form, ODD), prefix: 'p' });
      assert.deepEqual(ran.keys('put'), ['p/file']);
      assert.deepEqual(
        ran.keys('skip'),
        ['disk', 'new-kind', 'null', 'pipe', 'soft'].map((name) => `p/${name}`),
      );
      assert.match(
        ran.reasonOf('p/hard') ?? '',
        form === 's.tar'
          ? /no file "file" before it/
          : /"file", but a compressed archive is read only once, and that file was read before the link/,
      );
      assert.match(ran.reasonOf('p/soft') ?? '', /symlink to \.\.\/etc\/passwd/);
      assert.match(ran.reasonOf('p/pipe') ?? '', /FIFO/);
      assert.match(ran.reasonOf('p/null') ?? '', /device/);
      assert.match(ran.reasonOf('p/new-kind') ?? '', /unknown type "Q"/);
      assert.deepEqual(
        ran.keys('fail'),
        ['../up', '/etc/passwd', 'b\\xe4d', 'hard', 'holes', 'in/../../up'].map((name) => `p/${name}`),
      );
      assert.match(ran.reasonOf('p/../up') ?? '', /refused/);
      assert.match(ran.reasonOf('p//etc/passwd') ?? '', /refused.*absolute/);
      assert.match(ran.reasonOf('p/b\\xe4d') ?? '', /UTF-8/);
      assert.match(ran.reasonOf('p/holes') ?? '', /sparse/);
      assert.equal(ran.error?.name, 'PartialFailureError');
      assert.equal(ran.report.complete, true);
      assert.deepEqual(server.keys('site'), ['p/file']);
      for (const { hint } of ran.report.failures) assert.match(hint ?? '', /Make the archive anew.*by exclude\./);
    }
  });

  it('hard links have the bytes of the file that they name, as it was before them, also where the filter leaves that out', async (t) => {
    const links: readonly TarEntry[] = [
      { name: './a/first', body: 'one' },
      { name: 'b', type: '1', link: 'a/first' },
      { name: 'a/c', type: '1', link: './b' },
      { name: 'soft', type: '2', link: 'b' },
      { name: 'd', type: '1', link: 'soft' },
      { name: 'e', type: '1', link: '../up' },
      { name: 'empty', body: '' },
      { name: 'f', type: '1', link: 'empty' },
    ];
    const server = await serverFor(t);
    const ran = await run(server, { source: archive(t, 's.tar', links), exclude: 'first' });
    assert.deepEqual(ran.keys('put'), ['a/c', 'b', 'empty', 'f']);
    for (const key of ['a/c', 'b']) assert.equal(server.object('site', key)?.body.toString(), 'one');
    assert.deepEqual(ran.keys('fail'), ['d', 'e']);
    assert.match(ran.reasonOf('d') ?? '', /a hard link to "soft", but the archive holds no file/);
    const packed = await run(server, { source: archive(t, 's.tgz', links), prefix: 'p', exclude: ['d', 'e', 'soft'] });
    assert.deepEqual(packed.keys('put'), ['p/a/first', 'p/empty']);
    assert.deepEqual(packed.keys('fail'), ['p/a/c', 'p/b', 'p/f']);
    const again = await run(server, { source: archive(t, 's.tar', links), exclude: ['first', 'd', 'e', 'soft'] });
    assert.deepEqual(again.keys('skip'), ['a/c', 'b', 'empty', 'f']);
  });

  it('and refused or sparse fail each by itself, however often a name is there; beside a file of the name it is named twice', async (t) => {
    const up: TarEntry = { name: '../up', body: '1' };
    const sparse: TarEntry = { name: 'm', type: 'S' };
    for (const form of ['s.tar', 's.tgz']) {
      const server = await serverFor(t);
      const ran = await run(server, { source: archive(t, form, [up, sparse, { name: 'a' }, sparse, up]) });
      assert.equal(ran.error?.name, 'PartialFailureError', String(ran.error));
      assert.deepEqual([ran.keys('put'), ran.keys('fail')], [['a'], ['../up', '../up', 'm', 'm']]);
    }
    const server = await serverFor(t);
    const both = await run(server, { source: archive(t, 's.tar', [{ name: 'm', body: '1' }, sparse]) });
    assert.match(both.error?.message ?? '', /holds "m" twice: .*s\.tar:m .*s\.tar:m /);
    assert.equal(server.requests.length, 0);
  });

  it('and named twice are an error before any request, or a failure where the archive is compressed', async (t) => {
    const twice: readonly TarEntry[] = [
      { name: './a', body: '1' },
      { name: 'b', body: '2' },
      { name: 'a', body: '3' },
    ];
    const server = await serverFor(t);
    const plain = await run(server, { source: archive(t, 's.tar', twice) });
    assert.equal(plain.error?.name, 'UsageError');
    assert.match(plain.error?.message ?? '', /holds "a" twice: .*s\.tar:\.\/a .*512.*s\.tar:a .*2560/);
    assert.equal(server.requests.length, 0);

    const packed = await run(server, { source: archive(t, 's.tgz', twice) });
    assert.deepEqual([packed.keys('put'), packed.keys('fail')], [['a', 'b'], ['a']]);
    assert.equal(server.object('site', 'a')?.body.toString(), '1');
    assert.match(packed.report.failures[0]?.message ?? '', /given before, by .*s\.tgz:\.\/a/);
    assert.match(packed.report.failures[0]?.hint ?? '', /by exclude.*made anew/);
  });
});

describe('archives that are cut short, damaged or not there', () => {
  it('have what came before put, and are a failure that names the place', async (t) => {
    const bytes = makeTar([
      { name: 'b', body: 'B' },
      { name: 'a', body: 'A' },
      { name: 'c', body: 'C'.repeat(3_000) },
    ]);
    for (const [end, place] of [
      [4_000, /s\.t\w+ is cut short or damaged at byte 4000.*"c"/],
      [2_048, /at byte 2048/],
    ] as const) {
      for (const form of ['s.tar', 's.tgz']) {
        const server = await serverFor(t);
        const ran = await run(server, { source: archive(t, form, bytes.subarray(0, end)) });
        assert.deepEqual(server.keys('site'), ['a', 'b']);
        assert.equal(ran.report.counts.fail, 1);
        assert.match(ran.report.failures[0]?.message ?? '', place);
        assert.equal(ran.error?.name, 'PartialFailureError');
        assert.equal(ran.report.complete, false);
      }
    }
  });

  it('are found by the compression too, at its end at the latest', async (t) => {
    const bytes = zlib.gzipSync(makeTar(SITE));
    const wrongSum = Buffer.from(bytes);
    wrongSum.writeUInt32LE(7, bytes.length - 8);
    for (const [broken, keys] of [
      [bytes.subarray(0, -4), SITE_KEYS],
      [wrongSum, SITE_KEYS],
      [Buffer.concat([bytes, Buffer.from([0x1f, 0x8b, 1, 2, 3])]), SITE_KEYS],
    ] as const) {
      const server = await serverFor(t);
      const source = join(makeTree(t, { 's.tgz': broken }), 's.tgz');
      const ran = await run(server, { source });
      assert.deepEqual(ran.keys('put'), keys);
      assert.equal(ran.report.complete, false);
      assert.match(
        ran.report.failures[0]?.message ?? '',
        /s\.tgz is cut short or damaged at byte \d+ of what it unpacks/,
      );
    }
    const server = await serverFor(t);
    const big = [{ name: 'small', body: 's' }, { name: 'big', body: noise(3_000_000) }, { name: 'after' }];
    const cut = zlib.gzipSync(makeTar(big)).subarray(0, 1_000_000);
    const ran = await run(server, { source: join(makeTree(t, { 's.tgz': cut }), 's.tgz') });
    assert.deepEqual([ran.keys('put'), ran.keys('fail')], [['small'], ['big']]);
    assert.equal(ran.report.complete, false);
  });

  it('are unpacked to the very byte where the damage is', async (t) => {
    const server = await serverFor(t);
    const bodies = noise(200_000);
    const members = Array.from({ length: 40 }, (_, index) => ({
      name: `m${index + 10}`,
      body: bodies.subarray(index * 5_000, (index + 1) * 5_000),
    }));
    const bytes = zlib.gzipSync(makeTar(members));
    for (const at of [20_000, 70_000, 140_000, 199_000]) {
      const broken = Buffer.from(bytes);
      broken.fill(0xff, at, at + 40);
      const before = zlib.gunzipSync(bytes.subarray(0, at), { finishFlush: zlib.constants.Z_SYNC_FLUSH });
      const ran = await run(server, { source: join(makeTree(t, { 's.tgz': broken }), 's.tgz'), prefix: `${at}` });
      // A member has a header and, padded, ten blocks.
      assert.ok(ran.report.counts.put >= Math.floor(before.length / (11 * 512)), `${ran.report.counts.put} at ${at}`);
      assert.equal(ran.report.complete, false);
    }
  });

  it('that are no archives, or empty, say so', async (t) => {
    const server = await serverFor(t);
    const said = [
      [archive(t, 's.tar', Buffer.from('text'.repeat(500))), /no tar archive/],
      [archive(t, 's.tar', Buffer.alloc(0)), /at byte 0/],
      [join(makeTree(t, { 's.tgz': 'no gzip' }), 's.tgz'), /incorrect header check/],
      [join(makeTree(t, { 's.tgz': '' }), 's.tgz'), /at byte 0/],
    ] as const;
    for (const [source, message] of said) {
      const ran = await run(server, { source });
      assert.equal(ran.error?.name, 'PartialFailureError');
      assert.match(ran.report.failures[0]?.message ?? '', message);
      assert.equal(ran.report.complete, false);
    }
    const both = await run(server, { source: said.map(([source]) => source) });
    assert.equal(both.report.counts.fail, 4);
    for (const form of FORMS) {
      assert.equal((await run(server, { source: archive(t, form, TAR_END) })).error?.name, 'RefusedError');
      const missing = await run(server, { source: join(makeTree(t, {}), form) });
      assert.equal(missing.error?.name, 'UsageError');
      assert.match(missing.error?.message ?? '', /does not exist/);
    }
    assert.equal(server.count('PutObject'), 0);
  });

  it('that change after they were listed fail member by member', async (t) => {
    const server = await serverFor(t);
    const source = archive(t, 's.tar', SITE);
    let calls = 0;
    const ran = await run(server, {
      source,
      concurrency: 1,
      filter() {
        // The survey asks for each once; at the plan's first the archive has been read again.
        if (++calls === SITE_KEYS.length + 1) {
          appendFileSync(`${source}.new`, makeTar([{ name: 'other' }]));
          renameSync(`${source}.new`, source);
        }
        return true;
      },
    });
    assert.deepEqual(ran.keys('fail'), SITE_KEYS);
    assert.match(ran.report.failures[0]?.message ?? '', /changed after its members were listed/);
    assert.equal(server.count('PutObject'), 0);
  });
});

describe('a compressed archive', () => {
  it('is read on while large members are put, skipped, dropped or fail', async (t) => {
    const server = await serverFor(t);
    const body = Buffer.alloc(1_500_000, 'b');
    const entries = Array.from({ length: 12 }, (_, index) => ({ name: `m${index}`, body }));
    const source = archive(t, 's.tgz', entries);
    const first = await run(server, { source, limit: 3 });
    assert.deepEqual([first.error, first.keys('put')], [undefined, ['m0', 'm1', 'm2']]);
    const ran = await run(server, {
      source,
      filter: ({ relativePath }) => relativePath !== 'm5',
      key: ({ relativePath, key }) => (relativePath === 'm6' ? '/bad' : relativePath === 'm8' ? 'm7' : key),
      headers({ relativePath }) {
        if (relativePath === 'm9') throw new Error('hook');
        return undefined;
      },
    });
    assert.deepEqual(ran.keys('skip'), ['m0', 'm1', 'm2']);
    assert.deepEqual(ran.keys('put'), ['m10', 'm11', 'm3', 'm4', 'm7']);
    assert.deepEqual(ran.keys('fail'), ['/bad', 'm7', 'm9']);
    assert.deepEqual(server.object('site', 'm11')?.body, body);
    const dry = await run(server, { source, dryRun: true, mode: 'stupid' });
    assert.equal(dry.report.counts.put, 12);
  });

  it('ends at once when the run is aborted, or stops at a failure', async (t) => {
    const server = await serverFor(t);
    const entries = Array.from({ length: 60 }, (_, index) => ({ name: `m${index}`, body: Buffer.alloc(1_000_000) }));
    const source = archive(t, 's.tgz', entries);
    const controller = new AbortController();
    const aborted = await run(server, {
      source,
      signal: controller.signal,
      filter: ({ relativePath }) => {
        if (relativePath === 'm20') controller.abort();
        return true;
      },
    });
    assert.equal(aborted.error?.name, 'AbortError');
    const failing = await run(server, {
      source,
      failFast: true,
      key: ({ relativePath, key }) => (relativePath === 'm3' ? '/bad' : key),
    });
    assert.equal(failing.error?.name, 'PartialFailureError');
    assert.ok(failing.report.counts.put < 60);
  });

  it('by zstd is read where Node can, and an error that says which Node can elsewhere', async (t) => {
    const server = await serverFor(t);
    const { zstdCompressSync } = zlib as typeof zlib & { zstdCompressSync?: (bytes: Buffer) => Buffer };
    for (const form of ['s.tar.zst', 's.tzst']) {
      const bytes = zstdCompressSync?.(makeTar(SITE)) ?? 'whatever';
      const source = join(makeTree(t, { [form]: bytes }), form);
      const ran = await run(server, { source, mode: 'stupid' });
      if (zstdCompressSync === undefined) {
        assert.equal(ran.error?.name, 'UsageError');
        assert.match(ran.error?.hint ?? '', /22\.15.*23\.8/);
        assert.equal(server.requests.length, 0);
      } else {
        assert.deepEqual(ran.keys('put'), SITE_KEYS);
        writeFileSync(source, Buffer.from(bytes).subarray(0, -10));
        assert.equal((await run(server, { source })).report.complete, false);
      }
    }
  });

  it('of two parts that gzip joined is read whole', async (t) => {
    const server = await serverFor(t);
    const [one, two] = [
      tarEntry({ name: 'a', body: '1' }),
      Buffer.concat([tarEntry({ name: 'b', body: '2' }), TAR_END]),
    ];
    const joined = Buffer.concat([zlib.gzipSync(one), zlib.gzipSync(two)]);
    const ran = await run(server, { source: join(makeTree(t, { 's.tgz': joined }), 's.tgz') });
    assert.deepEqual([ran.error, ran.keys('put')], [undefined, ['a', 'b']]);
  });
});

/** Bytes that do not compress, the same at each call. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(Uint8Array.from({ length }, () => (state = (state * 48_271) % 2_147_483_647)));
}
