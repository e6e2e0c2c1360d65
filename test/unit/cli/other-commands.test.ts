import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readArgv } from '../../../src/cli/argv.js';
import { parseCommandLine } from '../../../src/cli/parse.js';
import { UsageError } from '../../../src/errors.js';

// A pasted line has to give the keys that the other tool gives.
const rows: readonly (readonly [given: string, answered: string])[] = [
  ['cp a.txt s3://b', 'a.txt s3://b'],
  ['cp a.txt s3://b/x/', 'a.txt s3://b/x/'],
  ['cp a.txt s3://b/x/a.txt', 'a.txt s3://b/x/'],
  ['cp a.txt s3://b/a.txt', 'a.txt s3://b/'],
  ['cp a.txt s3://b/x/c.txt', 'a.txt s3://b --as x/c.txt'],
  ['cp absent.txt s3://b/c.txt', 'absent.txt s3://b --as c.txt'],
  ['cp site.tar.gz s3://b/x/', '- s3://b --as x/site.tar.gz < site.tar.gz'],
  ['cp site.tar.gz s3://b/y.tgz', '- s3://b --as y.tgz < site.tar.gz'],
  ['cp - s3://b/x/c.txt', '- s3://b --as x/c.txt'],
  ['cp - s3://b/x/', '- s3://b --as x/KEY'],
  ['cp dist s3://b/x', 'dist s3://b/x'],
  ['cp dist.v2 s3://b/x', 'dist.v2 s3://b/x'],
  ['sync dist/ s3://b/x/', 'dist/ s3://b/x/'],
  ['cp *.gz s3://b/', ". s3://b/ --include '*.gz'"],
  ['cp dist/* s3://b/', 'dist s3://b/'],
  ['aws s3 sync dist s3://b', 'dist s3://b'],
  ['s3cmd sync dist s3://b', 'dist s3://b'],
  ['sync dist', 'dist s3://bucket/prefix'],
  ['sync dist my-site', 'dist s3://my-site'],
  ['sync dist --bucket b', '--bucket b dist'],
  ['rclone sync dist remote:b/x', 'dist s3://b/x'],
  ['copyto dist/i.html remote:b/i.html', 'dist/i.html s3://b/'],
  ['sync dist https://site.s3.amazonaws.com/x', 'dist s3://site/x'],
  ['sync dist gs://site', '--endpoint-url https://storage.googleapis.com dist s3://site'],
  ['sync a:/x/y C:\\dist s3://b', "a:/x/y 'C:\\dist' s3://b"],
  ['--gzip=all sync dist s3://b', '--gzip=all dist s3://b'],
  ['--quiet=failures sync dist s3://b', '--quiet=failures dist s3://b'],
  ['--cache-control=-x sync dist s3://b', '--cache-control=-x dist s3://b'],
  ['sync s3://a s3://b', 'copy s3://a s3://b'],
  ['sync s3://a/x s3://b/y', "copy 's3://a/x/*' s3://b/y"],
  ['sync s3://a/x/ s3://b/y/', "copy 's3://a/x/*' s3://b/y/"],
  ['cp s3://a/x/* s3://b', "copy 's3://a/x/*' s3://b"],
  ['cp s3://a/x/i.html s3://b/y/', 'copy s3://a/x/i.html s3://b/y/'],
  ['cp s3://a/x/i.html s3://b/y/i.html', 'copy s3://a/x/i.html s3://b/y/'],
];

describe('a line of another tool is answered with one that gives the same keys', () => {
  const home = process.cwd();
  const folder = mkdtempSync(path.join(tmpdir(), 'other-commands-'));
  before(() => {
    for (const name of ['dist', 'dist.v2']) mkdirSync(path.join(folder, name));
    for (const name of ['a.txt', 'site.tar.gz', 'dist/i.html']) writeFileSync(path.join(folder, name), '');
    process.chdir(folder);
  });
  after(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  for (const [given, answered] of rows)
    test(given, () => {
      const hint = hintFor(given.split(' '));
      assert.equal(hint, `Write: s3-parallel-put ${answered}`);
      // What is before the redirection is a command line of this tool.
      const words = answered.split(' < ')[0]?.match(/'[^']*'|\S+/g) ?? [];
      readArgv(words.map((word) => word.replaceAll("'", '')));
    });

  test('an object that gets another name is not copied here', () => {
    assert.match(hintFor('cp s3://a/x.html s3://a/y.html'.split(' ')), /^A copy keeps the names of objects/);
  });

  test('a move says that the source stays', () => {
    assert.match(hintFor('mv dist s3://b'.split(' ')), /^Nothing is deleted here, so the source stays\. Write: /);
  });
});

function hintFor(argv: readonly string[]): string {
  try {
    parseCommandLine(argv);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return String(error.hint);
  }
  assert.fail(`${argv.join(' ')} was taken`);
}
