import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { assertNoStack, cliTo } from './cli-process.js';

const KEY = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n';
const SITE = { 'dist/index.html': '<p>', 'dist/.env': 'API_KEY=abc\n', 'dist/site.pem': KEY };

describe('secrets', { concurrency: 3 }, () => {
  test('are warned of, uploaded, and named with the ways out', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    const ran = await cliTo(server, ['dist', 's3://site'], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(
      ran.stderr,
      /^Warning: 2 files look like secrets: dist\/\.env \(values of variables\), dist\/site\.pem \(a private key\)\. .*--exclude; --allow-secrets /m,
    );
    assert.deepEqual(server.keys('site'), ['.env', 'index.html', 'site.pem']);
  });

  test('are no warning where they are allowed', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    for (const allowed of [
      ['--allow-secrets', 'true'],
      ['--allow-secrets', '.env', '--allow-secrets=*.pem'],
    ]) {
      const ran = await cliTo(server, [...allowed, 'dist', 's3://site'], { cwd });
      assert.deepEqual([ran.code, /secret/.test(ran.stderr)], [0, false], ran.stderr);
    }
  });

  test('under an ACL that opens them refuse the run, a dry run and a check too, before any request', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { ...SITE, 'rules.json': '[{"match": "*.pem", "acl": "public-read"}]' });
    for (const options of [
      ['--acl', 'public-read'],
      ['--acl', 'public-read', '-n'],
      ['--acl', 'public-read', '--check'],
      ['--header', 'x-amz-acl: public-read', '-q'],
      ['--rules', 'rules.json', '-qq'],
    ]) {
      const ran = await cliTo(server, [...options, 'dist', 's3://site'], { cwd });
      assert.deepEqual([ran.code, ran.stdout], [3, ''], ran.stderr);
      assert.match(ran.stderr, /^s3-parallel-put: Nothing was uploaded, because .*dist\/site\.pem \(a private key\)/m);
      assert.match(ran.stderr, /^ {2}Leave them out by --exclude, or name .* in --allow-secrets\./m);
      assertNoStack(ran);
    }
    assert.equal(server.requests.length, 0);
  });

  test('are in the error of the JSON report', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    const ran = await cliTo(server, ['--json', '--acl', 'public-read', 'dist', 's3://site'], { cwd });
    assert.equal(ran.code, 3);
    const [line, more] = ran.lines.map((one) => JSON.parse(one));
    assert.equal(more, undefined);
    assert.deepEqual([line.type, line.complete, line.error.code], ['report', false, 'Secrets']);
    assert.match(line.error.message, /dist\/\.env .*dist\/site\.pem/);
    assert.match(line.error.hint, /allowSecrets/);
  });
});

describe('files that the run itself reads or writes', { concurrency: 3 }, () => {
  const FILES = {
    'index.html': '<p>',
    's3-parallel-put.config.yaml': 'cacheControl: no-cache\n',
    'ci/options.yaml': 'cacheControl: no-cache\n',
    'ci/rules.json': '[{"match": "*.html", "cacheControl": "max-age=60"}]',
  };

  test('are left out of a directory with one line that names them', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, FILES);
    const argv = ['--rules', 'ci/rules.json', '--log-file', 'run.log', '.', 's3://site'];
    const found = await cliTo(server, argv, { cwd });
    assert.equal(found.code, 0, found.stderr);
    assert.deepEqual(server.keys('site'), ['ci/options.yaml', 'index.html']);
    assert.match(
      found.stderr,
      /^Warning: Left out, because this run itself reads or writes them: ci\/rules\.json, run\.log, s3-parallel-put\.config\.yaml\. /m,
    );
    const named = await cliTo(server, ['--config', 'ci/options.yaml', ...argv, '-n'], { cwd });
    assert.equal(named.code, 0, named.stderr);
    assert.match(named.stderr, /reads or writes them: ci\/options\.yaml, ci\/rules\.json, run\.log\. /);
  });

  test('are known where variables name them, and by any path', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, FILES);
    const env = { S3PP_CONFIG: join(cwd, 'ci/../ci/options.yaml'), S3PP_RULES: './ci/rules.json' };
    const ran = await cliTo(server, [join(cwd, 'ci'), '--if-no-files-found', 'ignore', 's3://site'], { cwd, env });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(server.keys('site'), []);
    assert.match(ran.stderr, /reads or writes them: .*ci\/options\.yaml, .*ci\/rules\.json\. /);
  });

  test('are no words where filters leave them out', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, FILES);
    const ran = await cliTo(server, ['--rules', 'ci/rules.json', '--include', '*.html', '.', 's3://site'], { cwd });
    assert.deepEqual([ran.code, /Left out/.test(ran.stderr)], [0, false], ran.stderr);
  });

  test('are uploaded where one of them is the source', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, FILES);
    const ran = await cliTo(server, ['--rules', 'ci/rules.json', 'ci/rules.json', 's3://site'], { cwd });
    assert.deepEqual([ran.code, /Left out/.test(ran.stderr)], [0, false], ran.stderr);
    assert.deepEqual(server.keys('site'), ['rules.json']);
  });
});
