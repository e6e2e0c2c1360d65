import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { Limiter, StartRate } from '../../../src/run/limiter.js';
import { runs } from '../../support/runs.js';

const never = new AbortController().signal;

test('a limiter immediately runs what fits, and the rest in order', async () => {
  const limiter = new Limiter(2, never);
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const runs = [0, 1, 2, 3, 4].map((n) =>
    limiter.run(() => {
      started.push(n);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  assert.deepEqual([started, limiter.inFlight], [[0, 1], 2]);
  for (let n = 0; n < 5; n++) {
    ends[n]?.();
    await nextTurn();
  }
  await Promise.all(runs);
  assert.deepEqual([started, limiter.inFlight, limiter.peak], [[0, 1, 2, 3, 4], 0, 2]);
});

test('a limiter releases the slot of a failed request, and rethrows the error', async () => {
  const limiter = new Limiter(1, never);
  const failing = limiter.run(() => Promise.reject(new Error('no')));
  const next = limiter.run(async () => 'next');
  await assert.rejects(failing, /no/);
  assert.equal(await next, 'next');
  await assert.rejects(
    limiter.run(() => {
      throw new Error('at once');
    }),
    /at once/,
  );
  assert.equal(limiter.inFlight, 0);
});

test('an abort rejects waiting requests with its reason, starts nothing more, and lets those in flight finish', async () => {
  const controller = new AbortController();
  const limiter = new Limiter(1, controller.signal);
  let end = () => {};
  const first = limiter.run(() => new Promise<void>((resolve) => (end = resolve)));
  const never = async () => assert.fail('it ran');
  const waiting = [limiter.run(never), limiter.run(never)];
  assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
  controller.abort(new Error('enough'));
  for (const run of [...waiting, limiter.run(never)]) await assert.rejects(run, /enough/);
  assert.equal(limiter.inFlight, 1);
  end();
  await first;
  assert.equal(limiter.inFlight, 0);
});

test('raising the limit immediately starts waiting requests, and lowering it lets those in flight finish', async () => {
  const limiter = new Limiter(1, never);
  const ends: (() => void)[] = [];
  const runs = Array.from({ length: 6 }, () => limiter.run(() => new Promise<void>((resolve) => ends.push(resolve))));
  limiter.limit = 4;
  assert.equal(limiter.inFlight, 4);
  limiter.limit = 2;
  assert.equal(limiter.inFlight, 4);
  await nextTurn();
  const left: number[] = [];
  for (let n = 0; n < 6; n++) {
    ends[n]?.();
    await nextTurn();
    left.push(limiter.inFlight);
  }
  await Promise.all(runs);
  assert.deepEqual([left, limiter.peak], [[3, 2, 2, 2, 1, 0], 4]);
});

const task = fc.record({ turns: fc.nat({ max: 3 }), fails: fc.boolean(), startAt: fc.nat({ max: 6 }) });
const change = fc.record({ at: fc.nat({ max: 12 }), limit: fc.integer({ min: 1, max: 5 }) });

test('under random failures, changes and aborts a limiter never exceeds its limit, keeps the order and loses no waiter', async () => {
  const tasks = fc.array(task, { maxLength: 25 });
  const abort = fc.option(fc.nat({ max: 12 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 4 }), tasks, abort, async (changes, tasks, abortAt) => {
      const controller = new AbortController();
      const limiter = new Limiter(2, controller.signal);
      for (const { at, limit } of changes) void turnsPass(at).then(() => (limiter.limit = limit));
      if (abortAt !== undefined) void turnsPass(abortAt).then(() => controller.abort(new Error('aborted')));
      let running = 0;
      let peak = 0;
      const queued: number[] = [];
      const ran: number[] = [];
      const settled = tasks.map(async ({ turns, fails, startAt }, index) => {
        await turnsPass(startAt);
        queued.push(index);
        const send = async () => {
          ran.push(index);
          running += 1;
          peak = Math.max(peak, running);
          await turnsPass(turns);
          running -= 1;
          if (fails) throw new Error('failed');
          return 'done';
        };
        const result = await limiter.run(send).catch((error: Error) => error.message);
        // A request that was aborted in the queue never ran; a request that ran was not interrupted by the limiter.
        assert.equal(result, ran.includes(index) ? (fails ? 'failed' : 'done') : 'aborted');
        if (abortAt === undefined) assert.ok(ran.includes(index), 'a waiter was lost');
      });
      await Promise.all(settled);
      assert.deepEqual([limiter.inFlight, limiter.peak], [0, peak]);
      assert.ok(peak <= Math.max(2, ...changes.map(({ limit }) => limit)));
      assert.deepEqual(ran, queued.slice(0, ran.length));
    }),
    runs(150),
  );
});

/** A clock that a test sets, with the timers that are pending. */
function virtualClock() {
  let now = 0;
  const timers: { readonly at: number; readonly call: () => void }[] = [];
  return {
    timers,
    now: () => now,
    after(ms: number, call: () => void) {
      const timer = { at: now + ms, call };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    async advance(to: number) {
      for (;;) {
        const due = timers.filter(({ at }) => at <= to).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers.splice(timers.indexOf(due), 1);
        now = due.at;
        due.call();
        await nextTurn();
      }
      now = to;
    },
  };
}

test('a rate bounds the starts per second, with one timer for all waiters, and a small burst after a pause', async () => {
  const clock = virtualClock();
  const limiter = new Limiter(1_000, never, clock);
  limiter.rate = 200;
  let started = 0;
  const send = async () => {
    started += 1;
  };
  const runs = Array.from({ length: 500 }, () => limiter.run(send));
  assert.deepEqual([started, clock.timers.length], [1, 1]);
  await clock.advance(1_000);
  assert.deepEqual([started, clock.timers.length], [201, 1]);
  limiter.rate = 100;
  await clock.advance(2_000);
  assert.ok(Math.abs(started - 301) <= 1, `${started}`);
  limiter.rate = undefined;
  await Promise.all(runs);
  assert.deepEqual([started, clock.timers.length], [500, 0]);

  limiter.rate = 200;
  await clock.advance(3_000);
  started = 0;
  const more = Array.from({ length: 50 }, () => limiter.run(send));
  assert.equal(started, 10, '50 ms worth');
  await clock.advance(4_000);
  await Promise.all(more);
});

test('a rate below the burst still allows one start at a time, and an abort leaves no timer', async () => {
  const clock = virtualClock();
  const controller = new AbortController();
  const limiter = new Limiter(10, controller.signal, clock);
  limiter.rate = 2;
  let started = 0;
  const send = async () => {
    started += 1;
  };
  const runs = Array.from({ length: 4 }, () => limiter.run(send).catch(() => 'aborted'));
  await clock.advance(1_000);
  assert.equal(started, 3);
  controller.abort();
  assert.deepEqual(await Promise.all(runs), [undefined, undefined, undefined, 'aborted']);
  assert.equal(clock.timers.length, 0);
});

test('a maximum rate holds whatever the rate is, and a lower rate holds below it', async () => {
  const clock = virtualClock();
  const limiter = new Limiter(1_000, never, clock);
  limiter.maxRate = 100;
  let started = 0;
  const send = async () => {
    started += 1;
  };
  const runs = Array.from({ length: 700 }, () => limiter.run(send));
  await clock.advance(1_000);
  assert.equal(started, 101);
  limiter.rate = 1_000;
  assert.equal(limiter.rate, 1_000);
  await clock.advance(2_000);
  assert.equal(started, 201);
  limiter.rate = 50;
  await clock.advance(3_000);
  assert.ok(Math.abs(started - 251) <= 1, `${started}`);
  limiter.rate = undefined;
  limiter.maxRate = 200;
  await clock.advance(4_000);
  assert.ok(Math.abs(started - 451) <= 2, `${started}`);
  limiter.maxRate = undefined;
  await Promise.all(runs);
  assert.deepEqual([started, limiter.started, clock.timers.length], [700, 700, 0]);
});

test('a start that does not wait counts under a maximum rate, also where that changes, and under none it does not', async () => {
  const clock = virtualClock();
  const limiter = new Limiter(1_000, never, clock);
  limiter.maxRate = 10;
  let started = 0;
  const send = async () => {
    started += 1;
  };
  for (let index = 0; index < 11; index++) limiter.startAtOnce();
  const runs = Array.from({ length: 30 }, () => limiter.run(send));
  await clock.advance(1_000);
  assert.equal(started, 0, 'a second’s worth has started before');
  limiter.maxRate = 5;
  await clock.advance(1_999);
  limiter.maxRate = 10;
  await clock.advance(3_000);
  assert.ok(started >= 14 && started <= 17, `${started}`);
  limiter.maxRate = undefined;
  await Promise.all(runs);
  limiter.rate = 10;
  limiter.startAtOnce();
  const last = limiter.run(send);
  assert.equal(started, 31, 'refusals alone do not make them count');
  await last;
});

test('a slot that is given back without a request costs no start', async () => {
  for (const perSecond of [5, 200]) {
    const clock = virtualClock();
    const limiter = new Limiter(100, never, clock);
    limiter.maxRate = perSecond;
    let started = 0;
    const send = async () => {
      started += 1;
    };
    // As small files do that cannot take the shortest way.
    const runs: Promise<void>[] = [];
    for (let index = 0; index < 4 * perSecond; index++)
      limiter.takeThen(
        () => {
          limiter.cancel();
          runs.push(limiter.run(send));
        },
        () => assert.fail('nothing was aborted'),
      );
    await clock.advance(1_000);
    assert.ok(started >= perSecond && started <= perSecond + 1, `${started} of ${perSecond}`);
    await clock.advance(2_000);
    assert.ok(started >= 2 * perSecond && started <= 2 * perSecond + 1, `${started} of ${2 * perSecond}`);
    await clock.advance(5_000);
    await Promise.all(runs);
    assert.deepEqual([started, limiter.started, limiter.inFlight], [4 * perSecond, 4 * perSecond, 0]);
  }
});

test('a rate so low that no timer is as long waits in steps', async () => {
  const clock = virtualClock();
  const limiter = new Limiter(10, never, clock);
  limiter.maxRate = 1e-9;
  let started = 0;
  const send = async () => {
    started += 1;
  };
  void limiter.run(send);
  void limiter.run(send);
  await nextTurn();
  assert.deepEqual([started, clock.timers.map(({ at }) => at)], [1, [2 ** 31 - 1]]);
  await clock.advance(2 ** 31);
  assert.deepEqual([started, clock.timers.length], [1, 1]);
  limiter.maxRate = undefined;
});

test('small changes of the rate neither add nor lose starts', () => {
  let rate = new StartRate(200, 0);
  let started = 0;
  for (let now = 0; now < 10_000; now++) {
    if (now % 7 === 0) rate = rate.changed(200 + (now % 3), now);
    while (rate.take(now) === 0) started += 1;
  }
  assert.ok(started > 1_990 && started < 2_030, `${started}`);
});

async function turnsPass(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await nextTurn();
}

test('waiters that give their slots back at once are served in turn, however many there are', () => {
  const limiter = new Limiter(1, new AbortController().signal);
  const served: number[] = [];
  limiter.takeThen(
    () => {},
    () => assert.fail('nothing was aborted'),
  );
  for (let index = 0; index < 100_000; index++)
    limiter.takeThen(
      () => {
        limiter.release();
        served.push(index);
      },
      () => assert.fail('nothing was aborted'),
    );
  assert.equal(served.length, 0);
  limiter.release();
  assert.deepEqual([served.length, served[0], served.at(-1), limiter.inFlight], [100_000, 0, 99_999, 0]);
});

test('who waits without a promise gets the reason of the abort', () => {
  const controller = new AbortController();
  const limiter = new Limiter(1, controller.signal);
  const reasons: unknown[] = [];
  const wait = () =>
    limiter.takeThen(
      () => {},
      (reason) => reasons.push(reason),
    );
  wait();
  wait();
  controller.abort('enough');
  wait();
  assert.deepEqual(reasons, ['enough', 'enough']);
});
