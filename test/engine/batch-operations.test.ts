import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { batchWorld as worldFor } from '../support/batch.js';
import { KIB, requestsOf, seed } from '../support/copies.js';
import { IMPATIENT, runCopy } from '../support/engine.js';
import { ROLE } from '../support/fake-s3-control.js';

/** Keys that a manifest, a signature or a listing may spoil. */
const ODD_KEYS = [
  'a b',
  'a+b',
  'a,b',
  'a"b',
  'a%20b',
  'ä/ö',
  '雪',
  '🦊/x',
  "it's(!)*~",
  'x&y<z>',
  'line\nbreak',
  'a//b',
  '=1',
];

const KEYS = ['a', 'b', 'c'];

const copiesBy = (server: S3Server): number => requestsOf(server, 'CopyObject').length;

test('a job copies objects inside S3, and the report of the run has an outcome for each', async (t) => {
  const { server, control, copy } = await worldFor(t);
  for (const key of ODD_KEYS) seed(server, key, `content of ${key}`);
  const ran = await copy({ destination: 's3://site/backup' });
  assert.equal(ran.error, undefined);
  assert.deepEqual(server.keys('site').sort(), ODD_KEYS.map((key) => `backup/${key}`).sort());
  for (const key of ODD_KEYS)
    assert.equal(server.object('site', `backup/${key}`)?.body.toString(), `content of ${key}`);
  assert.equal(ran.report.counts.copy, ODD_KEYS.length);
  assert.deepEqual(new Set(ran.outcomes.map(({ verified, reason }) => `${verified} ${reason}`)), new Set(['md5 new']));
  const [job] = control.jobs;
  assert.equal(control.jobs.length, 1);
  assert.match(String(ran.outcomes[0]?.way), new RegExp(`^by S3 Batch Operations, job ${job?.id}$`));
  // All of them are the job's own.
  assert.equal(copiesBy(server), ODD_KEYS.length);
  assert.deepEqual(
    ran.report.batchJobs?.map(({ id, status, objects, succeeded, failed }) => ({
      id,
      status,
      objects,
      succeeded,
      failed,
    })),
    [{ id: job?.id, status: 'Complete', objects: ODD_KEYS.length, succeeded: ODD_KEYS.length, failed: 0 }],
  );
  const again = await copy({ destination: 's3://site/backup' });
  assert.equal(again.report.counts.skip, ODD_KEYS.length);
  assert.equal(control.jobs.length, 1);
});

test('what a job cannot copy is copied from here, and counted once', async (t) => {
  const { server, control, copy } = await worldFor(t);
  for (const key of ['a', 'b', 'c']) seed(server, key, `content of ${key}`);
  seed(server, 'empty', '');
  seed(server, 'parts', Buffer.alloc(3 * KIB, 'p'), { partSizes: [2 * KIB, KIB] });
  seed(server, 'redirect', '', { headers: { 'x-amz-website-redirect-location': '/new' } });
  seed(server, 'cold', 'x', { headers: { 'x-amz-storage-class': 'GLACIER' } });
  const { outcomes, report, keys } = await copy();
  assert.deepEqual(
    control.jobs[0]?.tasks.map(({ key }) => key),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(keys('copy'), ['a', 'b', 'c', 'empty', 'parts', 'redirect']);
  assert.deepEqual(keys('fail'), ['cold']);
  assert.equal(outcomes.length, 7);
  assert.equal(report.counts.copy + report.counts.fail, 7);
  assert.equal(server.object('site', 'parts')?.etag, server.object('from', 'parts')?.etag);
  assert.equal(server.object('site', 'redirect')?.headers['x-amz-website-redirect-location'], '/new');
});

test('a bucket with versions is copied by version, and objects from before it kept them by time', async (t) => {
  const { server, control, copy } = await worldFor(t);
  seed(server, 'before', 'from before');
  seed(server, 'before2', 'from before, too');
  server.mode({ versioning: true }, 'from');
  seed(server, 'a', 'old content');
  for (const key of ['a', 'b', 'c d']) seed(server, key, `content of ${key}`);
  const { error, keys } = await copy();
  assert.equal(error, undefined);
  assert.deepEqual(keys('copy'), ['a', 'b', 'before', 'before2', 'c d']);
  const [versions, current] = control.jobs;
  assert.deepEqual(
    versions?.tasks.map(({ key, versionId }) => [key, versionId]),
    ['a', 'b', 'c d'].map((key) => [key, server.object('from', key)?.versionId]),
  );
  assert.doesNotMatch(versions?.request ?? '', /UnModifiedSince/);
  assert.deepEqual(
    current?.tasks.map(({ key }) => key),
    ['before', 'before2'],
  );
  assert.match(current?.request ?? '', /<UnModifiedSinceConstraint>/);
  assert.equal(server.object('site', 'a')?.body.toString(), 'content of a');
});

test('a version that is overwritten while the job runs is copied as it was listed', async (t) => {
  const overwritten: { server?: S3Server } = {};
  const { server, copy } = await worldFor(t, {
    onTask(key) {
      if (key === 'a') overwritten.server?.seed('from', 'a', 'newer');
      return undefined;
    },
  });
  overwritten.server = server;
  server.mode({ versioning: true }, 'from');
  for (const key of ['a', 'b']) seed(server, key, `content of ${key}`);
  const { report } = await copy();
  assert.equal(report.counts.copy, 2);
  assert.equal(server.object('site', 'a')?.body.toString(), 'content of a');
});

test('an object that changes while the job runs is refused by its time, and copied anew from here', async (t) => {
  const changed: { server?: S3Server } = {};
  const { server, copy } = await worldFor(t, {
    onTask(key) {
      const lastModified = new Date(Date.now() + 60_000);
      if (key === 'a') changed.server?.seed('from', 'a', 'newer', { lastModified });
      return undefined;
    },
  });
  changed.server = server;
  for (const key of ['a', 'b']) seed(server, key, `content of ${key}`);
  const { report, error } = await copy();
  assert.equal(error, undefined);
  assert.equal(report.counts.copy, 2);
  assert.match(report.warnings.join('\n'), /1 object could not be copied by a job.*First: a: PreconditionFailed/);
  assert.equal(server.object('site', 'a')?.body.toString(), 'newer');
});

test('an object that changes within the second of the listing is found by its ETag', async (t) => {
  const changed: { server?: S3Server } = {};
  const { server, copy } = await worldFor(t, {
    onTask(key) {
      const lastModified = new Date(Date.now() - 60_000);
      if (key === 'a') changed.server?.seed('from', 'a', 'CONTENT of a', { lastModified });
      return undefined;
    },
  });
  changed.server = server;
  for (const key of ['a', 'b']) seed(server, key, `content of ${key}`);
  const { report, outcomes } = await copy();
  assert.equal(report.counts.copy, 2);
  assert.equal(server.object('site', 'a')?.body.toString(), 'CONTENT of a');
  assert.doesNotMatch(String(outcomes.find(({ key }) => key === 'a')?.way), /Batch/);
});

test('each set of headers gets a job, and rare ones are copied from here', async (t) => {
  const { server, control, copy } = await worldFor(t);
  const ia = { headers: { 'x-amz-storage-class': 'STANDARD_IA' } };
  for (const key of ['a', 'b', 'c']) seed(server, key, key);
  for (const key of ['ia1', 'ia2']) seed(server, key, key, ia);
  seed(server, 'rare', 'rare', { headers: { 'x-amz-storage-class': 'ONEZONE_IA' } });
  const { report } = await copy();
  assert.equal(report.counts.copy, 6);
  assert.deepEqual(
    control.jobs.map(({ tasks }) => tasks.map(({ key }) => key)),
    [
      ['a', 'b', 'c'],
      ['ia1', 'ia2'],
    ],
  );
  assert.equal(server.object('site', 'ia1')?.storageClass, 'STANDARD_IA');
  assert.equal(server.object('site', 'rare')?.storageClass, 'ONEZONE_IA');
});

test('headers of the options replace those of the source, and keep the others', async (t) => {
  const { server, control, copy } = await worldFor(t);
  const html = { headers: { 'content-type': 'text/html', 'x-amz-meta-a': 'kept' }, tags: { team: 'web' } };
  for (const key of ['a', 'b']) seed(server, key, key, html);
  const { report } = await copy({ cacheControl: 'no-cache', tagging: { env: 'live site' } });
  assert.equal(report.counts.copy, 2);
  assert.equal(control.jobs[0]?.tasks.length, 2);
  const { headers, tags } = server.object('site', 'a') ?? {};
  assert.equal(headers?.['cache-control'], 'no-cache');
  assert.equal(headers?.['content-type'], 'text/html');
  assert.equal(headers?.['x-amz-meta-a'], 'kept');
  assert.deepEqual(tags, { env: 'live site' });
});

test('a job sets what the usual copy sets', async (t) => {
  const { server, control, copy } = await worldFor(t);
  for (const key of ['a', 'b']) seed(server, key, key);
  const headers = {
    'x-amz-object-lock-legal-hold': 'ON',
    'x-amz-object-lock-mode': 'GOVERNANCE',
    'x-amz-object-lock-retain-until-date': '2030-01-01T00:00:00Z',
    'x-amz-server-side-encryption-bucket-key-enabled': 'true',
  };
  const options = { headers, sse: 'aws:kms', storageClass: 'STANDARD_IA', tagging: { env: 'live site' } } as const;
  await runCopy(server, { ...options, destination: 's3://site/usual' });
  const { error } = await copy({ ...options, destination: 's3://site/job' });
  assert.equal(error, undefined);
  assert.equal(control.jobs[0]?.tasks.length, 2);
  const stored = (key: string): unknown => {
    const { headers, tags, storageClass } = server.object('site', key) ?? {};
    return { headers, tags, storageClass };
  };
  assert.equal(server.object('site', 'job/a')?.headers['x-amz-object-lock-legal-hold'], 'ON');
  assert.deepEqual(stored('job/a'), stored('usual/a'));
});

test('where a KMS key encrypts the destination, the report of the job counts', async (t) => {
  const { server, copy } = await worldFor(t, {}, { site: { kms: true } });
  for (const key of ['a', 'b', 'c']) seed(server, key, key);
  const { report, outcomes } = await copy();
  assert.equal(report.counts.copy, 3);
  assert.deepEqual(
    outcomes.map(({ verified, way }) => [verified, /job/.test(way ?? '')]),
    Array(3).fill(['none', true]),
  );
  assert.equal(report.heads['the ETag of a copy differs'], 1);
});

test('a dry run creates no job, and says how many there would be and what they cost', async (t) => {
  const { server, control, copy } = await worldFor(t);
  for (const key of ['a', 'b']) seed(server, key, key);
  seed(server, 'empty', '');
  const { report } = await copy({ dryRun: true });
  assert.equal(report.counts.copy, 3);
  assert.equal(control.requests.length, 0);
  assert.deepEqual(server.keys('logs'), []);
  const [job] = report.batchJobs ?? [];
  assert.equal(report.batchJobs?.length, 1);
  assert.equal(job?.status, 'planned');
  assert.equal(job?.objects, 2);
  assert.ok(job !== undefined && job.dollars > 0.25 && job.dollars < 0.26);
});

test('a large manifest is stored in parts, and the job is bound to its ETag', async (t) => {
  const { server, control } = await worldFor(t);
  const keys = Array.from({ length: 200 }, (_, index) => `key-${String(index).padStart(3, '0')}`);
  for (const key of keys) seed(server, key, key);
  server.mode({ minPartSize: KIB }, 'site');
  // The response of the first completion is lost, and the manifest is stored all the same.
  server.fault({ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'reset', stored: true });
  const batch = { batchOperations: true, batchRole: ROLE };
  const { report, error } = await runCopy(server, batch, { ...IMPATIENT, batch: { partBytes: KIB } });
  assert.equal(error, undefined);
  assert.equal(report.counts.copy, 200);
  const [job] = control.jobs;
  assert.ok(job !== undefined && requestsOf(server, 'UploadPart').length >= 2);
  assert.match(String(server.object('site', job.manifest.key)?.etag), /-\d+$/);
  const [created] = requestsOf(server, 'CreateMultipartUpload');
  assert.equal(created?.headers['x-amz-server-side-encryption'], 'AES256');
  assert.deepEqual(
    job.tasks.map(({ key }) => key),
    keys,
  );
});

test('jobs need no confirmation, and the report of the run names where theirs is', async (t) => {
  const { server, control, copy } = await worldFor(t);
  for (const key of KEYS) seed(server, key, key);
  const { report } = await copy();
  const [job] = control.jobs;
  assert.match(job?.request ?? '', /<ConfirmationRequired>false</);
  const [shown] = report.batchJobs ?? [];
  assert.equal(shown?.report, `s3://logs/${job?.reports?.prefix}/job-${job?.id}/`);
  assert.ok(server.keys('logs').some((key) => `s3://logs/${key}` === `${shown?.report}manifest.json`));
});

test('reports go below the longest prefix that a job takes', async (t) => {
  const { server, control, copy } = await worldFor(t);
  for (const key of ['a', 'b']) seed(server, key, key);
  const { error, report } = await copy({ batchReports: `s3://logs/${'x'.repeat(486)}` });
  assert.equal(error, undefined);
  assert.deepEqual(report.warnings, []);
  assert.equal(control.jobs[0]?.reports?.prefix.length, 512);
});

test('a version that was named is the one that the job copies', async (t) => {
  const { server, control, copy } = await worldFor(t);
  server.mode({ versioning: true }, 'from');
  const old = { headers: { 'content-type': 'text/old' } };
  for (const key of ['a', 'b']) seed(server, key, `content of ${key}`, old);
  const versionId = server.object('from', 'a')?.versionId ?? '';
  for (const key of ['a', 'b']) seed(server, key, `content of ${key}`, { headers: { 'content-type': 'text/new' } });
  const { error } = await copy({ key: [{ key: 'a', versionId }, 'b'] });
  assert.equal(error, undefined);
  assert.deepEqual(
    control.jobs[0]?.tasks.map((task) => task.versionId),
    [versionId, server.object('from', 'b')?.versionId],
  );
  assert.equal(server.object('site', 'a')?.headers['content-type'], 'text/old');
  assert.equal(server.object('site', 'b')?.headers['content-type'], 'text/new');
});

test('manifests are cut, and each gets a job', async (t) => {
  const { server, control } = await worldFor(t);
  const keys = Array.from({ length: 20 }, (_, index) => `key-${String(index).padStart(2, '0')}`);
  for (const key of keys) seed(server, key, key);
  const batch = { batchOperations: true, batchRole: ROLE };
  const { report } = await runCopy(server, batch, { ...IMPATIENT, batch: { manifestBytes: 60 } });
  assert.equal(report.counts.copy, 20);
  assert.ok(control.jobs.length > 1);
  assert.deepEqual(
    control.jobs.flatMap(({ tasks }) => tasks.map(({ key }) => key)),
    keys,
  );
});

test('with delete, strays go once all is copied', async (t) => {
  const { server, copy } = await worldFor(t);
  for (const key of ['a', 'b']) seed(server, key, key);
  server.seed('site', 'backup/stray', 'x');
  const { report } = await copy({ destination: 's3://site/backup', delete: true });
  assert.equal(report.counts.delete, 1);
  assert.deepEqual(server.keys('site'), ['backup/a', 'backup/b']);
});

test('the requester pays for what a job copies, and the listings check the owner of both buckets', async (t) => {
  const { server, control, copy } = await worldFor(t);
  for (const key of KEYS) seed(server, key, `content of ${key}`);
  const owner = '111122223333';
  const { report } = await copy({
    requestPayer: true,
    expectedBucketOwner: owner,
    expectedSourceBucketOwner: owner,
  });
  assert.equal(control.jobs[0]?.tasks.length, KEYS.length);
  assert.equal(report.counts.copy, KEYS.length);
  assert.match(control.jobs[0]?.request ?? '', /<RequesterPays>true</);
  for (const { headers } of requestsOf(server, 'ListObjectsV2'))
    assert.equal(headers['x-amz-expected-bucket-owner'], owner);
});

test('the report of a run counts what no job was to copy, by reason', async (t) => {
  const { server, copy } = await worldFor(t);
  for (const key of KEYS) seed(server, key, `content of ${key}`);
  seed(server, 'empty', '');
  for (const key of ['parts1', 'parts2']) seed(server, key, Buffer.alloc(3 * KIB), { partSizes: [2 * KIB, KIB] });
  seed(server, 'rare', 'rare', { headers: { 'x-amz-storage-class': 'ONEZONE_IA' } });
  const counts = {
    'empty, so it may be a redirect': 1,
    'in parts, whose ETag a job would change': 2,
    'with headers that too few have for a job': 1,
  };
  const dry = await copy({ dryRun: true });
  assert.deepEqual(dry.report.notByJob, counts);
  const { report } = await copy();
  assert.deepEqual(report.notByJob, counts);
  assert.equal(report.counts.copy, 7);
});
