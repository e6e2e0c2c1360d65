import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { headersOf } from '../support/headers.js';
import { makeTree } from '../support/tree.js';
import { action, inputsFor } from './action-process.js';
import { assertNoStack, cliTo } from './cli-process.js';

const LOCATION = 'x-amz-website-redirect-location';
const CONFIG = 's3-parallel-put.config.yaml';
const SITE = {
  'dist/index.html': '<h1>Home</h1>',
  'dist/_redirects': '# moved\n/old /index.html\n',
  'dist/_headers': '/*\n  Cache-Control: no-cache\n  X-Frame-Options: DENY\n',
};
const FILES = ['--redirects-file', 'dist/_redirects', '--headers-file', 'dist/_headers'];

describe('the command line', { concurrency: 3 }, () => {
  test('puts the redirects and headers of files, and nothing the second time', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    const first = await cliTo(server, ['dist', 's3://site', ...FILES], { cwd });
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual(server.keys('site'), ['index.html', 'old']);
    assert.match(first.stdout, /^uploaded old from dist\/_redirects:2 \(new, /m);
    assert.match(
      first.stderr,
      /^Warning: dist\/_headers has 1 header .*response headers policy.*X-Frame-Options \(line 3\)/m,
    );
    assert.deepEqual(
      [headersOf(server, 'old')[LOCATION], headersOf(server, 'index.html')['cache-control']],
      ['/index.html', 'no-cache'],
    );
    server.clearRequests();
    const check = await cliTo(server, ['dist', 's3://site', ...FILES, '--check'], { cwd });
    assert.deepEqual([check.code, check.stdout], [0, '']);
    const second = await cliTo(server, ['dist', 's3://site', ...FILES], { cwd });
    assert.deepEqual([second.code, second.stdout], [0, '']);
    assert.equal(server.count('PutObject') + server.count('CopyObject'), 0);
  });

  const wrong: readonly (readonly [name: string, file: string, message: RegExp])[] = [
    [
      'lines that S3 cannot do',
      '/a /b 302\n/x/* /y/:splat\n/ok /fine\n',
      /--redirects-file has 2 lines that are no redirect of an S3 object:\n {2}wrong:1: \/a \/b 302: .*\n {2}wrong:2: \/x\/\* .*\n {2}Lines are /,
    ],
    ['a circle', '/a /b\n/b /a\n', /Redirects lead in a circle: \/a \(wrong:1\) → \/b \(wrong:2\) → \/a/],
    ['a file with the key', '/index.html /b\n', /key "index\.html" is that of a file and of a redirect: .*--exclude/s],
  ];
  for (const [name, file, message] of wrong)
    test(`ends with 2 before any request for ${name}`, async (t) => {
      const server = await serverFor(t);
      const cwd = makeTree(t, { ...SITE, wrong: file });
      const ran = await cliTo(server, ['dist', 's3://site', '--redirects-file', 'wrong'], { cwd });
      assert.deepEqual([ran.code, ran.stdout, server.requests.length], [2, '', 0], ran.stderr);
      assert.match(ran.stderr, message);
      assertNoStack(ran);
    });

  test('takes a list of redirects from a config file, and names the file in errors', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { ...SITE, [CONFIG]: 'redirects:\n  - {from: /a, to: /index.html}\n' });
    const ran = await cliTo(server, ['dist/index.html', 's3://site'], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /it sets redirects\.$/m);
    assert.equal(headersOf(server, 'a')[LOCATION], '/index.html');
    for (const [text, message] of [
      ['redirects: /a', /config\.yaml:1:\d+: redirects is "\/a"; it must be a list/],
      ['redirects: [/a]', /config\.yaml:1:\d+: redirects holds "\/a"; each has from and to/],
      ['redirects: [{from: /a}]', /config\.yaml:1:\d+: redirects\[0\] has no to/],
      ['redirectsFile: missing', /config\.yaml:1:\d+: redirectsFile is "missing", which does not exist/],
    ] as const) {
      const other = await cliTo(server, ['dist', 's3://site'], { cwd: makeTree(t, { ...SITE, [CONFIG]: text }) });
      assert.equal(other.code, 2);
      assert.match(other.stderr, message);
    }
  });

  test('follows a file of redirects that a found config names only within the site', async (t) => {
    const server = await serverFor(t);
    const away = { ...SITE, 'dist/_redirects': '/old https://elsewhere.example/\n' };
    const config = { [CONFIG]: 'redirectsFile: dist/_redirects\n' };
    const inside = await cliTo(server, ['dist', 's3://site'], { cwd: makeTree(t, { ...SITE, ...config }) });
    assert.equal(inside.code, 0, inside.stderr);
    const cwd = makeTree(t, { ...away, ...config });
    const found = await cliTo(server, ['dist', 's3://site'], { cwd });
    assert.equal(found.code, 2);
    assert.match(found.stderr, /config\.yaml:1:16: redirectsFile .* redirects to another site \(dist\/_redirects:1: /);
    const named = await cliTo(server, ['dist', 's3://site', '--config', CONFIG], { cwd });
    assert.equal(named.code, 0, named.stderr);
  });
});

describe('the Action', () => {
  test('puts the redirects and headers of files, and nothing the second time', async (t) => {
    const server = await serverFor(t);
    const workspace = makeTree(t, SITE);
    const files = { 'redirects-file': 'dist/_redirects', 'headers-file': 'dist/_headers' };
    const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', ...files };
    const first = await action(t, inputs, { workspace });
    assert.equal(first.code, 0, first.log);
    assert.deepEqual(server.keys('site'), ['index.html', 'old']);
    assert.equal(headersOf(server, 'old')[LOCATION], '/index.html');
    server.clearRequests();
    const second = await action(t, inputs, { workspace });
    assert.equal(second.code, 0, second.log);
    assert.equal(server.count('PutObject') + server.count('CopyObject'), 0);
  });

  test('fails before any request for lines that S3 cannot do, with an error that names them', async (t) => {
    const server = await serverFor(t);
    const workspace = makeTree(t, { ...SITE, wrong: '/a /b 302\n' });
    const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', 'redirects-file': 'wrong' };
    const ran = await action(t, inputs, { workspace });
    assert.equal(ran.code, 1);
    const [error] = ran.commands.filter(({ name }) => name === 'error');
    assert.match(error?.text ?? '', /redirects-file has 1 line that is no redirect of an S3 object: wrong:1: /);
    assert.equal(server.requests.length, 0);
  });
});
