import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { accountOf, assertNoStack, type CliOptions, type CliRun, cli, cliTo } from '../faces/cli-process.js';
import { serverFor } from '../support/engine.js';
import { startRedis, withoutRedis } from '../support/redis.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

/** A worker of the built command, once it takes batches. It ends with the test. */
async function startCommand(
  t: TestContext,
  server: S3Server,
  queue: string,
  env: CliOptions['env'] = {},
): Promise<() => Promise<CliRun>> {
  let ready = (_child: ChildProcess): void => {};
  const started = new Promise<ChildProcess>((resolve) => (ready = resolve));
  const run = cli(['worker', '--concurrency', '4'], {
    env: { ...accountOf(server), S3PP_QUEUE: queue, ...env },
    onStderr: (text, child) => text.includes('takes batches') && ready(child),
  });
  const child = await Promise.race([started, run.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  const stop = async (): Promise<CliRun> => {
    child.kill('SIGTERM');
    return run;
  };
  t.after(stop);
  return stop;
}

test('put and copy with --queue show what workers did, and keep the password', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([
    serverFor(t, { buckets: ['site', 'copy'] }),
    startRedis(t, ['--maxmemory-policy', 'noeviction', '--requirepass', 'queue-password']),
  ]);
  const queue = redis.url.replace('//', '//:queue-password@');
  const source = makeTree(t, { 'a.txt': 'a', 'docs/b.html': '<p>b</p>' });
  const stop = await startCommand(t, server, queue);
  const put = await cliTo(server, [source, 's3://site', '--queue', queue, '--queue-run', 'nightly']);
  assert.equal(put.code, 0, put.stderr);
  assert.deepEqual(put.lines.map((line) => line.replace(/ \(.*/, '')).sort(), [
    'uploaded a.txt',
    'uploaded docs/b.html',
  ]);
  assert.match(put.stderr, /the run "nightly" is in the queue redis:\/\/.*--queue-run nightly takes it up again/);
  assert.match(put.stderr, /Uploaded 2 files/);
  const copied = await cliTo(server, ['copy', 's3://site', 's3://copy', '--queue', queue, '--json']);
  assert.equal(copied.code, 0, copied.stderr);
  const [report] = copied.lines.slice(-1).map((line) => JSON.parse(line));
  assert.equal(report.counts.copy, 2);
  assert.equal(String(server.object('copy', 'docs/b.html')?.body), '<p>b</p>');
  const worker = await stop();
  for (const { stdout, stderr } of [put, copied, worker]) assert.doesNotMatch(stdout + stderr, /queue-password/);
  assertNoStack(worker);
  assert.match(worker.stderr, /nightly-0: 2 objects, 0 failed/);
});

test('a second signal has a worker give its batch back at once', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const held = server.fault({ verb: 'PutObject', occurrences: 'all', type: 'hold' });
  const source = makeTree(t, { 'a.txt': 'a' });
  const put = cliTo(server, [source, 's3://site', '--queue', redis.url]);
  let signals = 0;
  const first = await cli(['worker', redis.url], {
    env: accountOf(server),
    // It comes again with each line, and the text has all before.
    onStderr: (text, child) => {
      if (signals === 0 && text.includes('takes batches')) {
        signals += 1;
        void until(() => held.hits > 0).then(() => child.kill('SIGTERM'));
      }
      if (signals === 1 && text.includes('a second signal gives them back')) {
        signals += 1;
        child.kill('SIGTERM');
      }
    },
  });
  assert.equal(first.code, 143);
  assert.match(first.stderr, /-0: given back/);
  assertNoStack(first);
  held.clear();
  await startCommand(t, server, redis.url);
  const { code, stderr } = await put;
  assert.equal(code, 0, stderr);
  assert.equal(String(server.object('site', 'a.txt')?.body), 'a');
});

test('what a queue cannot do is a usage error before any request', { skip: withoutRedis }, async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'a.txt': 'a' });
  const cases: readonly (readonly [argv: readonly string[], message: RegExp])[] = [
    [[source, 's3://site', '--queue', 'http://h'], /--queue is "http:\/\/h"/],
    [[source, 's3://site', '--queue-run', 'a'], /--queue-run names a run in a queue, but there is no --queue/],
    [[source, 's3://site', '--queue', 'redis://h', '--queue-run', 'a b'], /--queue-run is "a b"/],
    [[source, 's3://site/', '--queue', 'redis://h', '--delete'], /--queue cannot be used with --delete/],
    [[source, 's3://site', '--queue', 'redis://h', '-n'], /--queue cannot be used with --dry-run/],
    [['worker', 'redis://u:100%secret@h'], /--queue is "redis:\/\/\*\*\*@h", whose user or password has a "%"/],
    [['worker', 'h:6379'], /Write redis:\/\/host:6379, or rediss:\/\/ for TLS; user:password/],
    [['worker'], /No queue is given/],
    [['worker', 'redis://h', 'redis://i'], /takes one queue/],
    [['worker', 'redis://h', '--delete'], /The command "worker" takes no --delete/],
    [['worker', 'redis://127.0.0.1:1'], /The queue redis:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/],
    [[join(source, 'gone'), 's3://site', '--queue', 'redis://127.0.0.1:1'], /does not exist/],
  ];
  for (const [argv, message] of cases) {
    const run = await cli(argv, { env: accountOf(server) });
    assert.equal(run.code, 2, `${argv.join(' ')}: ${run.stderr}`);
    assert.match(run.stderr, message);
    assertNoStack(run);
    assert.doesNotMatch(run.stderr, /secret/);
    if (argv.includes('redis://h')) assert.doesNotMatch(run.stderr, /is in the queue/);
  }
  assert.equal(server.requests.length, 0);
});

test('workers use the server and the region of the coordinator, wherever it has them from', {
  skip: withoutRedis,
}, async (t) => {
  const buckets = { buckets: ['site', 'copy'], mode: { region: 'eu-west-3' } };
  const [server, other, redis] = await Promise.all([serverFor(t, buckets), serverFor(t, buckets), startRedis(t)]);
  const source = makeTree(t, { 'a.txt': 'a' });
  const keys = `aws_access_key_id = ${server.accessKeyId}\naws_secret_access_key = ${server.secretAccessKey}\n`;
  const config = makeTree(t, { config: `[profile own]\nendpoint_url = ${server.url}\nregion = eu-west-3\n${keys}` });
  await startCommand(t, server, redis.url, { AWS_REGION: undefined, AWS_ENDPOINT_URL: other.url });
  const { AWS_REGION: _, ...account } = accountOf(server);
  const env = { ...account, AWS_CONFIG_FILE: join(config, 'config'), AWS_PROFILE: 'own' };
  for (const words of [
    [source, 's3://site'],
    ['copy', 's3://site', 's3://copy'],
  ]) {
    const { code, stderr } = await cli([...words, '--queue', redis.url], { env });
    assert.equal(code, 0, stderr);
  }
  assert.deepEqual([server.keys('site'), server.keys('copy')], [['a.txt'], ['a.txt']]);
  assert.equal(other.requests.length, 0);
  await cli([source, 's3://copy/by-variable', '--queue', redis.url], {
    env: { ...account, AWS_ENDPOINT_URL: server.url, AWS_REGION: 'eu-west-3' },
  });
  assert.deepEqual(server.keys('copy'), ['a.txt', 'by-variable/a.txt']);
});

test('a run says at once that there is no worker, and no queue any more', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const source = makeTree(t, { 'a.txt': 'a' });
  let stopped = false;
  let killed = false;
  const { code, stderr } = await cliTo(server, [source, 's3://site', '--queue', redis.url, '--quiet'], {
    onStderr(text, child) {
      if (text.includes('no worker was connected') && !stopped) {
        stopped = true;
        void redis.stop();
      }
      if (text.includes('did not answer') && !killed) killed = child.kill('SIGTERM');
    },
  });
  assert.equal(code, 143, stderr);
});
