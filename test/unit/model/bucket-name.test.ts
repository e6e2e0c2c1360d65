import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unlikelyName } from '../../../src/model/bucket-name.js';
import { hintFor } from '../../../src/model/hints.js';

const AWS = {};
const nameOf = (bucket: string, settings: object | undefined = AWS) =>
  unlikelyName({ code: 'ENOTFOUND', verb: 'PutObject', bucket, ...(settings !== undefined && { settings }) });

for (const [bucket, near] of [
  ['My_Site', 'my-site'],
  ['MySite', 'mysite'],
  ['my_site.', 'my-site'],
  ['a..b', 'a.b'],
  ['__a', undefined],
  ['x'.repeat(64), undefined],
] as const)
  test(`a bucket of AWS called ${bucket.slice(0, 10)} is unlikely${near === undefined ? '' : `, and ${near} is near`}`, () => {
    const text = nameOf(bucket) ?? '';
    assert.match(text, /is hardly the name of a bucket of AWS: that is 3 to 63/);
    assert.equal(/Is "(.*)" meant\?$/.exec(text)?.[1], near);
  });

test('names that fit, ARNs, and buckets elsewhere are not judged', () => {
  const arn = 'arn:aws:s3:us-east-1:111122223333:accesspoint/My';
  for (const bucket of ['my-site', 'my.site', 'abc', '1a2', 'site--use1-az4--x-s3', 'ap-abcdef1234-s3alias', arn])
    assert.equal(nameOf(bucket), undefined, bucket);
  assert.equal(nameOf('My_Site', { endpointUrl: 'http://h' }), undefined);
  assert.equal(unlikelyName({ code: 'ENOTFOUND', verb: 'PutObject', bucket: 'My_Site' }), undefined);
});

test('the name is in the hint of each error that it may cause', () => {
  for (const code of ['ENOTFOUND', 'NoSuchBucket', 'InvalidBucketName'])
    assert.match(
      String(hintFor({ code, verb: 'PutObject', bucket: 'My_Site', settings: AWS })),
      /"My_Site" is hardly.*Is "my-site" meant\?/,
      code,
    );
});
