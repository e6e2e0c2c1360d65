import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import type { CopyOptions, PutOptions, RunEvent } from '../../src/index.js';
import { copyServer, seed, twoServers } from '../support/copies.js';
import { type Ran, run, runCopy, serverFor } from '../support/engine.js';
import { proxyTo } from '../support/proxy.js';
import { makeTree } from '../support/tree.js';

// The event that says what goes where, before the first request.

type Start = Extract<RunEvent, { readonly type: 'start' }>;

function startsIn({ events }: Ran): Omit<Start, 'type'>[] {
  return events.flatMap((event) => {
    if (event.type !== 'start') return [];
    const { type, ...facts } = event;
    return [facts];
  });
}

/** The one start event; no event of a request or a warning comes before it. */
function startOf(ran: Ran): Omit<Start, 'type'> | undefined {
  const starts = startsIn(ran);
  assert.equal(starts.length, 1);
  const types = ran.events.map(({ type }) => type);
  for (const later of ['request', 'warning'] as const)
    assert.ok(!types.includes(later) || types.indexOf(later) > types.indexOf('start'), later);
  return starts[0];
}

test('a put says its sources as they were given, and its destination', async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { 'dist/index.html': '<p>', 'a.txt': 'a' });
  const base = { endpoint: server.url, dryRun: false };
  for (const [options, from, to] of [
    [{ source: `${root}/dist`, bucket: 's3://site/docs' }, [`${root}/dist`], 's3://site/docs'],
    [{ source: `${root}/dist/`, prefix: '/deep/er/' }, [`${root}/dist/`], 's3://site/deep/er'],
    [{ source: [`${root}/dist`, `${root}/a.txt`] }, [`${root}/dist`, `${root}/a.txt`], 's3://site'],
    [{ source: [{ key: 'b', body: 'b' }] }, ['items'], 's3://site'],
    [{ source: [`${root}/a.txt`, [{ key: 'b', body: 'b' }]] }, [`${root}/a.txt`, 'items'], 's3://site'],
  ] as const satisfies readonly (readonly [Partial<PutOptions> & Pick<PutOptions, 'source'>, unknown, string])[]) {
    const ran = await run(server, { ...options, compare: 'size' });
    assert.equal(ran.error, undefined);
    assert.deepEqual(startOf(ran), { from, to, ...base });
  }
});

test('an iterable that is neither an array nor made of items is called items, and is not read for its name', async (t) => {
  const server = await serverFor(t);
  let opened = 0;
  const lazy = {
    key: 'lazy',
    get body() {
      opened += 1;
      return 'text';
    },
  };
  const openedByRun = async (source: PutOptions['source']): Promise<number> => {
    opened = 0;
    assert.deepEqual(startOf(await run(server, { source, mode: 'stupid' }))?.from, ['items']);
    return opened;
  };
  assert.equal(await openedByRun([lazy]), await openedByRun(new Set([lazy])));
  async function* items(): AsyncGenerator<{ key: string; body: string }> {
    yield { key: 'a', body: 'a' };
  }
  await openedByRun(items());
});

test('standard input has its name', async (t) => {
  const server = await serverFor(t);
  const { stdin } = process;
  const ran = await run(server, { source: [{ key: 'in', body: stdin }], dryRun: true, mode: 'stupid' });
  stdin.destroy();
  assert.deepEqual(startsIn(ran), [{ from: ['standard input'], to: 's3://site', endpoint: server.url, dryRun: true }]);
});

test('a copy says both addresses', async (t) => {
  const server = await copyServer(t);
  seed(server, 'folder/a', 'a');
  const options: Partial<CopyOptions> = { source: 's3://from/folder/*', destination: 's3://site/to//it/' };
  const ran = await runCopy(server, { ...options, cacheControl: 'no-cachee', dryRun: true });
  assert.deepEqual(startOf(ran), {
    from: ['s3://from/folder/*'],
    to: 's3://site/to//it',
    endpoint: server.url,
    dryRun: true,
  });
  const { source, dest, options: reach } = await twoServers(t);
  seed(source, 'a', 'a');
  assert.deepEqual(startOf(await runCopy(dest, reach))?.endpoint, dest.url);
});

test('a dry run in mode stupid says it, and makes no request', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { a: 'a' });
  const ran = await run(server, { source, dryRun: true, mode: 'stupid' });
  assert.deepEqual(startOf(ran), { from: [source], to: 's3://site', endpoint: server.url, dryRun: true });
  const inRegion = await run(server, { source, dryRun: true, mode: 'stupid', endpointUrl: undefined });
  assert.equal(startOf(inRegion)?.region, server.region);
  assert.deepEqual(server.requests, []);
});

test('a run that ends before its first request says nothing', async (t) => {
  const server = await serverFor(t);
  const empty = makeTree(t, { 'empty/': '' });
  for (const options of [
    { source: empty },
    { source: empty, ifNoFilesFound: 'ignore' },
    { source: join(empty, 'no-such-folder') },
    { source: makeTree(t, { a: 'a' }), signal: AbortSignal.abort() },
  ] as const)
    assert.deepEqual(startsIn(await run(server, options)), []);
  assert.deepEqual(server.requests, []);
});

/** A server under the names of S3 itself, and an environment and a profile of its own. */
async function onAws(
  t: TestContext,
  variables: Readonly<Record<string, string>>,
): Promise<(options?: Partial<PutOptions>) => Promise<Ran>> {
  const server: S3Server = await serverFor(t);
  const proxy = await proxyTo(t, server.port);
  const home = makeTree(t, { a: 'a' });
  mkdirSync(join(home, 'aws'));
  writeFileSync(join(home, 'aws/config'), '[default]\nregion = us-east-1\n[profile none]\noutput = json\n');
  const files = { AWS_CONFIG_FILE: join(home, 'aws/config'), AWS_SHARED_CREDENTIALS_FILE: join(home, 'aws/none') };
  const env: Readonly<Record<string, string | undefined>> = { ...files, ...variables };
  const names = ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3', ...Object.keys(env)];
  const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  const set = (values: Readonly<Record<string, string | undefined>>): void => {
    for (const name of names)
      if (values[name] === undefined) delete process.env[name];
      else process.env[name] = values[name];
  };
  set(env);
  t.after(() => set(before));
  const reach = { endpointUrl: undefined, region: undefined, secure: false, proxy: proxy.url };
  return (options) => run(server, { source: join(home, 'a'), ...reach, ...options });
}

for (const [name, variables, options, expected] of [
  ['the option', { AWS_REGION: 'eu-west-1' }, { region: 'us-east-1' }, { region: 'us-east-1' }],
  ['the environment', { AWS_REGION: 'us-east-1' }, {}, { region: 'us-east-1' }],
  ['the profile', {}, {}, { region: 'us-east-1' }],
  ['nothing, so that it is not known', { AWS_PROFILE: 'none' }, {}, {}],
] as const) {
  test(`the region is that of ${name}`, async (t) => {
    const put = await onAws(t, variables);
    const ran = await put(options);
    assert.equal(ran.error, undefined);
    const { from, to, dryRun, ...where } = startOf(ran) ?? { from: [], to: '', dryRun: false };
    assert.deepEqual(where, expected);
  });
}

for (const region of ['cn-north-1', 'eusc-de-east-1']) {
  test(`S3 of ${region} has a region, and no endpoint`, async (t) => {
    const put = await onAws(t, { AWS_REGION: region });
    const start = startOf(await put({ maxAttempts: 1 }));
    assert.deepEqual([start?.region, start?.endpoint], [region, undefined]);
  });
}

test('an access point has the region of its ARN, and one for many regions has none', async (t) => {
  const put = await onAws(t, { AWS_REGION: 'us-east-1' });
  for (const [bucket, region] of [
    ['arn:aws:s3:eu-west-1:123456789012:accesspoint/own', 'eu-west-1'],
    ['arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap', undefined],
  ] as const) {
    const start = startOf(await put({ bucket: `s3://${bucket}/p`, maxAttempts: 1 }));
    assert.deepEqual([start?.to, start?.region, start?.endpoint], [`s3://${bucket}/p`, region, undefined]);
  }
});

test('a region that the server corrects was announced as it was known', async (t) => {
  const put = await onAws(t, { AWS_REGION: 'eu-west-1' });
  const ran = await put();
  assert.equal(ran.error, undefined);
  assert.deepEqual([startOf(ran)?.region, ran.report.warnings.length], ['eu-west-1', 1]);
});

for (const [name, given, endpoint] of [
  ['of an option', (url: string) => ({ options: { endpointUrl: `${url}/` } }), (url: string) => url],
  ['of the environment', (url: string) => ({ env: { AWS_ENDPOINT_URL: `${url}/` } }), (url: string) => url],
  [
    'of the environment with a path',
    (url: string) => ({ env: { AWS_ENDPOINT_URL_S3: `${url}/s3` } }),
    (url: string) => `${url}/s3`,
  ],
] as const) {
  test(`an endpoint ${name} is named without the bucket, in place of the region`, async (t) => {
    const { url } = await serverFor(t);
    const { env = {}, options = {} } = given(url) as {
      readonly env?: Readonly<Record<string, string>>;
      readonly options?: Partial<PutOptions>;
    };
    const put = await onAws(t, { AWS_REGION: 'us-east-1', ...env });
    const start = startOf(await put({ proxy: undefined, secure: true, ...options, ifNoFilesFound: 'ignore' }));
    assert.deepEqual([start?.endpoint, start?.region], [endpoint(url), undefined]);
  });
}
