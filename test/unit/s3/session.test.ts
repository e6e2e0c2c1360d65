import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import type { Address } from '../../../src/s3/address.js';
import { resolveEndpoint } from '../../../src/s3/sdk/client.js';
import { openSession, type Session } from '../../../src/s3/session.js';
import { until } from '../../support/until.js';

type Config = ConstructorParameters<typeof S3Client>[0];
const clientFor = (config: Config = {}): S3Client =>
  new S3Client({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, ...config });
const address = (bucket: string, config: Config): Promise<Address> =>
  resolveEndpoint(clientFor(config), bucket)('us-east-1');

const ROWS: readonly (readonly [bucket: string, config: Parameters<typeof address>[1], expected: Partial<Address>])[] =
  [
    ['site', {}, { origin: 'https://site.s3.us-east-1.amazonaws.com', basePath: '', plain: true, secure: true }],
    ['a.b', {}, { origin: 'https://s3.us-east-1.amazonaws.com', basePath: '/a.b', plain: true }],
    ['site', { forcePathStyle: true }, { origin: 'https://s3.us-east-1.amazonaws.com', basePath: '/site' }],
    ['site', { useFipsEndpoint: true }, { host: 'site.s3-fips.us-east-1.amazonaws.com', plain: true }],
    ['site', { useDualstackEndpoint: true }, { host: 'site.s3.dualstack.us-east-1.amazonaws.com' }],
    ['site', { useAccelerateEndpoint: true }, { host: 'site.s3-accelerate.amazonaws.com', plain: true }],
    ['site', { tls: false }, { origin: 'http://site.s3.us-east-1.amazonaws.com', secure: false }],
    [
      'site',
      { endpoint: 'http://127.0.0.1:9000/base/', forcePathStyle: true },
      { origin: 'http://127.0.0.1:9000', host: '127.0.0.1:9000', basePath: '/base/site', plain: true, secure: false },
    ],
    ['site', { endpoint: 'https://s3.example.com' }, { origin: 'https://site.s3.example.com', basePath: '' }],
    [
      'arn:aws:s3:us-east-1:123456789012:accesspoint/point',
      {},
      { host: 'point-123456789012.s3-accesspoint.us-east-1.amazonaws.com', plain: true },
    ],
    ['site--use1-az4--x-s3', {}, { plain: false, signingName: 's3express' }],
    ['arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', {}, { plain: false }],
    [
      'arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-01234567890123456/accesspoint/point',
      {},
      { plain: false, signingName: 's3-outposts' },
    ],
  ];
for (const [bucket, config, expected] of ROWS) {
  test(`${bucket} with ${JSON.stringify(config)} is at ${JSON.stringify(expected)}`, async () => {
    const found: Partial<Address> = await address(bucket, config);
    for (const [name, value] of Object.entries(expected)) assert.equal(found[name as keyof Address], value, name);
  });
}

test('in another region the bucket has another address', async () => {
  const resolve = resolveEndpoint(clientFor(), 'site');
  assert.equal((await resolve('us-east-1')).signingRegion, 'us-east-1');
  const moved = await resolve('eu-west-1');
  assert.deepEqual([moved.host, moved.signingRegion], ['site.s3.eu-west-1.amazonaws.com', 'eu-west-1']);
});

/** Where the sessions of these tests begin. */
const START = { region: 'us-east-1', resolveAddress: resolveEndpoint(clientFor(), 'site') };

interface Setup {
  readonly session: Session;
  /** Number of calls of the provider. */
  readonly calls: () => number;
}

/** A session whose provider returns credentials that are valid for these minutes, one after the other, or fails. */
async function sessionWith(minutes: readonly (number | undefined | Error)[]): Promise<Setup> {
  let calls = 0;
  const provider = async () => {
    const given = minutes[Math.min(calls, minutes.length - 1)];
    calls += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (given instanceof Error) throw given;
    const identity = { accessKeyId: `key${calls}`, secretAccessKey: 's' };
    return given === undefined ? identity : { ...identity, expiration: new Date(Date.now() + given * 60_000) };
  };
  return { session: await openSession({ ...START, provider }), calls: () => calls };
}

test('concurrent requests share one call for credentials, which are then available without waiting', async () => {
  const { session, calls } = await sessionWith([undefined]);
  const all = await Promise.all(Array.from({ length: 20 }, () => session.credentials()));
  assert.deepEqual(new Set(all.map(({ accessKeyId }) => accessKeyId)), new Set(['key1']));
  assert.ok(!(session.credentials() instanceof Promise));
  assert.equal(calls(), 1);
});

test('credentials with less than 5 minutes left are refreshed once', async (t) => {
  const { session, calls } = await sessionWith([6, 60]);
  await session.credentials();
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * 60_000 });
  const all = Array.from({ length: 20 }, () => session.credentials());
  assert.ok(
    all.every((one) => !(one instanceof Promise) && one.accessKeyId === 'key1'),
    'the old ones are used meanwhile',
  );
  while ((await session.credentials()).accessKeyId === 'key1') await sleep(5);
  assert.equal((await session.credentials()).accessKeyId, 'key2');
  assert.equal(calls(), 2);
});

test('requests wait for new credentials if the old ones have half a minute left', async (t) => {
  const { session } = await sessionWith([6, 60]);
  await session.credentials();
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 5 * 60_000 + 40_000 });
  assert.equal((await session.credentials()).accessKeyId, 'key2');
});

test('onCredentials is called once with all new credentials before they are used', async () => {
  let count = 0;
  const provider = async () => ({ accessKeyId: `key${++count}`, secretAccessKey: `secret${count}` });
  const secrets: string[] = [];
  const onCredentials = (one: { readonly secretAccessKey: string }) => void secrets.push(one.secretAccessKey);
  const session = await openSession({ ...START, provider, onCredentials });
  const first = await session.credentials();
  await session.credentials();
  await session.refresh(first);
  assert.deepEqual(secrets, ['secret1', 'secret2']);
});

test('if an early refresh fails, the old credentials are used until they expire', async (t) => {
  const { session, calls } = await sessionWith([6, new Error('no service')]);
  await session.credentials();
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * 60_000 });
  assert.equal((await session.credentials()).accessKeyId, 'key1');
  await until(() => calls() === 2);
  // The provider fails some milliseconds after the call.
  await sleep(50);
  assert.equal((await session.credentials()).accessKeyId, 'key1');
  t.mock.timers.tick(5 * 60_000);
  await assert.rejects(async () => await session.credentials(), /no service/);
});

test('expired credentials are refreshed once, and the refresh returns whether they differ', async () => {
  const { session, calls } = await sessionWith([undefined, undefined]);
  const old = await session.credentials();
  const [first, second] = await Promise.all([session.refresh(old), session.refresh(old)]);
  assert.deepEqual([first, second, calls()], [true, true, 2]);
  assert.equal(await session.refresh(old), true);
  assert.equal(calls(), 2);
});
