import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { cloudFrontFor } from '../support/fake-cloudfront.js';
import { putTo, statesOf, textFile, through } from './streams.js';

const FILES = ['index.html', 'app.js'];
const files = () => FILES.map((name) => textFile(name));

test('what a stream changes is invalidated once, and nothing where nothing has changed', async (t) => {
  const server = await serverFor(t);
  const cloudfront = await cloudFrontFor(t);
  server.seed('site', 'app.js', 'old');
  const first = await through(putTo(server, { cloudfrontDistributionId: 'E1' }), files());
  assert.equal(first.error, undefined);
  assert.deepEqual(statesOf(first.files), { 'index.html': 'create', 'app.js': 'update' });
  assert.deepEqual(cloudfront.paths('E1'), ['/app.js']);
  cloudfront.clear();
  const second = await through(putTo(server, { cloudfrontDistributionId: 'E1' }), files());
  assert.equal(second.error, undefined);
  assert.deepEqual(cloudfront.requests, []);
});

test('a failed invalidation: all files pass, and then the stream fails with what to do, unless that is only a warning', async (t) => {
  const server = await serverFor(t);
  const cloudfront = await cloudFrontFor(t);
  cloudfront.deny('CreateInvalidation');
  for (const invalidationFailure of ['error', 'warn'] as const) {
    server.seed('site', 'app.js', 'old');
    const ran = await through(putTo(server, { cloudfrontDistributionId: 'E1', invalidationFailure }), files());
    assert.equal(ran.files.length, 2);
    if (invalidationFailure === 'warn') assert.equal(ran.error, undefined);
    else {
      assert.equal(ran.error?.plugin, 'gulp-s3-parallel-put');
      assert.match(ran.error?.message ?? '', /the invalidation in E1 failed: CreateInvalidation E1: AccessDenied/);
      assert.match(ran.error?.message ?? '', /create-invalidation --distribution-id E1 --paths "\/app\.js"/);
    }
  }
});

test('a distribution that does not exist fails the stream before anything is written', async (t) => {
  const server = await serverFor(t);
  await cloudFrontFor(t);
  const { error } = await through(putTo(server, { cloudfrontDistributionId: 'E404' }), files());
  assert.match(error?.message ?? '', /cloudfrontDistributionId is "E404", which is no distribution of this account/);
  assert.equal(server.count('PutObject'), 0);
});
