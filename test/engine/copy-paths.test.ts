import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/index.js';
import { copyServer, KIB, runInOrder, seed } from '../support/copies.js';
import { noise } from '../support/parts.js';

const ONE = 'folder-001/test-001';
const TWO = 'folder-001/test-002';

for (const [source, destination, one, two] of [
  ['s3://from', 's3://site', ONE, TWO],
  ['s3://from', 's3://site/foo', `foo/${ONE}`, `foo/${TWO}`],
  ['s3://from/folder-001', 's3://site', ONE, TWO],
  ['s3://from/folder-001/*', 's3://site', 'test-001', 'test-002'],
  ['s3://from/', 's3://site/', ONE, TWO],
  ['s3://from/folder-001/', 's3://site/foo/', `foo/${ONE}`, `foo/${TWO}`],
  ['s3://from/*', 's3://site/foo/bar', `foo/bar/${ONE}`, `foo/bar/${TWO}`],
  ['s3://from/folder-0*', 's3://site', ONE, TWO],
] as const)
  for (const partSizes of [undefined, [2 * KIB, KIB]])
    test(`${source} to ${destination}, ${partSizes ? 'in parts' : 'in one piece'}, gives ${one}`, async (t) => {
      const server = await copyServer(t);
      for (const key of [ONE, TWO]) seed(server, key, noise(3 * KIB), partSizes ? { partSizes } : {});
      const ran = await runInOrder(server, { source, destination });
      assert.equal(ran.error, undefined);
      assert.deepEqual(server.keys('site'), [one, two]);
      assert.equal(server.object('site', one)?.etag, server.object('from', ONE)?.etag);
      assert.deepEqual(ran.outcomes.map(({ origin }) => origin).sort(), [`s3://from/${ONE}`, `s3://from/${TWO}`]);
      assert.deepEqual((await runInOrder(server, { source, destination })).keys('skip'), [one, two]);
    });

test('a folder takes neither what only begins like it, nor the object of its name', async (t) => {
  const server = await copyServer(t);
  for (const key of ['a', 'a/b/c', 'a/b/d/e', 'a/b', 'a/bc', 'ab']) seed(server, key, key);
  assert.equal((await runInOrder(server, { source: 's3://from/a/b' })).error, undefined);
  assert.deepEqual(server.keys('site'), ['b/c', 'b/d/e']);
});

test('an object alone is copied by its last component, where nothing is below its name', async (t) => {
  const server = await copyServer(t);
  for (const key of ['a/b/only', 'a/b/only-not']) seed(server, key, key);
  const ran = await runInOrder(server, { source: 's3://from/a/b/only', destination: 's3://site/x' });
  assert.equal(ran.error, undefined);
  assert.deepEqual(server.keys('site'), ['x/only']);
  assert.equal(ran.report.heads['named by key'], 1);
});

test('markers of folders are objects like others, but for that of the folder whose contents are copied', async (t) => {
  const server = await copyServer(t);
  for (const key of ['f/', 'f/a', 'f/g/', 'f/g/b']) seed(server, key, key.endsWith('/') ? '' : key);
  assert.equal((await runInOrder(server, { source: 's3://from/f', destination: 's3://site/one' })).error, undefined);
  assert.equal((await runInOrder(server, { source: 's3://from/f/*', destination: 's3://site/two' })).error, undefined);
  const expected = ['one/f/', 'one/f/a', 'one/f/g/', 'one/f/g/b', 'two/a', 'two/g/', 'two/g/b'];
  assert.deepEqual(server.keys('site'), expected);
});

for (const source of ['s3://from', 's3://from/none', 's3://from/none/*'])
  test(`where nothing is found in ${source}, the run is refused, warns or continues, as the option says`, async (t) => {
    const server = await copyServer(t);
    if (source !== 's3://from') seed(server, 'other', 'x');
    const refused = await runInOrder(server, { source });
    assert.equal(refused.error?.name, 'RefusedError');
    assert.ok(refused.error?.message.includes(`no object was found for ${source}`));
    const warned = await runInOrder(server, { source, ifNoFilesFound: 'warn' });
    assert.deepEqual([warned.error, warned.report.warnings.length], [undefined, 1]);
    const ignored = await runInOrder(server, { source, ifNoFilesFound: 'ignore' });
    assert.deepEqual([ignored.error, ignored.report.warnings.length], [undefined, 0]);
    assert.equal(server.count('CopyObject'), 0);
  });

test('within one bucket, a folder is copied beside itself, and never into or onto itself', async (t) => {
  const server = await copyServer(t);
  for (const key of ['a/x', 'a/y']) server.seed('site', key, key);
  const ran = await runInOrder(server, { source: 's3://site/a/*', destination: 's3://site/ab' });
  assert.equal(ran.error, undefined);
  assert.deepEqual(server.keys('site'), ['a/x', 'a/y', 'ab/x', 'ab/y']);
  for (const [source, destination] of [
    ['s3://site/a', 's3://site'],
    ['s3://site/a', 's3://site/a'],
    ['s3://site', 's3://site/b'],
    ['s3://site/a/*', 's3://site/a/b'],
  ] as const)
    await assert.rejects(async () => void (await runInOrder(server, { source, destination })), UsageError, source);
  await assert.doesNotReject(async () => runInOrder(server, { source: 's3://from', destination: 's3://site/b' }));
});

test('an object that would be copied into the source fails by name, but not one that is excluded', async (t) => {
  const server = await copyServer(t);
  for (const key of ['a/b/c', 'a/b/b/d']) server.seed('site', key, key);
  const options = { source: 's3://site/a/b/*', destination: 's3://site/a' } as const;
  const ran = await runInOrder(server, options);
  assert.deepEqual([ran.keys('fail'), ran.keys('copy')], [['a/b/d'], ['a/c']]);
  assert.equal(ran.report.failures[0]?.code, 'InSource');
  const without = await runInOrder(server, { ...options, exclude: 'b/' });
  assert.deepEqual([without.error, without.keys('fail')], [undefined, []]);
});

test('a key that becomes too long fails by name, but not where it is excluded', async (t) => {
  const server = await copyServer(t);
  const long = 'ä'.repeat(510);
  for (const key of [long, 'short']) seed(server, key, key);
  const destination = 's3://site/folder';
  const ran = await runInOrder(server, { destination });
  assert.deepEqual([ran.keys('fail'), ran.keys('copy')], [[`folder/${long}`], ['folder/short']]);
  assert.equal(ran.report.failures[0]?.code, 'KeyTooLong');
  assert.equal((await runInOrder(server, { destination, exclude: 'ä*' })).error, undefined);
});
