import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { checkQueueUrl, checkServer, queueLabel } from '../../../src/fleet/redis.js';

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

test('an address of a queue is one of Redis', () => {
  for (const url of ['redis://h', 'redis://h:6379', 'rediss://u:p@h:6379/2', 'redis://[::1]:1'])
    assert.equal(checkQueueUrl(url), url);
  for (const url of ['', 'h:6379', 'http://h', 'redis://', 'redis://h/name', 'amqp://h'])
    assert.throws(() => checkQueueUrl(url), UsageError);
});

test('no message shows the password of a queue', () => {
  assert.doesNotMatch(queueLabel('rediss://user:secret@host:6379/1'), /secret/);
  assert.throws(
    () => checkQueueUrl('http://user:secret@host'),
    (error) => error instanceof UsageError && !error.message.includes('secret'),
  );
});
