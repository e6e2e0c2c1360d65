import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { batchWorld as worldFor } from '../support/batch.js';
import { KIB, requestsOf, seed } from '../support/copies.js';
import { IMPATIENT, runCopy } from '../support/engine.js';
import { type FakeS3ControlOptions, ROLE } from '../support/fake-s3-control.js';

const KEYS = ['a', 'b', 'c'];

const copiesBy = (server: S3Server): number => requestsOf(server, 'CopyObject').length;

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

test('each permission that is missing is named', async (t) => {
  for (const [action, names] of [
    ['CreateJob', /s3:CreateJob, and iam:PassRole on arn:\S+.*docs\/batch-operations\.md/],
    ['DescribeJob', /s3:DescribeJob.*docs\/batch-operations\.md/],
  ] as const) {
    const { server, control, copy } = await worldFor(t);
    control.deny(action);
    seed(server, 'a', 'a');
    const { error, report } = await copy();
    assert.equal(error?.code, 'AccessDenied');
    assert.match(String(error?.hint), names);
    assert.equal(report.counts.copy, 0);
    // Only a job that was created goes on.
    assert.equal(/was not cancelled/.test(report.warnings.join('\n')), action === 'DescribeJob');
  }
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
    ['missing', () => [], /^The job \S+ has no completion report\. What/],
    [
      'truncated',
      csv((body) => body.slice(0, -20)),
      /^The completion report s3:\S+\.csv cannot be used: its MD5 is \w+, and its manifest names/,
    ],
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

test('an object that no HEAD can read, or that is gone, does not end the run before there is a job', async (t) => {
  const versioning = { from: { versioning: true } };
  const { server, control, copy } = await worldFor(t, {}, versioning);
  for (const key of KEYS) seed(server, key, key);
  // As S3 answers for an object that a customer key encrypts.
  server.fault({ verb: 'HeadObject', key: 'a', type: 'status', status: 400, occurrences: 'all' });
  const { report, error } = await copy();
  assert.equal(error, undefined);
  assert.equal(report.counts.copy, KEYS.length);
  assert.equal(report.heads['versions of the source'], 2);
  assert.deepEqual(
    control.jobs[0]?.tasks.map(({ versionId }) => versionId !== undefined),
    [true, true, true],
  );

  const gone = await worldFor(t, {}, versioning);
  for (const key of KEYS) seed(gone.server, key, key);
  gone.server.fault({ verb: 'HeadObject', key: 'a', type: 'status', status: 404, occurrences: 'all' });
  assert.equal((await gone.copy()).report.counts.copy, KEYS.length);
  assert.ok(gone.control.jobs[0]?.tasks.every(({ versionId }) => versionId !== undefined));

  const none = await worldFor(t);
  seed(none.server, 'a', 'a');
  none.server.fault({ verb: 'HeadObject', key: 'a', type: 'status', status: 400, occurrences: 'all' });
  assert.equal((await none.copy()).report.counts.copy, 1);
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

test('no job is created where the destination does not belong to the expected account', async (t) => {
  for (const mode of ['update', 'stupid'] as const) {
    // Manifests go to another bucket, which does.
    const { server, control, copy } = await worldFor(t, {}, { site: { owner: '999999999999' } });
    for (const key of KEYS) seed(server, key, key);
    const { error, report } = await copy({ mode, expectedBucketOwner: '111122223333' });
    assert.equal(error?.code, 'AccessDenied');
    assert.match(String(error?.message), /ListObjectsV2 s3:\/\/site/);
    assert.match(String(error?.hint), /expectedBucketOwner/);
    assert.equal(report.counts.copy, 0);
    assert.equal(control.jobs.length, 0);
    assert.deepEqual([server.keys('site'), server.keys('logs')], [[], []]);
  }
});

test('a copy that a job has made says that it is verified only where its ETag shows it', async (t) => {
  const { server, control, copy } = await worldFor(t);
  for (const key of KEYS) seed(server, key, key);
  const verifiedBy = async (options: Parameters<typeof copy>[0]): Promise<readonly unknown[]> => {
    await copy(options);
    const { outcomes } = await copy({ ...options, batchJob: control.jobs.at(-1)?.id ?? '' });
    return outcomes.map(({ reason, verified, etag }) => [reason, verified, etag?.length]);
  };
  const plain = await verifiedBy({ compare: 'size' });
  assert.deepEqual(
    plain,
    KEYS.map(() => ['copied by the job', 'md5', 32]),
  );
  const encrypted = await verifiedBy({
    destination: 's3://site/kms',
    compare: 'size',
    sse: 'aws:kms',
  });
  assert.deepEqual(
    encrypted,
    KEYS.map(() => ['copied by the job', 'none', undefined]),
  );
});
