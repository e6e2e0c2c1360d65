import { asksForKms } from './encode/encryption.js';
import { type ObjectHeaders, prepareObjectHeaders } from './encode/object-headers.js';
import { prepareRules, type Rules } from './encode/rules.js';
import { type ResolvedPutOptions, resolvePutOptions } from './options.js';
import type { PutOptions } from './put-options.js';
import { createFilter, type Filter } from './source/filter.js';
import { globMatcher } from './source/glob.js';

export { RuleError } from './encode/rule.js';

/** The options of a put, checked, and what is made of them once. */
export interface PreparedPut {
  readonly options: ResolvedPutOptions;
  /** Which files are taken: neither excluded nor skipped by a rule. */
  readonly names: Filter;
  readonly headersFor: ObjectHeaders;
  readonly rules: Rules;
}

/** Checks everything about a put that its options alone can tell; no I/O. Throws `UsageError`. */
export function preparePut(options: PutOptions): PreparedPut {
  const resolved = resolvePutOptions(options);
  const filter = createFilter(resolved);
  const headers = typeof resolved.headers === 'function' ? undefined : resolved.headers;
  const headersFor = prepareObjectHeaders({ ...resolved, headers });
  // Headers of an item, and those that a hook gives, are known only when it is put.
  const itemsTell = typeof resolved.headers === 'function' || resolved.sources.some((one) => typeof one !== 'string');
  const rules = prepareRules(resolved.rules, globMatcher, itemsTell || asksForKms(headersFor('')));
  const takes = (path: string): boolean => filter.takes(path) && !rules.ruled(path).skip;
  return { options: resolved, names: { ...filter, takes }, headersFor, rules };
}
