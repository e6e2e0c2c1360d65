import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, it, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { S3Server } from 'fake-s3';
import fc from 'fast-check';
import type { PutItem, PutOptions } from '../../src/index.js';
import { IMPATIENT, run, serverFor } from '../support/engine.js';
import { whileLocked } from '../support/rights.js';
import { runs } from '../support/runs.js';
import { makeTree, type TreeFiles } from '../support/tree.js';

const HTML = 'text/html; charset=utf-8';
const SITE = {
  'index.html': '<h1>root</h1>',
  'about.html': '<h1>about</h1>',
  'about-us.html': '<h1>us</h1>',
  'about/team.html': '<h1>team</h1>',
  'docs/index.html': '<h1>docs</h1>',
  'docs/a.html': '<h1>a</h1>',
  'docs/style.css.html': '<h1>on styles</h1>',
  'docs/old.gz.html': '<h1>on archives</h1>'.repeat(30),
  'docs/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  '404.html': '<h1>none</h1>',
  'app.js': 'let a',
} as const;
const HTML_KEYS = [
  '404.html',
  'about',
  'about-us',
  'about/team',
  'app.js',
  'docs/a',
  'docs/index.html',
  'docs/logo.svg',
  'docs/old.gz',
  'docs/style.css',
  'index.html',
];

const bodyOf = (server: S3Server, key: string): string | undefined => server.object('site', key)?.body.toString();
const typeOf = (server: S3Server, key: string): string | undefined =>
  server.object('site', key)?.headers['content-type'];
const verbs = (server: S3Server): Record<string, number> =>
  Object.fromEntries(
    (['ListObjectsV2', 'HeadObject', 'PutObject', 'DeleteObjects'] as const).map((verb) => [verb, server.count(verb)]),
  );

describe('clean URLs', () => {
  it('html: a page has no ending, and the type of its file', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    const { error, report, outcomes } = await run(server, { source, cleanUrls: 'html', gzip: true });
    assert.equal(error, undefined);
    assert.deepEqual(server.keys('site'), HTML_KEYS);
    assert.deepEqual(report.warnings, []);
    for (const key of HTML_KEYS) {
      const other = { 'app.js': 'text/javascript; charset=utf-8', 'docs/logo.svg': 'image/svg+xml' }[key];
      assert.equal(typeOf(server, key), other ?? HTML, key);
    }
    assert.equal(bodyOf(server, 'about/team'), SITE['about/team.html']);
    // The name of the file decides about the compression, too.
    const archive = server.object('site', 'docs/old.gz');
    assert.equal(archive?.headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(archive?.body ?? '').toString(), SITE['docs/old.gz.html']);
    assert.equal(outcomes.find(({ key }) => key === 'about')?.origin, `${source}/about.html`);
  });

  it('index: an index page has the key of its folder, too; the root has one below a prefix', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    await run(server, { source, cleanUrls: 'index' });
    assert.deepEqual(server.keys('site'), [...Object.keys(SITE), 'docs/'].sort());
    assert.equal(bodyOf(server, 'docs/'), SITE['docs/index.html']);
    assert.equal(typeOf(server, 'docs/'), HTML);
    await run(server, { source, cleanUrls: 'index', prefix: 'p' });
    assert.equal(bodyOf(server, 'p/'), SITE['index.html']);
    assert.equal(bodyOf(server, 'p/docs/'), SITE['docs/index.html']);
  });

  it('both: both', async (t) => {
    const server = await serverFor(t);
    const { report } = await run(server, { source: makeTree(t, SITE), cleanUrls: 'both' });
    assert.deepEqual(server.keys('site'), [...HTML_KEYS, 'docs/'].sort());
    assert.equal(report.counts.put, HTML_KEYS.length + 1);
  });

  it('a rule wins over the option, for each file', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    const rules: PutOptions['rules'] = [
      { match: 'docs/**', cleanUrls: 'index' },
      { match: '/about-us.html', cleanUrls: false },
    ];
    await run(server, { source, cleanUrls: 'html', rules, prefix: 'x' });
    const renamed = Object.keys(SITE).map((path) => (/^about(?:\.|\/)/.test(path) ? path.slice(0, -5) : path));
    assert.deepEqual(server.keys('site'), [...renamed, 'docs/'].map((path) => `x/${path}`).sort());
    server.clearRequests();
    // Without the option only the rule gives some.
    await run(server, { source, rules: [{ match: '/about.html', cleanUrls: 'html' }], prefix: 'y' });
    assert.ok(server.keys('site').includes('y/about') && server.keys('site').includes('y/about-us.html'));
    const wrong = { match: '*', cleanUrls: 'pretty' } as unknown as { match: string };
    await assert.rejects(run(server, { source, rules: [wrong] }), /Rule 1: cleanUrls "pretty" is unknown/);
  });

  for (const cleanUrls of ['html', 'index', 'both'] as const)
    it(`${cleanUrls}: a second run finds all unchanged by listing alone, with and without deletes`, async (t) => {
      const server = await serverFor(t, { mode: { pageSize: 6 } });
      const source = makeTree(t, SITE);
      for (const rest of [
        {},
        { delete: true, prefix: 'p/' },
        { order: 'site', listStrays: true, prefix: 'q' },
      ] as const) {
        const options = { source, cleanUrls, ...rest };
        const first = await run(server, options);
        assert.equal(first.error, undefined);
        server.clearRequests();
        const again = await run(server, options);
        assert.equal(again.error, undefined);
        const objects = server.keys('site').filter((key) => key.startsWith(options.prefix ?? '')).length;
        const ours = 'prefix' in rest ? objects : first.report.counts.put;
        assert.deepEqual(again.report.counts.skip, ours);
        assert.deepEqual(again.report.warnings, []);
        assert.equal(again.report.strays ?? 0, 0);
        assert.deepEqual(verbs(server), { ...verbs(server), HeadObject: 0, PutObject: 0, DeleteObjects: 0 });
        if ('prefix' in rest) assert.equal(server.count('ListObjectsV2'), Math.ceil(objects / 6));
      }
    });

  it('10,000 unchanged pages take 10 listings and no other request', async (t) => {
    const server = await serverFor(t);
    const names = Array.from({ length: 99 }, (_, i) => `p${i}`);
    const files: Record<string, string> = {};
    for (const folder of names) {
      for (const name of names) files[`${folder}/${name}.html`] = name;
      files[`${folder}/index.html`] = folder;
      files[`${folder}.html`] = folder;
    }
    for (const [path, body] of Object.entries(files))
      server.seed('site', path.endsWith('/index.html') ? path : path.slice(0, -5), body);
    const source = makeTree(t, files);
    const { report } = await run(server, { source, cleanUrls: 'html', delete: true, prefix: '' });
    assert.deepEqual([report.counts.skip, report.strays], [9_999, 0]);
    assert.deepEqual([server.count('ListObjectsV2'), server.requests.length], [10, 10]);
  });

  it('a dry run says the keys and writes nothing', async (t) => {
    const server = await serverFor(t);
    const { keys } = await run(server, { source: makeTree(t, SITE), cleanUrls: 'both', dryRun: true });
    assert.deepEqual(keys('put'), [...HTML_KEYS, 'docs/'].sort());
    assert.deepEqual(server.keys('site'), []);
  });

  it('pages come after the files that they name, whatever their keys', async (t) => {
    const server = await serverFor(t);
    const { report, error } = await run(server, { source: makeTree(t, SITE), cleanUrls: 'both', order: 'site' });
    assert.equal(error, undefined);
    assert.deepEqual(
      report.phases?.map(({ phase, done }) => [phase, done]),
      [
        ['assets', 1],
        ['data', 1],
        ['pages', 10],
      ],
    );
    const puts = server.requests.filter(({ verb }) => verb === 'PutObject').map(({ key }) => key);
    assert.deepEqual(puts.slice(0, 2), ['docs/logo.svg', 'app.js']);
  });

  it('a function key is final; where it changes nothing clean URLs apply', async (t) => {
    const server = await serverFor(t);
    const key: PutOptions['key'] = ({ relativePath }) =>
      relativePath.startsWith('docs/') ? relativePath.toUpperCase() : undefined;
    const source = makeTree(t, { 'a.html': '1', 'index.html': '2', 'docs/b.html': '3', 'docs/index.html': '4' });
    const options = { source, cleanUrls: 'both', key, prefix: 'p', delete: true } as const;
    await run(server, options);
    assert.deepEqual(server.keys('site'), ['p/', 'p/DOCS/B.HTML', 'p/DOCS/INDEX.HTML', 'p/a', 'p/index.html']);
    const again = await run(server, options);
    assert.deepEqual([again.report.counts.skip, again.report.counts.delete], [5, 0]);
  });

  it('so is the key of one file; a file by its own name has a clean one', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'site/about.html': '1', 'site/index.html': '2' });
    await run(server, { source: `${source}/site/about.html`, as: 'team.html', cleanUrls: 'both' });
    await run(server, { source: `${source}/site/about.html`, cleanUrls: 'both' });
    await run(server, { source: `${source}/site/index.html`, cleanUrls: 'both' });
    await run(server, { source: `${source}/site/index.html`, cleanUrls: 'both', prefix: 'p' });
    assert.deepEqual(server.keys('site'), ['about', 'index.html', 'p/', 'p/index.html', 'team.html']);
    assert.equal(typeOf(server, 'about'), HTML);
  });

  it('paths from the working directory begin the keys', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'site/about.html': '1', 'site/index.html': '2' });
    const before = process.cwd();
    process.chdir(root);
    t.after(() => process.chdir(before));
    await run(server, { source: 'site', keyBase: 'cwd', cleanUrls: 'both' });
    assert.deepEqual(server.keys('site'), ['site/', 'site/about', 'site/index.html']);
  });

  it('a list of files has them, too', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    await run(server, { source, filesFrom: ['docs/index.html', 'about.html'], cleanUrls: 'both' });
    assert.deepEqual(server.keys('site'), ['about', 'docs/', 'docs/index.html']);
  });
});

/** Makes the source of a kind from files. */
const SOURCES = {
  directory: (root: string, _files: TreeFiles) => root,
  tar: (root: string, _files: TreeFiles) => packed(root, 'tar', '-cf'),
  'tar.gz': (root: string, _files: TreeFiles) => packed(root, 'tar.gz', '-czf'),
  items: (_root: string, files: TreeFiles): PutItem[] =>
    Object.entries(files).map(([key, body]) => ({ key, body: Buffer.from(body) })),
  streams: (_root: string, files: TreeFiles): AsyncIterable<PutItem> => ({
    async *[Symbol.asyncIterator]() {
      for (const [key, body] of Object.entries(files)) yield { key, body: Readable.from([Buffer.from(body)]) };
    },
  }),
} as const;
type SourceKind = keyof typeof SOURCES;
const KINDS = Object.keys(SOURCES) as SourceKind[];

function packed(root: string, ending: string, flags: string): string {
  const archive = `${root}.${ending}`;
  execFileSync('tar', [flags, archive, '-C', root, '.']);
  return archive;
}

function removeArchives(root: string): void {
  for (const ending of ['tar', 'tar.gz']) rmSync(`${root}.${ending}`, { force: true });
}

describe('sources of every kind have clean URLs', () => {
  for (const kind of KINDS)
    it(`${kind}, ordered or not, and nothing of it is a stray`, async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, SITE);
      t.after(() => removeArchives(root));
      for (const order of ['none', 'site'] as const) {
        for (const round of [1, 2]) {
          const source = SOURCES[kind](root, SITE);
          const ran = await run(server, { source, cleanUrls: 'both', delete: true, order, prefix: `${order}/` });
          assert.equal(ran.error, undefined);
          assert.equal(ran.report.counts.delete, 0);
          // A stream is read once, so that it is never compared.
          if (round === 2 && kind !== 'streams') assert.equal(ran.report.counts.put, 0);
        }
        const keys = server.keys('site').filter((key) => key.startsWith(order));
        assert.deepEqual(keys, [...HTML_KEYS, 'docs/', ''].map((key) => `${order}/${key}`).sort());
        assert.equal(bodyOf(server, `${order}/docs/`), SITE['docs/index.html']);
        assert.equal(bodyOf(server, `${order}/docs/index.html`), SITE['docs/index.html']);
        assert.equal(typeOf(server, `${order}/docs/style.css`), HTML);
      }
    });

  it('an item says its own; it is settled once, with the outcome of its key, or with the failure of the other one', async (t) => {
    const server = await serverFor(t);
    const settled: string[] = [];
    const item = (key: string, more: Partial<PutItem> = {}): PutItem => ({
      key,
      body: key,
      onSettled: (outcome) => settled.push(`${key}: ${outcome?.action} ${outcome?.key}`),
      ...more,
    });
    const source = [item('a.html', { cleanUrls: false }), item('b.html'), item('c/index.html', { cleanUrls: 'index' })];
    await run(server, { source, cleanUrls: 'html' });
    assert.deepEqual(server.keys('site'), ['a.html', 'b', 'c/', 'c/index.html']);
    assert.deepEqual(settled.splice(0).sort(), [
      'a.html: put a.html',
      'b.html: put b',
      'c/index.html: put c/index.html',
    ]);
    server.mode({ deny: [{ verb: 'PutObject', key: /d\/$/ }] });
    const failed = await run(server, { source: [item('d/index.html'), item('e.html')], cleanUrls: 'both' });
    assert.equal(failed.report.counts.fail, 1);
    assert.deepEqual(settled.splice(0).sort(), ['d/index.html: fail d/', 'e.html: put e']);
    const wrong = { key: 'x.html', body: 'x', cleanUrls: 'all' } as unknown as PutItem;
    assert.match((await run(server, { source: [wrong] })).report.failures[0]?.message ?? '', /cleanUrls "all"/);
    // A limit between the two objects of an item settles it, too.
    const limited = await run(server, { source: [item('f/index.html')], cleanUrls: 'both', limit: 1 });
    assert.equal(limited.error, undefined);
    assert.deepEqual(settled, ['f/index.html: undefined undefined']);
  });
});

it('a stream that is longer than what is put at once has both keys', async (t) => {
  const server = await serverFor(t);
  const body = 'a long page '.repeat(1_000);
  const source = [{ key: 'docs/index.html', body: Readable.from([Buffer.from(body)]) }];
  const { error } = await run(server, { source, cleanUrls: 'index' }, { ...IMPATIENT, threshold: 1_000 });
  assert.equal(error, undefined);
  assert.deepEqual([bodyOf(server, 'docs/'), bodyOf(server, 'docs/index.html')], [body, body]);
});

describe('two files with one key by clean URLs', () => {
  for (const [files, key, names] of [
    [{ about: '1', 'about.html': '2' }, 'about', ['about', 'about.html']],
    [{ 'about.htm': '1', 'about.html': '2' }, 'about', ['about.htm', 'about.html']],
    [{ 'docs/index.htm': '1', 'docs/index.html': '2' }, 'docs/', ['docs/index.htm', 'docs/index.html']],
  ] as const) {
    for (const kind of ['directory', 'tar'] as const)
      it(`${names.join(' and ')} in a ${kind} are an error that names both, before any request`, async (t) => {
        const server = await serverFor(t);
        const root = makeTree(t, files);
        t.after(() => removeArchives(root));
        const { error } = await run(server, { source: SOURCES[kind](root, files), cleanUrls: 'both' });
        assert.equal(error?.name, 'UsageError');
        for (const name of names) assert.ok(error.message.includes(name), error.message);
        assert.match(error.message, new RegExp(`By cleanUrls two files give the key "${key}"`));
        assert.match(error.hint ?? '', /turn clean URLs off/);
        assert.deepEqual(server.requests, []);
      });
    it(`${names.join(' and ')} of items: the second fails`, async (t) => {
      const server = await serverFor(t);
      const source = Object.entries(files).map(([name, body]) => ({ key: name, body }));
      const { report } = await run(server, { source, cleanUrls: 'both' });
      assert.equal(report.counts.fail, 1);
      assert.match(report.failures[0]?.message ?? '', /the key was given before/);
    });
  }

  it('of two sources are found, too, and in any form of Unicode', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'one/\u00e9.html': '1', 'two/e\u0301': '2' });
    const source = [`${root}/one`, `${root}/two`];
    const { error } = await run(server, { source, cleanUrls: 'html', normalize: 'nfc' });
    assert.match(error?.message ?? '', /By cleanUrls two files give the key "\u00e9"/);
    assert.equal((await run(server, { source, cleanUrls: 'html' })).error, undefined);
  });

  it('are none where a folder has the name of a page, or filters leave one out', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { about: '1', 'about.html': '2', 'x.html': '3', 'x/y.html': '4' });
    const { error } = await run(server, { source, cleanUrls: 'html', exclude: '/about' });
    assert.equal(error, undefined);
    assert.deepEqual(server.keys('site'), ['about', 'x', 'x/y']);
  });

  it('a page whose key is also a folder is a warning where objects are files', async (t) => {
    const source = makeTree(t, { 'x.html': '3', 'x/y.html': '4' });
    for (const [serverHeader, warned] of [
      ['VERSITYGW', 1],
      ['AmazonS3', 0],
    ] as const) {
      const server = await serverFor(t, { mode: { serverHeader } });
      const { report } = await run(server, { source, cleanUrls: 'html' });
      assert.equal(report.warnings.filter((text) => /1 key is also a folder/.test(text)).length, warned);
    }
  });
});

describe('deletes with clean URLs', () => {
  it('take the pages from before, and leave what belongs to the source', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    await run(server, { source });
    const { keys, error } = await run(server, { source, cleanUrls: 'both', delete: true, prefix: '' });
    assert.equal(error, undefined);
    assert.deepEqual(
      keys('delete'),
      Object.keys(SITE)
        .filter((path) => !HTML_KEYS.includes(path))
        .sort(),
    );
    // And the way back: the page of a folder is no marker of it, but that of a run without clean URLs cannot be known.
    const html = await run(server, { source, cleanUrls: 'html', delete: true, prefix: '' });
    assert.deepEqual(html.keys('delete'), ['docs/']);
  });

  it('take the page of a folder that has no index page any more, and leave markers without bytes', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { ...SITE, 'empty/': '', 'img/x.png': 'x' });
    for (const kind of ['directory', 'tar', 'tar.gz', 'items'] as const) {
      const files = { ...SITE, 'img/x.png': 'x' };
      t.after(() => removeArchives(source));
      const prefix = `z/${kind}/`;
      const options = { cleanUrls: 'both', delete: true, prefix } as const;
      await run(server, { source: SOURCES[kind](source, files), ...options });
      for (const marker of ['img/', ...(kind === 'items' ? [] : ['empty/'])]) server.seed('site', prefix + marker, '');
      const { 'docs/index.html': _gone, ...rest } = files;
      const smaller = makeTree(t, { ...rest, 'empty/': '' });
      t.after(() => removeArchives(smaller));
      const { keys, error } = await run(server, { source: SOURCES[kind](smaller, rest), ...options });
      assert.equal(error, undefined);
      assert.deepEqual(keys('delete'), [`${prefix}docs/`, `${prefix}docs/index.html`], kind);
    }
  });

  it('leave the keys of what filters leave out by name, size or kind', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { ...SITE, 'large.html': 'x'.repeat(500) });
    symlinkSync('/nowhere', `${source}/linked.html`);
    const remote = [
      'gone',
      'secret',
      'secret/',
      'secret/index.html',
      'private',
      'large',
      'linked',
      'ruled',
      'ruled.html',
    ];
    for (const key of remote) server.seed('site', key, 'old');
    const { keys, error } = await run(server, {
      source,
      cleanUrls: 'both',
      delete: true,
      prefix: '',
      symlinks: 'skip',
      exclude: ['secret', '/private.html'],
      maxSize: 400,
      rules: [{ match: '/ruled.html', skip: true, optional: true }],
    });
    assert.equal(error, undefined);
    assert.deepEqual(keys('delete'), ['gone']);
  });

  it('take old pages with their endings also where only pages are included', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'about.html': '1', 'index.html': '2' });
    for (const key of ['about.html', 'gone.html', 'other.css']) server.seed('site', key, 'old');
    const options = { cleanUrls: 'html', delete: true, prefix: '' } as const;
    const { keys } = await run(server, { source, include: '**/*.html', ...options });
    assert.deepEqual(keys('delete'), ['about.html', 'gone.html']);
    assert.deepEqual(server.keys('site'), ['about', 'index.html', 'other.css']);
  });

  it('leave them, too, where the source is read once, or is an archive with links', async (t) => {
    const files = { 'small.html': '1', 'hooked.html': 'hooked', 'docs/index.html': '1', 'page.html': 'a page' };
    const remote = ['small', 'hooked', 'docs/', 'linked', 'given', 'fixed.html', 'gone'];
    for (const kind of KINDS) {
      const server = await serverFor(t);
      for (const key of remote) server.seed('site', key, 'old');
      const root = makeTree(t, files);
      symlinkSync('page.html', `${root}/linked.html`);
      t.after(() => removeArchives(root));
      const made = SOURCES[kind](root, files);
      const source = Array.isArray(made)
        ? [
            ...made,
            { key: 'given.html', body: '', leftOut: true },
            { key: 'fixed.html', body: '', leftOut: true, cleanUrls: false as const },
          ]
        : made;
      const options = { cleanUrls: 'both', delete: true, prefix: '', symlinks: 'skip' } as const;
      const filter: PutOptions['filter'] = ({ relativePath }) => relativePath !== 'hooked.html';
      const { keys, error } = await run(server, { source, ...options, minSize: 2, filter });
      assert.equal(error, undefined);
      const items = kind === 'items' || kind === 'streams';
      const present = kind === 'items' ? [] : ['fixed.html', 'given'];
      // The size of a stream is unknown, so that it is put.
      assert.deepEqual(keys('delete'), [...present, 'gone', ...(items ? ['linked'] : [])], kind);
    }
  });

  it('delete nothing of a page that cannot be read', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    await run(server, { source, cleanUrls: 'both' });
    for (const locked of ['docs', 'docs/index.html', 'about.html']) {
      // undici would be imported with rights that may not read it.
      const options = { source, cleanUrls: 'both', delete: true, prefix: '', httpClient: 'sockets' } as const;
      const { report, error } = await whileLocked([`${source}/${locked}`], () => run(server, options));
      assert.ok(report.counts.fail > 0, `${locked}: ${String(error)} ${JSON.stringify(report.reasons)}`);
      assert.deepEqual([report.counts.delete, report.strays], [0, 0], locked);
    }
  });

  it('work where the server lists in another order', async (t) => {
    const server = await serverFor(t, { mode: { order: 'utf16' } });
    const files = { '\uff5e.html': '1', '\u{1f600}.html': '2', '\uff5e/index.html': '3', 'a.html': '4' };
    const source = makeTree(t, files);
    await run(server, { source, cleanUrls: 'both', delete: true, prefix: '' });
    server.seed('site', 'b', 'old');
    const { report, keys } = await run(server, { source, cleanUrls: 'both', delete: true, prefix: '' });
    assert.deepEqual(keys('delete'), ['b']);
    assert.equal(report.counts.skip, 5);
  });
});

// What keys a file has, in plain words and other code than the engine's.
function expectedKeys(path: string, urls: 'html' | 'index' | 'both', prefix: string): string[] {
  const name = path.split('/').at(-1) ?? '';
  const stem = name.replace(/\.html?$/, '');
  const isPage = stem !== name && stem !== '' && stem !== '.';
  if (isPage && stem === 'index') {
    const folder = prefix + path.slice(0, path.length - name.length);
    return urls === 'html' || folder === '' ? [prefix + path] : [prefix + path, folder];
  }
  if (!isPage || urls === 'index' || stem === '404' || (path === name && stem === 'error')) return [prefix + path];
  return [prefix + path.slice(0, path.length - name.length) + stem];
}

test('any site, from any source: the bucket holds the keys of its files and no others, and stays as it is; or two files of one key are named', async (t) => {
  const segment = fc.constantFrom('a', 'a-b', 'a.b', 'b', 'index', 'e\u0301', '\uff5e', '\u{1f600}', 'a b', 'a!');
  const leaf = fc
    .tuple(
      fc.oneof(segment, fc.constantFrom('404', 'error', 'index.html')),
      fc.constantFrom('.html', '.html', '.htm', '', '.js'),
    )
    .map(([name, ending]) => name + ending);
  const path = fc.tuple(fc.array(segment, { maxLength: 2 }), leaf).map(([above, name]) => [...above, name].join('/'));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(path, { minLength: 1, maxLength: 12 }),
      fc.uniqueArray(
        fc.oneof(
          path,
          path.map((one) => `${one}/`),
        ),
        { maxLength: 8 },
      ),
      fc.constantFrom('html' as const, 'index' as const, 'both' as const),
      fc.constantFrom(...KINDS, 'directory' as const),
      fc.constantFrom('', 'p/'),
      fc.constantFrom(1, 3, 1000),
      fc.constantFrom('none' as const, 'site' as const),
      fc.constantFrom('utf8' as const, 'utf8' as const, 'utf16' as const),
      async (paths, remote, cleanUrls, kind, prefix, pageSize, order, listed) => {
        // Of a listing in another order the first page must show that, or nothing is deleted.
        const mode = { pageSize: listed === 'utf8' ? pageSize : 1000, order: listed };
        const server = await serverFor(t, { mode });
        const local = paths.filter((one) => !paths.some((other) => other.startsWith(`${one}/`)));
        const files = Object.fromEntries(local.map((one) => [one, `<p>${one}`]));
        const root = makeTree(t, files);
        for (const key of remote) server.seed('site', prefix + key, 'old');
        const options = { cleanUrls, delete: true, prefix, order, maxDelete: '100%' } as const;
        const wanted = new Map<string, string>();
        let clashes = false;
        for (const [one, body] of Object.entries(files))
          for (const key of expectedKeys(one, cleanUrls, prefix)) {
            clashes ||= wanted.has(key);
            wanted.set(key, body);
          }
        const first = await run(server, { source: SOURCES[kind](root, files), ...options });
        if (clashes) {
          if (kind === 'directory' || kind === 'tar') assert.match(String(first.error), /By cleanUrls two files/);
          else assert.ok(first.report.counts.fail > 0);
        } else {
          assert.equal(first.error, undefined);
          const held = new Map(server.keys('site').map((key) => [key, bodyOf(server, key)]));
          // Below a prefix its own key counts as its marker.
          if (!wanted.has(prefix)) held.delete(prefix);
          assert.deepEqual([...held].sort(), [...wanted].sort());
          server.clearRequests();
          const again = await run(server, { source: SOURCES[kind](root, files), ...options });
          assert.equal(again.error, undefined);
          assert.deepEqual([again.report.counts.delete, again.report.strays], [0, 0]);
          if (kind !== 'streams') assert.deepEqual([again.report.counts.put, server.count('PutObject')], [0, 0]);
          if (listed === 'utf8' && kind !== 'streams') assert.equal(server.count('HeadObject'), 0);
        }
        await server.close();
        removeArchives(root);
        rmSync(root, { recursive: true });
      },
    ),
    runs(60),
  );
});
