import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildInto, replaceFiles } from '../../../scripts/replace-files.js';
import { addFiles, makeTree } from '../../support/tree.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');

const OLD = {
  'index.js': "import './chunks/kept.js';\nimport './chunks/old.js';\n",
  'cli/main.js': "import '../chunks/old.js';\n",
  'gone.d.ts': '',
  'chunks/kept.js': '1',
  'chunks/old.js': "import './kept.js';\n",
};
const NEW = {
  'index.js': "import './chunks/kept.js';\nimport './chunks/new.js';\n",
  'cli/main.js': "import '../chunks/new.js';\nimport './more.js';\n",
  'cli/more.js': "import '../chunks/new.js';\n",
  'chunks/kept.js': '1',
  'chunks/new.js': "import './kept.js';\nimport './newer.js';\n",
  'chunks/newer.js': '2',
};

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();

const textsIn = (folder: string): Record<string, string> =>
  Object.fromEntries(filesIn(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));

/** What modules from an entry on import and what is not there. */
function missingFrom(file: string): string[] {
  if (!existsSync(file)) return [file];
  const imports = [...readFileSync(file, 'utf8').matchAll(/^import '(.+)';$/gm)];
  return imports.flatMap(([, name = '']) => missingFrom(path.join(path.dirname(file), name)));
}

test('while a build is replaced, every file of both builds is there after each step, and so is all that an entry imports', (t) => {
  const folder = makeTree(t, OLD);
  const steps: string[] = [];
  replaceFiles(makeTree(t, NEW), folder, (name) => {
    steps.push(name);
    for (const file of Object.keys(OLD))
      if (file in NEW) assert.ok(existsSync(path.join(folder, file)), `${name}: ${file}`);
    for (const entry of ['index.js', 'cli/main.js']) assert.deepEqual(missingFrom(path.join(folder, entry)), [], name);
  });
  assert.deepEqual(textsIn(folder), NEW);
  assert.deepEqual(steps.map((name) => name.replaceAll('\\', '/')).sort(), [
    'chunks/new.js',
    'chunks/newer.js',
    'chunks/old.js',
    'cli/main.js',
    'cli/more.js',
    'gone.d.ts',
    'index.js',
  ]);
});

test('a build that gives the same touches no file', (t) => {
  const folder = makeTree(t, OLD);
  const stats = () => filesIn(folder).map((name) => statSync(path.join(folder, name), { bigint: true }));
  const before = stats().map(({ ino, ctimeNs }) => [ino, ctimeNs]);
  replaceFiles(makeTree(t, OLD), folder, (name) => assert.fail(name));
  assert.deepEqual(
    stats().map(({ ino, ctimeNs }) => [ino, ctimeNs]),
    before,
  );
});

test('a build that fails leaves what was there, and nothing beside it', async (t) => {
  const parent = makeTree(t, Object.fromEntries(Object.entries(OLD).map(([name, text]) => [`lib/${name}`, text])));
  const failing = buildInto(path.join(parent, 'lib'), async (temporary) => {
    addFiles(temporary, { 'index.js': 'half' });
    throw new Error('the types are wrong');
  });
  await assert.rejects(failing, /the types are wrong/);
  assert.deepEqual(readdirSync(parent), ['lib']);
  assert.deepEqual(textsIn(path.join(parent, 'lib')), OLD);
});

test('both builds replace their files so, and remove nothing by themselves', () => {
  for (const script of ['build-lib.ts', 'build-plugin.ts']) {
    const text = readFileSync(path.join(ROOT, 'scripts', script), 'utf8');
    assert.match(text, /await buildInto\(OUT, /, script);
    assert.doesNotMatch(text, /\b(rm|rmSync|rename|renameSync|unlink|unlinkSync)\b/, script);
  }
});
