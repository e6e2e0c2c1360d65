import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { assertNoStack, cli, cliTo } from './cli-process.js';

const CONFIG = 'source: dist\nbucket: s3://site\ngzip: true\nmode: add\n';
const FILES = {
  'empty.txt': '# no key\n',
  'keys.txt': 'a\nb?versionId=\n',
  'half.cfg': '[default]\naccess_key = TOPSECRET\n',
  'odd.cfg': '[default]\nTOPSECRET\n',
};

describe('a copy that cannot work: exit code 2, one message, no request', { concurrency: 4 }, () => {
  const places = ['copy', 's3://site/a', 's3://site/b'];
  const rows: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['no place', ['copy'], /No source is given/],
    [
      'one place',
      ['copy', 's3://site'],
      /No destination is given.*\n {2}Write copy s3:\/\/site s3:\/\/DEST\..*temp\/dest/,
    ],
    ['three places', [...places, 's3://c'], /"s3:\/\/c" follows/],
    ['a source on this machine', ['copy', 'dist', 's3://site'], /"dist" is not a bucket.*\n {2}.*s3-parallel-put put/],
    ['a destination on this machine', ['copy', 's3://site', 'dist'], /downloads are not supported.*\n {2}.*aws s3 cp/],
    ['a bucket by flag', [...places, '--bucket', 'b'], /takes no --bucket\.\n {2}The destination is the last word/],
    ['an option of put', [...places, '--gzip'], /The command "copy" takes no --gzip\./],
    ['an option of copy in a put', ['dist', 's3://site', '--copy-acl'], /--copy-acl belongs to the command "copy"/],
    ['a bucket as source of a put', ['s3://site', 's3://b'], /s3-parallel-put copy s3:\/\/site s3:\/\/DEST/],
    ['--walk s3', ['--walk', 's3', 's3://site', 's3://b'], /s3-parallel-put copy s3:\/\/SOURCE s3:\/\/DEST/],
    ['--mode copy', ['--mode', 'copy', 's3://site', 's3://b'], /s3-parallel-put copy s3:\/\/SOURCE s3:\/\/DEST/],
    ['a list that is missing', [...places, '--keys-file', 'gone'], /--keys-file: the file "gone" does not exist/],
    ['a version without its name', [...places, '--keys-file', 'keys.txt'], /"b\?versionId=" names no version/],
    ['a file of s3cmd that is missing', [...places, '--s3cfg', 'gone'], /The file "gone" does not exist/],
    ['one without a secret', [...places, '--s3cfg', 'half.cfg'], /half\.cfg:1:1: .* has no secret_key/],
    ['one that is none', [...places, '--dest-s3cfg', 'odd.cfg'], /odd\.cfg:2:1: The line is not "name = value"/],
    ['two accounts', [...places, '--s3cfg', 'half.cfg', '--profile', 'p'], /--s3cfg and --profile both/],
    ['a log that cannot be opened', [...places, '--log-file', 'no/log'], /"no\/log" cannot be opened \(ENOENT\)/],
  ];
  for (const [name, argv, expected] of rows) {
    test(name, async (t) => {
      const server = await serverFor(t);
      const env = { AWS_ENDPOINT_URL: server.url, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
      const ran = await cli(argv, { cwd: makeTree(t, FILES), env, ownProcess: name === 'one place' });
      assert.deepEqual([ran.code, ran.stdout], [2, ''], ran.stderr);
      assert.match(ran.stderr, expected);
      assert.doesNotMatch(ran.stderr, /TOPSECRET/);
      assertNoStack(ran);
      assert.equal(server.requests.length, 0);
    });
  }
});

describe('the options of a copy', { concurrency: 4 }, () => {
  test('come from a config file too, even if it has options of a put', async (t) => {
    const cwd = makeTree(t, { 's3-parallel-put.config.yaml': `${CONFIG}failFast: true\nkey: [a]\n` });
    const env = { S3PP_SPLIT_ABOVE: '64MiB', S3PP_RULES: 'gone.yaml' };
    const ran = await cli(['copy', 's3://a', 's3://b', '--print-config'], { cwd, env });
    assert.equal(ran.code, 0, ran.stderr);
    const wanted = ['# source: "s3://a"', '# destination: "s3://b"', 'mode: "add"', 'failFast: true', 'key: ["a"]'];
    for (const line of [...wanted, 'splitAbove: "64MiB" # S3PP_SPLIT_ABOVE'])
      assert.ok(
        ran.lines.some((one) => one.startsWith(line)),
        line,
      );
    assert.doesNotMatch(ran.stdout, /gzip|bucket:|dist/);
  });

  test('that a put has too are refused with their place in a file', async (t) => {
    const cwd = makeTree(t, { 'c.yaml': 'mode: add\nlimit: 0\n' });
    const ran = await cli(['copy', 's3://a', 's3://b', '--config', 'c.yaml', '--print-config'], { cwd });
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /c\.yaml:2:8: limit is 0/);
  });

  test('have a help of their own', async () => {
    const ran = await cli(['copy', '--help']);
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    assert.match(ran.stdout, /^Usage: s3-parallel-put copy .*\n[\s\S]*--from-prefix PREFIX/);
    assert.doesNotMatch(ran.stdout, /--gzip/);
  });
});

describe('a log', { concurrency: 4 }, () => {
  const lines = (cwd: string, name = 'log'): string[] => readFileSync(join(cwd, name), 'utf8').trimEnd().split('\n');
  const TREE = { 'd/a': '1', 'd/b': '22' };

  test('has what was done and the summary, with time and level, after what is there', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { ...TREE, log: 'before\n' });
    const ran = await cliTo(server, ['d', 's3://site', '-q', '--log-file', 'log'], { cwd });
    assert.deepEqual([ran.code, ran.stdout], [0, '']);
    const [before, ...rest] = lines(cwd);
    assert.equal(before, 'before');
    for (const line of rest) assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info /);
    const texts = rest.map((line) => line.slice(30)).toSorted();
    assert.match(texts[0] ?? '', /^Uploaded 2 files, 3 B, in /);
    assert.deepEqual(texts.slice(1), [
      `d → s3://site (${server.url})`,
      'uploaded a (new, 1 B)',
      'uploaded b (new, 2 B)',
    ]);
    assert.match(ran.stderr, /^Uploaded 2 files, .*\n$/);
    const again = await cliTo(server, ['d', 's3://site', '--log-file', 'log'], { cwd });
    assert.equal(again.code, 0);
    assert.equal(lines(cwd).length, 7);
  });

  test('holds skips, requests and retries at debug, and failures alone at error', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, TREE);
    await cliTo(server, ['d/a', 's3://site'], { cwd });
    server.fault({ verb: 'PutObject', occurrences: 1, type: 'status', status: 500, code: 'InternalError' });
    const ran = await cliTo(server, ['d', 's3://site', '--log-file', 'log', '--log-level', 'debug'], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    const text = lines(cwd).join('\n');
    assert.match(text, /Z debug unchanged a$/m);
    assert.match(text, /Z debug ListObjectsV2: 200 in \d+ ms$/m);
    assert.match(text, /Z debug PutObject b: 500 in \d+ ms$/m);
    assert.match(text, /Z debug PutObject b: again after try 1, in \d+ ms: .*InternalError/m);
    server.fault({ verb: 'PutObject', occurrences: 'all', type: 'status', status: 400, code: 'InvalidArgument' });
    const failed = ['d', 's3://site', '--mode', 'stupid', '--log-file', 'errors', '--log-level', 'error'];
    const refused = await cliTo(server, failed, { cwd });
    assert.equal(refused.code, 1);
    assert.ok(lines(cwd, 'errors').length >= 2);
    for (const line of lines(cwd, 'errors')) assert.match(line, /Z error failed [ab]: .*InvalidArgument/);
  });

  test('goes to stderr where no file is named', async (t) => {
    const server = await serverFor(t);
    const ran = await cliTo(server, ['d', 's3://site', '--log-level', 'info'], { cwd: makeTree(t, TREE) });
    assert.equal(ran.lines.length, 2);
    assert.equal(ran.stderr.match(/Z info uploaded [ab] \(new, \d B\)$/gm)?.length, 2);
    assert.equal(ran.stderr.match(/Uploaded 2 files/g)?.length, 1);
    assert.equal(ran.stderr.match(/d → s3:/g)?.length, 1);
  });

  test('logs the error that ended the run', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, TREE);
    const ran = await cliTo(server, ['d', 's3://gone', '--log-file', 'log'], { cwd });
    assert.equal(ran.code, 4, ran.stderr);
    assert.match(lines(cwd).at(-1) ?? '', /Z error .*NoSuchBucket/);
  });

  test('that cannot be written stops nothing, and ends with 1', { skip: !existsSync('/dev/full') }, async (t) => {
    const server = await serverFor(t);
    const ran = await cliTo(server, ['d', 's3://site', '--log-file', '/dev/full'], { cwd: makeTree(t, TREE) });
    assert.equal(ran.code, 1);
    assert.equal(ran.lines.length, 2);
    assert.match(ran.stderr, /the log file cannot be written \(ENOSPC\)/);
    assert.deepEqual(server.keys('site'), ['a', 'b']);
  });

  test('lets no name forge a line', { skip: process.platform === 'win32' }, async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, {});
    writeFileSync(join(cwd, 'a\nb'), 'x');
    await cliTo(server, ['a\nb', 's3://site', '--log-file', 'log'], { cwd });
    assert.equal(lines(cwd).length, 3);
    assert.match(lines(cwd)[0] ?? '', / info a\\nb → s3:\/\/site \(/);
    assert.match(lines(cwd)[1] ?? '', / info uploaded a\\nb \(new/);
  });
});
