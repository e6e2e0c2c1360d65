import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import type Vinyl from 'vinyl';

/** The functions of gulp that the tests use; gulp has no types of its own. */
export interface Gulp {
  src(globs: string | readonly string[], options?: Readonly<Record<string, unknown>>): Duplex;
  dest(folder: string): Duplex;
}

/** A version of gulp that the plugin supports. */
export interface GulpVersion {
  readonly name: string;
  /** Where it is installed. */
  readonly folder: string;
  readonly cli: string;
  readonly gulp: Gulp;
}

// Resolves packages as the plugin does: its package.json declares gulp and vinyl; the repository's does not.
const require = createRequire(resolve(import.meta.dirname, '../../gulp-plugin/package.json'));

/** Where a dependency of the plugin is installed. Its main file must be at its root. */
export const installedFolder = (name: string): string => realpathSync(dirname(require.resolve(name)));

function version(name: string, installed: string): GulpVersion {
  const folder = installedFolder(installed);
  return { name, folder, cli: join(folder, 'bin/gulp.js'), gulp: require(installed) as Gulp };
}

export const GULP_5: GulpVersion = version('gulp 5', 'gulp');
export const GULPS: readonly GulpVersion[] = [GULP_5, version('gulp 4', 'gulp4')];

/** The class of gulp's files, to create files by hand. */
export const File: typeof Vinyl = require('vinyl') as typeof Vinyl;

type MergeStream = (...streams: readonly NodeJS.ReadableStream[]) => Duplex;
export const mergeStream: MergeStream = require('merge-stream') as MergeStream;
