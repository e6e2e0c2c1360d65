import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyServer, seed } from '../support/copies.js';
import { ROLE, s3ControlFor } from '../support/fake-s3-control.js';
import { accountOf, assertNoStack, cli, cliTo } from './cli-process.js';

const COPY = ['copy', 's3://from', 's3://site/backup', '--batch-operations', '--batch-role', ROLE];

test('the command shows jobs as they go on, what they cost, and an outcome for each object', async (t) => {
  const server = await copyServer(t);
  const control = await s3ControlFor(t, server);
  for (const key of ['a', 'b']) seed(server, key, `content of ${key}`);
  const dry = await cliTo(server, [...COPY, '--dry-run'], { env: control.env });
  assert.equal(dry.code, 0);
  assert.match(
    dry.stderr + dry.stdout,
    /S3 Batch Operations: 1 job for 2 objects, about \$0\.25 with their copies, by the prices of us-east-1 when this was written \(/,
  );
  assert.equal(control.requests.length, 0);
  const ran = await cliTo(server, COPY, { env: control.env });
  assert.equal(ran.code, 0, ran.stderr);
  assertNoStack(ran);
  const [job] = control.jobs;
  assert.match(ran.stderr, new RegExp(`Job ${job?.id}: Complete, 2 of 2 objects copied`));
  // The summary has it, too.
  const summary = `${job?.id}: Complete, 2 of 2 objects copied; report s3://site/s3-parallel-put-jobs/\\S+/job-${job?.id}/`;
  assert.match(ran.stderr, new RegExp(`  Job ${summary}`));
  assert.match(ran.stdout, new RegExp(`copied backup/a .*by S3 Batch Operations, job ${job?.id}`));
  const again = await cliTo(server, [...COPY, '--batch-job', job?.id ?? ''], { env: control.env });
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /copied backup\/a .*copied by the job/);
});

test('wrong uses end with 2, before any request, and name the flags', async (t) => {
  const server = await copyServer(t);
  const control = await s3ControlFor(t, server);
  for (const [argv, message] of [
    [['copy', 's3://from', 's3://site', '--batch-operations'], /--batch-operations needs --batch-role/],
    [
      ['copy', 's3://from', 's3://site', '--batch-role', ROLE],
      /--batch-role is about --batch-operations, which is off/,
    ],
    [
      ['copy', 's3://from/a/*', 's3://site', ...COPY.slice(3)],
      /--batch-operations cannot copy s3:\/\/from\/a\/\* → s3:\/\/site/,
    ],
    [
      [...COPY, '--batch-reports', 's3://'],
      /The --batch-reports "s3:\/\/" names no bucket\.\n +Write s3:\/\/name or s3:\/\/name\/prefix\./,
    ],
    [[...COPY, '--mode', 'add'], /--mode add and --batch-operations exclude each other/],
  ] as const) {
    const { code, stderr } = await cliTo(server, argv, { env: control.env });
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
  // Another server than AWS, without S3 Control: its keys are not sent to AWS.
  const other = await cliTo(server, COPY, { env: { AWS_ENDPOINT_URL_S3_CONTROL: undefined } });
  assert.equal(other.code, 2);
  assert.match(other.stderr, /--batch-operations is a service of AWS, and the destination is at http:\/\/127/);
  // One address for all services does not say that the server has this one.
  const all = { AWS_ENDPOINT_URL_S3_CONTROL: undefined, AWS_ENDPOINT_URL_STS: undefined, AWS_ENDPOINT_URL: server.url };
  const same = await cli(COPY, { env: { ...accountOf(server), ...all } });
  assert.equal(same.code, 2);
  assert.match(same.stderr, /and the destination is at http:\/\/127.*\n.*in AWS_ENDPOINT_URL_S3_CONTROL\./);
  assert.equal(server.requests.length, 0);
  assert.equal(control.requests.length, 0);
});

test('what no job was to copy is not said to be copied where the run ended before', async (t) => {
  const server = await copyServer(t);
  const control = await s3ControlFor(t, server);
  seed(server, 'a', 'a');
  seed(server, 'empty', '');
  control.deny('CreateJob');
  const { code, stderr } = await cliTo(server, COPY, { env: control.env });
  assert.equal(code, 4, stderr);
  assert.match(stderr, /^Nothing copied; 2 not attempted\.\nWithout a job: 1 \(empty, so it may be a redirect\)\.$/m);
});

test('a command that is killed once its job is there is taken up by the id that it has shown', async (t) => {
  const server = await copyServer(t);
  const control = await s3ControlFor(t, server);
  for (const key of ['a', 'b c', 'ä+%']) seed(server, key, `content of ${key}`);
  seed(server, 'empty', '');
  let killed = false;
  const first = await cliTo(server, COPY, {
    env: control.env,
    onStderr(text, child) {
      if (killed || !/^Job \S+: New/m.test(text)) return;
      killed = true;
      child.kill('SIGKILL');
    },
  });
  assert.equal(first.signal, 'SIGKILL');
  const id = /^Job (\S+): New/m.exec(first.stderr)?.[1] ?? '';
  assert.equal(control.jobs[0]?.id, id);
  const options = ['copy', 's3://from', 's3://site/backup', '--batch-operations', '--batch-job', id];
  const { code, stdout, stderr } = await cliTo(server, options, { env: control.env });
  assert.equal(code, 0, stderr);
  assert.equal(control.jobs.length, 1);
  for (const key of ['a', 'b c', 'ä+%'])
    assert.ok(stdout.includes(`copied backup/${key} (copied by the job, `), stdout);
  assert.match(stdout, /copied backup\/empty \(new/);
  for (const key of ['a', 'b c', 'ä+%'])
    assert.equal(server.object('site', `backup/${key}`)?.body.toString(), `content of ${key}`);
});

test('a role that may not be passed ends the run with 4 and a hint', async (t) => {
  const server = await copyServer(t);
  const control = await s3ControlFor(t, server, { roles: { [ROLE]: { passable: false } } });
  seed(server, 'a', 'a');
  const { code, stderr } = await cliTo(server, COPY, { env: control.env });
  assert.equal(code, 4, stderr);
  assert.match(stderr, /iam:PassRole/);
});

test('help and completion name the options of a copy only', async () => {
  const { stdout } = await cli(['copy', '--help']);
  for (const flag of ['--batch-operations', '--batch-role', '--batch-job', '--batch-reports'])
    assert.ok(stdout.includes(flag), flag);
  const put = await cli(['put', '--help']);
  assert.ok(!put.stdout.includes('--batch-role'));
});
