import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { credentialsServer } from '../support/credentials-server.js';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';
import { action } from './action-process.js';

const ROLE = 'arn:aws:iam::111122223333:role/deploy';
const SITE = { 'dist/index.html': '<h1>site</h1>', 'dist/a.css': 'body {}' };

test('a role is assumed by an OpenID Connect token, and all credentials are masked', async (t) => {
  const server = await serverFor(t);
  const issuer = await credentialsServer(t, server);
  const workspace = makeTree(t, SITE);
  const inputs = {
    'endpoint-url': server.url,
    source: 'dist',
    bucket: 'site',
    'role-to-assume': ROLE,
    'role-session-name': 'nightly',
    'aws-region': 'us-east-1',
  };
  const ran = await action(t, inputs, { workspace, env: issuer.oidc });
  assert.equal(ran.code, 0, ran.log);
  assert.deepEqual(server.keys('site'), ['a.css', 'index.html']);
  const [token, role, ...more] = issuer.requests;
  assert.deepEqual(more, []);
  assert.equal(token?.what, 'token');
  assert.equal(token?.authorization, 'Bearer request-token');
  assert.equal(new URLSearchParams(token?.query).get('audience'), 'sts.amazonaws.com');
  assert.equal(role?.form.Action, 'AssumeRoleWithWebIdentity');
  assert.deepEqual([role?.form.RoleArn, role?.form.RoleSessionName], [ROLE, 'nightly']);
  assert.equal(role?.form.DurationSeconds, '3600');
  assert.equal(role?.form.WebIdentityToken, 'id-token-1');
  for (const secret of ['id-token-1', ...issuer.secrets]) {
    assert.ok(ran.masks.includes(secret), `${secret} is masked`);
    assert.ok(!ran.log.replaceAll(`::add-mask::${secret}`, '').includes(secret));
  }
});

test('a role is assumed anew before its credentials expire', async (t) => {
  const server = await serverFor(t, { buckets: { site: { putsPerSecond: 4 } } });
  // They are renewed 5 minutes before their end, so these from their beginning on.
  const issuer = await credentialsServer(t, server, { lifeMs: 5 * 60_000 + 1_500 });
  const files = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`dist/${index}.txt`, `${index}`]));
  const workspace = makeTree(t, files);
  const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site', 'role-to-assume': ROLE };
  const session = { 'role-duration-seconds': '900', audience: 'sts.amazonaws.com.cn' };
  const ran = await action(t, { ...inputs, ...session, concurrency: '2' }, { workspace, env: issuer.oidc });
  assert.equal(ran.code, 0, ran.log);
  assert.equal(server.keys('site').length, 16);
  const roles = issuer.requests.filter(({ what }) => what === 'role');
  assert.ok(roles.length >= 2, `${roles.length} times`);
  const tokens = roles.map(({ form }) => form.WebIdentityToken);
  assert.equal(new Set(tokens).size, tokens.length, 'each time with a new token');
  for (const { form } of roles) assert.equal(form.DurationSeconds, '900');
  for (const { what, query } of issuer.requests)
    if (what === 'token') assert.equal(new URLSearchParams(query).get('audience'), 'sts.amazonaws.com.cn');
});

test('without the permission to have tokens it is said which to give', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site', 'role-to-assume': ROLE };
  const ran = await action(t, inputs, { workspace });
  assert.equal(ran.code, 1);
  const errors = ran.commands.filter(({ name }) => name === 'error');
  assert.equal(errors.length, 1, ran.log);
  assert.match(errors[0]?.text ?? '', /id-token: write/);
  assert.equal(server.requests.length, 0);
});

test('credentials of a container are found by the chain of the SDK', async (t) => {
  const server = await serverFor(t);
  const issuer = await credentialsServer(t, server);
  const workspace = makeTree(t, SITE);
  const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site' };
  const ran = await action(t, inputs, { workspace, env: issuer.container });
  assert.equal(ran.code, 0, ran.log);
  assert.deepEqual(
    issuer.requests.map(({ what }) => what),
    ['container'],
  );
  for (const secret of issuer.secrets) assert.ok(ran.masks.includes(secret), `${secret} is masked`);
});

test('what earlier steps have configured is used, and masked', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const env = {
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
  const ran = await action(t, { 'endpoint-url': server.url, source: 'dist', bucket: 'site' }, { workspace, env });
  assert.equal(ran.code, 0, ran.log);
  assert.ok(ran.masks.includes(server.secretAccessKey));
});

test('a role that may not be assumed ends the run once, with what to look at', async (t) => {
  const server = await serverFor(t);
  const issuer = await credentialsServer(t, server, { fault: (what) => (what === 'role' ? 403 : undefined) });
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`dist/${index}.txt`, `${index}`]));
  const workspace = makeTree(t, files);
  const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site', 'role-to-assume': ROLE, mode: 'stupid' };
  const ran = await action(t, inputs, { workspace, env: issuer.oidc });
  assert.equal(ran.code, 1);
  const errors = ran.commands.filter(({ name }) => name === 'error');
  assert.equal(errors.length, 1, ran.log);
  assert.match(errors[0]?.text ?? '', /could not be assumed: AccessDenied.*trust policy.*aud.*sub/s);
  assert.doesNotMatch(ran.log, /^failed /m);
  assert.match(ran.summary, /trust policy/);
  assert.equal(server.requests.length, 0);
});

test('a role of China that refuses the usual audience names that of China', async (t) => {
  const server = await serverFor(t);
  const issuer = await credentialsServer(t, server, { fault: (what) => (what === 'role' ? 403 : undefined) });
  const workspace = makeTree(t, SITE);
  const role = ROLE.replace('arn:aws:', 'arn:aws-cn:');
  const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site', 'role-to-assume': role };
  const hint = /In China the audience is usually sts\.amazonaws\.com\.cn: set audience to it\./;
  const usual = await action(t, inputs, { workspace, env: issuer.oidc });
  assert.match(usual.summary.replaceAll(/<\/?span>/g, ''), hint);
  const own = await action(t, { ...inputs, audience: 'sts.amazonaws.com.cn' }, { workspace, env: issuer.oidc });
  assert.match(own.summary, /trust policy/);
  assert.doesNotMatch(own.summary.replaceAll(/<\/?span>/g, ''), hint);
});

test('a session that is longer than the role allows is refused with what to change', async (t) => {
  const server = await serverFor(t);
  const issuer = await credentialsServer(t, server, { longestSession: 3_600 });
  const workspace = makeTree(t, SITE);
  const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site', 'role-to-assume': ROLE };
  const ran = await action(t, { ...inputs, 'role-duration-seconds': '7200' }, { workspace, env: issuer.oidc });
  assert.equal(ran.code, 1);
  const errors = ran.commands.filter(({ name }) => name === 'error');
  assert.equal(errors.length, 1, ran.log);
  assert.match(errors[0]?.text ?? '', /MaxSessionDuration.*Lower role-duration-seconds/s);
  assert.doesNotMatch(errors[0]?.text ?? '', /trust policy/);
  assert.equal(server.requests.length, 0);
});

test('a token is requested again if the service failed', async (t) => {
  const server = await serverFor(t);
  const fault = (what: string, count: number) => (what === 'token' && count === 1 ? 500 : undefined);
  const issuer = await credentialsServer(t, server, { fault });
  const workspace = makeTree(t, SITE);
  const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site', 'role-to-assume': ROLE };
  const ran = await action(t, inputs, { workspace, env: issuer.oidc });
  assert.equal(ran.code, 0, ran.log);
  assert.equal(issuer.requests.filter(({ what }) => what === 'token').length, 2);
});

for (const hanging of ['token', 'role'] as const)
  test(`a job that is cancelled while it waits for the ${hanging} ends at once, and reports it`, async (t) => {
    const server = await serverFor(t);
    const issuer = await credentialsServer(t, server, { fault: (what) => (what === hanging ? 'hang' : undefined) });
    const workspace = makeTree(t, SITE);
    const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site', 'role-to-assume': ROLE };
    let isCancelled = false;
    const isHanging = () => issuer.requests.some(({ what }) => what === hanging);
    const onLog = (_text: string, child: ChildProcess): void => {
      if (!isCancelled) void until(isHanging).then(() => child.kill('SIGINT'));
      isCancelled = true;
    };
    const ran = await action(t, inputs, { workspace, env: issuer.oidc, onLog });
    assert.equal(issuer.requests.filter(({ what }) => what === hanging).length, 1, 'it is not requested again');
    assert.equal(ran.code, 1, `${ran.signal} ${ran.log}`);
    assert.match(ran.log, /cancelled/);
    assert.equal(ran.outputs.changed, 'false');
  });

test('credentials that are still good serve while new ones are waited for', async (t) => {
  const server = await serverFor(t, { buckets: { site: { putsPerSecond: 8 } } });
  // They are renewed 5 minutes before their end, which never succeeds.
  const lifeMs = 5 * 60_000 + 1_000;
  const fault = (what: string, count: number) => (what === 'role' && count > 1 ? 'hang' : undefined);
  const issuer = await credentialsServer(t, server, { lifeMs, fault });
  const files = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`dist/${index}.txt`, `${index}`]));
  const workspace = makeTree(t, files);
  const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site', 'role-to-assume': ROLE };
  const ran = await action(t, { ...inputs, concurrency: '2' }, { workspace, env: issuer.oidc });
  assert.equal(ran.code, 0, ran.log);
  assert.equal(server.keys('site').length, 16);
  assert.equal(issuer.requests.filter(({ what }) => what === 'role').length, 2);
});

const KEYS = { 'aws-access-key-id': 'AKIDEXAMPLE', 'aws-secret-access-key': 'SECRETEXAMPLE' };
const CONFLICTS: readonly (readonly [inputs: Readonly<Record<string, string>>, error: RegExp])[] = [
  [{ ...KEYS, profile: 'ci' }, /"profile" and "aws-access-key-id" exclude/],
  [{ 'role-to-assume': ROLE, profile: 'ci' }, /"profile" and "role-to-assume" exclude/],
  [{ ...KEYS, 'role-to-assume': ROLE }, /"role-to-assume" and "aws-access-key-id" exclude/],
  [{ 'role-session-name': 'nightly' }, /"role-session-name" is given without "role-to-assume"/],
  [{ audience: 'sts.amazonaws.com.cn' }, /"audience" is given without "role-to-assume"/],
  [{ ...KEYS, 'role-duration-seconds': '7200' }, /"role-duration-seconds" is given without "role-to-assume"/],
  ...['899', '43201', '1h', '3600.5', '-900'].map((seconds): (typeof CONFLICTS)[number] => [
    { 'role-to-assume': ROLE, 'role-duration-seconds': seconds },
    new RegExp(`"role-duration-seconds" is "${seconds}"; it must be .* from 900 to 43200\\..*Write for example`, 's'),
  ]),
  [{ 'role-to-assume': ROLE, 'role-session-name': 'a b' }, /"a b" cannot be the name of a session/],
  [{ 'role-to-assume': 'deploy' }, /"deploy" is not the ARN of a role/],
];
for (const [own, error] of CONFLICTS)
  test(`${Object.keys(own).join(', ')}: ${error.source}`, async (t) => {
    const server = await serverFor(t);
    const issuer = await credentialsServer(t, server);
    const workspace = makeTree(t, SITE);
    const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site', ...own };
    const ran = await action(t, inputs, { workspace, env: issuer.oidc });
    assert.equal(ran.code, 1);
    assert.match(ran.commands.find(({ name }) => name === 'error')?.text ?? '', error);
    assert.match(ran.summary, /❌/);
    assert.deepEqual([issuer.requests.length, server.requests.length], [0, 0]);
    for (const secret of own['aws-secret-access-key'] === undefined ? [] : Object.values(KEYS))
      assert.ok(ran.masks.includes(secret), 'masked before anything is read');
  });

/** Tells every host that a connection is opened to. */
const WATCH = `
const net = require('node:net');
const { appendFileSync } = require('node:fs');
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  const { host = 'localhost', port, path } = typeof first === 'object' && first !== null ? first : { port: first, host: args[1] };
  appendFileSync(process.env.SOCKETS, (path ?? host + ':' + port) + '\\n');
  return connect.apply(this, args);
};`;

test('no connection is opened but to S3, the security token service and the issuer of tokens', async (t) => {
  const server = await serverFor(t);
  const issuer = await credentialsServer(t, server);
  const workspace = makeTree(t, { ...SITE, 'watch.cjs': WATCH, sockets: '' });
  const sockets = join(workspace, 'sockets');
  writeFileSync(sockets, '');
  const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site', 'role-to-assume': ROLE };
  const env = { ...issuer.oidc, SOCKETS: sockets };
  const ran = await action(t, inputs, { workspace, env, node: ['--require', join(workspace, 'watch.cjs')] });
  assert.equal(ran.code, 0, ran.log);
  const opened = new Set(readFileSync(sockets, 'utf8').trim().split('\n'));
  const known = [server.url, issuer.url].map((url) => new URL(url).host);
  assert.deepEqual([...opened].sort(), known.sort());
});

test('a profile that does not exist is named, where no package is beside the Action', async (t) => {
  const server = await serverFor(t);
  const inputs = { source: 'dist', bucket: 'site', 'aws-region': server.region, 'endpoint-url': server.url };
  const workspace = makeTree(t, { 'dist/index.html': '<p>' });
  const { code, log } = await action(t, inputs, { workspace, env: { AWS_PROFILE: 'nope' } });
  assert.equal(code, 1);
  assert.match(log, /The profile "nope" does not exist in /);
  assert.doesNotMatch(log, /Cannot find module|client-s3/);
});
