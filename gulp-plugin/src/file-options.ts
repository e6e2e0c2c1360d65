import { type GzipOption, type HeaderMap, knownContentType } from 's3-parallel-put';
import { type S3File, type Wish, wishOf } from './file-state.js';
import type { FileRule, Prepared } from './options.js';

/** What a file is called in the bucket. */
export interface Named {
  /** Without the prefix, unless it is absolute. */
  readonly key: string;
  /** `key` is the whole key. */
  readonly absolute: boolean;
  /** The key of the object. */
  readonly full: string;
  readonly wish: Wish;
}

/** What options and stages before want of one file. */
export interface Wanted extends Named {
  readonly headers: HeaderMap | undefined;
  readonly gzip: GzipOption | undefined;
  readonly skip: boolean;
  /** Name that the content type is guessed from, where the key does not tell. */
  readonly typeName: string | undefined;
}

/** The name that a file has where nobody is asked. */
export function ownName({ prefix }: Prepared, file: S3File): Named {
  const key = file.path === null ? '' : file.relative.replaceAll('\\', '/');
  return { key, absolute: false, full: prefix + key, wish: { path: undefined, headers: undefined } };
}

/** The name that stages before have given it, if any. Throws for what is none. */
export function usualName({ prefix }: Prepared, file: S3File, own: Named): Named {
  const wish = wishOf(file);
  const key = withoutSlash(wish.path ?? own.key);
  return { key, absolute: false, full: prefix + key, wish };
}

/** Asks the function `key`; throws what it throws, named after it. */
export function namedOf({ keyOf, absoluteKey: absolute, prefix }: Prepared, file: S3File, usual: Named): Named {
  if (keyOf === undefined) return usual;
  const { wish } = usual;
  const own = asked('key', () => keyOf(file, wish.path ?? usual.key));
  if (own === undefined) return usual;
  if (typeof own !== 'string') throw wrong('key', own, 'a string or undefined');
  const key = withoutSlash(own);
  return { key, absolute, full: absolute ? key : prefix + key, wish };
}

/** Asks the other functions of the options; throws what they throw, named after them. */
export function wantedOf({ headersOf, ruleOf }: Prepared, file: S3File, { key, absolute, full, wish }: Named): Wanted {
  const rule = ruleOf === undefined ? undefined : asked('rules', () => ruleOf(file));
  const { headers: ruled, gzip, skip } = rule === undefined ? NO_RULE : ruleParts(rule);
  const given = headersOf === undefined ? undefined : asked('headers', () => headersOf(file));
  return {
    key,
    absolute,
    full,
    headers: merged(ruled, given === undefined ? given : lowerCased(given), wish.headers),
    typeName: typeNameOf(file, key),
    gzip,
    skip,
    wish,
  };
}

/** A key begins without one; the router of gulp-awspublish and others leave one. */
function withoutSlash(key: string): string {
  return key.startsWith('/') ? key.replace(/^\/+/, '') : key;
}

/**
 * A key that tells no type, such as that of a clean URL, leaves it to the file: the last of its paths that tells one, so that a stage may take the
 * ending away. What gulp-awspublish has compressed and given the ending `.gz` has the type of what is in it; that it is compressed is a header of
 * its own.
 */
function typeNameOf(
  { unzipPath, history = [] }: S3File & { readonly unzipPath?: unknown },
  key: string,
): string | undefined {
  if (typeof unzipPath === 'string') {
    const before = history.slice(0, history.lastIndexOf(unzipPath) + 1);
    return knownContentType(slashed(unzipPath)) === undefined ? lastTyped(before) : slashed(unzipPath);
  }
  return knownContentType(key) === undefined ? lastTyped(history) : undefined;
}

function lastTyped(paths: readonly string[]): string | undefined {
  const found = paths.findLast((path) => knownContentType(slashed(path)) !== undefined);
  return found === undefined ? undefined : slashed(found);
}

/** A path with `/` on every system. */
function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

function asked<T>(name: string, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw Object.assign(new Error(`the function "${name}" failed: ${reason}`, { cause: error }), {
      code: 'HookFailed',
    });
  }
}

function wrong(name: string, value: unknown, right: string): Error {
  const kind = value instanceof Promise ? 'a promise' : value === null ? 'null' : typeof value;
  return Object.assign(new TypeError(`the function "${name}" gave ${kind}; it must give ${right}`), {
    code: 'HookFailed',
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Promise);
}

type RuleParts = Pick<Wanted, 'headers' | 'gzip' | 'skip'>;

const NO_RULE: RuleParts = { headers: undefined, gzip: undefined, skip: false };
const RULE_KEYS: readonly string[] = ['match', 'headers', 'contentType', 'cacheControl', 'gzip', 'acl', 'skip'];

/** The headers and the compression that a rule stands for. */
function ruleParts(rule: FileRule): RuleParts {
  if (!isObject(rule)) throw wrong('rules', rule, 'a rule or undefined');
  const unknown = Object.keys(rule).find((name) => !RULE_KEYS.includes(name));
  if (unknown !== undefined) throw wrong('rules', rule, `${RULE_KEYS.slice(1).join(', ')}, not "${unknown}"`);
  const { headers, contentType, cacheControl, acl, gzip, skip = false } = rule;
  const named = {
    ...(contentType !== undefined && contentType !== 'guess' && { 'content-type': contentType }),
    ...(cacheControl !== undefined && { 'cache-control': cacheControl }),
    ...(acl !== undefined && { 'x-amz-acl': acl }),
  };
  return { headers: { ...(headers !== undefined && lowerCased(headers)), ...named }, gzip, skip };
}

function lowerCased(headers: HeaderMap): HeaderMap {
  if (!isObject(headers)) throw wrong('headers', headers, 'an object or undefined');
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Later ones win; undefined where there are none. */
function merged(...all: readonly (HeaderMap | undefined)[]): HeaderMap | undefined {
  const given = all.filter((headers) => headers !== undefined);
  if (given.length === 0) return undefined;
  const headers = Object.assign({}, ...given) as HeaderMap;
  return Object.keys(headers).length === 0 ? undefined : headers;
}
