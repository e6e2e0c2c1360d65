import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fault, startS3Server } from 'fake-s3';
import fc from 'fast-check';
import { noise, PART, runInParts, SMALL_PARTS } from '../support/parts.js';
import { runs } from '../support/runs.js';
import { makeTree } from '../support/tree.js';

const FILES = { big: noise(7 * PART + 9), other: noise(6 * PART, 2), small: 'small' };
const VERBS = [
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
  'ListParts',
  'ListMultipartUploads',
  'HeadObject',
] as const;

const kinds = fc.constantFrom(
  { type: 'status', status: 503 },
  { type: 'status', status: 500 },
  { type: 'status', status: 403, code: 'AccessDenied' },
  { type: 'status', status: 404, code: 'NoSuchUpload' },
  { type: 'status', status: 409, code: 'ConditionalRequestConflict' },
  { type: 'status', status: 400, code: 'InvalidPart' },
  { type: 'reset' },
  { type: 'reset', stored: true },
  { type: 'truncate' },
  { type: 'error-in-200' },
  { type: 'wrong-etag' },
  { type: 'wrong-checksum' },
) as fc.Arbitrary<Fault>;

const fault = fc
  .tuple(fc.constantFrom(...VERBS), fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 3 }), kinds)
  .map(([verb, occurrences, kind]) => ({ ...kind, verb, occurrences: [...new Set(occurrences)] }) as Fault);

test('whatever fails, what is called put is right, and a rerun makes all of it right', async (t) => {
  const source = makeTree(t, FILES);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('update' as const, 'add' as const),
      fc.constantFrom('on' as const, 'off' as const),
      async (faults, mode, resume) => {
        const server = await startS3Server({ buckets: { site: { minPartSize: 1024 } } });
        try {
          for (const one of faults) server.fault(one);
          const ran = await runInParts(server, { source, mode, resume, concurrency: 4 }, SMALL_PARTS);
          const failed = new Set(ran.report.failures.map(({ key }) => key));
          for (const [key, bytes] of Object.entries(FILES)) {
            if (ran.keys('put').includes(key))
              assert.ok(server.object('site', key)?.body.equals(Buffer.from(bytes)), `${key} is called put`);
            else
              assert.ok(
                failed.has(key) || ran.keys('skip').includes(key) || ran.error !== undefined,
                `${key} is reported`,
              );
          }
          assert.equal(ran.error === undefined, failed.size === 0 && ran.report.complete);
          server.clearFaults();
          // What add finds there it leaves, right or wrong.
          const again = await runInParts(server, { source, mode: 'update', resume });
          assert.equal(again.error, undefined);
          for (const [key, bytes] of Object.entries(FILES))
            assert.ok(server.object('site', key)?.body.equals(Buffer.from(bytes)), `${key} is right in the end`);
        } finally {
          await server.close();
        }
      },
    ),
    runs(8),
  );
});
