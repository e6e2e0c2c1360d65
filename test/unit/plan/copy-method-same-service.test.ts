import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameService } from '../../../src/plan/copy-method.js';

type Place = readonly [endpointUrl?: string | undefined, region?: string];

for (const [a, b, same] of [
  [[], [], true],
  [[undefined, 'us-east-1'], [undefined, 'eu-west-1'], true],
  [['https://s3.eu-west-1.amazonaws.com', 'eu-west-1'], [], true],
  [['https://s3.dualstack.us-east-2.amazonaws.com'], ['https://s3.amazonaws.com'], true],
  [[undefined, 'cn-north-1'], [], false],
  [[undefined, 'cn-north-1'], [undefined, 'cn-northwest-1'], true],
  [['https://s3.cn-north-1.amazonaws.com.cn', 'cn-north-1'], [undefined, 'cn-north-1'], true],
  [['https://s3.cn-north-1.amazonaws.com.cn'], [undefined, 'cn-north-1'], true],
  [[undefined, 'us-gov-west-1'], [], false],
  [[undefined, 'us-gov-west-1'], [undefined, 'us-gov-east-1'], true],
  [[undefined, 'us-gov-west-1'], ['https://s3.us-gov-east-1.amazonaws.com', 'us-gov-east-1'], true],
  [['http://127.0.0.1:9000'], ['http://127.0.0.1:9000'], true],
  [['http://127.0.0.1:9000', 'a'], ['http://127.0.0.1:9000', 'b'], true],
  [['http://127.0.0.1:9000'], ['http://127.0.0.1:9001'], false],
  [['http://127.0.0.1:9000'], [], false],
  [['https://minio.example.com'], ['https://s3.amazonaws.com.example.com'], false],
  [['https://notamazonaws.com'], [], false],
] as const satisfies readonly (readonly [Place, Place, boolean])[])
  test(`${a.join(' ') || 'S3'} and ${b.join(' ') || 'S3'} are ${same ? 'one service' : 'two services'}`, () => {
    const served = ([endpointUrl, region]: Place) => ({ endpointUrl, region });
    assert.equal(sameService(served(a), served(b)), same);
    assert.equal(sameService(served(b), served(a)), same);
  });
