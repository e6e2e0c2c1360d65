import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { S3Server } from 'fake-s3';
import { serverFor } from '../support/engine.js';
import { noise } from '../support/parts.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';
import { accountOf, assertNoStack, cliTo } from './cli-process.js';

const MIB = 1024 * 1024;
const DAY = 24 * 3_600_000;
const CLI = fileURLToPath(new URL('../../dist/lib/cli/main.js', import.meta.url));

/** One upload of this tool, one of another, and one outside of the prefix; all ten days old. */
async function withUploads(t: TestContext): Promise<S3Server> {
  const server = await serverFor(t);
  const initiated = new Date(Date.now() - 10 * DAY);
  const mark = `s3-parallel-put mark 1.1 ${hash('sha256', 'x')}`;
  server.seedUpload('site', 'docs/ours.bin', { 1: Buffer.alloc(MIB), 10000: mark }, { initiated });
  server.seedUpload('site', 'docs/theirs.bin', { 1: 'xy' }, { initiated });
  server.seedUpload('site', 'docs-old/ours.bin', { 10000: mark }, { initiated });
  server.seedUpload('site', 'docs/new.bin', { 10000: mark });
  return server;
}

const left = (server: S3Server) => server.uploads('site').map(({ key }) => key);
const ALL = ['docs-old/ours.bin', 'docs/new.bin', 'docs/ours.bin', 'docs/theirs.bin'];

describe('the command uploads', { concurrency: 4 }, () => {
  test('lists what is unfinished below the prefix, with size, age and owner', async (t) => {
    const server = await withUploads(t);
    const ran = await cliTo(server, ['uploads', 's3://site/docs'], { ownProcess: true });
    assert.equal(ran.code, 0);
    assert.match(ran.lines[1] ?? '', /^s3:\/\/site\/docs\/ours\.bin \(1 part, 1\.0 MB, 240 h 0 min old, ours\) \S+$/);
    assert.match(ran.lines[2] ?? '', /^s3:\/\/site\/docs\/theirs\.bin \(1 part, 2 B, .* not ours\)/);
    assert.match(ran.stderr, /^3 unfinished uploads, 1\.0 MB, about \$0\.00 a month\.\n$/);
    assert.deepEqual(left(server), ALL);
  });

  test('--abort-older-than removes ours that are old, and needs --yes without a terminal', async (t) => {
    const server = await withUploads(t);
    const listed = await cliTo(server, ['uploads', 's3://site/docs', '--abort-older-than', '7d']);
    assert.equal(listed.code, 2);
    assert.equal(listed.lines.length, 3);
    assert.match(listed.stderr, /^s3-parallel-put: .*--yes.*$/m);
    const dry = await cliTo(server, ['uploads', 's3://site/docs', '--abort-older-than', '7d', '--dry-run', '--any']);
    assert.equal(dry.code, 0);
    assert.match(dry.stdout, /^would abort s3:\/\/site\/docs\/theirs\.bin/m);
    assert.deepEqual(left(server), ALL);
    const ran = await cliTo(server, ['uploads', 's3://site/docs', '--abort-older-than', '7d', '--yes']);
    assert.equal(ran.code, 0);
    assert.deepEqual(
      left(server),
      ALL.filter((key) => key !== 'docs/ours.bin'),
    );
    const any = await cliTo(server, [
      'uploads',
      's3://site/docs',
      '--abort-older-than',
      '7d',
      '--yes',
      '--any',
      '--json',
    ]);
    assert.deepEqual(
      any.lines.map((line) => JSON.parse(line).state),
      ['kept', 'aborted'],
    );
    assert.deepEqual(left(server), ['docs-old/ours.bin', 'docs/new.bin']);
  });

  test('finds them where a prefix must be a whole key', async (t) => {
    const server = await withUploads(t);
    server.mode({ uploadListing: 'minio', serverHeader: 'MinIO' });
    const ran = await cliTo(server, ['uploads', 's3://site/docs']);
    assert.equal(ran.lines.length, 3);
  });

  test('an abort that is refused is a line that names the key once', async (t) => {
    const server = await withUploads(t);
    server.mode({ deny: ['AbortMultipartUpload'] });
    const ran = await cliTo(server, ['uploads', 's3://site/docs', '--abort-older-than', '7d', '--yes']);
    assert.equal(ran.code, 1);
    const line = ran.lines.find((one) => one.startsWith('failed ')) ?? '';
    assert.match(line, /: AccessDenied \(403/);
    assert.equal(line.split('docs/ours.bin').length, 2, line);
  });

  test('aborts that are refused for one reason show its fix once', async (t) => {
    const server = await withUploads(t);
    server.mode({ deny: ['AbortMultipartUpload'] });
    const ran = await cliTo(server, ['uploads', 's3://site', '--abort-older-than', '0s', '--any', '--yes']);
    assert.equal(ran.code, 1);
    assert.ok(ran.lines.filter((one) => one.startsWith('failed ')).length > 1, ran.lines.join('\n'));
    assert.equal(ran.lines.filter((one) => one.includes('s3:AbortMultipartUpload')).length, 1, ran.lines.join('\n'));
  });

  test('a refusal is one message with the permission that is missing', async (t) => {
    const server = await withUploads(t);
    server.mode({ deny: ['ListMultipartUploads'] });
    const ran = await cliTo(server, ['uploads', 's3://site']);
    assert.equal(ran.code, 4);
    assert.match(ran.stderr, /AccessDenied[\s\S]*s3:ListBucketMultipartUploads/);
    assertNoStack(ran);
  });
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} stops new parts, leaves the upload, names the command to go on, and the same command resumes`, async (t) => {
    const server = await serverFor(t);
    // The last parts do not arrive.
    server.fault({ verb: 'UploadPart', occurrences: [6, 7, 8, 9], type: 'hold' });
    const cwd = makeTree(t, { 'big.bin': noise(64 * MIB) });
    const env = { ...accountOf(server), PATH: process.env.PATH ?? '', AWS_EC2_METADATA_DISABLED: 'true' };
    const child = spawn(
      process.execPath,
      [CLI, '--endpoint-url', server.url, 'big.bin', 's3://site', '--concurrency', '2'],
      { cwd, env },
    );
    void until(() => (server.uploads('site')[0]?.parts.size ?? 0) >= 3).then(() => child.kill(signal));
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    const [exit] = await once(child, 'close');
    assert.equal(exit, code);
    assert.match(
      stdout,
      /^unknown big\.bin: was on its way when the run ended; \d of 8 parts \(.*\) are in the bucket/,
    );
    assert.match(
      stderr,
      /Warning: s3:\/\/site\/big\.bin is unfinished: \d of 8 parts .* a month until the same run is repeated/,
    );
    const arrived = [...(server.uploads('site')[0]?.parts.keys() ?? [])].filter((number) => number < 10_000).length;
    assert.ok(arrived >= 2 && arrived < 8, `${arrived} parts`);
    server.clearFaults();
    server.clearRequests();
    const again = await cliTo(server, ['big.bin', 's3://site'], { cwd });
    assert.equal(again.code, 0);
    // A part whose request ends with the client may be stored after it was counted above.
    const sent = server.count('UploadPart');
    assert.ok(sent <= 8 - arrived && sent > 0, `${sent} parts sent, ${arrived} arrived before`);
    assert.match(again.stdout, /^uploaded big\.bin \(new, 67\.1 MB, \d+\.\d MB of it taken over\)$/m);
  });
}

test('standard input goes up under the key that is given', async (t) => {
  const server = await serverFor(t);
  const bytes = noise(20 * MIB);
  const env = { ...accountOf(server), PATH: process.env.PATH ?? '', AWS_EC2_METADATA_DISABLED: 'true' };
  const argv = [CLI, '--endpoint-url', server.url, '-', 's3://site/dumps', '--stdin-key', 'db.sql'];
  const child = spawn(process.execPath, argv, { env });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  child.stdin.end(bytes);
  const [exit] = await once(child, 'close');
  assert.equal(exit, 0, output);
  assert.ok(server.object('site', 'dumps/db.sql')?.body.equals(bytes));
  assert.match(output, /^uploaded dumps\/db\.sql \(/m);
});
