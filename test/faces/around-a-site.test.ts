import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { serverFor } from '../support/engine.js';
import { cloudFrontFor } from '../support/fake-cloudfront.js';
import { liveSite } from '../support/live-site.js';
import { addFiles, makeTree, type TreeFiles } from '../support/tree.js';
import { action, inputsFor } from './action-process.js';
import { cliTo } from './cli-process.js';

// All that is around a site at once: a second run does nothing, and a third one just what has changed.

const DATA = JSON.stringify(Array.from({ length: 300 }, (_, index) => ({ index })));
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg">${'<path d="M0 0h9v9H0z"/>'.repeat(40)}</svg>`;
const page = (text: string): string =>
  `<!doctype html><html lang="en"><title>${text}</title>${`<p>${text}</p>`.repeat(20)}</html>`;
const SITE: TreeFiles = {
  _redirects: '/old /docs/\n/away https://www.example.com/new?a=b 301\n',
  _headers: '/docs/*\n  Content-Language: en\n',
  'dist/index.html':
    '<!doctype html><link rel="stylesheet" href="/style.css"><img src="logo.svg" alt=""><a href="/old">Docs</a><a href="data.json">Data</a>',
  'dist/docs/index.html': page('Docs'),
  'dist/docs/gone.html': page('Gone'),
  'dist/style.css': `@font-face { font-family: title; src: url(title.woff2) }\n${'p { margin: 0 }\n'.repeat(80)}`,
  'dist/title.woff2': Buffer.from('wOF2title', 'latin1'),
  'dist/logo.svg': LOGO,
  'dist/add.wasm': Buffer.concat([Buffer.from('\0asm\u0001\0\0\0', 'latin1'), Buffer.alloc(900)]),
  'dist/data.json': DATA,
  'dist/data.json.br': brotliCompressSync(DATA),
  'dist/data.json.gz': gzipSync(DATA),
};
const FILES = Object.keys(SITE).filter((name) => name.startsWith('dist/') && !/\.(?:br|gz)$/.test(name)).length;
const REDIRECTS = 2;

interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly reportPage: string | undefined;
}

type Deploy = (inputs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>) => Promise<Ran>;
type Server = Awaited<ReturnType<typeof serverFor>>;

const faces: readonly (readonly [name: string, deploy: (t: TestContext, server: Server, cwd: string) => Deploy])[] = [
  [
    'the command line',
    (_t, server, cwd) => async (inputs, env) => {
      const flags = Object.entries(inputs).map(([name, value]) =>
        value === 'true' ? `--${name}` : `--${name}=${value}`,
      );
      const argv = [...flags, '--report-html', 'report.html', 'dist', 's3://site/'];
      const { code, stderr } = await cliTo(server, argv, { cwd, env });
      return { code, output: stderr, reportPage: textOf(join(cwd, 'report.html')) };
    },
  ],
  [
    'the Action',
    (t, server, workspace) => async (inputs, env) => {
      const all = { ...inputsFor(server), ...inputs, source: 'dist', bucket: 's3://site/' };
      const { code, log, outputs } = await action(t, all, { workspace, env });
      return { code, output: log, reportPage: textOf(outputs['report-html'] ?? '') };
    },
  ],
];

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

for (const [face, deployBy] of faces)
  for (const compress of ['br', 'gzip'])
    test(`${face} deploys a site with ${compress} and all that is around it: first whole, then nothing, then what has changed`, async (t) => {
      const server = await serverFor(t);
      const origins = [{ id: 's3', domain: 'site.s3.us-east-1.amazonaws.com' }];
      const cloudfront = await cloudFrontFor(t, {
        distributions: { E1: { origins, rootObject: 'index.html' } },
        polls: 1,
      });
      const live = await liveSite(t, server);
      const cwd = makeTree(t, SITE);
      const deploy = deployBy(t, server, cwd);
      let [seenRequests, seenPages] = [0, 0];
      const run = async () => {
        cloudfront.clear();
        const inputs = {
          'cloudfront-distribution-id': 'E1',
          'wait-for-invalidation': 'true',
          'verify-url': live.url,
          'redirects-file': '_redirects',
          'headers-file': '_headers',
          'check-links': 'error',
          precompressed: 'replace',
          preset: 'site',
          order: 'site',
          delete: 'true',
          compress,
        };
        const ran = await deploy(inputs, { AWS_ENDPOINT_URL_CLOUDFRONT: cloudfront.url });
        assert.equal(ran.code, 0, ran.output);
        assert.match(ran.reportPage ?? '', /^<!doctype html>/);
        const requests = server.requests.slice(seenRequests);
        const pages = live.requests.slice(seenPages).map(({ path }) => path);
        [seenRequests, seenPages] = [server.requests.length, live.requests.length];
        const writes = requests.filter(({ verb }) => !/^(?:List|Head|Get)/.test(verb));
        return { writes: writes.map(({ verb, key = '' }) => `${verb} ${key}`.trim()).sort(), pages };
      };

      const first = await run();
      assert.equal(first.writes.length, FILES + REDIRECTS);
      assert.ok(
        first.writes.every((write) => write.startsWith('PutObject ')),
        first.writes.join(),
      );
      assert.deepEqual(cloudfront.paths('E1'), []);
      assert.ok(first.pages.includes('/') && first.pages.includes('/docs/'), first.pages.join());
      const encodings = ['docs/index.html', 'logo.svg', 'data.json', 'title.woff2', 'add.wasm'].map(
        (key) => server.object('site', key)?.headers['content-encoding'],
      );
      const wasm = compress === 'br' ? 'br' : encodings[4];
      assert.deepEqual(encodings, [compress, compress, 'br', undefined, wasm]);
      assert.equal(server.object('site', 'docs/index.html')?.headers['content-language'], 'en');
      assert.equal(server.object('site', 'old')?.headers['x-amz-website-redirect-location'], '/docs/');

      const second = await run();
      assert.deepEqual(second.writes, []);
      assert.deepEqual(cloudfront.requests, []);
      assert.ok(second.pages.includes('/'), second.pages.join());

      addFiles(cwd, { 'dist/docs/index.html': page('Changed'), 'dist/logo.svg': `${LOGO}\n` });
      rmSync(join(cwd, 'dist/docs/gone.html'));
      const third = await run();
      assert.deepEqual(third.writes, ['DeleteObjects', 'PutObject docs/index.html', 'PutObject logo.svg']);
      assert.equal(server.object('site', 'docs/gone.html'), undefined);
      const ofGone = ['/docs/gone', '/docs/gone.html', '/docs/gone/'];
      assert.deepEqual(cloudfront.paths('E1'), ['/docs', '/docs/', ...ofGone, '/docs/index.html', '/logo.svg']);
      assert.ok(third.pages.includes('/docs/') && third.pages.includes('/logo.svg'), third.pages.join());

      assert.deepEqual((await run()).writes, []);
      assert.deepEqual(cloudfront.requests, []);
    });
