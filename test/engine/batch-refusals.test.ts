import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateJobCommand,
  type CreateJobCommandInput,
  DescribeJobCommand,
  S3ControlClient,
} from '@aws-sdk/client-s3-control';
import type { S3Server } from 'fake-s3';
import { sendSigned } from 'fake-s3/raw-request';
import { copyServer, seed } from '../support/copies.js';
import { ACCOUNT, type FakeS3ControlOptions, ROLE, s3ControlFor } from '../support/fake-s3-control.js';
import type { Cleanup } from '../support/tree.js';

// The embedded S3 Control refuses what S3 refuses, whoever asks: here the client of the SDK itself.

async function clientFor(t: Cleanup & Parameters<typeof copyServer>[0], options: FakeS3ControlOptions = {}) {
  const server = await copyServer(t);
  const control = await s3ControlFor(t, server, options);
  const { accessKeyId, secretAccessKey } = server;
  const client = new S3ControlClient({
    region: options.region ?? server.region,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey },
  });
  // No IP address has a name before it.
  client.config.endpointProvider = () => ({ url: new URL(control.url), headers: {}, properties: {} });
  t.after(() => client.destroy());
  return { server, control, client };
}

function jobOf(server: S3Server, more: Partial<CreateJobCommandInput> = {}, lines = 'from,a\n'): CreateJobCommandInput {
  server.seed('site', 'jobs/manifest.csv', lines);
  const ETag = server.object('site', 'jobs/manifest.csv')?.etag ?? '';
  return {
    AccountId: ACCOUNT,
    ClientRequestToken: 'token',
    Priority: 1,
    RoleArn: ROLE,
    ConfirmationRequired: false,
    Operation: { S3PutObjectCopy: { TargetResource: 'arn:aws:s3:::site' } },
    Report: {
      Enabled: true,
      Bucket: 'arn:aws:s3:::site',
      Prefix: 'jobs',
      Format: 'Report_CSV_20180820',
      ReportScope: 'AllTasks',
    },
    Manifest: {
      Spec: { Format: 'S3BatchOperations_CSV_20180820', Fields: ['Bucket', 'Key'] },
      Location: { ObjectArn: 'arn:aws:s3:::site/jobs/manifest.csv', ETag },
    },
    ...more,
  };
}

const rejects = (made: Promise<unknown>, name: string, message: RegExp): Promise<void> =>
  assert.rejects(made, (error: Error) => error.name === name && message.test(error.message));

/** Looks at a job until it has ended. */
async function ended(client: S3ControlClient, JobId = ''): Promise<string> {
  for (;;) {
    const { Job } = await client.send(new DescribeJobCommand({ AccountId: ACCOUNT, JobId }));
    const { Status = '', FailureReasons: [why] = [] } = Job ?? {};
    if (/^(?:Complete|Failed|Cancelled)$/.test(Status)) return `${Status} ${why?.FailureCode ?? ''}`.trim();
  }
}

test('a job in another region than its destination is refused', async (t) => {
  const { server, client } = await clientFor(t, { region: 'eu-west-1' });
  await rejects(
    client.send(new CreateJobCommand(jobOf(server))),
    'InvalidRequest',
    /is in us-east-1, and the job in eu-west-1/,
  );
});

test('another account, and a role that may not be passed or is not there, are refused', async (t) => {
  const { server, client } = await clientFor(t, { roles: { [ROLE]: { passable: false } } });
  await rejects(
    client.send(new CreateJobCommand(jobOf(server, { AccountId: '999988887777' }))),
    'AccessDenied',
    /s3:CreateJob/,
  );
  await rejects(client.send(new CreateJobCommand(jobOf(server))), 'AccessDenied', /iam:PassRole/);
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/other`;
  await rejects(client.send(new CreateJobCommand(jobOf(server, { RoleArn }))), 'InvalidRequest', /does not exist/);
});

test('what the model lacks is refused: conditions on ETags, customer keys, new keys, types and required members', async (t) => {
  const { server, control, client } = await clientFor(t);
  await client.send(new CreateJobCommand(jobOf(server)));
  const document = control.jobs[0]?.request ?? '';
  const send = (body: string) =>
    sendSigned(
      { ...server, url: control.url },
      { method: 'POST', path: '/v20180820/jobs', headers: { 'x-amz-account-id': ACCOUNT }, body },
    );
  const inOperation = (more: string): string => document.replace('</TargetResource>', `</TargetResource>${more}`);
  const refused: readonly (readonly [string, RegExp])[] = [
    [inOperation('<CopySourceIfMatch>etag</CopySourceIfMatch>'), /S3PutObjectCopy has no member CopySourceIfMatch/],
    [inOperation('<SSECustomerKey>key</SSECustomerKey>'), /no member SSECustomerKey/],
    [inOperation('<TargetKey>renamed</TargetKey>'), /no member TargetKey/],
    [inOperation('<StorageClass>COLD</StorageClass>'), /StorageClass cannot be COLD/],
    [inOperation('<UnModifiedSinceConstraint>yesterday</UnModifiedSinceConstraint>'), /is no time/],
    [document.replace('<Priority>1<', '<Priority>high<'), /Priority is no number/],
    [document.replace(/<RoleArn>.*<\/RoleArn>/, ''), /lacks RoleArn/],
    [document.replace('<Enabled>true<', '<Enabled>yes<'), /Enabled is no boolean/],
    [document.slice(0, -20), /MalformedXML/],
  ];
  for (const [body, why] of refused) {
    const { status, body: answer } = await send(body);
    assert.equal(status, 400);
    assert.match(answer, why);
  }
  assert.equal((await send(document)).status, 200);
  assert.equal(control.jobs.length, 1);
});

test('a token makes one job, and is refused with other parameters', async (t) => {
  const { server, control, client } = await clientFor(t);
  const first = await client.send(new CreateJobCommand(jobOf(server)));
  const second = await client.send(new CreateJobCommand(jobOf(server)));
  assert.equal(first.JobId, second.JobId);
  assert.equal(control.jobs.length, 1);
  await rejects(
    client.send(new CreateJobCommand(jobOf(server, { Priority: 2 }))),
    'IdempotencyException',
    /other parameters/,
  );
});

test('a manifest with another ETag, other fields or several buckets fails the job', async (t) => {
  const { server, client } = await clientFor(t);
  const location = { ObjectArn: 'arn:aws:s3:::site/jobs/manifest.csv', ETag: 'other' };
  const spec = { Format: 'S3BatchOperations_CSV_20180820', Fields: ['Bucket', 'Key'] } as const;
  const jobs = [
    [
      jobOf(server, { Manifest: { Spec: { ...spec, Fields: [...spec.Fields] }, Location: location } }),
      'Failed ManifestETagMismatch',
    ],
    [jobOf(server, { ClientRequestToken: '2' }, 'from,a,version\n'), 'Failed ManifestNotReadable'],
  ] as const;
  for (const [job, end] of jobs) {
    const { JobId } = await client.send(new CreateJobCommand(job));
    assert.equal(await ended(client, JobId), end);
  }
  const mixed = jobOf(server, { ClientRequestToken: '3' }, 'from,a\nsite,b\n');
  const { JobId } = await client.send(new CreateJobCommand(mixed));
  assert.equal(await ended(client, JobId), 'Failed ManifestNotReadable');
});

test('tasks fail for objects above 5 GB, archived ones, and those that are younger than the constraint', async (t) => {
  const { server, control, client } = await clientFor(t);
  server.seedMany('from', 1, () => 'large', { size: 6 * 1024 ** 3 });
  seed(server, 'cold', 'x', { headers: { 'x-amz-storage-class': 'GLACIER' } });
  server.seed('from', 'young', 'x');
  seed(server, 'old', 'x');
  const UnModifiedSinceConstraint = new Date(Date.now() - 60_000);
  const Operation = { S3PutObjectCopy: { TargetResource: 'arn:aws:s3:::site', UnModifiedSinceConstraint } };
  const lines = ['large', 'cold', 'young', 'old', 'missing'].map((key) => `from,${key}\n`).join('');
  const { JobId } = await client.send(new CreateJobCommand(jobOf(server, { Operation }, lines)));
  assert.equal(await ended(client, JobId), 'Complete');
  assert.deepEqual(
    control.jobs[0]?.tasks.map(({ key, code = 'copied' }) => [key, code]),
    [
      ['large', 'InvalidRequest'],
      ['cold', 'InvalidObjectState'],
      ['young', 'PreconditionFailed'],
      ['old', 'copied'],
      ['missing', 'NoSuchKey'],
    ],
  );
  const report = server.keys('site').filter((key) => key.startsWith(`jobs/job-${JobId}/`));
  assert.equal(report.length, 3);
});
