import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { credentialsServer } from '../support/credentials-server.js';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { action } from './action-process.js';

const ROLE = 'arn:aws:iam::111122223333:role/deploy';
const SITE = { 'dist/index.html': '<h1>site</h1>', 'dist/a.css': 'body {}' };

test('a role is assumed by a token of OpenID Connect, and all of it is masked', async (t) => {
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
  const [token, role, ...more] = issuer.asked;
  assert.deepEqual(more, []);
  assert.equal(token?.what, 'token');
  assert.equal(token?.authorization, 'Bearer request-token');
  assert.equal(new URLSearchParams(token?.query).get('audience'), 'sts.amazonaws.com');
  assert.equal(role?.form.Action, 'AssumeRoleWithWebIdentity');
  assert.deepEqual([role?.form.RoleArn, role?.form.RoleSessionName], [ROLE, 'nightly']);
  assert.equal(role?.form.WebIdentityToken, 'id-token-1');
  for (const secret of ['id-token-1', ...issuer.secrets]) {
    assert.ok(ran.masks.includes(secret), `${secret} is masked`);
    assert.ok(!ran.log.replaceAll(`::add-mask::${secret}`, '').includes(secret));
  }
});

test('a role is assumed anew before its credentials expire', async (t) => {
  const server = await serverFor(t, { buckets: { site: { putsPerSecond: 4 } } });
  // They are renewed 5 minutes before their end, so these from their beginning on.
  const issuer = await credentialsServer(t, server, 5 * 60_000 + 1_500);
  const files = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`dist/${index}.txt`, `${index}`]));
  const workspace = makeTree(t, files);
  const inputs = { 'endpoint-url': server.url, source: 'dist', bucket: 'site', 'role-to-assume': ROLE };
  const ran = await action(t, { ...inputs, concurrency: '2' }, { workspace, env: issuer.oidc });
  assert.equal(ran.code, 0, ran.log);
  assert.equal(server.keys('site').length, 16);
  const roles = issuer.asked.filter(({ what }) => what === 'role');
  assert.ok(roles.length >= 2, `${roles.length} times`);
  const tokens = roles.map(({ form }) => form.WebIdentityToken);
  assert.equal(new Set(tokens).size, tokens.length, 'each time with a new token');
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
    issuer.asked.map(({ what }) => what),
    ['container'],
  );
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
