import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type S3File, s3Put } from '../../gulp-plugin/src/index.js';
import { serverFor } from '../support/engine.js';
import { fileOf, passed, putTo, statesOf, through } from './put.js';

const text = (path: string, contents = path, s3?: S3File['s3']): S3File => fileOf(path, Buffer.from(contents), s3);
const md5 = (bytes: string): string => createHash('md5').update(bytes).digest('hex');

describe('file.s3', () => {
  it('tells what became of a file as gulp-awspublish does', async (t) => {
    const server = await serverFor(t);
    for (const [key, body] of Object.entries({ same: 'same', different: 'before' }))
      server.seed('site', `p/${key}`, body);
    server.fault({
      verb: 'PutObject',
      occurrences: 'all',
      key: 'p/bad',
      type: 'status',
      status: 400,
      code: 'InvalidRequest',
    });
    const files = [text('new'), text('same'), text('different'), text('bad')];
    const before = Date.now();
    const { error } = await through(putTo(server, { prefix: '/p/', headers: { 'Cache-Control': 'no-cache' } }), files);
    assert.deepEqual(statesOf(files), { new: 'create', same: 'skip', different: 'update', bad: undefined });
    const [made, same, different, bad] = files.map(({ s3 }) => s3);
    const { date, ...facts } = made ?? {};
    assert.ok(date instanceof Date && date.getTime() >= before);
    assert.deepEqual(facts, {
      path: 'p/new',
      state: 'create',
      etag: md5('new'),
      headers: { 'content-type': 'application/octet-stream', 'cache-control': 'no-cache' },
      url: `${server.url}/site/p/new`,
      bytes: 3,
      reason: 'new',
    });
    assert.deepEqual([same?.etag, same?.bytes, same?.date], [md5('same'), 0, undefined]);
    assert.equal(different?.reason, 'size differs');
    assert.ok(bad !== undefined && !('state' in bad));
    assert.match(bad.reason ?? '', /InvalidRequest/);
    assert.deepEqual([error?.fileName, error?.plugin], ['/base/bad', 'gulp-s3-parallel-put']);
    assert.deepEqual(
      error?.failures.map(({ fileName, key, code }) => [fileName, key, code]),
      [['/base/bad', 'p/bad', 'InvalidRequest']],
    );
  });

  it('is an update where nobody looked', async (t) => {
    const server = await serverFor(t);
    const { files } = await through(putTo(server, { mode: 'stupid' }), [text('a')]);
    assert.deepEqual([files[0]?.s3?.state, files[0]?.s3?.reason], ['update', 'forced']);
  });

  it('of a stage before gives path and headers, as the router and gzip of gulp-awspublish set them', async (t) => {
    const server = await serverFor(t);
    const bytes = gzipSync('text '.repeat(100));
    const routed = fileOf('page.html', bytes, {
      path: '/moved/page.html',
      headers: { 'Content-Encoding': 'gzip', 'Cache-Control': 'max-age=60', 'Content-Length': '4711' },
    });
    const put = putTo(server, { prefix: 'p', headers: { 'cache-control': 'no-cache' } });
    await through(put, [routed]);
    assert.equal(routed.s3?.path, 'p/moved/page.html');
    const { headers, body } = server.object('site', 'p/moved/page.html') ?? assert.fail();
    assert.deepEqual(body, bytes);
    assert.deepEqual(
      [headers['content-encoding'], headers['cache-control'], headers['content-type']],
      ['gzip', 'max-age=60', 'text/html; charset=utf-8'],
    );
  });

  it('of a file that gulp-awspublish has compressed under another name has the type of what is in it', async (t) => {
    const server = await serverFor(t);
    const headers = { 'Content-Encoding': 'gzip' };
    const zipped = fileOf('page.html.gz', gzipSync('text'), { path: 'page.html.gz', headers });
    await through(putTo(server), [Object.assign(zipped, { unzipPath: '/base/page.html' })]);
    assert.equal(server.object('site', 'page.html.gz')?.headers['content-type'], 'text/html; charset=utf-8');
  });

  it('of a key without an ending has the type of the file, unless something else says it', async (t) => {
    const server = await serverFor(t);
    const rules = [{ match: 'plain', contentType: 'text/plain' }];
    const routed = [text('about.html', 'a', { path: 'about' }), text('plain.html', 'b', { path: 'plain' })];
    await through(putTo(server, { rules }), [...routed, text('data.json', 'c', { path: 'data.txt' })]);
    const types = ['about', 'plain', 'data.txt'].map((key) => server.object('site', key)?.headers['content-type']);
    assert.deepEqual(types, ['text/html; charset=utf-8', 'text/plain', 'text/plain; charset=utf-8']);
  });

  it('of a key without an ending has the type of the last path of the file that tells one', async (t) => {
    const server = await serverFor(t);
    const renamed = (paths: readonly string[], more: object = {}): S3File => {
      const file = text(paths[0] ?? '', 'text '.repeat(200));
      for (const path of paths.slice(1)) file.path = `/base/${path}`;
      return Object.assign(file, more);
    };
    const zipped = { unzipPath: '/base/zip', s3: { headers: { 'Content-Encoding': 'br' } } };
    const rows: readonly (readonly [S3File, string, string, string | undefined])[] = [
      [renamed(['about.html', 'about']), 'about', 'text/html; charset=utf-8', 'gzip'],
      [renamed(['page.md', 'page.html', 'page']), 'page', 'text/html; charset=utf-8', 'gzip'],
      [renamed(['docs/v1.2.html', 'docs/v1.2']), 'docs/v1.2', 'text/html; charset=utf-8', 'gzip'],
      [renamed(['a.svg', 'a.odd', 'a']), 'a', 'image/svg+xml', 'gzip'],
      [renamed(['raw.html', 'raw.bin']), 'raw.bin', 'application/octet-stream', undefined],
      [renamed(['none', 'other']), 'other', 'application/octet-stream', undefined],
      [renamed(['zip.html', 'zip', 'zip.br'], zipped), 'zip.br', 'text/html; charset=utf-8', 'br'],
    ];
    const { error } = await through(
      putTo(server, { gzip: true, prefix: 'p' }),
      rows.map(([file]) => file),
    );
    assert.equal(error, undefined);
    for (const [, key, type, encoding] of rows) {
      const { headers = {} } = server.object('site', `p/${key}`) ?? {};
      assert.deepEqual([headers['content-type'], headers['content-encoding']], [type, encoding], key);
    }
  });

  it('of a stage before may hold dates and numbers, as the router of gulp-awspublish with useExpires sets them', async (t) => {
    const server = await serverFor(t);
    const expires = new Date('2026-11-26T13:11:52Z');
    const headers = { Expires: expires, 'x-amz-meta-n': 5 } as unknown as Record<string, string>;
    const { error } = await through(putTo(server), [text('a.txt', 'a', { headers })]);
    assert.equal(error, undefined);
    const { headers: stored } = server.object('site', 'a.txt') ?? assert.fail();
    assert.deepEqual([stored.expires, stored['x-amz-meta-n']], ['Thu, 26 Nov 2026 13:11:52 GMT', '5']);
  });

  it('has the headers of compression where it was compressed', async (t) => {
    const server = await serverFor(t);
    const file = text('a.html', 'text '.repeat(200));
    await through(putTo(server, { gzip: true }), [file]);
    assert.equal(file.s3?.headers?.['content-encoding'], 'gzip');
    assert.match(file.s3?.headers?.['x-amz-meta-s3pp-md5'] ?? '', /^[0-9a-f]{32}$/);
  });

  it('has the address of the endpoint that the environment names', async (t) => {
    const server = await serverFor(t);
    const before = process.env.AWS_ENDPOINT_URL;
    t.after(() => {
      if (before === undefined) delete process.env.AWS_ENDPOINT_URL;
      else process.env.AWS_ENDPOINT_URL = before;
    });
    process.env.AWS_ENDPOINT_URL = server.url;
    const file = text('a.txt');
    const { error } = await through(putTo(server, { endpointUrl: undefined, mode: 'stupid' }), [file]);
    assert.equal(error, undefined);
    assert.equal(file.s3?.url, `${server.url}/site/a.txt`);
    assert.equal(server.keys('site').length, 1);
  });

  it('has an address that can be opened, and the one of AWS where no endpoint is given', async (t) => {
    const server = await serverFor(t);
    const file = text('für dich/100 %.txt');
    await through(putTo(server), [file]);
    assert.equal(file.s3?.url, `${server.url}/site/f%C3%BCr%20dich/100%20%25.txt`);
    const aws = text('a.txt');
    const more = { endpointUrl: undefined, region: 'eu-central-1', dryRun: true, mode: 'stupid' } as const;
    await through(putTo(server, more), [aws]);
    assert.equal(aws.s3?.url, 'https://site.s3.eu-central-1.amazonaws.com/a.txt');
  });
});

describe('the functions of the options', () => {
  it('see each file, with / in its path on every system', async (t) => {
    const server = await serverFor(t);
    const seen: string[] = [];
    const put = putTo(server, {
      prefix: 'p',
      key: (file, path) => {
        seen.push(`${file.relative} ${path}`);
        return path === 'keep.css' ? undefined : `v1/${path}`;
      },
      headers: (file) => (file.extname === '.css' ? { 'Cache-Control': 'max-age=1' } : undefined),
      rules: (file) =>
        file.basename === 'left.out'
          ? { skip: true }
          : { cacheControl: 'max-age=2', headers: { 'x-amz-meta-rule': 'yes' }, gzip: file.extname === '.html' },
    });
    const files = [text('folder\\a.html', 'a '.repeat(200)), text('keep.css'), text('left.out')];
    const { error } = await through(put, files);
    assert.equal(error, undefined);
    assert.deepEqual(seen.sort(), ['folder\\a.html folder/a.html', 'keep.css keep.css', 'left.out left.out']);
    assert.deepEqual(server.keys('site'), ['p/keep.css', 'p/v1/folder/a.html']);
    const headers = server.object('site', 'p/v1/folder/a.html')?.headers ?? {};
    assert.deepEqual(
      [headers['content-encoding'], headers['cache-control'], headers['x-amz-meta-rule']],
      ['gzip', 'max-age=2', 'yes'],
    );
    assert.equal(server.object('site', 'p/keep.css')?.headers['cache-control'], 'max-age=1');
    assert.deepEqual([files[2]?.s3?.reason, files[2]?.s3?.state], ['left out', undefined]);
  });

  it('may take the ending from a key, which leaves the content type that of the file', async (t) => {
    const server = await serverFor(t);
    const put = putTo(server, { bucket: 's3://site/v2', key: (_file, path) => path.replace(/\.html$/, '') });
    const { files } = await through(put, [text('about.html'), text('docs/v1.2.html'), text('site.css')]);
    const types = server.keys('site').map((key) => [key, server.object('site', key)?.headers['content-type']]);
    assert.deepEqual(Object.fromEntries(types), {
      'v2/about': 'text/html; charset=utf-8',
      'v2/docs/v1.2': 'text/html; charset=utf-8',
      'v2/site.css': 'text/css; charset=utf-8',
    });
    assert.deepEqual(files.map(({ s3 }) => s3?.path).sort(), server.keys('site'));
  });

  it('give whole keys with absoluteKey, in the state and its address too', async (t) => {
    for (const dryRun of [false, true]) {
      const server = await serverFor(t);
      server.seed('site', 'robots.txt', 'robots.txt');
      server.seed('site', 'changed.txt', 'before');
      const put = putTo(server, {
        prefix: 'v2',
        absoluteKey: true,
        dryRun,
        key: (_file, path) => (path.endsWith('.html') ? undefined : path === 'bad' ? 'a//b' : `/${path}`),
        rules: (file) => (file.basename === 'left.txt' ? { skip: true } : undefined),
      });
      const names = ['robots.txt', 'changed.txt', 'new.txt', 'about.html', 'left.txt', 'bad'];
      const files = names.map((name) => text(name));
      const { error } = await through(put, files);
      const states = files.map(({ s3 }) => [s3?.path, s3?.state, s3?.url]);
      const at = (key: string, state?: string) => [key, state, `${server.url}/site/${key}`];
      assert.deepEqual(states, [
        at('robots.txt', 'skip'),
        at('changed.txt', 'update'),
        at('new.txt', 'create'),
        at('v2/about.html', 'create'),
        at('left.txt'),
        at('a//b'),
      ]);
      assert.deepEqual(
        error?.failures.map(({ key }) => key),
        ['a//b'],
      );
      if (!dryRun) assert.deepEqual(server.keys('site'), ['changed.txt', 'new.txt', 'robots.txt', 'v2/about.html']);
    }
  });

  it('are asked about the path that a stage before has set', async (t) => {
    const server = await serverFor(t);
    const put = putTo(server, { key: (_file, path) => path.toUpperCase() });
    await through(put, [text('a', 'a', { path: 'routed/a' })]);
    assert.deepEqual(server.keys('site'), ['ROUTED/A']);
  });

  it('fail the file, by name, for what they throw or give', async (t) => {
    const server = await serverFor(t);
    const boom = (): never => {
      throw new Error('boom');
    };
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ key: boom }, /the function "key" failed: boom/],
      [{ headers: boom }, /the function "headers" failed: boom/],
      [{ rules: boom }, /the function "rules" failed: boom/],
      [{ key: () => 4 }, /the function "key" returned number/],
      [{ key: async () => 'a' }, /the function "key" returned a promise/],
      [{ headers: async () => ({}) }, /the function "headers" returned a promise/],
      [{ headers: () => ({ 'cache-control': 4 }) }, /"cache-control" is number/],
      [{ rules: () => ({ cachecontrol: 'x' }) }, /not "cachecontrol"/],
      [{ rules: () => ({ gzip: 'yes' }) }, /gzip/],
    ];
    for (const [options, message] of wrong) {
      const asked = (name: string, ask: (file: S3File) => unknown) => (file: S3File) =>
        file.relative === 'bad' ? ask(file) : name === 'key' ? undefined : {};
      const only = Object.entries(options).map(([name, ask]) => [name, asked(name, ask)]);
      const files = [text('bad'), text('good')];
      const { error } = await through(putTo(server, Object.fromEntries(only)), files);
      assert.match(error?.message ?? '', message);
      assert.match(error?.message ?? '', /^1 of 2 files failed:/);
      assert.equal(error?.fileName, '/base/bad');
      assert.ok(files[0]?.s3 !== undefined && !('state' in files[0].s3));
      assert.ok(server.object('site', 'good') !== undefined);
    }
  });

  it('may be rules and headers for all, as the engine takes them', async (t) => {
    const server = await serverFor(t);
    const rules = [
      { match: '*.html', cacheControl: 'no-cache' },
      { match: '*.map', skip: true },
    ];
    const { files } = await through(
      putTo(server, { rules, limit: 2 }),
      ['a.html', 'b.map', 'c', 'd'].map((n) => text(n)),
    );
    assert.deepEqual(server.keys('site'), ['a.html', 'c']);
    assert.equal(server.object('site', 'a.html')?.headers['cache-control'], 'no-cache');
    assert.deepEqual(statesOf(files), { 'a.html': 'create', 'b.map': undefined, c: 'create', d: undefined });
  });
});

describe('an option that cannot work', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /needs an object of options/],
    [{}, /No bucket was given/],
    [{ bucket: 'b/a d' }, /is not a bucket name/],
    [{ bucket: 's3://site', source: 'dist' }, /"source" is not for this plugin/],
    [{ bucket: 's3://site', keyBase: 'cwd' }, /"keyBase" is not for this plugin/],
    [{ bucket: 's3://site', concurency: 4 }, /concurency.*concurrency/s],
    [{ bucket: 's3://site', key: 'a' }, /key is string; it must be a function/],
    [{ bucket: 's3://site', absoluteKey: true }, /absoluteKey is true, but there is no key function/],
    [{ bucket: 's3://site', absoluteKey: 'yes' }, /absoluteKey is "yes"; it must be true or false/],
    [{ bucket: 's3://site', absolutKey: true }, /absolutKey.*absoluteKey/s],
    [{ bucket: 's3://site', onCorrupt: 'ignore' }, /onCorrupt "ignore" is unknown/],
    [{ bucket: 's3://site', rules: [{ match: '*', cachecontrol: 'x' }] }, /unknown key "cachecontrol"/],
  ];
  for (const [options, message] of wrong)
    it(`is a PluginError of the call: ${JSON.stringify(options)}`, () => {
      const error = assertThrows(() => s3Put(options as never));
      assert.match(error.message, message);
      assert.deepEqual([error.plugin, error.showStack], ['gulp-s3-parallel-put', false]);
    });
});

function assertThrows(run: () => unknown): Error & { readonly plugin?: string; readonly showStack?: boolean } {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  return assert.fail('nothing was thrown');
}

describe('the reporter', () => {
  it('has a line for each file, and the totals', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'same', 'same');
    server.seed('site', 'different', 'before');
    const report = async (options: Parameters<typeof s3Put.reporter>[0]): Promise<string[]> => {
      const lines: string[] = [];
      const put = putTo(server, { dryRun: true });
      const all = passed(put.pipe(s3Put.reporter({ write: (line) => lines.push(line), ...options })));
      for (const name of ['new', 'same', 'different', 'bad\nname']) put.write(text(name));
      put.end();
      assert.equal((await all).files.length, 4);
      return lines;
    };
    const total = '\\(dry run\\) 2 created, 1 updated, 1 unchanged; \\d+ bytes to send\\.$';
    const lines = await report({});
    assert.match(lines.pop() ?? '', new RegExp(`^${total}`));
    assert.deepEqual(lines.sort(), [
      '[create] bad\\x0aname (new)',
      '[create] new (new)',
      '[skip]   same (same content)',
      '[update] different (size differs)',
    ]);
    assert.equal((await report({ states: ['update'] })).length, 2);
    for (const name of ['new', 'different', 'bad\nname']) server.seed('site', name, name);
    server.seed('site', 'different', 'different');
    assert.match((await report({})).at(-1) ?? '', /^\(dry run\) 0 created, 0 updated, 4 unchanged; 0 bytes to send\.$/);
  });

  it('refuses options that it has not', () => {
    const refused: readonly (readonly [unknown, RegExp])[] = [
      [{ states: ['nope'] }, /states is \["nope"\]; it must be a list of create, update, skip/],
      [{ states: [undefined] }, /states is \[null\]/],
      [{ states: 'skip' }, /states is "skip"/],
      [{ foo: 1 }, /the option "foo" is unknown/],
      [{ write: 'x' }, /write must be a function/],
      [null, /must be an object/],
    ];
    for (const [options, message] of refused)
      assert.throws(() => s3Put.reporter(options as object), {
        name: 'Error',
        plugin: 'gulp-s3-parallel-put',
        message,
      });
  });
});
