import type { HeaderChange } from '../../report/types.js';

type Changes = readonly HeaderChange[];

/** What writes of a run have shown about headers, by name: whether this server sets them, and removes them, in a copy, in a put, or not at all. */
export interface HeaderTurns {
  /** Whether the server makes such a change, as far as that is known. */
  isKept(change: HeaderChange): boolean;
  /** Whether a copy makes all of them, as far as that is known. */
  byCopy(changes: Changes): boolean;
  /** Whether one of them was never looked at after such a write. */
  areUnknown(by: WriteKind, changes: Changes): boolean;
  /** Takes what a HEAD shows after a write with these changes. @param unset those that it did not make */
  learn(by: WriteKind, changes: Changes, unset: Changes): void;
  /** Does the work at once where all changes are known; otherwise only one such work at a time, so that the first one shows it for all. */
  inTurn<T>(changes: Changes, work: () => Promise<T>): Promise<T>;
}

type WriteKind = 'copy' | 'put';

/** A header that is set, or that is removed: some servers do only the first. */
const idOf = ({ name, to }: HeaderChange): string => (to === undefined ? `-${name}` : name);

/** @param onLost called with the first change of a kind that the server does not make */
export function headerTurns(onLost: (change: HeaderChange) => void): HeaderTurns {
  const makes = { copy: new Map<string, boolean>(), put: new Map<string, boolean>() };
  const turns = new Map<string, Promise<void>>();
  const isUnknown = (id: string): boolean => makes.copy.get(id) !== true && makes.put.get(id) === undefined;

  function isKept(change: HeaderChange): boolean {
    const id = idOf(change);
    return makes.put.get(id) !== false || makes.copy.get(id) === true;
  }

  return {
    isKept,
    byCopy: (changes) => changes.every((change) => makes.copy.get(idOf(change)) !== false),
    areUnknown: (by, changes) => changes.some((change) => !makes[by].has(idOf(change))),
    learn(by, changes, unset) {
      for (const change of changes) {
        makes[by].set(idOf(change), !unset.includes(change));
        if (!isKept(change)) onLost(change);
      }
    },
    async inTurn(changes, work) {
      const ids = changes.map(idOf);
      for (;;) {
        const others = ids.filter(isUnknown).flatMap((id) => turns.get(id) ?? []);
        if (others.length === 0) break;
        await Promise.all(others);
      }
      let leave = (): void => {};
      const turn = new Promise<void>((resolve) => (leave = resolve));
      for (const id of ids) if (isUnknown(id)) turns.set(id, turn);
      try {
        return await work();
      } finally {
        for (const id of ids) if (turns.get(id) === turn) turns.delete(id);
        leave();
      }
    },
  };
}
