import type { Entry, Found, FoundBlocks } from '../source/types.js';
import type { PlannedWrite } from './put/context.js';

/** Headers to set, without the file where the source is walked again for it. */
export type HeldUpdate = Omit<PlannedWrite, 'entry' | 'form'> & Partial<Pick<PlannedWrite, 'entry' | 'form'>>;

/** What is held with its file. */
export async function* eachOf(units: readonly HeldUpdate[]): AsyncGenerator<readonly PlannedWrite[], void> {
  yield units.flatMap((unit) => (unit.entry === undefined ? [] : [{ ...unit, entry: unit.entry }]));
}

/** What is held, with its file from another walk of the source. */
export async function* withEntries(
  found: FoundBlocks,
  units: readonly HeldUpdate[],
): AsyncGenerator<readonly PlannedWrite[], void> {
  const wanted = new Map(units.map((unit) => [unit.key, unit]));
  for await (const block of found) {
    const writes: PlannedWrite[] = [];
    for (const entry of block) {
      const unit = wanted.get(entry.key);
      if (entry.kind !== 'entry') continue;
      wanted.delete(entry.key);
      if (unit === undefined) entry.release?.();
      else writes.push({ ...unit, entry });
    }
    if (writes.length > 0) yield writes;
    if (wanted.size === 0) return;
  }
}

/** What a source has but its pages, which are released. */
export function withoutPages(found: FoundBlocks, isPage: (entry: Entry) => boolean): FoundBlocks {
  return only(found, (unit) => unit.kind !== 'entry' || !isPage(unit));
}

/** The pages of a source; everything else is released. */
export function onlyPages(found: FoundBlocks, isPage: (entry: Entry) => boolean): FoundBlocks {
  return only(found, (unit) => unit.kind === 'entry' && isPage(unit));
}

async function* only(found: FoundBlocks, isTaken: (unit: Found) => boolean): AsyncGenerator<readonly Found[], void> {
  for await (const block of found) {
    const taken: Found[] = [];
    for (const unit of block) {
      if (isTaken(unit)) taken.push(unit);
      else if (unit.kind === 'entry') unit.release?.();
    }
    if (taken.length > 0) yield taken;
  }
}
