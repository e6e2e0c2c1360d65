import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Simulated, simulate, simulateClients, type World } from '../../support/simulation.js';

const MIB = 2 ** 20;

/** Servers, and how long each is simulated. */
const WORLDS: Readonly<
  Record<string, readonly [world: World, end: { readonly ms: number; readonly objects?: number }]>
> = {
  'responds after 100 ms at any rate': [{ latencyMs: 100 }, { ms: 8_000 }],
  'is faster than our processor': [{ latencyMs: 1, cpuMs: 0.25 }, { ms: 4_000 }],
  'is far away, for 10,000 objects': [
    { latencyMs: 30, cpuMs: 0.1 },
    { ms: 60_000, objects: 10_000 },
  ],
  'allows 200 requests a second': [{ latencyMs: 1, cpuMs: 0.1, perSecond: 200 }, { ms: 60_000 }],
  'allows 200 requests a second, for 600 objects': [
    { latencyMs: 1, cpuMs: 0.1, perSecond: 200 },
    { ms: 60_000, objects: 600 },
  ],
  'allows 200 requests a second and is far away': [{ latencyMs: 100, perSecond: 200 }, { ms: 60_000 }],
  'shares 100 MiB/s': [{ latencyMs: 20, line: { bytesPerSecond: 100 * MIB }, bytes: () => MIB / 4 }, { ms: 15_000 }],
  'gives each connection 5 MiB/s': [
    { latencyMs: 20, line: { bytesPerSecond: 1_000 * MIB, perConnection: 5 * MIB }, bytes: () => MIB / 4 },
    { ms: 8_000 },
  ],
  'gets many small objects and some large ones': [
    {
      latencyMs: 30,
      line: { bytesPerSecond: 500 * MIB, perConnection: 20 * MIB },
      bytes: (random) => (random() < 0.9 ? 4_096 : 4 * MIB),
    },
    { ms: 60_000, objects: 10_000 },
  ],
};

/** Work units per second. */
const goodput = ({ done, bytes, endedAt }: Simulated) => ((done + bytes / 65_536) / endedAt) * 1_000;

for (const [name, [world, end]] of Object.entries(WORLDS)) {
  test(`auto comes within 10 % of the best fixed concurrency for a server that ${name}`, (t) => {
    const fixed = [8, 32, 64, 128, 256, 512].map((concurrency) => goodput(simulate({ world, concurrency, ...end })));
    const best = Math.max(...fixed);
    for (const seed of [1, 2, 3]) {
      const auto = simulate({ world, concurrency: 'auto', ...end, seed });
      t.diagnostic(`auto ${goodput(auto).toFixed(0)}, fixed ${fixed.map((of) => of.toFixed(0)).join(' ')}`);
      assert.ok(goodput(auto) >= 0.9 * best, `${goodput(auto)} of ${best}`);
      assert.ok(auto.limits.every(([, limit]) => limit >= 1 && limit <= 512));
    }
  });
}

test('auto grows within a few round trips as far as it helps, and not above the maximum', () => {
  const { limits } = simulate({ world: { latencyMs: 100 }, concurrency: 'auto', most: 300, ms: 2_000 });
  assert.deepEqual(
    limits.map(([, limit]) => limit),
    [64, 128, 256, 300],
  );
  assert.ok((limits.at(-1)?.[0] ?? 0) < 500, 'a doubling each round trip');
});

test('a server whose processor is the limit gets no more requests in flight than it needs', () => {
  for (const serverCpuMs of [0.2, 0.5, 2])
    for (const latencyMs of [0.5, 5])
      for (const seed of [1, 2, 3]) {
        const world = { latencyMs, cpuMs: 0.1, serverCpuMs };
        const { limits } = simulate({ world, concurrency: 'auto', ms: 10_000, seed });
        const most = Math.max(...limits.map(([, limit]) => limit));
        assert.ok(most <= 128, `${serverCpuMs} ms each, ${latencyMs} ms away: ${limits.map(([, limit]) => limit)}`);
      }
});

test('a server that allows 200 requests a second with 1 ms latency gets nearly 200, with few 503s', () => {
  const world = { latencyMs: 1, cpuMs: 0.1, perSecond: 200 };
  for (const concurrency of ['auto', 64, 512] as const) {
    const { doneBy, throttles, done } = simulate({ world, concurrency, ms: 120_000 });
    assert.ok(doneBy(120_000) - doneBy(10_000) >= 0.9 * 200 * 110, `${done} done`);
    assert.ok(throttles <= 0.07 * done, `${throttles} 503s for ${done} objects`);
  }
});

/** The factor by which a run may take longer if the server refuses this share of the requests at random. */
const SHARES = [
  [503, 0.001, 1.1],
  [503, 0.01, 1.3],
  [503, 0.05, 2],
  [503, 0.1, 3],
  [503, 0.2, 4],
  [500, 0.01, 1.3],
  [500, 0.08, 2],
] as const;

for (const latencyMs of [10, 100]) {
  const untroubled = simulate({ world: { latencyMs, cpuMs: 0.1 }, concurrency: 'auto', objects: 10_000, ms: 5_000 });
  /** Objects in half a second. */
  const usual = untroubled.doneBy(1_000) - untroubled.doneBy(500);

  for (const [status, refusedShare, most] of SHARES) {
    test(`${refusedShare * 100} % of ${status} at random and ${latencyMs} ms slow 10,000 objects down by a factor of at most ${most}`, (t) => {
      const end = { concurrency: 'auto', objects: 10_000, ms: 100_000 } as const;
      const none = untroubled.endedAt;
      for (const seed of [1, 2]) {
        const world: World = { latencyMs, cpuMs: 0.1, refusedShare, status };
        const { done, endedAt } = simulate({ world, ...end, seed });
        t.diagnostic(`${(endedAt / none).toFixed(2)}`);
        assert.equal(done, 10_000);
        assert.ok(endedAt <= most * none, `${endedAt} ms, without refusals ${none} ms`);
      }
    });
  }

  for (const perSecond of [100, 1_000]) {
    test(`a limit of ${perSecond} requests a second at ${latencyMs} ms is used to 80 %, with at most 10 % refused`, (t) => {
      const world = { latencyMs, cpuMs: 0.1, perSecond };
      const { doneBy, refusedBy } = simulate({ world, concurrency: 'auto', ms: 40_000 });
      const [done, refused] = [doneBy(40_000) - doneBy(10_000), refusedBy(40_000) - refusedBy(10_000)];
      t.diagnostic(`${done} done, ${refused} refused`);
      assert.ok(done >= 0.8 * perSecond * 30, `${done} done`);
      assert.ok(refused <= 0.1 * (done + refused), `${refused} refused, ${done} done`);
    });

    test(`a limit of ${perSecond} requests a second at ${latencyMs} ms is soon forgotten when it is lifted`, () => {
      const world = { latencyMs, cpuMs: 0.1, perSecond, liftedAt: 15_000 };
      const { doneBy, rates } = simulate({ world, concurrency: 'auto', ms: 32_000 });
      const after = doneBy(32_000) - doneBy(31_500);
      assert.ok(after >= 0.9 * usual, `${after} objects in half a second, ${usual} without any limit`);
      assert.equal(rates.at(-1)?.[1], undefined);
    });
  }

  test(`two clients share a limit of 100 requests a second at ${latencyMs} ms, whichever began first`, (t) => {
    for (const startsAt of [0, 15_000]) {
      const world = { latencyMs, cpuMs: 0.1, perSecond: 100 };
      const clients = [{ concurrency: 'auto' }, { concurrency: 'auto', startsAt }] as const;
      const shares = simulateClients(world, clients, 135_000).map(({ doneBy }) => doneBy(135_000) - doneBy(15_000));
      t.diagnostic(`${shares}`);
      const all = shares.reduce((sum, done) => sum + done, 0);
      assert.ok(all >= 0.8 * 100 * 120, `${all} done`);
      for (const done of shares) assert.ok(done >= 0.3 * all, `${shares}`);
    }
  });

  for (const lengthMs of [100, 300, 1_000, 2_000]) {
    test(`3 s after ${lengthMs} ms of only 503s at ${latencyMs} ms the rate is as before`, () => {
      for (const seed of [1, 2]) {
        const world: World = { latencyMs, cpuMs: 0.1, outages: [[1_000, 1_000 + lengthMs]] };
        const backAt = 1_000 + lengthMs + 3_000;
        const { doneBy, throttles } = simulate({ world, concurrency: 'auto', ms: backAt + 500, seed });
        const after = doneBy(backAt + 500) - doneBy(backAt);
        assert.ok(after >= 0.9 * usual, `${after} objects in half a second, ${usual} before`);
        assert.ok(throttles <= 3_000, `${throttles} refused`);
      }
    });
  }
}

test('a server that allows 50 requests in flight soon gets no more', () => {
  const { doneBy, refusedBy } = simulate({ world: { latencyMs: 100, atOnce: 50 }, concurrency: 'auto', ms: 30_000 });
  const [done, refused] = [doneBy(30_000) - doneBy(5_000), refusedBy(30_000) - refusedBy(5_000)];
  assert.ok(done >= 0.6 * 500 * 25, `${done} done`);
  assert.ok(refused <= 0.1 * (done + refused), `${refused} refused`);
});

test('while a server refuses everything, the rate is lowered at most once a round trip, and a fixed limit returns to its value', () => {
  const world: World = { latencyMs: 50, outages: [[2_000, 2_600]] };
  const { limits, rates } = simulate({ world, concurrency: 100, ms: 90_000 });
  const cuts = rates.filter(([, rate], index) => (rate ?? Infinity) < (rates[index - 1]?.[1] ?? Infinity));
  assert.ok(cuts.length >= 3, `${cuts}`);
  for (const [index, [at]] of cuts.entries())
    assert.ok(index === 0 || at - (cuts[index - 1]?.[0] ?? 0) >= 45, `${cuts}`);
  assert.equal(limits.at(-1)?.[1], 100);
  assert.ok(limits.every(([, limit]) => limit <= 100));
});

test('a bound on the rate is dropped once the server accepts more than is sent', () => {
  // One short outage; from then on nothing is refused and the limit alone decides.
  const world: World = { latencyMs: 100, outages: [[3_000, 3_400]] };
  const { rates } = simulate({ world, concurrency: 20, ms: 20_000 });
  assert.ok(rates.length > 1);
  assert.equal(rates.at(-1)?.[1], undefined);
});

/** The most requests that started within any second. */
const mostInASecond = (starts: readonly number[]): number => {
  let from = 0;
  return starts.reduce((most, at, index) => {
    while ((starts[from] ?? 0) <= at - 1_000) from += 1;
    return Math.max(most, index - from + 1);
  }, 0);
};

for (const concurrency of ['auto', 64] as const) {
  test(`a maximum rate is kept and used, with ${concurrency} in flight, whatever the server could take`, () => {
    for (const maxRate of [0.5, 5, 100, 1_000])
      for (const latencyMs of [1, 100]) {
        const ms = 20_000;
        const { done, starts } = simulate({ world: { latencyMs, cpuMs: 0.1 }, concurrency, maxRate, ms });
        const most = mostInASecond(starts);
        assert.ok(most <= maxRate * 1.05 + 1, `${most} in a second of ${maxRate}`);
        const possible = Math.min(maxRate, concurrency === 'auto' ? maxRate : (concurrency / latencyMs) * 1_000);
        // The last ones are in flight.
        assert.ok(done >= (0.95 * possible * (ms - latencyMs)) / 1_000 - 1, `${done} done of ${maxRate} a second`);
      }
  });

  test(`refusals lower the rate below the maximum, with ${concurrency} in flight, and it stays at the maximum at most`, () => {
    for (const maxRate of [80, 105, 130, 300]) {
      const world = { latencyMs: 10, cpuMs: 0.1, perSecond: 100, liftedAt: 40_000 };
      const { doneBy, refusedBy, starts } = simulate({ world, concurrency, maxRate, ms: 60_000 });
      const most = mostInASecond(starts);
      assert.ok(most <= maxRate * 1.05 + 1, `${most} in a second of ${maxRate}`);
      const [done, refused] = [doneBy(40_000) - doneBy(10_000), refusedBy(40_000) - refusedBy(10_000)];
      assert.ok(done >= 0.8 * Math.min(maxRate, 100) * 30, `${done} done with at most ${maxRate} a second`);
      assert.ok(refused <= 0.1 * (done + refused), `${refused} refused, ${done} done`);
      if (maxRate < 100) assert.equal(refusedBy(60_000), 0);
      // Once the server allows more, the maximum is used again.
      const after = doneBy(60_000) - doneBy(55_000);
      assert.ok(after >= 0.9 * Math.min(maxRate, 1_000) * 5, `${after} done with at most ${maxRate} a second`);
    }
  });
}
