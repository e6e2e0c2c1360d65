import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { S3Server } from 'fake-s3';
import { credentialsServer } from '../support/credentials-server.js';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { action, inputsFor } from './action-process.js';
import { cli, cliTo } from './cli-process.js';

// On Node 20 the SDK warns programs of the end of its support. It does so once in a process, so each run here has its own.

const SITE = { 'dist/index.html': '<h1>site</h1>', 'dist/a.css': 'body {}' };
const LIBRARY = join(import.meta.dirname, '../../dist/lib/index.js');
const WARNING = /Warning|\(node:\d+\)/;

test('the command line prints no warning of the SDK about Node', async (t) => {
  const server = await serverFor(t);
  const ran = await cliTo(server, ['dist', 's3://site/p'], { cwd: makeTree(t, SITE), ownProcess: true });
  // A slow machine adds lines of progress.
  assert.match(ran.stderr, /^Uploaded 2 files.*$/m);
  assert.doesNotMatch(ran.stderr, WARNING);
});

test('it prints none with credentials of a profile, a role, a web identity, a container or a program, nor where these fail', async (t) => {
  const server = await serverFor(t);
  const issuer = await credentialsServer(t, server);
  const { accessKeyId, secretAccessKey, region } = server;
  const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  const printed = JSON.stringify({ Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey });
  const config = [
    `[profile keys]\n${keys}`,
    '[profile role]\nrole_arn = arn:aws:iam::111122223333:role/deploy\nsource_profile = keys\n',
    `[profile program]\ncredential_process = "${process.execPath}" print.cjs\n`,
    '[profile broken]\nrole_arn = arn:aws:iam::111122223333:role/deploy\nsource_profile = none\n',
  ].join('\n');
  const cwd = makeTree(t, {
    ...SITE,
    token: 'a token',
    'print.cjs': `console.log(${JSON.stringify(printed)})`,
    '.aws/config': config,
  });
  const home = { HOME: cwd, USERPROFILE: cwd, AWS_ENDPOINT_URL_STS: issuer.url, AWS_REGION: region };
  const webIdentity = {
    AWS_WEB_IDENTITY_TOKEN_FILE: join(cwd, 'token'),
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/deploy',
  };
  for (const [what, env, code] of [
    ['keys', { AWS_PROFILE: 'keys' }, 0],
    ['role', { AWS_PROFILE: 'role' }, 0],
    ['program', { AWS_PROFILE: 'program' }, 0],
    ['web identity', webIdentity, 0],
    ['container', issuer.container, 0],
    ['broken', { AWS_PROFILE: 'broken' }, 4],
    ['none', { AWS_PROFILE: 'none' }, 4],
  ] as const) {
    for (const argv of [
      ['dist', 's3://site/p'],
      ['uploads', 's3://site'],
    ]) {
      const all = ['--endpoint-url', server.url, ...argv];
      const ran = await cli(all, { cwd, env: { ...home, ...env }, ownProcess: true });
      assert.equal(ran.code, code, `${what}: ${ran.stderr}`);
      assert.doesNotMatch(ran.stderr, WARNING, what);
      assert.doesNotMatch(ran.stderr, /This is a bug/, what);
    }
  }
});

test('the Action prints none, with keys or with a role', async (t) => {
  const server = await serverFor(t);
  const issuer = await credentialsServer(t, server);
  const role = { 'role-to-assume': 'arn:aws:iam::111122223333:role/deploy', 'endpoint-url': server.url };
  const runs = [
    [inputsFor(server), {}],
    [role, issuer.oidc],
  ] as const;
  for (const [inputs, env] of runs) {
    const ran = await action(t, { ...inputs, source: 'dist', bucket: 'site' }, { workspace: makeTree(t, SITE), env });
    assert.equal(ran.code, 0, ran.log);
    assert.doesNotMatch(ran.log, WARNING);
  }
});

test('the API prints none, for put, copy and uploads, and replaces nothing of the process', async (t) => {
  const server = await serverFor(t);
  for (const call of [
    "await put({ source: 'dist', bucket: 's3://site/p', ...options })",
    "await copy({ source: 's3://site/p', destination: 's3://site/q', ...options })",
    "await uploads({ bucket: 'site', ...options })",
  ]) {
    const { stdout, stderr } = await program(t, server, call);
    assert.deepEqual({ stdout, stderr }, { stdout: '', stderr: '' });
  }
  assert.equal(server.keys('site').length, 4);
});

function program(t: TestContext, { url, region, accessKeyId, secretAccessKey }: S3Server, call: string) {
  const options = { endpointUrl: url, region, credentials: { accessKeyId, secretAccessKey } };
  const text = `const { emitWarning } = process;
import { copy, put, uploads } from ${JSON.stringify(pathToFileURL(LIBRARY).href)};
const options = ${JSON.stringify(options)};
${call};
if (process.emitWarning !== emitWarning) throw new Error('process.emitWarning was replaced');
`;
  const cwd = makeTree(t, { ...SITE, 'program.mjs': text });
  const { PATH = '', SystemRoot = '' } = process.env;
  const env = { PATH, SystemRoot, HOME: cwd, USERPROFILE: cwd, AWS_EC2_METADATA_DISABLED: 'true' };
  return promisify(execFile)(process.execPath, ['program.mjs'], { cwd, env });
}
