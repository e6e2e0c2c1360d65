import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { parseDuration, parseRetryDelay } from '../../../src/options/units.js';

for (const [text, ms] of [
  ['500ms', 500],
  ['5s', 5_000],
  ['1.5 s', 1_500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['7D', 604_800_000],
  [' 0ms ', 0],
] as const) {
  test(`the duration "${text}" is ${ms} ms`, () => assert.equal(parseDuration(text, 'timeout'), ms));
}

for (const [text, hint] of [
  ['5', /unit is missing.*5s/],
  ['', /number and a unit/],
  ['-1s', /number and a unit/],
  ['5 weeks', /unit weeks is unknown/],
  ['1e3s', /number and a unit/],
  ['99999999999999d', /too long/],
] as const) {
  test(`the duration "${text}" is refused by name and with the fix`, () => {
    assert.throws(
      () => parseDuration(text, 'timeout'),
      (error) => error instanceof UsageError && error.message.startsWith('timeout: "') && hint.test(error.hint ?? ''),
    );
  });
}

test('a retry delay is jitter, or linear with a duration', () => {
  assert.equal(parseRetryDelay('jitter', 'retryDelay'), 'jitter');
  assert.deepEqual(parseRetryDelay('linear:5s', 'retryDelay'), { linearMs: 5_000 });
  assert.deepEqual(parseRetryDelay('linear:500ms', 'retryDelay'), { linearMs: 500 });
});

for (const [value, message] of [
  ['linear', /retryDelay is "linear"; it must be jitter or linear:DURATION/],
  ['linear:', /retryDelay: "" is not a duration/],
  ['linear:5', /retryDelay: "5" is not a duration/],
  ['linear:1h', /no wait may be longer than 5m/],
  ['exponential', /"exponential"; it must be/],
  [5, /retryDelay is 5; it must be/],
  [undefined, /undefined; it must be/],
] as const) {
  test(`the retry delay ${JSON.stringify(value)} is refused`, () => {
    assert.throws(
      () => parseRetryDelay(value, 'retryDelay'),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}
