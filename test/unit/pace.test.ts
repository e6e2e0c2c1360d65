import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Simulated, simulate, type World } from '../support/simulation.js';

const MIB = 2 ** 20;

/** Servers, and how long each is simulated. */
const WORLDS: Readonly<
  Record<string, readonly [world: World, end: { readonly ms: number; readonly objects?: number }]>
> = {
  'answers after 100 ms, however much it is asked': [{ latencyMs: 100 }, { ms: 8_000 }],
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

test('auto grows to all that helps within a few round trips, and not beyond what is allowed', () => {
  const { limits } = simulate({ world: { latencyMs: 100 }, concurrency: 'auto', most: 300, ms: 2_000 });
  assert.deepEqual(
    limits.map(([, limit]) => limit),
    [64, 128, 256, 300],
  );
  assert.ok((limits.at(-1)?.[0] ?? 0) < 500, 'a doubling each round trip');
});

test('a server that allows 200 requests a second with 1 ms latency gets nearly 200, with few 503s', () => {
  const world = { latencyMs: 1, cpuMs: 0.1, perSecond: 200 };
  for (const concurrency of ['auto', 64, 512] as const) {
    const { doneBy, throttles, done } = simulate({ world, concurrency, ms: 120_000 });
    assert.ok(doneBy(120_000) - doneBy(10_000) >= 0.9 * 200 * 110, `${done} done`);
    assert.ok(throttles <= (concurrency === 512 ? 0.05 : 0.02) * done, `${throttles} 503s for ${done} objects`);
  }
});

test('a throttling server shrinks the limit once per round trip, and lifts a fixed one back to what was asked', () => {
  const world: World = { latencyMs: 50, outage: [2_000, 2_400] };
  const { limits } = simulate({ world, concurrency: 100, ms: 90_000 });
  const shrunk = limits.filter(([, limit], index) => limit < (limits[index - 1]?.[1] ?? 0));
  assert.ok(shrunk.length >= 3, `${shrunk}`);
  for (const [index, [at, limit]] of shrunk.entries()) {
    const [before, from] = shrunk[index - 1] ?? [0, 100];
    assert.ok(limit >= Math.floor(from * 0.7) - 1, `from ${from} to ${limit}`);
    assert.ok(at - before >= 45, `${at} follows ${before}`);
  }
  const lowest = Math.min(...limits.map(([, limit]) => limit));
  const frozen = limits.find(([at, limit]) => at > 2_500 && limit > lowest)?.[0] ?? 0;
  assert.ok(frozen > 7_000, `it grew at ${frozen}`);
  assert.equal(limits.at(-1)?.[1], 100);
  assert.ok(limits.every(([, limit]) => limit <= 100));
});

test('after an outage of 2 s the rate before it is reached again within half a minute', () => {
  const world: World = { latencyMs: 10, cpuMs: 0.5, outage: [5_000, 7_000] };
  const { doneBy } = simulate({ world, concurrency: 'auto', ms: 40_000 });
  const [before, after] = [doneBy(5_000) - doneBy(3_000), doneBy(40_000) - doneBy(38_000)];
  assert.ok(after >= 0.95 * before, `${after} objects in 2 s, ${before} before`);
});

test('a bound on the rate is dropped once the server bears more than we send', () => {
  // One short outage; from then on nothing is refused and the limit alone decides.
  const { rates } = simulate({ world: { latencyMs: 100, outage: [3_000, 3_400] }, concurrency: 20, ms: 120_000 });
  assert.ok(rates.length > 1);
  assert.equal(rates.at(-1)?.[1], undefined);
});
