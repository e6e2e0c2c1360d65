import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responseError } from '../../../src/s3/errors.js';

const CALL = { verb: 'PutObject', bucket: 'site', key: 'a' } as const;

function retryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  const response = {
    status: 503,
    body: Buffer.alloc(0),
    headers: () => headers,
    header: (name: string) => headers[name],
  };
  return responseError(CALL, response).retryAfterMs;
}

const DATE = 'Wed, 21 Oct 2015 07:28:00 GMT';
const LATER = 'Wed, 21 Oct 2015 07:28:07 GMT';

const CASES: readonly (readonly [what: string, headers: Readonly<Record<string, string>>, ms: number | undefined])[] = [
  ['no header', {}, undefined],
  ['seconds', { 'retry-after': '7' }, 7_000],
  ['a date by the clock of the server', { 'retry-after': LATER, date: DATE }, 7_000],
  ['a date in the past', { 'retry-after': DATE, date: LATER }, 0],
  ['no number and no date', { 'retry-after': 'soon' }, undefined],
  ['milliseconds of AWS', { 'x-amz-retry-after': '1500' }, 1_500],
  ['a fraction of a millisecond', { 'x-amz-retry-after': '0.5' }, 0.5],
  ['no number from AWS', { 'x-amz-retry-after': 'soon' }, undefined],
  ['a negative number from AWS', { 'x-amz-retry-after': '-5' }, undefined],
  ['both, the standard one longer', { 'retry-after': '2', 'x-amz-retry-after': '1500' }, 2_000],
  ['both, the other one longer', { 'retry-after': '1', 'x-amz-retry-after': '1500' }, 1_500],
  ['both, one of them unreadable', { 'retry-after': 'soon', 'x-amz-retry-after': '1500' }, 1_500],
];

for (const [what, headers, ms] of CASES)
  test(`the wait that a server asks for, from ${what}`, () => {
    assert.equal(retryAfterMs(headers), ms);
  });
