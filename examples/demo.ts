// A tour: puts a real site into an S3 server inside this program. `npm run demo`
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type S3Server, startS3Server } from 'fake-s3';
import { put, type Report, type Rule } from '../src/index.js';
import { originsOfPut } from '../src/report/origin.js';
import { outcomeText, summaryText } from '../src/report/text.js';

// Hides the SDK's warning that its support of Node 20 ends.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const BUCKET = 'demo';
const SITE = path.join(import.meta.dirname, 'site');

const heading = (text: string): void => console.log(`\n── ${text}\n`);

/** Puts the site and prints a line per object, as the command line does with --verbose. */
async function run(server: S3Server, rules: readonly Rule[] = []): Promise<Report> {
  const { url, region, accessKeyId, secretAccessKey } = server;
  server.clearRequests();
  const source = path.relative(process.cwd(), SITE);
  const job = put({
    source,
    bucket: BUCKET,
    preset: 'site',
    order: 'site',
    rules,
    endpointUrl: url,
    region,
    credentials: { accessKeyId, secretAccessKey },
  });
  const origins = originsOfPut([source], '');
  for await (const outcome of job)
    console.log(outcomeText(outcome, { dryRun: false, origins, verbose: outcome.action === 'metadata' }));
  const report = await job;
  console.log(`\n${summaryText(report)}`);
  const seen = server.requests.map(({ verb }) => verb);
  const verbs = new Set<(typeof seen)[number]>(['ListObjectsV2', 'HeadObject', 'PutObject', ...seen]);
  console.log(`The server saw: ${[...verbs].map((verb) => `${server.count(verb)} ${verb}`).join(', ')}.`);
  return report;
}

/** Prints the content types of the objects, with an example of each. */
function printTypes(server: S3Server): void {
  const byType = new Map<string, string[]>();
  for (const key of server.keys(BUCKET)) {
    const type = server.object(BUCKET, key)?.headers['content-type'] ?? '';
    byType.set(type, [...(byType.get(type) ?? []), key]);
  }
  for (const [type, [first, ...more]] of [...byType].sort()) {
    console.log(`${type.padEnd(41)}${first}${more.length === 0 ? '' : ` and ${more.length} more`}`);
  }
  assert.equal(server.object(BUCKET, 'wasm/price.wasm')?.headers['content-type'], 'application/wasm');
}

/** Fetches an object with a signed request, and prints the status and the headers that a browser would get. */
async function fetchBack(server: S3Server, key: string): Promise<Uint8Array> {
  const { url: endpoint, region, accessKeyId, secretAccessKey } = server;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { statusCode, headers } = result.response as { statusCode: number; headers: Record<string, string> };
      console.log(`GET ${endpoint}/${BUCKET}/${key}: ${statusCode}`);
      for (const [name, value] of Object.entries(headers)) console.log(`  ${name}: ${value}`);
      return result;
    },
    { step: 'deserialize' },
  );
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    assert.ok(Body !== undefined, 'the response has a body');
    return await Body.transformToByteArray();
  } finally {
    client.destroy();
  }
}

const names = readdirSync(SITE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const files = names.map((entry) => path.relative(SITE, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

const server = await startS3Server({ buckets: [BUCKET] });
try {
  heading(`1. An S3 server is running at ${server.url}, with an empty bucket`);
  console.log(`examples/site has ${files.length} files.`);

  heading('2. First run: everything is new');
  const first = await run(server);
  assert.equal(first.counts.put, files.length);
  assert.equal(server.count('PutObject'), files.length);
  assert.deepEqual(server.keys(BUCKET).sort(), files.sort());

  heading('3. The content types of the objects');
  printTypes(server);

  heading('4. One page, fetched back');
  const page = await fetchBack(server, 'index.html');
  assert.deepEqual(Buffer.from(page), readFileSync(path.join(SITE, 'index.html')));
  console.log('Its bytes equal examples/site/index.html.');

  heading('5. Second run: nothing has changed, so nothing is sent; one HEAD each compares the headers');
  const second = await run(server);
  assert.equal(second.counts.skip, files.length);
  assert.equal(second.bytes, 0);
  assert.equal(server.count('PutObject'), 0);

  heading('6. A rule for images: their headers change, and nothing is sent');
  const third = await run(server, [{ match: 'images/**', cacheControl: 'public, max-age=86400' }]);
  assert.equal(third.bytes, 0);
  assert.equal(server.count('PutObject'), 0);
} finally {
  await server.close();
}
