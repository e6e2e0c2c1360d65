import { UsageError } from '../errors.js';
import { closestTo } from '../model/edit-distance.js';
import type { Encoding } from '../model/encodings.js';
import { FILE_PHASES, type FilePhase } from '../model/site-phases.js';
import { checkedGzip } from '../options/common.js';
import { checkedCompress, onlyOneOn } from '../options/compression.js';
import { CLEAN_URLS, type CleanUrls } from '../options/site-types.js';
import type { GzipOption, HeaderMap, HeaderValues, Rule } from '../options/types.js';
import { flag, oneOf } from '../options/validate.js';
import { msg, type Text, textIn } from '../report/message.js';
import type { CompressionLayer } from './compression.js';
import { guessContentType } from './content-type.js';
import { type HeaderWarning, headerWarnings } from './header-grammar.js';
import { checkedValue, normalizeHeaders } from './header-syntax.js';
import { asksForKms, checkTogether, KMS_FIX, KMS_KEY, overlaid, SINGLE_HEADERS, SSE } from './object-headers.js';

/** An invalid rule. */
export class RuleError extends UsageError {
  /** Its place in the rules: index, key, and the header's name or the glob's index. */
  readonly path: readonly (string | number)[];
  constructor(path: readonly (string | number)[], message: Text, hint?: Text) {
    super(message, hint);
    this.path = path;
  }
}

export type Matcher = (relativePath: string) => boolean;

/** One rule, checked. */
export interface PreparedRule {
  /** From 1, in the order given. */
  readonly number: number;
  /** Where it is written, of one that no option gives: `_headers:3`. */
  readonly origin?: string;
  readonly match: Rule['match'];
  readonly matches: Matcher;
  /** Names in lower case; the value of `content-type` may be the word `guess`. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most one of the two. */
  readonly gzip?: GzipOption;
  readonly compress?: Encoding | false;
  readonly skip?: boolean;
  readonly phase?: FilePhase;
  readonly cleanUrls?: CleanUrls | false;
  /** Whether it may match nothing. */
  readonly optional: boolean;
}

/** Keys of a rule that are the value of one header. */
const HEADER_KEYS = { 'content-type': 'contentType', ...SINGLE_HEADERS, 'x-amz-acl': 'acl' } as const;

/** What a rule can say. */
export const RULE_KEYS: readonly string[] = [
  'match',
  'headers',
  ...Object.values(HEADER_KEYS),
  'gzip',
  'compress',
  'skip',
  'phase',
  'cleanUrls',
  'optional',
];

/**
 * Checks one rule; `contentType`, `cacheControl`, `acl` and the like override its `headers`.
 * @param index its place in the rules, from 0
 * @throws RuleError that names the rule's number and its key
 */
function prepareRule(rule: unknown, index: number, matcherOf: (glob: string) => Matcher): PreparedRule {
  if (!isObject(rule)) {
    const hint = 'Write for example {match: "*.html", cacheControl: "no-cache"}.';
    throw new RuleError([index], `Rule ${index + 1} is ${kindOf(rule)}; it must be an object.`, hint);
  }
  const unknown = Object.keys(rule).find((key) => !RULE_KEYS.includes(key));
  if (unknown !== undefined) throw unknownKey(index, unknown);
  const { match, headers, gzip, compress, skip, phase, cleanUrls, optional, ...named } = rule as Partial<Rule>;
  const at = <T>(path: readonly (string | number)[], check: () => T): T => within(index, path, check);

  const matchers = globsOf(index, match).map((glob, i) =>
    at(Array.isArray(match) ? ['match', i] : ['match'], () => matcherOf(glob)),
  );
  const given: Record<string, string> = {};
  if (headers !== undefined && !isObject(headers))
    throw new RuleError(
      [index, 'headers'],
      `Rule ${index + 1}, headers: it is ${kindOf(headers)}; give names and values.`,
    );
  for (const [name, value] of Object.entries(headers ?? {}))
    Object.assign(
      given,
      at(['headers', name], () => normalizeHeaders({ [name]: value })),
    );
  for (const [name, key] of Object.entries(HEADER_KEYS)) {
    const value = named[key];
    if (value === undefined) continue;
    given[name] = key === 'contentType' && value === 'guess' ? value : at([key], () => checkedValue(name, value));
  }
  // Another rule or an option may set the method that a KMS key needs.
  const checkedTypes = gzip === undefined ? undefined : at(['gzip'], () => checkedGzip('gzip', gzip));
  const coding = at(['compress'], () => checkedCompress('compress', compress));
  const { [KMS_KEY]: kmsKey, ...others } = given;
  const whole = SSE in given || kmsKey === undefined;
  const keyAt = Object.keys(headers ?? {}).find(isKmsKey);
  at(whole && keyAt !== undefined ? ['headers', keyAt] : [], () => checkTogether(whole ? given : others));
  return {
    number: index + 1,
    match: match as Rule['match'],
    matches: (path) => matchers.some((matches) => matches(path)),
    headers: given,
    ...at(gzip !== undefined && compress !== undefined ? ['compress'] : [], () => onlyOneOn(checkedTypes, coding)),
    ...(skip !== undefined && { skip: at(['skip'], () => flag('skip', skip, false)) }),
    ...(phase !== undefined && { phase: at(['phase'], () => oneOf('phase', phase, FILE_PHASES)) }),
    ...(cleanUrls !== undefined && { cleanUrls: at(['cleanUrls'], () => checkedCleanUrls(cleanUrls)) }),
    optional: at(['optional'], () => flag('optional', optional, false)),
  };
}

/** @throws UsageError for another value than the option takes, and `false` */
export function checkedCleanUrls(value: unknown): CleanUrls | false {
  return value === false ? false : oneOf('cleanUrls', value, CLEAN_URLS);
}

/**
 * Refuses a KMS key where no rule requests KMS encryption.
 * @param rules as they were given, and prepared
 * @throws RuleError with the place of the key
 */
function checkKmsKeys(rules: readonly Rule[], prepared: readonly PreparedRule[]): void {
  if (prepared.some(({ headers }) => asksForKms(headers))) return;
  const index = prepared.findIndex(({ headers }) => KMS_KEY in headers);
  const name = Object.keys(rules[index]?.headers ?? {}).find(isKmsKey);
  if (name === undefined) return;
  const message = `Rule ${index + 1}, headers: "${name}" names a KMS key, but no option or rule requests KMS encryption.`;
  throw new RuleError([index, 'headers', name], message, KMS_FIX);
}

function isKmsKey(name: string): boolean {
  return name.trim().toLowerCase() === KMS_KEY;
}

function globsOf(index: number, match: unknown): readonly string[] {
  const globs: readonly unknown[] = Array.isArray(match) ? match : [match];
  if (globs.length > 0 && globs.every((glob) => typeof glob === 'string')) return globs;
  const wrong = match === undefined ? 'has no match' : `, match: it is ${kindOf(match)}, not a glob or a list of globs`;
  const message = `Rule ${index + 1}${match === undefined ? ' ' : ''}${wrong}.`;
  throw new RuleError([index, 'match'], message, 'Give a glob such as "*.html"; in YAML with its quotes.');
}

function within<T>(index: number, path: readonly (string | number)[], check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const [key] = path;
    const named = key === undefined || error.message.startsWith(String(key));
    const message = `Rule ${index + 1}${named ? '' : `, ${key}`}: ${error.message}`;
    throw new RuleError([index, ...path], message, textIn(error, 'hint'));
  }
}

function unknownKey(index: number, key: string): RuleError {
  const near = closestTo(key.toLowerCase().replaceAll(/[-_]/g, ''), RULE_KEYS, 4);
  const meant = near === undefined ? '' : `Is "${near}" meant? `;
  const message = `Rule ${index + 1} has the unknown key "${key}".`;
  return new RuleError([index, key], message, `${meant}Keys of a rule are: ${RULE_KEYS.join(', ')}.`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a wrong value is, for a message. */
function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' ? 'an object' : (JSON.stringify(value) ?? typeof value);
}

/** The merged result of all rules that match one file. */
export interface RuleResult {
  /** Names in lower case. `content-type` may be the word `guess`, which {@link headersUnderRules} replaces. */
  readonly headers: HeaderMap;
  /** Whether the file is left out, like an excluded one. */
  readonly skip: boolean;
  /** What is compressed; both undefined where no rule sets either, so that the options apply. */
  readonly gzip: GzipOption | undefined;
  readonly compress: Encoding | false | undefined;
  /** The phase with `order: 'site'`; undefined where no rule sets it, so that the name decides. */
  readonly phase: FilePhase | undefined;
  /** The clean URLs of the file; undefined where no rule sets them, so that the option applies. */
  readonly cleanUrls: CleanUrls | false | undefined;
}

/** A rule as explanations name it: `number` from 1. */
export interface NamedRule {
  readonly number: number;
  readonly match: string | readonly string[];
  /** Where it is written, of one that a file of headers gives: `_headers:3`. Its number is among those. */
  readonly origin?: string;
}

export function nameOf({ number, match, origin }: PreparedRule): NamedRule {
  return { number, match, ...(origin !== undefined && { origin }) };
}

/** The rules of a run, checked. */
export interface Rules {
  /** @param relativePath path relative to the source with `/`; an iterable's key */
  resultFor(relativePath: string): RuleResult;
  /** The rules that match a path, which {@link resultFor} merges. */
  matching(relativePath: string): readonly PreparedRule[];
  /** Whether one of them sets clean URLs. */
  readonly setCleanUrls: boolean;
  /** Whether there are no rules. */
  readonly none: boolean;
  /** The rules that matched no path so far, except those that may. */
  unmatched(): readonly NamedRule[];
  /** What is odd about the headers of those that matched a path so far. */
  warnings(): readonly HeaderWarning[];
}

/** Most paths whose results are cached. */
const MOST_RECENT = 4096;

/**
 * Checks the rules once. All rules that match a path merge in their order: for a header, compression (`gzip` or `compress`), `skip`, `phase` and `cleanUrls` the last rule counts; an ACL or
 * grants replace those of earlier rules.
 * @param matcherOf compiles a glob, as for include and exclude
 * @param kmsElsewhere whether something besides the rules may request KMS encryption, so that rules may give just a key
 * @param lower rules that were checked already, which all others override
 * @throws RuleError that names the rule's number and its key
 */
export function prepareRules(
  rules: readonly Rule[] | undefined,
  matcherOf: (glob: string) => Matcher,
  kmsElsewhere = true,
  lower: readonly PreparedRule[] = [],
): Rules {
  if (rules !== undefined && !Array.isArray(rules))
    throw new RuleError([], msg`{rules} is ${kindOf(rules)}; it must be a list.`, 'Give a list of {match, …}.');
  const given = (rules ?? []).map((rule: unknown, index) => prepareRule(rule, index, matcherOf));
  if (!kmsElsewhere) checkKmsKeys(rules ?? [], given);
  const prepared = [...lower, ...given];
  const used = new Set<PreparedRule>();
  const warnings = new Map(prepared.map((rule) => [rule, warningsOf(rule)]));
  const merges = new Map<string, RuleResult>();
  const recent = new Map<string, RuleResult>();
  const matching = (relativePath: string) => prepared.filter(({ matches }) => matches(relativePath));
  const mergeFor = (relativePath: string): RuleResult => {
    const fitting = matching(relativePath);
    const which = fitting.map(({ number, origin }) => origin ?? number).join();
    const known = merges.get(which) ?? fitting.reduce(merge, NO_RULES);
    for (const rule of fitting) used.add(rule);
    merges.set(which, known);
    return known;
  };
  return {
    matching,
    resultFor(relativePath) {
      if (prepared.length === 0) return NO_RULES;
      // The result for a file is needed several times while it is put.
      const known = recent.get(relativePath) ?? mergeFor(relativePath);
      if (recent.size >= MOST_RECENT) recent.clear();
      recent.set(relativePath, known);
      return known;
    },
    none: prepared.length === 0,
    setCleanUrls: prepared.some(({ cleanUrls }) => cleanUrls !== undefined),
    warnings: () => [...warnings].flatMap(([rule, its]) => (used.has(rule) ? its : [])),
    unmatched: () => prepared.flatMap((rule) => (used.has(rule) || rule.optional ? [] : [nameOf(rule)])),
  };
}

function warningsOf({ headers, number, origin }: PreparedRule): readonly HeaderWarning[] {
  const { 'content-type': type, ...others } = headers;
  const all = type === undefined || type === 'guess' ? others : headers;
  return headerWarnings(all).map(({ code, message }) => ({
    code: `${origin ?? `rule-${number}`}-${code}`,
    message: `${origin ?? `Rule ${number}`}: ${message}`,
  }));
}

export const NO_RULES: RuleResult = {
  headers: {},
  skip: false,
  gzip: undefined,
  compress: undefined,
  phase: undefined,
  cleanUrls: undefined,
};

function merge(below: RuleResult, rule: PreparedRule): RuleResult {
  const headers = overlaid(below.headers, rule.headers);
  return {
    headers,
    skip: rule.skip ?? below.skip,
    ...compressionIn(rule.gzip === undefined && rule.compress === undefined ? below : rule),
    phase: rule.phase ?? below.phase,
    cleanUrls: rule.cleanUrls ?? below.cleanUrls,
  };
}

function compressionIn({ gzip, compress }: CompressionLayer): Pick<RuleResult, 'gzip' | 'compress'> {
  return { gzip, compress };
}

/** The headers that override those of the options: the rules' headers, overridden by the item's own. Undefined where there are none. */
export function headersUnderRules(
  ruled: RuleResult,
  key: string,
  own: HeaderValues | undefined,
): HeaderValues | undefined {
  if (Object.keys(ruled.headers).length === 0) return own;
  const guess = ruled.headers['content-type'] === 'guess' ? { 'content-type': guessContentType(key) } : undefined;
  return overlaid({ ...ruled.headers, ...guess }, normalizeHeaders(own ?? {}));
}
