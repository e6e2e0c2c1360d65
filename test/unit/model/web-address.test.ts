import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBucket } from '../../../src/model/key.js';
import { addressHint, isProviderHost, writtenBucket } from '../../../src/model/web-address.js';
import { connectionOf } from '../../../src/options/connection.js';

const R2 = `https://${'0af'.repeat(10)}00.r2.cloudflarestorage.com`;
const POINT = 'arn:aws:s3:eu-west-1:123456789012:accesspoint/my-point';

/** What a text means, as `address endpoint`; undefined where it names no bucket. */
const ROWS: readonly (readonly [text: string, meant: string | undefined])[] = [
  ['https://my-site.s3.amazonaws.com', 's3://my-site'],
  ['https://my-site.s3.amazonaws.com/', 's3://my-site'],
  ['https://my-site.s3.eu-central-1.amazonaws.com/docs/v1/', 's3://my-site/docs/v1'],
  ['http://my-site.s3-eu-west-1.amazonaws.com//docs', 's3://my-site/docs'],
  ['https://my-site.s3.dualstack.us-gov-west-1.amazonaws.com', 's3://my-site'],
  ['https://my-site.s3-accelerate.amazonaws.com', 's3://my-site'],
  ['https://my.dotted.site.s3.cn-north-1.amazonaws.com.cn', 's3://my.dotted.site'],
  ['http://my-site.s3-website-us-east-1.amazonaws.com', 's3://my-site'],
  ['http://www.example.com.s3-website.eu-central-1.amazonaws.com/a', 's3://www.example.com/a'],
  ['my-site.s3.amazonaws.com/docs', 's3://my-site/docs'],
  ['s3://my-site.s3.amazonaws.com/docs', 's3://my-site/docs'],
  ['https://s3.amazonaws.com/my-site/docs', 's3://my-site/docs'],
  ['https://s3.eu-west-1.amazonaws.com/my-site', 's3://my-site'],
  ['https://s3.eu-west-1.amazonaws.com/', undefined],
  ['https://s3.console.aws.amazon.com/s3/buckets/my-site?region=eu-west-1&prefix=docs/v1/', 's3://my-site/docs/v1'],
  ['https://eu-west-1.console.aws.amazon.com/s3/buckets/my-site?tab=objects', 's3://my-site'],
  ['https://eu-west-1.console.aws.amazon.com/s3/object/my-site?prefix=docs/a.html', 's3://my-site/docs'],
  ['https://console.aws.amazon.com/s3/home?region=us-east-1#&bucket=my-site&prefix=docs/', 's3://my-site/docs'],
  ['https://console.amazonaws-us-gov.com/s3/buckets/my-site', 's3://my-site'],
  ['https://eu-west-1.console.aws.amazon.com/s3/buckets', undefined],
  ['arn:aws:s3:::my-site', 's3://my-site'],
  ['arn:aws:s3:::my-site/docs/*', 's3://my-site/docs'],
  ['arn:aws:s3:::my-site/*', 's3://my-site'],
  ['arn:aws-cn:s3:::my-site', 's3://my-site'],
  ['arn:aws:s3express:us-west-2:123456789012:bucket/my-site--usw2-az1--x-s3', 's3://my-site--usw2-az1--x-s3'],
  [POINT, `s3://${POINT}`],
  [`${POINT}/object/docs/*`, `s3://${POINT}/docs`],
  ['arn:aws:iam::123456789012:role/deploy', undefined],
  [`${R2}/my-site`, `s3://my-site ${R2}`],
  [`${R2.replace('//', '//my-site.')}/docs`, `s3://my-site/docs ${R2}`],
  [`https://dash.cloudflare.com/${'0af'.repeat(10)}00/r2/default/buckets/my-site`, `s3://my-site ${R2}`],
  ['https://my-site.fra1.digitaloceanspaces.com', 's3://my-site https://fra1.digitaloceanspaces.com'],
  ['https://my-site.fra1.cdn.digitaloceanspaces.com/a', 's3://my-site/a https://fra1.digitaloceanspaces.com'],
  ['https://my-site.s3.fr-par.scw.cloud', 's3://my-site https://s3.fr-par.scw.cloud'],
  ['https://s3.fr-par.scw.cloud/my-site/a', 's3://my-site/a https://s3.fr-par.scw.cloud'],
  ['https://my-site.s3.us-west-004.backblazeb2.com', 's3://my-site https://s3.us-west-004.backblazeb2.com'],
  ['https://s3.eu-central-1.wasabisys.com/my-site', 's3://my-site https://s3.eu-central-1.wasabisys.com'],
  ['https://storage.googleapis.com/my-site/a', 's3://my-site/a https://storage.googleapis.com'],
  ['https://my-site.storage.googleapis.com', 's3://my-site https://storage.googleapis.com'],
  [
    'https://console.cloud.google.com/storage/browser/my-site/docs;tab=objects',
    's3://my-site/docs https://storage.googleapis.com',
  ],
  ['gs://my-site/docs', 's3://my-site/docs https://storage.googleapis.com'],
  ['https://my-site.eu-central-1.linodeobjects.com', 's3://my-site https://eu-central-1.linodeobjects.com'],
  ['https://fsn1.your-objectstorage.com/my-site', 's3://my-site https://fsn1.your-objectstorage.com'],
  ['http://127.0.0.1:9000/my-site/docs', 's3://my-site/docs http://127.0.0.1:9000'],
  ['http://minio.local:9001/browser/my-site', 's3://my-site http://minio.local:9000'],
  ['http://minio.local:9001/browser/my-site/docs%2F', 's3://my-site/docs http://minio.local:9000'],
  ['S3://my-site/docs', 's3://my-site/docs'],
  ['s3a://my-site/docs', 's3://my-site/docs'],
  ['s3:/my-site', 's3://my-site'],
  ['s3:///docs', undefined],
  ['https://example.com', undefined],
  ['https://d111111abcdef8.cloudfront.net/docs', undefined],
  ['https://pub-0123.r2.dev/docs', undefined],
  ['ftp://host/my-site', undefined],
  ['file:///srv/site', undefined],
  ['C:\\site', undefined],
  ['my-site/docs', undefined],
  ['./dist', undefined],
  ['/tmp/site', undefined],
];

for (const [text, meant] of ROWS)
  test(`${text} means ${meant ?? 'no bucket'}`, () => {
    const found = writtenBucket(text);
    const shown = found && [found.address, ...(found.endpointUrl === undefined ? [] : [found.endpointUrl])].join(' ');
    assert.equal(shown, meant);
    assert.equal(addressHint(text) === undefined, meant === undefined);
    if (found === undefined) return;
    // The advice is taken: neither the address nor the endpoint is refused next.
    const to = parseBucket(found.address);
    const { endpointUrl } = found;
    assert.equal(connectionOf({ endpointUrl }, undefined, to).endpointUrl, endpointUrl);
    assert.ok(String(addressHint(text)).includes(found.address));
  });

test('hosts of providers are known without the bucket before them', () => {
  for (const host of ['s3.amazonaws.com', 'fra1.digitaloceanspaces.com', 'storage.googleapis.com', R2.slice(8)])
    assert.ok(isProviderHost(host), host);
  for (const host of ['example.com', 's3.example.com', 'amazonaws.com']) assert.ok(!isProviderHost(host), host);
});
