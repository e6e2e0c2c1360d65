import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Endpoint } from '../support/endpoint.js';
import { makeTree, type TreeFiles } from '../support/tree.js';
import { GULP_5, type GulpVersion, installedFolder } from './gulp-versions.js';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number | null;
  /** What it wrote to both. */
  readonly output: string;
}

/** Runs node in a process of its own, which sees nothing of this machine's AWS configuration. */
export function node(cwd: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const { PATH = '', TMPDIR = '/tmp', SystemRoot = '', TEMP = '' } = process.env;
  const own = { PATH, TMPDIR, SystemRoot, TEMP, HOME: cwd, USERPROFILE: cwd, NO_COLOR: '1' };
  const quiet = { AWS_EC2_METADATA_DISABLED: 'true', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { cwd, env: { ...own, ...quiet, ...more } });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    child.once('error', failed);
    child.once('close', (code) => done({ code, output: stripVTControlCharacters(output) }));
  });
}

/** The environment in which a gulpfile finds the server, and what its `connection.cjs` makes of it. */
export function environment(server: Endpoint): Record<string, string> {
  return {
    S3_URL: server.url,
    AWS_REGION: server.region,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  };
}

/** Removes what a test made when the test ends. */
interface Cleanup {
  after(run: () => void): void;
}

/** What a project can depend on besides gulp and the plugin. */
type Library = 'merge-stream' | 'vinyl';

/** A folder with these files, with gulp and the built plugin installed in it, and with the libraries named. */
export function makeProject(
  t: Cleanup,
  files: TreeFiles,
  { folder }: GulpVersion = GULP_5,
  libraries: readonly Library[] = [],
): string {
  const installed: ReadonlyMap<string, string> = new Map([
    ['gulp', folder],
    ['gulp-s3-parallel-put', join(ROOT, 'gulp-plugin')],
    ...libraries.map((name) => [name, installedFolder(name)] as const),
  ]);
  const dependencies = Object.fromEntries([...installed.keys()].map((name) => [name, '*']));
  const undeclared = undeclaredPackages(files, dependencies);
  assert.deepEqual(undeclared, [], 'every package that a project loads is installed in it');
  const project = makeTree(t, { 'package.json': JSON.stringify({ private: true, dependencies }), ...files });
  for (const [name, target] of installed) {
    const path = join(project, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path, 'junction');
  }
  return project;
}

/**
 * The packages that programs among the files load and that are not among the dependencies. Node looks for them in every folder above,
 * so a program may run on one machine and fail on the next.
 */
export function undeclaredPackages(files: TreeFiles, dependencies: Readonly<Record<string, string>>): string[] {
  const programs = Object.entries(files).filter(([name]) => /^[^/]+\.[cm]?[jt]s$/.test(name));
  const loaded = programs.flatMap(([, text]) =>
    [...text.toString().matchAll(/(?:\bfrom|\bimport|\b(?:require|import)\()\s*['"]([^'".][^'"]*)['"]/g)].map(
      ([, name = '']) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'),
    ),
  );
  const packages = loaded.filter((name) => !name.startsWith('node:') && !(name in dependencies));
  return [...new Set(packages)].sort();
}

/** Runs tasks of a project's gulpfile by the command line of a gulp. */
export function runGulp(
  project: string,
  server: Endpoint,
  tasks: readonly string[],
  { cli }: GulpVersion = GULP_5,
): Promise<Ran> {
  return node(project, [cli, ...tasks], environment(server));
}
