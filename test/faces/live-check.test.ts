import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../src/index.js';
import { serverFor } from '../support/engine.js';
import { errorPage, injecting, type LiveSiteOptions, liveSite } from '../support/live-site.js';
import { proxyTo } from '../support/proxy.js';
import { makeTree } from '../support/tree.js';
import { accountOf, assertNoStack, type CliRun, cliTo } from './cli-process.js';

// The live check as users of the command line see it.

const file = (name: string): string => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));
const TLS = { key: readFileSync(file('key.pem'), 'utf8'), cert: readFileSync(file('certificate.pem'), 'utf8') };
const TREE = { 'index.html': '<title>Home</title>', 'docs/index.html': '<title>Docs</title>', 'app.js': '1' };

async function world(t: TestContext, options: LiveSiteOptions = {}) {
  const server = await serverFor(t);
  const site = await liveSite(t, server, options);
  const source = makeTree(t, TREE);
  const deploy = (argv: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<CliRun> =>
    cliTo(server, [source, 's3://site/', '--verify-url', site.url, ...argv], { env });
  return { server, site, source, deploy };
}

test('a site that serves what was put is said to, and exits with 0', async (t) => {
  const { site, deploy } = await world(t);
  const { code, stderr } = await deploy();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^Live site: 3 URLs serve what was uploaded\.$/m);
  assert.equal(site.requests.length, 3);
});

test('a page that a CDN changes is a warning', async (t) => {
  const { deploy } = await world(t, { change: injecting });
  const { code, stderr } = await deploy(['--json']);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^Live site: 3 URLs serve what was uploaded, 2 of them changed on the way\.$/m);
  assert.match(stderr, /^Warning: .* bytes instead of the 19 that were uploaded\.$/m);
});

test('a site that does not serve what was put exits with 5, lists the URLs and says what to do; nothing is rolled back', async (t) => {
  const { server, site, deploy } = await world(t, { change: () => errorPage(401) });
  const ran = await deploy(['--json']);
  assert.equal(ran.code, 5, ran.stderr);
  assertNoStack(ran);
  assert.ok(
    ran.stderr.includes(
      [
        'Live site: 3 of 3 URLs do not serve what was uploaded.',
        `  ${site.url} responds with 401`,
        `  ${site.url}docs/ responds with 401`,
        `  ${site.url}app.js responds with 401`,
        `s3-parallel-put: Everything is in the bucket, but the live check failed for 3 of 3 URLs. First: ${site.url} responds with 401.`,
        '  The live check sends no password and no cookie. Give an address that needs none, or leave --verify-url out.',
      ].join('\n'),
    ),
    ran.stderr,
  );
  const report = JSON.parse(ran.lines.at(-1) ?? '') as Report & { readonly error: { readonly message: string } };
  assert.equal(report.liveCheck?.failed, 3);
  assert.match(report.error.message, /live check failed/);
  assert.equal(server.keys('site').length, 3);
});

test('a redirect to another host fails at once, and names the option in which to write that host', async (t) => {
  const { site, deploy } = await world(t, {
    change: (page, { path }) => ({ ...page, status: 301, headers: { location: `https://www.example.com${path}` } }),
  });
  const { code, stderr } = await deploy();
  assert.equal(code, 5);
  assert.match(stderr, /redirects \(301\) to https:\/\/www\.example\.com\//);
  assert.match(stderr, /write that address in --verify-url/);
  assert.equal(site.requests.length, 3);
});

test('a dry run does not look at the site', async (t) => {
  const { site, deploy } = await world(t);
  const { code, stderr } = await deploy(['--dry-run']);
  assert.equal(code, 0, stderr);
  assert.equal(site.requests.length, 0);
});

test('a CA of NODE_EXTRA_CA_CERTS is trusted; without it the certificate is the failure', async (t) => {
  const { deploy } = await world(t, { tls: TLS });
  const trusted = await deploy([], { NODE_EXTRA_CA_CERTS: file('certificate.pem') });
  assert.equal(trusted.code, 0, trusted.stderr);
  const { code, stderr } = await deploy();
  assert.equal(code, 5);
  assert.match(stderr, /has a certificate that is not accepted/);
  assert.match(stderr, /NODE_EXTRA_CA_CERTS/);
});

test('the proxy that the environment names for the host of the site is used for it, and not for a bucket on this machine', async (t) => {
  const { server, site, source } = await world(t);
  const proxy = await proxyTo(t, site.port);
  const argv = ['--endpoint-url', server.url, source, 's3://site/', '--verify-url', 'http://www.example.com'];
  const env = { ...accountOf(server), HTTP_PROXY: proxy.url };
  const { code, stderr } = await cliTo(server, argv.slice(2), { env });
  assert.equal(code, 0, stderr);
  assert.deepEqual([...proxy.requests].sort(), [
    'GET http://www.example.com/',
    'GET http://www.example.com/app.js',
    'GET http://www.example.com/docs/',
  ]);
  for (const { headers } of site.requests) assert.equal(headers['proxy-authorization'], undefined);
});

const WRONG: readonly (readonly [url: string, message: RegExp])[] = [
  ['www.example.com', /--verify-url is "www\.example\.com", which is no address of a site\./],
  ['ftp://www.example.com', /which is no address of a site\./],
  ['s3://site', /which is no address of a site\./],
  [
    'https://user:secret@www.example.com',
    /--verify-url is "https:\/\/\*\*\*@www\.example\.com", which has a user or a password/,
  ],
  ['https://www.example.com/?v=1', /which has a query or a fragment/],
  ['https://www.example.com/#top', /which has a query or a fragment/],
];
for (const [url, message] of WRONG)
  test(`the address ${url.replace('secret', '…')} is refused before any request`, async (t) => {
    const { server, source } = await world(t);
    const ran = await cliTo(server, [source, 's3://site/', '--verify-url', url]);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, message);
    assert.doesNotMatch(ran.stderr, /secret/);
    assertNoStack(ran);
    assert.equal(server.requests.length, 0);
  });
