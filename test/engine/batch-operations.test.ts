import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import type { CopyOptions } from '../../src/index.js';
import { copyServer, KIB, requestsOf, seed } from '../support/copies.js';
import { IMPATIENT, type Ran, runCopy } from '../support/engine.js';
import { type FakeS3Control, type FakeS3ControlOptions, ROLE, s3ControlFor } from '../support/fake-s3-control.js';

interface World {
  readonly server: S3Server;
  readonly control: FakeS3Control;
  readonly copy: (options?: Partial<CopyOptions>) => Promise<Ran>;
}

/** Buckets `from`, `site` and `logs`, and S3 Control beside them. */
async function worldFor(
  t: TestContext,
  options: FakeS3ControlOptions = {},
  modes: Parameters<typeof copyServer>[1] = {},
): Promise<World> {
  const server = await copyServer(t, modes);
  server.createBucket('logs');
  const control = await s3ControlFor(t, server, options);
  const batch = { batchOperations: true, batchRole: ROLE, batchReports: 's3://logs/copies' } as const;
  return {
    server,
    control,
    copy: (more = {}) =>
      runCopy(server, { ...batch, ...more }, { ...IMPATIENT, partFloor: KIB, batch: { leastInJob: 2 } }),
  };
}

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

test('objects that a job fails at are copied from here', async (t) => {
  const { server, copy } = await worldFor(t, { onTask: (key) => (key === 'b' ? 'InternalError' : undefined) });
  for (const key of ['a', 'b', 'c']) seed(server, key, key);
  const { report, outcomes, error } = await copy();
  assert.equal(error, undefined);
  assert.equal(outcomes.length, 3);
  assert.equal(report.counts.copy, 3);
  assert.equal(report.batchJobs?.[0]?.failed, 1);
  assert.match(
    report.warnings.join('\n'),
    /1 object could not be copied by a job, and is copied from here\. First: b: InternalError: InternalError, by "S3"/,
  );
});

test('a job that fails as a whole leaves its objects to the usual copy, with a warning that says why', async (t) => {
  const { server, copy } = await worldFor(t, { failAfter: 2, tasksAtOnce: 2, onTask: () => 'AccessDenied' });
  for (const key of ['a', 'b', 'c', 'd']) seed(server, key, key);
  const { report, error } = await copy();
  assert.equal(error, undefined);
  assert.equal(report.counts.copy, 4);
  assert.match(report.warnings.join('\n'), /has failed \(JobTasksExceededFailureThreshold/);
});

test('a role that may not read the source, or not the manifest, copies nothing', async (t) => {
  for (const buckets of [
    ['logs', 'site'],
    ['from', 'site'],
  ]) {
    const credentials = { accessKeyId: 'role-key', secretAccessKey: 'role-secret' };
    const { server, control, copy } = await worldFor(t, { roles: { [ROLE]: { credentials } } });
    server.addCredentials(credentials, { buckets });
    for (const key of ['a', 'b']) seed(server, key, key);
    const { report, error } = await copy();
    assert.equal(error, undefined);
    assert.equal(report.counts.copy, 2);
    assert.match(report.warnings.join('\n'), /AccessDenied/);
    assert.equal(control.jobs.length, 1);
  }
});

test('a manifest that was overwritten is not used', async (t) => {
  const overwrite: { server?: S3Server } = {};
  const { server, control, copy } = await worldFor(t, {
    onCreate: ({ manifest }) => overwrite.server?.seed(manifest.bucket, manifest.key, 'from,other\n'),
  });
  overwrite.server = server;
  for (const key of ['a', 'b']) seed(server, key, key);
  const { report } = await copy();
  assert.equal(control.jobs[0]?.status, 'Failed');
  assert.match(report.warnings.join('\n'), /ManifestETagMismatch/);
  assert.equal(report.counts.copy, 2);
});

test('what a cancelled job has not copied fails by key, and the next run copies it', async (t) => {
  const { server, control, copy } = await worldFor(t, {
    tasksAtOnce: 2,
    onTask(key, job) {
      if (key === 'c') control.cancel(job);
      return undefined;
    },
  });
  for (const key of ['a', 'b', 'c', 'd', 'e']) seed(server, key, key);
  seed(server, 'empty', '');
  const { report, error, keys, outcomes } = await copy();
  assert.equal(error?.name, 'PartialFailureError');
  assert.deepEqual([...keys('copy'), ...keys('fail')].sort(), ['a', 'b', 'c', 'd', 'e', 'empty']);
  assert.ok(keys('fail').includes('e'));
  assert.equal(outcomes.length, 6);
  assert.match(report.failures[0]?.message ?? '', /was not copied: the job \S+ was cancelled before/);
  const again = await copy();
  assert.equal(again.report.counts.fail, 0);
  assert.deepEqual(server.keys('site'), ['a', 'b', 'c', 'd', 'e', 'empty']);
});

test('throttled and lost requests are sent again, and make one job', async (t) => {
  const { server, control, copy } = await worldFor(t);
  for (const key of ['a', 'b']) seed(server, key, key);
  control.fail('CreateJob', 'TooManyRequestsException', 400, 3);
  control.fail('DescribeJob', 'SlowDown', 503, 3);
  control.lose('CreateJob', 2);
  const { report, error } = await copy();
  assert.equal(error, undefined);
  assert.equal(report.counts.copy, 2);
  assert.equal(control.jobs.length, 1);
  assert.equal(control.count('CreateJob'), 6);
});

test('without iam:PassRole or s3:CreateJob nothing is copied, and the hint names them', async (t) => {
  const deny = await worldFor(t, { roles: { [ROLE]: { passable: false } } });
  seed(deny.server, 'a', 'a');
  const { error, report } = await deny.copy();
  assert.equal(error?.code, 'AccessDenied');
  assert.match(String(error?.message), /iam:PassRole/);
  assert.match(String(error?.hint), new RegExp(`s3:CreateJob, and iam:PassRole on ${ROLE}`));
  assert.equal(report.counts.copy, 0);
  assert.deepEqual(deny.server.keys('site'), []);
});

test('a role of another account is refused with both accounts', async (t) => {
  const { server, copy } = await worldFor(t);
  seed(server, 'a', 'a');
  const { error } = await copy({ batchRole: 'arn:aws:iam::999988887777:role/other' });
  assert.equal(error?.code, 'AccessDenied');
  assert.match(String(error?.hint), /account 111122223333 \(aws sts get-caller-identity\).*999988887777/);
});

test('a destination in another region than the job is refused by S3', async (t) => {
  const { server, control, copy } = await worldFor(t, { region: 'us-east-1' });
  server.mode({ region: 'eu-west-1' }, 'site');
  seed(server, 'a', 'a');
  const { error } = await copy();
  assert.ok(error !== undefined);
  assert.equal(control.jobs.length, 0);
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
  assert.deepEqual(
    job.tasks.map(({ key }) => key),
    keys,
  );
});

test('a manifest that cannot be stored creates no job, leaves no upload, and ends the run', async (t) => {
  const { server, control } = await worldFor(t);
  for (let index = 0; index < 200; index += 1) seed(server, `key-${index}`, 'x');
  server.mode({ minPartSize: KIB }, 'site');
  server.fault({ verb: 'UploadPart', occurrences: 2, type: 'status', status: 403, code: 'AccessDenied' });
  const batch = { batchOperations: true, batchRole: ROLE };
  const { error } = await runCopy(server, batch, { ...IMPATIENT, batch: { partBytes: KIB } });
  assert.equal(error?.code, 'AccessDenied');
  assert.equal(control.jobs.length, 0);
  assert.equal(requestsOf(server, 'AbortMultipartUpload').length, 1);
});

test('without a report, or with one that cannot be used, copies are found by their ETags', async (t) => {
  type Change = NonNullable<FakeS3ControlOptions['onReport']>;
  const csv = (change: (body: string) => string): Change => {
    return (files) => files.map(({ key, body }) => ({ key, body: key.endsWith('.csv') ? change(body) : body }));
  };
  const json = (change: (body: string) => string): Change => {
    return (files) => files.map(({ key, body }) => ({ key, body: key.endsWith('.json') ? change(body) : body }));
  };
  const cases: readonly (readonly [string, Change, RegExp])[] = [
    ['missing', () => [], /it has none/],
    ['truncated', csv((body) => body.slice(0, -20)), /its MD5 is \w+, and its manifest names/],
    ['without a file', (files) => files.filter(({ key }) => key.endsWith('.json')), /it does not exist/],
    ['with a truncated manifest', json((body) => body.slice(0, -9)), /JSON/],
    ['with other columns', json((body) => body.replace('TaskStatus', 'State')), /its schema has no column TaskStatus/],
  ];
  for (const [name, onReport, why] of cases) {
    const { server, control, copy } = await worldFor(t, { onReport });
    for (const key of KEYS) seed(server, key, `content of ${key}`);
    const { report, error } = await copy();
    assert.equal(error, undefined, name);
    assert.equal(report.counts.copy, KEYS.length, name);
    assert.match(report.warnings.join('\n'), why, name);
    assert.match(report.warnings.join('\n'), /What the job has copied is found by ETags/);
    // Nothing is copied twice.
    assert.equal(copiesBy(server), KEYS.length, name);
    // Taken up again, they are there already.
    const again = await copy({ batchJob: control.jobs[0]?.id ?? '' });
    assert.equal(again.error, undefined, name);
    assert.equal(again.report.counts.skip, KEYS.length, name);
  }
});

test('without a report, what a KMS key makes unprovable is copied again', async (t) => {
  const { server, copy } = await worldFor(t, { onReport: () => [] }, { site: { kms: true } });
  for (const key of KEYS) seed(server, key, `content of ${key}`);
  const { report, outcomes } = await copy();
  assert.equal(report.counts.copy, KEYS.length);
  assert.ok(outcomes.every(({ way }) => !/Batch/.test(way ?? '')));
});

test('a report below another folder, and one with more columns, are read', async (t) => {
  for (const change of [
    (key: string) => key.replace('manifest.json', 'report.json'),
    (key: string) => key.replace('/job-', '//job-'),
  ]) {
    const { server, copy } = await worldFor(t, {
      onReport: (files) =>
        files.map(({ key, body }) =>
          key.endsWith('.json')
            ? {
                key: change(key),
                body: body.replace('Bucket, Key', 'Bucket,Key').replace('ResultMessage', 'ResultMessage, More'),
              }
            : { key, body },
        ),
    });
    for (const key of KEYS) seed(server, key, `content of ${key}`);
    const { report, error } = await copy();
    assert.equal(error, undefined);
    assert.deepEqual(report.warnings, []);
    assert.equal(report.counts.copy, KEYS.length);
  }
});

test('a job that somebody has suspended is waited for, and a warning says what lets it run', async (t) => {
  const { server, copy } = await worldFor(t, { suspendedFor: 3 });
  for (const key of KEYS) seed(server, key, key);
  const { report, events } = await copy();
  assert.equal(report.counts.copy, KEYS.length);
  assert.match(report.warnings.join('\n'), /is suspended.*aws s3control update-job-status/);
  const states = events.flatMap((event) => (event.type === 'batchJob' ? event.job.status : []));
  assert.deepEqual([...new Set(states)], ['New', 'Suspended', 'Preparing', 'Active', 'Completing', 'Complete']);
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

test('where objects cannot be kept in a temporary file, the run ends before any job', async (t) => {
  const { server, control, copy } = await worldFor(t);
  for (let index = 0; index < 25_000; index += 1) seed(server, `key-${index}`, 'x');
  const before = process.env.TMPDIR;
  process.env.TMPDIR = '/dev/null';
  const { error, report } = await copy().finally(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  assert.equal(error?.code, 'ENOTDIR');
  assert.match(String(error?.hint), /TMPDIR|folder/);
  assert.equal(report.counts.copy, 0);
  assert.equal(control.count('CreateJob'), 0);
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
  assert.match(first.report.warnings.join('\n'), new RegExp(`The job ${job?.id} runs on at S3`));
  const second = await copy({ batchJob: job?.id ?? '' });
  assert.equal(second.error, undefined);
  assert.equal(control.jobs.length, 1);
  assert.deepEqual(second.keys('copy'), ['a', 'b', 'c', 'empty']);
  assert.equal(second.reasonOf('a'), 'copied by the job');
  assert.equal(second.reasonOf('empty'), 'new');
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
  assert.match(String(error?.message), /The account of the jobs is not known/);
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
});

test('with delete, strays go once all is copied', async (t) => {
  const { server, copy } = await worldFor(t);
  for (const key of ['a', 'b']) seed(server, key, key);
  server.seed('site', 'backup/stray', 'x');
  const { report } = await copy({ destination: 's3://site/backup', delete: true });
  assert.equal(report.counts.delete, 1);
  assert.deepEqual(server.keys('site'), ['backup/a', 'backup/b']);
});
