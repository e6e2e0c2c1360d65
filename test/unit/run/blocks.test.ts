import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { blocksOf, inBlocks, MOST_IN_BLOCK, unitsOf } from '../../../src/run/blocks.js';

const unit = (key: string) => ({ key });
type Unit = ReturnType<typeof unit>;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T, void> {
  yield* items;
}

test('blocks have all units in their order, and no more than a block may', async () => {
  for (const count of [0, 1, MOST_IN_BLOCK, MOST_IN_BLOCK + 1, 3 * MOST_IN_BLOCK + 5]) {
    const units = Array.from({ length: count }, (_, index) => unit(`${index}`));
    const blocks = await all(blocksOf(units));
    assert.ok(blocks.every(({ length }) => length > 0 && length <= MOST_IN_BLOCK));
    assert.deepEqual(blocks.flat(), units);
  }
});

test('the units of blocks are those of all blocks, empty ones too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.string())), async (keys) => {
      const blocks = keys.map((block) => block.map(unit));
      assert.deepEqual(await all(unitsOf(each(blocks))), blocks.flat());
      assert.deepEqual(await all(unitsOf(inBlocks(each(blocks.flat())))), blocks.flat());
    }),
  );
});

test('an error of the blocks comes after the units before it, and leaving the loop ends them', async () => {
  let ended = 0;
  async function* failing(): AsyncGenerator<readonly Unit[], void> {
    try {
      yield [unit('a'), unit('b')];
      throw new Error('broken');
    } finally {
      ended += 1;
    }
  }
  const taken: string[] = [];
  await assert.rejects(async () => {
    for await (const { key } of unitsOf(failing())) taken.push(key);
  }, /broken/);
  assert.deepEqual([taken, ended], [['a', 'b'], 1]);
  const dropped: string[] = [];
  for await (const { key } of unitsOf(failing(), (left) => dropped.push(left.key))) {
    assert.equal(key, 'a');
    break;
  }
  assert.deepEqual([dropped, ended], [['b'], 2]);
});
