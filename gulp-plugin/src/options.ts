import { checkPut, type HeaderValues, type PutOptions, type Rule, UsageError } from 's3-parallel-put';
import type Vinyl from 'vinyl';
import { showWarning, streamError } from './plugin-error.js';

/** A rule for the one file that the function `rules` is called with. */
export type FileRule = Omit<Rule, 'match' | 'optional'>;

/** How to treat a file that gulp 5 decoded as UTF-8 although it is not UTF-8. */
export type OnCorrupt = 'error' | 'heal';

/** Options of the plugin: those of `put`, except that the stream is the source, and that the functions get Vinyl files. */
export interface S3PutOptions
  extends Omit<
    PutOptions,
    'source' | 'as' | 'key' | 'absoluteKey' | 'headers' | 'rules' | 'keyBase' | 'symlinks' | 'filesFrom'
  > {
  /**
   * Returns the key of a file, without the prefix; undefined keeps `path`.
   * @param path the default key: `file.s3.path` where an earlier stage set it, else the path relative to the file's base, with `/` on every system
   * @example key: (file, path) => path.toLowerCase()
   */
  readonly key?: ((file: Vinyl, path: string) => string | undefined) | undefined;
  /** `key` returns the whole key: the prefix is not added. A key outside the prefix is looked up with a HEAD request. @default false */
  readonly absoluteKey?: boolean | undefined;
  /** Headers of every object, or a function that returns the headers of one file. `file.s3.headers` override them. */
  readonly headers?: HeaderValues | ((file: Vinyl) => HeaderValues | undefined) | undefined;
  /** Rules by glob, or a function that returns the rule of one file. */
  readonly rules?: readonly Rule[] | ((file: Vinyl) => FileRule | undefined) | undefined;
  /**
   * The stream has every file that the prefix is to have, so that `delete` may take what it lacks for unwanted. Nothing else can know that: `since`,
   * gulp-changed and the like leave files out. Changes nothing without `delete`. @default false
   */
  readonly complete?: boolean | undefined;
  /**
   * `error`: a file that gulp damaged because it was read without `encoding: false` fails, with a hint; `heal`: its bytes are read again from the disk.
   * @default 'error'
   */
  readonly onCorrupt?: OnCorrupt | undefined;
}

/** The options, split into those of the engine and those of the plugin. */
export interface ResolvedOptions {
  readonly engine: Omit<PutOptions, 'source'>;
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  readonly keyOf: NonNullable<S3PutOptions['key']> | undefined;
  /** `keyOf` returns the whole key. */
  readonly absoluteKey: boolean;
  readonly headersOf: ((file: Vinyl) => HeaderValues | undefined) | undefined;
  readonly ruleOf: ((file: Vinyl) => FileRule | undefined) | undefined;
  readonly onCorrupt: OnCorrupt;
}

/** Options of `put` that have no meaning here: the stream is the source, and gulp.src walks the folders. */
const EXCLUDED: readonly string[] = ['source', 'as', 'keyBase', 'symlinks', 'filesFrom'];

/**
 * Checks and splits the options.
 * @throws PluginError with the problem and its fix
 */
export function resolveOptions(options: S3PutOptions): ResolvedOptions {
  try {
    return checkAndSplit(options);
  } catch (error) {
    throw error instanceof UsageError ? streamError(error) : error;
  }
}

function checkAndSplit(options: S3PutOptions): ResolvedOptions {
  if (typeof options !== 'object' || options === null)
    throw new UsageError('s3Put() needs an object of options.', "Write s3Put({ bucket: 's3://my-site' }).");
  const excluded = EXCLUDED.find((name) => name in options);
  if (excluded !== undefined)
    throw new UsageError(
      `The option "${excluded}" is not for this plugin.`,
      'The plugin uploads the files of the stream: choose them with gulp.src.',
    );
  const { key, absoluteKey = false, headers, rules, onCorrupt = 'error', complete = false, ...rest } = options;
  if (key !== undefined && typeof key !== 'function')
    throw new UsageError(`key is ${typeof key}; it must be a function.`);
  if (typeof absoluteKey !== 'boolean')
    throw new UsageError(`absoluteKey is ${JSON.stringify(absoluteKey)}; it must be true or false.`);
  if (absoluteKey && key === undefined)
    throw new UsageError(
      'absoluteKey is true, but there is no key function.',
      'Give key, a function that returns whole keys, or leave absoluteKey out.',
    );
  if (typeof complete !== 'boolean')
    throw new UsageError(`complete is ${JSON.stringify(complete)}; it must be true or false.`);
  if (rest.delete === true && !complete)
    throw new UsageError(
      'delete is true, but nothing says that the stream has every file: what it lacks would be deleted.',
      'Set complete: true if gulp.src passes on all files in every run, without since, gulp-changed or gulp-plumber; else leave delete out.',
    );
  if (onCorrupt !== 'error' && onCorrupt !== 'heal')
    throw new UsageError(`onCorrupt "${String(onCorrupt)}" is unknown.`, 'It must be one of: error, heal.');
  // An empty stream is no error here: most tasks pass on only what has changed.
  const engine = {
    ifNoFilesFound: 'ignore' as const,
    onEvent: showWarning,
    ...withoutUndefined(rest),
    ...(headers !== undefined && typeof headers !== 'function' && { headers }),
    ...(rules !== undefined && typeof rules !== 'function' && { rules }),
  };
  checkPut({ ...engine, source: [] });
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(engine.bucket) ?? [undefined, engine.bucket];
  const prefix = (engine.prefix ?? path)
    .split('/')
    .filter((segment) => segment !== '')
    .join('/');
  return {
    engine,
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    keyOf: key,
    absoluteKey,
    headersOf: typeof headers === 'function' ? headers : undefined,
    ruleOf: typeof rules === 'function' ? rules : undefined,
    onCorrupt,
  };
}

/** Removes undefined values, so that they do not replace the defaults. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
