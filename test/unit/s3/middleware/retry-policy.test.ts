import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { S3RequestError } from '../../../../src/errors.js';
import { RetryBudget } from '../../../../src/s3/middleware/retry.js';
import { retryDelay, type Verdict, verdict } from '../../../../src/s3/middleware/retry-policy.js';

const failure = (code: string, status?: number) =>
  new S3RequestError(`PutObject: ${code}`, { code, status, verb: 'PutObject', bucket: 'site' });

const TABLE: Readonly<Record<Verdict, readonly (readonly [code: string, status: number | undefined])[]>> = {
  transient: [
    ['InternalError', 500],
    ['InternalError', 200],
    ['BadGateway', 502],
    ['GatewayTimeout', 504],
    ['anything', 500],
    ['RequestTimeout', 400],
    ['OperationAborted', 409],
    ['ConditionalRequestConflict', 409],
    ['ETagMismatch', 200],
    ['BadDigest', 400],
    ['TruncatedAnswer', 200],
    ['TimeoutError', undefined],
    ...['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'].map((code) => [code, undefined] as const),
  ],
  throttle: [
    ['SlowDown', 503],
    ['SlowDown', 200],
    ['ServiceUnavailable', 503],
    ['TooManyRequests', 429],
    ['RequestLimitExceeded', 400],
  ],
  final: [
    ['AccessDenied', 403],
    ['NoSuchBucket', 404],
    ['EntityTooLarge', 400],
    ['PreconditionFailed', 412],
    ['NotImplemented', 501],
    ['InvalidArgument', 400],
    ['ExpiredToken', 400],
    ['BucketAlreadyExists', 409],
    ['ENOTFOUND', undefined],
    ['CredentialsProviderError', undefined],
    ['TypeError', undefined],
    ['ECONNRESET', 400],
  ],
};

for (const [expected, failures] of Object.entries(TABLE)) {
  for (const [code, status] of failures) {
    test(`${code} with ${status ?? 'no'} status is ${expected}`, () => {
      assert.equal(verdict(failure(code, status)), expected);
    });
  }
}

test('a delay is jittered between 0 and a doubling, capped base; a Retry-After of the server wins', () => {
  const kind = fc.constantFrom('transient' as const, 'throttle' as const);
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(kind, fc.integer({ min: 1, max: 200 }), random, fc.nat(), (of, attempt, chance, retryAfterMs) => {
      const delay = retryDelay(of, attempt, undefined, chance);
      const base = of === 'throttle' ? 500 : 50;
      assert.ok(delay >= 0 && delay <= Math.min(20_000, base * 2 ** (attempt - 1)), `${delay}`);
      assert.equal(retryDelay(of, attempt, retryAfterMs, chance), Math.min(retryAfterMs, 300_000));
    }),
  );
  assert.ok(retryDelay('transient', 8, undefined, 0.99) > retryDelay('transient', 3, undefined, 0.99));
});

test('an empty budget delays retries until time has refilled it', () => {
  let now = 0;
  const budget = new RetryBudget(() => now);
  let free = 0;
  while (budget.take('transient') === 0) free += 1;
  assert.equal(free, 35);
  const wait = budget.take('transient');
  assert.ok(wait > 0);
  now += wait + 1_400;
  assert.equal(budget.take('transient'), 0);
  now += 3_600_000;
  let refilled = 0;
  while (budget.take('throttle') === 0) refilled += 1;
  assert.equal(refilled, 100, 'it never holds more than its capacity');
});

test('recent successes shorten the delay of an empty budget', () => {
  let now = 0;
  const budget = new RetryBudget(() => now);
  const delayWhenEmpty = () => {
    while (budget.take('throttle') === 0);
    return budget.take('throttle');
  };
  const alone = delayWhenEmpty();
  for (now = 0; now < 10_000; now += 5) budget.refund();
  const busy = delayWhenEmpty();
  assert.ok(busy < alone / 10, `${busy} ms after 200 successes a second, ${alone} ms after none`);
  now += 60_000;
  assert.ok(delayWhenEmpty() > alone / 2, 'they are forgotten');
});

test('a linear delay grows with each attempt up to 5 minutes; a Retry-After of the server wins', () => {
  const linear = (attempt: number, retryAfterMs?: number) =>
    retryDelay('throttle', attempt, retryAfterMs, 0.5, { linearMs: 5_000 });
  assert.deepEqual(
    [1, 2, 7, 1_000].map((attempt) => linear(attempt)),
    [5_000, 10_000, 35_000, 300_000],
  );
  assert.equal(linear(3, 200), 200);
});
