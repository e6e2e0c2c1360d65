import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { FaultKind } from 'fake-s3';
import fc from 'fast-check';
import type { PutOptions } from '../../src/index.js';
import { IMPATIENT, type Ran, run, serverFor } from '../support/engine.js';
import { noise, PART, SMALL_PARTS } from '../support/parts.js';
import { runs } from '../support/runs.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

const KEYS = ['a', 'b.html', 'c/d', 'e', 'parts'] as const;
const CHANGED = 'content differs, changed during the run';

/** What a writer has under a key: bytes of its own, those of both, or no file. */
const content = fc.constantFrom('own' as const, 'own' as const, 'own' as const, 'shared' as const, 'none' as const);
const kind = fc.constantFrom<FaultKind[]>(
  { type: 'reset' },
  { type: 'reset', stored: true },
  { type: 'truncate' },
  { type: 'twice' },
  { type: 'status', status: 503 },
  { type: 'status', status: 409, code: 'ConditionalRequestConflict' },
  { type: 'delay', ms: 3 },
);
const fault = fc.record({
  kind,
  verb: fc.constantFrom('PutObject' as const, 'PutObject' as const, 'CompleteMultipartUpload' as const),
  key: fc.option(fc.constantFrom(...KEYS), { nil: undefined }),
  occurrences: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
});
const world = fc.record({
  trees: fc.tuple(fc.array(content, { minLength: 5, maxLength: 5 }), fc.array(content, { minLength: 5, maxLength: 5 })),
  faults: fc.array(fault, { maxLength: 4 }),
  gzip: fc.boolean(),
  lanes: fc.tuple(fc.constantFrom('wire' as const, 'sdk' as const), fc.constantFrom('wire' as const, 'sdk' as const)),
  kms: fc.boolean(),
  concurrency: fc.constantFrom(1, 4),
});

/** Each writer's bytes under a key, all of one length, so that only contents differ. */
function bytesOf(key: string, who: number): Buffer {
  return key === 'parts' ? noise(6 * PART, who + 1) : Buffer.from(`${who} ${key} `.repeat(300));
}
const SHARED = 2;
const BEFORE = 3;

test('two puts at once never overwrite each other unseen', async (t) => {
  await fc.assert(
    fc.asyncProperty(world, async ({ trees, faults, gzip, lanes, kms, concurrency }) => {
      const server = await serverFor(t, { buckets: { site: { minPartSize: 1024, kms } } });
      for (const key of KEYS) server.seed('site', key, bytesOf(key, BEFORE));
      const wanted = trees.map((tree, who) => {
        const files = KEYS.flatMap((key, at) => {
          if (tree[at] === 'none') return [];
          return [[key, bytesOf(key, tree[at] === 'shared' ? SHARED : who)] as const];
        });
        return new Map<string, Buffer>(files);
      });
      // Both have listed the same objects before either writes.
      const held = server.fault({ verb: 'any', key: /./, occurrences: 'all', type: 'hold' });
      for (const { kind: what, verb, key, occurrences } of faults)
        server.fault({ verb, occurrences, ...what, ...(key !== undefined && { key }) });
      let listed = 0;
      const options: Partial<PutOptions> = {
        gzip,
        concurrency,
        ifNoFilesFound: 'ignore',
        onEvent(event) {
          if (event.type === 'request' && event.verb === 'ListObjectsV2') listed += 1;
        },
      };
      const both = Promise.all(
        wanted.map((files, who) =>
          run(
            server,
            { source: makeTree(t, Object.fromEntries(files)), ...options },
            { ...IMPATIENT, ...SMALL_PARTS, ...(lanes[who] && { lane: lanes[who] }) },
          ),
        ),
      );
      const expected = wanted.filter((files) => files.size > 0).length;
      await until(() => listed >= expected);
      held.clear();
      const ran = await both;

      for (const key of KEYS) {
        const last = decoded(server.object('site', key));
        const writers = [0, 1].filter((who) => wanted[who]?.has(key));
        const allowed = [bytesOf(key, BEFORE), ...writers.map((who) => wanted[who]?.get(key) ?? Buffer.alloc(0))];
        assert.ok(
          allowed.some((bytes) => bytes.equals(last)),
          `${key} has bytes of nobody`,
        );
        for (const who of writers) {
          const [own, other] = [outcomeOf(ran[who], key), outcomeOf(ran[1 - who], key)];
          assert.ok(own !== undefined, `${key} has no outcome`);
          if (own.action === 'fail' || wanted[who]?.get(key)?.equals(last)) continue;
          // This run reports success, and its bytes are not there any more: then the other run says that it has overwritten them.
          assert.equal(other?.action, 'put', `${key} is lost, unseen`);
          assert.equal(other?.reason, CHANGED, `${key} is lost, unseen`);
        }
      }
      for (const { report, outcomes } of ran)
        assert.ok(report.conflicts >= outcomes.filter(({ reason }) => reason === CHANGED).length);
      assert.ok(ran.every(({ error }) => error === undefined || error.name === 'PartialFailureError'));
      await server.close();
    }),
    runs(15),
  );
});

function outcomeOf(ran: Ran | undefined, key: string): Ran['outcomes'][number] | undefined {
  return ran?.outcomes.find((outcome) => outcome.key === key);
}

function decoded(
  object: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer } | undefined,
): Buffer {
  if (object === undefined) return Buffer.alloc(0);
  return object.headers['content-encoding'] === 'gzip' ? gunzipSync(object.body) : object.body;
}
