import { realpathSync } from 'node:fs';
import { SourceError, UsageError } from '../errors.js';
import { keyProblem } from '../model/key.js';
import { compareKeys } from '../model/key-order.js';
import type { ItemInfo } from '../options/types.js';
import { dropUnit } from '../plan/listing/lookup.js';
import { msg, type Text } from '../report/message.js';
import { isPlace } from '../report/origin.js';
import { type CleanUrlsOf, cleanEntries, cleanLeftOut } from './clean-urls.js';
import type { Entry, Found, FoundBlocks, LeftOut, Unusable } from './types.js';

/** What decides, besides the names of files, whether an entry is a candidate. */
export interface CandidateRules {
  readonly minSize: number;
  readonly maxSize: number;
  readonly limit: number;
  readonly filter?: ((item: ItemInfo) => boolean) | undefined;
  readonly key?: ((item: ItemInfo) => string | undefined) | undefined;
  /** Whether the hook `key` returns the whole key. */
  readonly absoluteKey: boolean;
  /** Empty, or ends in `/`; is put before what the hook `key` returns. */
  readonly prefix: string;
  /** Whether what is left out is yielded as `LeftOut`, so that nobody takes its remote key for a stray. */
  readonly leftOut?: boolean | undefined;
  /** Leaves out by name, where the walk did not: only with the hook `key`, which no name shows what it makes of. */
  readonly takes?: ((relativePath: string) => boolean) | undefined;
  /** The clean URLs of files, where the walk has not given them yet; a key that the hook `key` changes has none. */
  readonly cleanUrlsOf?: CleanUrlsOf | undefined;
  /** The Unicode form that keys get; undefined for the bytes of the names. */
  readonly normalize?: 'nfc' | undefined;
}

/**
 * Drops entries by size and the `filter` hook, stops at `limit`, renames by the `key` hook or clean URLs, and refuses keys that S3 would refuse. An
 * entry whose hook throws fails.
 */
export async function* candidates(found: FoundBlocks, rules: CandidateRules): AsyncGenerator<readonly Found[], void> {
  let left = rules.limit;
  for await (const block of found) {
    const taken: Found[] = [];
    for (const unit of block) {
      if (left > 0) left -= takeCandidates(unit, rules, left, taken);
      else dropUnit(unit);
    }
    if (taken.length > 0) yield taken;
    if (left <= 0) return;
  }
}

/**
 * Adds what becomes of one unit.
 * @param most candidates that may be taken
 * @returns how many candidates were
 */
function takeCandidates(unit: Found, rules: CandidateRules, most: number, taken: Found[]): number {
  if (unit.kind !== 'entry') {
    taken.push(...withCleanKeys(unit, rules));
    // Nothing shows which keys the hook would have made of what is below a link that is not followed.
    if (rules.leftOut === true && rules.key !== undefined && unit.kind === 'unusable') taken.push(ALL_PRESENT);
    return 0;
  }
  const candidate = asCandidate(unit, rules);
  if (candidate?.kind !== 'entry') unit.release?.();
  if (candidate === undefined) {
    unit.settled?.();
    if (rules.leftOut === true) taken.push(...withCleanKeys(leftOut(unit, rules), rules));
    return 0;
  }
  // A key that the hook has changed is final.
  if (rules.cleanUrlsOf === undefined || candidate.kind !== 'entry' || candidate.key !== unit.key) {
    taken.push(candidate);
    return 1;
  }
  const objects = cleanEntries(candidate, rules.cleanUrlsOf);
  taken.push(...objects.slice(0, most));
  for (const object of objects.slice(most)) dropUnit(object);
  return Math.min(objects.length, most);
}

/** Something that is not put has the keys that clean URLs would give it, too. */
function* withCleanKeys(unit: Unusable | LeftOut, { cleanUrlsOf, prefix, leftOut }: CandidateRules): Iterable<Found> {
  const isFolder = cleanUrlsOf !== undefined && unit.kind === 'leftOut' && !unit.below && unit.key.endsWith('/');
  yield isFolder ? { ...unit, marker: true } : unit;
  if (cleanUrlsOf !== undefined && leftOut === true) yield* cleanLeftOut(unit, prefix, cleanUrlsOf);
}

/** Every key counts as present. */
const ALL_PRESENT: LeftOut = { kind: 'leftOut', key: '', below: true };

/** The key that an entry would have. An entry whose hook fails is a failure, so that nothing is deleted. */
function leftOut(entry: Entry, rules: CandidateRules): Unusable | LeftOut {
  try {
    const { kind, key } = rules.key === undefined ? entry : renamed(entry, rules.key, rules);
    // A key of the hook is final.
    const cleanUrls = key === entry.key ? entry.cleanUrls : false;
    return kind === 'entry'
      ? { kind: 'leftOut', key, below: false, ...(cleanUrls !== undefined && { cleanUrls }) }
      : ALL_PRESENT;
  } catch (error) {
    return failing(entry, error as SourceError);
  }
}

/**
 * Gives all keys, also of what is left out or fails, their Unicode form. The prefix stays as it was given, and the path that globs see as it is on
 * disk. Out of key order from here on.
 */
export async function* withNormalKeys(found: FoundBlocks, prefix: string): AsyncGenerator<readonly Found[], void> {
  for await (const block of found)
    yield block.map((unit) => {
      const key = normalKey(unit.key, prefix);
      return key === unit.key ? unit : { ...unit, key };
    });
}

/** The rules with a `key` hook whose keys get their Unicode form, too. */
export function withNormalHook<T extends Pick<CandidateRules, 'key'>>(rules: T): T {
  const { key: hook } = rules;
  if (hook === undefined) return rules;
  const key = (item: ItemInfo): string | undefined => {
    const returned: unknown = hook(item);
    return (typeof returned === 'string' ? returned.normalize('NFC') : returned) as string | undefined;
  };
  return { ...rules, key };
}

/** A prefix ends in `/`, which joins with nothing. */
function normalKey(key: string, prefix: string): string {
  return key.startsWith(prefix) ? prefix + key.slice(prefix.length).normalize('NFC') : key.normalize('NFC');
}

function asCandidate(entry: Entry, rules: CandidateRules): Entry | Unusable | undefined {
  if (rules.takes !== undefined && !rules.takes(entry.relativePath)) return undefined;
  if (entry.size !== undefined && (entry.size < rules.minSize || entry.size > rules.maxSize)) return undefined;
  try {
    if (rules.filter !== undefined && !isTaken(entry, rules.filter)) return undefined;
    return rules.key === undefined ? withUsableKey(entry, RENAME) : renamed(entry, rules.key, rules);
  } catch (error) {
    return failing(entry, error as SourceError);
  }
}

/**
 * Calls a function that the user gave.
 * @throws SourceError that names the function, where it throws
 */
export function callHook<T>(name: 'key' | 'filter' | 'headers', call: () => T): T {
  try {
    return call();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SourceError('HookFailed', `the function "${name}" failed: ${reason}`, { cause: error });
  }
}

/** The error for what a function of the user returned. */
export function wrongReturn(name: string, value: unknown, expected: string, hint?: string): SourceError {
  // Nothing waits for it, and its rejection would end the process.
  if (value instanceof Promise) value.catch(() => {});
  return new SourceError('HookFailed', `the function "${name}" returned ${kindOf(value)}; it must return ${expected}`, {
    hint,
  });
}

function isTaken(entry: Entry, filter: NonNullable<CandidateRules['filter']>): boolean {
  const taken: unknown = callHook('filter', () => filter(itemInfo(entry)));
  // A promise counts as true, whatever it resolves with.
  if (taken instanceof Promise) throw wrongReturn('filter', taken, 'true or false');
  return Boolean(taken);
}

const RENAME = msg`Rename it, leave it out by {exclude}, or give it another key by {keyFunction}.`;

/** What hooks see of an entry. */
export function itemInfo({ relativePath, key, origin, size }: Entry): ItemInfo {
  return { relativePath, key, origin, size };
}

/** A hook that returns the key that it got changes nothing, whatever the prefix. */
function renamed(entry: Entry, hook: NonNullable<CandidateRules['key']>, rules: CandidateRules): Entry | Unusable {
  const prefix = rules.absoluteKey ? '' : rules.prefix;
  const { relativePath, origin, size } = entry;
  // An item's absolute key may be outside of the prefix.
  const usual = entry.key.startsWith(prefix) ? entry.key.slice(prefix.length) : entry.key;
  const key: unknown = callHook('key', () => hook({ relativePath, key: usual, origin, size }));
  if (key === undefined || key === usual) return withUsableKey(entry, RENAME);
  if (typeof key !== 'string') throw wrongReturn('key', key, 'a string or undefined');
  return withUsableKey({ ...entry, key: prefix + key }, returnAnother(key, prefix));
}

function kindOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise';
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'null' : typeof value;
}

function returnAnother(key: string, prefix: string): string {
  const added = prefix === '' ? '' : `, to which the prefix "${prefix}" is added`;
  return `The key function returned ${JSON.stringify(key)}${added}: have it return a key such as "docs/page.html".`;
}

function withUsableKey(entry: Entry, hint: Text): Entry | Unusable {
  // The key of a folder, which a page has by clean URLs, ends in a slash.
  const { key, plainKey } = entry;
  const problem = keyProblem(plainKey !== undefined && key.endsWith('/') ? key.slice(0, -1) : key);
  return problem === undefined ? entry : failing(entry, new SourceError(problem.code, problem.message, { hint }));
}

function failing({ key, origin, settled }: Entry, error: SourceError): Unusable {
  return { kind: 'unusable', action: 'fail', key, origin, reason: error.message, error, settled };
}

const GIVE_ONCE = msg`Leave one of them out by {exclude}, or give it another key. An archive that was appended to (tar -r, tar -u) is to be made anew.`;

/** For sources out of key order: throws for a repeated key where the source can be surveyed; elsewhere only that entry fails. */
export async function* uniqueKeys(found: FoundBlocks, repeatable: boolean): AsyncGenerator<readonly Found[], void> {
  const seen = new Map<string, string>();
  /** Keys by clean URLs. */
  const pages = new Set<string>();
  const checked = (unit: Found): Found => {
    if (unit.kind !== 'entry') return unit;
    if (unit.plainKey !== undefined) pages.add(unit.key);
    const first = seen.get(unit.key);
    seen.set(unit.key, first ?? unit.origin);
    if (first === undefined) return unit;
    if (repeatable) throw sameKeyError(unit, first, pages.has(unit.key));
    unit.release?.();
    const by = isPlace(first) ? first : 'another item';
    return failing(unit, new SourceError('RepeatedKey', `the key was given before, by ${by}`, { hint: GIVE_ONCE }));
  };
  for await (const block of found) yield block.map(checked);
}

/**
 * Merges walks in key order into one in key order. Throws `UsageError` when two of them yield the same key.
 * @param walks what each source yields
 */
export async function* mergeSources(walks: readonly AsyncIterable<Found>[]): AsyncGenerator<Found, void> {
  let last: Found | undefined;
  /** Waits for what follows: a folder may have a page with its key. */
  let waiting: LeftOut | undefined;
  const [only] = walks;
  for await (const found of only !== undefined && walks.length === 1 ? only : merged(walks)) {
    // Two sources may have the same folder.
    if (found.kind === 'leftOut' && found.key === last?.key) continue;
    if (waiting !== undefined && waiting.key !== found.key) yield waiting;
    waiting = undefined;
    if (last !== undefined && isClash(last, found)) throw sameKeyError(found, originOf(last), isPage(last));
    last = found;
    if (found.kind === 'leftOut' && !found.below) waiting = found;
    else yield found;
  }
  if (waiting !== undefined) yield waiting;
}

/** Whether clean URLs have given it its key. */
function isPage(found: Found): boolean {
  return found.kind === 'entry' && found.plainKey !== undefined;
}

function originOf(found: Found): string {
  return found.kind === 'leftOut' ? found.key : found.origin;
}

async function* merged(walks: readonly AsyncIterable<Found>[]): AsyncGenerator<Found, void> {
  const iterators = walks.map((walk) => walk[Symbol.asyncIterator]());
  try {
    const heads: (Found | undefined)[] = [];
    for (const iterator of iterators) heads.push(await nextOf(iterator));
    for (;;) {
      const index = indexOfFirst(heads);
      const found = heads[index];
      const iterator = iterators[index];
      if (found === undefined || iterator === undefined) return;
      yield found;
      heads[index] = await nextOf(iterator);
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

/** The error for two files, one of them a page, that would become one object. */
export function samePageError(key: string, first: string, second: string): UsageError {
  return new UsageError(
    msg`By {cleanUrls} two files give the key "${key}": ${first} and ${second}.`,
    msg`Rename one of them, leave it out by {exclude}, or turn clean URLs off for it by a rule in {rules}.`,
  );
}

/**
 * The error for two origins that would become one object.
 * @param pageBefore whether clean URLs have given the first one its key
 */
function sameKeyError(found: Found, first: string, pageBefore: boolean): UsageError {
  const { key } = found;
  const second = originOf(found);
  if (isSameFile(first, second)) {
    const names = first === second ? first : `${first} and ${second}`;
    return new UsageError(
      `Two sources give the key "${key}", and both are one file: ${names}.`,
      'It is named twice, by itself or in a directory: name it once.',
    );
  }
  if (pageBefore || isPage(found)) return samePageError(key, first, second);
  return new UsageError(
    `Two sources give the key "${key}": ${first} and ${second}.`,
    msg`Leave one of them out by {exclude}, upload them separately under different prefixes, or use {keyBase: 'cwd'}.`,
  );
}

/** Whether both are one file, or one member of one archive. */
function isSameFile(first: string, second: string): boolean {
  if (first === second) return true;
  try {
    return realpathSync(first) === realpathSync(second);
  } catch {
    return false;
  }
}

async function nextOf(iterator: AsyncIterator<Found>): Promise<Found | undefined> {
  const { done, value } = await iterator.next();
  return done === true ? undefined : value;
}

/** Whether one object would have two origins. Two unusable entries do not clash: each fails by itself. An unreadable archive has no key. */
function isClash(one: Found, other: Found): boolean {
  if (one.key !== other.key || one.key === '' || isLeftOut(one) || isLeftOut(other)) return false;
  return one.kind === 'entry' || other.kind === 'entry';
}

function isLeftOut(found: Found): boolean {
  return found.kind === 'leftOut' || (found.kind === 'unusable' && found.action === 'skip');
}

function indexOfFirst(heads: readonly (Found | undefined)[]): number {
  let first = -1;
  heads.forEach((head, index) => {
    if (head === undefined) return;
    const best = heads[first];
    if (best === undefined || compareKeys(head.key, best.key) < 0) first = index;
  });
  return first;
}
