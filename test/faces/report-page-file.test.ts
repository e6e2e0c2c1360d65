import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { action, inputsFor } from './action-process.js';
import { cli, cliTo } from './cli-process.js';

// The file of the report page, as the command line and the Action leave it.

const SITE = { 'dist/index.html': '<p>', 'dist/js/app.js': 'let a' };
const REFUSED = { type: 'status', status: 400, code: 'InvalidRequest', occurrences: 'all' } as const;
const rowsOf = (page: string): string[] =>
  [...page.matchAll(/^<tr class="s-[^"]*"><td><i><\/i>([^<]*)<td>([^<]*)/gm)].map((found) => `${found[1]} ${found[2]}`);

describe('--report-html', { concurrency: 4 }, () => {
  test('leaves a page of a put, with the commit of the build and the requests', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    const env = { GITHUB_SHA: 'abcdef0123456789', GITHUB_REPOSITORY: 'o/site' };
    const ran = await cliTo(server, ['dist', 's3://site/p', '--report-html', 'report.html'], { cwd, env });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(server.keys('site'), ['p/index.html', 'p/js/app.js']);
    const page = readFileSync(join(cwd, 'report.html'), 'utf8');
    assert.deepEqual(rowsOf(page), ['New index.html', 'New js/app.js']);
    for (const text of ['s3://site/p', 'abcdef012345', 'https://github.com/o/site/commit/', '<td>PutObject', 'Done<'])
      assert.ok(page.includes(text), text);
  });

  test('is written by dry runs, checks and copies, and by runs in which objects fail', async (t) => {
    const server = await serverFor(t, { buckets: ['site', 'other'] });
    const cwd = makeTree(t, SITE);
    const page = (): string => readFileSync(join(cwd, 'report.html'), 'utf8');
    const run = (...argv: string[]) => cliTo(server, [...argv, '--report-html', 'report.html'], { cwd });
    assert.equal((await run('dist', 's3://site/p', '-n')).code, 0);
    assert.match(page(), /Dry run: nothing was written/);
    assert.deepEqual(rowsOf(page()), ['New index.html', 'New js/app.js']);
    assert.equal((await run('dist', 's3://site/p', '--check')).code, 1);
    assert.match(page(), /Dry run: nothing was written/);
    assert.deepEqual(server.keys('site'), []);
    server.fault({ verb: 'PutObject', key: 'p/index.html', ...REFUSED });
    assert.equal((await run('dist', 's3://site/p')).code, 1);
    assert.deepEqual(rowsOf(page()), ['Failed index.html', 'New js/app.js']);
    assert.equal((await run('copy', 's3://site/p', 's3://other')).code, 0);
    assert.match(page(), /Copy report/);
    assert.deepEqual(rowsOf(page()), ['New p/js/app.js']);
  });

  test('is written by deletions, and by runs that are refused', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { ...SITE, 'empty/': '' });
    await cliTo(server, ['dist', 's3://site/p'], { cwd });
    const page = (): string => readFileSync(join(cwd, 'report.html'), 'utf8');
    const refused = await cliTo(server, ['empty', 's3://site/p', '--report-html=report.html'], { cwd });
    assert.equal(refused.code, 3);
    assert.match(page(), /Stopped<[\s\S]*The source holds no files to upload/);
    const deleted = await cliTo(server, ['delete', 's3://site/p/', '--yes', '--report-html=report.html'], { cwd });
    assert.equal(deleted.code, 0, deleted.stderr);
    assert.deepEqual(rowsOf(page()), ['Deleted index.html', 'Deleted js/app.js']);
    assert.match(page(), /Deletion report/);
  });

  test('is never uploaded, also where it lies in the source', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    for (const _run of [1, 2]) {
      const ran = await cliTo(server, ['dist', 's3://site', '--report-html', 'dist/report.html'], { cwd });
      assert.equal(ran.code, 0, ran.stderr);
      assert.ok(existsSync(join(cwd, 'dist/report.html')));
    }
    assert.deepEqual(server.keys('site'), ['index.html', 'js/app.js']);
  });

  test('of a file that cannot be written is a usage error before any request', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    for (const [file, message] of [
      ['no/report.html', /The report page "no\/report\.html" cannot be written: .*ENOENT/],
      ['dist', /The report page "dist" is a folder\./],
    ] as const) {
      const ran = await cliTo(server, ['dist', 's3://site', '--report-html', file], { cwd });
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, message);
    }
    assert.equal(server.requests.length, 0);
  });

  test('is an option of runs alone', async () => {
    const ran = await cli(['uploads', 's3://site', '--report-html', 'report.html']);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /takes no --report-html/);
  });
});

describe('the Action', () => {
  test('leaves the page beside the JSON report, also of a run that fails', async (t) => {
    const server = await serverFor(t);
    const workspace = makeTree(t, SITE);
    const inputs = {
      ...inputsFor(server),
      source: 'dist',
      bucket: 's3://site/docs',
      'site-url': 'https://www.example.com/',
    };
    const env = {
      GITHUB_SHA: 'abcdef0123456789',
      GITHUB_REPOSITORY: 'o/site',
      GITHUB_SERVER_URL: 'https://github.example',
    };
    server.fault({ verb: 'PutObject', key: 'docs/index.html', ...REFUSED });
    const ran = await action(t, inputs, { workspace, env });
    assert.equal(ran.code, 1, ran.log);
    const file = ran.outputs['report-html'] ?? '';
    assert.equal(dirname(file), dirname(ran.outputs['report-path'] ?? ''));
    const page = readFileSync(file, 'utf8');
    assert.deepEqual(rowsOf(page), ['New js/app.js', 'Failed index.html'].sort());
    assert.match(page, /<h1><a href="https:\/\/www\.example\.com\/docs\/"/);
    assert.match(page, /<a href="https:\/\/github\.example\/o\/site\/commit\/abcdef0123456789"/);
  });
});
