import { type GzipOption, guessContentType, type HeaderMap } from 's3-parallel-put';
import { type S3File, type Wish, wishOf } from './file-state.js';
import type { FileRule, Prepared } from './plugin-options.js';

/** What options and stages before want of one file. */
export interface Wanted {
  /** Without the prefix. */
  readonly key: string;
  readonly headers: HeaderMap | undefined;
  readonly gzip: GzipOption | undefined;
  readonly skip: boolean;
  readonly wish: Wish;
}

/** Asks the functions of the options; throws what they throw, named after them. */
export function wantedOf({ keyOf, headersOf, ruleOf }: Prepared, file: S3File): Wanted {
  const wish = wishOf(file);
  const path = wish.path ?? (file.path === null ? '' : file.relative.replaceAll('\\', '/'));
  const own = keyOf === undefined ? undefined : asked('key', () => keyOf(file, path));
  if (own !== undefined && typeof own !== 'string') throw wrong('key', own, 'a string or undefined');
  const key = withoutSlash(own ?? path);
  const rule = ruleOf === undefined ? undefined : asked('rules', () => ruleOf(file));
  const { headers: ruled, gzip, skip } = rule === undefined ? NO_RULE : ruleParts(rule);
  const given = headersOf === undefined ? undefined : asked('headers', () => headersOf(file));
  return {
    key,
    headers: merged(unzippedType(file, key), ruled, given === undefined ? given : lowerCased(given), wish.headers),
    gzip,
    skip,
    wish,
  };
}

/** A key begins without one; the router of gulp-awspublish and others leave one. */
function withoutSlash(key: string): string {
  return key.startsWith('/') ? key.replace(/^\/+/, '') : key;
}

/** What gulp-awspublish has compressed and given the ending `.gz` has the type of what is in it; that it is compressed is a header of its own. */
function unzippedType(file: S3File & { readonly unzipPath?: unknown }, key: string): HeaderMap | undefined {
  const { unzipPath } = file;
  if (typeof unzipPath !== 'string') return undefined;
  const type = guessContentType(unzipPath.replaceAll('\\', '/'));
  return type === guessContentType(key) ? undefined : { 'content-type': type };
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
