import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { type PutOptions, put, UsageError } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { headersOf, warningsOf } from '../support/headers.js';
import { makeTar } from '../support/tar.js';
import { addFiles, makeTree } from '../support/tree.js';

const LOCATION = 'x-amz-website-redirect-location';
const SITE = {
  'index.html': '<h1>Home</h1>',
  'docs/index.html': 'docs',
  'new.html': 'new',
};
/** Pages that redirects lead to must exist. */
const PAGES = { ...SITE, one: '1', two: '2', 'c/index.html': 'c' };
const TWO = [
  { from: '/old', to: '/new.html' },
  { from: '/blog/', to: 'https://blog.example.com/' },
] as const;

function locationOf(server: S3Server, key: string): string | undefined {
  return headersOf(server, key)[LOCATION];
}

function usageError(options: Partial<PutOptions>): UsageError {
  try {
    put({ source: '.', bucket: 'site', ...options }).abort();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('a redirect is an object with the header of S3 and a page that leads on', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, SITE);
  const { error, keys, outcomes } = await run(server, { source, redirects: TWO });
  assert.equal(error, undefined);
  assert.deepEqual(keys('put'), ['blog/index.html', 'docs/index.html', 'index.html', 'new.html', 'old']);
  assert.equal(locationOf(server, 'old'), '/new.html');
  assert.equal(locationOf(server, 'blog/index.html'), 'https://blog.example.com/');
  assert.equal(headersOf(server, 'old')['content-type'], 'text/html; charset=utf-8');
  const page = server.object('site', 'old')?.body.toString() ?? '';
  assert.match(page, /<link rel="canonical" href="\/new.html">/);
  assert.match(page, /<meta http-equiv="refresh" content="0; url=\/new.html">/);
  assert.equal(outcomes.find(({ key }) => key === 'old')?.origin, 'redirects[0]');
});

test('an unchanged redirect costs one HEAD, and other objects cost none', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, SITE);
  await run(server, { source, redirects: TWO });
  server.clearRequests();
  const { report } = await run(server, { source, redirects: TWO });
  assert.deepEqual(report.reasons, { 'same content': 5 });
  assert.deepEqual(report.heads, { 'redirects compared': 2 });
  assert.equal(server.count('PutObject') + server.count('CopyObject'), 0);
});

describe('a redirect that differs is written again', () => {
  for (const serverHeader of ['AmazonS3', undefined]) {
    test(`a location that was lost or changed, on ${serverHeader ?? 'an unknown server'}`, async (t) => {
      const server = await serverFor(t, { buckets: { site: { serverHeader } } });
      const source = makeTree(t, SITE);
      await run(server, { source, redirects: TWO });
      for (const [key, headers] of [
        ['old', {}],
        ['blog/index.html', { [LOCATION]: '/elsewhere' }],
      ] as const) {
        const { body } = server.object('site', key) ?? {};
        server.seed('site', key, body ?? '', { headers: { 'content-type': 'text/html; charset=utf-8', ...headers } });
      }
      server.clearRequests();
      const dry = await run(server, { source, redirects: TWO, dryRun: true });
      assert.deepEqual(dry.keys('metadata'), ['blog/index.html', 'old']);
      assert.equal(server.count('PutObject') + server.count('CopyObject'), 0);
      const { error, keys } = await run(server, { source, redirects: TWO });
      assert.equal(error, undefined);
      assert.deepEqual(keys('metadata'), ['blog/index.html', 'old']);
      assert.deepEqual(
        ['old', 'blog/index.html'].map((key) => locationOf(server, key)),
        ['/new.html', 'https://blog.example.com/'],
      );
    });
  }

  test('another target, even of the same length and with compare: size', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, PAGES);
    await run(server, { source, redirects: [{ from: '/a', to: '/one' }] });
    const { keys } = await run(server, { source, redirects: [{ from: '/a', to: '/two' }], compare: 'size' });
    assert.deepEqual(keys('put'), ['a']);
    assert.equal(locationOf(server, 'a'), '/two');
    assert.match(server.object('site', 'a')?.body.toString() ?? '', /\/two/);
  });

  test('a file that had the key before', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'a', 'a file');
    await run(server, { source: makeTree(t, PAGES), redirects: [{ from: '/a', to: '/one' }] });
    assert.equal(locationOf(server, 'a'), '/one');
  });
});

test('a server that does not keep the header is told of once in each run, and nothing is written twice', async (t) => {
  const server = await serverFor(t, { buckets: { site: { unkeptHeaders: [LOCATION] } } });
  const source = makeTree(t, SITE);
  await run(server, { source, redirects: TWO });
  for (const updateHeaders of [false, true]) {
    server.clearRequests();
    const ran = await run(server, { source, redirects: TWO, updateHeaders });
    assert.equal(ran.error, undefined);
    assert.deepEqual(ran.report.reasons, { 'same content': 5 });
    assert.equal(server.count('PutObject') + server.count('CopyObject'), 0);
    assert.equal(warningsOf(ran).filter(({ code }) => code === 'redirects-not-kept').length, 1);
  }
});

test('a redirect that another tool has copied from elsewhere, without its header, is repaired', async (t) => {
  const server = await serverFor(t, { buckets: { site: {}, staging: {} } });
  const source = makeTree(t, SITE);
  await run(server, { source, redirects: TWO, bucket: 'staging' });
  const { body, headers } = server.object('staging', 'old') ?? {};
  const { [LOCATION]: lost, ...kept } = headers ?? {};
  assert.ok(lost !== undefined && 'x-amz-meta-s3pp-redirect' in kept);
  server.seed('site', 'old', body ?? '', { headers: kept });
  const { keys } = await run(server, { source, redirects: TWO });
  assert.deepEqual(keys('metadata'), ['old']);
  assert.equal(locationOf(server, 'old'), '/new.html');
});

test('a redirect within a prefix names it in the header, and its page links relative to itself', async (t) => {
  const server = await serverFor(t);
  const redirects = [{ from: '/a/b/', to: '/c/?q=1#x' }];
  await run(server, { source: makeTree(t, PAGES), prefix: 'my docs', redirects });
  assert.equal(locationOf(server, 'my docs/a/b/index.html'), '/my%20docs/c/?q=1#x');
  const page = server.object('site', 'my docs/a/b/index.html')?.body.toString() ?? '';
  assert.match(page, /href="\.\.\/\.\.\/c\/\?q=1#x"/);
});

test('with clean URLs for folders the redirect of a folder has its key, too', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'index.html': 'x' });
  const redirects = [{ from: '/old/', to: '/' }];
  const { keys } = await run(server, { source, cleanUrls: 'index', redirects });
  assert.deepEqual(keys('put'), ['index.html', 'old/', 'old/index.html']);
});

describe('a file with the key of a redirect', () => {
  const redirects = [{ from: '/about', to: 'https://example.com/new' }];
  const cases: Readonly<Record<string, Partial<PutOptions>>> = {
    'a file': {},
    'a page with a clean URL': { cleanUrls: 'html' },
    'a file by the function key': { key: () => 'about', include: ['about'] },
  };
  for (const [name, options] of Object.entries(cases)) {
    test(`${name} is refused before anything is sent`, async (t) => {
      const server = await serverFor(t);
      const file = name.includes('clean') ? 'about.html' : 'about';
      const { error } = await run(server, { source: makeTree(t, { [file]: 'x' }), redirects, ...options });
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /key "about" is that of a file and of a redirect: .* and redirects\[0\]/);
      assert.equal(server.requests.length, 0);
    });
  }

  for (const order of ['none', 'site'] as const)
    test(`of a source that is read once fails with the redirect, and what is live stays, with order ${order}`, async (t) => {
      const server = await serverFor(t);
      server.seed('site', 'about', 'live');
      const source = [
        { key: 'about', body: 'x' },
        { key: 'b', body: 'y' },
      ];
      const all = [...redirects, { from: '/other', to: 'https://example.com/' }];
      const { keys, report } = await run(server, { source, redirects: all, order });
      assert.deepEqual(keys('fail'), ['about', 'about']);
      assert.deepEqual(
        report.failures.map(({ code, message }) => [code, message]),
        [
          ['RepeatedKey', 'a redirect has its key, too: redirects[0]'],
          ['RepeatedKey', 'a file has its key, too: (string)'],
        ],
      );
      assert.equal(server.object('site', 'about')?.body.toString(), 'live');
      if (order === 'none') assert.deepEqual(keys('put'), ['b', 'other']);
      const only = await run(server, { source: source.slice(0, 1), redirects, order });
      assert.deepEqual([only.error?.name, only.keys('fail')], ['PartialFailureError', ['about', 'about']]);
    });

  test('that a filter leaves out is no clash', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { about: 'x', b: 'y' });
    const { keys, error } = await run(server, { source, exclude: ['about'], redirects, delete: true, prefix: '' });
    assert.equal(error, undefined);
    assert.deepEqual(keys('put'), ['about', 'b']);
  });
});

describe('redirects count as objects of the source', () => {
  for (const [name, options] of [
    ['no order', {}],
    ['the order of a site', { order: 'site' }],
    ['the preset', { preset: 'site', order: 'site' }],
  ] as const) {
    test(`they are not deleted, and one that is no longer wanted is, with ${name}`, async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, SITE);
      const all = { source, prefix: '', delete: true, ...options };
      await run(server, { ...all, redirects: TWO });
      const { keys, report, error } = await run(server, { ...all, redirects: [TWO[0]] });
      assert.equal(error, undefined);
      assert.deepEqual(keys('delete'), ['blog/index.html']);
      assert.equal(report.strays, 1);
      assert.ok(server.object('site', 'old'));
    });
  }

  test('but not as files: a source without files is refused', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'index.html', 'x');
    const source = makeTree(t, {});
    for (const options of [{}, { delete: true, prefix: '' }]) {
      const { error } = await run(server, { source, redirects: TWO, ...options });
      assert.equal(error?.code, 'NoFilesFound');
    }
    const { keys } = await run(server, {
      ...{ source, redirects: TWO, delete: true, prefix: '', ifNoFilesFound: 'ignore' },
    });
    assert.deepEqual(keys('delete'), []);
  });

  test('nor before the end of a source that is read once shows that it has files', async (t) => {
    const server = await serverFor(t);
    for (const order of ['none', 'site'] as const) {
      const { error } = await run(server, { source: [], order, redirects: TWO });
      assert.equal(error?.code, 'NoFilesFound');
      assert.equal(server.count('PutObject'), 0);
    }
    const alone = [{ from: '/old', to: 'https://example.com/' }];
    const { error } = await run(server, { source: [], redirects: alone, ifNoFilesFound: 'ignore' });
    assert.equal(error, undefined);
    assert.deepEqual(server.keys('site'), ['old']);
  });

  test('in an archive and in items, in each mode', async (t) => {
    const server = await serverFor(t);
    const archive = path.join(makeTree(t, {}), 'site.tar');
    writeFileSync(archive, makeTar([{ name: 'new.html', body: 'x' }]));
    for (const source of [archive, [{ key: 'new.html', body: 'x' }]])
      for (const mode of ['add', 'update', 'stupid'] as const)
        for (const order of ['none', 'site'] as const) {
          const { error } = await run(server, { source, mode, order, redirects: TWO });
          assert.equal(error, undefined, `${mode} ${order}`);
          assert.equal(locationOf(server, 'old'), '/new.html');
        }
  });
});

test('they are pages: after all else, revalidated with the preset, never compressed, and with options and rules', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'a.css': 'a'.repeat(2000), 'index.html': 'x' });
  const redirects = [{ from: '/z.css', to: '/a.css' }];
  await run(server, { source, redirects, preset: 'site', order: 'site', gzip: 'all' });
  const sent = server.requests.filter(({ verb }) => verb === 'PutObject').map(({ key }) => key);
  assert.equal(sent[0], 'a.css');
  const { 'cache-control': cache, 'content-encoding': encoding } = headersOf(server, 'z.css');
  assert.deepEqual([cache, encoding], ['no-cache', undefined]);
  await run(server, {
    source,
    redirects,
    cacheControl: 'max-age=5',
    rules: [{ match: 'z.css', headers: { 'x-amz-meta-a': 'b' } }],
  });
  assert.equal(headersOf(server, 'z.css')['x-amz-meta-a'], 'b');
  assert.equal(headersOf(server, 'z.css')[LOCATION], '/a.css');
});

test('add keeps what has the key of a redirect', async (t) => {
  const server = await serverFor(t);
  server.seed('site', 'old', 'theirs');
  const { reasonOf } = await run(server, { source: makeTree(t, SITE), mode: 'add', redirects: TWO });
  assert.equal(reasonOf('old'), 'exists');
  assert.equal(locationOf(server, 'old'), undefined);
});

describe('wrong redirects are refused before anything else', () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{}, /redirects is .*; it must be a list/],
    [['x'], /redirects\[0\] is "x"; it must be an object with from and to/],
    [[{ from: '/a' }], /redirects\[0\] has no to/],
    [[{ from: '/a', to: '/b', status: 302 }], /redirects\[0\] has the unknown key "status"/],
    [[{ from: 'a', to: '/b' }], /redirects\[0\]: from is "a", which does not begin with "\/"/],
    [[{ from: '/a', to: 'ftp://x/' }], /neither a path .* nor an http\(s\) URL/],
    [[{ from: '/a', to: `/${'x'.repeat(2048)}` }], /2,?049 characters/],
    [[{ from: `/${'x'.repeat(1100)}`, to: '/b' }], /1,024/],
    [
      [
        { from: '/a', to: '/b' },
        { from: '/%61', to: '/c' },
      ],
      /redirects\[1\]: it has the key "a", as redirects\[0\] has/,
    ],
    [[{ from: '/a', to: '/a?x=1' }], /Redirects lead in a circle: \/a \(redirects\[0\]\) → \/a/],
    [
      [
        { from: '/a', to: '/b/' },
        { from: '/b/', to: '/c' },
        { from: '/c', to: '/a' },
      ],
      /circle: \/a \(redirects\[0\]\) → \/b\/ \(redirects\[1\]\) → \/c \(redirects\[2\]\) → \/a \(redirects\[0\]\)/,
    ],
  ];
  for (const [redirects, message] of cases)
    test(String(message), () => {
      assert.match(usageError({ redirects: redirects as PutOptions['redirects'] }).message, message);
    });
});

describe('a file of redirects', () => {
  test('is read once, and is no part of the site', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, {
      ...SITE,
      _redirects: '# moved\n/old /new.html\n/blog/ https://blog.example.com/ 301 # away\n',
    });
    const redirectsFile = path.join(source, '_redirects');
    const ran = await run(server, { source, redirectsFile, redirects: [{ from: '/x', to: '/' }] });
    assert.equal(ran.error, undefined);
    assert.deepEqual(ran.keys('put'), ['blog/index.html', 'docs/index.html', 'index.html', 'new.html', 'old', 'x']);
    assert.deepEqual(warningsOf(ran), []);
    assert.equal(ran.outcomes.find(({ key }) => key === 'old')?.origin, `${redirectsFile}:2`);
  });

  test('that nothing names is uploaded, with a warning of it and of _headers', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { ...SITE, _redirects: '', _headers: '/*\n  x-a: b\n' });
    const ran = await run(server, { source });
    assert.deepEqual(
      warningsOf(ran)
        .map(({ code }) => code)
        .sort(),
      ['unread-headers', 'unread-redirects'],
    );
    assert.match(
      warningsOf(ran)[0]?.message ?? '',
      /Name it by (?:redirectsFile|headersFile), or leave it out by exclude/,
    );
    assert.ok(server.object('site', '_redirects'));
  });

  test('with wrong lines is refused with all of them', (t) => {
    const source = makeTree(t, { _redirects: '/a /b 302\n/* /index.html 200\n/ok /fine\n' });
    const { message } = usageError({ redirectsFile: path.join(source, '_redirects') });
    assert.match(
      message,
      /redirectsFile has 2 lines that are no redirect of an S3 object:\n.*_redirects:1: \/a \/b 302: .*\n.*_redirects:2: /,
    );
  });

  test('that is missing, a folder, too large or no UTF-8 is refused by its path', (t) => {
    const source = makeTree(t, { large: 'x'.repeat(1024 * 1024 + 1), latin: Buffer.from('/m\xfcll /new', 'latin1') });
    for (const [file, why] of [
      ['latin', /which is not UTF-8/],
      ['missing', /which does not exist/],
      ['.', /which is a directory/],
      ['large', /has more than 1 MiB/],
    ] as const) {
      const { message } = usageError({ redirectsFile: path.join(source, file) });
      assert.match(message, why);
      assert.ok(message.includes(source));
    }
  });

  test('clashes with the option by its line', (t) => {
    const source = makeTree(t, {});
    addFiles(source, { _redirects: '\n/a /b\n' });
    const redirectsFile = path.join(source, '_redirects');
    const { message } = usageError({ redirectsFile, redirects: [{ from: '/a', to: '/c' }] });
    assert.match(message, /_redirects:2: it has the key "a", as redirects\[0\] has/);
  });
});

test('long chains, and circles that only a website endpoint closes, are warned of', async (t) => {
  const server = await serverFor(t);
  const chain = ['/a', '/b', '/c', '/d'].map((from, index) => ({
    from,
    to: ['/b', '/c', '/d', '/new.html'][index] ?? '',
  }));
  const redirects = [...chain, { from: '/x/', to: '/x' }];
  const ran = await run(server, { source: makeTree(t, SITE), redirects });
  assert.equal(ran.error, undefined);
  const messages = Object.fromEntries(warningsOf(ran).map(({ code, message }) => [code, message]));
  assert.match(messages['redirect-chain'] ?? '', /1 redirect leads over more than 3 redirects, for example \/a/);
  assert.match(messages['redirect-loop'] ?? '', /may lead in a circle: \/x\/ \(redirects\[4\]\)/);
});
