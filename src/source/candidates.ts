import { SourceError } from '../errors.js';
import { keyProblem } from '../key.js';
import type { ItemInfo } from '../put-options.js';
import type { Entry, Found, Unusable } from './entry.js';
import { sameKey } from './merge-sources.js';

/** What decides, besides names, whether an entry is a candidate. */
export interface CandidateRules {
  readonly minSize: number;
  readonly maxSize: number;
  readonly limit: number;
  readonly filter?: ((item: ItemInfo) => boolean) | undefined;
  readonly key?: ((item: ItemInfo) => string | undefined) | undefined;
  /** What the hook `key` returns is the whole key. */
  readonly absoluteKey: boolean;
  /** Empty, or ends in `/`; stands before what the hook `key` returns. */
  readonly prefix: string;
}

/**
 * Leaves out what the size rules and the `filter` hook do not want, stops at `limit`, renames by the `key` hook, and refuses keys that S3 would.
 * A hook that throws fails its entry.
 */
export async function* candidates(found: AsyncIterable<Found>, rules: CandidateRules): AsyncGenerator<Found, void> {
  let taken = 0;
  for await (const unit of found) {
    const candidate = unit.kind === 'entry' ? asCandidate(unit, rules) : unit;
    if (unit.kind === 'entry' && candidate?.kind !== 'entry') unit.release?.();
    if (candidate === undefined) {
      unit.settled?.();
      continue;
    }
    yield candidate;
    if (unit.kind === 'entry' && ++taken >= rules.limit) return;
  }
}

function asCandidate(entry: Entry, rules: CandidateRules): Found | undefined {
  if (entry.size !== undefined && (entry.size < rules.minSize || entry.size > rules.maxSize)) return undefined;
  try {
    if (rules.filter !== undefined && !rules.filter(itemInfo(entry))) return undefined;
    return rules.key === undefined ? withUsableKey(entry, RENAME) : renamed(entry, rules.key, rules);
  } catch (error) {
    const reason = `a hook failed: ${error instanceof Error ? error.message : String(error)}`;
    return failing(entry, new SourceError('HookFailed', reason, { cause: error }));
  }
}

const RENAME = 'Rename it, leave it out by exclude, or give it another key (the key function of the API).';

/** What the hooks see of an entry. */
export function itemInfo({ relativePath, key, origin, size }: Entry): ItemInfo {
  return { relativePath, key, origin, size };
}

/** Returning the key that the hook sees changes nothing, whatever the prefix. */
function renamed(entry: Entry, hook: NonNullable<CandidateRules['key']>, rules: CandidateRules): Found {
  const prefix = rules.absoluteKey ? '' : rules.prefix;
  const { relativePath, origin, size } = entry;
  // An item's key that is absolute may lie outside of the prefix.
  const usual = entry.key.startsWith(prefix) ? entry.key.slice(prefix.length) : entry.key;
  const key: unknown = hook({ relativePath, key: usual, origin, size });
  if (key === undefined || key === usual) return withUsableKey(entry, RENAME);
  if (typeof key !== 'string') throw new TypeError(`key returned ${kindOf(key)}; it must return a string or undefined`);
  return withUsableKey({ ...entry, key: prefix + key }, returnAnother(key, prefix));
}

function kindOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise';
  return value === null ? 'null' : typeof value;
}

function returnAnother(key: string, prefix: string): string {
  const added = prefix === '' ? '' : `, to which the prefix "${prefix}" is added`;
  return `The key function returned ${JSON.stringify(key)}${added}: have it return a key such as "docs/page.html".`;
}

function withUsableKey(entry: Entry, hint: string): Found {
  const problem = keyProblem(entry.key);
  return problem === undefined ? entry : failing(entry, new SourceError(problem.code, problem.message, { hint }));
}

function failing({ key, origin, settled }: Entry, error: SourceError): Unusable {
  return { kind: 'unusable', action: 'fail', key, origin, reason: error.message, error, settled };
}

const GIVE_ONCE =
  'Leave one of them out by exclude, or give it another key. An archive that was appended to (tar -r, tar -u) is to be made anew.';

/** For sources out of key order: a key that was seen before is an error where the source can be surveyed, and a failure of its own elsewhere. */
export async function* uniqueKeys(found: AsyncIterable<Found>, repeatable: boolean): AsyncGenerator<Found, void> {
  const seen = new Map<string, string>();
  for await (const unit of found) {
    const first = unit.kind === 'entry' ? seen.get(unit.key) : undefined;
    if (unit.kind === 'entry') seen.set(unit.key, first ?? unit.origin);
    if (first === undefined) {
      yield unit;
      continue;
    }
    if (repeatable) throw sameKey(unit.key, first, unit.origin);
    if (unit.kind !== 'entry') continue;
    unit.release?.();
    yield failing(unit, new SourceError('RepeatedKey', `the key was given before, by ${first}`, { hint: GIVE_ONCE }));
  }
}
