/** What writes of a run have shown about headers by their names: whether this server sets them in a copy, in a put, or not at all. */
export interface HeaderTurns {
  /** Whether the server keeps it, as far as that is known. */
  isKept(name: string): boolean;
  /** Whether a copy sets all of them, as far as that is known. */
  byCopy(names: readonly string[]): boolean;
  /** Whether one of them was never looked at after such a write. */
  areUnknown(by: WriteKind, names: readonly string[]): boolean;
  /** Takes what a HEAD shows after a write of these names. @param unset those that it did not set */
  learn(by: WriteKind, names: readonly string[], unset: readonly string[]): void;
  /** Does the work at once where all names are known; otherwise only one such work at a time, so that the first one shows it for all. */
  inTurn<T>(names: readonly string[], work: () => Promise<T>): Promise<T>;
}

type WriteKind = 'copy' | 'put';

/** @param onLost called with a name that the server does not keep */
export function headerTurns(onLost: (name: string) => void): HeaderTurns {
  const sets = { copy: new Map<string, boolean>(), put: new Map<string, boolean>() };
  const turns = new Map<string, Promise<void>>();
  const isUnknown = (name: string): boolean => sets.copy.get(name) !== true && sets.put.get(name) === undefined;

  return {
    isKept: (name) => sets.put.get(name) !== false || sets.copy.get(name) === true,
    byCopy: (names) => names.every((name) => sets.copy.get(name) !== false),
    areUnknown: (by, names) => names.some((name) => !sets[by].has(name)),
    learn(by, names, unset) {
      for (const name of names) {
        const isSet = !unset.includes(name);
        sets[by].set(name, isSet);
        if (by === 'put' && !isSet && sets.copy.get(name) !== true) onLost(name);
      }
    },
    async inTurn(names, work) {
      for (;;) {
        const unknown = names.filter(isUnknown);
        if (unknown.length === 0) return work();
        const others = unknown.flatMap((name) => turns.get(name) ?? []);
        if (others.length === 0) break;
        await Promise.all(others);
      }
      let leave = (): void => {};
      const turn = new Promise<void>((resolve) => (leave = resolve));
      for (const name of names) if (isUnknown(name)) turns.set(name, turn);
      try {
        return await work();
      } finally {
        for (const [name, of] of turns) if (of === turn) turns.delete(name);
        leave();
      }
    },
  };
}
