import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import type Vinyl from 'vinyl';

/** What of gulp the tests use; it comes without types. */
export interface Gulp {
  src(globs: string | readonly string[], options?: Readonly<Record<string, unknown>>): Duplex;
  dest(folder: string): Duplex;
}

/** A gulp that the plugin works with. */
export interface GulpVersion {
  readonly name: string;
  /** Where it is installed. */
  readonly folder: string;
  readonly cli: string;
  readonly gulp: Gulp;
}

// As the plugin resolves them: its package.json declares gulp and vinyl, that of the repository does not.
const require = createRequire(resolve(import.meta.dirname, '../../gulp-plugin/package.json'));

/** Where a package of the plugin is installed, for one whose main file lies at its root. */
export const installedFolder = (name: string): string => realpathSync(dirname(require.resolve(name)));

function version(name: string, installed: string): GulpVersion {
  const folder = installedFolder(installed);
  return { name, folder, cli: join(folder, 'bin/gulp.js'), gulp: require(installed) as Gulp };
}

export const GULP_5: GulpVersion = version('gulp 5', 'gulp');
export const GULPS: readonly GulpVersion[] = [GULP_5, version('gulp 4', 'gulp4')];

/** Files made by hand, of the class that gulp makes them of. */
export const File: typeof Vinyl = require('vinyl') as typeof Vinyl;

type MergeStream = (...streams: readonly NodeJS.ReadableStream[]) => Duplex;
export const mergeStream: MergeStream = require('merge-stream') as MergeStream;
