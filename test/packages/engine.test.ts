import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { serverFor } from '../support/engine.js';
import { addFiles } from '../support/tree.js';

// What npm would publish, packed, checked, installed in an empty project and used there. `npm test` has built dist/lib.

const ROOT = path.resolve(import.meta.dirname, '../..');
const WINDOWS = process.platform === 'win32';
const NAME = 's3-parallel-put';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
  readonly [field: string]: unknown;
}

const packageJson: {
  readonly version: string;
  readonly bin: unknown;
  readonly engines: unknown;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: unknown;
  readonly scripts: Readonly<Record<string, string>>;
} = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

let temporary = '';
let project = '';
let tarball = '';
let packed: readonly { readonly path: string }[] = [];

/** Runs a program, which must not hang; its exit code is an answer, not an error. */
const run = (
  program: string,
  args: readonly string[],
  cwd: string,
  shell = false,
  more: Readonly<Record<string, string>> = {},
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const env: NodeJS.ProcessEnv = { ...process.env, AWS_EC2_METADATA_DISABLED: 'true', NO_COLOR: '1', ...more };
    // The runner of the tests must not reach into the programs that they start.
    delete env.NODE_OPTIONS;
    delete env.NODE_TEST_CONTEXT;
    // Nor may packages of this machine.
    delete env.NODE_PATH;
    execFile(program, [...args], { cwd, env, shell, timeout: 600_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else
        reject(new Error(`${program} ${args.join(' ')} did not end by itself\n${stdout}\n${stderr}`, { cause: error }));
    });
  });

const npm = (args: readonly string[], cwd: string): Promise<Ran> =>
  run(WINDOWS ? 'npm.cmd' : 'npm', args, cwd, WINDOWS);

const node = (args: readonly string[], cwd: string = project): Promise<Ran> => run(process.execPath, args, cwd);

const installedCommand = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> => {
  const command = path.join('node_modules', '.bin', NAME);
  return run(WINDOWS ? `${command}.cmd` : path.join(project, command), args, project, WINDOWS, more);
};

const written = (name: string, text: string): string => {
  const file = path.join(project, name);
  writeFileSync(file, text);
  return file;
};

/**
 * A lockfile of the empty project with the versions that this repository has locked. What `npm ci` has fetched is then in npm's
 * cache, so that the installation rarely needs the registry. The package itself comes from the tarball alone.
 */
function lockfile(dependency: string): string {
  const locked: Readonly<Record<string, LockedPackage>> = JSON.parse(
    readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'),
  ).packages;
  const needed = Object.entries(locked).filter(
    ([place, entry]) => place.startsWith('node_modules/') && !entry.dev && !entry.devOptional && !entry.link,
  );
  const { version, bin, engines, dependencies, peerDependencies, peerDependenciesMeta } = packageJson;
  const own = { version, resolved: dependency, bin, engines, dependencies, peerDependencies, peerDependenciesMeta };
  return JSON.stringify({
    name: 'consumer',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'consumer', dependencies: { [NAME]: dependency } },
      [`node_modules/${NAME}`]: own,
      ...Object.fromEntries(needed),
    },
  });
}

before(async () => {
  assert.ok(existsSync(path.join(ROOT, 'dist/lib/index.js')), 'dist/lib is missing: run `npm run build` first');
  temporary = mkdtempSync(path.join(tmpdir(), 's3pp-package-'));
  project = path.join(temporary, 'consumer');
  mkdirSync(project);
  const pack = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', temporary], ROOT);
  assert.equal(pack.code, 0, pack.stderr);
  const [result] = JSON.parse(pack.stdout);
  packed = result.files;
  tarball = path.join(temporary, result.filename);

  // In the project itself, so that no path with a space or a drive letter gets into package.json.
  copyFileSync(tarball, path.join(project, 'package.tgz'));
  const dependency = 'file:package.tgz';
  written('package.json', JSON.stringify({ name: 'consumer', private: true, dependencies: { [NAME]: dependency } }));
  written('package-lock.json', lockfile(dependency));
  const install = await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], project);
  assert.equal(install.code, 0, install.stdout + install.stderr);
});

after(() => {
  if (temporary !== '') rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
});

test('the package holds the built library and the papers, and nothing else', () => {
  const paths = packed.map((file) => file.path);
  const others = paths.filter((file) => !/^dist\/lib\/.+\.js$/.test(file));
  const papers = ['CHANGELOG.md', 'LICENSE', 'README.md', 'config.schema.json', 'package.json'];
  assert.deepEqual(others.sort(), [...papers, 'dist/lib/index.d.ts', 'dist/lib/man/s3-parallel-put.1'].sort());
  assert.ok(paths.includes('dist/lib/index.js'));
  assert.ok(paths.includes('dist/lib/cli/main.js'));
  assert.equal(packageJson.scripts.prepack, 'tsx scripts/build-lib.ts');
});

/** Each is one more that an audit, an update or an attacker can be about. */
const MOST_PACKAGES = 40;

test(`an installation is no more than ${MOST_PACKAGES} packages, this one among them`, () => {
  const { packages } = JSON.parse(readFileSync(path.join(project, 'node_modules/.package-lock.json'), 'utf8'));
  const installed = Object.keys(packages);
  assert.ok(installed.includes(`node_modules/${NAME}`));
  assert.ok(installed.length <= MOST_PACKAGES, `${installed.length} packages: ${installed.join(' ')}`);
});

test('publint has nothing to say', async () => {
  const installed = path.join(project, 'node_modules', NAME);
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code),
    [],
  );
});

test('attw finds the types right for ESM', async () => {
  const attw = path.join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const { code, stdout, stderr } = await node(
    [attw, tarball, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii', '--no-emoji'],
    temporary,
  );
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^"s3-parallel-put"\n\nnode16 \(from ESM\): OK \(ESM\)\nbundler: OK/m);
});

test('the schema of the config file is found by its path for editors, and by its name for programs', async () => {
  const file = path.join(project, 'node_modules', NAME, 'config.schema.json');
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).title, 'Config file of s3-parallel-put');
  const program = written('schema.cjs', `process.stdout.write(require.resolve('${NAME}/config.schema.json'));\n`);
  assert.deepEqual(await node([program]), { code: 0, stdout: realpathSync(file), stderr: '' });
});

test('the types are one file, which needs no other package and shows nothing internal', () => {
  const types = readFileSync(path.join(project, 'node_modules', NAME, 'dist/lib/index.d.ts'), 'utf8');
  const imports = [...types.matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)].map(
    ([, from, imported]) => from ?? imported,
  );
  assert.deepEqual(imports, ['node:stream']);
  assert.doesNotMatch(types, /@internal/);
  assert.match(types, /\/\*\* .* \*\/\n *readonly bucket: string;/, 'they keep what explains them');
});

test('the installed package is imported by ESM and by require, and prints nothing', async () => {
  const names = `JSON.stringify(Object.keys(library).sort())`;
  const out = path.join(project, 'names');
  const esm = written(
    'esm.mjs',
    `import * as library from '${NAME}';\nimport fs from 'node:fs';\nfs.writeFileSync(${JSON.stringify(`${out}.esm`)}, ${names});\n`,
  );
  const cjs = written(
    'cjs.cjs',
    `const library = { ...require('${NAME}') };\nrequire('node:fs').writeFileSync(${JSON.stringify(`${out}.cjs`)}, ${names});\n`,
  );
  assert.deepEqual(await node([esm]), { code: 0, stdout: '', stderr: '' });
  // Node 20 itself warns of require(esm), on stderr; the library must not.
  const required = await node(['--disable-warning=ExperimentalWarning', cjs]);
  assert.deepEqual(required, { code: 0, stdout: '', stderr: '' });
  const exported: string[] = JSON.parse(readFileSync(`${out}.esm`, 'utf8'));
  assert.ok(exported.includes('put'), exported.join());
  assert.ok(!exported.includes('default'));
  const byRequire: string[] = JSON.parse(readFileSync(`${out}.cjs`, 'utf8'));
  assert.deepEqual(
    byRequire.filter((name) => name !== '__esModule' && name !== 'module.exports'),
    exported,
  );
});

test('require gives the working put: a usage error is thrown at once', async () => {
  const program = written(
    'usage.cjs',
    `const { put, UsageError } = require('${NAME}');
try { put({ source: 'nowhere', bucket: '' }); console.log('no error'); }
catch (error) { console.log(error instanceof UsageError, error.name); }\n`,
  );
  const { code, stdout } = await node([program]);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: 'true UsageError\n' });
});

const SAMPLE = `import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { AbortError, copy, type Event, type HeaderValues, type Job, type Outcome, PartialFailureError, put, type PutItem, type PutOptions, type Report, type RunEvent, uploads } from '${NAME}';

const options: PutOptions = {
  source: ['dist', [{ key: 'a.txt', body: 'text' }, { key: 'b', body: Readable.from(['x']), size: 1 }]],
  bucket: 's3://bucket/prefix',
  mode: 'add',
  exclude: ['**/*.map', '!keep.map'],
  headers: (item) => (item.relativePath.endsWith('.html') ? { 'cache-control': 'no-cache' } : undefined),
  acl: 'public-read',
  signal: AbortSignal.timeout(1000),
  onEvent: (event: RunEvent) => {
    const former: Event = event;
    if (former.type === 'retry') return former.attempt + former.delayMs;
    return event.type === 'start' && [...event.from, event.to, event.region ?? event.endpoint ?? '', event.dryRun].join();
  },
};
const job: Job = put(options);
for await (const outcome of job) {
  const line: string = outcome.action === 'fail' ? String(outcome.error?.message) : outcome.key;
  const settled: Outcome = outcome;
  const sent: string | undefined = outcome.contentType ?? outcome.cacheControl ?? outcome.contentEncoding;
  readFileSync(line + settled.origin + sent + outcome.startedAt?.toISOString());
  (outcome.replacedBytes ?? 0) satisfies number;
}
try {
  const report: Report = await job;
  const total: number = report.counts.put + report.counts.skip;
  job.abort(total);
} catch (error) {
  if (error instanceof PartialFailureError) error.failures.map((failure) => failure.key.length);
  else if (error instanceof AbortError) error.report.complete satisfies boolean;
  else throw error;
}
{
  await using copied = copy({ source: 's3://a', destination: 's3://b' });
  (await copied).startedAt satisfies Date | undefined;
  const disposable: AsyncDisposable = copied;
  const ended: PromiseLike<void> = disposable[Symbol.asyncDispose]();
  await ended;
}
{
  // What may be absent may be undefined: programs pass on what they do not have.
  const absent = undefined as string | undefined;
  const item: PutItem = { key: 'a', body: 'a', absoluteKey: undefined, size: undefined, headers: { 'Cache-Control': absent, Expires: undefined }, contentType: absent, cacheControl: absent, gzip: undefined, typeName: absent, origin: absent, onSettled: undefined };
  const headers: HeaderValues = { 'Cache-Control': absent };
  const credentials = () => ({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: absent, expiration: undefined });
  put({ source: [[item]], bucket: 'b', headers, rules: [{ match: '*', headers, cacheControl: absent }], credentials });
  put({ source: 'dist', bucket: 'b', headers: () => headers, credentials: async () => credentials() });
  copy({ source: 's3://a', destination: 's3://b', headers, sourceCredentials: credentials, destCredentials: credentials });
  uploads({ bucket: 'b', abortOlderThan: '7d', confirm: (chosen) => chosen.length < 9 });
  uploads({ bucket: 'b', abortOlderThan: '7d', confirm: async () => true });
}
// @ts-expect-error: an unknown mode
put({ source: 'dist', bucket: 'b', mode: 'sync' });
// @ts-expect-error: no source
put({ bucket: 'b' });
`;

for (const [resolution, compilerOptions] of [
  ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
] as const) {
  test(`a TypeScript project with moduleResolution ${resolution} compiles against it`, async () => {
    const folder = path.join(project, resolution);
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}');
    writeFileSync(path.join(folder, 'sample.ts'), SAMPLE);
    const strict = { target: 'es2023', lib: ['es2023'], strict: true, exactOptionalPropertyTypes: true, noEmit: true };
    const types = { types: ['node'], typeRoots: [path.join(ROOT, 'node_modules/@types')], skipLibCheck: false };
    const config = { compilerOptions: { ...strict, ...types, ...compilerOptions }, files: ['sample.ts'] };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
    const { code, stdout } = await node([path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: '' });
  });
}

test('the installed command knows its version and its help', async () => {
  const version = await installedCommand(['--version']);
  assert.deepEqual(version, { code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  const help = await installedCommand(['--help']);
  assert.equal(help.code, 0, help.stderr);
  assert.match(help.stdout, /s3-parallel-put/);
  assert.match(help.stdout, /--dry-run/);
  assert.equal(help.stderr, '');
});

/** Puts two files by the installed command. */
async function putsSite(server: S3Server, prefix: string, args: readonly string[]): Promise<Ran> {
  addFiles(project, { 'site/index.html': '<h1>site</h1>', 'site/a.txt': 'a' });
  const credentials = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey };
  const target = ['--endpoint-url', server.url, '--region', server.region, `s3://site/${prefix}`];
  return installedCommand(['site', ...target, ...args], credentials);
}

const keysIn = (server: S3Server): string[] => [...server.keys('site')].sort();

test('the installed command puts files, with no other package beside it', async (t) => {
  assert.ok(!existsSync(path.join(project, 'node_modules/undici')));
  const server = await serverFor(t);
  const { code, stderr } = await putsSite(server, 'own', []);
  assert.equal(code, 0, stderr);
  assert.deepEqual(keysIn(server), ['own/a.txt', 'own/index.html']);
});

test('undici, if missing, is named in an error before any request, and is used if installed', async (t) => {
  const server = await serverFor(t);
  const { code, stderr } = await putsSite(server, 'undici', ['--http-client', 'undici']);
  assert.equal(code, 2, stderr);
  assert.match(
    stderr,
    /--http-client "undici" needs the package undici, which is not installed\.\n {2}npm install undici@7 /,
  );
  assert.deepEqual(server.requests, []);

  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'node_modules/undici/package.json'), 'utf8'));
  const args = ['install', '--no-save', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  const install = await npm([...args, `undici@${version}`], project);
  assert.equal(install.code, 0, install.stdout + install.stderr);
  const again = await putsSite(server, 'undici', ['--http-client', 'undici']);
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(keysIn(server), ['undici/a.txt', 'undici/index.html']);
});
