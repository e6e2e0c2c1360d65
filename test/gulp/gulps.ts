import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
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

const require = createRequire(import.meta.url);

function version(name: string, installed: string): GulpVersion {
  const folder = realpathSync(dirname(require.resolve(installed)));
  return { name, folder, cli: join(folder, 'bin/gulp.js'), gulp: require(installed) as Gulp };
}

export const GULP_5: GulpVersion = version('gulp 5', 'gulp');
export const GULPS: readonly GulpVersion[] = [GULP_5, version('gulp 4', 'gulp4')];

/** Files made by hand, of the class that gulp makes them of. */
export const File: typeof Vinyl = require('vinyl') as typeof Vinyl;

type MergeStream = (...streams: readonly NodeJS.ReadableStream[]) => Duplex;
export const mergeStream: MergeStream = require('merge-stream') as MergeStream;
