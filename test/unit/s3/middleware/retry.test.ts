import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S3RequestError } from '../../../../src/errors.js';
import type { RunEvent } from '../../../../src/report/types.js';
import type { Bucket } from '../../../../src/s3/bucket.js';
import { type RetryOptions, withRetries } from '../../../../src/s3/middleware/retry.js';

const failure = (code: string, status?: number) =>
  new S3RequestError(`PutObject: ${code}`, { code, status, verb: 'PutObject', bucket: 'site' });

interface Script {
  readonly bucket: Bucket;
  readonly events: RunEvent[];
  readonly waits: number[];
  readonly sent: unknown[];
  readonly stop: AbortController;
}

/** A bucket behind the retry wrapper whose puts fail as scripted, and then succeed. */
function scripted(
  failures: readonly (S3RequestError | Error | undefined)[],
  options: Partial<RetryOptions> = {},
): Script {
  const [events, waits, sent, stop]: [RunEvent[], number[], unknown[], AbortController] = [
    [],
    [],
    [],
    new AbortController(),
  ];
  let now = 0;
  const sleep = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    waits.push(ms);
    now += ms;
  };
  const inner = {
    name: 'site',
    putObject: async (request: unknown) => {
      sent.push(request);
      const next = failures[sent.length - 1];
      if (next !== undefined) throw next;
      return { etag: 'e', verified: 'md5', kms: false, attempts: 1 };
    },
  } as unknown as Bucket;
  const clock = { now: () => now, random: () => 0.5, sleep };
  const onEvent = (event: RunEvent) => events.push(event);
  const bucket = withRetries(inner, { onEvent, stop: stop.signal, clock, ...options });
  return { bucket, events, waits, sent, stop };
}

const REQUEST = { key: 'a', body: { size: 0, read: async () => Buffer.alloc(0) }, headers: {} };
const put = ({ bucket }: Script, signal = new AbortController().signal) => bucket.putObject(REQUEST, signal);
const times = (count: number, error: S3RequestError) => Array<S3RequestError>(count).fill(error);

test('seven transient failures are retried, the eighth is thrown with its attempts', async () => {
  const retried = scripted(times(7, failure('InternalError', 500)));
  assert.equal((await put(retried)).attempts, 8);
  assert.equal(retried.events.filter(({ type }) => type === 'retry').length, 7);
  const failing = scripted(times(8, failure('InternalError', 500)));
  await assert.rejects(put(failing), { name: 'S3RequestError', code: 'InternalError', attempts: 8, status: 500 });
  assert.equal(failing.sent.length, 8);
});

test('throttles do not count as attempts, and end after 10 minutes without a success', async () => {
  const retried = scripted([...times(20, failure('SlowDown', 503)), ...times(7, failure('InternalError', 500))]);
  assert.equal((await put(retried)).attempts, 28);
  const never = scripted(times(10_000, failure('SlowDown', 503)));
  await assert.rejects(put(never), { code: 'SlowDown' });
  const waited = never.waits.reduce((sum, ms) => sum + ms, 0);
  assert.ok(waited > 600_000 && waited < 700_000, `${waited}`);
});

test('a final failure is thrown unchanged, and so is an error that is not of a request', async () => {
  const denied = failure('AccessDenied', 403);
  await assert.rejects(put(scripted([denied])), (error) => error === denied);
  const strange = new TypeError('a bug');
  await assert.rejects(put(scripted([strange])), (error) => error === strange);
});

test('a stopping run retries nothing, and an abort is thrown with its reason', async () => {
  const script = scripted(times(3, failure('InternalError', 500)));
  script.stop.abort(new Error('stopping'));
  await assert.rejects(put(script), /stopping/);
  assert.equal(script.sent.length, 1);
  const signal = AbortSignal.abort(new Error('aborted'));
  await assert.rejects(put(scripted([failure('ECONNRESET')]), signal), /aborted/);
});

test('before the first response the budget delays nothing', async () => {
  const dead = scripted(times(1_000, failure('ECONNREFUSED')));
  for (let n = 0; n < 100; n++) await put(dead).catch(() => {});
  assert.ok(Math.max(...dead.waits) <= 50 * 2 ** 7, `${Math.max(...dead.waits)}`);
});

test('maxAttempts limits the attempts; a failure with at most two attempts keeps its limit', async () => {
  for (const maxAttempts of [1, 3, 20]) {
    const script = scripted(times(50, failure('InternalError', 500)), { maxAttempts });
    await assert.rejects(put(script), { attempts: maxAttempts });
    assert.equal(script.sent.length, maxAttempts);
    const mismatch = scripted(times(50, failure('BadDigest', 400)), { maxAttempts });
    await assert.rejects(put(mismatch), { attempts: Math.min(maxAttempts, 2) });
  }
  const throttled = scripted(times(20, failure('SlowDown', 503)), { maxAttempts: 1 });
  assert.equal((await put(throttled)).attempts, 21);
});

test('a linear delay is the number of the attempt times linearMs, unless the server sends Retry-After', async () => {
  const withRetryAfter = new S3RequestError('no', { ...failure('InternalError', 500), retryAfterMs: 700 });
  const script = scripted([...times(3, failure('InternalError', 500)), withRetryAfter], {
    retryDelay: { linearMs: 5_000 },
  });
  await put(script);
  assert.deepEqual(script.waits, [5_000, 10_000, 15_000, 700]);
});

test('onExhausted is called for each retry that the empty budget delays, and for no other', async () => {
  let exhausted = 0;
  const onExhausted = () => {
    exhausted += 1;
  };
  const options = { maxAttempts: 1_000, retryDelay: { linearMs: 0 }, onExhausted };
  const script = scripted(times(50, failure('InternalError', 500)), options);
  await put(script);
  assert.equal(script.waits.filter((ms) => ms === 0).length, 35);
  assert.equal(exhausted, 15);
});

const sum = (waits: readonly number[]): number => waits.reduce((total, ms) => total + ms, 0);

for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
  for (const maxAttempts of [2, 8])
    test(`once the host has responded, retries of ${code} last 30 s, whatever ${maxAttempts} attempts are`, async () => {
      // The first put succeeds.
      const gone = scripted([undefined, ...times(1_000, failure(code))], { maxAttempts });
      await put(gone);
      await assert.rejects(put(gone), { code });
      assert.ok(sum(gone.waits) >= 30_000 && sum(gone.waits) < 35_000, `${sum(gone.waits)} ms`);
      assert.ok(Math.max(...gone.waits) <= 2_000, 'the server may be back at any time');
    });

test('an outage of 20 s costs no attempt: what fails after it has all of them', async () => {
  const after = times(7, failure('InternalError', 500));
  const back = scripted([undefined, ...times(14, failure('ECONNREFUSED')), ...after]);
  await put(back);
  assert.equal((await put(back)).attempts, 22);
  assert.ok(sum(back.waits.slice(0, 14)) > 10_000);
});

test('one attempt is one attempt, also during an outage', async () => {
  const gone = scripted([undefined, ...times(10, failure('ECONNREFUSED'))], { maxAttempts: 1 });
  await put(gone);
  await assert.rejects(put(gone), { code: 'ECONNREFUSED', attempts: 1 });
});

for (const retryDelay of ['jitter', { linearMs: 5_000 }, { linearMs: 60_000 }] as const)
  for (const random of [0, 0.999])
    test(`before the first response, refused connections fail within 5 s (${JSON.stringify(retryDelay)}, ${random})`, async () => {
      const failures = times(1_000, failure('ECONNREFUSED'));
      const waits: number[] = [];
      const clock = {
        now: () => sum(waits),
        random: () => random,
        sleep: async (ms: number) => void waits.push(ms),
      };
      const dead = scripted(failures, { clock, retryDelay, maxAttempts: 50 });
      await assert.rejects(put(dead), { code: 'ECONNREFUSED' });
      assert.ok(sum(waits) <= 5_000, `${sum(waits)} ms`);
    });

test('before the first response, a name that does not resolve fails at once', async () => {
  const dead = scripted(times(10, failure('ENOTFOUND')));
  await assert.rejects(put(dead), { code: 'ENOTFOUND', attempts: 1 });
});

for (const error of [failure('ECONNRESET'), failure('BadGateway', 502), failure('GatewayTimeout', 504)])
  test(`where nothing succeeds meanwhile, eight attempts against ${error.code} last for more than 2 s, whatever chance says`, async () => {
    const waits: number[] = [];
    const clock = { now: () => 0, random: () => 0, sleep: async (ms: number) => void waits.push(ms) };
    const restarting = scripted([undefined, ...times(20, error)], { clock });
    await put(restarting);
    await assert.rejects(put(restarting), { attempts: 8 });
    assert.ok(sum(waits) > 2_000, `${sum(waits)} ms`);
  });

for (const code of ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL'])
  test(`a request that finds no descriptor or port (${code}) waits for one, and that costs no attempt`, async () => {
    const short = scripted(times(50, failure(code)), { maxAttempts: 2 });
    assert.equal((await put(short)).attempts, 51);
    assert.ok(Math.max(...short.waits) <= 800);
    const never = scripted(times(10_000, failure(code)));
    await assert.rejects(put(never), { code });
  });

test('a put over an object that was stored corrupted is bound to that, and without its ETag to nothing', async () => {
  for (const storedEtag of ['corrupted', undefined]) {
    const details = { code: 'ETagMismatch', status: 200, verb: 'PutObject', bucket: 'site', storedEtag };
    const script = scripted([new S3RequestError('PutObject: ETagMismatch', details)]);
    await script.bucket.putObject({ ...REQUEST, ifMatch: 'listed' }, new AbortController().signal);
    const conditions = script.sent.map((request) => (request as { readonly ifMatch?: string }).ifMatch);
    assert.deepEqual(conditions, ['listed', storedEtag]);
  }
});
