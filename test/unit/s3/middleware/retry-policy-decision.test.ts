import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S3RequestError } from '../../../../src/errors.js';
import { decideRetry, type FailedAttempt } from '../../../../src/s3/middleware/retry-policy.js';

const failed = (code: string, status: number | undefined, more: Partial<FailedAttempt> = {}): FailedAttempt => ({
  error: new S3RequestError(code, { code, status, verb: 'PutObject', bucket: 'b' }),
  verb: 'PutObject',
  attempts: 3,
  counted: 2,
  maxAttempts: 8,
  responded: true,
  succeededMeanwhile: true,
  overloaded: () => true,
  outageMs: undefined,
  withoutSuccessMs: 0,
  ...more,
});

/** Kind, counted attempts, delay, most ms and whether it costs; `fails` where the request is not sent again. */
const ROWS: readonly (readonly [what: string, attempt: FailedAttempt, decision: string])[] = [
  ['a final code', failed('AccessDenied', 403), 'fails'],
  ['a transient status', failed('InternalError', 500), 'transient 3 transient Infinity true'],
  ['a throttle', failed('SlowDown', 503), 'throttle 2 throttle Infinity true'],
  [
    'a throttle among successes',
    failed('SlowDown', 503, { overloaded: () => false }),
    'throttle 2 refusal Infinity true',
  ],
  ['a throttle without any success for long', failed('SlowDown', 503, { withoutSuccessMs: 600_001 }), 'fails'],
  ['the last attempt', failed('InternalError', 500, { counted: 7 }), 'fails'],
  ['a code with a limit of its own', failed('BadDigest', 400, { counted: 1 }), 'fails'],
  ['what was recovered', failed('Mended', 400, { counted: 7 }), 'transient 7 none Infinity false'],
  ['a reset among successes', failed('ECONNRESET', undefined), 'transient 3 transient Infinity true'],
  [
    'a reset while nothing succeeds',
    failed('ECONNRESET', undefined, { succeededMeanwhile: false }),
    'transient 3 away Infinity true',
  ],
  [
    'a bad gateway while nothing succeeds',
    failed('Http502', 502, { succeededMeanwhile: false }),
    'transient 3 away Infinity true',
  ],
  [
    'a known host that is away',
    failed('ECONNREFUSED', undefined, { outageMs: 10_000 }),
    'transient 2 away 20000 false',
  ],
  [
    'a known host whose name does not resolve now',
    failed('ENOTFOUND', undefined, { outageMs: 0 }),
    'transient 2 away 30000 false',
  ],
  [
    'a known host that is away with one attempt',
    failed('ECONNREFUSED', undefined, { outageMs: 0, maxAttempts: 1 }),
    'fails',
  ],
  [
    'a known host that is away for too long',
    failed('ECONNREFUSED', undefined, { outageMs: 30_000 }),
    'transient 3 refusal Infinity false',
  ],
  [
    'a known host that is away for too long, after many attempts',
    failed('ECONNREFUSED', undefined, { outageMs: 30_000, attempts: 9 }),
    'fails',
  ],
  [
    'a host that never responded',
    failed('ECONNREFUSED', undefined, { outageMs: 1_000, responded: false }),
    'transient 3 refusal 2000 false',
  ],
  [
    'a host that never responded in time',
    failed('ECONNREFUSED', undefined, { outageMs: 3_000, responded: false }),
    'fails',
  ],
  ['an unknown host', failed('ENOTFOUND', undefined, { outageMs: 0, responded: false }), 'fails'],
  ['no file descriptor', failed('EMFILE', undefined, { counted: 7 }), 'transient 7 refusal Infinity false'],
  ['no file descriptor for long', failed('EMFILE', undefined, { withoutSuccessMs: 600_001 }), 'fails'],
];

for (const [what, attempt, decision] of ROWS)
  test(`${what}: ${decision}`, () => {
    const retry = decideRetry(attempt);
    const { kind, counted, delay, mostMs, costs } = retry ?? {};
    assert.equal(retry === undefined ? 'fails' : [kind, counted, delay, mostMs, costs].join(' '), decision);
  });
