import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { assertNoStack, type CliRun, cli } from './cli-process.js';

const FILES = {
  'report.html': '<p>',
  'site.tar': '',
  'dist/a.html': 'a',
  'dist/docs/b.html': 'b',
  'dist/c.css': 'c',
  'list.txt': '# what has changed\n\n./docs/b.html\r\na.html\n',
  'gone.txt': 'a.html\ngone.html\n',
  'folder.txt': 'a.html\ndocs\n',
  'out.txt': '../report.html\n',
  'empty.txt': '# nothing\n',
  'nul.txt': 'docs/b.html\0c.css\0',
};

const at = ({ url, accessKeyId, secretAccessKey }: S3Server, cwd: string) => ({
  cwd,
  env: { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
});

describe('one file under another name', { concurrency: 4 }, () => {
  for (const flag of ['--as', '--stdin-key'])
    test(`by ${flag}`, async (t) => {
      const server = await serverFor(t);
      const ran = await cli(['report.html', 's3://site/docs', flag, 'index.html'], at(server, makeTree(t, FILES)));
      assert.equal(ran.code, 0, ran.stderr);
      assert.deepEqual(server.keys('site'), ['docs/index.html']);
      assert.doesNotMatch(ran.stderr, /Warning/);
    });

  test('a destination that looks like its key is a warning that names the way', async (t) => {
    const server = await serverFor(t);
    const where = at(server, makeTree(t, FILES));
    const warned = await cli(['report.html', 's3://site/docs/index.html'], where);
    assert.equal(warned.code, 0, warned.stderr);
    assert.match(warned.stderr, /use the destination s3:\/\/site\/docs\/ with --as index\.html\./);
    const meant = await cli(['report.html', 's3://site/docs/index.html/'], where);
    assert.doesNotMatch(meant.stderr, /Warning/);
    assert.deepEqual(server.keys('site'), ['docs/index.html/report.html']);
  });
});

describe('a list of files', { concurrency: 4 }, () => {
  const rows: readonly (readonly [list: string, code: number, keys: readonly string[], said: RegExp])[] = [
    ['list.txt', 0, ['a.html', 'docs/b.html'], /Uploaded 2 files/],
    ['nul.txt', 0, ['c.css', 'docs/b.html'], /Uploaded 2 files/],
    ['gone.txt', 1, ['a.html'], /1 failed/],
    ['empty.txt', 3, [], /list of files names none/],
  ];
  for (const [list, code, keys, said] of rows)
    test(`${list} ends with ${code}`, async (t) => {
      const server = await serverFor(t);
      const ran = await cli(['dist', 's3://site', '--files-from', list], at(server, makeTree(t, FILES)));
      assert.deepEqual([ran.code, server.keys('site')], [code, keys], ran.stderr);
      assert.match(ran.stderr, said);
    });

  test('can be set in a config file, by the name of its file', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { ...FILES, 'c.yaml': 'filesFrom: nul.txt\n' });
    const ran = await cli(['dist', 's3://site', '--config', 'c.yaml'], at(server, cwd));
    assert.deepEqual([ran.code, server.keys('site')], [0, ['c.css', 'docs/b.html']], ran.stderr);
    const printed = await cli(['dist', 's3://site', '--config', 'c.yaml', '--print-config'], at(server, cwd));
    assert.match(printed.stdout, /^filesFrom: "nul\.txt" # c\.yaml:1$/m);
  });
});

describe('a wrong list or key: exit code 2, one message, no request', { concurrency: 4 }, () => {
  const refused = (ran: CliRun, expected: RegExp, server: S3Server): void => {
    assert.deepEqual([ran.code, ran.stdout], [2, ''], ran.stderr);
    assert.match(ran.stderr, expected);
    assertNoStack(ran);
    assert.equal(server.requests.length, 0);
  };
  const to = 's3://site';
  const rows: readonly (readonly [argv: readonly string[], expected: RegExp])[] = [
    [['dist', to, '--as', 'k'], /"dist" is a directory, and --as is the key of one file\.\n {2}Name the file/],
    [['site.tar', to, '--as', 'k'], /"site\.tar" is an archive.*\n {2}.*--include site\.tar/],
    [['report.html', 'dist', to, '--as', 'k'], /--as is the key of one file, but there are 2 sources/],
    [['report.html', to, '--as', '../k'], /--as is "\.\.\/k", which cannot be a key/],
    [['-', to, '--stdin-key', 'k/'], /--as is "k\/", which cannot be a key/],
    [['dist', to, '--files-from', 'absent.txt'], /--files-from: the file "absent\.txt" does not exist/],
    [['dist', to, '--files-from', 'folder.txt'], /lists "docs", which is a directory.*\n {2}.*--include docs\/\*\*/],
    [['dist', to, '--files-from', 'out.txt'], /--files-from lists "\.\.\/report\.html"/],
    [['report.html', to, '--files-from', 'list.txt'], /"report\.html" is no directory/],
    [['dist', 'report.html', to, '--files-from', 'list.txt'], /there are 2 sources/],
    [['dist', to, '--files-from', 'list.txt', '--as', 'k'], /--as is the key of one file/],
    [['-', to, '--as', 'k', '--files-from', 'list.txt'], /--files-from lists paths in a directory/],
    [['copy', 's3://a', to, '--files-from', 'list.txt'], /"copy" takes no --files-from/],
  ];
  for (const [argv, expected] of rows)
    test(argv.join(' '), async (t) => {
      const server = await serverFor(t);
      const cwd = makeTree(t, FILES);
      refused(await cli(argv, at(server, cwd)), expected, server);
    });

  test('an absolute path in the source is taken, and any other is not', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, FILES);
    const list = join(makeTree(t, { list: `${join(cwd, 'report.html')}\n`, fine: `${join(cwd, 'dist', 'c.css')}\n` }));
    refused(await cli(['dist', to, '--files-from', `${list}/list`], at(server, cwd)), /is not in the source/, server);
    const fine = await cli(['dist', to, '--files-from', `${list}/fine`], at(server, cwd));
    assert.deepEqual([fine.code, server.keys('site')], [0, ['c.css']], fine.stderr);
  });
});
