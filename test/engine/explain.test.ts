import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type ExplainOptions, type Explanation, explain, explainPrepared, nameExplainer } from '../../src/explain.js';
import type { PutOptions, Rule } from '../../src/index.js';
import { shardOf } from '../../src/model/shard.js';
import { preparePut } from '../../src/prepare-put.js';
import { connection, run, serverFor } from '../support/engine.js';
import { runs } from '../support/runs.js';
import { makeTree } from '../support/tree.js';

const TEXT = 'Some text that gzip makes smaller. '.repeat(20);
const FILES = {
  'index.html': `<html>${TEXT}</html>`,
  'small.html': '<p>',
  'latin1.html': Buffer.from(`caf\xe9 ${TEXT}`, 'latin1'),
  'assets/app.js': TEXT,
  'assets/app.js.gz': Buffer.from('1f8b', 'hex'),
  'assets/logo.png': Buffer.from('89504e47', 'hex'),
  LICENSE: TEXT,
  'docs/v1.2/about': '<p>',
  'data.json': '{}',
  empty: '',
};
const PATHS = Object.keys(FILES);

/** What a request has besides the headers of its object. */
const OF_REQUESTS =
  /^(?:host|authorization|content-length|content-md5|connection|user-agent|expect|accept.*|x-amz-(?:date|content-sha256|user-agent|checksum-.*|sdk-.*|security-token|decoded-content-length)|amz-sdk-.*|if-.*|transfer-encoding)$/;

const ruleOf: fc.Arbitrary<Rule> = fc.record(
  {
    match: fc.constantFrom('**', '*.html', 'assets/**', ['*.js', 'LICENSE'], 'docs/', 'nothing'),
    headers: fc.dictionary(fc.constantFrom('x-amz-meta-a', 'Content-Language'), fc.constantFrom('de', 'en')),
    contentType: fc.constantFrom('text/x-a', 'guess', 'application/json'),
    cacheControl: fc.constantFrom('no-cache', 'public, max-age=60'),
    contentEncoding: fc.constantFrom('br', 'identity'),
    acl: fc.constantFrom('private' as const, 'bucket-owner-full-control' as const),
    gzip: fc.constantFrom(true, false, 'all' as const, ['text/html']),
    skip: fc.constant(false),
  },
  { requiredKeys: ['match'] },
);

const optionsOf: fc.Arbitrary<Partial<Omit<PutOptions, 'source' | 'bucket'>>> = fc.record(
  {
    cacheControl: fc.constantFrom('no-store', 'public, max-age=31536000'),
    contentType: fc.constantFrom('guess', 'text/plain'),
    contentLanguage: fc.constant('fr'),
    headers: fc.oneof(
      fc.dictionary(fc.constantFrom('x-amz-meta-b', 'Cache-Control'), fc.constantFrom('no-cache', 'x')),
      fc.constant(({ size }: { readonly size: number | undefined }) => ({ 'x-amz-meta-size': String(size) })),
    ),
    metadata: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')),
    tagging: fc.constant({ team: 'docs' }),
    gzip: fc.constantFrom(true, 'all' as const, ['guess', 'image/png']),
    rules: fc.array(ruleOf, { maxLength: 4 }),
    order: fc.constantFrom('site' as const, 'none' as const),
    prefix: fc.constantFrom('', 'docs'),
    key: fc.constantFrom(undefined, ({ key }: { readonly key: string }) => `k/${key}.html`),
  },
  { requiredKeys: [] },
);

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function valuesOf({ headers = [] }: Explanation): Readonly<Record<string, string>> {
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
}

/** Explains a file of a folder, with the folder as the source. */
function explained(source: string, file: string, options: Partial<ExplainOptions> = {}): Promise<Explanation> {
  return explain({ source, file: join(source, file), ...options });
}

describe('the explanation of a file', () => {
  test('property: key and headers are those that a put of the file sends, and no request is made for them', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, FILES);
    await fc.assert(
      fc.asyncProperty(optionsOf, fc.constantFrom(...PATHS), async (given, path) => {
        const options = defined(given);
        server.clearRequests();
        const explanation = await explained(source, path, { ...connection(server), ...options });
        assert.equal(server.requests.length, 0);
        await run(server, { source, filesFrom: [path], mode: 'stupid', ...options });
        const put = server.requests.find(({ verb }) => verb === 'PutObject');
        const sent = Object.entries(put?.headers ?? {}).filter(([name]) => !OF_REQUESTS.test(name));
        assert.deepEqual(valuesOf(explanation), Object.fromEntries(sent));
        assert.equal(explanation.key?.key, put?.key);
        assert.equal(
          explanation.gzip?.compressed,
          explanation.headers?.some(({ origin }) => origin.by === 'gzip'),
        );
      }),
      runs(60),
    );
  });

  test('says which of several jobs puts a file, and that pages wait for finish', async (t) => {
    const source = makeTree(t, { 'index.html': 'page', 'app.css': 'a' });
    const of = async (file: string, options: Partial<ExplainOptions>) => (await explained(source, file, options)).shard;
    const index = shardOf('app.css', 3);
    const other = (index % 3) + 1;
    assert.deepEqual(await of('app.css', { shard: `${index}/3` }), { index, count: 3, putBy: 'this' });
    assert.deepEqual(await of('app.css', { shard: `${other}/3` }), { index, count: 3, putBy: 'other' });
    const page = { index: shardOf('index.html', 3), count: 3 };
    assert.deepEqual(await of('index.html', { shard: '1/3' }), { ...page, putBy: 'finish' });
    const unordered = await of('index.html', { shard: `${page.index}/3`, order: 'none' });
    assert.deepEqual(unordered, { ...page, putBy: 'this' });
    assert.equal(await of('index.html', {}), undefined);
  });

  test('names what gave each header, the compression and the phase', async (t) => {
    const source = makeTree(t, FILES);
    const rules: readonly Rule[] = [
      { match: '**', cacheControl: 'a' },
      { match: '*.html', cacheControl: 'b', gzip: true, phase: 'data' },
    ];
    const page = await explained(source, 'index.html', { rules, cacheControl: 'c', contentLanguage: 'de' });
    const origins = Object.fromEntries((page.headers ?? []).map(({ name, origin }) => [name, origin]));
    const html = { number: 2, match: '*.html' };
    assert.deepEqual(origins, {
      'cache-control': { by: 'rule', ...html },
      'content-encoding': { by: 'gzip' },
      'content-language': { by: 'option', option: 'contentLanguage' },
      'content-type': { by: 'name', name: 'index.html' },
      'x-amz-meta-s3pp-md5': { by: 'gzip' },
    });
    assert.deepEqual(page.gzip, { compressed: true, reason: 'type is listed', rule: html });
    assert.deepEqual(page.phase, { phase: 'data', rule: html, ordered: false });
    const small = await explained(source, 'small.html', { gzip: true, order: 'site' });
    assert.deepEqual(small.gzip, { compressed: false, reason: 'not smaller' });
    assert.deepEqual(small.phase, { phase: 'pages', why: 'HTML', ordered: true });
    const licence = await explained(source, 'LICENSE');
    assert.deepEqual(licence.headers, [
      { name: 'content-type', value: 'text/plain; charset=utf-8', origin: { by: 'bytes', name: 'LICENSE' } },
    ]);
    assert.deepEqual((await explained(source, 'latin1.html')).headers?.[0]?.origin.by, 'bytes');
  });

  test('shows the careful header of a name with a hash that the bucket has with other content', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'index.html': '<script src=a-BfX9a1b2.js></script>', 'a-BfX9a1b2.js': '1' });
    const at = { ...connection(server), bucket: 'site', preset: 'site' } as const;
    const before = await explained(source, 'a-BfX9a1b2.js', at);
    assert.equal(valuesOf(before)['cache-control'], 'public, max-age=31536000, immutable');
    server.seed('site', 'a-BfX9a1b2.js', 'other');
    const after = await explained(source, 'a-BfX9a1b2.js', at);
    assert.equal(valuesOf(after)['cache-control'], 'public, max-age=600');
    const [control] = after.headers ?? [];
    assert.match(JSON.stringify(control?.origin), /the bucket has other content under it/);
    assert.ok(after.headers?.every(({ origin }) => origin.by !== 'gzip'));
  });

  test('has both keys of a page that is the page of its folder, and decides about both', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'docs/index.html': '<p>' });
    server.seed('site', 'docs/index.html', '<p>');
    const at = { ...connection(server), bucket: 'site', cleanUrls: 'index' } as const;
    const { key, decision } = await explained(source, 'docs/index.html', at);
    assert.deepEqual([key?.key, key?.folder], ['docs/index.html', 'docs/']);
    assert.deepEqual([decision?.action, decision?.folder], ['skip', { action: 'put', reason: 'new' }]);
  });

  test('is not refused for too many changes', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.html': '<p>' });
    server.seed('site', 'a.html', '<p>');
    const at = { ...connection(server), bucket: 'site', preset: 'site', maxUpdate: '25%' } as const;
    const { decision } = await explained(source, 'a.html', at);
    assert.deepEqual([decision?.action, decision?.reason], ['metadata', 'headers differ']);
  });

  test('has the preset below options and rules, and says why', async (t) => {
    const source = makeTree(t, FILES);
    const page = await explained(source, 'index.html', { preset: 'site' });
    const preset = { by: 'preset', preset: 'site', why: 'an entry document' };
    assert.deepEqual(page.headers?.[0], { name: 'cache-control', value: 'no-cache', origin: preset });
    const option = await explained(source, 'index.html', { preset: 'site', cacheControl: 'no-store' });
    assert.deepEqual(option.headers?.[0]?.origin, { by: 'option', option: 'cacheControl' });
    assert.deepEqual(option.headers?.[0]?.instead, [{ name: 'cache-control', value: 'no-cache', origin: preset }]);
  });

  test('says how the key is made', async (t) => {
    const source = makeTree(t, { 'a.html': 'x' });
    const keyOf = async (options: Partial<ExplainOptions>) => (await explained(source, 'a.html', options)).key;
    const usual = { by: 'path', prefix: '', fromWorkingDirectory: false };
    assert.deepEqual(await keyOf({}), { ...usual, key: 'a.html' });
    assert.deepEqual(await keyOf({ prefix: 'docs' }), { ...usual, key: 'docs/a.html', prefix: 'docs/' });
    assert.deepEqual(await keyOf({ key: () => 'b' }), { ...usual, key: 'b', by: 'function' });
    const named = { source: join(source, 'a.html'), as: 'about', prefix: 'p' };
    assert.deepEqual(await keyOf(named), { ...usual, key: 'p/about', by: 'as', prefix: 'p/' });
  });

  test('takes options that are about a whole source', async (t) => {
    const source = makeTree(t, { 'a.html': 'x', 'b.html': 'x' });
    const options = { delete: true, deleteAfter: '7d', limit: 1, listStrays: true, ifNoFilesFound: 'error' } as const;
    assert.equal((await explained(source, 'b.html', options)).key?.key, 'b.html');
  });
});

describe('why a file is not put', () => {
  const rules: readonly Rule[] = [
    { match: 'drafts/**', skip: true },
    { match: '*.keep', skip: false },
  ];
  const table: readonly (readonly [string, Partial<ExplainOptions>, Partial<Explanation>])[] = [
    ['a.map', { exclude: '*.map' }, { filter: { taken: false, by: 'exclude', pattern: '*.map' } }],
    ['a.html', { include: '*.map' }, { filter: { taken: false, by: 'nothing', filters: true } }],
    ['.env', { hidden: false }, { filter: { taken: false, by: 'hidden' } }],
    ['.git/config', {}, { filter: { taken: false, by: 'junk' } }],
    ['drafts/a.html', { rules }, { leftOut: { by: 'rule', number: 1, match: 'drafts/**' } }],
    ['a.html', { minSize: 10 }, { leftOut: { by: 'minSize', limit: 10 }, size: 1 }],
    ['a.html', { maxSize: 0 }, { leftOut: { by: 'maxSize', limit: 0 }, size: 1 }],
    ['a.html', { filter: () => false }, { leftOut: { by: 'function' } }],
    ['a.html', { filesFrom: ['a.map'] }, { leftOut: { by: 'filesFrom' } }],
    ['in.html', { symlinks: 'skip' }, { leftOut: { by: 'kind', reason: 'symlink (symlinks: skip)' } }],
  ];
  for (const [path, options, expected] of table)
    test(`${path} with ${JSON.stringify(options)}`, async (t) => {
      const files = ['a.map', 'a.html', '.env', '.git/config', 'drafts/a.html'];
      const source = makeTree(t, Object.fromEntries(files.map((file) => [file, 'x'])));
      symlinkSync('a.html', join(source, 'in.html'));
      const explanation = await explained(source, path, options);
      for (const [name, value] of Object.entries(expected))
        assert.deepEqual(explanation[name as keyof Explanation], value);
      assert.ok(explanation.leftOut !== undefined);
      assert.deepEqual([explanation.headers, explanation.key, explanation.decision], [undefined, undefined, undefined]);
      // The put does not send it either.
      const server = await serverFor(t);
      await run(server, { source, ...options, ifNoFilesFound: 'ignore' } as PutOptions);
      assert.ok(!server.keys('site').includes(path));
    });

  test('a rule that takes it again after one that skips it', async (t) => {
    const source = makeTree(t, { 'drafts/a.keep': 'x' });
    assert.equal((await explained(source, 'drafts/a.keep', { rules })).leftOut, undefined);
  });

  test('the run itself reads it', async (t) => {
    const source = makeTree(t, { 'config.yaml': 'x' });
    const file = join(source, 'config.yaml');
    const prepared = { ...preparePut({ source, bucket: 'site' }), ownFiles: [file] };
    assert.deepEqual((await explainPrepared(prepared, file, false)).leftOut, { by: 'ownFile' });
  });

  test('links that are not followed fail, with the fix', async (t) => {
    const source = makeTree(t, { 'a.html': 'x' });
    symlinkSync('nowhere', join(source, 'broken'));
    symlinkSync('/etc/hostname', join(source, 'out'));
    for (const [path, why] of [
      ['broken', /broken/],
      ['out', /leads out of the source/],
    ] as const)
      assert.match((await explained(source, path)).failure?.message ?? '', why);
  });

  const missing: readonly (readonly [string, string, RegExp])[] = [
    ['a file that does not exist', 'nope.html', /There is no file "nope\.html" in the source/],
    ['a folder', 'docs', /"docs" is a directory/],
    ['the source', '.', /"\." is (?:a directory|not in the source)/],
    ['a file elsewhere', '/etc/hostname', /"\/etc\/hostname" is not in the source/],
  ];
  for (const [what, file, message] of missing)
    test(`${what} is a usage error`, async (t) => {
      const source = makeTree(t, { 'docs/a.html': 'x' });
      await assert.rejects(explain({ source, file }), { name: 'UsageError', message });
    });

  test('an archive is a usage error, unless it gets a key of its own', async (t) => {
    const source = join(makeTree(t, { 'site.tar': '' }), 'site.tar');
    await assert.rejects(explain({ source, file: source }), { name: 'UsageError', message: /is an archive/ });
  });
});

describe('the decision', () => {
  test('is that of a dry run of this file: it reads, and writes nothing', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.html': 'x', 'b.html': 'y', 'c.html': 'z' });
    await run(server, { source, exclude: 'c.html' });
    server.seed('site', 'b.html', 'other');
    server.clearRequests();
    const at = { ...connection(server), bucket: 'site' };
    const decisionOf = async (path: string, options: Partial<ExplainOptions> = {}) => {
      const { action, reason } = (await explained(source, path, { ...at, ...options })).decision ?? {};
      return [action, reason];
    };
    assert.deepEqual(await decisionOf('a.html'), ['skip', 'same content']);
    assert.deepEqual(await decisionOf('b.html'), ['put', 'size differs']);
    assert.deepEqual(await decisionOf('b.html', { mode: 'add' }), ['skip', 'exists']);
    assert.deepEqual(await decisionOf('c.html'), ['put', 'new']);
    const { decision } = await explained(source, 'c.html', at);
    assert.deepEqual(decision?.requests, { ListObjectsV2: 1 });
    assert.ok(server.requests.every(({ method }) => method === 'GET' || method === 'HEAD'));
    server.clearRequests();
    assert.deepEqual(await decisionOf('a.html', { mode: 'stupid' }), ['put', 'forced']);
    assert.deepEqual(server.requests, []);
  });

  test('without a destination there is none, also where the options name a server', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.html': 'x' });
    const { decision, headers } = await explained(source, 'a.html', connection(server));
    assert.deepEqual([decision, headers?.length, server.requests], [undefined, 1, []]);
  });

  test('is unknown where the bucket cannot be read, with all else explained', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.html': 'x' });
    const { decision, headers } = await explained(source, 'a.html', { ...connection(server), bucket: 'nobody' });
    assert.equal(decision?.action, 'unknown');
    assert.equal((decision?.error as { readonly code?: string } | undefined)?.code, 'NoSuchBucket');
    assert.equal(headers?.length, 1);
  });

  test('a secret that a run would refuse is refused, and its headers are explained', async (t) => {
    const server = await serverFor(t);
    const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'.repeat(4)}\n-----END PRIVATE KEY-----\n`;
    const source = makeTree(t, { 'site.pem': key });
    const at = { ...connection(server), bucket: 'site' };
    const refused = await explained(source, 'site.pem', { ...at, preset: 'site' });
    assert.equal(refused.decision?.action, 'refuse');
    assert.match(refused.decision?.reason ?? '', /a private key/);
    assert.ok((refused.headers?.length ?? 0) > 0);
    const warned = await explained(source, 'site.pem', at);
    assert.equal(warned.decision?.action, 'put');
    assert.match(String(warned.warnings[0]), /looks like a secret/);
  });

  test('names the coding, and compressed copies', async (t) => {
    const files = { 'a.css': TEXT, 'b.css': TEXT, 'b.css.gz': gzipSync(TEXT), 'c.svgz': gzipSync(TEXT) };
    const source = makeTree(t, files);
    const encodingOf = ({ headers = [] }: Explanation) => headers.find(({ name }) => name === 'content-encoding');
    const page = await explained(source, 'a.css', { compress: 'br' });
    assert.deepEqual(page.gzip, { compressed: true, encoding: 'br', reason: 'type is listed' });
    assert.deepEqual(encodingOf(page), { name: 'content-encoding', value: 'br', origin: { by: 'compress' } });
    const replaced = await explained(source, 'b.css', { precompressed: 'replace' });
    assert.deepEqual(encodingOf(replaced)?.origin, { by: 'name', name: 'b.css.gz' });
    assert.deepEqual([replaced.key?.key, replaced.size], ['b.css', files['b.css.gz'].length]);
    const copy = await explained(source, 'b.css.gz', { precompressed: 'replace' });
    assert.deepEqual(copy.leftOut, { by: 'precompressed' });
    const own = await explained(source, 'b.css.gz', { precompressed: 'separate' });
    assert.deepEqual([own.key?.key, encodingOf(own)?.value], ['b.css.gz', 'gzip']);
    assert.equal(own.headers?.find(({ name }) => name === 'content-type')?.value, 'text/css; charset=utf-8');
    assert.deepEqual(encodingOf(await explained(source, 'c.svgz'))?.origin, { by: 'bytes', name: 'c.svgz' });
  });

  test('has no warning of what only a whole walk shows', async (t) => {
    const source = makeTree(t, { 'a.html': 'x', 'b.js': 'x' });
    const rules = [{ match: '*.js', cacheControl: 'no-cache' }];
    assert.deepEqual((await explained(source, 'a.html', { rules, exclude: '*.js' })).warnings, []);
  });
});

test('names are explained by filters and rules, whether they exist or not', () => {
  const rules = [{ match: 'a/**', skip: true }];
  const explainName = nameExplainer(preparePut({ source: '.', bucket: 'site', exclude: ['x/*'], rules }), '.');
  assert.deepEqual(explainName('a/b'), {
    name: 'a/b',
    filter: { taken: true, by: 'nothing', filters: true },
    rule: { number: 1, match: 'a/**' },
    aws: { taken: true },
  });
  const { filter, aws } = explainName('x/y/z');
  assert.deepEqual(filter, { taken: false, by: 'exclude', pattern: 'x/*', directory: 'x/y' });
  assert.deepEqual(aws, { taken: false, by: 'exclude', pattern: 'x/*' });
});
