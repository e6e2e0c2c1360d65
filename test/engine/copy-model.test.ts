import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultKind, StoredObject } from 'fake-s3';
import fc from 'fast-check';
import { copyServer, KIB, LONG_AGO, seed } from '../support/copies.js';
import { IMPATIENT, runCopy } from '../support/engine.js';
import { noise } from '../support/parts.js';
import { runs } from '../support/runs.js';

const OBJECTS = {
  a: { body: Buffer.from('small') },
  'b/big': { body: noise(7 * KIB), partSizes: [3 * KIB, 3 * KIB, KIB] },
  'b/uneven': { body: noise(5 * KIB, 2), partSizes: [2 * KIB, 3 * KIB] },
  'e f': { body: Buffer.from('') },
  g: { body: noise(3 * KIB, 3) },
} as const;
type Key = keyof typeof OBJECTS;
const KEYS = Object.keys(OBJECTS) as Key[];

const kind: fc.Arbitrary<FaultKind> = fc.constantFrom<FaultKind[]>(
  { type: 'status', status: 500 },
  { type: 'status', status: 503 },
  { type: 'status', status: 400, code: 'InvalidArgument' },
  { type: 'status', status: 403, code: 'AccessDenied' },
  { type: 'status', status: 404, code: 'NoSuchUpload' },
  { type: 'status', status: 412, code: 'PreconditionFailed' },
  { type: 'status', status: 501, code: 'NotImplemented' },
  { type: 'reset' },
  { type: 'reset', stored: true },
  { type: 'truncate' },
  { type: 'error-in-200' },
  { type: 'error-in-200', code: 'AccessDenied' },
  { type: 'wrong-etag' },
  { type: 'wrong-body' },
);
const verb = fc.constantFrom(
  'CopyObject' as const,
  'CopyObject' as const,
  'UploadPartCopy' as const,
  'CreateMultipartUpload' as const,
  'CompleteMultipartUpload' as const,
  'HeadObject' as const,
  'ListObjectsV2' as const,
  'ListMultipartUploads' as const,
  'ListParts' as const,
  'GetObject' as const,
  'PutObject' as const,
  'UploadPart' as const,
);
const fault = fc.record({
  kind,
  verb,
  occurrences: fc.oneof(fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1 }), fc.constant('all' as const)),
});
const world = fc.record({
  faults: fc.array(fault, { maxLength: 4 }),
  before: fc.array(fc.constantFrom('same', 'edited', 'longer', 'absent'), { minLength: 5, maxLength: 5 }),
  mode: fc.constantFrom('add' as const, 'update' as const, 'stupid' as const),
  /** The source is overwritten while it is copied. */
  changing: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  concurrency: fc.constantFrom(1, 3, 64),
});

test('whatever fails, each object of the destination is one state of its source, or is named', async (t) => {
  await fc.assert(
    fc.asyncProperty(world, async ({ faults, before, mode, changing, concurrency }) => {
      const server = await copyServer(t);
      try {
        const theirs = new Map<string, StoredObject>();
        KEYS.forEach((key, n) => {
          const { body, ...of } = OBJECTS[key];
          seed(server, key, body, of);
          if (before[n] === 'absent') return;
          const edited =
            before[n] === 'longer' ? Buffer.concat([body, body, Buffer.from('!')]) : noise(body.length, 99);
          if (before[n] === 'same') server.seed('site', key, body, { ...of, lastModified: LONG_AGO });
          else server.seed('site', key, edited, { lastModified: LONG_AGO });
          const stored = server.object('site', key);
          if (stored !== undefined) theirs.set(key, stored);
        });
        for (const { kind: what, ...of } of faults) server.fault({ ...of, ...what });
        const other = noise(7 * KIB, 50);
        let changed = false;
        const onEvent = () => {
          if (changing === undefined || changed || server.requests.length < changing) return;
          changed = true;
          server.seed('from', 'b/big', other, { partSizes: OBJECTS['b/big'].partSizes });
        };
        let now = 0;
        const sleep = async (ms: number, signal: AbortSignal) => {
          signal.throwIfAborted();
          now += ms;
        };
        const clock = { now: () => now, random: () => 0.9, sleep };
        const ran = await runCopy(server, { mode, concurrency, onEvent }, { ...IMPATIENT, clock });

        const states = (key: Key): Buffer[] => [OBJECTS[key].body, ...(key === 'b/big' && changed ? [other] : [])];
        const failed = new Set(ran.report.failures.map(({ key }) => key));
        const settled = new Map(ran.outcomes.map((outcome) => [outcome.key, outcome]));
        for (const key of KEYS) {
          const stored = server.object('site', key);
          const isSource = stored !== undefined && states(key).some((body) => body.equals(stored.body));
          // A wrong object is never made.
          assert.ok(
            isSource || stored?.body === theirs.get(key)?.body,
            `${key} is neither what it was nor what it should be`,
          );
          const outcome = settled.get(key);
          if (outcome?.action === 'copy') assert.ok(isSource, `${key} is called copied`);
          if (outcome?.action === 'fail') assert.ok(failed.has(key));
          if (outcome === undefined && !failed.has(key))
            assert.notEqual(ran.error, undefined, `${key} is not reported`);
          if (mode === 'add' && theirs.has(key)) assert.equal(stored?.body, theirs.get(key)?.body);
        }
        assert.equal(settled.size, ran.outcomes.length, 'an object settled twice');
        if (ran.error === undefined) assert.deepEqual([failed.size, settled.size], [0, KEYS.length]);
        server.clearFaults();
        const again = await runCopy(server, { mode: 'update' });
        assert.equal(again.error, undefined);
        for (const key of KEYS) {
          const [source, dest] = [server.object('from', key), server.object('site', key)];
          assert.ok(source && dest?.body.equals(source.body), `${key} is right in the end`);
        }
      } finally {
        await server.close();
      }
    }),
    runs(8),
  );
});
