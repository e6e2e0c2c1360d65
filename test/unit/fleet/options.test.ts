import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { checkRunName, jobOptions, publicEndpoint } from '../../../src/fleet/options.js';

test('a job has the options about objects, and neither credentials nor those of this machine', () => {
  const options = {
    source: 'dist',
    bucket: 'b',
    mode: 'add',
    headers: { 'x-amz-meta-a': '1' },
    concurrency: 5,
    maxRequestRate: 100,
    profile: 'p',
    proxy: 'http://u:p@proxy',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    include: ['*'],
    delete: false,
    order: 'none',
  };
  assert.deepEqual(jobOptions('put', options), { mode: 'add', headers: { 'x-amz-meta-a': '1' }, maxRequestRate: 100 });
  assert.deepEqual(jobOptions('copy', { source: 's3://a', destination: 's3://b', copyAcl: true }), { copyAcl: true });
});

test('what needs all objects at once is refused by name', () => {
  const refused = {
    delete: true,
    order: 'site',
    preset: 'site',
    updateHeaders: true,
    checkLinks: 'warn',
    dryRun: true,
    verifyUrl: 'https://a',
    cloudfrontDistributionId: ['E'],
    keyBase: 'cwd',
    precompressed: 'replace',
    as: 'key',
  };
  for (const [name, value] of Object.entries(refused))
    assert.throws(
      () => jobOptions('put', { source: 'dist', [name]: value }),
      (error) => error instanceof UsageError && error.message.includes(name),
    );
  assert.throws(() => jobOptions('put', { source: ['dist', 'a.tar.gz'] }), /"a\.tar\.gz" is an archive/);
  assert.throws(() => jobOptions('put', { source: [[]] }), /items/);
});

test('a refusal says why', () => {
  const refused = [
    ['put', { dryRun: true }, /a dry run sends nothing/],
    ['put', { shard: '1/2' }, /both divide a run/],
    ['put', { reports: 'dir', dryRun: false }, /finish runs in one process/],
    ['copy', { batchOperations: true }, /S3 itself copies/],
    ['put', { checkLinks: 'warn' }, /only a part of the objects/],
  ] as const;
  for (const [kind, options, why] of refused)
    assert.throws(() => jobOptions(kind, { source: 'dist', ...options }), { name: 'UsageError', message: why });
});

test('keys of a customer never reach the queue', () => {
  const headers = { 'X-Amz-Server-Side-Encryption-Customer-Key': 'secret' };
  const spaced = { ' x-amz-server-side-encryption-customer-key ': 'secret' };
  for (const options of [{ headers }, { headers: spaced }, { rules: [{ match: '*', headers }] }])
    assert.throws(
      () => jobOptions('put', { source: 'dist', ...options }),
      (error) => error instanceof UsageError && !error.message.includes('secret"'),
    );
  assert.throws(
    () => publicEndpoint('http://user:secret@host'),
    (error) => error instanceof UsageError && !error.message.includes('secret'),
  );
  assert.equal(publicEndpoint('http://host'), 'http://host');
});

test('a name of a run is short and plain', () => {
  for (const name of ['a', 'nightly-2026.11_30', 'A1']) assert.equal(checkRunName(name), name);
  for (const name of ['', '-a', 'a b', 'a:b', 'ä', 'a'.repeat(65)]) assert.throws(() => checkRunName(name), UsageError);
});
