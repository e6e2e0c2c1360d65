/**
 * Units, some at a time. Each step between two generators, and each promise, costs a unit about a microsecond: most of what a unit costs on its way
 * from the source to the work on it. So every step passes blocks on.
 */
export type Blocks<T> = AsyncIterable<readonly T[]>;

/** Units in a block at most, so that a source is not far ahead of what is done with its units. */
export const MOST_IN_BLOCK = 64;

/** Blocks of one unit each, for units that come one by one: each is passed on before the next one is asked for. */
export async function* inBlocks<T>(units: AsyncIterable<T>): AsyncGenerator<readonly T[], void> {
  for await (const unit of units) yield [unit];
}

/** Units that are there already. */
export async function* blocksOf<T>(units: readonly T[]): AsyncGenerator<readonly T[], void> {
  for (let at = 0; at < units.length; at += MOST_IN_BLOCK) yield units.slice(at, at + MOST_IN_BLOCK);
}

/**
 * Each unit of the blocks. No generator: it would make several promises for each unit.
 * @param drop is called with each unit that was not taken when the loop over them ends early
 */
export function unitsOf<T>(blocks: Blocks<T>, drop?: (unit: T) => void): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = blocks[Symbol.asyncIterator]();
      let block: readonly T[] = [];
      let at = 0;

      async function nextBlock(): Promise<IteratorResult<T, void>> {
        for (;;) {
          const { done, value } = await iterator.next();
          if (done === true) return { done: true, value: undefined };
          if (value.length === 0) continue;
          block = value;
          at = 1;
          return { done: false, value: value[0] as T };
        }
      }

      return {
        next() {
          if (at >= block.length) return nextBlock();
          at += 1;
          return Promise.resolve({ done: false, value: block[at - 1] as T });
        },
        async return() {
          if (drop !== undefined) for (const unit of block.slice(at)) drop(unit);
          block = [];
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** Units that come one by one, without waiting. */
export async function* blocksFrom<T>(units: Iterable<T>): AsyncGenerator<readonly T[], void> {
  let block: T[] = [];
  for (const unit of units) {
    block.push(unit);
    if (block.length < MOST_IN_BLOCK) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}
