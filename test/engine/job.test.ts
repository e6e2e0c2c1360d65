import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { after, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { S3Server } from 'fake-s3';
import {
  AbortError,
  type Job,
  PartialFailureError,
  type PutItem,
  type PutOptions,
  put,
  RefusedError,
  UsageError,
} from '../../src/index.js';
import { takeOutcomes } from '../../src/run/job.js';
import { connection, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

const MANY = Object.fromEntries(
  Array.from({ length: 300 }, (_, index) => [`f${String(index).padStart(3, '0')}`, `${index}`]),
);

function begin(server: S3Server, options: Partial<PutOptions> & Pick<PutOptions, 'source'>): Job {
  return put({ bucket: 'site', ...connection(server), ...options });
}

async function rejection(job: Promise<unknown>): Promise<Error> {
  try {
    await job;
  } catch (error) {
    return error as Error;
  }
  return assert.fail('it resolved');
}

/** Waits until the server receives no more requests. */
async function quiet(server: S3Server): Promise<number> {
  await sleep(100);
  const before = server.requests.length;
  await sleep(150);
  assert.equal(server.requests.length, before, 'requests went on after the end');
  return before;
}

function failWith(server: S3Server, key: string): void {
  server.fault({ verb: 'PutObject', occurrences: 'all', key, type: 'status', status: 403, code: 'AccessDenied' });
}

/** The tree of many files, which no test changes. */
const many = makeTree({ after }, MANY);

async function setUp(
  t: TestContext,
  files?: Readonly<Record<string, string>>,
): Promise<{ server: S3Server; source: string }> {
  return { server: await serverFor(t), source: files === undefined ? many : makeTree(t, files) };
}

describe('a job', () => {
  it('gives the report to a caller that only awaits', async (t) => {
    const { server, source } = await setUp(t);
    const report = await begin(server, { source });
    assert.equal(report.counts.put, 300);
    assert.equal(report.complete, true);
    assert.equal(report.notAttempted, 0);
    assert.equal(report.requests.PutObject, 300);
    assert.equal(report.schemaVersion, 2);
    assert.ok(report.concurrency > 1 && report.concurrency <= 64);
  });

  it('gives every outcome to a caller that only iterates', async (t) => {
    const { server, source } = await setUp(t);
    const keys: string[] = [];
    for await (const { key } of begin(server, { source })) keys.push(key);
    assert.deepEqual(keys.sort(), Object.keys(MANY));
  });

  it('throws the same error to the loop as to the await', async (t) => {
    const { server, source } = await setUp(t);
    failWith(server, 'f007');
    const job = begin(server, { source });
    let seen = 0;
    const thrown = await rejection(
      (async () => {
        for await (const _ of job) seen += 1;
      })(),
    );
    assert.ok(thrown instanceof PartialFailureError);
    assert.equal(seen, 300);
    assert.equal(await rejection(job), thrown);
    assert.deepEqual(
      thrown.failures.map(({ key, code, status }) => [key, code, status]),
      [['f007', 'AccessDenied', 403]],
    );
  });

  it('starts after the tick of the call, so an iterator taken then misses nothing and holds the run back', async (t) => {
    const { server, source } = await setUp(t);
    const job = begin(server, { source, concurrency: 4 });
    const iterator = job[Symbol.asyncIterator]();
    assert.equal(server.requests.length, 0);
    await iterator.next();
    await sleep(400);
    assert.ok(server.count('PutObject') < 100, `${server.count('PutObject')} puts without a reader`);
    let count = 1;
    while ((await iterator.next()).done !== true) count += 1;
    assert.equal(count, 300);
    assert.equal((await job).counts.put, 300);
  });

  it('can be iterated once', async (t) => {
    const { server, source } = await setUp(t, { a: '1' });
    const job = begin(server, { source });
    for await (const _ of job);
    assert.throws(() => job[Symbol.asyncIterator](), TypeError);
  });

  it('throws usage errors at once', () => {
    assert.throws(() => put({ source: '', bucket: 'bucket' }), UsageError);
    assert.throws(() => put({ source: '.', bucket: 'bucket', limit: 0 }), UsageError);
  });

  it('aborts when the loop is left', async (t) => {
    const { server, source } = await setUp(t);
    const job = begin(server, { source, concurrency: 2 });
    for await (const _ of job) break;
    const error = await rejection(job);
    assert.ok(error instanceof AbortError);
    assert.equal(error.report.complete, false);
    assert.ok((await quiet(server)) < 100);
  });

  it('aborts by abort() and by a signal, in every phase, and leaves no listener behind', async (t) => {
    const { server, source } = await setUp(t);
    for (const phase of ['survey', 'transfer'] as const) {
      const controller = new AbortController();
      const reason = new Error('enough');
      const onEvent: PutOptions['onEvent'] = (event) => {
        if (event.type === 'phase' && event.phase === phase) controller.abort(reason);
      };
      const error = await rejection(begin(server, { source, signal: controller.signal, onEvent }));
      assert.ok(error instanceof AbortError, phase);
      assert.equal(error.cause, reason);
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    }
    assert.equal(server.count('PutObject'), 0);

    const job = begin(server, { source, concurrency: 2 });
    const error = rejection(job);
    for await (const _ of job) {
      job.abort('stop it');
      break;
    }
    assert.equal((await error).cause, 'stop it');
  });

  it('aborts at once though the outcomes are no longer read', async (t) => {
    const { server, source } = await setUp(t);
    const job = begin(server, { source });
    const outcomes = job[Symbol.asyncIterator]();
    await outcomes.next();
    await sleep(50);
    job.abort();
    assert.ok((await rejection(job)) instanceof AbortError);
  });

  it('aborts before it begins with a signal that is aborted already', async (t) => {
    const { server, source } = await setUp(t);
    const error = await rejection(begin(server, { source, signal: AbortSignal.abort() }));
    assert.ok(error instanceof AbortError);
    assert.equal(server.requests.length, 0);
  });

  it('aborts a stalled request, a wait between tries and a source that never answers', async (t) => {
    const { server, source } = await setUp(t, { a: '1' });
    server.fault({ verb: 'PutObject', occurrences: 'all', type: 'stall' });
    const [stalled, waiting, asking] = [new AbortController(), new AbortController(), new AbortController()];
    const stalledJob = rejection(begin(server, { source, signal: stalled.signal }));
    await until(() => server.count('PutObject') === 1);
    stalled.abort();
    assert.ok((await stalledJob) instanceof AbortError);
    server.clearFaults();
    server.fault({
      verb: 'PutObject',
      occurrences: 'all',
      type: 'status',
      status: 503,
      code: 'SlowDown',
      headers: { 'retry-after': '60' },
    });
    const onEvent: PutOptions['onEvent'] = ({ type }) => {
      if (type === 'retry') waiting.abort();
    };
    assert.ok((await rejection(begin(server, { source, signal: waiting.signal, onEvent }))) instanceof AbortError);
    assert.equal(server.count('PutObject'), 2, 'neither was tried again');
    async function* silent(): AsyncGenerator<PutItem> {
      asking.abort();
      await new Promise(() => {});
    }
    assert.ok((await rejection(begin(server, { source: silent(), signal: asking.signal }))) instanceof AbortError);
  });

  it('leaves no listener on a signal that was never used', async (t) => {
    const { server, source } = await setUp(t);
    const { signal } = new AbortController();
    await begin(server, { source, signal });
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  it('stops at the first failure with failFast, finishes what is in progress, and counts the rest', async (t) => {
    const { server, source } = await setUp(t);
    failWith(server, 'f010');
    const { error, report, keys } = await run(server, { source, failFast: true, concurrency: 4, mode: 'stupid' });
    assert.ok(error instanceof PartialFailureError);
    assert.deepEqual(keys('fail'), ['f010']);
    assert.equal(report.complete, false);
    assert.equal(report.counts.put, server.keys('site').length);
    assert.equal(report.counts.put + 1 + (report.notAttempted ?? 0), 300);
    assert.ok(report.counts.put < 60, `${report.counts.put} puts`);
  });

  it('refuses an empty source, or not, as the option says', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'empty/': '' });
    assert.ok((await rejection(begin(server, { source }))) instanceof RefusedError);
    const warned = await begin(server, { source, ifNoFilesFound: 'warn' });
    assert.equal(warned.warnings.length, 1);
    const ignored = await begin(server, { source, ifNoFilesFound: 'ignore' });
    assert.deepEqual(ignored.warnings, []);
    assert.equal(server.requests.length, 0);
  });

  it('takes credentials as a function and asks it again when they expire', async (t) => {
    const { server, source } = await setUp(t, { a: '1', b: '2' });
    let calls = 0;
    const { accessKeyId, secretAccessKey } = server;
    const credentials = async () => {
      calls += 1;
      return { accessKeyId, secretAccessKey, expiration: new Date(Date.now() + 1_000) };
    };
    await begin(server, { source, credentials });
    assert.ok(calls >= 1);
  });
});

describe('a job that is left with its scope', () => {
  it('is aborted, and has ended when the scope is left', async (t) => {
    const { server, source } = await setUp(t);
    server.fault({ verb: 'PutObject', occurrences: 'all', type: 'stall' });
    let left: Job | undefined;
    let isEnded = false;
    {
      await using job = begin(server, { source, concurrency: 2 });
      left = job;
      job.catch(() => (isEnded = true));
      await until(() => server.count('PutObject') === 2);
    }
    assert.equal(isEnded, true);
    const error = await rejection(left);
    assert.ok(error instanceof AbortError);
    assert.equal(error.report.complete, false);
    await quiet(server);
    assert.equal(server.count('PutObject'), 2);
  });

  it('is aborted before it begins', async (t) => {
    const { server, source } = await setUp(t);
    {
      await using _job = begin(server, { source });
    }
    assert.deepEqual(server.requests, []);
  });

  it('is aborted though its outcomes wait for a reader', async (t) => {
    const { server, source } = await setUp(t);
    await using job = begin(server, { source });
    const outcomes = job[Symbol.asyncIterator]();
    await outcomes.next();
    await sleep(50);
    await job[Symbol.asyncDispose]();
    assert.ok((await rejection(job)) instanceof AbortError);
  });

  it('stays as it ended, whether well or not, and can be left twice', async (t) => {
    const { server, source } = await setUp(t, { a: '1', b: '2' });
    const signal = new AbortController().signal;
    {
      await using job = begin(server, { source, signal });
      assert.equal((await job).complete, true);
      await job[Symbol.asyncDispose]();
      assert.equal((await job).counts.put, 2);
    }
    failWith(server, 'a');
    {
      await using job = begin(server, { source, signal, mode: 'stupid' });
      assert.ok((await rejection(job)) instanceof PartialFailureError);
    }
    assert.equal(signal.aborted, false);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  it('lets the error of the scope itself through', async (t) => {
    const { server, source } = await setUp(t);
    const scope = async (): Promise<void> => {
      await using _job = begin(server, { source });
      throw new TypeError('of the scope');
    };
    assert.equal((await rejection(scope())).message, 'of the scope');
  });
});

describe('a job that fails', () => {
  const script = (use: string) => `
    import { put } from '${new URL('../../src/index.ts', import.meta.url).href}';
    process.on('unhandledRejection', () => { console.log('UNHANDLED'); process.exit(0); });
    const begin = () => put({ source: ${JSON.stringify(new URL('./no-such-folder', import.meta.url).pathname)}, bucket: 'bucket', endpointUrl: 'http://127.0.0.1:1', region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
    ${use}
    setTimeout(() => console.log('END'), 300);`;
  const outputOf = async (use: string) => {
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script(use)];
    return (
      await promisify(execFile)(process.execPath, args, { env: { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' } })
    ).stdout.trim();
  };

  it('is no unhandled rejection when it is only awaited or only iterated', async () => {
    const awaited = 'try { await begin() } catch { console.log("AWAITED") }';
    const iterated = 'try { for await (const _ of begin()); } catch { console.log("ITERATED") }';
    assert.equal(await outputOf(`${awaited} ${iterated}`), 'AWAITED\nITERATED\nEND');
  });

  it('is no unhandled rejection when its scope is left before it has ended', async () => {
    // Node 20 does not know `await using`; this is what it becomes.
    const left = 'await begin()[Symbol.asyncDispose](); console.log("LEFT");';
    assert.equal(await outputOf(left), 'LEFT\nEND');
    const awaited =
      'const job = begin(); await job.catch(() => console.log("CAUGHT")); await job[Symbol.asyncDispose]();';
    assert.equal(await outputOf(awaited), 'CAUGHT\nEND');
  });

  it('is an unhandled rejection when it is not awaited, as of any promise', async () => {
    assert.equal(await outputOf('begin();'), 'UNHANDLED');
  });
});

describe('a face that takes all outcomes', () => {
  it('gets each of them once, also those of failed objects, and the report', async (t) => {
    const { server, source } = await setUp(t);
    failWith(server, 'f007');
    const job = begin(server, { source });
    const keys: string[] = [];
    const error = await rejection(
      takeOutcomes(job, ({ key }) => {
        keys.push(key);
        return undefined;
      }),
    );
    assert.ok(error instanceof PartialFailureError);
    assert.equal(error.report?.counts.put, 299);
    assert.deepEqual(keys.sort(), Object.keys(MANY));
  });

  it('makes the run wait, until it is aborted', async (t) => {
    const { server, source } = await setUp(t);
    const job = begin(server, { source, concurrency: 4 });
    let taken = 0;
    const ended = rejection(
      takeOutcomes(job, () => {
        taken += 1;
        return new Promise(() => {});
      }),
    );
    await until(() => taken >= 4);
    const requests = await quiet(server);
    // Each outcome keeps its slot, of which there are 128.
    assert.ok(requests < 300, `${requests} requests`);
    job.abort();
    assert.ok((await ended) instanceof AbortError);
  });

  it('ends the run where it throws', async (t) => {
    const { server, source } = await setUp(t);
    const job = begin(server, { source });
    const failure = new Error('no more room');
    assert.equal(
      await rejection(
        takeOutcomes(job, () => {
          throw failure;
        }),
      ),
      failure,
    );
  });
});
