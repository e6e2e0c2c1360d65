import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isObvious,
  NO_RULE,
  type OriginRule,
  originsOfCopy,
  originsOfDelete,
  originsOfPut,
} from '../../../src/report/origin.js';

const DIST = originsOfPut(['dist'], 'docs/');
const COPY = originsOfCopy('a', 'x/', 'y/');

const rows: readonly (readonly [name: string, OriginRule, origin: string, key: string, obvious: boolean])[] = [
  ['a file below the directory', DIST, 'dist/about/index.html', 'docs/about/index.html', true],
  ['a file below it, without a prefix', originsOfPut(['dist'], ''), 'dist/a', 'a', true],
  ['a directory with a slash behind', originsOfPut(['dist/'], ''), 'dist/a', 'a', true],
  ['a directory with dots before', originsOfPut(['./dist'], ''), 'dist/a', 'a', true],
  ['the working directory', originsOfPut(['.'], 'docs/'), 'a/b', 'docs/a/b', true],
  ['a directory above', originsOfPut(['../dist'], ''), '../dist/a', 'a', true],
  ['a whole path', originsOfPut(['/srv/dist'], ''), '/srv/dist/a', 'a', true],
  ['a single file', originsOfPut(['dist/a.html'], 'docs/'), 'dist/a.html', 'docs/a.html', true],
  ['a single file here', originsOfPut(['a.html'], ''), 'a.html', 'a.html', true],
  ['a single file under another key', originsOfPut(['dist/a.html'], ''), 'dist/a.html', 'b.html', false],
  ['a single file whose name ends alike', originsOfPut(['dist/ba.html'], ''), 'dist/ba.html', 'a.html', false],
  ['a key of a function', DIST, 'dist/a', 'docs/A', false],
  ['a whole key of a function, outside of the prefix', DIST, 'dist/a', 'a', false],
  ['a key with the path as it is written (keyBase cwd)', DIST, 'dist/a', 'docs/dist/a', true],
  ['another directory', DIST, 'dist-2/a', 'docs/a', false],
  ['several sources', originsOfPut(['dist', 'assets'], ''), 'dist/a', 'a', false],
  ['a member of the only archive', originsOfPut(['site.tar'], 'docs/'), 'site.tar:a/b', 'docs/a/b', true],
  ['a member of the only archive under another key', originsOfPut(['site.tar'], ''), 'site.tar:a', 'b', false],
  ['a member of one of two archives', originsOfPut(['a.tar', 'b.tar'], ''), 'a.tar:a', 'a', false],
  ['a member of an archive below a directory', DIST, 'dist/x.tar:a', 'docs/a', false],
  ['an item with a path', originsOfPut([[]], ''), 'dist/a', 'dist/a', false],
  ['an item that is no file', originsOfPut([[]], ''), '(buffer)', 'a', true],
  ['a stream among files', originsOfPut(['dist', []], ''), '(stream)', 'a', true],
  ['an object below the source', COPY, 's3://a/x/b/c', 'y/b/c', true],
  ['an object of a whole bucket', originsOfCopy('a', '', ''), 's3://a/b/c', 'b/c', true],
  ['a version', COPY, 's3://a/x/b (version 3)', 'y/b', false],
  ['a key that the source does not have', DIST, '', 'docs/a', true],
  ['a key of a deletion', originsOfDelete('a'), 's3://a/x/b', 'x/b', true],
  ['another key of a deletion', originsOfDelete('a'), 's3://a/x/b', 'b', false],
  ['anything without a rule', NO_RULE, 'a', 'a', false],
];

for (const [name, rule, origin, key, obvious] of rows)
  test(`the origin of ${name} is ${obvious ? 'obvious' : 'named'}`, () =>
    assert.equal(isObvious({ origin, key }, rule), obvious));
