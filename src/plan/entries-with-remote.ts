import type { Unusable } from '../source/entry.js';
import type { Lookup } from './merge-listing.js';

/** An entry and what is known of its key, or something that can be no object. */
export type Planned<E> = Unusable | { readonly kind: 'planned'; readonly entry: E; readonly remote: Lookup };

/**
 * Joins what a source holds with what is remote.
 * @param look answers for one key after the other; undefined where nobody shall ask (mode `stupid`)
 */
export async function* entriesWithRemote<E extends { readonly kind: 'entry'; readonly key: string }>(
  found: AsyncIterable<E | Unusable>,
  look: ((key: string) => Promise<Lookup>) | undefined,
): AsyncGenerator<Planned<E>, void> {
  for await (const unit of found) {
    if (unit.kind === 'unusable') yield unit;
    else
      yield { kind: 'planned', entry: unit, remote: look === undefined ? { state: 'unread' } : await look(unit.key) };
  }
}
