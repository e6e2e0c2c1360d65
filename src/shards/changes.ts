import type { ReportShard } from '../report/types.js';

/** What the shards of one deployment have changed, all attempts together. */
export interface ShardChanges {
  /** Keys that existed before, and keys that did not. */
  readonly changed: ReadonlySet<string>;
  readonly created: ReadonlySet<string>;
  /** Which of the two lacks keys. */
  readonly lacks: { readonly changed: boolean; readonly created: boolean };
  /** How many objects; where keys are lacking, at least so many. */
  readonly count: number;
}

/** What one report says of changes. */
export interface ReportedChanges extends Pick<ReportShard, 'changed' | 'created' | 'truncated'> {
  /** How many objects it has written. */
  readonly writes: number;
}

/** Keys of each kind that are kept: as many as an invalidation looks at. */
const MOST_KEYS = 100_000;

export interface ChangesCollector {
  /** Takes what a report says. */
  add(report: ReportedChanges): void;
  /** There are changes of which no report says anything. */
  addUnknown(): void;
  /** All so far. */
  changes(): ShardChanges;
}

/** Brings together what reports say, in bounded memory. */
export function collectShardChanges(most: number = MOST_KEYS): ChangesCollector {
  const keys = { changed: new Set<string>(), created: new Set<string>() };
  const lacks = { changed: false, created: false };
  let writes = 0;

  function addKeys(kind: 'changed' | 'created', more: readonly string[]): void {
    for (const key of more) {
      if (keys[kind].size < most) keys[kind].add(key);
      else if (!keys[kind].has(key)) lacks[kind] = true;
    }
  }

  return {
    add({ changed = [], created = [], truncated, writes: own }) {
      writes += own;
      addKeys('changed', changed);
      addKeys('created', created);
      if (truncated !== true) return;
      // The list that lacks keys is full, so that the other one is no longer.
      if (changed.length >= created.length) lacks.changed = true;
      if (created.length >= changed.length) lacks.created = true;
    },
    addUnknown() {
      lacks.changed = true;
      lacks.created = true;
    },
    changes() {
      const known = new Set([...keys.changed, ...keys.created]).size;
      return { ...keys, lacks, count: lacks.changed || lacks.created ? Math.max(known, writes) : known };
    },
  };
}
