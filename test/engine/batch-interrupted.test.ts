import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchWorld as worldFor } from '../support/batch.js';
import { seed } from '../support/copies.js';

const KEYS = ['a', 'b', 'c'];

test('a job that somebody has suspended is waited for, and a warning says what lets it run', async (t) => {
  const { server, copy } = await worldFor(t, { suspendedFor: 3 });
  for (const key of KEYS) seed(server, key, key);
  const { report, events } = await copy();
  assert.equal(report.counts.copy, KEYS.length);
  assert.match(report.warnings.join('\n'), /was found suspended\. .*aws s3control update-job-status/);
  const states = events.flatMap((event) => (event.type === 'batchJob' ? event.job.status : []));
  assert.deepEqual([...new Set(states)], ['New', 'Suspended', 'Preparing', 'Active', 'Completing', 'Complete']);
});

test('a run that is aborted while its job is suspended says that the job is there, and not that it goes on', async (t) => {
  const stop = new AbortController();
  const { server, control, copy } = await worldFor(t, {
    onCreate(job) {
      job.status = 'Suspended';
    },
  });
  for (const key of KEYS) seed(server, key, key);
  const { report, error } = await copy({
    signal: stop.signal,
    onEvent(event) {
      if (event.type === 'batchJob' && event.job.status === 'Suspended') stop.abort();
    },
  });
  assert.equal(error?.name, 'AbortError');
  const text = report.warnings.join('\n');
  assert.match(text, /was found suspended\. Until somebody lets it run/);
  assert.match(text, new RegExp(`The job ${control.jobs[0]?.id} was not cancelled\\. Wait for what it copies`));
});

test('a job that fails or is cancelled after somebody has suspended it has both warnings', async (t) => {
  const failing = await worldFor(t, { suspendedFor: 1, failAfter: 1, onTask: () => 'AccessDenied' });
  for (const key of KEYS) seed(failing.server, key, key);
  const failed = (await failing.copy()).report;
  assert.match(failed.warnings.join('\n'), /was found suspended\. .*\n.*has failed \(JobTasksExceededFailureThreshold/);

  const cancelling = await worldFor(t, {
    suspendedFor: 1,
    onTask(_key, job) {
      cancelling.control.cancel(job);
      return undefined;
    },
  });
  for (const key of KEYS) seed(cancelling.server, key, key);
  const cancelled = (await cancelling.copy()).report;
  assert.match(cancelled.warnings.join('\n'), /was found suspended\. .*\n.*was cancelled\./);
});

test('a run that is aborted names its jobs, and the next one takes them up', async (t) => {
  const stop = new AbortController();
  const { server, control, copy } = await worldFor(t, {
    tasksAtOnce: 1,
    onTask(key) {
      if (key === 'a') stop.abort();
      return undefined;
    },
  });
  for (const key of ['a', 'b', 'c']) seed(server, key, key);
  seed(server, 'empty', '');
  const first = await copy({ signal: stop.signal });
  assert.equal(first.error?.name, 'AbortError');
  const [job] = control.jobs;
  assert.match(first.report.warnings.join('\n'), new RegExp(`The job ${job?.id} was not cancelled`));
  const second = await copy({ batchJob: job?.id ?? '' });
  assert.equal(second.error, undefined);
  assert.equal(control.jobs.length, 1);
  assert.deepEqual(second.keys('copy'), ['a', 'b', 'c', 'empty']);
  assert.equal(second.reasonOf('a'), 'copied by the job');
  assert.equal(second.reasonOf('empty'), 'new');
});

test('a run that ends before S3 has responded to its request for a job says how the job is found', async (t) => {
  const stop = new AbortController();
  const { server, control, copy } = await worldFor(t, { onCreate: () => stop.abort() });
  for (const key of KEYS) seed(server, key, key);
  const aborted = await copy({ signal: stop.signal });
  assert.equal(aborted.error?.name, 'AbortError');
  const [job] = control.jobs;
  const [, description = ''] = /Its description is "(.*?)"/.exec(aborted.report.warnings.join('\n')) ?? [];
  assert.match(description, /^s3-parallel-put \S+, 1 of 1$/);
  assert.ok(job?.request.includes(`<Description>${description}</Description>`));

  const lost = await worldFor(t);
  for (const key of KEYS) seed(lost.server, key, key);
  lost.control.lose('CreateJob', 100);
  const { report, error } = await lost.copy();
  assert.match(report.warnings.join('\n'), /A job may be there whose id is not known\./);
  // It is not the role, the manifest or the report.
  assert.match(String((error as { hint?: string }).hint), /^Check the network, the proxy, and what AWS_ENDPOINT/);

  // A refused request has made none.
  const refused = await worldFor(t);
  for (const key of KEYS) seed(refused.server, key, key);
  refused.control.deny('CreateJob');
  assert.deepEqual((await refused.copy()).report.warnings, []);
});

test('a job is taken up without its role, by the account that STS names', async (t) => {
  const { server, control, copy } = await worldFor(t);
  for (const key of ['a', 'b']) seed(server, key, key);
  await copy();
  const options = { batchJob: control.jobs[0]?.id ?? '', batchRole: undefined };
  const { report } = await copy(options);
  assert.equal(control.count('GetCallerIdentity'), 1);
  assert.equal(report.counts.copy, 2);
  control.deny('GetCallerIdentity');
  const { error } = await copy(options);
  assert.match(String(error?.message), /The account of the jobs is not known.*sts:GetCallerIdentity/);
  assert.match(String(error?.hint), /batchRole/);
});

test('a job that copies elsewhere, or that there is not, is refused', async (t) => {
  const { server, control, copy } = await worldFor(t);
  seed(server, 'a', 'a');
  await copy({ destination: 's3://site/one' });
  const { error } = await copy({ destination: 's3://site/two', batchJob: control.jobs[0]?.id ?? '' });
  assert.match(String(error?.message), /copies to s3:\/\/site\/one, and this run copies to s3:\/\/site\/two/);
  server.createBucket('other');
  server.seed('other', 'a', 'a');
  const job = control.jobs[0]?.id ?? '';
  const other = await copy({ source: 's3://other', destination: 's3://site/one', batchJob: job });
  assert.match(String(other.error?.message), /copies from s3:\/\/from, and this run copies from s3:\/\/other/);
  const missing = await copy({ batchJob: 'no-such-job' });
  assert.equal(missing.error?.code, 'NoSuchJob');
  assert.match(String(missing.error?.hint), /has no such job in this region/);
  assert.doesNotMatch(missing.report.warnings.join('\n'), /runs on/);
});
