import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { assertNoStack, cliTo } from './cli-process.js';

const NEAR = ['docs/a.txt', 'docs/old.js', 'pr-4', 'pr-4.html', 'pr-42/x'];
const BELOW = ['pr-4/a', 'pr-4/b.css'];

async function seeded(t: TestContext, keys: readonly string[] = [...NEAR, ...BELOW]): Promise<S3Server> {
  const server = await serverFor(t);
  for (const key of keys) server.seed('site', key, key);
  return server;
}

const deletes = (server: S3Server): number => server.count('DeleteObjects') + server.count('DeleteObject');

describe('the command delete', { concurrency: 4 }, () => {
  test('needs --yes without a terminal, and then deletes what is below the prefix, a line for each', async (t) => {
    const server = await seeded(t);
    const refused = await cliTo(server, ['delete', 's3://site/pr-4'], { ownProcess: true });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /no terminal.*nothing was deleted\.\n {2}Add --yes/);
    assert.deepEqual(server.requests, []);
    const ran = await cliTo(server, ['delete', 's3://site/pr-4', '--yes'], { ownProcess: true });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(ran.lines.toSorted(), ['deleted pr-4/a', 'deleted pr-4/b.css']);
    assert.match(ran.stderr, /^all objects below s3:\/\/site\/pr-4 /);
    assert.match(ran.stderr, /\nDeleted 2 objects, in .* s\.\n$/);
    assert.deepEqual(server.keys('site').toSorted(), NEAR.toSorted());
  });

  test('a dry run needs no --yes, and says what it would delete', async (t) => {
    const server = await seeded(t);
    const ran = await cliTo(server, ['delete', '-n', 's3://site/pr-4/']);
    assert.equal(ran.code, 0);
    assert.deepEqual(ran.lines.toSorted(), ['would delete pr-4/a', 'would delete pr-4/b.css']);
    assert.match(ran.stderr, /Would delete 2 objects\.\nDry run: nothing was written\.\n$/);
    assert.equal(deletes(server), 0);
  });

  test('a whole bucket, and a wildcard, are refused before any request', async (t) => {
    const server = await seeded(t);
    for (const argv of [['s3://site'], ['s3://site/'], ['s3://site//'], ['--bucket', 'site'], ['s3://site/pr-4/*']]) {
      const ran = await cliTo(server, ['delete', ...argv, '--yes']);
      assert.equal(ran.code, 2, argv.join(' '));
      assert.match(ran.stderr, /s3:\/\/site\/pr-42?\//);
      assertNoStack(ran);
    }
    assert.deepEqual(server.requests, []);
  });

  test('more deletes than allowed are refused with the list, a key on a line, and exit code 3', async (t) => {
    const server = await seeded(t);
    const ran = await cliTo(server, ['delete', 's3://site/pr-4/', '--yes', '--max-delete', '1']);
    assert.equal(ran.code, 3);
    assert.match(ran.stderr, /2 of 2 keys would be deleted.*:\n {2}pr-4\/a\n {2}pr-4\/b\.css\n {2}.*--max-delete 2/);
    assert.equal(deletes(server), 0);
  });

  test('--json has every outcome, and the report last; -q only the summary line', async (t) => {
    const server = await seeded(t);
    const ran = await cliTo(server, ['delete', 's3://site/pr-4/', '--yes', '--json']);
    const [first, , report] = ran.lines.map((line) => JSON.parse(line));
    assert.deepEqual([first.action, first.key, first.reason], ['delete', 'pr-4/a', 'below the prefix']);
    assert.deepEqual([report.type, report.counts.delete, report.phases.length], ['report', 2, 1]);
    const quiet = await cliTo(server, ['delete', 's3://site/pr-42/', '--yes', '-q']);
    assert.deepEqual([quiet.code, quiet.stdout], [0, '']);
    assert.match(quiet.stderr, /^Deleted 1 object, in [^\n]*\n$/);
  });

  test('what may not be listed is not deleted, with exit code 4; what may not be deleted fails, with 1', async (t) => {
    const server = await seeded(t);
    server.mode({ deny: ['ListObjectsV2'] });
    const denied = await cliTo(server, ['delete', 's3://site/pr-4/', '--yes']);
    assert.equal(denied.code, 4);
    assert.match(denied.stderr, /s3:ListBucket/);
    assert.equal(deletes(server), 0);
    server.mode({ deny: [{ verb: 'DeleteObject', key: /css$/ }] });
    const failed = await cliTo(server, ['delete', 's3://site/pr-4/', '--yes']);
    assert.equal(failed.code, 1);
    assert.match(failed.stdout, /^failed pr-4\/b\.css: AccessDenied/m);
  });

  test('a config file for uploads does not say what is deleted', async (t) => {
    const server = await seeded(t);
    const cwd = makeTree(t, { 's3-parallel-put.config.yaml': 'bucket: s3://site/docs\nprotect: [a]\n' });
    const ran = await cliTo(server, ['delete', '--yes'], { cwd });
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /does not say what is deleted/);
    const named = await cliTo(server, ['delete', 's3://site/pr-4/', '--yes'], { cwd });
    assert.equal(named.code, 0, named.stderr);
    assert.deepEqual(server.keys('site').toSorted(), [...NEAR, 'pr-4/a'].toSorted());
  });

  test('a folder of that name with a destination is ambiguous, and the message names both ways', async (t) => {
    const server = await seeded(t);
    const cwd = makeTree(t, { 'delete/a.txt': 'a' });
    const ran = await cliTo(server, ['delete', 's3://site/pr-4/'], { cwd });
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /\.\/delete for the folder, or --command delete/);
    const put = await cliTo(server, ['./delete', 's3://site/pr-4/'], { cwd });
    assert.equal(put.code, 0, put.stderr);
    assert.deepEqual(put.lines, ['uploaded pr-4/a.txt (new, 1 B)']);
  });
});

describe('keys that the source does not have', { concurrency: 4 }, () => {
  const files = { 'dist/a.txt': 'docs/a.txt', 'dist/new.txt': 'x' };

  test('are counted by a check, which fails only for what a run would change', async (t) => {
    const server = await seeded(t);
    const cwd = makeTree(t, { 'dist/a.txt': 'docs/a.txt' });
    const off = await cliTo(server, ['--check', 'dist', 's3://site/docs'], { cwd });
    assert.equal(off.code, 0, off.stderr);
    assert.match(off.stderr, /^1 key is in the bucket that the source does not have; --delete deletes such keys\.$/m);
    const on = await cliTo(server, ['--check', '--delete', 'dist', 's3://site/docs'], { cwd });
    assert.equal(on.code, 1);
    assert.match(on.stdout, /^would delete docs\/old\.js \(not in the source\)$/m);
    assert.doesNotMatch(on.stderr, /does not have/);
    assert.equal(deletes(server), 0);
  });

  test('are counted as a whole with -n -v and --check, unless only a part of the source is looked at', async (t) => {
    const server = await seeded(t);
    const cwd = makeTree(t, { ...files, 'list.txt': 'a.txt\n' });
    for (const [argv, whole] of [
      [['-n', '-v'], true],
      [['--check'], true],
      [['--check', '--limit', '1'], false],
      [['--check', '--files-from', 'list.txt'], false],
      [['--check', '--mode', 'stupid'], false],
    ] as const) {
      const ran = await cliTo(server, [...argv, '--json', 'dist', 's3://site/docs'], { cwd });
      const report = JSON.parse(ran.lines.at(-1) ?? '');
      assert.equal(report.straysComplete === true, whole, argv.join(' '));
    }
  });

  test('are deleted with --delete, after the uploads, and the summary counts them', async (t) => {
    const server = await seeded(t);
    const cwd = makeTree(t, files);
    const ran = await cliTo(server, ['--delete', 'dist', 's3://site/docs'], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(ran.lines, ['uploaded docs/new.txt (new, 1 B)', 'deleted docs/old.js (not in the source)']);
    assert.match(ran.stderr, /Uploaded 1 file, 1 B, in .*; 1 deleted, 1 unchanged\.\n$/);
  });

  test('stay where a phase before has failed, and the summary says which phases were done', async (t) => {
    const server = await seeded(t);
    const cwd = makeTree(t, { ...files, 'dist/index.html': 'x' });
    server.fault({ verb: 'PutObject', occurrences: [1], type: 'status', status: 500 });
    const ran = await cliTo(server, ['--delete', '--order', 'site', '--max-attempts', '1', 'dist', 's3://site/docs'], {
      cwd,
    });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /^Done by phase: data 0 of 1 \(1 failed\), pages 0 of 1, deletes 0 of 1\.$/m);
    assert.match(ran.stderr, /^1 key that the source does not have stays in the bucket\.$/m);
    assert.equal(deletes(server), 0);
  });

  test('a config file may give a count of deletes as a number, and allow all secrets', async (t) => {
    const server = await seeded(t);
    const config = 'delete: true\nmaxDelete: 0\nallowSecrets: true\n';
    const cwd = makeTree(t, { ...files, 'own.yaml': config });
    const ran = await cliTo(server, ['--config', 'own.yaml', 'dist', 's3://site/docs'], { cwd });
    assert.equal(ran.code, 3, ran.stderr);
    assert.match(ran.stderr, /1 of 2 keys would be deleted, more than the 0 that are allowed:\n {2}docs\/old\.js\n/);
    assert.equal(server.count('PutObject'), 0);
  });
});
