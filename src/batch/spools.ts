import type { Run } from '../run/run.js';
import { openSortedSpool } from './sorted-spool.js';
import { type Codec, openSpool, type Spool } from './spool.js';

export type OpenPlain = <T>(codec: Codec<T>) => Spool<T>;
/** @param most records that are sorted in memory */
export type OpenSorted = <T>(codec: Codec<T>, keyOf: (record: T) => string, most?: number) => Spool<T>;

/**
 * Opens the spools of one run, which are removed when it ends. Where a file cannot be written, the run ends: a record that is not kept is an object that
 * nobody copies.
 */
export function spoolsOf({ own, stop }: Pick<Run, 'own' | 'stop'>): {
  readonly openPlain: OpenPlain;
  readonly openSorted: OpenSorted;
} {
  function kept<T>(spool: Spool<T>): Spool<T> {
    own({ close: () => spool.remove() });
    return {
      get size() {
        return spool.size;
      },
      add(record) {
        try {
          spool.add(record);
        } catch (error) {
          stop.now(error);
          throw error;
        }
      },
      read: () => spool.read(),
      remove: () => spool.remove(),
    };
  }
  return {
    openPlain: (codec) => kept(openSpool(codec)),
    openSorted: (codec, keyOf, most) => kept(openSortedSpool({ codec, keyOf, ...(most !== undefined && { most }) })),
  };
}
