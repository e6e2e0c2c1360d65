import { checkPut, type HeaderMap, type PutOptions, type Rule, UsageError } from 's3-parallel-put';
import type Vinyl from 'vinyl';
import { noticeWarnings, pluginError } from './plugin-error.js';

/** What a rule says, for the one file that a function is asked about. */
export type FileRule = Omit<Rule, 'match'>;

/** What becomes of a file that gulp 5 has decoded as UTF-8 although it is none. */
export type OnCorrupt = 'error' | 'heal';

/** Options of the plugin: those of a put, but that the stream is the source, and that the hooks are asked about files. */
export interface S3PutOptions
  extends Omit<PutOptions, 'source' | 'key' | 'absoluteKey' | 'headers' | 'rules' | 'keyBase' | 'symlinks'> {
  /**
   * Returns the key of a file below the prefix; undefined keeps the usual one.
   * @param path the usual one: `file.s3.path` where a stage before has set it, else the path relative to the file's base, with `/` on every system
   * @example key: (file, path) => path.replace(/\.html$/, '')
   */
  readonly key?: ((file: Vinyl, path: string) => string | undefined) | undefined;
  /** What `key` returns is the whole key: the prefix is not added. A key outside of the prefix is looked up by a HEAD of its own. @default false */
  readonly absoluteKey?: boolean | undefined;
  /** Headers of every object, or a function that gives a file's. Those in `file.s3.headers` win over it. */
  readonly headers?: HeaderMap | ((file: Vinyl) => HeaderMap | undefined) | undefined;
  /** Rules by glob, or a function that gives a file's. */
  readonly rules?: readonly Rule[] | ((file: Vinyl) => FileRule | undefined) | undefined;
  /**
   * `error`: a file that was read without `encoding: false`, and so is damaged, fails with the fix; `heal`: its bytes are read again from the disk.
   * @default 'error'
   */
  readonly onCorrupt?: OnCorrupt | undefined;
}

/** The options, apart for the engine and for the plugin itself. */
export interface Prepared {
  readonly engine: Omit<PutOptions, 'source'>;
  readonly bucket: string;
  readonly prefix: string;
  readonly keyOf: NonNullable<S3PutOptions['key']> | undefined;
  /** What `keyOf` returns is the whole key. */
  readonly absoluteKey: boolean;
  readonly headersOf: ((file: Vinyl) => HeaderMap | undefined) | undefined;
  readonly ruleOf: ((file: Vinyl) => FileRule | undefined) | undefined;
  readonly onCorrupt: OnCorrupt;
}

/** The stream is the source, and gulp.src has walked the folders. */
const NOT_HERE: readonly string[] = ['source', 'keyBase', 'symlinks'];

/** Checks the options as far as they can tell; throws `PluginError` with what is wrong and the fix. */
export function prepare(options: S3PutOptions): Prepared {
  try {
    return checked(options);
  } catch (error) {
    throw error instanceof UsageError ? pluginError(error) : error;
  }
}

function checked(options: S3PutOptions): Prepared {
  if (typeof options !== 'object' || options === null)
    throw new UsageError('s3Put() needs an object of options.', "Write s3Put({ bucket: 's3://my-site' }).");
  const stray = NOT_HERE.find((name) => name in options);
  if (stray !== undefined)
    throw new UsageError(
      `The option "${stray}" is not for this plugin.`,
      'What comes through the stream is what is put: choose files by gulp.src.',
    );
  const { key, absoluteKey = false, headers, rules, onCorrupt = 'error', ...rest } = options;
  if (key !== undefined && typeof key !== 'function')
    throw new UsageError(`key is ${typeof key}; it must be a function.`);
  if (typeof absoluteKey !== 'boolean')
    throw new UsageError(`absoluteKey is ${JSON.stringify(absoluteKey)}; it must be true or false.`);
  if (absoluteKey && key === undefined)
    throw new UsageError(
      'absoluteKey is true, but there is no key function.',
      'Give key, a function that returns whole keys, or leave absoluteKey out.',
    );
  if (onCorrupt !== 'error' && onCorrupt !== 'heal')
    throw new UsageError(`onCorrupt "${String(onCorrupt)}" is unknown.`, 'It must be one of: error, heal.');
  // No file is no failure here: most tasks pass on what has changed.
  const engine = {
    ifNoFilesFound: 'ignore' as const,
    onEvent: noticeWarnings,
    ...given(rest),
    ...(headers !== undefined && typeof headers !== 'function' && { headers }),
    ...(rules !== undefined && typeof rules !== 'function' && { rules }),
  };
  checkPut({ ...engine, source: [] });
  const [, address = '', path = ''] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(engine.bucket) ?? [undefined, engine.bucket];
  const prefix = (engine.prefix ?? path)
    .split('/')
    .filter((segment) => segment !== '')
    .join('/');
  return {
    engine,
    bucket: address,
    prefix: prefix === '' ? '' : `${prefix}/`,
    keyOf: key,
    absoluteKey,
    headersOf: typeof headers === 'function' ? headers : undefined,
    ruleOf: typeof rules === 'function' ? rules : undefined,
    onCorrupt,
  };
}

/** Without what is undefined, so that it does not replace what is set. */
function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
