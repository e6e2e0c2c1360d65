import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { assertNoStack, type CliRun, cli, cliTo } from './cli-process.js';

const CLI = fileURLToPath(new URL('../../dist/lib/cli/main.js', import.meta.url));
const CONFIG = `source: dist
cacheControl: public, max-age=600
rules:
  - match: "**"
    headers: {x-amz-meta-team: docs}
  - match: "*.html"
    cacheControl: no-cache
exclude: ["*.map", drafts/]
`;

function project(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  return makeTree(t, {
    's3-parallel-put.config.yaml': CONFIG,
    'dist/index.html': '<p>',
    'dist/assets/app.js': 'x',
    'dist/app.js.map': '{}',
    'dist/drafts/a.html': 'x',
    ...files,
  });
}

/** The line of what is explained, with single spaces. */
function lineOf({ lines }: CliRun, what: string): string | undefined {
  return lines
    .find((line) => line.startsWith(`  ${what}`))
    ?.trim()
    .replaceAll(/ +/g, ' ');
}

describe('the command explain', { concurrency: 4 }, () => {
  test('says what gave each header, and where that was given', async (t) => {
    const cwd = project(t);
    const ran = await cli(['explain', 'dist/index.html', '--content-language', 'de'], {
      cwd,
      env: { S3PP_CONTENT_DISPOSITION: 'inline' },
    });
    assert.equal(ran.code, 0, ran.stderr);
    const file = 's3-parallel-put.config.yaml';
    assert.equal(ran.lines[0], `index.html in dist, 3 B (source: ${file}:1)`);
    assert.deepEqual(
      ran.lines.slice(1).map((line) => line.trim().replaceAll(/ +/g, ' ')),
      [
        'key: index.html its path in the source',
        `cache-control: no-cache rule 2 (match "*.html") in ${file}:6; instead of public, max-age=600 (cacheControl in ${file}:2)`,
        'content-disposition: inline S3PP_CONTENT_DISPOSITION',
        'content-language: de --content-language',
        'content-type: text/html; charset=utf-8 guessed from the name index.html',
        `x-amz-meta-team: docs rule 1 (match "**") in ${file}:4`,
        'gzip: no off; default',
        'phase: pages HTML; without effect, because the order is none',
        'filters: taken no filter matches',
        'decision: unknown no destination is given, so no request was made to see what the bucket has',
      ],
    );
  });

  test('makes no request without a destination, and those of a dry run with one', async (t) => {
    const server = await serverFor(t);
    const cwd = project(t);
    const without = await cliTo(server, ['explain', 'index.html'], { cwd });
    assert.equal(without.code, 0, without.stderr);
    assert.deepEqual(server.requests, []);
    const fresh = await cliTo(server, ['explain', 'index.html', 's3://site/docs'], { cwd });
    assert.equal(
      lineOf(fresh, 'key'),
      'key: docs/index.html its path in the source, below the prefix docs/ (command line)',
    );
    assert.equal(lineOf(fresh, 'decision'), 'decision: would upload new (1 ListObjectsV2)');
    assert.deepEqual(server.keys('site'), []);
    const put = await cliTo(server, ['-q', 's3://site/docs'], { cwd });
    assert.equal(put.code, 0, put.stderr);
    const again = await cliTo(server, ['explain', 'index.html', 's3://site/docs'], { cwd });
    assert.equal(lineOf(again, 'decision'), 'decision: unchanged same content, headers not compared (1 ListObjectsV2)');
  });

  test('the source is the folder of the file where nothing names another', async (t) => {
    const cwd = makeTree(t, { 'dist/a/b.html': 'x' });
    const own = await cli(['explain', 'dist/a/b.html'], { cwd });
    assert.equal(own.lines[0], 'b.html in dist/a, 1 B (source: the folder of the file)');
    for (const argv of [
      ['dist/a/b.html', 'dist'],
      ['a/b.html', 'dist'],
    ])
      assert.equal((await cli(['explain', ...argv], { cwd })).lines[0], 'a/b.html in dist, 1 B (source: command line)');
    const as = await cli(['explain', 'dist/a/b.html', '--as', 'b'], { cwd });
    assert.deepEqual([as.lines[0], lineOf(as, 'key')], ['dist/a/b.html, 1 B (source: the file)', 'key: b --as']);
  });

  test('says which filter, rule or option leaves a file out', async (t) => {
    const cwd = project(t, { 'dist/.env': 'x', 'rules.yaml': '- match: "*.js"\n  skip: true\n', 'list.txt': 'x\n' });
    const rows: readonly (readonly [readonly string[], string])[] = [
      [['app.js.map'], 'left out exclude "*.map" in s3-parallel-put.config.yaml:8'],
      [['drafts/a.html'], 'left out exclude "drafts/" in s3-parallel-put.config.yaml:8, by the folder drafts'],
      [['index.html', '--exclude', 'x', '--exclude', 'index.*'], "left out --exclude 'index.*'"],
      [
        ['index.html', '--include', '*.js'],
        'left out no filter matches, and the first is an include: all else is left out',
      ],
      [['.env', '--no-hidden'], 'left out --no-hidden leaves out names that begin with a dot'],
      [['assets/app.js', '--rules', 'rules.yaml'], 'left out rule 1 (match "*.js") in rules.yaml:1 skips it'],
      [['index.html', '--min-size', '10'], 'left out 3 B are less than --min-size (10 B)'],
      [['index.html', '--ignore-small-files'], 'left out 3 B are less than --ignore-small-files (8.4 MB)'],
      [['index.html', '--files-from', 'list.txt'], 'left out --files-from does not list it'],
      [['s3-parallel-put.config.yaml', '.'], 'left out the run itself reads or writes this file'],
    ];
    for (const [argv, expected] of rows) {
      const ran = await cli(['explain', ...argv], { cwd });
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(lineOf(ran, 'left out'), expected);
      assert.equal(ran.lines.length, 2);
    }
  });

  test('--json is one object, with where each value was given', async (t) => {
    const cwd = project(t);
    const ran = await cli(['explain', 'index.html', '--json', '--gzip'], { cwd });
    assert.equal(ran.lines.length, 1);
    const explanation = JSON.parse(ran.stdout);
    assert.deepEqual(
      [explanation.type, explanation.source, explanation.path, explanation.size],
      ['explanation', 'dist', 'index.html', 3],
    );
    assert.deepEqual(explanation.headers[0], {
      name: 'cache-control',
      value: 'no-cache',
      origin: { by: 'rule', number: 2, match: '*.html', from: 's3-parallel-put.config.yaml:6' },
      instead: [
        {
          name: 'cache-control',
          value: 'public, max-age=600',
          origin: { by: 'option', option: 'cacheControl', from: 's3-parallel-put.config.yaml:2' },
        },
      ],
    });
    assert.deepEqual(explanation.gzip, { compressed: false, reason: 'not smaller', from: '--gzip' });
    assert.equal('decision' in explanation, false);
    const left = JSON.parse((await cli(['explain', 'app.js.map', '--json'], { cwd })).stdout);
    assert.deepEqual(left.leftOut, { by: 'filter' });
    assert.deepEqual(left.filter, {
      taken: false,
      by: 'exclude',
      pattern: '*.map',
      from: 's3-parallel-put.config.yaml:8',
    });
  });

  test('secrets among the headers are not shown', async (t) => {
    const cwd = makeTree(t, { 'a.html': 'x' });
    const name = 'x-amz-server-side-encryption-customer-key';
    const header = ['--header', `${name}: c2VjcmV0`];
    for (const more of [[], ['--json']]) {
      const { stdout } = await cli(['explain', 'a.html', ...header, ...more], { cwd });
      assert.ok(stdout.includes(name) && !stdout.includes('c2VjcmV0'), stdout);
    }
  });

  test('what cannot be explained is refused with the way that works', async (t) => {
    const cwd = project(t, { 'site.tar': 'x' });
    const rows: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /No file is given to explain\.\n.*explain FILE \[SOURCE\]/],
      [['nope.html'], /There is no file "nope\.html" in the source "dist"/],
      [['assets'], /"assets" is a directory/],
      [['s3-parallel-put.config.yaml'], /is not in the source "dist"/],
      [['s3://site'], /no file of this machine/],
      [['-'], /read only once/],
      [['site.tar', 'site.tar'], /is an archive/],
      [['index.html', 's3://site', '--print-config'], /takes no --print-config/],
      [['index.html', '--abort-older-than', '7d'], /takes no --abort-older-than/],
      [['index.html', '--gzip=nope/'], /gzip/],
      [['--filters'], /No name is given/],
      [['--filters', 's3://site'], /filters need none/],
      [['--filters', '../a'], /"\.\.\/a" is no name of a file/],
    ];
    for (const [argv, message] of rows) {
      const ran = await cli(['explain', ...argv], { cwd });
      assert.equal(ran.code, 2, argv.join(' '));
      assert.match(ran.stderr, message);
      assert.equal(ran.stdout, '');
      assertNoStack(ran);
    }
    const put = await cli(['dist', 's3://site', '--filters'], { cwd });
    assert.match(put.stderr, /--filters belongs to the command "explain"/);
  });

  test('a bucket that cannot be read leaves the decision open, with the exit code of a run', async (t) => {
    const server = await serverFor(t);
    const cwd = project(t);
    const ran = await cliTo(server, ['explain', 'index.html', 's3://nobody'], { cwd });
    assert.equal(ran.code, 4);
    assert.match(lineOf(ran, 'decision') ?? '', /^decision: unknown .*NoSuchBucket/);
    assert.match(lineOf(ran, 'cache-control') ?? '', /no-cache rule 2/);
  });
});

describe('explain --filters', { concurrency: 4 }, () => {
  const filters = ['--exclude', '*', '--include', '*.html', '--exclude', 'a/*'];

  test('shows for each name what takes or leaves it out, beside what the AWS CLI would do', async (t) => {
    const cwd = makeTree(t, {});
    const names = ['x.html', 'a/b/c.html', 'x.js', '.git/HEAD'];
    const ran = await cli(['explain', '--filters', '--exclude', '/*', '--include', '*.html', ...names], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(
      ran.lines.map((line) => line.replaceAll(/ {2,}/g, ' | ')),
      [
        "x.html | taken: --include '*.html' | aws s3: the same",
        "a/b/c.html | taken: --include '*.html' | aws s3: the same",
        "x.js | left out: --exclude '/*' | aws s3: the same",
        '.git/HEAD | left out: files of version control and of the desktop are never uploaded | aws s3: the same',
      ],
    );
    const aws = await cli(['explain', '--filters', '--exclude', 'a/*.html', 'a/b/c.html'], { cwd });
    assert.match(
      aws.stdout,
      /^a\/b\/c\.html {2}taken: no filter matches {2}aws s3: left out: --exclude 'a\/\*\.html'$/m,
    );
    assert.equal(aws.stderr, '1 of 1 name would be taken; aws s3 would do otherwise with 1.\n');
  });

  test('takes names relative to a source, from words and from standard input, with --json an object for each', async (t) => {
    const cwd = makeTree(t, { 'dist/a/x': '' });
    const ran = await cli(['explain', '--filters', ...filters, '--json', 'dist', 'dist/a/x', './dist/x.html', 'y'], {
      cwd,
    });
    assert.deepEqual(
      ran.lines.map((line) => JSON.parse(line)).map(({ type, name, taken, aws }) => [type, name, taken, aws.taken]),
      [
        ['name', 'a/x', false, false],
        ['name', 'x.html', true, true],
        ['name', 'y', false, false],
      ],
    );
    assert.equal(ran.stderr, '');
  });

  test('reads names from standard input, as find writes them', { skip: process.platform === 'win32' }, async (t) => {
    const cwd = makeTree(t, { 'dist/a.js': '', 'dist/a.js.map': '' });
    const line = `printf 'dist/a.js\\0dist/a.js.map\\0' | "$0" "$1" explain --filters --exclude '*.map' dist -`;
    const { stdout } = await promisify(execFile)('bash', ['-c', line, process.execPath, CLI], { cwd });
    assert.match(stdout, /^a\.js {6}taken: .*\na\.js\.map {2}left out: .*\n$/);
  });

  test('uses the filters of the config file, and makes no request although it names a bucket', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { 's3-parallel-put.config.yaml': `${CONFIG}bucket: s3://site\ndelete: true\n` });
    const ran = await cliTo(server, ['explain', '--filters', '--config', 's3-parallel-put.config.yaml', 'a.map'], {
      cwd,
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /left out: exclude "\*\.map" in s3-parallel-put\.config\.yaml:8/);
    assert.deepEqual(server.requests, []);
  });
});
