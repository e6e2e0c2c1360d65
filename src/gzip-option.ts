import { UsageError } from './errors.js';
import { shown } from './option-checks.js';

/** What is compressed: nothing, the usual compressible types (`true`), everything (`all`), or the types of a list. */
export type GzipOption = boolean | 'all' | readonly string[];

/** Words that stand among the types of a list: the types of `true`, and every type. */
export const GZIP_WORDS = ['guess', 'all'] as const;

const GZIP_LEVEL = 6;
const FIX =
  'Types are written as "text/css" or "text/*"; "guess" stands for the compressible ones, "all" for every type.';
const TOKEN = "[!#$%&'+\\-.^_`|~0-9a-z]+";
const TYPE = new RegExp(`^${TOKEN}/(?:\\*|${TOKEN})$`);

/** A content type as types are compared: lower case, without its parameters. */
export function bareType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/**
 * The option with its types in lower case and without parameters.
 * @param name how the option is called where it was given
 * @throws UsageError that names the option and quotes what is no type
 */
export function checkedGzip(name: string, value: unknown): GzipOption {
  if (value === undefined) return false;
  if (typeof value === 'boolean' || value === 'all') return value;
  if (!Array.isArray(value)) {
    const shown = JSON.stringify(value) ?? typeof value;
    throw new UsageError(`${name} is ${shown}; it must be true, false, "all", or a list of content types.`, FIX);
  }
  const types = value.map((type: unknown) => checkedType(name, type));
  return types.includes('all') ? 'all' : types;
}

/**
 * The level, from 1 (fast) to 9 (small).
 * @throws UsageError that names the option
 */
export function checkedGzipLevel(name: string, value: unknown): number {
  if (value === undefined) return GZIP_LEVEL;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 9) return value;
  throw new UsageError(`${name} is ${shown(value)}; it must be a whole number from 1 (fast) to 9 (small).`);
}

function checkedType(name: string, value: unknown): string {
  const type = typeof value === 'string' ? bareType(value) : '';
  if ((GZIP_WORDS as readonly string[]).includes(type) || TYPE.test(type)) return type;
  throw new UsageError(`${name}: ${JSON.stringify(value) ?? typeof value} is not a content type.`, FIX);
}
