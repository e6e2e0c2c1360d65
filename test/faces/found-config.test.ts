import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { serverFor } from '../support/engine.js';
import { makeTree, type TreeFiles } from '../support/tree.js';
import { accountOf, assertNoStack, type CliRun, cli } from './cli-process.js';

// A config file that was found in the working directory and not named, tried with whole processes.

const FILE = 's3-parallel-put.config.yaml';
const OUTSIDE = { '.bashrc': 'alias ll="ls -l"\n', credentials: 'aws_secret_access_key = TOPSECRET\n' };

/** A working directory `work` with a config file and a site, in a folder with files of somebody's home. */
function home(t: TestContext, config: string, files: TreeFiles = {}): string {
  return makeTree(t, { ...OUTSIDE, ...files, 'work/site/index.html': '<p>', [`work/${FILE}`]: config });
}

function assertRefused(ran: CliRun, message: RegExp, ...servers: readonly S3Server[]): void {
  assert.deepEqual([ran.code, ran.stdout], [2, ''], ran.stderr);
  assert.match(ran.stderr, message);
  assert.match(ran.stderr, /\n {2}If you trust this file, name it by --config s3-parallel-put\.config\.yaml/);
  assertNoStack(ran);
  for (const server of servers) assert.equal(server.requests.length, 0);
}

describe('a found config file cannot', { concurrency: 3 }, () => {
  test('send a full command line to another host, which sees no request, nor key id, nor token', async (t) => {
    const [prod, other] = [await serverFor(t, { buckets: ['my-prod-bucket', 'site'] }), await serverFor(t)];
    const cwd = join(home(t, `cacheControl: no-cache\nendpointUrl: ${other.url}\n`), 'work');
    const env = { ...accountOf(prod), AWS_SESSION_TOKEN: 'TOKEN', AWS_ENDPOINT_URL: prod.url };
    for (const argv of [
      ['site', 's3://my-prod-bucket/docs'],
      ['site', '--bucket', 'my-prod-bucket'],
      ['-q', '--json', 'site', 's3://my-prod-bucket/docs'],
      ['uploads', 's3://my-prod-bucket/docs'],
      ['copy', 's3://my-prod-bucket/docs', 's3://site/'],
    ]) {
      const ran = await cli(argv, { cwd, env });
      const message =
        /^s3-parallel-put: s3-parallel-put\.config\.yaml:2:14: endpointUrl is "http:.* names the destination "(?:s3:\/\/)?(?:my-prod-bucket|site)/;
      assertRefused(ran, message, prod, other);
      assert.match(ran.stderr, /; or give --endpoint-url yourself\.$/m);
    }
    const byVariable = await cli(['site'], { cwd, env: { ...env, S3PP_BUCKET: 'my-prod-bucket' } });
    assertRefused(byVariable, /S3PP_BUCKET names the destination "my-prod-bucket"/, prod, other);
  });

  test('append to a file, for any command line', async (t) => {
    const server = await serverFor(t);
    const root = home(t, 'logFile: ../.bashrc\n', { 'work/site/x$(touch pwned)': 'x' });
    const env = { ...accountOf(server), AWS_ENDPOINT_URL: server.url };
    for (const argv of [['site', 's3://site'], ['copy', 's3://site/a', 's3://site/b'], []]) {
      const ran = await cli(argv, { cwd: join(root, 'work'), env });
      assertRefused(ran, /^s3-parallel-put: s3-parallel-put\.config\.yaml:1:10: logFile is "\.\.\/\.bashrc"/, server);
    }
    assert.equal(readFileSync(join(root, '.bashrc'), 'utf8'), OUTSIDE['.bashrc']);
  });

  test('publish what lies outside, by links or as a source', async (t) => {
    const server = await serverFor(t);
    const env = { ...accountOf(server), AWS_ENDPOINT_URL: server.url };
    const rows: readonly (readonly [string, readonly string[], RegExp])[] = [
      ['symlinks: follow\n', ['site', 's3://site'], /yaml:1:11: symlinks is "follow"/],
      ['source: ../credentials\n', ['s3://site'], /yaml:1:9: source is "\.\.\/credentials"/],
      ['source: site/leak\n', ['s3://site'], /yaml:1:9: source is "site\/leak"/],
      ['source: ..\nbucket: site\n', [], /yaml:1:9: source is "\.\."/],
    ];
    for (const [config, argv, message] of rows) {
      const cwd = join(home(t, config), 'work');
      symlinkSync('../../credentials', join(cwd, 'site/leak'));
      assertRefused(await cli(argv, { cwd, env }), message, server);
    }
  });

  test('open objects to the world', async (t) => {
    const server = await serverFor(t);
    const env = { ...accountOf(server), AWS_ENDPOINT_URL: server.url };
    for (const config of [
      'acl: public-read\n',
      'headers: {X-Amz-Acl: public-read-write}\n',
      'headers: {x-amz-grant-read: "uri=http://acs.amazonaws.com/groups/global/AllUsers"}\n',
      'rules: [{match: "*", acl: authenticated-read}]\n',
      'rules: [{match: "*", headers: {X-AMZ-ACL: public-read}}]\n',
    ])
      assertRefused(
        await cli(['site', 's3://site'], { cwd: join(home(t, config), 'work'), env }),
        /^s3-parallel-put: s3-parallel-put\.config\.yaml:1:\d+: .*only a config file that --config names/,
        server,
      );
  });
});

describe('a found config file that is taken', { concurrency: 3 }, () => {
  const config = (server: S3Server): string => `bucket: s3://site/docs\nendpointUrl: ${server.url}\nmode: add\n`;
  const LINE =
    /^s3-parallel-put: Using s3-parallel-put\.config\.yaml, which was found in the working directory: it sets .*$/gm;

  test('is announced in one line on stderr with its bucket and endpoint, and stdout stays JSON', async (t) => {
    const server = await serverFor(t);
    const cwd = join(home(t, config(server)), 'work');
    for (const argv of [['site'], ['site', '-q'], ['site', '--json'], ['uploads']]) {
      const ran = await cli(argv, { cwd, env: accountOf(server) });
      assert.equal(ran.code, 0, ran.stderr);
      const [line, second] = ran.stderr.match(LINE) ?? [];
      const mode = argv[0] === 'site' ? ', --mode' : '';
      assert.ok(line?.endsWith(`it sets --bucket "s3://site/docs", --endpoint-url "${server.url}"${mode}.`), line);
      assert.equal(second, undefined);
      assert.doesNotMatch(ran.stdout, /Using/);
      if (argv.includes('--json')) for (const one of ran.lines) JSON.parse(one);
    }
    assert.deepEqual(server.keys('site'), ['docs/index.html']);
  });

  test('with the endpoint of a flag above it changes no way', async (t) => {
    const [mine, other] = [await serverFor(t), await serverFor(t)];
    const cwd = join(home(t, `endpointUrl: ${other.url}\n`), 'work');
    const ran = await cli(['site', 's3://site', '--endpoint-url', mine.url], { cwd, env: accountOf(mine) });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual([mine.keys('site'), other.requests.length], [['index.html'], 0]);
  });

  test('because --config names it sets everything, without a line', async (t) => {
    const server = await serverFor(t, { buckets: { site: { acl: 'allowed' } } });
    const text = `endpointUrl: ${server.url}\nlogFile: ../log\nsymlinks: follow\nacl: public-read\nsource: ../more\n`;
    const root = home(t, text, { 'more/b.txt': 'b' });
    const cwd = join(root, 'work');
    symlinkSync('../credentials', join(root, 'more/link'));
    const ran = await cli(['--config', FILE, 's3://site'], { cwd, env: accountOf(server) });
    assert.equal(ran.code, 0, ran.stderr);
    assert.doesNotMatch(ran.stderr, /Using/);
    assert.deepEqual(server.keys('site'), ['b.txt', 'link']);
    assert.match(readFileSync(join(root, 'log'), 'utf8'), /b\.txt/);
  });
});

test('--print-config marks what a found file sets and what is refused of it, and ends with 2 where a run would', async (t) => {
  const text =
    'mode: add\nendpointUrl: http://127.0.0.1:9\nlogFile: ../.bashrc\nsource: site\ns3cfg: x\nacl: public-read\n';
  const cwd = join(home(t, text), 'work');
  const ran = await cli(['s3://site', '--acl', 'private', '--print-config'], { cwd });
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /^s3-parallel-put: s3-parallel-put\.config\.yaml:3:10: logFile/);
  for (const line of [
    `mode: "add" # ${FILE}:1 (found, not named)`,
    `source: ["site"] # ${FILE}:4 (found, not named)`,
    `# endpointUrl: "http://127.0.0.1:9" # ${FILE}:2 (found, not named; refused)`,
    `# logFile: "../.bashrc" # ${FILE}:3 (found, not named; refused)`,
    'acl: "private" # --acl',
    `# acl: "public-read" # ${FILE}:6 (found, not named; refused)`,
    `# s3cfg: "x" # ${FILE}:5 (found, not named; refused)`,
    `# config: "${FILE}" # found in the working directory`,
  ])
    assert.ok(ran.lines.includes(line), `${line}\n${ran.stdout}`);
  const named = await cli(['s3://site', '--config', FILE, '--print-config'], { cwd });
  assert.equal(named.code, 0, named.stderr);
  assert.ok(named.lines.includes(`logFile: "../.bashrc" # ${FILE}:3`), named.stdout);
  assert.doesNotMatch(named.stdout, /found/);
  const copy = await cli(['copy', '--print-config'], { cwd: join(home(t, 'destRegion: x\n'), 'work') });
  assert.equal(copy.code, 2);
  assert.ok(copy.lines.includes(`# destRegion: "x" # ${FILE}:1 (found, not named; refused)`), copy.stdout);
});
