import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../../src/report/types.js';
import { inBlocks } from '../../../src/run/blocks.js';
import type { RunEnd } from '../../../src/run/record.js';
import { type Run, startRun } from '../../../src/run/run.js';
import { runConcurrently } from '../../../src/run/workers.js';
import { runs } from '../../support/runs.js';

async function* each<T>(items: readonly T[], ended: () => void = () => {}): AsyncGenerator<T, void> {
  try {
    yield* items;
  } finally {
    ended();
  }
}

const outcomeOf = (key: number, action: Outcome['action'] = 'put'): Outcome => ({
  action,
  reason: 'new',
  origin: `${key}`,
  key: `${key}`,
  bytes: 1,
  sourceBytes: 1,
  verified: 'none',
  attempts: 1,
  startedAt: new Date(0),
  durationMs: 0,
});

const blocksOfNumbers = fc
  .array(fc.nat({ max: 90 }), { maxLength: 6 })
  .map((lengths) => lengths.map((length, block) => Array.from({ length }, (_, at) => 100 * block + at)));

function inRun<T>(work: (run: Run) => Promise<T>, failFast = false): Promise<T> {
  return startRun({ concurrency: 4, dryRun: false, memory: 1024, failFast }, work);
}

test('every unit of every block is settled once, and none is dropped', async () => {
  await fc.assert(
    fc.asyncProperty(blocksOfNumbers, async (blocks) => {
      const settled: number[] = [];
      const dropped: number[] = [];
      const end = await inRun((run) =>
        runConcurrently(
          run,
          each(blocks),
          async (unit) => {
            settled.push(unit);
            return outcomeOf(unit);
          },
          (unit) => dropped.push(unit),
        ),
      );
      assert.deepEqual([settled, dropped], [blocks.flat(), []]);
      assert.deepEqual(end, { error: undefined, stoppedEarly: false } satisfies RunEnd);
    }),
    runs(30),
  );
});

test('where a failure stops the run, each unit of a block that came is settled or dropped, and the source is ended', async () => {
  await fc.assert(
    fc.asyncProperty(blocksOfNumbers, fc.nat(), async (blocks, choice) => {
      const all = blocks.flat();
      const bad = all[choice % Math.max(1, all.length)];
      const settled: number[] = [];
      const dropped: number[] = [];
      let ended = 0;
      const end = await inRun(
        (run) =>
          runConcurrently(
            run,
            each(blocks, () => (ended += 1)),
            async (unit) => {
              settled.push(unit);
              return outcomeOf(unit, unit === bad ? 'fail' : 'put');
            },
            (unit) => dropped.push(unit),
          ),
        true,
      );
      assert.equal(ended, 1);
      assert.equal(end.stoppedEarly, bad !== undefined);
      const met = [...settled, ...dropped];
      const came = blocks.filter((block) => block.some((unit) => met.includes(unit))).flat();
      assert.deepEqual(met, came);
    }),
    runs(30),
  );
});

test('what a unit throws rejects, also where it throws at once or is dropped', async () => {
  const failed = inRun((run) => runConcurrently(run, each([[1, 2]]), () => Promise.reject(new Error('later'))));
  await assert.rejects(failed, /later/);
  const threw = inRun((run) =>
    runConcurrently(run, each([[1, 2]]), () => {
      throw new Error('at once');
    }),
  );
  await assert.rejects(threw, /at once/);
  const droppedOne = inRun((run) => {
    run.stop.now();
    const drop = (): void => {
      throw new Error('dropped');
    };
    return runConcurrently(run, each([[1, 2]]), async () => undefined, drop);
  });
  await assert.rejects(droppedOne, /dropped/);
});

test('an error of the blocks ends the run after the units before it', async () => {
  async function* failing(): AsyncGenerator<readonly number[], void> {
    yield [1, 2];
    throw new Error('broken');
  }
  const settled: number[] = [];
  const end = await inRun((run) =>
    runConcurrently(run, failing(), async (unit) => {
      settled.push(unit);
      return outcomeOf(unit);
    }),
  );
  assert.deepEqual([settled, (end.error as Error).message], [[1, 2], 'broken']);
});

test('a source of units that waits for one before it has the next is not waited for', async () => {
  let release = (): void => {};
  async function* waiting(): AsyncGenerator<number, void> {
    for (let at = 0; at < 200; at++) {
      const released = new Promise<void>((resolve) => (release = resolve));
      yield at;
      await released;
    }
  }
  let settled = 0;
  await inRun((run) =>
    runConcurrently(run, inBlocks(waiting()), async () => {
      settled += 1;
      release();
      return undefined;
    }),
  );
  assert.equal(settled, 200);
});
