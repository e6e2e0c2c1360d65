import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { checkQueueUrl, checkServer, queueLabel } from '../../../src/fleet/redis.js';
import { errorDuringRun, queueError } from '../../../src/fleet/redis-errors.js';

const info = (version: string, policy: string): string =>
  `# Server\r\nredis_version:${version}\r\n# Memory\r\nmaxmemory_policy:${policy}\r\n`;

test('Redis 6.2 and later without eviction can be a queue', () => {
  for (const version of ['6.2.0', '7.0.15', '7.2.4', '8.0.0', '10.1.0']) checkServer(info(version, 'noeviction'), 'q');
  // A managed server may not show its policy.
  checkServer('redis_version:7.0.0\r\n', 'q');
  for (const version of ['5.0.7', '6.0.16', ''])
    assert.throws(() => checkServer(info(version, 'noeviction'), 'q'), /6\.2/);
  assert.throws(() => checkServer(info('7.0.15', 'volatile-lru'), 'q'), /maxmemory-policy volatile-lru/);
});

test('Valkey can be a queue, and the Redis that it says it is counts', () => {
  const valkey = (as: string, more = ''): string =>
    `# Server\r\nredis_version:${as}\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\nvalkey_release_stage:ga\r\nserver_mode:standalone\r\n${more}maxmemory_policy:noeviction\r\n`;
  checkServer(valkey('7.2.4', 'role:master\r\n'), 'q');
  assert.throws(() => checkServer(valkey('7.2.4').replace('standalone', 'cluster'), 'q'), /Redis Cluster/);
  assert.throws(() => checkServer(valkey('7.2.4').replace('noeviction', 'allkeys-lfu'), 'q'), /allkeys-lfu/);
});

test('Sentinel, nodes of a cluster and replicas are no queue', () => {
  const server = (mode: string, more = ''): string => `redis_version:7.0.15\r\nredis_mode:${mode}\r\n${more}`;
  checkServer(server('standalone', 'role:master\r\n'), 'q');
  assert.throws(() => checkServer(server('sentinel'), 'q'), /is Redis Sentinel/);
  assert.throws(() => checkServer(server('cluster'), 'q'), /a node of a Redis Cluster/);
  const replica = server('standalone', 'role:slave\r\nmaster_host:db-1\r\nmaster_port:6380\r\n');
  assert.throws(
    () => checkServer(replica, 'q'),
    (error) => error instanceof UsageError && error.hint === 'Give the address of its primary, which is db-1:6380.',
  );
});

test('an error that may pass is told from one that lasts', () => {
  const kind = (text: string): unknown => errorDuringRun(new Error(text));
  for (const text of [
    "OOM command not allowed when used memory > 'maxmemory'.",
    'MISCONF Errors writing to the AOF file: No space left on device',
    "READONLY You can't write against a read only replica.",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  ])
    assert.equal(kind(text), 'passes', text);
  for (const text of [
    "NOPERM this user has no permissions to run the 'eval' command",
    "ERR The user executing the script can't run this command or subcommand script: 0",
    'NOAUTH Authentication required.',
    'WRONGPASS invalid username-password pair or user is disabled.',
    'CROSSSLOT Keys in request do not hash to the same slot',
  ])
    assert.equal(kind(text), 'lasts', text);
  for (const text of ['read ECONNRESET', 'Connection is closed.', 'LOADING Redis is loading the dataset in memory'])
    assert.equal(kind(text), undefined, text);
});

test('an error says the cause and never a password', () => {
  const shown = queueLabel('redis://user:secret@host');
  const error = queueError(
    shown,
    new Error('ERR x script: 5ab432e88830d573e2fa33392ffbd4ad25a9b100, on @user_script:5.'),
  );
  assert.equal(error.message, 'The queue redis://***@host answers with an error: ERR x.');
});

test('an address of a queue is one of Redis', () => {
  for (const url of ['redis://h', 'redis://h:6379', 'rediss://u:p@h:6379/2', 'redis://[::1]:1'])
    assert.equal(checkQueueUrl(url), url);
  for (const url of [
    '',
    'h:6379',
    'http://h',
    'redis://',
    'redis://h/name',
    'amqp://h',
    'redis://h?tls=x',
    'redis://h/#1',
  ])
    assert.throws(() => checkQueueUrl(url), UsageError);
});

test('no message shows the password of a queue', () => {
  assert.doesNotMatch(queueLabel('rediss://user:secret@host:6379/1'), /secret/);
  assert.throws(
    () => checkQueueUrl('http://user:secret@host'),
    (error) => error instanceof UsageError && !error.message.includes('secret'),
  );
});
