import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultKind } from 'fake-s3';
import fc from 'fast-check';
import { IMPATIENT, run, serverFor } from '../support/engine.js';
import { runs } from '../support/runs.js';
import { makeTree } from '../support/tree.js';

const KEYS = ['a', 'b/c', 'b/d', 'e f', 'g'] as const;

const kind: fc.Arbitrary<FaultKind> = fc.constantFrom<FaultKind[]>(
  { type: 'status', status: 500 },
  { type: 'status', status: 503 },
  { type: 'status', status: 429, code: 'TooManyRequests', headers: { 'retry-after': '1' } },
  { type: 'status', status: 400, code: 'InvalidArgument' },
  { type: 'status', status: 403, code: 'AccessDenied' },
  { type: 'reset' },
  { type: 'reset', stored: true },
  { type: 'truncate' },
  { type: 'error-in-200' },
  { type: 'wrong-etag' },
  { type: 'delay', ms: 5 },
);
const fault = fc.record({
  kind,
  verb: fc.constantFrom('PutObject' as const, 'PutObject' as const, 'HeadObject' as const, 'ListObjectsV2' as const),
  key: fc.option(fc.constantFrom(...KEYS), { nil: undefined }),
  occurrences: fc.oneof(fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), fc.constant('all' as const)),
});
const world = fc.record({
  faults: fc.array(fault, { maxLength: 5 }),
  /** What is remote before: the same bytes, others of the same length, others, or nothing. */
  before: fc.array(fc.constantFrom('same', 'edited', 'longer', 'absent'), { minLength: 5, maxLength: 5 }),
  mode: fc.constantFrom('add' as const, 'update' as const, 'stupid' as const),
  listDenied: fc.boolean(),
  concurrency: fc.constantFrom(1, 3, 64),
});

const ours = (key: string) => `bytes of ${key}`;

test('whatever fails, a run ends with the destination as wanted or names exactly what is not', async (t) => {
  await fc.assert(
    fc.asyncProperty(world, async ({ faults, before, mode, listDenied, concurrency }) => {
      const server = await serverFor(t, { buckets: { site: { deny: listDenied ? ['ListObjectsV2'] : [] } } });
      const theirs = new Map<string, string>();
      KEYS.forEach((key, i) => {
        if (before[i] === 'same') theirs.set(key, ours(key));
        if (before[i] === 'edited') theirs.set(key, ours(key).toUpperCase());
        if (before[i] === 'longer') theirs.set(key, `${ours(key)}!`);
      });
      for (const [key, body] of theirs) server.seed('site', key, body);
      for (const { kind: what, verb, key, occurrences } of faults)
        server.fault({ verb, occurrences, ...what, ...(key !== undefined && verb !== 'ListObjectsV2' && { key }) });

      // Time passes by waiting only, so that a server which throttles for ever is given up.
      let now = 0;
      const sleep = async (ms: number, signal: AbortSignal) => {
        signal.throwIfAborted();
        now += ms;
      };
      const clock = { now: () => now, random: () => 0.9, sleep };
      const source = makeTree(t, Object.fromEntries(KEYS.map((key) => [key, ours(key)])));
      const { error, report, outcomes } = await run(server, { source, mode, concurrency }, { ...IMPATIENT, clock });

      const stored = (key: string) => server.object('site', key)?.body.toString();
      const wanted = (key: string) => (mode === 'add' ? (theirs.get(key) ?? ours(key)) : ours(key));
      const headLies = faults.some(({ kind: { type }, verb }) => type === 'wrong-etag' && verb === 'HeadObject');
      const settled = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
      const failed = new Set(report.failures.map(({ key }) => key));
      for (const key of KEYS) {
        const outcome = settled.get(key);
        if (stored(key) !== wanted(key))
          assert.ok(failed.has(key) || outcome === undefined, `${key} is reported as done`);
        if (outcome === undefined) assert.equal(error?.name, 'RunStoppedError');
        if (outcome?.action === 'fail') assert.ok(failed.has(key));
        // A skip has a reason to be one: nothing was there to send. (After a lost answer only HEAD shows whose object it is; one that
        // names another ETag than the object's makes ours look like theirs.)
        if (outcome?.action === 'skip')
          assert.ok(stored(key) === theirs.get(key) || (headLies && stored(key) === ours(key)));
        // Nothing but our bytes and theirs is ever there, and mode add overwrites nothing.
        assert.ok([ours(key), theirs.get(key)].includes(stored(key)));
        if (mode === 'add' && theirs.has(key)) assert.equal(stored(key), theirs.get(key));
      }
      assert.equal(settled.size, outcomes.length, 'an object settled twice');
      const reported = new Set([...settled.keys(), ...failed]);
      assert.equal(reported.size + (report.notAttempted ?? Number.NaN), KEYS.length);
      if (error === undefined) {
        assert.deepEqual([failed.size, outcomes.length, report.complete], [0, KEYS.length, true]);
        for (const key of KEYS) assert.equal(stored(key), wanted(key));
      } else if (error.name === 'PartialFailureError') {
        assert.ok(failed.size > 0);
        assert.equal(outcomes.length, KEYS.length);
      } else assert.equal(error.name, 'RunStoppedError');
      await server.close();
    }),
    runs(10),
  );
});
