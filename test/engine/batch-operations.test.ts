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
