import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenBucket } from '../../../src/s3/open.js';
import { serverOf } from '../../../src/shards/server.js';

const TABLE: readonly (readonly [endpoint: string | undefined, region: string, server: string])[] = [
  [undefined, 'us-east-1', 'AWS S3'],
  [undefined, 'eu-central-1', 'AWS S3'],
  [undefined, 'cn-north-1', 'AWS S3 (cn)'],
  [undefined, 'us-gov-west-1', 'AWS S3 (us-gov)'],
  [undefined, 'us-iso-east-1', 'AWS S3 (us-iso)'],
  [undefined, 'us-isob-east-1', 'AWS S3 (us-isob)'],
  ['https://s3.eu-central-1.amazonaws.com', 'eu-central-1', 'AWS S3'],
  ['https://s3.dualstack.us-west-2.amazonaws.com/', 'us-west-2', 'AWS S3'],
  ['https://s3.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'AWS S3 (us-gov)'],
  ['https://s3.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'AWS S3 (cn)'],
  ['http://127.0.0.1:9000/', 'us-east-1', 'http://127.0.0.1:9000'],
  ['HTTPS://S3.Example.com:443', 'us-east-1', 'https://s3.example.com'],
  ['https://example.com/s3/', 'us-east-1', 'https://example.com/s3'],
];

for (const [endpoint, region, server] of TABLE)
  test(`the server at ${endpoint ?? 'no endpoint'} in ${region} is ${server}`, () => {
    const access = { region: () => region } as OpenBucket['access'];
    assert.equal(serverOf({ location: endpoint === undefined ? { region } : { endpoint }, access }), server);
  });
