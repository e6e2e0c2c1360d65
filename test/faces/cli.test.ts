import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';
import { cli, cliTo } from './cli-process.js';

// The command as a process of its own, against a server over real HTTP.

const SITE = { 'dist/index.html': '<p>', 'dist/js/app.js': 'let a', 'dist/js/app.js.txt': '{}' };
const KEYS = ['p/index.html', 'p/js/app.js', 'p/js/app.js.txt'];

describe('a put', { concurrency: 4 }, () => {
  test('prints a line for each object after it completed, the summary on stderr, and ends with 0', async (t) => {
    const server = await serverFor(t);
    const ran = await cliTo(server, ['dist', 's3://site/p'], { cwd: makeTree(t, SITE), ownProcess: true });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(server.keys('site'), KEYS);
    assert.deepEqual(ran.lines.toSorted(), [
      'uploaded p/index.html (new, 3 B)',
      'uploaded p/js/app.js (new, 5 B)',
      'uploaded p/js/app.js.txt (new, 2 B)',
    ]);
    const [first, ...rest] = ran.stderr.split('\n');
    assert.equal(first, `dist → s3://site/p (${server.url})`);
    assert.match(rest.join('\n'), /^Uploaded 3 files, 10 B, in [\d.]+ s \([\d.]+ k?B\/s\)\.\n$/);
  });

  test('again sends nothing and reports it; -v has a line for what was skipped, and the requests', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    await cliTo(server, ['dist', 's3://site/p'], { cwd });
    server.clearRequests();
    const again = await cliTo(server, ['put', 'dist', 's3://site/p'], { cwd });
    assert.equal(again.code, 0);
    assert.equal(server.count('PutObject'), 0);
    assert.equal(again.stdout, '');
    assert.match(again.stderr, /^Nothing to upload; 3 unchanged\.$/m);
    const verbose = await cliTo(server, ['dist', '-v', 's3://site/p'], { cwd });
    assert.equal(verbose.lines.length, 3);
    assert.ok(verbose.lines.includes('unchanged p/js/app.js'));
    assert.match(verbose.stderr, /\nRequests: 1 ListObjectsV2; at most 1 at once\.\n$/);
  });

  test('takes bucket and prefix as flags', async (t) => {
    const server = await serverFor(t);
    const argv = ['dist/js', 'dist/index.html', '--bucket', 'site', '--prefix=p'];
    const ran = await cliTo(server, argv, { cwd: makeTree(t, SITE) });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(server.keys('site'), ['p/app.js', 'p/app.js.txt', 'p/index.html']);
    assert.ok(ran.lines.includes('uploaded p/app.js from dist/js/app.js (new, 5 B)'));
  });

  test('with --quiet prints the summary line and warnings, and with -qq nothing', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    const ran = await cliTo(server, ['dist', 's3://site/p', '-q'], { cwd });
    assert.deepEqual([ran.code, ran.stdout], [0, '']);
    assert.match(ran.stderr, /^Uploaded 3 files, .*\.\n$/);
    assert.deepEqual(server.keys('site'), KEYS);
    const sizes = await cliTo(server, ['dist', 's3://site/p', '--quiet', '--size-only'], { cwd });
    assert.match(sizes.stderr, /^Nothing to upload; 3 unchanged\.\nWarning: Only sizes were compared.*\n$/);
    const silent = await cliTo(server, ['dist', 's3://site/q', '-qq', '--size-only'], { cwd });
    assert.deepEqual([silent.code, silent.stdout, silent.stderr], [0, '', '']);
    assert.equal(server.keys('site').length, 6);
  });

  test('shows with -v the headers of what is sent, and the size that it replaces', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'p/index.html', 'before');
    const argv = ['dist', 's3://site/p', '--cache-control', 'no-cache', '-v'];
    const cwd = makeTree(t, SITE);
    const lines = [
      'p/index.html (size differs, 6 B → 3 B · text/html; charset=utf-8 · no-cache)',
      'p/js/app.js (new, 5 B · text/javascript; charset=utf-8 · no-cache)',
    ];
    const dry = await cliTo(server, [...argv, '-n'], { cwd });
    for (const line of lines) assert.ok(dry.lines.includes(`would upload ${line}`), dry.stdout);
    const ran = await cliTo(server, argv, { cwd });
    for (const line of lines) assert.ok(ran.lines.includes(`uploaded ${line}`), ran.stdout);
  });

  test('keeps the order of --include and --exclude', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { 'd/a.js': '1', 'd/a.map': '2', 'd/keep.map': '3', 'd/x.map': '4' });
    const put = (prefix: string, ...argv: string[]) =>
      cliTo(server, ['d', `s3://site/${prefix}`, '-q', ...argv], { cwd });
    await put('1', '--exclude', '*.map', '--include', 'keep.map');
    await put('2', '--include', '*.map', '--exclude', 'x.map');
    await put('3', '--exclude', '*', '--include', '*.map', '--exclude', 'keep.map');
    assert.deepEqual(server.keys('site'), ['1/a.js', '1/keep.map', '2/a.map', '2/keep.map', '3/a.map', '3/x.map']);
  });

  test("takes the original tool's spellings", async (t) => {
    const server = await serverFor(t, { buckets: { site: { acl: 'allowed' } } });
    server.fault({ verb: 'PutObject', occurrences: 'all', type: 'delay', ms: 20 });
    const argv = ['--put=stupid', '--processes=2', '--grant=public-read', '--content-type=text/x-thing', '--limit=5'];
    const headers = ['--header', 'Cache-Control: public, max-age=60', '--header', 'x-amz-meta-a:1'];
    const files = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`d/${i}`, `${i}`]));
    const host = ['--insecure', '--host', `127.0.0.1:${server.port}`, '--bucket=site', '--prefix=', '--verbose'];
    const env = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey };
    const ran = await cli([...argv, ...headers, ...host, 'd'], { cwd: makeTree(t, files), env });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(server.keys('site'), ['0', '1', '2', '3', '4']);
    assert.equal(server.count('ListObjectsV2') + server.count('HeadObject'), 0);
    assert.ok(server.peak <= 2);
    const request = server.requests[0];
    assert.equal(request?.headers['x-amz-acl'], 'public-read');
    assert.equal(request?.headers['content-type'], 'text/x-thing');
    assert.equal(request?.headers['cache-control'], 'public, max-age=60');
    assert.equal(request?.headers['x-amz-meta-a'], '1');
    assert.match(ran.stderr, /Requests: 5 PutObject; at most 2 at once\./);
  });

  test('warns once that headers were not compared', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    await cliTo(server, ['dist', 's3://site/p'], { cwd });
    const ran = await cliTo(server, ['dist', 's3://site/p', '--cache-control', 'no-cache'], { cwd });
    assert.equal(ran.code, 0);
    assert.equal(ran.stderr.match(/headers not compared/gi)?.length, 1);
  });

  test('lets no name forge a line', { skip: process.platform === 'win32' }, async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { 'd/a\nuploaded b (s3:': 'x' });
    const ran = await cliTo(server, ['d', 's3://site'], { cwd });
    assert.deepEqual(ran.lines, ['uploaded a\\nuploaded b (s3: (new, 1 B)']);
  });
});

describe('a dry run', { concurrency: 4 }, () => {
  test('prints what would be put and writes nothing', async (t) => {
    const server = await serverFor(t);
    const ran = await cliTo(server, ['-n', 'dist', 's3://site/p'], { cwd: makeTree(t, SITE), ownProcess: true });
    assert.equal(ran.code, 0);
    assert.equal(ran.lines.length, 3);
    for (const line of ran.lines) assert.match(line, /^would upload p\/\S+ \(new, \d B\)$/);
    assert.equal(
      ran.stderr,
      `Dry run: dist → s3://site/p (${server.url})\nWould upload 3 files, 10 B.\nDry run: nothing was written.\n`,
    );
    assert.equal(server.count('PutObject'), 0);
  });

  test('in mode stupid makes no request and needs no credentials', async (t) => {
    const server = await serverFor(t);
    const argv = ['--host', server.url, '--put', 'stupid', '--dry-run', 'dist', 's3://site/p'];
    const ran = await cli(argv, { cwd: makeTree(t, SITE) });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.lines.length, 3);
    assert.equal(server.requests.length, 0);
  });

  test('--check ends with 1 while anything would change, and with 0 after', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    const check = () => cliTo(server, ['--check', 'dist', 's3://site/p'], { cwd });
    const before = await check();
    assert.equal(before.code, 1);
    assert.match(before.stderr, /nothing was written/);
    assert.equal(server.count('PutObject'), 0);
    await cliTo(server, ['dist', 's3://site/p'], { cwd });
    assert.equal((await check()).code, 0);
  });
});

describe('--json', { concurrency: 4 }, () => {
  test('prints every outcome as a line and the report last; people still have stderr', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'p/index.html', '<p>');
    const ran = await cliTo(server, ['--json', 'dist', 's3://site/p'], { cwd: makeTree(t, SITE), ownProcess: true });
    assert.equal(ran.code, 0);
    const lines = ran.lines.map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ type, action }) => [type, action]).toSorted(), [
      ['outcome', 'put'],
      ['outcome', 'put'],
      ['outcome', 'skip'],
      ['report', undefined],
    ]);
    const report = lines.at(-1);
    assert.equal(report.type, 'report');
    assert.equal(report.complete, true);
    assert.deepEqual([report.counts.put, report.counts.skip, report.counts.fail], [2, 1, 0]);
    assert.match(ran.stderr, /^Uploaded 2 files/m);
    const put = lines.find(({ key }) => key === 'p/js/app.js');
    assert.deepEqual([put.origin, put.reason, put.bytes, put.etag?.length], ['dist/js/app.js', 'new', 5, 32]);
  });

  test('has errors as plain values', async (t) => {
    const server = await serverFor(t);
    server.fault({
      verb: 'PutObject',
      key: 'p/index.html',
      occurrences: 'all',
      type: 'status',
      status: 400,
      code: 'InvalidArgument',
    });
    const ran = await cliTo(server, ['--json', 'dist', 's3://site/p'], { cwd: makeTree(t, SITE) });
    assert.equal(ran.code, 1);
    const lines = ran.lines.map((line) => JSON.parse(line));
    const failed = lines.find(({ action }) => action === 'fail');
    assert.deepEqual([failed.error.code, failed.error.status], ['InvalidArgument', 400]);
    assert.match(failed.error.message, /InvalidArgument/);
    assert.equal(typeof failed.error.requestId, 'string');
    const report = lines.at(-1);
    assert.equal(report.failures.length, 1);
    assert.equal(report.failures[0].key, 'p/index.html');
    assert.equal(report.error, undefined);
  });

  test('prints the report of a run that was stopped or refused, with the reason', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { ...SITE, 'empty/': '' });
    const stopped = await cliTo(server, ['--json', 'dist', 's3://nowhere'], { cwd });
    assert.equal(stopped.code, 4);
    const report = JSON.parse(stopped.lines.at(-1) ?? '');
    assert.deepEqual([report.type, report.complete, report.error.code], ['report', false, 'NoSuchBucket']);
    const refused = await cliTo(server, ['--json', 'empty', 's3://site'], { cwd });
    assert.equal(refused.code, 3);
    assert.equal(JSON.parse(refused.lines.at(-1) ?? '').error.code, 'NoFilesFound');
  });

  test('prints nothing for a usage error', async () => {
    const ran = await cli(['--json', 'no-such-folder', 's3://site']);
    assert.deepEqual([ran.code, ran.stdout], [2, '']);
  });
});

describe('what is shown', { concurrency: 4 }, () => {
  const ESCAPE = '\u001b[';

  test('has colour where it is forced, and none in a pipe or with NO_COLOR', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    const run = (env: Readonly<Record<string, string>>) => cliTo(server, ['-n', 'dist', 's3://site/p'], { cwd, env });
    assert.ok(!(await run({})).stdout.includes(ESCAPE));
    assert.ok((await run({ FORCE_COLOR: '1' })).stdout.includes(`${ESCAPE}32mwould upload${ESCAPE}`));
    assert.ok(!(await run({ FORCE_COLOR: '1', NO_COLOR: '1' })).stdout.includes(ESCAPE));
  });

  test('is a progress line every few seconds where there is no terminal', async (t) => {
    const server = await serverFor(t);
    const held = server.fault({ verb: 'PutObject', occurrences: 'all', type: 'hold' });
    const cwd = makeTree(t, SITE);
    const hiding = cliTo(server, ['dist', 's3://site/q', '--no-progress'], { cwd });
    await until(() => held.hits === 3);
    const onStderr = (text: string): void => {
      if (text.includes(' of 3 files')) held.clear();
    };
    const [shown, hidden] = await Promise.all([cliTo(server, ['dist', 's3://site/p'], { cwd, onStderr }), hiding]);
    assert.match(
      shown.stderr,
      /^dist → .*\n(?:0 of 3 files, 0 B of 10 B, 0\.0 files\/s, 0 B\/s, \d+\.\d+ s\n)+Uploaded 3 files/,
    );
    assert.match(hidden.stderr, /^dist → .*\nUploaded 3 files/);
  });
});

describe('help, version and completion', () => {
  test('go to stdout and end with 0', async () => {
    const help = await cli(['--help'], { ownProcess: true });
    assert.deepEqual([help.code, help.stderr], [0, '']);
    assert.match(help.stdout, /^Usage: s3-parallel-put /);
    const version = await cli(['--version'], { ownProcess: true });
    const { version: expected } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    assert.deepEqual([version.code, version.stdout], [0, `${expected}\n`]);
    for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
      const ran = await cli(['completion', shell]);
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
      assert.match(ran.stdout, /dry-run/);
    }
  });

  test('help and version are words, too, and short help says where the rest is', async () => {
    const [help, word, all, put, version, short] = await Promise.all(
      [['--help'], ['help'], ['--help', 'all'], ['help', 'put'], ['version'], ['-V']].map((argv) => cli(argv)),
    );
    assert.equal(word?.stdout, help?.stdout);
    assert.match(help?.stdout ?? '', /s3-parallel-put --help all/);
    assert.ok((help?.lines.length ?? 0) < 65, `${help?.lines.length} lines`);
    assert.match(all?.stdout ?? '', /--keys-file/);
    assert.match(put?.stdout ?? '', /^Usage: s3-parallel-put \[put\]/);
    assert.equal(version?.stdout, short?.stdout);
    for (const ran of [help, word, all, put, version, short]) assert.deepEqual([ran?.code, ran?.stderr], [0, '']);
  });

  test('words of other tools are usage errors that say what to write here', async () => {
    for (const [argv, message] of [
      [['--hlep'], /Unknown option --hlep\.\n {2}Did you mean --help\?/],
      [['sync', 'dist', 's3://b'], /There is no command "sync"\.\n {2}Write: s3-parallel-put dist s3:\/\/b\n$/],
      [['dist', 's3://b', '--only-show-errors'], /Unknown option --only-show-errors\.\n {2}Use --quiet: /],
      [['dist', 's3://b', '--no-overwrite'], /Use --mode add/],
      [['dist', 's3://b', '--put', 'copy'], /--put copy is no longer a mode\.\n {2}From bucket to bucket/],
      [['-p', 'x', 'dist', 's3://b'], /Write --prefix, --part-size, --from-prefix or --mode in full/],
      [[], /No source is given\.\n {2}Usage: s3-parallel-put SOURCE\.\.\. s3:\/\/bucket\/prefix/],
    ] as const) {
      const ran = await cli(argv);
      assert.deepEqual([ran.code, ran.stdout], [2, ''], argv.join(' '));
      assert.match(ran.stderr, message);
    }
  });

  test('--help loads neither the engine nor a library', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 's3pp-coverage-'));
    t.after(() => rmSync(folder, { recursive: true }));
    await cli(['--help'], { env: { NODE_V8_COVERAGE: folder } });
    const [file] = readdirSync(folder);
    const { result } = JSON.parse(readFileSync(join(folder, file ?? ''), 'utf8'));
    const loaded = result.map(({ url }: { url: string }) => url).filter((url: string) => url.startsWith('file:'));
    const text = (url: string) => readFileSync(new URL(url), 'utf8');
    assert.ok(loaded.some((url: string) => text(url).includes('// src/cli/help/help.ts')));
    const heavy = loaded.filter(
      (url: string) => /node_modules\//.test(url) || /^\/\/ src\/(put\.ts|s3\/|source\/|transfer\/)/m.test(text(url)),
    );
    assert.deepEqual(heavy, []);
    assert.deepEqual(
      loaded.filter((url: string) => text(url).includes('// src/options/other-names.ts')),
      [],
    );
    // How long it takes rests on what is loaded.
    const bytes = loaded.reduce((sum: number, url: string) => sum + text(url).length, 0);
    assert.ok(loaded.length <= 25 && bytes < 140_000, `${loaded.length} files, ${bytes} bytes`);
  });
});
