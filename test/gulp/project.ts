import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve as resolvePath } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Endpoint } from 'fake-s3';
import { type Cleanup, makeTree, type TreeFiles } from '../support/tree.js';
import { GULP_5, type GulpVersion, installedFolder } from './gulp-versions.js';

const ROOT = resolvePath(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

/** Runs node in a process of its own, without this machine's AWS configuration. */
export function node(cwd: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const { PATH = '', TMPDIR = '/tmp', SystemRoot = '', TEMP = '' } = process.env;
  const base = { PATH, TMPDIR, SystemRoot, TEMP, HOME: cwd, USERPROFILE: cwd, NO_COLOR: '1' };
  const quiet = { AWS_EC2_METADATA_DISABLED: 'true', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env: { ...base, ...quiet, ...more } });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: stripVTControlCharacters(output) }));
  });
}

/** Environment variables for a gulpfile: the server's URL, region and credentials. */
export function environment(server: Endpoint): Record<string, string> {
  return {
    S3_URL: server.url,
    AWS_REGION: server.region,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  };
}

/** Packages that a project can depend on besides gulp and the plugin. */
type Library = 'merge-stream' | 'vinyl';

/** Creates a folder with these files, in which gulp, the built plugin and the named libraries are installed. */
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
 * The packages that programs among the files load without a dependency on them. Node looks for packages in every folder above, so such a
 * program may run on one machine and fail on the next.
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

/** Runs tasks of a project's gulpfile with the command line of gulp. */
export function runGulp(
  project: string,
  server: Endpoint,
  tasks: readonly string[],
  { cli }: GulpVersion = GULP_5,
): Promise<Ran> {
  return node(project, [cli, ...tasks], environment(server));
}
