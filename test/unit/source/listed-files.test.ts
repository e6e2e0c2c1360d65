import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../src/errors.js';
import { compareKeys } from '../../../src/model/key-order.js';
import { readPolicy } from '../../../src/source/file.js';
import { createFilter } from '../../../src/source/filter.js';
import { listedPaths, walkListed } from '../../../src/source/listed-files.js';
import type { Found } from '../../../src/source/types.js';
import { walkTree } from '../../../src/source/walk/directory.js';
import type { Tree } from '../../../src/source/walk/tree.js';
import { runs } from '../../support/runs.js';
import { makeTree } from '../../support/tree.js';

const posix = process.platform !== 'win32';
const NEVER = new AbortController().signal;

const treeAt = (root: string, options: Partial<Tree> & { readonly exclude?: readonly string[] } = {}): Tree => ({
  path: root,
  keyPrefix: 'p/',
  fileKeyPrefix: 'p/',
  filter: createFilter({ hidden: true, exclude: options.exclude }),
  symlinks: 'inside',
  reads: readPolicy(true),
  ...options,
});

/** `key: what became of it`, without the prefix. */
async function walked(found: AsyncIterable<Found>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const unit of found) {
    const what = unit.kind === 'entry' ? `${unit.size}` : unit.kind === 'unusable' ? unit.action : unit.kind;
    all.push(`${unit.key.slice(2)}: ${what}`);
  }
  return all;
}

const listed = (tree: Tree, written: readonly string[]) =>
  walked(walkListed(tree, listedPaths(tree.path, written), NEVER));

test('paths become relative, in key order, and each once', (t) => {
  const root = makeTree(t, { 'back\\slash': '', a: '' });
  const rows: readonly (readonly [written: readonly string[], paths: readonly string[]])[] = [
    [
      ['b', 'a/c', 'a.b', 'a-b', 'a/b'],
      ['a-b', 'a.b', 'a/b', 'a/c', 'b'],
    ],
    [
      ['./a', 'a', 'a//b', 'a/./b', './/c/'],
      ['a', 'a/b', 'c'],
    ],
    [
      ['x\\y', '.\\x\\z'],
      ['x/y', 'x/z'],
    ],
    [
      [`${root}/a`, `${root}//x/y`],
      ['a', 'x/y'],
    ],
    [
      ['\u{1f600}', '\uffee', '#a', ' b '],
      [' b ', '#a', '\uffee', '\u{1f600}'],
    ],
    [[], []],
  ];
  for (const [written, paths] of rows) assert.deepEqual(listedPaths(root, written), paths, written.join());
  if (!posix) return;
  assert.deepEqual(listedPaths(root, ['back\\slash', '"caf\\303"']), ['"caf\\303"', 'back\\slash']);
  symlinkSync(root, `${root}/link`);
  const byLink = listedPaths(`${root}/link`, [`${root}/a`, `${root}/link/b`]);
  assert.deepEqual(byLink, ['a', 'b']);
});

test('a path out of the source, and the source itself, are refused', (t) => {
  const root = makeTree(t, { 'src/a': '', 'src-2/b': '' });
  const rows: readonly (readonly [written: string, expected: RegExp])[] = [
    ['..', /segment "\.\."/],
    ['a/../b', /segment "\.\."/],
    ['..\\b', /segment "\.\."/],
    [`${root}/src/../b`, /segment "\.\."/],
    [`${root}/src-2/b`, /which is not in the source/],
    ['/etc/passwd', /which is not in the source/],
    [root, /which is not in the source/],
    ['.', /which is a directory/],
    ['./', /which is a directory/],
    ['', /which is a directory/],
    [`${root}/src`, /which is a directory/],
  ];
  for (const [written, expected] of rows)
    assert.throws(
      () => listedPaths(`${root}/src`, ['a', written]),
      (error) => error instanceof UsageError && expected.test(error.message) && error.message.includes(written),
      written,
    );
});

test('only what is listed is walked, as the walk of the directory has it', async (t) => {
  const root = makeTree(t, { a: 'a', 'b/c': 'bc', 'b/d': '', 'b-1': 'xyz', '.git/x': '', 'e/f/g/h': 'h' });
  assert.deepEqual(await listed(treeAt(root), ['e/f/g/h', 'b/c', 'a', 'b-1', '.git/x']), [
    'a: 1',
    'b-1: 3',
    'b/c: 2',
    'e/f/g/h: 1',
  ]);
  const filtered = treeAt(root, { exclude: ['b', '.git', 'gone', 'e/f/g'] });
  // What filters leave out is not looked at, so that it may be a directory or missing.
  assert.deepEqual(await listed(filtered, ['b', 'b/c', 'gone', 'gone/x', '.git', 'a', 'e/f/g/h']), ['a: 1']);
});

test('what is missing fails by name, and its error says why', async (t) => {
  const root = makeTree(t, { a: 'a', 'b/c': '' });
  const tree = treeAt(root);
  const paths = ['a', 'a/x', 'b/gone', 'gone/1', 'gone/2', `${path.basename(root)}/a`, '"q\\303"'];
  const errors = new Map<string, { readonly code?: string; readonly hint?: string }>();
  for await (const unit of walkListed(tree, listedPaths(root, paths), NEVER))
    if (unit.kind === 'unusable')
      errors.set(unit.key.slice(2), {
        ...unit.error,
        hint: String(unit.error && 'hint' in unit.error ? unit.error.hint : ''),
      });
  const codes = Object.fromEntries([...errors].map(([key, { code }]) => [key, code]));
  assert.deepEqual(codes, {
    ...(posix && { '"q\\303"': 'ENOENT' }),
    'a/x': 'ENOTDIR',
    'b/gone': 'ENOENT',
    'gone/1': 'ENOENT',
    'gone/2': 'ENOENT',
    [`${path.basename(root)}/a`]: 'ENOENT',
  });
  assert.match(errors.get(`${path.basename(root)}/a`)?.hint ?? '', /relative to the source: write "a"/);
  assert.match(errors.get('b/gone')?.hint ?? '', /relative to the source\. Leave out what was deleted/);
  assert.match(errors.get('"q\\303"')?.hint ?? '', /git diff -z/);
});

test('a directory is an error that names include', async (t) => {
  const root = makeTree(t, { a: 'a', 'b/c/d': '' });
  for (const name of ['b', 'b/c'])
    await assert.rejects(listed(treeAt(root), ['a', name, 'b/c/d']), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, new RegExp(`lists "${name}", which is a directory`));
      assert.match(error.hint ?? '', new RegExp(`include: '${name}/\\*\\*'`));
      return true;
    });
  await assert.rejects(async () => listed(treeAt(`${root}/a`), ['x']), /no directory/);
});

if (posix)
  test('links obey the rule, wherever they are in a path', async (t) => {
    const root = makeTree(t, { 'src/real/a': 'A', 'src/b': 'B', 'outside/c': 'CC' });
    const links = {
      in: 'real',
      out: '../outside',
      broken: 'gone',
      'to-b': 'b',
      'to-c': '../outside/c',
      'real/up': '..',
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, `${root}/src/${name}`);
    const paths = ['in/a', 'out/c', 'out/x/y', 'broken', 'broken/x', 'to-b', 'to-c', 'real/a', 'real/up/b'];
    const at = `${root}/src`;
    assert.deepEqual(await listed(treeAt(at), paths), [
      'broken: fail',
      'broken/x: fail',
      'in/a: 1',
      'out/c: fail',
      'out/x/y: fail',
      'real/a: 1',
      'real/up/: skip',
      'to-b: 1',
      'to-c: fail',
    ]);
    assert.deepEqual(await listed(treeAt(at, { symlinks: 'follow' }), ['out/c', 'to-c', 'in/a']), [
      'in/a: 1',
      'out/c: 2',
      'to-c: 2',
    ]);
    assert.deepEqual(await listed(treeAt(at, { symlinks: 'skip' }), paths), [
      'broken: skip',
      'broken/x: skip',
      'in/a: skip',
      'out/c: skip',
      'out/x/y: skip',
      'real/a: 1',
      'real/up/b: skip',
      'to-b: skip',
      'to-c: skip',
    ]);
    await assert.rejects(listed(treeAt(at), ['in']), /which is a directory/);
  });

test('property: a list of some files gives just what the walk of the directory gives for them', async (t) => {
  const root = makeTree(t, {});
  let trees = 0;
  const segment = fc.constantFrom('a', 'b', 'a-b', 'a.b', 'a0', 'é', '\u{1f600}', '\uffee');
  const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { maxLength: 25 }), fc.infiniteStream(fc.boolean()), async (names, coins) => {
      const at = `${root}/${trees++}`;
      mkdirSync(at);
      const made = names.filter((one) => {
        try {
          mkdirSync(path.dirname(`${at}/${one}`), { recursive: true });
          writeFileSync(`${at}/${one}`, one);
          return true;
        } catch {
          // A file is where the folder should be, or the other way round.
          return false;
        }
      });
      const wanted = new Set(made.filter(() => coins.next().value));
      const all = await walked(walkTree(treeAt(at), NEVER));
      const of = (line: string) => line.slice(0, line.lastIndexOf(':'));
      assert.deepEqual(all.map(of), [...made].sort(compareKeys));
      assert.deepEqual(
        await listed(treeAt(at), [...wanted].reverse()),
        all.filter((line) => wanted.has(of(line))),
      );
    }),
    runs(60),
  );
});
