import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { type AddressOptions, plainAddress } from '../../../src/s3/address.js';
import { resolveEndpoint } from '../../../src/s3/sdk/client.js';
import { runs } from '../../support/runs.js';

const NAMES: readonly string[] = [
  'site',
  'abc',
  'a'.repeat(63),
  'www-example-2',
  '123',
  '192-168-1-1',
  'www.example.com',
  '192.168.1.1',
  'Site',
  'my_site',
  'a--b',
  'xn--bucket',
  'sthree-site',
  'site-s3alias',
  'site--ol-s3',
  'site--use1-az4--x-s3',
  'site--op-s3',
  'arn:aws:s3:us-east-1:123456789012:accesspoint/point',
  'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap',
];
const REGIONS: readonly string[] = [
  ...['us-east-1', 'us-east-2', 'us-west-2', 'eu-central-1', 'eu-south-2', 'ap-northeast-3', 'ap-southeast-7'],
  ...['sa-east-1', 'ca-west-1', 'me-central-1', 'af-south-1', 'il-central-1', 'mx-central-1', 'cn-north-1'],
  ...['cn-northwest-1', 'us-gov-west-1', 'us-gov-east-1', 'us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1'],
  ...['eusc-de-east-1', 'us-isof-south-1', 'aws-global', 'aws-cn-global', 'fips-us-east-1', 'us-east-1-fips'],
  ...['s3-external-1', 'auto', 'garage', 'fr-par', 'eu-central-99', 'us-east-0', 'nyc3', 'local', 'x'],
];
const ENDPOINTS: readonly (string | undefined)[] = [
  ...[undefined, 'http://127.0.0.1:9000', 'http://127.0.0.1', 'http://localhost:9000', 'https://s3.example.com/'],
  ...[
    'https://s3.example.com:443',
    'https://s3.example.com:8443',
    'http://minio',
    'http://minio:80',
    'http://127.1:9000',
  ],
  ...['https://account.r2.cloudflarestorage.com', 'https://s3.eu-central-1.amazonaws.com', 'https://s3.amazonaws.com'],
  ...['http://127.0.0.1:9000/base/', 'http://[::1]:9000', 'https://S3.Example.com', 'https://s3.example.com/?x=1'],
  ...[
    'http://0x7f000001',
    'http://1.2.3.4.5',
    'https://site.s3.example.com',
    'https://my_minio.example',
    'http://user@minio',
  ],
  ...['https://bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com', 'https://storage.googleapis.com'],
];

/** Compares the address with the one of the SDK; resolves with whether there was one to compare. */
async function isEqual(bucket: string, region: string, options: AddressOptions): Promise<boolean> {
  const own = plainAddress(bucket, region, options);
  if (own === undefined) return false;
  const { endpointUrl, forcePathStyle, secure } = options;
  const client = new S3Client({
    region,
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    forcePathStyle,
    tls: secure,
    ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
  });
  const what = JSON.stringify([bucket, region, options]);
  assert.deepEqual(own, await resolveEndpoint(client, bucket)(region), what);
  client.destroy();
  return true;
}

for (const endpointUrl of ENDPOINTS) {
  test(`an address at ${endpointUrl ?? 'AWS'} is that of the SDK, or is left to it`, async () => {
    for (const bucket of NAMES)
      for (const region of REGIONS)
        for (const forcePathStyle of [false, true])
          for (const secure of [true, false]) await isEqual(bucket, region, { endpointUrl, forcePathStyle, secure });
  });
}

test('an address of any plain name, region and endpoint is that of the SDK', async () => {
  const label = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,30}[a-z0-9]$/);
  const region = fc.oneof(
    fc.stringMatching(/^(?:us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov)-[a-z]{1,9}-[0-9]$/),
    fc.stringMatching(/^[a-z0-9]{1,8}(?:-[a-z0-9]{1,8}){0,3}$/),
  );
  const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
  const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
  const url = fc
    .tuple(fc.constantFrom('http', 'https'), fc.oneof(host, fc.ipV4()), port, fc.constantFrom('', '/'))
    .map(([scheme, name, number, end]) => `${scheme}://${name}${number === undefined ? '' : `:${number}`}${end}`);
  const endpoint = fc.option(url, { nil: undefined });
  await fc.assert(
    fc.asyncProperty(label, region, endpoint, fc.boolean(), async (bucket, where, endpointUrl, forcePathStyle) => {
      await isEqual(bucket, where, { endpointUrl, forcePathStyle, secure: true });
    }),
    runs(400),
  );
});

test('the usual buckets, regions and servers need no SDK', async () => {
  const aws = { endpointUrl: undefined, forcePathStyle: false, secure: true };
  for (const region of ['us-east-1', 'eu-central-1', 'ap-southeast-7', 'cn-north-1', 'us-gov-west-1'])
    assert.ok(await isEqual('site', region, aws), region);
  for (const endpointUrl of ['http://127.0.0.1:9000', 'https://s3.example.com', 'http://localhost:9000'])
    for (const forcePathStyle of [false, true])
      assert.ok(await isEqual('site', 'us-east-1', { endpointUrl, forcePathStyle, secure: true }), endpointUrl);
});
