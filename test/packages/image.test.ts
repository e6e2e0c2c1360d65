import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

// The steps of the Dockerfile that install the package, run without Docker in a folder instead of /app; and what the image starts.

const ROOT = path.resolve(import.meta.dirname, '../..');
const { name, version, bin } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
};

/** Instructions with their arguments; comments are left out and continued lines joined. */
function instructions(text: string): readonly (readonly [instruction: string, argument: string])[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  return lines.flatMap((line) => {
    const [, instruction, argument] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    return instruction === undefined || argument === undefined ? [] : [[instruction, argument] as const];
  });
}

/** As the Dockerfile writes the build argument. */
const VERSION = `\${VERSION}`;

const steps = instructions(readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8'));
const argumentsOf = (wanted: string): readonly string[] =>
  steps.flatMap(([instruction, argument]) => (instruction === wanted ? [argument] : []));
/** What of the repository a COPY or an ADD takes. */
const taken = [...argumentsOf('COPY'), ...argumentsOf('ADD')]
  .filter((argument) => !argument.startsWith('--from='))
  .flatMap((argument) => argument.split(/\s+/).slice(0, -1));

test('what the image takes is the packed package and its lockfile, and no .dockerignore hides it', () => {
  const packed = `${name}-${VERSION}.tgz`;
  assert.deepEqual(taken, ['package.json', 'package-lock.json', packed]);
  const ignored = readFileSync(path.join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  assert.deepEqual(ignored, ['*', ...taken.map((file) => `!${file.replace(VERSION, '*')}`)]);
});

test('the image runs the Node of the Action, without root, and starts the command of the package', () => {
  const [main = ''] = Object.values(bin);
  assert.deepEqual(JSON.parse(argumentsOf('ENTRYPOINT')[0] ?? ''), ['node', path.posix.join('/app/package', main)]);
  assert.match(argumentsOf('USER')[0] ?? '', /^[1-9]\d*:[1-9]\d*$/);
  const [, major] = /using: node(\d+)/.exec(readFileSync(path.join(ROOT, 'action.yml'), 'utf8')) ?? [];
  for (const from of argumentsOf('FROM')) assert.match(from, new RegExp(`(^| )node:${major}-alpine( |$)`));
});

test('its steps install a command that runs', {
  skip: process.platform === 'win32' && 'its steps are for a shell',
}, async (t) => {
  const run = async (program: string, args: readonly string[], cwd: string): Promise<string> => {
    const env: NodeJS.ProcessEnv = { ...process.env, npm_config_prefer_offline: 'true', VERSION: version };
    delete env.NODE_OPTIONS;
    delete env.NODE_TEST_CONTEXT;
    delete env.NODE_PATH;
    return (await promisify(execFile)(program, [...args], { cwd, env, timeout: 600_000 })).stdout;
  };
  const app = mkdtempSync(path.join(tmpdir(), 's3pp-image-'));
  const context = mkdtempSync(path.join(tmpdir(), 's3pp-context-'));
  t.after(() => {
    for (const folder of [app, context]) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', context], ROOT);
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(path.join(ROOT, file), path.join(context, file));

  const last = steps.findLastIndex(([instruction]) => instruction === 'FROM');
  for (const [instruction, argument] of steps.slice(0, last)) {
    const files = argument
      .split(/\s+/)
      .slice(0, -1)
      .map((file) => file.replace(VERSION, version));
    if (instruction === 'COPY') for (const file of files) copyFileSync(path.join(context, file), path.join(app, file));
    if (instruction === 'ADD') for (const file of files) await run('tar', ['-xzf', path.join(context, file)], app);
    if (instruction === 'RUN') await run('sh', ['-ec', argument], app);
  }
  const [, main = ''] = JSON.parse(argumentsOf('ENTRYPOINT')[0] ?? '[]') as readonly string[];
  assert.equal(await run(process.execPath, [main.replace('/app', app), '--version'], tmpdir()), `${version}\n`);
  assert.equal(await run('sh', ['-c', `PATH="${app}/bin:$PATH" s3-parallel-put --version`], tmpdir()), `${version}\n`);
});
