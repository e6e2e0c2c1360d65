import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { ROOT, run } from '../gulp/npm-packages.js';
import { node } from '../gulp/project.js';
import { connection, serverFor } from '../support/engine.js';

// A user's own AWS SDK is shared where it is within the range of versions that this package takes. All other tests run with the newest that is
// locked; this runs the engine with the lowest, and with what npm had installed beside that on the day after it was published:
// `npm install --before=2026-08-01` has made the lockfile.

const LOWEST = join(import.meta.dirname, 'lowest-sdk');
let project = '';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifestIn = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

before(async () => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 's3pp-lowest-sdk-')));
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(LOWEST, file), join(project, file));
  const args = ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  const { code, output } = await run('npm', args, project);
  assert.equal(code, 0, output);
  await build({
    entryPoints: ['copy', 'put'].map((name) => join(ROOT, 'src', `${name}.ts`)),
    outdir: project,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is loaded only when it is used may need packages that are not here.
    splitting: true,
    external: ['@aws-sdk/*'],
    // For libraries that are CommonJS.
    banner: { js: "import { createRequire as from } from 'node:module';\nvar require = from(import.meta.url);" },
    platform: 'node',
    format: 'esm',
  });
  writeFileSync(join(project, 'program.mjs'), PROGRAM);
});

after(() => {
  if (project !== '') rmSync(project, { recursive: true, force: true, maxRetries: 3 });
});

const PROGRAM = `import { createRequire } from 'node:module';
import { startCopy } from './copy.mjs';
import { startPut } from './put.mjs';
const { connection, lane, versions } = JSON.parse(process.argv[2]);
const require = createRequire(import.meta.url);
for (const [name, version] of Object.entries(versions)) {
  const found = require(name + '/package.json').version;
  if (found !== version) throw new Error(name + ' is ' + found);
}
const source = [
  { key: 'small.txt', body: 'small' },
  { key: 'large.bin', body: Buffer.alloc(11 * 2 ** 20, 'large') },
];
const parts = { partSize: 5 * 2 ** 20, multipartThreshold: 5 * 2 ** 20 };
const put = { bucket: 's3://site/' + lane, source, ...parts, ...connection };
const copy = { source: 's3://site/' + lane, destination: 's3://site/copies', ...connection };
for (const [start, options] of [[startPut, put], [startPut, put], [startCopy, copy]]) {
  const { counts } = await start(options, { lane });
  console.log(counts.put, counts.copy, counts.skip, counts.fail);
}
`;

test('the range of versions of the AWS SDK begins with those that are tested here', () => {
  const { dependencies } = manifestIn(ROOT);
  for (const [name, version] of Object.entries(manifestIn(LOWEST).dependencies))
    assert.equal(dependencies[name], `^${version}`);
});

for (const lane of ['wire', 'sdk']) {
  test(`with the lowest version of the AWS SDK, the ${lane} lane puts, compares, copies and prints no warning`, async (t) => {
    const server = await serverFor(t);
    const given = { connection: connection(server), lane, versions: manifestIn(LOWEST).dependencies };
    const { code, output } = await node(project, ['program.mjs', JSON.stringify(given)]);
    assert.deepEqual({ code, output }, { code: 0, output: '2 0 0 0\n0 0 2 0\n0 2 0 0\n' });
    const put = [`${lane}/large.bin`, `${lane}/small.txt`];
    assert.deepEqual(server.keys('site').sort(), [...put.map((key) => `copies/${key}`), ...put]);
    assert.equal(server.object('site', `copies/${lane}/large.bin`)?.body.length, 11 * 2 ** 20);
  });
}
