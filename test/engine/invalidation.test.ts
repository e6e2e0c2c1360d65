import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { AbortError, InvalidationError, PartialFailureError, RunStoppedError, UsageError } from '../../src/errors.js';
import type { PutOptions } from '../../src/index.js';
import { startPut } from '../../src/put.js';
import { connection, follow, IMPATIENT, type Ran, run, serverFor } from '../support/engine.js';
import { cloudFrontFor, type FakeCloudFrontOptions } from '../support/fake-cloudfront.js';
import { makeTree, type TreeFiles } from '../support/tree.js';

/** A distribution whose origin is the folder `live` of the bucket. */
const LIVE = [{ id: 's3', domain: 'site.s3.eu-central-1.amazonaws.com', path: '/live' }];

interface World {
  readonly server: S3Server;
  readonly cloudfront: Awaited<ReturnType<typeof cloudFrontFor>>;
  readonly put: (options?: Partial<PutOptions>) => Promise<Ran>;
}

/** A bucket with old objects below `live/`, and a put of other files there. */
async function worldOf(
  t: TestContext,
  old: TreeFiles,
  files: TreeFiles,
  options: FakeCloudFrontOptions = {},
): Promise<World> {
  const server = await serverFor(t);
  const cloudfront = await cloudFrontFor(t, { distributions: { E1: { origins: LIVE } }, ...options });
  for (const [path, body] of Object.entries(old)) server.seed('site', `live/${path}`, body);
  const source = makeTree(t, files);
  const put = (more: Partial<PutOptions> = {}): Promise<Ran> =>
    run(server, { source, prefix: 'live', cloudfrontDistributionId: 'E1', ...more });
  return { server, cloudfront, put };
}

const warningOf = (ran: Ran, code: string): string | undefined =>
  ran.events.flatMap((event) => (event.type === 'warning' && event.code === code ? event.message : []))[0];

const OLD = { 'index.html': 'old', 'docs/index.html': 'old', 'a b*.css': 'old', 'gone.txt': 'old', 'same.txt': 'same' };
const NEW = {
  'index.html': 'home!',
  'docs/index.html': 'docs!',
  'a b*.css': 'css!',
  'same.txt': 'same',
  'new.txt': 'new',
};
const CHANGED = ['/', '/a%20b%2A.css', '/docs', '/docs/', '/docs/index.html', '/index.html'];

test('nothing is requested of CloudFront where nothing changes', async (t) => {
  const { cloudfront, put } = await worldOf(t, OLD, OLD);
  for (const more of [{}, { invalidationPaths: '/*' }, { order: 'site' as const, delete: true }, { dryRun: true }]) {
    const ran = await put(more);
    assert.equal(ran.error, undefined);
    assert.equal(ran.report.invalidations, undefined);
  }
  assert.deepEqual(cloudfront.requests, []);
});

for (const order of ['none', 'site'] as const)
  test(`what changed is invalidated with its other URLs, and what is new is not (order ${order})`, async (t) => {
    const { server, cloudfront, put } = await worldOf(t, OLD, NEW);
    const ran = await put({ order, delete: true });
    assert.equal(ran.error, undefined);
    assert.deepEqual(cloudfront.paths('E1'), [...CHANGED, '/gone.txt'].sort());
    assert.deepEqual(cloudfront.requests, ['GetDistributionConfig E1', 'CreateInvalidation E1']);
    const [invalidation] = ran.report.invalidations ?? [];
    assert.deepEqual([...(invalidation?.paths ?? [])].sort(), cloudfront.paths('E1'));
    assert.deepEqual(
      { ...invalidation, paths: [] },
      { distributionId: 'E1', id: 'I1', paths: [], status: 'completed' },
    );
    assert.ok(ran.events.some((event) => event.type === 'phase' && event.phase === 'invalidation'));
    assert.equal(server.object('site', 'live/gone.txt'), undefined);
    await put({ order, delete: true });
    assert.equal(cloudfront.invalidations.length, 1);
  });

test('headers that change are invalidated too', async (t) => {
  const { cloudfront, put } = await worldOf(t, {}, { 'a.css': 'a', 'b.css': 'b' });
  await put();
  assert.deepEqual(cloudfront.paths('E1'), []);
  const ran = await put({ updateHeaders: true, rules: [{ match: 'a.css', cacheControl: 'no-cache' }] });
  assert.equal(ran.error, undefined);
  assert.deepEqual(ran.keys('metadata'), ['live/a.css']);
  assert.deepEqual(cloudfront.paths('E1'), ['/a.css']);
});

test('new keys are invalidated where the distribution keeps errors for them, and all where an error page changed', async (t) => {
  const rows = [
    { errors: [{ code: 404, seconds: 300 }], paths: ['/a.css', '/new.css'] },
    { errors: [{ code: 403, page: '/404.html' }], paths: ['/a.css', '/new.css'] },
    { errors: [{ code: 404, seconds: 60 }], paths: ['/a.css'] },
    { errors: [{ code: 500, page: '/a.css', seconds: 300 }], paths: ['/a.css'] },
    { errors: [{ code: 404, page: '/a.css' }], paths: ['/*'] },
  ];
  for (const { errors, paths } of rows) {
    const distributions = { E1: { origins: LIVE, errors } };
    const { cloudfront, put } = await worldOf(
      t,
      { 'a.css': 'old' },
      { 'a.css': 'a', 'new.css': 'b' },
      { distributions },
    );
    const ran = await put();
    assert.equal(ran.error, undefined);
    assert.deepEqual(cloudfront.paths('E1'), paths);
  }
});

test('copies of a URL by query string, header or cookie are covered by a wildcard', async (t) => {
  for (const policy of ['query', 'headers', 'cookies', 'nothing'] as const) {
    const distributions = {
      E1: { origins: LIVE, behaviors: [{ pattern: '/img/*', policy: 'P1' }], defaultBehavior: { policy: 'P2' } },
    };
    const options = { distributions, policies: { P1: policy, P2: 'nothing' as const } };
    const old = { 'img/a.png': 'old', 'b.png': 'old' };
    const { cloudfront, put } = await worldOf(t, old, { 'img/a.png': 'a', 'b.png': 'b' }, options);
    const ran = await put();
    assert.equal(ran.error, undefined);
    assert.deepEqual(cloudfront.paths('E1'), ['/b.png', policy === 'nothing' ? '/img/a.png' : '/img/a.png*']);
    assert.equal(cloudfront.count('GetCachePolicy'), 2);
  }
});

test('a distribution that may not be read has its keys invalidated as they are, which is said once', async (t) => {
  const { cloudfront, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' });
  cloudfront.deny('GetDistributionConfig');
  const ran = await put();
  assert.equal(ran.error, undefined);
  assert.deepEqual(cloudfront.paths('E1'), ['/live/a.css']);
  assert.match(warningOf(ran, 'distribution-unreadable') ?? '', /cloudfront:GetDistributionConfig/);
});

test('cache policies that may not be read are said once, and all else of the distribution counts', async (t) => {
  const distributions = {
    E1: { origins: LIVE, defaultBehavior: { policy: 'P1' }, behaviors: [{ pattern: '/x', policy: 'P2' }] },
  };
  const { cloudfront, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' }, { distributions });
  cloudfront.deny('GetCachePolicy');
  const ran = await put();
  assert.equal(ran.error, undefined);
  assert.deepEqual(cloudfront.paths('E1'), ['/a.css']);
  assert.match(warningOf(ran, 'distribution-unreadable') ?? '', /cloudfront:GetCachePolicy/);
});

test('warnings about paths name every distribution', async (t) => {
  const elsewhere = { origins: [{ id: 's3', domain: 'site.s3.eu-central-1.amazonaws.com', path: '/other' }] };
  const distributions = { E1: elsewhere, E2: { origins: LIVE }, E3: elsewhere };
  const { server, cloudfront, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' }, { distributions });
  const ids = { cloudfrontDistributionId: ['E1', 'E2', 'E3'] };
  const first = await put(ids);
  assert.match(warningOf(first, 'distribution-of-other-keys') ?? '', /in the distributions E1, E3: /);
  server.seed('site', 'live/a.css', 'old');
  cloudfront.deny('GetDistributionConfig');
  const second = await put(ids);
  assert.match(warningOf(second, 'distribution-unreadable') ?? '', /of the distributions E1, E2, E3 may not be read/);
});

test('an explicit list is sent as it is to every distribution, also where only something new was put', async (t) => {
  const distributions = { E1: {}, E2: {} };
  const { cloudfront, put } = await worldOf(t, {}, { 'a.css': 'a' }, { distributions });
  cloudfront.deny('GetDistributionConfig');
  const ran = await put({
    cloudfrontDistributionId: ['E1', 'E2', 'E1'],
    invalidationPaths: ['/docs/ü', '/a%20b', '/*'],
  });
  assert.equal(ran.error, undefined);
  assert.equal(warningOf(ran, 'distribution-unreadable'), undefined);
  for (const id of ['E1', 'E2']) assert.deepEqual(cloudfront.paths(id), ['/*', '/a%20b', '/docs/%C3%BC']);
  assert.equal(cloudfront.invalidations.length, 2);
});

test('a distribution that does not exist stops a run before its first write', async (t) => {
  const { server, cloudfront, put } = await worldOf(
    t,
    { 'stray.txt': 'stray' },
    { 'index.html': 'home', 'a.css': 'a' },
  );
  for (const more of [{}, { order: 'site' as const, delete: true }, { dryRun: true }, { invalidationPaths: '/*' }]) {
    const ran = await put({ ...more, cloudfrontDistributionId: ['E1', 'E2'] });
    assert.ok(ran.error instanceof UsageError, String(ran.error));
    assert.match(ran.error.message, /"E2", which is no distribution of this account/);
    assert.match(ran.error.hint ?? '', /aws cloudfront list-distributions/);
    if (more.dryRun !== true) assert.deepEqual(ran.outcomes, []);
    assert.deepEqual(server.keys('site'), ['live/stray.txt']);
    assert.equal(server.count('PutObject') + server.count('DeleteObjects'), 0);
  }
  assert.equal(cloudfront.count('CreateInvalidation'), 0);
});

test('a dry run says what it would invalidate, and invalidates nothing', async (t) => {
  const { server, cloudfront, put } = await worldOf(t, OLD, NEW);
  const ran = await put({ dryRun: true });
  assert.equal(ran.error, undefined);
  assert.deepEqual(
    ran.report.invalidations?.map(({ paths, ...rest }) => ({ ...rest, paths: [...paths].sort() })),
    [{ distributionId: 'E1', paths: CHANGED, status: 'planned' }],
  );
  assert.deepEqual(cloudfront.requests, ['GetDistributionConfig E1']);
  server.clearRequests();
  cloudfront.clear();
  const blind = await put({ dryRun: true, mode: 'stupid' });
  assert.equal(blind.report.invalidations?.[0]?.status, 'planned');
  assert.deepEqual([cloudfront.requests.length, server.requests.length], [0, 0]);
});

test('throttled requests and lost ones are sent again, and make one invalidation', async (t) => {
  const { cloudfront, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' });
  cloudfront.fail('GetDistributionConfig', 'Throttling', 400, 2);
  cloudfront.fail('CreateInvalidation', 'Throttling', 400, 2);
  cloudfront.fail('CreateInvalidation', 'ServiceUnavailable', 503, 2);
  const ran = await put();
  assert.equal(ran.error, undefined);
  assert.equal(cloudfront.count('CreateInvalidation'), 5);
  assert.deepEqual(cloudfront.paths('E1'), ['/a.css']);
});

test('a dry run that cannot plan an invalidation says of no upload that it is complete', async (t) => {
  const { cloudfront, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' });
  cloudfront.fail('GetDistributionConfig', 'InvalidArgument', 400, Number.POSITIVE_INFINITY);
  const { error } = await put({ dryRun: true });
  assert.ok(error instanceof InvalidationError, String(error));
  assert.match(error.message, /^An upload would not be invalidated in E1: .*InvalidArgument/);
  assert.match(error.hint ?? '', /^Nothing was written: fix this before the upload\.$/);
});

test('too many invalidations in progress are waited for', async (t) => {
  const { cloudfront, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' });
  cloudfront.fail('CreateInvalidation', 'TooManyInvalidationsInProgress', 400, 12);
  const ran = await put();
  assert.equal(ran.error, undefined);
  assert.equal(cloudfront.count('CreateInvalidation'), 13);
  assert.match(warningOf(ran, 'invalidations-in-progress') ?? '', /E1/);
});

test('too many invalidations in progress for ever are an error with the command to do it by hand', async (t) => {
  const { cloudfront, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' });
  cloudfront.fail('CreateInvalidation', 'TooManyInvalidationsInProgress', 400, Number.POSITIVE_INFINITY);
  const ran = await put();
  assert.ok(ran.error instanceof InvalidationError);
  assert.match(String(ran.error.message), /the invalidation in E1 failed: .*TooManyInvalidationsInProgress/);
  assert.match(String(ran.error.hint), /aws cloudfront create-invalidation --distribution-id E1 --paths "\/a\.css"/);
  assert.equal(ran.report.counts.put, 1);
  assert.equal(ran.report.invalidations?.[0]?.status, 'failed');
});

test('an invalidation is waited for where that is wanted', async (t) => {
  const { cloudfront, put } = await worldOf(
    t,
    { 'a.css': 'old' },
    { 'a.css': 'a' },
    { polls: 3, distributions: { E1: {} } },
  );
  const ran = await put({ waitForInvalidation: true });
  assert.equal(ran.error, undefined);
  assert.equal(cloudfront.count('GetInvalidation'), 3);
  assert.equal(ran.report.invalidations?.[0]?.status, 'completed');
});

test('without that it is only created', async (t) => {
  const { cloudfront, put } = await worldOf(
    t,
    { 'a.css': 'old' },
    { 'a.css': 'a' },
    { polls: 3, distributions: { E1: {} } },
  );
  const ran = await put();
  assert.equal(cloudfront.count('GetInvalidation'), 0);
  assert.equal(ran.report.invalidations?.[0]?.status, 'created');
});

for (const denied of [false, true])
  test(`more wildcards than CloudFront takes are sent one lot after the other${denied ? ', also where none may be read' : ''}`, async (t) => {
    const { cloudfront, put } = await worldOf(
      t,
      { 'a.css': 'old' },
      { 'a.css': 'a' },
      { polls: 2, distributions: { E1: {} } },
    );
    if (denied) cloudfront.deny('GetInvalidation');
    const paths = Array.from({ length: 40 }, (_, index) => `/${index}/*`);
    const singles = Array.from({ length: 3_100 }, (_, index) => `/${index}`);
    const ran = await put({ invalidationPaths: [...paths, ...singles] });
    assert.equal(ran.error, undefined);
    assert.deepEqual(cloudfront.paths('E1'), [...paths, ...singles].sort());
    const wildcards = cloudfront.invalidations.map((one) => one.paths.filter((path) => path.endsWith('*')).length);
    assert.deepEqual(wildcards, [15, 15, 10]);
    assert.deepEqual(
      cloudfront.invalidations.map(({ reference }) => /-(\d+)-[0-9a-f]{16}$/.exec(reference)?.[1]),
      ['1', '2', '3'],
    );
  });

test('no more paths than wanted are sent', async (t) => {
  const files = (body: string): TreeFiles =>
    Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${'abc'[index % 3]}/${index}.png`, body]));
  const { cloudfront, put } = await worldOf(
    t,
    { ...files('old'), 'same.png': 'same' },
    { ...files('new'), 'same.png': 'same' },
  );
  const ran = await put({ maxInvalidationPaths: 3 });
  assert.equal(ran.error, undefined);
  assert.deepEqual(cloudfront.paths('E1'), ['/a/*', '/b/*', '/c/*']);
});

test('a failed invalidation is the error of the run, with the command to do it by hand', async (t) => {
  const { server, cloudfront, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' });
  cloudfront.deny('CreateInvalidation');
  const ran = await put();
  assert.ok(ran.error instanceof InvalidationError);
  assert.match(ran.error.message, /E1 failed: CreateInvalidation E1: AccessDenied \(403, request request-1\)/);
  assert.match(ran.error.hint ?? '', /Allow cloudfront:CreateInvalidation\./);
  assert.match(ran.error.hint ?? '', /aws cloudfront create-invalidation --distribution-id E1 --paths "\/a.css"$/);
  assert.equal(ran.report.invalidations?.[0]?.status, 'failed');
  assert.equal(ran.report.complete, true);
  assert.equal(String(server.object('site', 'live/a.css')?.body), 'a');
  server.seed('site', 'live/a.css', 'old');
  const warned = await put({ invalidationFailure: 'warn' });
  assert.equal(warned.error, undefined);
  assert.match(warningOf(warned, 'invalidation-failed') ?? '', /AccessDenied.*aws cloudfront create-invalidation/);
  assert.ok(warned.report.warnings.some((text) => text.includes('create-invalidation')));
});

test('a failed invalidation of one distribution keeps no other from its own', async (t) => {
  const distributions = { E1: {}, E2: { origins: LIVE } };
  const { cloudfront, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' }, { distributions });
  cloudfront.fail('CreateInvalidation', 'InvalidArgument', 400, 1);
  const ran = await put({ cloudfrontDistributionId: ['E1', 'E2'] });
  assert.ok(ran.error instanceof InvalidationError);
  assert.deepEqual(cloudfront.paths('E2'), ['/a.css']);
  assert.deepEqual(
    ran.report.invalidations?.map(({ distributionId, status }) => `${distributionId} ${status}`),
    ['E1 failed', 'E2 created'].map((text) => text.replace('created', 'completed')),
  );
});

test('where objects fail, the others are invalidated, and the failure stays the error of the run', async (t) => {
  const { server, cloudfront, put } = await worldOf(
    t,
    { 'a.css': 'old', 'b.css': 'old' },
    { 'a.css': 'a', 'b.css': 'b' },
  );
  server.fault({ verb: 'PutObject', key: 'live/a.css', occurrences: 'all', type: 'status', status: 400 });
  const ran = await put();
  assert.ok(ran.error instanceof PartialFailureError, String(ran.error));
  assert.deepEqual(cloudfront.paths('E1'), ['/b.css']);
  cloudfront.deny('CreateInvalidation');
  server.seed('site', 'live/b.css', 'old');
  const both = await put();
  assert.ok(both.error instanceof PartialFailureError);
  assert.match(warningOf(both, 'invalidation-failed') ?? '', /AccessDenied/);
});

test('after an abort a warning names what was not invalidated, and the command for it', async (t) => {
  const { server, cloudfront } = await worldOf(t, { 'a.css': 'old', 'b.css': 'old' }, {});
  const source = makeTree(t, { 'a.css': 'a', 'b.css': 'b' });
  const controller = new AbortController();
  const ran = await follow(
    (onEvent) =>
      startPut(
        {
          bucket: 'site',
          prefix: 'live',
          source,
          concurrency: 1,
          cloudfrontDistributionId: 'E1',
          signal: controller.signal,
          ...connection(server),
          onEvent,
        },
        IMPATIENT,
      ),
    () => controller.abort(),
  );
  assert.ok(ran.error instanceof AbortError);
  assert.equal(cloudfront.invalidations.length, 0);
  const warning = warningOf(ran, 'not-invalidated') ?? '';
  assert.match(warning, /not invalidated in E1, because the run ended before/);
  assert.match(warning, /aws cloudfront create-invalidation --distribution-id E1 --paths "\/a\.css"/);
});

test('an abort while CloudFront is waited for keeps what it has taken, and the warning names only the rest', async (t) => {
  // 17 wildcards, of which 15 may be in progress.
  const names = [...'abcdefghijklmnopq'].map((letter) => `${letter}.css`);
  const tree = (body: string): TreeFiles => Object.fromEntries(names.map((name) => [name, body]));
  const E1 = { origins: LIVE, defaultBehavior: { policy: 'P' } };
  const { server, cloudfront } = await worldOf(
    t,
    tree('old'),
    {},
    {
      distributions: { E1, E2: { origins: LIVE } },
      policies: { P: 'query' },
      polls: 1_000,
    },
  );
  const stops = [
    {
      ids: ['E1', 'E2'],
      left: /in E1 \(in part\), E2, .*--distribution-id E1 --paths "\/p\.css\*" "\/q\.css\*" ; .*E2 --paths/,
    },
    { ids: ['E2'], left: undefined },
  ] as const;
  for (const { ids, left } of stops) {
    for (const name of names) server.seed('site', `live/${name}`, 'old');
    cloudfront.clear();
    const controller = new AbortController();
    const sleep = async (): Promise<void> => {
      if (cloudfront.count('GetInvalidation') > 0) controller.abort();
      controller.signal.throwIfAborted();
    };
    const clock = { now: () => performance.now(), random: () => 0, ...IMPATIENT.clock, sleep };
    const { signal } = controller;
    const options = { source: makeTree(t, tree('new')), prefix: 'live', cloudfrontDistributionId: ids, signal };
    const ran = await run(server, { ...options, waitForInvalidation: true }, { ...IMPATIENT, clock });
    assert.ok(ran.error instanceof AbortError);
    assert.deepEqual(
      ran.report.invalidations?.map(({ distributionId, id, status }) => ({ distributionId, id, status })),
      [{ distributionId: ids[0], id: 'I1', status: 'created' }],
    );
    const warning = warningOf(ran, 'not-invalidated');
    if (left === undefined) assert.equal(warning, undefined);
    else assert.match(warning ?? '', left);
  }
});

test('a run that wrote nothing before its error warns of nothing', async (t) => {
  const { server, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' });
  server.mode({ deny: ['PutObject'] }, 'site');
  const ran = await put();
  assert.ok(ran.error instanceof RunStoppedError || ran.error instanceof PartialFailureError);
  assert.equal(warningOf(ran, 'not-invalidated'), undefined);
});

test('ids and paths that cannot be right are refused before anything is read', async (t) => {
  const { server, cloudfront, put } = await worldOf(t, {}, { 'a.css': 'a' });
  const rows: readonly (readonly [
    Partial<PutOptions>,
    RegExp | { readonly message: RegExp; readonly hint: RegExp },
  ])[] = [
    [{ cloudfrontDistributionId: 'd111111abcdef8.cloudfront.net' }, /no id of a distribution/],
    [{ cloudfrontDistributionId: 'arn:aws:cloudfront::123456789012:distribution/E1' }, /no id of a distribution/],
    [{ cloudfrontDistributionId: 'e1' }, /no id of a distribution/],
    [{ cloudfrontDistributionId: 'E1,E2' }, { message: /no id of a distribution/, hint: /give each by itself/ }],
    [{ invalidationPaths: 'docs/*' }, /does not begin with a slash/],
    [{ invalidationPaths: '/*/a' }, /wildcard only as the last character/],
    [{ invalidationPaths: ['auto', '/*'] }, /"auto" beside other paths/],
    [{ maxInvalidationPaths: 0 }, /whole number from 1/],
  ];
  for (const [options, expected] of rows) await assert.rejects(put(options), expected);
  assert.deepEqual([cloudfront.requests.length, server.requests.length], [0, 0]);
});

test('where CloudFront is not reached, all is uploaded, and the error names what to do', async (t) => {
  const { server, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' });
  process.env.AWS_ENDPOINT_URL_CLOUDFRONT = 'http://127.0.0.1:1';
  t.after(() => delete process.env.AWS_ENDPOINT_URL_CLOUDFRONT);
  const ran = await put();
  assert.ok(ran.error instanceof InvalidationError, String(ran.error));
  assert.match(ran.error.message, /ECONNREFUSED/);
  assert.match(
    ran.error.hint ?? '',
    /aws cloudfront create-invalidation --distribution-id E1 --paths "\/live\/a\.css"/,
  );
  assert.equal(String(server.object('site', 'live/a.css')?.body), 'a');
});

test('a server that is not CloudFront is named by its status, without advice for programmers', async (t) => {
  const { put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' });
  const web = createServer((_request, response) => response.writeHead(404).end('<html>Not here'));
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  t.after(() => web.close());
  process.env.AWS_ENDPOINT_URL_CLOUDFRONT = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  t.after(() => delete process.env.AWS_ENDPOINT_URL_CLOUDFRONT);
  const ran = await put();
  assert.ok(ran.error instanceof InvalidationError, String(ran.error));
  assert.match(ran.error.message, /invalidation in E1 failed: GetDistributionConfig E1: Http404 \(404\)/);
  assert.doesNotMatch(ran.error.message, /Deserialization|\$response/);
});

test('a page of another server is no configuration of a distribution', async (t) => {
  const { put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' });
  const web = createServer((_request, response) => response.end('<html>Sign in</html>'));
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  t.after(() => web.close());
  process.env.AWS_ENDPOINT_URL_CLOUDFRONT = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  t.after(() => delete process.env.AWS_ENDPOINT_URL_CLOUDFRONT);
  const ran = await put();
  assert.ok(ran.error instanceof InvalidationError, String(ran.error));
  assert.match(ran.error.message, /GetDistributionConfig E1: the response is not one of CloudFront/);
});

test('a key whose write was answered by nothing counts as changed, because the next run finds it there', async (t) => {
  const { server, cloudfront, put } = await worldOf(t, { 'a.css': 'old' }, { 'a.css': 'a' });
  server.fault({ verb: 'PutObject', occurrences: 'all', type: 'reset', stored: true });
  const ran = await put({ maxAttempts: 1, checksum: 'off' });
  if (ran.error instanceof PartialFailureError) assert.deepEqual(cloudfront.paths('E1'), ['/a.css']);
  else assert.match(warningOf(ran, 'not-invalidated') ?? '', /"\/a\.css"/);
});
