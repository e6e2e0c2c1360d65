import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import tls, { type SecureVersion } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { S3Mode } from 'fake-s3';
import { serverFor } from '../support/engine.js';
import { proxyTo } from '../support/proxy.js';
import { makeTree } from '../support/tree.js';
import { accountOf, assertNoStack, cli } from './cli-process.js';

// S3 over TLS as it is used: its own host names, the bucket's among them, through a proxy that the environment names.

const file = (name: string) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));
const TREE = { 'index.html': '<p>hello</p>', 'a b/你好.txt': 'x', 'large.bin': 'y'.repeat(1_000_000) };

async function world(t: TestContext, mode: Partial<S3Mode> = {}) {
  const tls = { key: readFileSync(file('key.pem'), 'utf8'), cert: readFileSync(file('certificate.pem'), 'utf8') };
  const server = await serverFor(t, { tls, buckets: { site: mode } });
  const proxy = await proxyTo(t, server.port);
  const env = { ...accountOf(server), HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: file('certificate.pem') };
  const put = (argv: readonly string[], more: Readonly<Record<string, string | undefined>> = {}) =>
    cli([...argv, makeTree(t, TREE), 's3://site'], { env: { ...env, ...more } });
  return { server, proxy, put };
}

for (const [client, threads] of [
  ['sockets', 1],
  ['sockets', 2],
  ['undici', 2],
] as const) {
  test(`${client}, threads ${threads}: a site goes to S3's own host over TLS, in a tunnel, its bodies unsigned and checked by CRC32`, async (t) => {
    const { server, proxy, put } = await world(t);
    const { code, lines, stderr } = await put(['--http-client', client, '--threads', String(threads)]);
    assert.equal(code, 0, stderr);
    assert.equal(lines.length, 3);
    assert.doesNotMatch(stderr, /sends alone/);
    assert.equal(server.object('site', 'large.bin')?.size, 1_000_000);
    assert.ok(proxy.requests.every((line) => line === 'CONNECT site.s3.us-east-1.amazonaws.com:443'));
    for (const { verb, headers } of server.requests.filter((request) => request.verb === 'PutObject')) {
      assert.equal(headers['x-amz-content-sha256'], 'UNSIGNED-PAYLOAD', verb);
      assert.ok(headers['x-amz-checksum-crc32'] ?? headers['content-md5']);
      assert.equal(headers['proxy-authorization'], undefined);
    }
  });
}

test('a bucket in another region is gone after over TLS, and one warning names the region', async (t) => {
  const { server, proxy, put } = await world(t, { region: 'eu-west-1' });
  const { code, stderr } = await put([]);
  assert.equal(code, 0, stderr);
  assert.equal(server.keys('site').length, 3);
  assert.equal(stderr.match(/set region to "eu-west-1"|--region/g)?.length, 1);
  assert.ok(proxy.requests.includes('CONNECT site.s3.eu-west-1.amazonaws.com:443'));
});

test('a certificate without a trusted issuer ends the run before anything is sent, with the fix', async (t) => {
  const { server, put } = await world(t);
  const ran = await put([], { NODE_EXTRA_CA_CERTS: undefined });
  assert.equal(ran.code, 4);
  assert.match(ran.stderr, /NODE_EXTRA_CA_CERTS/);
  assertNoStack(ran);
  assert.equal(server.requests.length, 0);
});

test('a proxy that refuses the password is named, without the password', async (t) => {
  const { proxy, put } = await world(t);
  const wrong = proxy.url.replace('secret', 'wr0ng-w0rd');
  const ran = await put([], { HTTPS_PROXY: wrong });
  assert.equal(ran.code, 4);
  assert.match(ran.stderr, /proxy.*407/s);
  assert.doesNotMatch(ran.stderr + ran.stdout, /wr0ng-w0rd/);
});

test('NO_PROXY and a server on this machine need no proxy', async (t) => {
  const server = await serverFor(t);
  const env = { ...accountOf(server), HTTP_PROXY: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' };
  const local = await cli(['--endpoint-url', server.url, makeTree(t, TREE), 's3://site'], { env });
  assert.equal(local.code, 0, local.stderr);
});

/** Puts a file that a thread sends, with options of node. */
async function putByThread(
  t: TestContext,
  node: readonly string[],
  env: Record<string, string>,
  maxVersion?: SecureVersion,
) {
  const keys = { key: readFileSync(file('key.pem'), 'utf8'), cert: readFileSync(file('certificate.pem'), 'utf8') };
  const server = await serverFor(t, { tls: maxVersion === undefined ? keys : { ...keys, maxVersion } });
  const proxy = await proxyTo(t, server.port);
  const source = makeTree(t, { 'large.bin': 'y'.repeat(1_000_000) });
  const argv = ['--put', 'stupid', '--threads', '2', source, 's3://site'];
  const ran = await cli(argv, { env: { ...accountOf(server), HTTPS_PROXY: proxy.url, ...env }, node });
  return { ...ran, sent: server.keys('site') };
}

test('a thread sends over no older version of TLS than options of node allow', async (t) => {
  const trusted = { NODE_EXTRA_CA_CERTS: file('certificate.pem') };
  const refused = await putByThread(t, ['--tls-min-v1.3'], trusted, 'TLSv1.2');
  assert.equal(refused.code, 4, refused.stderr);
  assert.deepEqual(refused.sent, []);
  const allowed = await putByThread(t, [], trusted, 'TLSv1.2');
  assert.equal(allowed.code, 0, allowed.stderr);
});

const skip = !('setDefaultCACertificates' in tls) && 'this Node cannot name the certificates that it trusts';
test('a thread trusts the certificates of the system where options of node say so', { skip }, async (t) => {
  const { code, stderr, sent } = await putByThread(t, ['--use-system-ca'], { SSL_CERT_FILE: file('certificate.pem') });
  assert.equal(code, 0, stderr);
  assert.deepEqual(sent, ['large.bin']);
});
