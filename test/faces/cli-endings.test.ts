import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { S3Server, S3ServerOptions } from 'fake-s3';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { assertNoStack, type CliOptions, type CliRun, cli, cliTo } from './cli-process.js';

// How runs of the command end: exit codes, messages, signals, and readers that go away.

const WINDOWS = process.platform === 'win32';
const FILES = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`d/${String(i).padStart(2, '0')}`, `${i}`]));

/** One message with a fix, of two lines, is all there is about the error. */
function assertMessage({ stderr }: CliRun, expected: RegExp): void {
  assert.match(stderr, expected);
  assert.equal(stderr.match(/^s3-parallel-put: /gm)?.length, 1, stderr);
  assert.match(stderr, /^s3-parallel-put: .*\n {2}\S.*\n$/m, 'a hint follows');
  assertNoStack({ stderr } as CliRun);
}

describe('exit code 1', { concurrency: 4 }, () => {
  test('one failed object of many leaves the others put, and is reported with its fix', async (t) => {
    const server = await serverFor(t);
    server.fault({
      verb: 'PutObject',
      key: '07',
      occurrences: 'all',
      type: 'status',
      status: 403,
      code: 'AccessDenied',
    });
    const ran = await cliTo(server, ['d', 's3://site'], { cwd: makeTree(t, FILES), ownProcess: true });
    assert.equal(ran.code, 1);
    assert.equal(server.keys('site').length, 39);
    const at = ran.lines.findIndex((line) => line.startsWith('failed '));
    assert.match(ran.lines[at] ?? '', /^failed 07: AccessDenied \(403, request \S+\)/);
    assert.match(ran.lines[at + 1] ?? '', /^ {2}\S.*s3:PutObject/);
    assert.match(ran.stderr, /^Uploaded 39 files, .*; 1 failed\.$/m);
  });

  test('--quiet has the failures and the summary line, and -qq failures alone', async (t) => {
    const server = await serverFor(t);
    server.fault({
      verb: 'PutObject',
      key: /07$/,
      occurrences: 'all',
      type: 'status',
      status: 403,
      code: 'AccessDenied',
    });
    const cwd = makeTree(t, FILES);
    const ran = await cliTo(server, ['d', 's3://site', '--quiet'], { cwd });
    assert.deepEqual([ran.code, ran.lines.length], [1, 2]);
    assert.match(ran.stdout, /^failed 07: /);
    assert.match(ran.stderr, /^Uploaded 39 files, .*; 1 failed\.\n$/);
    const silent = await cliTo(server, ['d', 's3://site/x', '-qq'], { cwd });
    assert.deepEqual([silent.code, silent.lines.length, silent.stderr], [1, 2, '']);
    assert.match(silent.stdout, /^failed x\/07: /);
  });

  test('--fail-fast reports the number of objects not attempted', async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', occurrences: 2, type: 'status', status: 400, code: 'InvalidArgument' });
    const argv = ['d', 's3://site', '--fail-fast', '--processes', '1'];
    const ran = await cliTo(server, argv, { cwd: makeTree(t, FILES) });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /1 failed, \d+ not attempted\.\n$/);
  });

  test('a refusal that every request meets, after something was put', async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', occurrences: [3, 4, 5, 6], type: 'status', status: 400, code: 'ExpiredToken' });
    const ran = await cliTo(server, ['d', 's3://site', '--processes', '1'], { cwd: makeTree(t, FILES) });
    assert.equal(ran.code, 1);
    assertMessage(ran, /s3-parallel-put: .*ExpiredToken/);
    assert.match(ran.stderr, /^Uploaded 2 files, .* not attempted\./m);
  });
});

describe('exit code 2', { concurrency: 4 }, () => {
  const rows: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'an unknown option',
      ['--exlude', 'x', 'd', 's3://site'],
      /Unknown option --exlude\.\n {2}Did you mean --exclude\?/,
    ],
    ['nothing at all', [], /No source is given/],
    ['no bucket', ['d'], /No bucket is given/],
    ['a source that does not exist', ['gone', 's3://site'], /"gone" does not exist/],
    ['a glob as source', ['d/**', 's3://site'], /--include '\*\*'/],
    ['a bucket as source', ['s3://a', 's3://site'], /"copy"/],
    ['a malformed header', ['d', 's3://site', '--header', 'foo'], /"foo"/],
    ['an unknown ACL', ['d', 's3://site', '--grant', 'public'], /"public".*public-read/],
    ['a limit of 0', ['d', 's3://site', '--limit', '0'], /limit/],
    ['a size that is none', ['d', 's3://site', '--min-size', '3x'], /--min-size: "3x"/],
    ['two sources for one key', ['d', 'e', 's3://site'], /d\/00.*e\/00|e\/00.*d\/00/],
    ['http and https at once', ['d', 's3://site', '--insecure', '--host', 'https://h'], /--insecure/],
    ['a bad glob', ['d', 's3://site', '--exclude', '[x'], /"\[x"/],
    ['a bad bucket name', ['d', 's3://X'], /"s3:\/\/X"/],
    ['a bad endpoint', ['d', 's3://site', '--endpoint', 'ftp://h'], /ftp:/],
  ];
  for (const [name, argv, expected] of rows) {
    test(`${name}: one message on stderr, nothing on stdout, no request`, async (t) => {
      const server = await serverFor(t);
      const cwd = makeTree(t, { ...FILES, 'e/00': 'another' });
      const env = { AWS_ENDPOINT_URL: server.url, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
      const ran = await cli(argv, { cwd, env, ownProcess: name === 'an unknown option' });
      assert.deepEqual([ran.code, ran.stdout], [2, ''], ran.stderr);
      assertMessage(ran, expected);
      assert.equal(server.requests.length, 0);
    });
  }
});

describe('exit code 3', () => {
  test('no files found is refused, unless an option allows it', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { 'empty/': '' });
    const refused = await cliTo(server, ['empty', 's3://site'], { cwd, ownProcess: true });
    assert.deepEqual([refused.code, refused.stdout], [3, '']);
    assertMessage(refused, /no files.*\n.*--if-no-files-found/i);
    const warned = await cliTo(server, ['empty', 's3://site', '--if-no-files-found', 'warn'], { cwd });
    assert.equal(warned.code, 0);
    assert.match(warned.stderr, /^Warning: .*no files/im);
    const ignored = await cliTo(server, ['empty', 's3://site', '--if-no-files-found=ignore'], { cwd });
    assert.equal(ignored.code, 0);
    assert.doesNotMatch(ignored.stderr, /warning/i);
  });
});

describe('exit code 4: one message for what every request would meet', { concurrency: 4 }, () => {
  async function refused(
    t: TestContext,
    argv: readonly string[],
    server: S3ServerOptions = {},
    options: CliOptions = {},
  ): Promise<CliRun> {
    const ran = await cliTo(await serverFor(t, server), ['d', ...argv], { cwd: makeTree(t, FILES), ...options });
    assert.equal(ran.code, 4, ran.stderr);
    // Requests in flight failed the same way; with few objects, these are all.
    assert.match(ran.stderr, /^Nothing uploaded; (?:.* not attempted|40 failed)\.$/m);
    return ran;
  }

  test('a bucket that does not exist', async (t) => {
    assertMessage(await refused(t, ['s3://nowhere'], {}, { ownProcess: true }), /NoSuchBucket \(404/);
  });

  test('a wrong secret', async (t) => {
    const ran = await refused(t, ['s3://site'], {}, { env: { AWS_SECRET_ACCESS_KEY: 'wrong' } });
    assertMessage(ran, /SignatureDoesNotMatch \(403/);
  });

  test('a wrong secret where nothing is listed: every object that failed with it is counted, and it is reported once', async (t) => {
    const server = await serverFor(t);
    const env = { AWS_SECRET_ACCESS_KEY: 'wrong' };
    const argv = ['d', 's3://site', '--mode', 'stupid', '--processes', '3'];
    const ran = await cliTo(server, argv, { cwd: makeTree(t, FILES), env });
    assert.deepEqual([ran.code, ran.stdout], [4, '']);
    assertMessage(ran, /SignatureDoesNotMatch \(403/);
    assert.equal(ran.stderr.match(/SignatureDoesNotMatch/g)?.length, 1);
    const refused = server.count('PutObject');
    assert.match(
      ran.stderr,
      new RegExp(`^Nothing uploaded; ${refused} failed, ${40 - refused} not attempted\\.$`, 'm'),
    );
  });

  test('an unknown key', async (t) => {
    const ran = await refused(t, ['s3://site'], {}, { env: { AWS_ACCESS_KEY_ID: 'nobody' } });
    assertMessage(ran, /InvalidAccessKeyId \(403/);
  });

  test('no credentials', async (t) => {
    const env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    const ran = await refused(t, ['s3://site'], {}, { env, ownProcess: true });
    assertMessage(ran, /credentials.*\n.*AWS_ACCESS_KEY_ID/i);
    assert.equal(ran.stdout, '');
  });

  const NO_KEYS = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

  test('a profile that is not there, which the fix names', async (t) => {
    const ran = await refused(t, ['s3://site', '--profile', 'nope'], {}, { env: NO_KEYS });
    assertMessage(ran, /CredentialsProviderError.*\n {2}.*"nope".*~\/\.aws\/config/);
  });

  test('a role whose token is a file that is not there', async (t) => {
    const role = { AWS_WEB_IDENTITY_TOKEN_FILE: '/nope', AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/x' };
    const ran = await refused(t, ['s3://site', '--mode', 'stupid'], {}, { env: { ...NO_KEYS, ...role } });
    assertMessage(
      ran,
      /CredentialsProviderError: The token file "\/nope" cannot be read \(ENOENT\)\n.*AWS_WEB_IDENTITY_TOKEN_FILE/,
    );
    assert.equal(ran.stdout, '');
  });

  test('a requester-pays bucket, and a bucket of another owner, whose options the fix names', async (t) => {
    const pays = await refused(t, ['s3://site'], { mode: { requesterPays: true, deny: ['ListObjectsV2'] } });
    assertMessage(pays, /AccessDenied.*\n.*--request-payer/);
    const owner = await refused(t, ['s3://site', '--expected-bucket-owner', '999999999999', '--mode', 'stupid']);
    assertMessage(owner, /AccessDenied.*\n.*--expected-bucket-owner/);
  });

  test('a wrong region', async (t) => {
    const argv = ['s3://site', '--region', 'us-east-1'];
    const ran = await refused(t, argv, { mode: { region: 'eu-central-1' } });
    assertMessage(ran, /eu-central-1/);
  });

  test('an ACL on a bucket with ACLs disabled', async (t) => {
    assertMessage(await refused(t, ['s3://site', '--grant', 'public-read']), /AccessControlListNotSupported \(400/);
  });

  test('no permission to write', async (t) => {
    const ran = await refused(t, ['s3://site'], { mode: { deny: ['PutObject'] } });
    assertMessage(ran, /AccessDenied \(403.*\n.*s3:PutObject/);
    assert.equal(`${ran.stdout}${ran.stderr}`.match(/AccessDenied/g)?.length, 1, ran.stdout);
    // Where three are all that there is, too.
    const server = await serverFor(t, { mode: { deny: ['PutObject'] } });
    const few = await cliTo(server, ['d', 's3://site'], { cwd: makeTree(t, { 'd/a': '', 'd/b': '', 'd/c': '' }) });
    assert.deepEqual([few.code, few.stdout], [4, '']);
    assertMessage(few, /AccessDenied \(403.*\n.*s3:PutObject/);
    const logged = await cliTo(server, ['d', 's3://site', '--log-level', 'info'], { cwd: makeTree(t, FILES) });
    assert.equal(logged.stderr.match(/AccessDenied/g)?.length, 1, logged.stderr);
    const all = await cliTo(server, ['d', 's3://site', '--json'], { cwd: makeTree(t, FILES) });
    const lines = all.lines.map((line) => JSON.parse(line));
    assert.equal(lines.filter(({ action }) => action === 'fail').length, lines.at(-1).counts.fail);
    assert.ok(lines.slice(0, -1).every(({ shared }) => shared === true));
  });

  test('a dry run is refused like any other', async (t) => {
    const ran = await cliTo(await serverFor(t), ['-n', 'd', 's3://nowhere'], { cwd: makeTree(t, FILES) });
    assert.equal(ran.code, 4);
  });
});

const LATE = Array.from({ length: 40 }, (_, index) => index + 7);

describe('signals', { concurrency: 2, skip: WINDOWS && 'Windows ends processes without a signal' }, () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`${signal} stops new work, prints the summary and ends with ${code}`, async (t) => {
      const server = await serverFor(t);
      // Requests after the sixth get no response.
      server.fault({ verb: 'PutObject', occurrences: LATE, type: 'hold' });
      let sent = false;
      const ran = await cliTo(server, ['d', 's3://site', '--processes', '2'], {
        cwd: makeTree(t, FILES),
        onStdout: (_text, child) => {
          if (!sent) child.kill(signal);
          sent = true;
        },
      });
      assert.deepEqual([ran.code, ran.signal], [code, null], ran.stderr);
      // Objects in flight are listed, because it is unknown whether they arrived.
      assert.match(
        ran.stderr,
        /^(?:Uploaded \d+ files?, .*|No upload was confirmed); [12] unknown \(may have been stored\), \d+ not attempted\.$/m,
      );
      assert.match(ran.stdout, /^unknown \d\d: was on its way/m);
      assert.doesNotMatch(ran.stdout, /^fail /m);
      assert.match(ran.stderr, new RegExp(`^s3-parallel-put: stopped by ${signal}\\.$`, 'm'));
      assertNoStack(ran);
      assert.ok(server.count('PutObject') < 12, `${server.count('PutObject')} puts`);
    });
  }

  test('a signal ends a process that waits for credentials', async (t) => {
    const server = await serverFor(t);
    // `cat` ends when the command does.
    const home = makeTree(t, { 'a/1': 'x', config: '[profile slow]\ncredential_process = cat\n' });
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    t.after(() => silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    for (const env of [
      { AWS_PROFILE: 'slow', AWS_CONFIG_FILE: join(home, 'config') },
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/credentials` },
    ]) {
      let sent = false;
      const ran = await cli(['a', 's3://site', '--endpoint-url', server.url], {
        cwd: home,
        env,
        // The first progress, after 5 s.
        onStderr: (_text, child) => {
          if (!sent) child.kill('SIGINT');
          sent = true;
        },
      });
      assert.deepEqual([ran.code, ran.signal], [130, null], ran.stderr);
      assert.match(ran.stderr, /stopped by SIGINT/);
    }
  });

  test('a second signal ends a process that is slow to stop', async () => {
    const signals = new URL('../../src/cli/output/terminal.ts', import.meta.url).href;
    const program = `
      const { watchSignals } = await import('${signals}');
      watchSignals((signal) => console.log('stopping', signal), () => console.log('at once'));
      setInterval(() => undefined, 1_000);
      console.log('ready');`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program]);
    const seen: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen.push(text.trim());
      child.kill(seen.length === 1 ? 'SIGINT' : 'SIGTERM');
    });
    const [code] = await once(child, 'close');
    assert.deepEqual(seen, ['ready', 'stopping SIGINT', 'at once']);
    assert.equal(code, 143);
  });

  test('the report of --json is the last line after a signal too', async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', occurrences: LATE, type: 'hold' });
    let sent = false;
    const ran = await cliTo(server, ['d', 's3://site', '--processes', '2', '--json'], {
      cwd: makeTree(t, FILES),
      onStdout: (_text, child) => {
        if (!sent) child.kill('SIGTERM');
        sent = true;
      },
    });
    assert.equal(ran.code, 143);
    const report = JSON.parse(ran.lines.at(-1) ?? '');
    assert.deepEqual([report.type, report.complete], ['report', false]);
    assert.equal(report.error.message, 'The run was aborted: stopped by SIGTERM.');
    assert.equal(report.counts.put + report.counts.unknown + report.notAttempted, 40);
    assert.deepEqual([report.schemaVersion, report.counts.fail], [2, 0]);
    const unknown = ran.lines.map((line) => JSON.parse(line)).filter(({ action }) => action === 'unknown');
    assert.deepEqual(
      unknown.map(({ key }) => key),
      report.unknown.map(({ key }: { readonly key: string }) => key),
    );
    assert.equal(unknown.length, report.counts.unknown);
  });
});

/** Closes our end of a pipe once something came through it. */
const close = (name: 'stdout' | 'stderr') => (_text: string, child: ChildProcess) => void child[name]?.destroy();

describe('a reader that goes away', { concurrency: 2, skip: WINDOWS && 'no EPIPE' }, () => {
  const slowly = async (t: TestContext): Promise<S3Server> => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', occurrences: 'all', type: 'delay', ms: 20 });
    return server;
  };

  test('of stdout does not end a run that writes', async (t) => {
    const server = await slowly(t);
    const ran = await cliTo(server, ['d', 's3://site', '--processes', '2'], {
      cwd: makeTree(t, FILES),
      onStdout: close('stdout'),
    });
    assert.equal(ran.code, 0, ran.stderr);
    assertNoStack(ran);
    assert.match(ran.stderr, /^Uploaded 40 files, [^;]*\.\n$/m);
    assert.equal(server.keys('site').length, 40);
  });

  test('of stderr does not end a run that writes', async (t) => {
    const server = await slowly(t);
    const ran = await cliTo(server, ['d', 's3://site', '--processes', '2', '--log-level', 'info'], {
      cwd: makeTree(t, FILES),
      onStderr: close('stderr'),
    });
    assert.deepEqual([ran.code, ran.lines.length, server.keys('site').length], [0, 40, 40]);
  });

  test('of both leaves the exit code that of the run', async (t) => {
    const server = await slowly(t);
    server.fault({ verb: 'PutObject', key: '39', occurrences: 'all', type: 'status', status: 400, code: 'Odd' });
    const ran = await cliTo(server, ['d', 's3://site', '--processes', '2', '--log-level', 'info'], {
      cwd: makeTree(t, FILES),
      onStdout: close('stdout'),
      onStderr: close('stderr'),
    });
    assert.deepEqual([ran.code, server.keys('site').length], [1, 39]);
  });

  // Far more than the pipe and what is read of it at once can hold, so that a write must fail.
  const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`d/${'x'.repeat(200)}${i}`, '']));

  test('ends a dry run at once, without an error', async (t) => {
    const server = await serverFor(t);
    const ran = await cliTo(server, ['-n', '--no-progress', 'd', 's3://site'], {
      cwd: makeTree(t, many),
      onStdout: close('stdout'),
    });
    assert.deepEqual([ran.code, ran.stderr], [0, `Dry run: d → s3://site (${server.url})\n`]);
  });

  test('does not end a check, whose exit code is its result', async (t) => {
    const server = await serverFor(t);
    const options = { cwd: makeTree(t, many), onStdout: close('stdout') };
    const ran = await cliTo(server, ['--check', 'd', 's3://site'], options);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /^Would upload 3,000 files/m);
    const same = makeTree(t, { 'd/a': 'a' });
    server.seed('site', 'a', 'a');
    const unchanged = await cliTo(server, ['--check', '-v', 'd', 's3://site'], {
      cwd: same,
      onStdout: close('stdout'),
    });
    assert.equal(unchanged.code, 0);
  });

  test('is no error where uploads are only listed, and changes nothing where they are aborted', async (t) => {
    const server = await serverFor(t);
    const old = { initiated: new Date(Date.now() - 86_400_000) };
    for (let at = 0; at < 1_500; at++) server.seedUpload('site', `${at}`.padStart(400, '0'), {}, old);
    const options = { onStdout: close('stdout') };
    const listed = await cliTo(server, ['uploads', 's3://site'], options);
    assert.deepEqual([listed.code, listed.stderr], [0, '']);
    const argv = ['uploads', 's3://site', '--abort-older-than', '1h', '--any', '--yes'];
    const aborted = await cliTo(server, argv, options);
    assert.equal(aborted.code, 0, aborted.stderr);
    assert.match(aborted.stderr, /^Aborted 1500 unfinished uploads/);
    assert.equal(server.uploads('site').length, 0);
  });

  for (const argv of [['--help'], ['--version'], ['completion', 'bash'], ['--print-config', 'd', 's3://site']])
    test(`of ${argv[0]} is no error`, async (t) => {
      const ran = await cli(argv, { cwd: makeTree(t, { 'd/a': '' }), onStdout: close('stdout') });
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
    });
});

describe('output that cannot be written', { concurrency: 2, skip: !existsSync('/dev/full') && 'no /dev/full' }, () => {
  test('is a message and exit code 1 after everything was put', async (t) => {
    const server = await serverFor(t);
    const ran = await cliTo(server, ['d', 's3://site'], { cwd: makeTree(t, FILES), stdoutTo: '/dev/full' });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /^Uploaded 40 files.*\n.*everything is done, but stdout cannot be written \(ENOSPC\)/m);
    assert.equal(server.keys('site').length, 40);
    const lost = await cliTo(server, ['d', 's3://site', '--mode', 'stupid', '--log-level', 'info'], {
      cwd: makeTree(t, FILES),
      stderrTo: '/dev/full',
    });
    assert.deepEqual([lost.code, lost.lines.length], [1, 40]);
    const log = await cliTo(server, ['d', 's3://site', '--mode', 'stupid', '--log-file', '/dev/full'], {
      cwd: makeTree(t, FILES),
    });
    assert.equal(log.code, 1);
    assert.match(log.stderr, /^Uploaded 40 files.*\n.*the log file cannot be written \(ENOSPC\)/m);
  });

  test('is a message beside the failures of a run', async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', key: '07', occurrences: 'all', type: 'status', status: 400, code: 'Odd' });
    const ran = await cliTo(server, ['d', 's3://site'], { cwd: makeTree(t, FILES), stdoutTo: '/dev/full' });
    assert.deepEqual([ran.code, server.keys('site').length], [1, 39]);
    assert.match(ran.stderr, /stdout cannot be written \(ENOSPC\): lines are missing there/);
  });

  for (const argv of [
    ['--help'],
    ['--version'],
    ['--print-config', 'd', 's3://site'],
    ['uploads', 's3://site'],
    ['-n', 'd', 's3://site'],
    ['--check', 'd', 's3://site'],
  ])
    test(`is an error of ${argv[0]}`, async (t) => {
      const server = await serverFor(t);
      server.seedUpload('site', 'big', {});
      const ran = await cliTo(server, argv, { cwd: makeTree(t, { 'd/a': '' }), stdoutTo: '/dev/full' });
      assert.equal(ran.code, 1, ran.stderr);
      assert.match(ran.stderr, /stdout cannot be written \(ENOSPC\)/);
      assertNoStack(ran);
    });

  test('is an error of completion', async () => {
    const ran = await cli(['completion', 'bash'], { stdoutTo: '/dev/full' });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /stdout cannot be written \(ENOSPC\)/);
  });
});

test('without any region the run goes to us-east-1, as S3 tools do', async (t) => {
  const server = await serverFor(t);
  const env = { AWS_REGION: undefined };
  const ran = await cliTo(server, [makeTree(t, { a: 'a' }), 's3://site'], { env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(server.requests[0]?.headers.authorization ?? '', /\/us-east-1\/s3\//);
});
