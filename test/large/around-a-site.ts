// Deploys built sites with everything that is around a site, twice, changes a little of it, and deploys it twice again, on the embedded server and on
// versitygw, by the command line and by the bundle of the Action, behind a live site and an embedded CloudFront:
// `tsx test/large/around-a-site.ts [--servers=embedded,versitygw] [--faces=cli,action] [--codings=br,gzip] NAME=FOLDER …`. Needs `npm run build`.
// Prints a table of the requests that the servers received; ends with 1 if a run does more or less than it should.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Endpoint } from 'fake-s3';
import { action, inputsFor } from '../faces/action-process.js';
import { accountOf, cli } from '../faces/cli-process.js';
import { cloudFrontFor, type FakeCloudFront } from '../support/fake-cloudfront.js';
import { makeTree } from '../support/tree.js';
import { chosen, filesIn, onServer, type Store, storeOf } from './real-servers.js';

const CODINGS = ['br', 'gzip'] as const;
type Coding = (typeof CODINGS)[number];

/** What all faces report of a run. */
interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly report: JsonReport | undefined;
  readonly page: string | undefined;
}

interface JsonReport {
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly invalidations?: readonly { readonly paths: readonly string[]; readonly status: string }[];
  readonly liveCheck?: { readonly checked: number; readonly failed: number; readonly warnings: readonly unknown[] };
}

type Options = Readonly<Record<string, string>>;
type Deploy = (endpoint: Endpoint, folder: string, bucket: string, options: Options, env: Options) => Promise<Ran>;

const cleanups: (() => void)[] = [];
const t = { after: (run: () => void): void => void cleanups.push(run) };

const byCli: Deploy = async (endpoint, folder, bucket, options, env) => {
  const page = join(makeTree(t, {}), 'report.html');
  const flags = Object.entries({ ...options, 'report-html': page }).map(([name, value]) => `--${name}=${value}`);
  const argv = ['--endpoint-url', endpoint.url, '--json', '--delete', '--wait-for-invalidation', ...flags];
  const { code, stderr, lines } = await cli([...argv, folder, `s3://${bucket}/`], {
    cwd: folder,
    env: { ...accountOf(endpoint), ...env },
    ownProcess: true,
  });
  const last = lines.at(-1) ?? '';
  const report = last.includes('"counts"') ? (JSON.parse(last) as JsonReport) : undefined;
  return { code, output: stderr, report, page: readIfThere(page) };
};

const byAction: Deploy = async (endpoint, folder, bucket, options, env) => {
  const inputs = {
    ...options,
    source: '.',
    bucket: `s3://${bucket}/`,
    delete: 'true',
    'wait-for-invalidation': 'true',
  };
  const ran = await action(t, { ...inputsFor(endpoint), ...inputs }, { workspace: folder, env });
  const { code, log, outputs, report } = ran;
  return {
    code,
    output: log,
    report: report as JsonReport | undefined,
    page: readIfThere(outputs['report-html'] ?? ''),
  };
};

const FACES = { cli: byCli, action: byAction } as const;
const FACE_NAMES = ['cli', 'action'] as const;

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Files that the site gets besides its own, so that each of them is there on every site. */
const EXTRA: Readonly<Record<string, string | Buffer>> = {
  _redirects: '# moved pages\n/old-extra  /extra/\n/old-elsewhere  https://www.example.com/new?a=b  301\n',
  _headers: '/extra/*\n  Content-Language: en\n',
  'extra/index.html':
    '<!doctype html><html lang="en"><title>Extra</title><link rel="stylesheet" href="style.css"><p>One <a href="/old-extra">link</a>, <img src="mark.svg" alt=""> <a href="copied.json">data</a></p></html>',
  'extra/gone.html': '<!doctype html><html lang="en"><title>Gone</title><p>Soon gone.</p></html>',
  'extra/style.css': `@font-face { font-family: title; src: url(title.woff2) }\n${'p { margin: 0 }\n'.repeat(100)}`,
  'extra/title.woff2': Buffer.from(`wOF2${'\u0001\u0002\u0003'.repeat(300)}`, 'latin1'),
  'extra/mark.svg': `<svg xmlns="http://www.w3.org/2000/svg">${'<path d="M0 0h9v9H0z"/>'.repeat(80)}</svg>`,
  'extra/add.wasm': Buffer.concat([Buffer.from('\0asm\u0001\0\0\0', 'latin1'), Buffer.alloc(2_000)]),
  'extra/copied.json': JSON.stringify(Array.from({ length: 500 }, (_, index) => ({ index }))),
};
const COPIED = 'extra/copied.json';

/** A copy of a built site, with the extra files and with compressed copies. */
function siteFrom(folder: string): string {
  const site = join(makeTree(t, {}), 'site');
  cpSync(folder, site, { recursive: true });
  mkdirSync(join(site, 'extra'));
  for (const [name, content] of Object.entries(EXTRA)) writeFileSync(join(site, name), content);
  const scripts = filesIn(folder).filter((name) => /\.(?:js|css)$/.test(name));
  for (const name of [COPIED, ...scripts.slice(0, 3)]) {
    const bytes = readFileSync(join(site, name));
    writeFileSync(join(site, `${name}.br`), brotliCompressSync(bytes));
    writeFileSync(join(site, `${name}.gz`), gzipSync(bytes));
  }
  return site;
}

/** Changes a page and an asset, and removes a page. */
function changeSite(site: string): void {
  const page = join(site, 'extra/index.html');
  writeFileSync(page, readFileSync(page, 'utf8').replace('One', 'Another'));
  writeFileSync(join(site, 'extra/mark.svg'), `${String(EXTRA['extra/mark.svg'])}\n`);
  rmSync(join(site, 'extra/gone.html'));
}

interface Running {
  readonly url: string;
  readonly requests: string[];
}

async function listen(listener: RequestListener, requests: string[]): Promise<Running> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** What an S3 request does, by its line and headers. */
function verbOf(method: string, url: string, copies: boolean): string {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (method === 'POST') return searchParams.has('delete') ? 'DeleteObjects' : 'POST';
  if (method === 'GET' && /^\/[^/]+\/?$/.test(pathname)) return searchParams.has('list-type') ? 'List' : 'GetBucket';
  return method === 'PUT' && copies ? 'CopyObject' : method;
}

/** Passes requests on, and counts them; it leaves the host as it was signed. */
function counting(target: string): Promise<Running> {
  const { hostname, port } = new URL(target);
  const requests: string[] = [];
  return listen((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    requests.push(`${verbOf(method, url, headers['x-amz-copy-source'] !== undefined)} ${url}`);
    const passed = httpRequest({ hostname, port, method, path: url, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    passed.once('error', () => outgoing.destroy());
    incoming.pipe(passed);
  }, requests);
}

/** A website endpoint in front of the bucket, which also counts. */
function liveSiteOf(store: Store): Promise<Running> {
  const requests: string[] = [];
  return listen((incoming, outgoing) => {
    const path = decodeURIComponent((incoming.url ?? '/').slice(1).replace(/\?.*$/, ''));
    requests.push(incoming.url ?? '');
    const key = path === '' || path.endsWith('/') ? `${path}index.html` : path;
    void Promise.all([store.get(key), store.head(key)]).then(
      ([found, head]) => {
        const { 'x-amz-website-redirect-location': location, ...headers } = head.headers;
        if (location !== undefined) outgoing.writeHead(301, { location }).end();
        else outgoing.writeHead(200, { ...headers, etag: head.etag }).end(found?.body);
      },
      () => outgoing.writeHead(404, { 'content-type': 'text/html' }).end('<h1>404</h1>'),
    );
  }, requests);
}

function countsOf(requests: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const one of requests) {
    const verb = one.slice(0, one.indexOf(' '));
    counts[verb] = (counts[verb] ?? 0) + 1;
  }
  return counts;
}

/** URLs of the page and the asset that are changed, and of the page that is removed. */
const CHANGED = [
  '/extra',
  '/extra/',
  '/extra/gone',
  '/extra/gone.html',
  '/extra/gone/',
  '/extra/index.html',
  '/extra/mark.svg',
];

interface World {
  readonly cloudfront: FakeCloudFront;
  readonly s3: Running;
  readonly live: Running;
  readonly distribution: string;
}

/** What a run did that it should not have done, or has not done. */
function missteps(step: 'first' | 'changed' | 'again', ran: Ran, world: World, files: number): readonly string[] {
  const { cloudfront, s3, live, distribution } = world;
  const { PUT = 0, CopyObject = 0, DELETE = 0, DeleteObjects = 0 } = countsOf(s3.requests);
  const wrong: string[] = [];
  const expect = (what: string, seen: unknown, wanted: unknown): void => {
    if (JSON.stringify(seen) !== JSON.stringify(wanted))
      wrong.push(`${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`);
  };
  expect('exit code', ran.code, 0);
  if (ran.page?.startsWith('<!doctype html>') !== true) wrong.push('there is no report page');
  expect('live check failed', ran.report?.liveCheck?.failed, 0);
  if (!live.requests.includes('/')) wrong.push('the home page was not looked at');
  expect('copies', CopyObject, 0);
  expect('paths', cloudfront.paths(distribution), step === 'changed' ? CHANGED : []);
  expect('deletes', [DELETE + DeleteObjects, ran.report?.counts.delete], step === 'changed' ? [1, 1] : [0, 0]);
  if (step === 'first') expect('puts', [PUT, ran.report?.counts.put], [files, files]);
  if (step === 'again') {
    expect('puts', [PUT, ran.report?.counts.put], [0, 0]);
    expect('requests to CloudFront', cloudfront.requests, []);
  }
  if (step === 'changed') {
    const keys = s3.requests
      .filter((one) => one.startsWith('PUT '))
      .map((one) => one.replace(/^PUT \/[^/]+|\?.*$/g, ''));
    expect('puts', keys.sort(), ['/extra/index.html', '/extra/mark.svg']);
    for (const path of ['/extra/', '/extra/mark.svg'])
      if (!live.requests.includes(path)) wrong.push(`${path} was not looked at`);
  }
  if (wrong.length > 0) wrong.push(ran.output.trim());
  return wrong;
}

async function roll(
  server: string,
  endpoint: Endpoint,
  face: keyof typeof FACES,
  coding: Coding,
  name: string,
  folder: string,
) {
  const bucket = `${name}-${face}-${coding}`;
  const distribution = 'E2QWRUHEXAMPLE';
  const store = storeOf(endpoint, bucket);
  await store.create();
  const cloudfront = await cloudFrontFor(t, {
    distributions: {
      [distribution]: {
        rootObject: 'index.html',
        origins: [{ id: 's3', domain: `${bucket}.s3.us-east-1.amazonaws.com` }],
      },
    },
    polls: 1,
    credentials: endpoint,
  });
  const world = { cloudfront, distribution, s3: await counting(endpoint.url), live: await liveSiteOf(store) };
  const site = siteFrom(folder);
  const precompressed = coding === 'br' ? 'replace' : 'separate';
  const options = {
    preset: 'site',
    order: 'site',
    compress: coding,
    precompressed,
    'redirects-file': '_redirects',
    'headers-file': '_headers',
    'check-links': 'error',
    'cloudfront-distribution-id': distribution,
    'verify-url': `${world.live.url}/`,
    ...(readdirSync(site, { recursive: true }).some((file) => String(file).endsWith('.map')) && {
      'warn-source-maps': 'false',
    }),
  };
  const copies = filesIn(site).filter((file) => /\.(?:br|gz)$/.test(file)).length;
  // The two files that are read are not put, and two redirects are.
  const files = filesIn(site).length - (precompressed === 'replace' ? copies : 0);
  for (const step of ['first', 'again', 'changed', 'again'] as const) {
    if (step === 'changed') changeSite(site);
    for (const { requests } of [world.s3, world.live]) requests.length = 0;
    cloudfront.clear();
    const start = performance.now();
    const ran = await FACES[face]({ ...endpoint, url: world.s3.url }, site, bucket, options, {
      AWS_ENDPOINT_URL_CLOUDFRONT: cloudfront.url,
    });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const { List = 0, HEAD = 0, PUT = 0, DELETE = 0, DeleteObjects = 0, ...others } = countsOf(world.s3.requests);
    const wrong = missteps(step, ran, world, files);
    const warnings = ran.report?.warnings ?? [];
    console.log(
      `| ${[server, face, name, coding, precompressed, step, seconds, List, HEAD, PUT, DELETE + DeleteObjects, JSON.stringify(others), cloudfront.requests.length, cloudfront.paths(distribution).length, world.live.requests.length, warnings.length, wrong.length].join(' | ')} |`,
    );
    for (const one of wrong) console.log(`  WRONG ${one}`);
    for (const warning of warnings) console.log(`  warning: ${warning}`);
    if (wrong.length > 0) process.exitCode = 1;
  }
  store.close();
}

const words = process.argv.slice(2);
const sites = words.flatMap((word) => {
  const [, name = '', folder = ''] = /^([a-z][a-z-]*)=(.+)$/.exec(word) ?? [];
  return name === '' ? [] : [{ name, folder }];
});
if (sites.length === 0) throw new Error('Name sites as NAME=FOLDER.');
console.log(
  '| server | face | site | coding | copies | step | seconds | List | HEAD | PUT | deletes | other | CloudFront | paths | live | warnings | wrong |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
);
try {
  for (const server of chosen(words, 'servers', ['embedded', 'versitygw']))
    await onServer(server, async (endpoint) => {
      for (const face of chosen(words, 'faces', FACE_NAMES))
        for (const coding of chosen(words, 'codings', CODINGS))
          for (const { name, folder } of sites) await roll(server, endpoint, face, coding, name, folder);
    });
} finally {
  for (const cleanup of cleanups) cleanup();
}
