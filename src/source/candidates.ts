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
    return withUsableKey(rules.key === undefined ? entry : renamed(entry, rules.key));
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

function renamed(entry: Entry, hook: NonNullable<CandidateRules['key']>): Entry {
  const key: unknown = hook(itemInfo(entry));
  if (key === undefined) return entry;
  if (typeof key !== 'string') throw new TypeError(`key returned ${typeof key}; it must return a string or undefined`);
  return { ...entry, key };
}

function withUsableKey(entry: Entry): Found {
  const problem = keyProblem(entry.key);
  return problem === undefined
    ? entry
    : failing(entry, new SourceError(problem.code, problem.message, { hint: RENAME }));
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
