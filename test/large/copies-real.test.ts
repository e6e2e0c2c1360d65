import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { put, type RunEvent } from '../../src/index.js';
import { programOf } from '../servers/install.js';
import { KEYS, KNOWN_SERVERS } from '../servers/known-servers.js';
import { startServer } from '../servers/start-server.js';
import { connection, runCopy } from '../support/engine.js';
import { realUploads } from './real-uploads.js';

const CLI = fileURLToPath(new URL('../../dist/lib/cli/main.js', import.meta.url));
const SIZE = 5.25 * 1024 ** 3;
const PART = 16 * 1024 * 1024;

const versitygw = KNOWN_SERVERS.find(({ name }) => name === 'versitygw');
const missing = versitygw === undefined || !existsSync(programOf(versitygw));
const skip = missing && 'versitygw is not in the cache: npm run test:servers -- --install';

function startCopy(url: string, cwd: string): ChildProcess {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: cwd,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return spawn(process.execPath, [CLI, 'copy', 's3://from', 's3://site', '--endpoint-url', url], {
    env,
    stdio: 'ignore',
  });
}

test('an object of more than 5 GiB on versitygw is copied by ranges, and killed half-way only the rest', {
  skip,
}, async (t) => {
  if (versitygw === undefined) throw new TypeError('versitygw is known');
  const server = await startServer(versitygw, AbortSignal.timeout(600_000));
  t.after(() => server.stop());
  await server.ready;
  const { endpoint } = server;
  const folder = mkdtempSync(join(tmpdir(), 's3pp-large-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const sparse = join(folder, 'sparse.bin');
  writeFileSync(sparse, '');
  truncateSync(sparse, SIZE);
  const real = realUploads(endpoint, 'site');
  await Promise.all([real.make(), realUploads(endpoint, 'from').make()]);
  await put({ source: sparse, bucket: 'from', partSize: PART, ...connection(endpoint) });
  // A copy is resumed only if it certainly began after its source was created.
  await sleep(6_000);

  const child = startCopy(endpoint.url, folder);
  let stored = new Set<number>();
  for (const deadline = Date.now() + 60_000; stored.size < 100 && Date.now() < deadline; ) {
    await sleep(100);
    const [upload] = await real.uploads();
    if (upload !== undefined) stored = await real.parts('sparse.bin', upload);
  }
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  const [upload = ''] = await real.uploads();
  // The server still completes earlier requests.
  for (let before = -1; before !== stored.size; ) {
    before = stored.size;
    await sleep(2_000);
    stored = await real.parts('sparse.bin', upload);
  }
  const events: RunEvent[] = [];
  const ran = await runCopy(endpoint, { onEvent: (event) => events.push(event) });
  assert.equal(ran.error, undefined);
  const all = Math.ceil(SIZE / PART);
  const copied = events.filter((event) => event.type === 'request' && event.verb === 'UploadPartCopy').length;
  t.diagnostic(`${stored.size} of ${all} parts were there when it was killed; ${copied} were copied then`);
  assert.ok(stored.size > 0 && stored.size < all);
  assert.equal(copied, all - stored.size);

  const { accessKeyId, secretAccessKey } = KEYS;
  const client = new S3Client({
    ...{ endpoint: endpoint.url, region: 'us-east-1' },
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  const etag = async (Bucket: string) => (await client.send(new HeadObjectCommand({ Bucket, Key: 'sparse.bin' }))).ETag;
  assert.equal(await etag('site'), await etag('from'));
  client.destroy();
  const again = await runCopy(endpoint);
  assert.deepEqual([again.keys('copy'), again.report.requests], [[], { ListObjectsV2: 2 }]);
});
