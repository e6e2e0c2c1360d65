import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Server, S3ServerOptions } from 'fake-s3';
import type { PutOptions } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const OBJECTS = 80;
const CONCURRENCY = 8;
const FILES = Object.fromEntries(Array.from({ length: OBJECTS }, (_, i) => [`f${i}`, `${i}`]));
const SESSION = { accessKeyId: 'session-key', secretAccessKey: 'session-secret', sessionToken: 'session-token' };

interface Shared {
  readonly name: string;
  readonly code: string;
  /** Message and hint together match this. */
  readonly expected: RegExp;
  readonly server?: S3ServerOptions;
  readonly options?: (server: S3Server) => Partial<PutOptions>;
  /** The listing is refused too, so `update` writes nothing. */
  readonly listRefused: boolean;
}

const SHARED: readonly Shared[] = [
  {
    name: 'a bucket that is not there',
    code: 'NoSuchBucket',
    expected: /nowhere/,
    options: () => ({ bucket: 'nowhere' }),
    listRefused: true,
  },
  {
    name: 'an unknown access key',
    code: 'InvalidAccessKeyId',
    expected: /AWS_ACCESS_KEY_ID/,
    options: () => ({ credentials: { accessKeyId: 'nobody', secretAccessKey: 'x' } }),
    listRefused: true,
  },
  {
    name: 'a wrong secret key',
    code: 'SignatureDoesNotMatch',
    expected: /AWS_SECRET_ACCESS_KEY/,
    options: ({ accessKeyId }) => ({ credentials: { accessKeyId, secretAccessKey: 'wrong' } }),
    listRefused: true,
  },
  {
    name: 'a session that has expired',
    code: 'ExpiredToken',
    expected: /expired.*new credentials/i,
    options: (server) => {
      server.addCredentials(SESSION);
      server.expireCredentials(SESSION.accessKeyId);
      return { credentials: SESSION };
    },
    listRefused: true,
  },
  {
    name: 'a wrong session token',
    code: 'InvalidToken',
    expected: /AWS_SESSION_TOKEN/,
    options: (server) => {
      server.addCredentials(SESSION);
      return { credentials: { ...SESSION, sessionToken: 'another' } };
    },
    listRefused: true,
  },
  {
    name: 'a bucket of another region (400)',
    code: 'WrongRegion',
    expected: /eu-central-1/,
    server: { buckets: { site: { region: 'eu-central-1', wrongRegion: 'malformed' } } },
    listRefused: true,
  },
  {
    name: 'a bucket of another region (301)',
    code: 'WrongRegion',
    expected: /eu-central-1/,
    server: { buckets: { site: { region: 'eu-central-1', wrongRegion: 'redirect' } } },
    listRefused: true,
  },
  {
    name: 'an ACL for a bucket whose ACLs are disabled',
    code: 'AccessControlListNotSupported',
    expected: /acl.*bucket policy/i,
    options: () => ({ acl: 'public-read' }),
    listRefused: false,
  },
];

for (const mode of ['update', 'stupid'] as const) {
  for (const { name, code, expected, server: settings, options, listRefused } of SHARED) {
    test(`${name} ends a run in mode ${mode} with one message`, async (t) => {
      const server = await serverFor(t, settings);
      const given = { source: makeTree(t, FILES), mode, concurrency: CONCURRENCY, ...options?.(server) };
      const { error, report, outcomes } = await run(server, given);
      assert.deepEqual([error?.name, error?.code], ['RunStoppedError', code]);
      assert.match(`${error?.message} ${error?.hint}`, expected);
      assert.ok((error?.hint ?? '').length > 0);
      assert.doesNotMatch(error?.message ?? '', /attempts/);
      const writes = mode === 'stupid' || !listRefused;
      // The run reports the error once; the report counts every object that got it.
      const refused = server.requests.filter(({ verb }) => verb === 'PutObject').length;
      assert.equal(refused > 0, writes);
      assert.deepEqual([outcomes.length, report.counts.fail, report.failures.length], [refused, refused, refused]);
      assert.ok(outcomes.every(({ action, shared }) => action === 'fail' && shared === true));
      assert.deepEqual([report.complete, report.notAttempted], [false, OBJECTS - refused]);
      assert.equal(server.requests.filter(({ status }) => status === 200).length, writes && mode === 'update' ? 1 : 0);
      const most = writes ? CONCURRENCY * 2 + 1 : 1;
      assert.ok(server.requests.length <= most, `${server.requests.length} requests`);
    });
  }
}

test('a refusal that names the region of its bucket is not taken for a wrong region', async (t) => {
  const server = await serverFor(t);
  const headers = { 'x-amz-bucket-region': 'us-east-1' };
  server.fault({ verb: 'any', occurrences: 'all', type: 'status', status: 400, code: 'ExpiredToken', headers });
  const { error } = await run(server, { source: makeTree(t, { a: 'a' }) });
  assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'ExpiredToken']);
});

test('a shared error after some objects were put still ends the run and leaves the rest unattempted', async (t) => {
  const server = await serverFor(t);
  server.addCredentials(SESSION);
  const { error, report } = await run(server, {
    source: makeTree(t, FILES),
    credentials: SESSION,
    concurrency: CONCURRENCY,
    onEvent: (event) => {
      if (event.type === 'progress' && event.objects === 30) server.expireCredentials(SESSION.accessKeyId);
    },
  });
  assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'ExpiredToken']);
  assert.equal(report.counts.put, server.keys('site').length);
  assert.ok(report.counts.put >= 30 && report.counts.put <= 30 + 2 * CONCURRENCY, `${report.counts.put} put`);
  assert.ok(report.counts.fail >= 1 && report.counts.fail <= 2 * CONCURRENCY, `${report.counts.fail} failed`);
  assert.equal(report.notAttempted, OBJECTS - report.counts.put - report.counts.fail);
});

const numbered = (prefix: string, count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}/${String(i).padStart(3, '0')}`, `${i}`]));

for (const fault of [
  { type: 'status', status: 400, code: 'XMinioInvalidObjectName' },
  { type: 'status', status: 500 },
] as const) {
  test(`ten objects at the start that are answered ${fault.status} for their own sake leave 120 good ones put`, async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', key: /^0bad/, occurrences: 'all', ...fault });
    const source = makeTree(t, { ...numbered('0bad', 10), ...numbered('good', 120) });
    for (const mode of ['update', 'stupid'] as const) {
      const { error, report } = await run(server, { source, mode, concurrency: 4 });
      assert.equal(error?.name, 'PartialFailureError');
      assert.deepEqual([report.counts.fail, report.notAttempted, report.complete], [10, 0, true]);
    }
    assert.equal(server.keys('site').length, 120);
  });
}

test('twenty changed objects among 700 unchanged that are answered 500 for ever are twenty failures', async (t) => {
  const server = await serverFor(t);
  const same = { ...numbered('a', 100), ...numbered('z', 600) };
  for (const [key, body] of Object.entries(same)) server.seed('site', key, body);
  server.fault({ verb: 'PutObject', key: /^mid/, occurrences: 'all', type: 'status', status: 500 });
  const { error, report } = await run(server, { source: makeTree(t, { ...same, ...numbered('mid', 20) }) });
  assert.equal(error?.name, 'PartialFailureError');
  assert.deepEqual([report.counts.skip, report.counts.fail, report.notAttempted], [700, 20, 0]);
});

test('the one changed object among unchanged ones that may not be written is the refusal of the run', async (t) => {
  const server = await serverFor(t);
  const same = numbered('a', 20);
  for (const [key, body] of Object.entries(same)) server.seed('site', key, body);
  server.mode({ deny: ['PutObject'] }, 'site');
  const source = makeTree(t, { ...same, changed: 'x' });
  const all = await run(server, { source });
  assert.deepEqual([all.error?.name, all.error?.code], ['RunStoppedError', 'AccessDenied']);
  // One of two is only that one's.
  server.mode({ deny: [] }, 'site');
  server.fault({ verb: 'PutObject', key: 'changed', occurrences: 'all', type: 'status', status: 403 });
  const one = await run(server, { source: makeTree(t, { ...same, changed: 'x', other: 'y' }) });
  assert.deepEqual([one.error?.name, one.report.counts.fail], ['PartialFailureError', 1]);
});
