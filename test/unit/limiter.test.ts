import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { Limiter } from '../../src/transfer/limiter.js';

const never = new AbortController().signal;

test('a limiter runs what fits at once and the rest in the order of asking', async () => {
  const limiter = new Limiter(2);
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const runs = [0, 1, 2, 3, 4].map((n) =>
    limiter.run(() => {
      started.push(n);
      return new Promise<void>((resolve) => ends.push(resolve));
    }, never),
  );
  assert.deepEqual([started, limiter.inFlight], [[0, 1], 2]);
  for (let n = 0; n < 5; n++) {
    ends[n]?.();
    await nextTurn();
  }
  await Promise.all(runs);
  assert.deepEqual([started, limiter.inFlight, limiter.peak], [[0, 1, 2, 3, 4], 0, 2]);
});

test('a limiter frees the slot of what fails, and passes the error on', async () => {
  const limiter = new Limiter(1);
  const failing = limiter.run(() => Promise.reject(new Error('no')), never);
  const next = limiter.run(async () => 'next', never);
  await assert.rejects(failing, /no/);
  assert.equal(await next, 'next');
  await assert.rejects(
    limiter.run(() => {
      throw new Error('at once');
    }, never),
    /at once/,
  );
  assert.equal(limiter.inFlight, 0);
});

test('an aborted waiter leaves the queue with the reason, and an aborted signal starts nothing', async () => {
  const limiter = new Limiter(1);
  let end = () => {};
  const first = limiter.run(() => new Promise<void>((resolve) => (end = resolve)), never);
  const controller = new AbortController();
  const waiting = limiter.run(async () => assert.fail('it ran'), controller.signal);
  const last = limiter.run(async () => 'last', never);
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(
    limiter.run(async () => assert.fail('it ran'), controller.signal),
    /enough/,
  );
  assert.equal(limiter.inFlight, 1);
  end();
  assert.deepEqual([await first, await last], [undefined, 'last']);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
});

const task = fc.record({
  turns: fc.nat({ max: 3 }),
  fails: fc.boolean(),
  /** Turn in which it is aborted. */
  abortAt: fc.option(fc.nat({ max: 12 }), { nil: undefined }),
  startAt: fc.nat({ max: 6 }),
});

test('under random aborts and failures a limiter never exceeds its limit and loses no waiter', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(task, { maxLength: 25 }), async (limit, tasks) => {
      const limiter = new Limiter(limit);
      let running = 0;
      let peak = 0;
      const controllers: AbortController[] = [];
      const settled = tasks.map(async ({ turns, fails, abortAt, startAt }) => {
        const controller = new AbortController();
        controllers.push(controller);
        void turnsPass(abortAt ?? 0).then(() => abortAt !== undefined && controller.abort(new Error('aborted')));
        await turnsPass(startAt);
        let ran = false;
        const send = async () => {
          ran = true;
          running += 1;
          peak = Math.max(peak, running);
          assert.ok(running <= limit && limiter.inFlight === running, `${running} of ${limit} run`);
          await turnsPass(turns);
          running -= 1;
          if (fails) throw new Error('failed');
          return 'done';
        };
        const told = await limiter.run(send, controller.signal).catch((error: Error) => error.message);
        // What was aborted in the queue never ran; what ran was not cut off by the limiter.
        assert.equal(told, ran ? (fails ? 'failed' : 'done') : 'aborted');
        if (abortAt === undefined) assert.ok(ran, 'a waiter was lost');
      });
      await Promise.all(settled);
      assert.deepEqual([limiter.inFlight, limiter.peak], [0, peak]);
      for (const { signal } of controllers) assert.equal(getEventListeners(signal, 'abort').length, 0);
    }),
    { numRuns: 150 },
  );
});

async function turnsPass(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await nextTurn();
}
