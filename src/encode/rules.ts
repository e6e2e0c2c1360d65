import type { GzipOption } from '../gzip-option.js';
import type { HeaderMap, Rule } from '../put-options.js';
import { guessContentType } from './content-type.js';
import { normalizeHeaders } from './header.js';
import { overlaid } from './object-headers.js';
import { checkKmsKeys, kindOf, type Matcher, type PreparedRule, prepareRule, RuleError } from './rule.js';

/** What the rules say of one file, all that match it merged. */
export interface Ruled {
  /** Names in lower case. `content-type` may be the word `guess`, which {@link headersUnderRules} replaces. */
  readonly headers: HeaderMap;
  /** Left out, as an excluded file is. */
  readonly skip: boolean;
  /** What is compressed; undefined where no rule says it, so that the option holds. */
  readonly gzip: GzipOption | undefined;
}

/** A rule that matched nothing. */
export interface UnmatchedRule {
  /** From 1, in the order given. */
  readonly number: number;
  readonly match: string | readonly string[];
}

/** The rules of a run, checked. */
export interface Rules {
  /** @param relativePath path relative to the source with `/`; an iterable's key */
  ruled(relativePath: string): Ruled;
  /** The rules that match no path asked about so far. */
  unmatched(): readonly UnmatchedRule[];
}

/** Paths whose merged rules are remembered. */
const MOST_RECENT = 4096;

/**
 * Checks the rules once. All rules that match a path merge in their order: of a header, of `gzip` and of `skip` the last one counts; an ACL or
 * grants replace those of the rules before.
 * @param matcherOf how globs match, as for include and exclude
 * @param kmsElsewhere something besides the rules may ask for encryption by KMS, so that a key can stand in them alone
 * @throws RuleError that names the rule's number and its key
 */
export function prepareRules(
  rules: readonly Rule[] | undefined,
  matcherOf: (glob: string) => Matcher,
  kmsElsewhere = true,
): Rules {
  if (rules !== undefined && !Array.isArray(rules))
    throw new RuleError([], `rules is ${kindOf(rules)}; it must be a list.`, 'Give a list of {match, …}.');
  const prepared = (rules ?? []).map((rule: unknown, index) => prepareRule(rule, index, matcherOf));
  if (!kmsElsewhere) checkKmsKeys(rules ?? [], prepared);
  const used = new Set<PreparedRule>();
  const merges = new Map<string, Ruled>();
  const recent = new Map<string, Ruled>();
  const mergeFor = (relativePath: string): Ruled => {
    const fitting = prepared.filter(({ matches }) => matches(relativePath));
    const which = fitting.map((rule) => prepared.indexOf(rule)).join();
    const known = merges.get(which) ?? fitting.reduce(merge, NOTHING);
    for (const rule of fitting) used.add(rule);
    merges.set(which, known);
    return known;
  };
  return {
    ruled(relativePath) {
      if (prepared.length === 0) return NOTHING;
      // A file is asked about several times while it is under way.
      const known = recent.get(relativePath) ?? mergeFor(relativePath);
      if (recent.size >= MOST_RECENT) recent.clear();
      recent.set(relativePath, known);
      return known;
    },
    unmatched: () =>
      prepared.flatMap((rule, index) => (used.has(rule) ? [] : [{ number: index + 1, match: rule.match }])),
  };
}

const NOTHING: Ruled = { headers: {}, skip: false, gzip: undefined };

function merge(below: Ruled, rule: PreparedRule): Ruled {
  const headers = overlaid(below.headers, rule.headers);
  return { headers, skip: rule.skip ?? below.skip, gzip: rule.gzip ?? below.gzip };
}

/** What goes over the headers of the options: those of the rules, and over them the item's own. Undefined where there are none. */
export function headersUnderRules(ruled: Ruled, key: string, own: HeaderMap | undefined): HeaderMap | undefined {
  if (Object.keys(ruled.headers).length === 0) return own;
  const guess = ruled.headers['content-type'] === 'guess' ? { 'content-type': guessContentType(key) } : undefined;
  return overlaid({ ...ruled.headers, ...guess }, normalizeHeaders(own ?? {}));
}
