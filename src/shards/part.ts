import { isOfShard, type Shard } from '../model/shard.js';
import type { Order } from '../options/site-types.js';
import { dropUnit } from '../plan/listing/lookup.js';
import type { Entry, Found, FoundBlocks, Unusable } from '../source/types.js';

/** The part of a source that one run puts. */
export interface SourcePart {
  /** Whether the run settles it. Keys are final: clean URLs, redirects and functions have had their say. */
  readonly owns: (unit: Entry | Unusable) => boolean;
  /** Whether the rest counts as present in the bucket, so that it is not taken for strays. */
  readonly keepsRest: boolean;
  /** Called for each object of the rest that is kept. */
  readonly onKept?: () => void;
}

/** What a shard puts: its keys, without the pages where these wait for the shards. */
export function partOfShard(shard: Shard, order: Order, isPage: (entry: Entry) => boolean): SourcePart {
  return {
    owns(unit) {
      if (unit.kind === 'entry') return isOfShard(unit.key, shard) && (order !== 'site' || !isPage(unit));
      // What is below a folder or an archive that cannot be read may be of any shard.
      const isMany = unit.action === 'fail' && (unit.key === '' || unit.key.endsWith('/'));
      return isMany || isOfShard(unit.key, shard);
    },
    keepsRest: false,
  };
}

/** What `finish` puts where nothing is compared: all but what the shards have put. */
export function partOfFinish(isPage: (entry: Entry) => boolean, onKept: () => void): SourcePart {
  return { owns: (unit) => unit.kind !== 'entry' || isPage(unit), keepsRest: true, onKept };
}

/** Drops the rest of a source, and passes the part on. */
export async function* onlyPart(
  found: FoundBlocks,
  { owns, keepsRest, onKept }: SourcePart,
): AsyncGenerator<readonly Found[], void> {
  for await (const block of found) {
    const own = block.flatMap((unit): readonly Found[] => {
      if (unit.kind === 'leftOut' || owns(unit)) return [unit];
      const { key } = unit;
      dropUnit(unit);
      if (keepsRest) onKept?.();
      return keepsRest ? [{ kind: 'leftOut', key, below: false }] : [];
    });
    if (own.length > 0) yield own;
  }
}
