import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { S3Server } from 'fake-s3';
import { credentialsServer } from '../support/credentials-server.js';
import { serverFor } from '../support/engine.js';
import { cloudFrontFor } from '../support/fake-cloudfront.js';
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

test('nor of the client of CloudFront, where keys need no other part of the SDK', async (t) => {
  const server = await serverFor(t);
  const cloudfront = await cloudFrontFor(t);
  server.seed('site', 'a.css', 'old');
  const ran = await cliTo(server, ['dist', 's3://site/', '--cloudfront-distribution-id', 'E1'], {
    cwd: makeTree(t, SITE),
    env: { AWS_ENDPOINT_URL_CLOUDFRONT: cloudfront.url },
    ownProcess: true,
  });
  assert.match(ran.stderr, /^Invalidated 1 path in E1/m);
  assert.doesNotMatch(ran.stderr, WARNING);
});

/** Writes to `loaded` which packages of the SDK a process has loaded. */
const PROBE = `process.on('exit', () => {
  const names = Object.keys(require('node:module')._cache).map((file) => /node_modules[\\\\/](@(?:aws-sdk|smithy)[\\\\/][^\\\\/]+)/.exec(file)?.[1]);
  const unique = [...new Set(names)].filter((name) => name !== undefined).map((name) => name.replace('\\\\', '/'));
  require('node:fs').writeFileSync('loaded', unique.sort().join('\\n'));
});
`;

/** A machine with every kind of credentials, each with the exit code of a run by it and the packages of the SDK that it may load. */
async function machine(t: TestContext, server: S3Server) {
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
    'probe.cjs': PROBE,
    '.aws/config': config,
  });
  const home = { HOME: cwd, USERPROFILE: cwd, AWS_ENDPOINT_URL_STS: issuer.url, AWS_REGION: region };
  const webIdentity = {
    AWS_WEB_IDENTITY_TOKEN_FILE: join(cwd, 'token'),
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/deploy',
  };
  const variables = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const sources = [
    { what: 'variables', env: { ...variables, ...issuer.container }, code: 0, loads: [] },
    { what: 'keys', env: { AWS_PROFILE: 'keys' }, code: 0, loads: [] },
    { what: 'role', env: { AWS_PROFILE: 'role' }, code: 0, loads: ['ini'] },
    { what: 'program', env: { AWS_PROFILE: 'program' }, code: 0, loads: ['ini', 'process'] },
    { what: 'web identity', env: webIdentity, code: 0, loads: ['ini', 'process', 'web-identity'] },
    { what: 'container', env: issuer.container, code: 0, loads: ['ini', 'process', 'web-identity', 'http'] },
    { what: 'broken', env: { AWS_PROFILE: 'broken' }, code: 4, loads: ['ini', 'process', 'web-identity'] },
    { what: 'none', env: { AWS_PROFILE: 'none' }, code: 4, loads: ['ini', 'process', 'web-identity'] },
  ] as const;
  return { cwd, home, sources };
}

test('each source of credentials loads what it needs of the SDK, and no warning of it is printed, nor where it fails', async (t) => {
  const server = await serverFor(t);
  const { cwd, home, sources } = await machine(t, server);
  for (const { what, env, code, loads } of sources) {
    for (const argv of [
      ['dist', 's3://site/p'],
      ['uploads', 's3://site'],
    ]) {
      const all = ['--endpoint-url', server.url, ...argv];
      const node = ['--require', './probe.cjs'];
      const ran = await cli(all, { cwd, env: { ...home, ...env }, node });
      assert.equal(ran.code, code, `${what}: ${ran.stderr}`);
      assert.doesNotMatch(ran.stderr, WARNING, what);
      assert.doesNotMatch(ran.stderr, /This is a bug/, what);
      const loaded = readFileSync(join(cwd, 'loaded'), 'utf8').split('\n');
      const providers = loaded.flatMap(
        (name) => /^@aws-sdk\/credential-provider-(?!node$|env$)(.*)/.exec(name)?.[1] ?? [],
      );
      assert.deepEqual([what, providers], [what, [...loads].sort()]);
      assert.ok(!loaded.includes('@aws-sdk/client-s3'), what);
      if (loads.length === 0) assert.deepEqual([what, loaded], [what, ['']]);
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
