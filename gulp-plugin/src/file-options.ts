import { relative as relativePath } from 'node:path';
import { type GzipOption, type HeaderMap, type HeaderValues, knownContentType } from 's3-parallel-put';
import { readStageSettings, type S3File, type StageSettings } from './file-state.js';
import type { FileRule, ResolvedOptions } from './options.js';

/** The key of a file. */
export interface FileKey {
  /** Without the prefix, unless it is absolute. */
  readonly key: string;
  /** `key` is the whole key. */
  readonly absolute: boolean;
  /** The key of the object, with the prefix, and without clean URLs. */
  readonly fullKey: string;
  /** Clean URLs of this file; undefined where options and rules by glob decide. A key that a stage or the function `key` gives is final. */
  readonly cleanUrls?: FileRule['cleanUrls'];
  readonly settings: StageSettings;
}

/** What options and earlier stages set for one file. */
export interface FileOptions extends FileKey {
  readonly headers: HeaderMap | undefined;
  readonly gzip: GzipOption | undefined;
  readonly compress: FileRule['compress'];
  readonly skip: boolean;
  readonly phase: FileRule['phase'];
  /** File name that the content type is guessed from; undefined where the key is enough. */
  readonly typeName: string | undefined;
}

/** The key from the file's path alone. Never throws. */
export function keyFromPath({ prefix }: ResolvedOptions, file: S3File): FileKey {
  const key = file.path === null ? '' : withSlashes(file.relative);
  return { key, absolute: false, fullKey: prefix + key, settings: { path: undefined, headers: undefined } };
}

/**
 * The key that earlier stages set in `file.s3.path`, else the key from the path.
 * @throws TypeError for a path that is not a string
 */
export function keyFromStages({ prefix }: ResolvedOptions, file: S3File, fromPath: FileKey): FileKey {
  const settings = readStageSettings(file);
  const key = withoutLeadingSlash(settings.path ?? fromPath.key);
  return { key, absolute: false, fullKey: prefix + key, settings, ...finalUnless(key === fromPath.key) };
}

/**
 * The path under which a file is put although a later stage renamed it, and the path that it has now: a stage such as `awspublish.gzip()` notes
 * the path in `file.s3.path`, which a later rename does not change. Undefined where both are the same, or where a stage has set another key.
 */
export function renameWithoutEffect(
  { base, history, relative }: S3File,
  { settings }: FileKey,
): { readonly noted: string; readonly renamed: string } | undefined {
  if (settings.path === undefined || history.length < 2) return undefined;
  const noted = withoutLeadingSlash(settings.path);
  const renamed = withSlashes(relative);
  if (noted === renamed) return undefined;
  const earlier = history.slice(0, -1).some((path) => withSlashes(relativePath(base, path)) === noted);
  return earlier ? { noted, renamed } : undefined;
}

/**
 * The key that the function `key` returns, else the key from the stages.
 * @throws Error that names the function, where it throws or returns something wrong
 */
export function keyFromHook(options: ResolvedOptions, file: S3File, fromStages: FileKey): FileKey {
  const { keyOf, absoluteKey: absolute, prefix } = options;
  if (keyOf === undefined) return fromStages;
  const { settings } = fromStages;
  const returned = callHook('key', () => keyOf(file, settings.path ?? fromStages.key));
  if (returned === undefined) return fromStages;
  if (typeof returned !== 'string') throw wrongReturn('key', returned, 'a string or undefined');
  const key = withoutLeadingSlash(returned);
  const fullKey = absolute ? key : prefix + key;
  return { key, absolute, fullKey, settings, ...finalUnless(fullKey === keyFromPath(options, file).fullKey) };
}

function finalUnless(same: boolean): Pick<FileKey, 'cleanUrls'> {
  return same ? {} : { cleanUrls: false };
}

/**
 * Calls the functions `rules` and `headers`.
 * @throws Error that names the function, where it throws or returns something wrong
 */
export function resolveFileOptions({ headersOf, ruleOf }: ResolvedOptions, file: S3File, key: FileKey): FileOptions {
  const rule = ruleOf === undefined ? undefined : callHook('rules', () => ruleOf(file));
  const {
    headers: ofRule,
    gzip,
    compress,
    skip,
    phase,
    cleanUrls: ofFile,
  } = rule === undefined ? NO_RULE : readRule(rule);
  const cleanUrls = key.cleanUrls ?? ofFile;
  const ofHook = headersOf === undefined ? undefined : callHook('headers', () => headersOf(file));
  return {
    key: key.key,
    absolute: key.absolute,
    fullKey: key.fullKey,
    headers: mergeHeaders(
      encodingOf(file),
      ofRule,
      ofHook === undefined ? ofHook : lowerCaseNames(ofHook),
      key.settings.headers,
    ),
    typeName: typeNameOf(file, key.key),
    gzip,
    compress,
    skip,
    phase,
    ...(cleanUrls !== undefined && { cleanUrls }),
    settings: key.settings,
  };
}

/**
 * The encoding that stages such as gulp-gzip note in `file.contentEncoding`, a list of codings in the order in which they were applied.
 * @throws TypeError for anything but texts
 */
function encodingOf(file: S3File & { readonly contentEncoding?: unknown }): HeaderMap | undefined {
  const noted = file.contentEncoding;
  if (noted === undefined || noted === null) return undefined;
  const codings: readonly unknown[] = Array.isArray(noted) ? noted : [noted];
  if (!codings.every((coding) => typeof coding === 'string'))
    throw new TypeError("file.contentEncoding is no list of codings such as ['gzip']");
  const value = codings.filter((coding) => coding !== '').join(', ');
  return value === '' ? undefined : { 'content-encoding': value };
}

/** A key does not begin with a slash; the router of gulp-awspublish and other stages leave one. */
function withoutLeadingSlash(key: string): string {
  return key.startsWith('/') ? key.replace(/^\/+/, '') : key;
}

/**
 * Where the key has no known extension, such as that of a clean URL, the type comes from the last of the file's paths that has one, so that a stage
 * may remove the extension. A file that gulp-awspublish has compressed and renamed to `.gz` has the type of its content; the compression has a
 * header of its own.
 */
function typeNameOf(
  { unzipPath, history = [] }: S3File & { readonly unzipPath?: unknown },
  key: string,
): string | undefined {
  if (typeof unzipPath === 'string') {
    const earlier = history.slice(0, history.lastIndexOf(unzipPath) + 1);
    return knownContentType(withSlashes(unzipPath)) === undefined ? lastWithType(earlier) : withSlashes(unzipPath);
  }
  return knownContentType(key) === undefined ? lastWithType(history) : undefined;
}

function lastWithType(paths: readonly string[]): string | undefined {
  const found = paths.findLast((path) => knownContentType(withSlashes(path)) !== undefined);
  return found === undefined ? undefined : withSlashes(found);
}

/** A path with `/` on every system. */
function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}

function callHook<T>(name: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw Object.assign(new Error(`the function "${name}" failed: ${reason}`, { cause: error }), {
      code: 'HookFailed',
    });
  }
}

function wrongReturn(name: string, value: unknown, expected: string): Error {
  const kind = value instanceof Promise ? 'a promise' : value === null ? 'null' : typeof value;
  return Object.assign(new TypeError(`the function "${name}" returned ${kind}; it must return ${expected}`), {
    code: 'HookFailed',
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Promise);
}

type RuleEffect = Pick<FileOptions, 'headers' | 'gzip' | 'compress' | 'skip' | 'phase' | 'cleanUrls'>;

const NO_RULE: RuleEffect = {
  headers: undefined,
  gzip: undefined,
  compress: undefined,
  skip: false,
  phase: undefined,
};
/** Keys of a rule that are the value of one header. */
const HEADER_KEYS = {
  'content-type': 'contentType',
  'cache-control': 'cacheControl',
  'content-disposition': 'contentDisposition',
  'content-encoding': 'contentEncoding',
  'content-language': 'contentLanguage',
  expires: 'expires',
  'x-amz-website-redirect-location': 'websiteRedirect',
  'x-amz-acl': 'acl',
} as const;
const RULE_KEYS: readonly string[] = [
  'match',
  'headers',
  ...Object.values(HEADER_KEYS),
  'gzip',
  'compress',
  'skip',
  'phase',
  'cleanUrls',
];

/** What a rule sets. `optional` is for rules with globs only: it is about whether they match. */
function readRule(rule: FileRule): RuleEffect {
  if (!isObject(rule)) throw wrongReturn('rules', rule, 'a rule or undefined');
  const unknown = Object.keys(rule).find((name) => !RULE_KEYS.includes(name));
  if (unknown !== undefined) throw wrongReturn('rules', rule, `${RULE_KEYS.slice(1).join(', ')}, not "${unknown}"`);
  const { headers, gzip, compress, skip = false, phase, cleanUrls } = rule;
  const named: Record<string, string | Date> = {};
  for (const [name, key] of Object.entries(HEADER_KEYS)) {
    const value = rule[key];
    if (value !== undefined && !(key === 'contentType' && value === 'guess')) named[name] = value;
  }
  return {
    headers: { ...(headers !== undefined && lowerCaseNames(headers)), ...lowerCaseNames(named) },
    gzip,
    compress,
    skip,
    phase,
    cleanUrls,
  };
}

/** Names in lower case, values as text; undefined is left out. */
function lowerCaseNames(headers: HeaderValues): HeaderMap {
  if (!isObject(headers)) throw wrongReturn('headers', headers, 'an object or undefined');
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), asText(value)]],
    ),
  );
}

/** A valid date as text; the engine refuses an invalid one. */
function asText(value: string | Date): string {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toUTCString() : (value as string);
}

/** Later ones win; undefined if there are none. */
function mergeHeaders(...all: readonly (HeaderMap | undefined)[]): HeaderMap | undefined {
  const given = all.filter((headers) => headers !== undefined);
  if (given.length === 0) return undefined;
  const headers = Object.assign({}, ...given) as HeaderMap;
  return Object.keys(headers).length === 0 ? undefined : headers;
}
