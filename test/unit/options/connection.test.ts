import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { connectionOf } from '../../../src/options/connection.js';
import { renderOptionNames } from '../../../src/options/names.js';
import { textIn } from '../../../src/report/message.js';

/** What `connectionOf` says about an endpoint for a bucket; undefined where it takes it. */
function refusal(endpointUrl: string, bucket: string, prefix = '', options: object = {}): UsageError | undefined {
  try {
    connectionOf({ endpointUrl, ...options }, undefined, { bucket, prefix });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error;
  }
}

const HOLDING: readonly (readonly [endpoint: string, bucket: string, prefix: string, corrected: string])[] = [
  ['http://host:9000/site', 'site', '', 'http://host:9000'],
  ['http://host:9000/site/', 'site', '', 'http://host:9000'],
  ['host:9000/site', 'site', '', 'https://host:9000'],
  ['https://host/s3/v1/site', 'site', '', 'https://host/s3/v1'],
  ['https://host/my%2Dsite', 'my-site', '', 'https://host'],
  ['https://host/site/docs', 'site', 'docs/', 'https://host'],
  ['https://host/site/docs/v1/', 'site', 'docs/v1/', 'https://host'],
  ['https://host/site/docs', 'site', '', 'https://host'],
  ['https://host:9000/site/docs/v1', 'site', 'docs/', 'https://host:9000'],
  ['https://account.r2.cloudflarestorage.com/site', 'site', '', 'https://account.r2.cloudflarestorage.com'],
  ['https://site.fra1.digitaloceanspaces.com', 'site', '', 'https://fra1.digitaloceanspaces.com'],
  ['https://site.s3.fr-par.scw.cloud/', 'site', '', 'https://s3.fr-par.scw.cloud'],
  ['https://Site.s3.example.com:8443', 'Site', '', 'https://s3.example.com:8443'],
  ['https://my.site.s3.eu-west-1.amazonaws.com', 'my.site', '', 'https://s3.eu-west-1.amazonaws.com'],
  ['https://site.example.com/base', 'site', '', 'https://example.com/base'],
];
for (const [endpoint, bucket, prefix, corrected] of HOLDING)
  test(`the endpoint ${endpoint} holds the bucket ${bucket}: ${corrected} is the right one`, () => {
    const error = refusal(endpoint, bucket, prefix);
    assert.match(error?.message ?? '', new RegExp(`holds the bucket "${bucket}"`));
    assert.ok(error?.hint?.includes(`endpointUrl: '${corrected}'`), error?.hint);
    assert.equal(refusal(corrected, bucket, prefix), undefined, 'the advice is taken');
    const hint = textIn(error, 'hint') ?? '';
    assert.ok(renderOptionNames(hint, 'cli').includes(`--endpoint-url ${corrected} with s3://${bucket}`));
    assert.ok(renderOptionNames(hint, 'action').includes(`endpoint-url: ${corrected} with`));
  });

for (const [endpoint, bucket, options] of [
  ['http://site:9000', 'site', {}],
  ['http://127.0.0.1:9000', '127', {}],
  ['https://s3.example.com', 'example', {}],
  ['https://site-old.example.com', 'site', {}],
  ['https://host/base/site/v1', 'site', {}],
  ['https://host/websites', 'site', {}],
  ['https://site.example.com', 'site', { forcePathStyle: true }],
] as const)
  test(`the endpoint ${endpoint} does not hold the bucket ${bucket} ${JSON.stringify(options)}`, () => {
    assert.equal(refusal(endpoint, bucket, '', options), undefined);
  });

test('path style does not make a provider of another host', () => {
  const options = { forcePathStyle: true };
  assert.match(
    refusal('https://site.s3.amazonaws.com', 'site', '', options)?.hint ?? '',
    /^Write endpointUrl: 'https:\/\/s3\.amazonaws\.com'/,
  );
});
