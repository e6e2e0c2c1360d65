import assert from 'node:assert/strict';
import { it } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const OLD = { accessKeyId: 'old-key', secretAccessKey: 'old-secret', sessionToken: 'old-token' };
const NEW = { accessKeyId: 'new-key', secretAccessKey: 'new-secret', sessionToken: 'new-token' };
const FILES = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, `${index}`]));

it('credentials that expire during a run are fetched once more, and every object is put', async (t) => {
  const server = await serverFor(t, { credentials: OLD });
  server.addCredentials(NEW);
  let calls = 0;
  const credentials = async () => (++calls === 1 ? OLD : NEW);
  const { error, report } = await run(server, {
    source: makeTree(t, FILES),
    credentials,
    onEvent: (event) => {
      if (event.type === 'request' && event.verb === 'PutObject') server.expireCredentials(OLD.accessKeyId);
    },
  });
  assert.equal(error, undefined);
  assert.equal(report.counts.put, 100);
  assert.ok(report.retries >= 1);
  assert.equal(calls, 2);
});

it('a function may return credentials as well as a promise of them, with parts that are undefined', async (t) => {
  const server = await serverFor(t, { credentials: OLD });
  server.addCredentials(NEW);
  const parts = { sessionToken: undefined, expiration: undefined };
  let calls = 0;
  const source = makeTree(t, FILES);
  const { error, report } = await run(server, {
    source,
    credentials: () => (++calls === 1 ? OLD : NEW),
    onEvent: (event) => {
      if (event.type === 'request' && event.verb === 'PutObject') server.expireCredentials(OLD.accessKeyId);
    },
  });
  assert.equal(error, undefined);
  assert.deepEqual([report.counts.put, calls], [100, 2]);
  const other = await serverFor(t);
  const own = { accessKeyId: other.accessKeyId, secretAccessKey: other.secretAccessKey, ...parts };
  for (const credentials of [own, () => own])
    assert.equal((await run(other, { source, credentials })).error, undefined);
  const failing = (): never => {
    throw new Error('no vault');
  };
  assert.match((await run(other, { source, credentials: failing })).error?.message ?? '', /no vault/);
});

it('static credentials that expire end the run with one message', async (t) => {
  const server = await serverFor(t, { credentials: OLD });
  const { error, report } = await run(server, {
    source: makeTree(t, FILES),
    credentials: OLD,
    onEvent: (event) => {
      if (event.type === 'request' && event.verb === 'PutObject') server.expireCredentials(OLD.accessKeyId);
    },
  });
  assert.equal(error?.name, 'RunStoppedError');
  assert.equal(error?.code, 'ExpiredToken');
  assert.ok(report.counts.fail >= 1);
  assert.equal(report.counts.put + report.counts.fail + (report.notAttempted ?? 0), 100);
  assert.equal(report.complete, false);
});

for (const [what, credentials, expected] of [
  [
    'throws',
    () => Promise.reject(new Error('the token service is down\nfor an hour')),
    /: the token service is down for an hour$/,
  ],
  [
    'cannot read a file',
    () => Promise.reject(Object.assign(new Error('ENOENT: no such file, open /nope'), { code: 'ENOENT' })),
    /: ENOENT: no such file/,
  ],
  [
    'cannot reach a service',
    () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })),
    /: connect ECONNREFUSED$/,
  ],
  ['gives nothing', async () => ({}) as typeof OLD, /accessKeyId/],
  ['gives a time as text', async () => ({ ...OLD, expiration: 'soon' as unknown as Date }), /expiration/],
] as const) {
  for (const mode of ['update', 'stupid'] as const) {
    it(`a source of credentials that ${what} ends a run in mode ${mode} with one message and a hint`, async (t) => {
      const server = await serverFor(t);
      const { error, outcomes, report } = await run(server, { source: makeTree(t, FILES), mode, credentials });
      assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'CredentialsProviderError']);
      assert.match(error?.message ?? '', /^\w+ s3:\/\/site(\/f\d+)?: CredentialsProviderError: /);
      assert.match(error?.message ?? '', expected);
      assert.match(error?.hint ?? '', /AWS_ACCESS_KEY_ID/);
      assert.ok(outcomes.every(({ shared }) => shared === true));
      assert.deepEqual([outcomes.length, report.retries, server.requests.length], [report.counts.fail, 0, 0]);
    });
  }
}
