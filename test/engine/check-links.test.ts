import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RefusedError } from '../../src/errors.js';
import { type Ran, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const warningsOf = ({ events }: Ran, code: string): string[] =>
  events.flatMap((event) => (event.type === 'warning' && event.code === code ? [event.message] : []));

const SITE = {
  'a.css': '@import "b.css"; a { background: url(img/a.png) }',
  'b.css': '',
  'docs/index.html': '<link rel=stylesheet href=../a.css><a href=/>home</a><a href=page>page</a>',
  'docs/page.html': '<img srcset="../img/a.png 1x, /img/b.png 2x">',
  'img/a.png': 'a',
  'img/b.png': 'b',
  'index.html':
    '<link rel=stylesheet href=/a.css?v=1><script type=module src=app.js></script><a href=docs>docs</a><a href=https://example.com/x>x</a>',
  'app.js': '',
};
const BROKEN = {
  ...SITE,
  'docs/index.html': `${SITE['docs/index.html']}<img src=gone.png>`,
  'index.html': `${SITE['index.html']}<img src=docs/gone.png><a href=/nowhere#x>nowhere</a>`,
};

for (const checkLinks of ['warn', 'error'] as const)
  test(`a redirect that leads nowhere hides no missing file, with ${checkLinks}`, async (t) => {
    const server = await serverFor(t);
    const redirects = [{ from: '/old', to: '/gone' }];
    const ran = await run(server, { source: makeTree(t, BROKEN), checkLinks, redirects });
    assert.match(ran.error?.message ?? '', /1 redirect leads nowhere:\n {2}redirects\[0\] → \/gone$/);
    assert.match(warningsOf(ran, 'missing-links')[0] ?? '', /^2 files .* index\.html → \/nowhere#x\.$/);
    assert.equal(server.count('PutObject'), 0);
  });

describe('checkLinks: warn', () => {
  test('says nothing of a whole site, and costs no request, in the first run and in the next', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    const first = await run(server, { source, checkLinks: 'warn' });
    assert.deepEqual([first.error, first.report.warnings, first.report.counts.put], [undefined, [], 8]);
    assert.deepEqual(first.report.links, { documents: 5, references: 10, missing: 0, examples: [] });
    assert.deepEqual(first.report.requests, { ListObjectsV2: 1, PutObject: 8 });
    const second = await run(server, { source, checkLinks: 'warn' });
    assert.deepEqual([second.report.counts.skip, second.report.links?.missing], [8, 0]);
    assert.deepEqual(second.report.requests, { ListObjectsV2: 1 });
  });

  test('names what is missing, once, after one HEAD for each key that it may have', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, { source: makeTree(t, BROKEN), checkLinks: 'warn' });
    assert.equal(ran.error, undefined);
    assert.deepEqual(warningsOf(ran, 'missing-links'), [
      '2 files that pages or style sheets refer to will not be in the bucket: docs/index.html → gone.png (and 1 more document), index.html → /nowhere#x.',
    ]);
    assert.deepEqual(ran.report.links, {
      documents: 5,
      references: 13,
      missing: 2,
      examples: [
        { document: 'docs/index.html', url: 'gone.png', resolved: 'docs/gone.png' },
        { document: 'index.html', url: '/nowhere#x', resolved: 'nowhere' },
      ],
    });
    const heads = server.requests.filter(({ verb }) => verb === 'HeadObject').map(({ key }) => key);
    assert.deepEqual(heads.sort(), [
      'docs/gone.png',
      'docs/gone.png/',
      'docs/gone.png/index.html',
      'nowhere',
      'nowhere.html',
      'nowhere/',
      'nowhere/index.html',
    ]);
    assert.deepEqual(ran.report.heads, { 'referred to, and not in this run': 7 });
    assert.equal(server.count('PutObject'), 8);
  });

  test('names the first ten', async (t) => {
    const server = await serverFor(t);
    const images = Array.from({ length: 25 }, (_, i) => `<img src=${i + 10}.png>`).join('');
    const ran = await run(server, { source: makeTree(t, { 'index.html': images }), checkLinks: 'warn' });
    const [warning = ''] = warningsOf(ran, 'missing-links');
    assert.match(warning, /^25 files .*: index\.html → 10\.png, .*, index\.html → 19\.png, and 15 more\.$/);
    assert.equal(ran.report.links?.examples.length, 25);
  });
});

describe('checkLinks: error', () => {
  for (const dryRun of [false, true])
    test(`refuses ${dryRun ? 'a dry run' : 'a run'} before the first write`, async (t) => {
      const server = await serverFor(t);
      const ran = await run(server, { source: makeTree(t, BROKEN), checkLinks: 'error', dryRun });
      assert.ok(ran.error instanceof RefusedError);
      assert.equal(ran.error.code, 'MissingLinks');
      assert.equal(
        ran.error.message,
        [
          'No file was uploaded, because 2 files that pages or style sheets refer to will not be in the bucket:',
          '  docs/index.html → gone.png (and 1 more document)',
          '  index.html → /nowhere#x',
        ].join('\n'),
      );
      assert.match(ran.error.hint ?? '', /checkLinks: 'warn'/);
      assert.deepEqual([ran.report.links?.missing, ran.report.complete], [2, false]);
      assert.deepEqual([server.keys('site'), server.count('PutObject')], [[], 0]);
    });

  test('lists at most 20', async (t) => {
    const server = await serverFor(t);
    const images = Array.from({ length: 25 }, (_, i) => `<img src=${i + 10}.png>`).join('');
    const { error } = await run(server, { source: makeTree(t, { 'index.html': images }), checkLinks: 'error' });
    assert.equal(error?.message.split('\n').length, 22);
    assert.match(error?.message ?? '', /\n {2}and 5 more$/);
  });

  for (const order of ['none', 'site'] as const)
    test(`lets a whole site pass, with order: ${order}`, async (t) => {
      const server = await serverFor(t);
      const { error } = await run(server, { source: makeTree(t, SITE), checkLinks: 'error', order });
      assert.equal(error, undefined);
      assert.equal(server.keys('site').length, 8);
    });
});

test('off reads and requests nothing', async (t) => {
  const server = await serverFor(t);
  const ran = await run(server, { source: makeTree(t, BROKEN) });
  assert.deepEqual([ran.error, ran.report.links, ran.report.warnings], [undefined, undefined, []]);
  assert.deepEqual(ran.report.requests, { ListObjectsV2: 1, PutObject: 8 });
});

test('the preset warns, gives hashed names their headers by the same reading, and can be told not to', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, {
    'index.html': '<script type=module src=/a/index-BRBmoGS9.js></script><img src=gone.png>',
    'a/index-BRBmoGS9.js': '',
  });
  const ran = await run(server, { source, preset: 'site' });
  assert.equal(warningsOf(ran, 'missing-links').length, 1);
  assert.match(server.object('site', 'a/index-BRBmoGS9.js')?.headers['cache-control'] ?? '', /immutable/);
  const off = await run(server, { source, preset: 'site', checkLinks: 'off' });
  assert.deepEqual([off.report.links, warningsOf(off, 'missing-links')], [undefined, []]);
});

describe('what is in the bucket already', () => {
  test('is there where the listing has shown it, without a HEAD, or else by a HEAD', async (t) => {
    const server = await serverFor(t);
    for (const key of ['docs/gone.png', 'nowhere/index.html']) server.seed('site', key, 'x');
    const ran = await run(server, { source: makeTree(t, BROKEN), checkLinks: 'error', listStrays: true });
    assert.equal(ran.error, undefined);
    assert.deepEqual([ran.report.requests.HeadObject, ran.report.strays], [undefined, 2]);
    const stupid = await run(server, { source: makeTree(t, BROKEN), checkLinks: 'error', mode: 'stupid' });
    assert.equal(stupid.error, undefined);
    assert.ok((stupid.report.requests.HeadObject ?? 0) > 0);
  });

  test('needs no HEAD where all of the listing was read, whatever is missing', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, { source: makeTree(t, BROKEN), checkLinks: 'warn', listStrays: true });
    assert.deepEqual([ran.report.links?.missing, ran.report.requests.HeadObject], [2, undefined]);
  });

  test('is not there where this run deletes it, but where it is protected', async (t) => {
    const server = await serverFor(t);
    for (const key of ['docs/gone.png', 'nowhere.html']) server.seed('site', key, 'x');
    const options = { source: makeTree(t, BROKEN), bucket: 's3://site/', checkLinks: 'error', delete: true } as const;
    const { error } = await run(server, { ...options, protect: ['docs/gone.png'] });
    assert.match(error?.message ?? '', /because 1 file .*:\n {2}index\.html → \/nowhere#x$/);
    assert.deepEqual([server.count('PutObject'), server.count('DeleteObjects'), server.count('HeadObject')], [0, 0, 0]);
    const both = await run(server, { ...options, protect: ['docs/gone.png', 'nowhere.html'] });
    assert.equal(both.error, undefined);
  });

  test('is at the root of the bucket where the prefix does not have it', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'shared/logo.png', 'x');
    const source = makeTree(t, {
      'index.html': '<img src=/shared/logo.png><img src=/v1/a.png><img src=/b.png>',
      'a.png': '',
    });
    const ran = await run(server, { source, prefix: 'v1', checkLinks: 'warn' });
    assert.deepEqual(ran.report.links?.examples, [{ document: 'v1/index.html', url: '/b.png', resolved: 'v1/b.png' }]);
  });

  test('is unknown where HEAD is denied, which is no reason to refuse', async (t) => {
    const server = await serverFor(t, { buckets: { site: { deny: ['HeadObject'] } } });
    const ran = await run(server, { source: makeTree(t, BROKEN), checkLinks: 'error' });
    assert.equal(ran.error, undefined);
    assert.match(warningsOf(ran, 'links-not-checked')[0] ?? '', /^Whether 2 files .* is unknown: .*s3:GetObject/);
    assert.deepEqual([ran.report.links?.missing, ran.report.links?.unchecked], [0, 2]);
  });

  test('is unknown in a dry run that makes no request', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, { source: makeTree(t, BROKEN), checkLinks: 'error', mode: 'stupid', dryRun: true });
    assert.equal(ran.error, undefined);
    assert.equal(ran.report.links?.unchecked, 2);
    assert.equal(server.requests.length, 0);
  });

  test('may be a file that a filter leaves out, whose own links do not matter', async (t) => {
    const server = await serverFor(t);
    const files = {
      'index.html': '<a href=old.html>old</a><img src=big.png>',
      'old.html': '<img src=gone.png>',
      'big.png': 'big',
    };
    const options = { source: makeTree(t, files), checkLinks: 'warn', exclude: ['old.html', '*.png'] } as const;
    for (const more of [{}, { listStrays: true }, { bucket: 's3://site/', delete: true }]) {
      const before = await run(server, { ...options, ...more });
      assert.deepEqual([before.report.links?.documents, before.report.links?.missing], [1, 2]);
    }
    for (const key of ['old.html', 'big.png']) server.seed('site', key, 'x');
    for (const more of [{}, { listStrays: true }, { bucket: 's3://site/', delete: true }]) {
      const after = await run(server, { ...options, ...more });
      assert.deepEqual([after.error, after.report.links?.missing], [undefined, 0]);
    }
  });

  test('is looked for by 1,000 HEADs at most', async (t) => {
    const server = await serverFor(t);
    const images = Array.from({ length: 400 }, (_, i) => `<img src=${i}.png>`).join('');
    const ran = await run(server, { source: makeTree(t, { 'index.html': images }), checkLinks: 'error' });
    assert.equal(ran.report.requests.HeadObject, 1_000);
    const { missing = 0, unchecked = 0 } = ran.report.links ?? {};
    assert.equal(missing + unchecked, 400);
    assert.ok(missing > 0 && unchecked > 0);
  });
});

describe('clean URLs', () => {
  const PAGES = {
    'index.html': '<a href=about>about</a><a href=docs/>docs</a><a href=docs>docs</a>',
    'about.html': '<a href=/>home</a><a href=./docs/guide>guide</a>',
    'docs/index.html': '<a href=guide>guide</a><a href=../about>about</a>',
    'docs/guide.html': '<a href=.>docs</a>',
  };
  for (const cleanUrls of [undefined, 'html', 'index', 'both'] as const)
    test(`${cleanUrls ?? 'none'}: pages are found by the keys that they have`, async (t) => {
      const server = await serverFor(t);
      const ran = await run(server, { source: makeTree(t, PAGES), cleanUrls, checkLinks: 'error' });
      assert.equal(ran.error, undefined);
      assert.deepEqual([ran.report.links?.documents, ran.report.links?.references], [4, 8]);
      assert.equal(server.count('HeadObject'), 0);
    });

  test('a page that is uploaded without its ending is not there with it', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'index.html': '<a href=about.html>about</a>', 'about.html': '' });
    const ran = await run(server, { source, cleanUrls: 'html', checkLinks: 'error' });
    assert.match(ran.error?.message ?? '', /index\.html → about\.html$/);
  });

  test('keys that a function makes are what links are resolved by', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'src/index.html': '<img src=../img/a.png>', 'a.png': '' });
    const key = ({ relativePath }: { relativePath: string }): string =>
      relativePath === 'a.png' ? 'img/a.png' : 'pages/index.html';
    const ran = await run(server, { source, key, checkLinks: 'error' });
    assert.equal(ran.error, undefined);
  });
});

test('the address of the live site makes its own URLs local', async (t) => {
  const server = await serverFor(t);
  const html = '<a href=https://www.example.com/docs/gone>gone</a><a href=https://www.example.com/other>other</a>';
  const source = makeTree(t, { 'index.html': html });
  const without = await run(server, { source, checkLinks: 'warn', dryRun: true });
  assert.equal(without.report.links?.references, 0);
  const ran = await run(server, {
    source,
    checkLinks: 'warn',
    verifyUrl: 'https://www.example.com/docs',
    dryRun: true,
  });
  assert.deepEqual(ran.report.links?.examples, [
    { document: 'index.html', url: 'https://www.example.com/docs/gone', resolved: 'gone' },
  ]);
});

test('a file that cannot be uploaded is not missing', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'index.html': '<img src=a.png><img src=gone.png>', 'a.png': 'x' });
  server.fault({
    verb: 'PutObject',
    key: /a\.png/,
    occurrences: 100,
    type: 'status',
    status: 400,
    code: 'InvalidRequest',
  });
  const ran = await run(server, { source, checkLinks: 'warn' });
  assert.deepEqual(
    ran.report.links?.examples.map(({ url }) => url),
    ['gone.png'],
  );
});
