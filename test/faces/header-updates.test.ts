import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { action, inputsFor } from './action-process.js';
import { cliTo } from './cli-process.js';

const SITE = { 'dist/index.html': '<p>', 'dist/robots.txt': 'User-agent: *\n', 'dist/new.css': 'p {}' };
const OLD = 'public, max-age=31536000, immutable';
const CHANGES = [{ name: 'cache-control', from: OLD, to: 'no-cache' }];

/** A bucket with pages that were told a year. */
async function wrongSite(t: Parameters<typeof serverFor>[0]): Promise<S3Server> {
  const server = await serverFor(t);
  for (const [key, type] of [
    ['index.html', 'text/html; charset=utf-8'],
    ['robots.txt', 'text/plain; charset=utf-8'],
  ] as const)
    server.seed('site', key, SITE[`dist/${key}`], { headers: { 'cache-control': OLD, 'content-type': type } });
  return server;
}

const cacheOf = (server: S3Server, key: string) => server.object('site', key)?.headers['cache-control'];
const UPDATE = ['--update-headers', '--cache-control', 'no-cache', 'dist', 's3://site'];

describe('the command line', { concurrency: 2 }, () => {
  test('shows old and new headers before, names those that it changed, and finds nothing afterwards', async (t) => {
    const server = await wrongSite(t);
    const cwd = makeTree(t, SITE);
    const dry = await cliTo(server, ['-n', ...UPDATE], { cwd });
    assert.equal(dry.code, 0, dry.stderr);
    for (const key of ['index.html', 'robots.txt'])
      assert.ok(
        dry.stdout.includes(`would change the headers of ${key}\n  cache-control: ${OLD} → no-cache\n`),
        dry.stdout,
      );
    assert.match(dry.stderr, /^Would upload 1 file, 4 B; headers of 2 to change\.$/m);
    assert.match(dry.stderr, /^Headers compared by 2 HEADs, .* less than \$0\.001 at AWS/m);
    assert.equal(cacheOf(server, 'robots.txt'), OLD);

    const ran = await cliTo(server, UPDATE, { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /^changed the headers of robots\.txt \(cache-control\)$/m);
    assert.match(ran.stderr, /^Uploaded 1 file, 4 B, in .*; headers of 2 changed\.$/m);
    assert.doesNotMatch(ran.stderr, /not compared/);
    assert.deepEqual([cacheOf(server, 'robots.txt'), server.count('PutObject')], ['no-cache', 1]);

    const again = await cliTo(server, ['--check', ...UPDATE], { cwd });
    assert.deepEqual([again.code, again.stdout], [0, ''], again.stderr);
    assert.match(again.stderr, /^Nothing to upload; 3 unchanged\.$/m);
  });

  test('fails a check where headers differ, and has them in JSON', async (t) => {
    const server = await wrongSite(t);
    const cwd = makeTree(t, { 'dist/robots.txt': SITE['dist/robots.txt'] });
    const check = await cliTo(server, ['--check', '--json', ...UPDATE], { cwd });
    assert.equal(check.code, 1, check.stderr);
    const [outcome, report] = check.lines.map((line) => JSON.parse(line));
    assert.deepEqual([outcome.action, outcome.reason, outcome.bytes], ['metadata', 'headers differ', 0]);
    assert.deepEqual(outcome.headerChanges, CHANGES);
    assert.deepEqual([report.counts.metadata, report.heads['headers compared']], [1, 1]);
    const without = await cliTo(server, ['--check', 'dist', 's3://site'], { cwd });
    assert.equal(without.code, 0, 'headers are compared only where that is wanted');
  });

  test('refuses more than are allowed, and names the number to write', async (t) => {
    const server = await wrongSite(t);
    const ran = await cliTo(server, ['--max-update', '1', ...UPDATE], { cwd: makeTree(t, SITE) });
    assert.deepEqual([ran.code, server.count('PutObject'), server.count('CopyObject')], [3, 0, 0], ran.stderr);
    assert.match(ran.stderr, /robots\.txt[\s\S]*--max-update 2/);
  });
});

test('a step has the number of header changes as output, the old and new values in its summary, and their paths in the list', async (t) => {
  const server = await wrongSite(t);
  const workspace = makeTree(t, SITE);
  const inputs = { source: 'dist', bucket: 's3://site', 'update-headers': 'true', 'cache-control': 'no-cache' };
  const run = (more = {}) => action(t, { ...inputsFor(server), ...inputs, ...more }, { workspace });

  const dry = await run({ 'dry-run': 'true' });
  assert.equal(dry.code, 0, dry.log);
  assert.deepEqual([dry.outputs.put, dry.outputs.metadata, dry.outputs.changed], ['1', '2', 'false']);
  assert.match(dry.summary, /^### ✅ Dry run: 1 file would be uploaded to .* — 2 would get new headers\n/);
  assert.match(dry.summary, /^\| \*\*Pages\*\* \| – \| 1 \|$/m);
  assert.ok(dry.summary.includes(`(cache-control: ${OLD} → no-cache)`), dry.summary);
  assert.match(dry.summary, /one HEAD for each file with the same content: 2, less than \$0\.001/);
  assert.match(dry.log, /^would change the headers of robots\.txt\n {2}cache-control: .* → no-cache$/m);

  const ran = await run();
  assert.equal(ran.code, 0, ran.log);
  const { put, metadata, changed } = ran.outputs;
  assert.deepEqual({ put, metadata, changed }, { put: '1', metadata: '2', changed: 'true' });
  assert.match(ran.summary, /^### ✅ .* — 1 file uploaded, 2 with new headers\n/);
  assert.doesNotMatch(ran.summary, /keep the headers/);
  assert.match(ran.log, /^changed the headers of robots\.txt \(cache-control\)$/m);
  const paths = readFileSync(ran.outputs['changed-paths-file'] ?? '', 'utf8');
  for (const path of ['/robots.txt', '/index.html', '/new.css']) assert.ok(paths.includes(`${path}\n`), paths);

  const again = await run();
  assert.deepEqual([again.outputs.metadata, again.outputs.changed], ['0', 'false'], again.log);
});
