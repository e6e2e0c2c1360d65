import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { phaseOf } from '../../src/site/phases.js';
import { BUILT_SITE, HASHED, PAGES, PUBLIC_SITE, SOURCE_MAPS } from '../support/built-site.js';
import { type CredentialsServer, credentialsServer } from '../support/credentials-server.js';
import { serverFor } from '../support/engine.js';
import { type ExampleStep, exampleNames, exampleSteps } from '../support/example-workflows.js';
import { cloudFrontFor, type FakeCloudFront } from '../support/fake-cloudfront.js';
import { liveSite } from '../support/live-site.js';
import { makeTree, type TreeFiles } from '../support/tree.js';
import { type ActionRun, action } from './action-process.js';

// Runs every step of the example workflows that uses the Action, on a site that has hashed names beside files at fixed addresses.

const YEAR = 'public, max-age=31536000, immutable';
const DAY = 'public, max-age=86400';
const MINUTES = 'public, max-age=600';
const HOUR = 'public, max-age=3600';

const isHashed = (path: string): boolean => path in HASHED;

/** What an example leaves in its buckets. */
interface Expected {
  /** Files of the repository by folder; those of the site in the folders that builds make. */
  readonly folders: Readonly<Record<string, TreeFiles>>;
  /** The Cache-Control of each object that visitors get, by `bucket/key`. */
  readonly objects: Readonly<Record<string, string>>;
}

const DOWNLOADS: TreeFiles = { 'harbour-1.2.zip': 'PK', 'prices.pdf': '%PDF-1.7' };
const PICTURES: TreeFiles = { 'harbour.png': 'PNG', 'map/pier.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>' };

/** Objects below an address, each with the Cache-Control that its path gives it. */
function below(address: string, files: TreeFiles, cacheControl: (path: string) => string): Record<string, string> {
  return Object.fromEntries(Object.keys(files).map((path) => [`${address}/${path}`, cacheControl(path)]));
}

const noCache = (): string => 'no-cache';
const yearIfHashed = (path: string): string => (isHashed(path) ? YEAR : 'no-cache');
/** What `preset: site` gives. */
const byPreset = (path: string): string => (isHashed(path) ? YEAR : phaseOf(path) === 'pages' ? 'no-cache' : MINUTES);
const DAY_OLD = /^images\/|\.ico$/;

/** What the nightly copy finds; no example has put it there. */
const SOURCE_BUCKET = { name: 'my-assets', region: 'eu-central-1' };
const COPIED = below('my-backup/assets', PUBLIC_SITE, yearIfHashed);

/** As builds for other hosts write them. */
const HOST_FILES: TreeFiles = {
  _redirects: '/old /guide/ 301\n',
  _headers: `/images/*\n  Cache-Control: ${DAY}\n`,
};

const EXPECTED: Readonly<Record<string, Expected>> = {
  'matrix-folders.yml': {
    folders: { docs: BUILT_SITE, downloads: DOWNLOADS, images: PICTURES },
    objects: {
      ...below('my-site/docs', PUBLIC_SITE, noCache),
      ...below('my-site/downloads', DOWNLOADS, () => HOUR),
      ...below('my-site/images', PICTURES, () => DAY),
    },
  },
  'nightly-copy.yml': { folders: {}, objects: COPIED },
  'preview.yml': { folders: { dist: BUILT_SITE }, objects: below('my-site-previews/pr-42', PUBLIC_SITE, noCache) },
  'r2-minio.yml': {
    folders: { public: BUILT_SITE },
    objects: { ...below('my-site', PUBLIC_SITE, byPreset), ...below('intranet/my-site', PUBLIC_SITE, byPreset) },
  },
  'sharded.yml': { folders: { dist: BUILT_SITE }, objects: below('my-large-site', PUBLIC_SITE, byPreset) },
  'single-page-app.yml': { folders: { dist: BUILT_SITE }, objects: below('my-app', PUBLIC_SITE, byPreset) },
  'site-oidc-rules.yml': {
    folders: { dist: BUILT_SITE },
    objects: below('my-site', PUBLIC_SITE, (path) => (DAY_OLD.test(path) ? DAY : byPreset(path))),
  },
  'whole-site.yml': {
    folders: { dist: { ...BUILT_SITE, ...HOST_FILES } },
    objects: {
      ...below('my-whole-site', PUBLIC_SITE, (path) => (path.startsWith('images/') ? DAY : byPreset(path))),
      'my-whole-site/old': 'no-cache',
    },
  },
};

/** Where the steps of a test run. */
interface Stage {
  readonly cloudfront: FakeCloudFront;
  readonly server: S3Server;
  readonly issuer: CredentialsServer;
  readonly workspace: string;
}

async function stage(t: TestContext, folders: Expected['folders']): Promise<Stage> {
  const server = await serverFor(t, { buckets: [] });
  const files = Object.entries(folders).flatMap(([folder, its]) =>
    Object.entries(its).map(([path, content]): [string, string | Buffer] => [`${folder}/${path}`, content]),
  );
  const issuer = await credentialsServer(t, server);
  const workspace = makeTree(t, Object.fromEntries(files));
  return { server, issuer, workspace, cloudfront: await cloudFrontOf(t, issuer) };
}

/** CloudFront for the credentials of the role that was issued last. */
function cloudFrontOf(t: TestContext, { secrets }: CredentialsServer): Promise<FakeCloudFront> {
  const credentials = {
    get accessKeyId() {
      return `issued-key-${secrets.length - 2}`;
    },
    get secretAccessKey() {
      return secrets.at(-2) ?? '';
    },
  };
  return cloudFrontFor(t, { distributions: { E2EXAMPLE1ABCD: {} }, credentials });
}

/** What expressions of the examples name. The keys of R2 and MinIO are those of the embedded server. */
function contextsOf({ server }: Stage): Readonly<Record<string, string>> {
  const keys = { ACCESS_KEY_ID: server.accessKeyId, SECRET_ACCESS_KEY: server.secretAccessKey };
  return {
    'inputs.dry-run': '',
    'github.event.number': '42',
    'vars.CLOUDFLARE_ACCOUNT_ID': '0123456789abcdef',
    'vars.MINIO_ENDPOINT_URL': 'https://minio.example.com',
    ...Object.fromEntries(Object.entries(keys).map(([name, value]) => [`secrets.R2_${name}`, value])),
    ...Object.fromEntries(Object.entries(keys).map(([name, value]) => [`secrets.MINIO_${name}`, value])),
  };
}

const bucketNamed = (address: string): string => address.replace(/^s3:\/\//, '').split('/', 1)[0] ?? '';

/** Makes the buckets of the steps, in the regions that the steps name. */
function makeBuckets(server: S3Server, steps: readonly ExampleStep[]): readonly string[] {
  const regions = new Map<string, string | undefined>();
  for (const { inputs } of steps) {
    const address = inputs.destination ?? inputs.bucket ?? '';
    regions.set(bucketNamed(address), inputs['dest-region'] ?? inputs.region ?? inputs['aws-region']);
  }
  for (const [name, region] of regions) server.createBucket(name, region === undefined ? {} : { region });
  return [...regions.keys()];
}

/** Not every build has the source maps that the examples leave out. */
const NO_MAPS = 'exclude "*.map" matched nothing.';

/** Runs a step against the embedded server, in place of the endpoint that it names. */
async function runStep(t: TestContext, stage: Stage, step: ExampleStep): Promise<ActionRun> {
  const { server, issuer, workspace, cloudfront } = stage;
  const { 'endpoint-url': endpoint = 'https://', 'verify-url': site, ...given } = step.inputs;
  const live = site === undefined ? undefined : await liveSite(t, server, { bucket: bucketNamed(given.bucket ?? '') });
  const inputs = live === undefined ? given : { ...given, 'verify-url': live.url };
  assert.match(endpoint, /^https:/, `${step.name} uses https`);
  const role = 'role-to-assume' in inputs ? issuer.oidc : {};
  const env = { ...role, AWS_ENDPOINT_URL_CLOUDFRONT: cloudfront.url };
  const ran = await action(t, { ...inputs, 'endpoint-url': server.url }, { workspace, env });
  assert.equal(ran.code, 0, `${step.name}: ${ran.log}`);
  const notes = ran.commands.filter(({ name, text }) => (name === 'warning' || name === 'error') && text !== NO_MAPS);
  assert.deepEqual(notes, [], `${step.name} ends without a warning`);
  assert.equal(ran.outputs.failed ?? '0', '0', step.name);
  if (live !== undefined) assert.equal(ran.outputs['live-check'], 'passed', step.name);
  keepReport(workspace, step, ran);
  return ran;
}

/** What uploading and downloading the artifacts of shards leaves: the report of each, in one folder. */
function keepReport(workspace: string, { inputs: { shard } }: ExampleStep, { outputs }: ActionRun): void {
  if (shard === undefined) return;
  mkdirSync(join(workspace, 'reports'), { recursive: true });
  copyFileSync(outputs['report-path'] ?? '', join(workspace, 'reports', `${Number.parseInt(shard, 10)}.json`));
}

const isCleanUp = ({ inputs }: ExampleStep): boolean => inputs.command === 'delete';
const isDry = ({ inputs }: ExampleStep): boolean => inputs['dry-run'] === 'true';

function cacheControls(server: S3Server, buckets: readonly string[]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    buckets.flatMap((bucket) =>
      server
        .keys(bucket)
        .map((key): [string, string | undefined] => [
          `${bucket}/${key}`,
          server.object(bucket, key)?.headers['cache-control'],
        ]),
    ),
  );
}

test('every example workflow is expected to leave something', () => {
  assert.deepEqual(exampleNames(), Object.keys(EXPECTED).sort());
});

test('what examples are expected to leave is kept for a year only if its name has a hash, and pages are always checked', () => {
  for (const [example, { objects }] of Object.entries(EXPECTED)) {
    for (const [address, cacheControl] of Object.entries(objects)) {
      const path = Object.keys(PUBLIC_SITE).find((known) => address.endsWith(`/${known}`)) ?? '';
      if (cacheControl === YEAR) assert.ok(isHashed(path), `${example}: ${address}`);
      if (path in PAGES) assert.equal(cacheControl, 'no-cache', `${example}: ${address}`);
      assert.doesNotMatch(address, /\.map$/, example);
    }
  }
});

for (const [example, { folders, objects }] of Object.entries(EXPECTED)) {
  test(`${example} puts a built site without warnings, gives a year only to hashed names, and changes nothing when it runs again`, async (t) => {
    const place = await stage(t, folders);
    const { server } = place;
    const all = exampleSteps(example, contextsOf(place));
    const steps = all.filter((step) => !isCleanUp(step));
    assert.notDeepEqual(steps, []);
    const buckets = makeBuckets(server, all);
    seedSource(server);
    for (const step of steps) {
      const before = cacheControls(server, buckets);
      const ran = await runStep(t, place, step);
      if (isDry(step)) assert.deepEqual(cacheControls(server, buckets), before, `${step.name} writes nothing`);
      else if (step.inputs.command !== 'uploads') assert.equal(ran.outputs.changed, 'true', step.name);
    }
    assert.deepEqual(cacheControls(server, buckets), objects);

    // Not every build leaves source maps.
    for (const folder of Object.keys(folders))
      for (const path of Object.keys(SOURCE_MAPS)) rmSync(join(place.workspace, folder, path), { force: true });
    server.clearRequests();
    for (const step of steps) {
      const ran = await runStep(t, place, step);
      assert.notEqual(ran.outputs.changed, 'true', `${step.name}, again`);
    }
    const written = server.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
    assert.deepEqual(
      written.map(({ verb, key }) => `${verb} ${key}`),
      [],
    );
    await cleanUp(t, place, all.filter(isCleanUp));
  });
}

/** Runs the steps that delete what the others have left, and nothing beside it. */
async function cleanUp(t: TestContext, place: Stage, steps: readonly ExampleStep[]): Promise<void> {
  for (const step of steps) {
    const bucket = bucketNamed(step.inputs.bucket ?? '');
    const beside = ['pr-4/index.html', 'pr-420/index.html', 'pr-42.html'];
    for (const key of beside) place.server.seed(bucket, key, 'another');
    const ran = await runStep(t, place, step);
    assert.equal(ran.outputs.changed, 'true', step.name);
    assert.deepEqual(place.server.keys(bucket), [...beside].sort(), step.name);
  }
}

/** The bucket that the nightly copy reads. */
function seedSource(server: S3Server): void {
  server.createBucket(SOURCE_BUCKET.name, { region: SOURCE_BUCKET.region });
  for (const [path, content] of Object.entries(PUBLIC_SITE))
    server.seed(SOURCE_BUCKET.name, path, content, { headers: { 'cache-control': yearIfHashed(path) } });
  server.seed(SOURCE_BUCKET.name, 'tmp/draft.html', 'draft');
}
