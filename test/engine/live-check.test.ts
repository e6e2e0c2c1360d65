import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { S3Server } from 'fake-s3';
import { LiveCheckError, type PutOptions } from '../../src/index.js';
import { IMPATIENT, type Ran, run, serverFor } from '../support/engine.js';
import {
  type Change,
  cachedPage,
  errorPage,
  gzipping,
  injecting,
  isHtml,
  type LiveSite,
  type LiveSiteOptions,
  liveSite,
  staleFor,
} from '../support/live-site.js';
import { addFiles, makeTree, type TreeFiles } from '../support/tree.js';

const SITE: TreeFiles = {
  'index.html': '<!doctype html><title>Home</title><script src="/app-1a2b3c4d.js"></script><p>Welcome',
  'docs/index.html': '<!doctype html><title>Docs</title><p>Read me',
  'docs/a b+c,@ä.html': '<p>An odd name',
  'about.html': '<p>About',
  'app-1a2b3c4d.js': 'console.log(1)',
  'style.css': 'a{color:red}',
};

/** A server, a site in front of its bucket, and a put that checks it. */
async function world(t: TestContext, options: LiveSiteOptions = {}, files: TreeFiles = SITE) {
  const server = await serverFor(t);
  const site = await liveSite(t, server, options);
  const source = makeTree(t, files);
  const deploy = (more: Partial<PutOptions> = {}): Promise<Ran> =>
    run(server, { source, verifyUrl: site.url, ...more }, { ...IMPATIENT, livePatience: { waits: [1, 2, 3] } });
  return { server, site, source, deploy };
}

function messages({ report }: Ran): readonly string[] {
  return (report.liveCheck?.failures ?? []).map(({ key, message }) => `${key}: ${message}`);
}

function notes({ report }: Ran): readonly string[] {
  return (report.liveCheck?.warnings ?? []).map(({ key, message }) => `${key}: ${message}`);
}

const warned = ({ events }: Ran): readonly string[] =>
  events.flatMap((event) => (event.type === 'warning' && event.code.startsWith('live-check') ? [event.code] : []));

/** Replaces the pages of one path. */
const at =
  (path: string, change: Change): Change =>
  (page, request) =>
    request.path === path ? change(page, request) : page;

describe('a site that serves what was put', () => {
  test('passes: all pages and a sample are fetched once, without credentials and cookies, index pages by the URL of their folder', async (t) => {
    const { site, deploy } = await world(t);
    const ran = await deploy();
    assert.equal(ran.error, undefined);
    assert.deepEqual(ran.report.liveCheck, { url: site.url, checked: 6, failed: 0, failures: [], warnings: [] });
    assert.deepEqual(site.paths(), [
      '/',
      '/about.html',
      '/app-1a2b3c4d.js',
      '/docs/',
      '/docs/a%20b%2Bc,@%C3%A4.html',
      '/style.css',
    ]);
    for (const { method, headers } of site.requests) {
      assert.equal(method, 'GET');
      assert.equal(headers.authorization, undefined);
      assert.equal(headers.cookie, undefined);
      assert.match(String(headers['user-agent']), /^s3-parallel-put\//);
      assert.match(String(headers['accept-encoding']), /gzip, deflate, br/);
    }
    assert.deepEqual(ran.events.flatMap((event) => (event.type === 'phase' ? [event.phase] : [])).at(-1), 'verify');
    assert.deepEqual(warned(ran), []);
  });

  test('passes again where nothing has changed: unchanged files are fetched too', async (t) => {
    const { site, deploy } = await world(t);
    await deploy();
    const ran = await deploy();
    assert.equal(ran.error, undefined);
    assert.equal(ran.report.counts.put, 0);
    assert.equal(ran.report.liveCheck?.checked, 6);
    assert.equal(site.requests.length, 12);
  });

  test('below a prefix, whose part no URL has, and below a path of the site', async (t) => {
    const { deploy, site } = await world(t, { prefix: 'v2/', path: '/manual/' });
    const ran = await deploy({ prefix: 'v2', verifyUrl: undefined });
    assert.equal(ran.report.liveCheck, undefined);
    const again = await deploy({ prefix: 'v2', verifyUrl: site.url.slice(0, -1) });
    assert.equal(again.error, undefined);
    assert.ok(site.paths().includes('/manual/docs/'));
    assert.equal(again.report.liveCheck?.failed, 0);
  });

  test('a REST origin knows no index documents, so that a page of a folder is fetched by its own name', async (t) => {
    const { site, deploy } = await world(t, { origin: 'rest' });
    const ran = await deploy();
    assert.equal(ran.error, undefined);
    assert.ok(site.paths().includes('/docs/index.html'));
  });

  test('a fallback to the root page stands in for no page: what is under the folder is fetched by its own name', async (t) => {
    const { site, deploy } = await world(t, {
      change: at('/docs/', () => cachedPage(String(SITE['index.html']))),
    });
    const ran = await deploy();
    assert.equal(ran.error, undefined);
    assert.ok(site.paths().includes('/docs/index.html'));
  });

  test('redirects between the URLs of one page are followed', async (t) => {
    const { site, deploy } = await world(t, {
      change: (page, { path }) =>
        path === '/about.html'
          ? { ...page, status: 308, headers: { location: '/about' } }
          : path === '/about'
            ? cachedPage(String(SITE['about.html']))
            : page,
    });
    const ran = await deploy();
    assert.equal(ran.error, undefined, ran.error?.message);
    assert.ok(site.paths().includes('/about'));
  });

  test('compression on the way, and compressed objects, are decoded', async (t) => {
    const { deploy } = await world(
      t,
      { change: gzipping },
      { ...SITE, 'big.html': `<p>${'compressible '.repeat(500)}`, 'own.css': 'b{}' },
    );
    for (const gzip of [false, true]) {
      const ran = await deploy({ gzip, mode: 'stupid' });
      assert.equal(ran.error, undefined, ran.error?.message);
      assert.equal(ran.report.liveCheck?.failed, 0);
    }
  });

  test('a file that is compressed already counts by its decoded bytes', async (t) => {
    const { deploy } = await world(t, {}, { 'index.html': gzipSync('<p>Hi') });
    const ran = await deploy({ contentEncoding: 'gzip' });
    assert.equal(ran.error, undefined, ran.error?.message);
    assert.equal(ran.report.liveCheck?.checked, 1);
  });

  test('unchanged files are expected with the type that their bytes, their encoding or a rule gave them', async (t) => {
    const script = 'console.log("a script")';
    const files = {
      'index.html': '<p>Home',
      'app.js': script,
      'app.js.br': brotliCompressSync(script),
      'app.js.gz': gzipSync(script),
      'drawing.svgz': gzipSync('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      'old.html': Buffer.from('<p>caf\xe9', 'latin1'),
      'packed.css.gz': gzipSync('p {}'),
      'source.ts': 'export const one: number = 1;',
      LICENSE: 'Do as you like.',
    };
    const { site, deploy } = await world(t, {}, files);
    const rules = [{ match: 'packed.css.gz', contentEncoding: 'gzip' }];
    const options = { precompressed: 'separate', updateHeaders: true, rules } as const;
    for (const put of [Object.keys(files).length, 0]) {
      const ran = await deploy(options);
      assert.equal(ran.error, undefined);
      assert.equal(ran.report.counts.put, put);
      assert.deepEqual(ran.report.liveCheck, {
        url: site.url,
        checked: Object.keys(files).length,
        failed: 0,
        failures: [],
        warnings: [],
      });
    }
  });

  test('a redirect object is expected to redirect, or to be served by a REST origin', async (t) => {
    const rules = [{ match: 'old.html', headers: { 'x-amz-website-redirect-location': '/docs/' } }];
    for (const origin of ['website', 'rest'] as const) {
      const { deploy } = await world(t, { origin }, { ...SITE, 'old.html': '<a href="/docs/">moved</a>' });
      const ran = await deploy({ rules });
      assert.equal(ran.error, undefined, ran.error?.message);
    }
    const { deploy } = await world(
      t,
      { change: at('/old.html', (page) => ({ ...page, headers: { location: '/elsewhere' } })) },
      { 'old.html': '<a href="/docs/">moved</a>' },
    );
    assert.deepEqual(messages(await deploy({ rules })), [
      'old.html: redirects (301) to /elsewhere instead of (301) to /docs/',
    ]);
  });

  test('many pages: at most 200 URLs are fetched, the root among them', async (t) => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [
        [`p/${index}.html`, `<p>${index}`],
        [`a/${index}.bin`, `${index}`],
      ]).flat(),
    );
    const { site, deploy } = await world(t, {}, { ...SITE, ...many });
    const ran = await deploy();
    assert.equal(ran.error, undefined);
    assert.equal(ran.report.liveCheck?.checked, 190);
    assert.ok(site.paths().includes('/'));
    const first = site.paths();
    await deploy({ mode: 'stupid' });
    assert.deepEqual(site.paths(), [...first, ...first].sort());
  });

  test('items, which are read once, are compared by their ETag or their length', async (t) => {
    const items = Object.entries(SITE).map(([key, body]) => ({ key, body }));
    const { deploy, server } = await world(t);
    const ran = await deploy({ source: items });
    assert.equal(ran.error, undefined);
    assert.deepEqual(warned(ran), []);
    server.mode({ etags: false }, 'site');
    const byLength = await deploy({ source: items, mode: 'stupid' });
    assert.equal(byLength.error, undefined);
    assert.deepEqual(warned(byLength), ['live-check-length']);
  });
});

describe('a site that does not serve what was put', () => {
  const OLD = '<!doctype html><title>Home</title><script src="/app-99999999.js"></script><p>Welcome';

  test('fails where the old page stays, after as many tries as patience has, and rolls nothing back', async (t) => {
    const { server, site, deploy } = await world(t, {
      change: staleFor(99, (path) => (path === '/' ? cachedPage(OLD) : undefined)),
    });
    const ran = await deploy();
    assert.ok(ran.error instanceof LiveCheckError);
    assert.equal(
      ran.error.message,
      `Everything is in the bucket, but the live check failed for 1 of 6 URLs. First: ${site.url} serves other content, ${OLD.length} bytes.`,
    );
    assert.match(ran.error.hint ?? '', /cloudfrontDistributionId/);
    assert.equal(ran.error.report.liveCheck?.failed, 1);
    assert.equal(ran.report.counts.put, 6);
    assert.equal(server.keys('site').length, 6);
    assert.equal(site.paths().filter((path) => path === '/').length, 4);
    assert.equal(site.requests.length, 9);
  });

  test('passes once a cache has let the old page go', async (t) => {
    const { site, deploy } = await world(t, {
      change: staleFor(3, (path) => (path === '/' ? cachedPage(OLD) : undefined)),
    });
    const ran = await deploy();
    assert.equal(ran.error, undefined);
    assert.equal(site.paths().filter((path) => path === '/').length, 4);
    assert.equal(ran.report.liveCheck?.failed, 0);
  });

  test('says why other content is old: its ETag, its age, or the length of the object that was replaced', async (t) => {
    const before = { 'a.html': '<p>one', 'b.html': '<p>before', 'c.html': '<p>3' };
    const change: Change = (page, { path }) => {
      if (path === '/a.html') return cachedPage(before['a.html'], { etag: `"${'0'.repeat(32)}"` });
      if (path === '/b.html') return cachedPage(`${before['b.html']} and more`, { age: '3600' });
      if (path === '/c.html') return cachedPage(before['c.html']);
      return page;
    };
    const server = await serverFor(t);
    const source = makeTree(t, before);
    await run(server, { source });
    const site = await liveSite(t, server, { change });
    addFiles(source, { 'a.html': '<p>one more', 'b.html': '<p>after', 'c.html': '<p>33' });
    const ran = await run(server, { source, verifyUrl: site.url });
    assert.deepEqual(messages(ran), [
      'a.html: serves other content, 6 bytes instead of the 11 that were uploaded: its ETag is that of another object',
      'b.html: serves other content, 18 bytes instead of the 8 that were uploaded: it was cached 1 h 0 min ago, before this upload',
      'c.html: serves other content, 4 bytes instead of the 5 that were uploaded: it is as long as the object that was replaced',
    ]);
  });

  const headerFaults: readonly (readonly [what: string, change: Change, message: RegExp])[] = [
    [
      'another type',
      (page) => ({ ...page, headers: { ...page.headers, 'content-type': 'text/plain' } }),
      /^is served with Content-Type "text\/plain" instead of "text\/html; charset=utf-8"$/,
    ],
    [
      'no type',
      (page) => {
        const { 'content-type': _, ...headers } = page.headers;
        return { ...page, headers };
      },
      /^is served with no Content-Type instead of/,
    ],
    [
      'a charset that is another',
      (page) => ({ ...page, headers: { ...page.headers, 'content-type': 'text/html; charset=latin1' } }),
      /latin1/,
    ],
    [
      'an encoding that its bytes do not have',
      (page) => ({ ...page, headers: { ...page.headers, 'content-encoding': 'br' } }),
      /^is served with Content-Encoding "br", but its bytes are not encoded so$/,
    ],
    [
      'an unknown encoding',
      (page) => ({ ...page, headers: { ...page.headers, 'content-encoding': 'rot13' } }),
      /"rot13", which is not known here/,
    ],
    ['404', () => errorPage(404), /^responds with 404$/],
    ['403', () => errorPage(403), /^responds with 403$/],
    ['503', () => errorPage(503), /^responds with 503$/],
    [
      'a redirect elsewhere',
      (page) => ({ ...page, status: 302, headers: { location: 'https://login.example.com/' } }),
      /^redirects \(302\) to https:\/\/login\.example\.com\/$/,
    ],
    [
      'an empty page',
      (page) => ({ ...page, body: Buffer.alloc(0) }),
      /^serves other content, 0 bytes instead of the 8 that were uploaded$/,
    ],
    ['a closed connection', () => 'drop', /^closes the connection (?:before|in the middle of) the response/],
  ];
  for (const [what, change, message] of headerFaults)
    test(`fails for ${what}`, async (t) => {
      const { deploy } = await world(t, {
        change: at('/about.html', (page, request) => {
          const changed = change(page, request);
          if (changed === 'hang' || changed === 'drop' || changed.status !== 200 || changed.body.length > 0)
            return changed;
          const { etag: _, ...headers } = changed.headers;
          return { ...changed, headers };
        }),
      });
      const ran = await deploy();
      assert.ok(ran.error instanceof LiveCheckError);
      assert.equal(ran.report.liveCheck?.failed, 1);
      assert.match(ran.report.liveCheck?.failures[0]?.message ?? '', message);
      assert.equal(ran.report.liveCheck?.failures[0]?.key, 'about.html');
    });

  test('fails at once for a site behind a password, with a hint', async (t) => {
    const { site, deploy } = await world(t, { change: () => errorPage(401) });
    const ran = await deploy();
    assert.ok(ran.error instanceof LiveCheckError);
    assert.match(ran.error.hint ?? '', /sends no password/);
    assert.equal(site.requests.length, 6);
  });

  test('fails where a compressed object lost its Content-Encoding', async (t) => {
    const { deploy } = await world(
      t,
      {
        change: (page) => {
          const { 'content-encoding': _, ...headers } = page.headers;
          return { ...page, headers: { ...headers, etag: '"cdn"' } };
        },
      },
      { 'index.html': `<p>${'compressible '.repeat(500)}` },
    );
    const ran = await deploy({ gzip: true });
    assert.deepEqual(messages(ran), [
      'index.html: is served without its Content-Encoding "gzip", so that browsers see compressed bytes',
    ]);
  });

  test('fails where a file that was compressed before the run lost its Content-Encoding', async (t) => {
    const { deploy } = await world(
      t,
      {
        change: (page) => {
          const { 'content-encoding': _, ...headers } = page.headers;
          return { ...page, headers: { ...headers, etag: '"cdn"' } };
        },
      },
      { 'index.html': gzipSync('<p>Hi') },
    );
    const ran = await deploy({ contentEncoding: 'gzip' });
    assert.deepEqual(messages(ran), [
      'index.html: is served without its Content-Encoding "gzip", so that browsers see compressed bytes',
    ]);
  });

  test('fails where nothing listens, and where a host does not respond', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'index.html': '<p>Hi' });
    const nothing = await run(server, { source, verifyUrl: 'http://127.0.0.1:1/' });
    assert.match(messages(nothing).join(), /: accepts no connections \(ECONNREFUSED\)/);
    assert.match(nothing.error?.hint ?? '', /verifyUrl/);
    const site = await liveSite(t, server, { change: () => 'hang' });
    const hangs = await run(
      server,
      { source, verifyUrl: site.url, mode: 'stupid' },
      { ...IMPATIENT, livePatience: { waits: [], totalMs: 1_000 } },
    );
    assert.ok(hangs.error instanceof LiveCheckError);
    assert.match(hangs.error.message, /for 1 of 1 URL\. First: \S+ did not respond in time/);
  });

  test('fails for a certificate that nobody trusts, without a second try', async (t) => {
    const file = (name: string): string => readFileSync(join(import.meta.dirname, '../support/tls', name), 'utf8');
    const { site, deploy } = await world(t, { tls: { key: file('key.pem'), cert: file('certificate.pem') } });
    const ran = await deploy();
    assert.match(ran.error?.message ?? '', /has a certificate that is not accepted: .*\(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    assert.match(ran.error?.hint ?? '', /NODE_EXTRA_CA_CERTS/);
    assert.equal(site.requests.length, 0);
    assert.equal(ran.report.liveCheck?.failed, 6);
  });
});

describe('a CDN that changes pages', () => {
  test('an injected script is a warning with both lengths', async (t) => {
    const { deploy } = await world(t, { change: injecting }, { 'index.html': '<p>Hi', 'app.js': '1' });
    const ran = await deploy();
    assert.equal(ran.error, undefined);
    assert.deepEqual(notes(ran), ['index.html: is changed on the way, 43 bytes instead of the 5 that were uploaded']);
    assert.deepEqual(warned(ran), ['live-check-rewritten']);
  });

  test('an old page with an injected script is still a failure', async (t) => {
    const { deploy } = await world(t, {
      change: at('/', (page, request) =>
        injecting({ ...page, body: Buffer.from(String(page.body).replace('1a2b3c4d', '99999999')) }, request),
      ),
    });
    assert.deepEqual(messages(await deploy()), [
      'index.html: serves other content, 122 bytes instead of the 84 that were uploaded',
    ]);
  });

  test('a changed script is a failure, unless its ETag proves that it is this one', async (t) => {
    const minified: Change = (page) => (isHtml(page) ? page : { ...page, body: Buffer.from('1') });
    const { deploy } = await world(t, { change: minified });
    assert.equal((await deploy()).error, undefined);
    const other = await world(t, {
      change: (page, request) => {
        const changed = minified(page, request);
        return typeof changed === 'string' ? changed : { ...changed, headers: { ...changed.headers, etag: '"cdn"' } };
      },
    });
    assert.equal((await other.deploy()).report.liveCheck?.failed, 2);
  });
});

describe('no live check', () => {
  const nothing = (site: LiveSite, ran: Ran): void => {
    assert.equal(site.requests.length, 0);
    assert.equal(ran.report.liveCheck, undefined);
  };

  test('in a dry run, and after a failed object', async (t) => {
    const { server, site, deploy } = await world(t);
    nothing(site, await deploy({ dryRun: true }));
    server.fault({ verb: 'PutObject', occurrences: 'all', key: 'about.html', type: 'status', status: 400 });
    const ran = await deploy();
    assert.deepEqual(ran.keys('fail'), ['about.html']);
    nothing(site, ran);
  });

  test('after a refusal, and after an abort', async (t) => {
    const { site, deploy } = await world(t);
    const refused = await deploy({ source: makeTree(t, { 'empty/': '' }) });
    assert.equal(refused.error?.name, 'RefusedError');
    nothing(site, refused);
    const aborted = await deploy({ signal: AbortSignal.abort() });
    assert.equal(aborted.error?.name, 'AbortError');
    nothing(site, aborted);
  });

  test('to its end where the run is aborted meanwhile', async (t) => {
    const stopped = new AbortController();
    const { server, deploy } = await world(t, {
      change: () => {
        stopped.abort(new Error('enough'));
        return 'hang';
      },
    });
    const ran = await deploy({ signal: stopped.signal });
    assert.equal(ran.error?.name, 'AbortError');
    assert.equal(ran.report.liveCheck, undefined);
    assert.equal(server.keys('site').length, 6);
  });

  test('where nothing of the run is known to be equal to its file', async (t) => {
    const { server, site, deploy } = await world(t);
    await run(server as S3Server, { source: makeTree(t, SITE) });
    const ran = await deploy({ mode: 'add' });
    nothing(site, ran);
    assert.deepEqual(warned(ran), ['live-check-empty']);
  });
});
