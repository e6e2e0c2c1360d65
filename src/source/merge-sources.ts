import { UsageError } from '../errors.js';
import { compareKeys } from '../key.js';
import type { Found } from './entry.js';

/**
 * Merges walks that are each in key order into one that is. Throws `UsageError` when two of them give the same key.
 * @param walks what each source yields
 */
export async function* mergeSources(walks: readonly AsyncIterable<Found>[]): AsyncGenerator<Found, void> {
  let last: Found | undefined;
  const [only] = walks;
  for await (const found of only !== undefined && walks.length === 1 ? only : merged(walks)) {
    if (last !== undefined && clash(last, found)) throw sameKey(found.key, last.origin, found.origin);
    last = found;
    yield found;
  }
}

async function* merged(walks: readonly AsyncIterable<Found>[]): AsyncGenerator<Found, void> {
  const iterators = walks.map((walk) => walk[Symbol.asyncIterator]());
  try {
    const heads: (Found | undefined)[] = [];
    for (const iterator of iterators) heads.push(await pull(iterator));
    for (;;) {
      const index = indexOfFirst(heads);
      const found = heads[index];
      const iterator = iterators[index];
      if (found === undefined || iterator === undefined) return;
      yield found;
      heads[index] = await pull(iterator);
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

/** The error for two origins that would become one object. */
export function sameKey(key: string, first: string, second: string): UsageError {
  return new UsageError(
    `Two sources give the key "${key}": ${first} and ${second}.`,
    'Leave one of them out by exclude, put them separately under different prefixes, or use keyBase "cwd".',
  );
}

async function pull(iterator: AsyncIterator<Found>): Promise<Found | undefined> {
  const { done, value } = await iterator.next();
  return done === true ? undefined : value;
}

/** Would one object have two origins? Of what cannot be put each fails by itself. An archive that could not be read has no key. */
function clash(one: Found, other: Found): boolean {
  if (one.key !== other.key || one.key === '' || isSkip(one) || isSkip(other)) return false;
  return one.kind === 'entry' || other.kind === 'entry';
}

function isSkip(found: Found): boolean {
  return found.kind === 'unusable' && found.action === 'skip';
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
