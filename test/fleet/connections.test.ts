import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect, loadPackages } from '../../src/fleet/redis.js';
import { UsageError } from '../../src/index.js';
import { assertNoStack, cli, cliTo } from '../faces/cli-process.js';
import { serverFor } from '../support/engine.js';
import { QUICK, runFleetPut, startWorker } from '../support/fleet.js';
import { startRedis, tlsFile, withoutRedis, withTls } from '../support/redis.js';
import { makeTree } from '../support/tree.js';

const files = { 'a.txt': 'a', 'b.txt': 'bb' };

/** The error of a first connection. */
async function errorOf(url: string, times = {}): Promise<UsageError> {
  const error = await connect(await loadPackages(), url, true, times).then(
    (redis) => redis.disconnect(),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof UsageError, String(error));
  return error;
}

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as { readonly port: number }).port;
}

test('a queue over TLS works with a CA of NODE_EXTRA_CA_CERTS, for both sides', { skip: withoutRedis }, async (t) => {
  const { options, url } = await withTls('certificate', 'key');
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t, options)]);
  const source = makeTree(t, files);
  const NODE_EXTRA_CA_CERTS = tlsFile('certificate');
  startWorker(t, { ...redis, url }, server, { env: { NODE_EXTRA_CA_CERTS } });
  const put = await cliTo(server, [source, 's3://site', '--queue', url], { env: { NODE_EXTRA_CA_CERTS } });
  assert.equal(put.code, 0, put.stderr);
  assert.deepEqual(server.keys('site'), ['a.txt', 'b.txt']);
});

for (const [what, certificate, key, clients, message, fix] of [
  ['of an unknown CA', 'certificate', 'key', 'no', /has a certificate that Node does not trust/, /NODE_EXTRA_CA_CERTS/],
  [
    'of another host',
    'other-host',
    'other-host-key',
    'no',
    /has a certificate of another host/,
    /by a name that is in/,
  ],
  ['that has expired', 'expired', 'expired-key', 'no', /has a certificate that has expired/, /Renew it/],
  [
    'that wants one of clients',
    'certificate',
    'key',
    'yes',
    /wants a certificate of its clients/,
    /tls-auth-clients no/,
  ],
] as const)
  test(`a certificate ${what} is a usage error with the fix`, { skip: withoutRedis }, async (t) => {
    const { options, url } = await withTls(certificate, key, clients);
    await startRedis(t, options);
    const queue = url.replace('//', '//user:secret@');
    const trusted = what === 'of an unknown CA' ? undefined : tlsFile(certificate);
    const ran = await cli(['worker', queue], { env: { NODE_EXTRA_CA_CERTS: trusted } });
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, message);
    assert.match(ran.stderr, fix);
    assert.doesNotMatch(ran.stderr, /secret/);
    assertNoStack(ran);
  });

test('TLS and no TLS are not mixed up in silence', { skip: withoutRedis }, async (t) => {
  const { options, url } = await withTls('certificate', 'key');
  const redis = await startRedis(t, options);
  const plain = await errorOf(url.replace('rediss:', 'redis:'));
  assert.match(plain.message, /closes the connection without an answer/);
  assert.match(plain.hint ?? '', /Write rediss:/);
  const secure = await errorOf(redis.url.replace('redis:', 'rediss:'), { answerMs: 300 });
  assert.match(secure.message, /gives no answer/);
  assert.match(secure.hint ?? '', /Write redis:\/\/ if this port has no TLS/);
  // ioredis would take it for an address without TLS.
  assert.match((await errorOf(url.replace('rediss:', 'REDISS:'))).message, /certificate that Node does not trust/);
});

test('a server that says nothing, or is none of Redis, is no queue', async (t) => {
  const sockets = new Set<Socket>();
  const silent = await listening(
    t,
    createServer((socket) => void sockets.add(socket)),
  );
  const web = await listening(t, createHttpServer());
  const quiet = await errorOf(`redis://127.0.0.1:${silent}`, { answerMs: 200 });
  for (const socket of sockets) socket.destroy();
  assert.match(quiet.message, /gives no answer/);
  assert.match((await errorOf(`redis://127.0.0.1:${web}`)).message, /does not answer as Redis does/);
  assert.match((await errorOf(`rediss://127.0.0.1:${web}`)).message, /does not speak TLS/);
});

test('a database, an escaped password and IPv6 are part of the address', { skip: withoutRedis }, async (t) => {
  const password = 'p@ss/w#rd?%';
  const options = ['--maxmemory-policy', 'noeviction', '--requirepass', password, '--bind', '127.0.0.1', '-::1'];
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t, options)]);
  const address = `redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}`;
  startWorker(t, { ...redis, url: `${address}/3` }, server);
  const { error } = await runFleetPut(server, { ...redis, url: `${address}/3` }, { source: makeTree(t, files) });
  assert.equal(error, undefined);
  await redis.client.auth(password);
  const databases = (await redis.client.info('keyspace')).match(/^db\d+/gm);
  assert.deepEqual(databases, ['db3']);
  assert.match((await errorOf(`${address}/99`)).message, /has no database of this number/);
  const six = await connect(await loadPackages(), address.replace('127.0.0.1', '[::1]'), false).catch(
    (thrown: Error) => thrown,
  );
  // Not every machine has IPv6.
  if (six instanceof Error) assert.match(six.message, /\[::1\].*(?:EADDRNOTAVAIL|ECONNREFUSED|ENETUNREACH)/);
  else six.disconnect();
});

test('nodes of a cluster and replicas are refused', { skip: withoutRedis }, async (t) => {
  const [primary, cluster] = await Promise.all([startRedis(t), startRedis(t, ['--cluster-enabled', 'yes'])]);
  assert.match((await errorOf(cluster.url)).message, /is a node of a Redis Cluster/);
  const replica = await startRedis(t, ['--replicaof', '127.0.0.1', String(primary.port)]);
  const { message, hint } = await errorOf(replica.url);
  assert.match(message, /is a replica, which takes no writes/);
  assert.ok(hint?.includes(`127.0.0.1:${primary.port}`));
});

test('a Redis that loads its file is waited for, but not for ever', { skip: withoutRedis }, async (t) => {
  const slow = ['--aof-use-rdb-preamble', 'no', '--key-load-delay', '500'];
  // On a busy disk its file would lack the last second.
  const redis = await startRedis(t, ['--maxmemory-policy', 'noeviction', '--appendfsync', 'always', ...slow]);
  const pipeline = redis.client.pipeline();
  for (let at = 0; at < 4000; at++) pipeline.set(`other:${at}`, 'x');
  await pipeline.exec();
  await redis.restart();
  const late = await errorOf(redis.url, { loadingMs: 0 });
  assert.match(late.message, /is still loading its file/);
  const client = await connect(await loadPackages(), redis.url, false);
  t.after(() => client.disconnect());
  assert.equal(await client.dbsize(), 4000);
});

test('a Redis without memory ends a run with the reason', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const source = makeTree(t, files);
  await redis.client.config('SET', 'maxmemory', '1');
  const first = await runFleetPut(server, redis, { source });
  assert.ok(first.error instanceof UsageError);
  assert.match(first.error.message, /has no memory left: OOM/);
  await redis.client.config('SET', 'maxmemory', '0');
  const running = runFleetPut(server, redis, { source }, { ...QUICK, passingMs: 300 });
  while ((await redis.client.llen('s3pp:batches:wait')) === 0) await new Promise((go) => setTimeout(go, 20));
  await redis.client.config('SET', 'maxmemory', '1');
  const { error, report } = await running;
  assert.ok(error instanceof UsageError);
  assert.match(error.message, /has no memory left: OOM/);
  assert.equal(report.complete, false);
});
