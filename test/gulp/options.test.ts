import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type S3File, s3Put } from '../../gulp-plugin/src/index.js';
import type { RunEvent } from '../../src/index.js';
import { serverFor } from '../support/engine.js';
import { putTo, statesOf, textFile, through } from './streams.js';

describe('an option that is a function', () => {
  it('is called with each file, and with / in its path on every system', async (t) => {
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
    const files = [textFile('folder\\a.html', 'a '.repeat(200)), textFile('keep.css'), textFile('left.out')];
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

  it('may remove the extension from a key; the content type is still that of the file', async (t) => {
    const server = await serverFor(t);
    const put = putTo(server, { bucket: 's3://site/v2', key: (_file, path) => path.replace(/\.html$/, '') });
    const { files } = await through(put, [textFile('about.html'), textFile('docs/v1.2.html'), textFile('site.css')]);
    const types = server.keys('site').map((key) => [key, server.object('site', key)?.headers['content-type']]);
    assert.deepEqual(Object.fromEntries(types), {
      'v2/about': 'text/html; charset=utf-8',
      'v2/docs/v1.2': 'text/html; charset=utf-8',
      'v2/site.css': 'text/css; charset=utf-8',
    });
    assert.deepEqual(files.map(({ s3 }) => s3?.path).sort(), server.keys('site'));
  });

  it('returns whole keys with absoluteKey, also for the state and its URL', async (t) => {
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
      const files = names.map((name) => textFile(name));
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

  it('is called with the path that an earlier stage set', async (t) => {
    const server = await serverFor(t);
    const put = putTo(server, { key: (_file, path) => path.toUpperCase() });
    await through(put, [textFile('a', 'a', { path: 'routed/a' })]);
    assert.deepEqual(server.keys('site'), ['ROUTED/A']);
  });

  it('fails the file if it throws or returns something wrong, and the error names the function', async (t) => {
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
      [
        { headers: () => ({ 'cache-control': 4 }) },
        /The header "cache-control".*names no directive.\n.*Write "max-age=4"/,
      ],
      [{ rules: () => ({ cachecontrol: 'x' }) }, /not "cachecontrol"/],
      [{ rules: () => ({ gzip: 'yes' }) }, /gzip/],
    ];
    for (const [options, message] of wrong) {
      const onlyForBad = (name: string, hook: (file: S3File) => unknown) => (file: S3File) =>
        file.relative === 'bad' ? hook(file) : name === 'key' ? undefined : {};
      const hooks = Object.entries(options).map(([name, hook]) => [name, onlyForBad(name, hook)]);
      const files = [textFile('bad'), textFile('good')];
      const { error } = await through(putTo(server, Object.fromEntries(hooks)), files);
      assert.match(error?.message ?? '', message);
      assert.match(error?.message ?? '', /^1 of 2 files failed:/);
      assert.equal(error?.fileName, '/base/bad');
      assert.ok(files[0]?.s3 !== undefined && !('state' in files[0].s3));
      assert.ok(server.object('site', 'good') !== undefined);
    }
  });

  it('may instead be a list of rules, as for the engine', async (t) => {
    const server = await serverFor(t);
    const rules = [
      { match: '*.html', cacheControl: 'no-cache' },
      { match: '*.map', skip: true },
    ];
    const { files } = await through(
      putTo(server, { rules, limit: 2 }),
      ['a.html', 'b.map', 'c', 'd'].map((n) => textFile(n)),
    );
    assert.deepEqual(server.keys('site'), ['a.html', 'c']);
    assert.equal(server.object('site', 'a.html')?.headers['cache-control'], 'no-cache');
    assert.deepEqual(statesOf(files), { 'a.html': 'create', 'b.map': undefined, c: 'create', d: undefined });
  });
});

describe('keys of a rule and dates', () => {
  it('reach the object, from a function and from a stage', async (t) => {
    const server = await serverFor(t);
    const expires = new Date('2100-01-01');
    const put = putTo(server, {
      rules: () => ({
        contentEncoding: 'br',
        contentLanguage: 'de',
        expires,
        websiteRedirect: '/new',
        contentDisposition: 'inline',
      }),
      headers: () => ({ 'x-amz-meta-a': '1' }),
    });
    const files = [
      textFile('a'),
      textFile('b', 'b', { headers: { Expires: new Date('2101-01-01') as unknown as string } } as S3File['s3']),
    ];
    const { error } = await through(put, files);
    assert.equal(error, undefined);
    const headers = server.object('site', 'a')?.headers ?? {};
    assert.deepEqual(
      ['content-encoding', 'content-language', 'expires', 'x-amz-website-redirect-location', 'content-disposition'].map(
        (name) => headers[name],
      ),
      ['br', 'de', 'Fri, 01 Jan 2100 00:00:00 GMT', '/new', 'inline'],
    );
    assert.equal(files[0]?.s3?.headers?.expires, 'Fri, 01 Jan 2100 00:00:00 GMT');
    assert.equal(server.object('site', 'b')?.headers.expires, 'Sat, 01 Jan 2101 00:00:00 GMT');
    const hook = await through(putTo(server, { headers: () => ({ Expires: expires }) }), [textFile('c')]);
    assert.equal(hook.error, undefined);
    assert.equal(server.object('site', 'c')?.headers.expires, 'Fri, 01 Jan 2100 00:00:00 GMT');
    const wrong = await through(putTo(server), [
      textFile('d', 'd', { headers: { 'Cache-Control': '3600' } } as S3File['s3']),
    ]);
    assert.match(wrong.error?.message ?? '', /max-age=3600/);
  });
});

describe('a rename after a stage that has noted the path in file.s3.path', () => {
  const noted = (path: string, key: string = path) => textFile(path, path, { path: key });
  const renamed = (file: S3File, path: string): S3File => {
    file.path = `/base/${path}`;
    return file;
  };

  async function warningsOf(files: readonly S3File[], options: object = {}) {
    const events: RunEvent[] = [];
    const { error } = await through(putTo(server, { ...options, onEvent: (event) => events.push(event) }), files);
    assert.equal(error, undefined);
    return events.flatMap((event) =>
      event.type === 'warning' && event.code === 'rename-without-effect' ? [event.message] : [],
    );
  }

  let server: Awaited<ReturnType<typeof serverFor>>;

  it('has no effect, which a warning says once', async (t) => {
    server = await serverFor(t);
    const zipped = renamed(noted('folder/b.js', 'folder/b.js.gz'), 'folder/b.js.gz');
    const files = [renamed(noted('a.js'), 'a.min.js'), renamed(zipped, 'folder/b.min.js.gz')];
    const [message = '', ...more] = await warningsOf(files, { prefix: 'p' });
    assert.deepEqual(more, []);
    assert.match(message, /^a\.min\.js is uploaded as p\/a\.js: .*"a\.js" in file\.s3\.path/);
    assert.deepEqual(server.keys('site'), ['p/a.js', 'p/folder/b.js.gz']);
  });

  it('gives none where it came before, where the key is another, or a function gives it', async (t) => {
    server = await serverFor(t);
    const before = renamed(textFile('a.js'), 'a.min.js');
    before.s3 = { path: 'a.min.js' };
    assert.deepEqual(await warningsOf([before, noted('b.html', 'b'), renamed(noted('c.html', 'c'), 'x.html')]), []);
    assert.deepEqual(await warningsOf([renamed(noted('d.js'), 'd.min.js')], { key: () => undefined }), []);
    assert.deepEqual(await warningsOf([renamed(textFile('e.js'), 'e.min.js')]), []);
  });
});

describe('a wrong option', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /needs an object of options/],
    [{}, /No bucket was given/],
    [{ bucket: 'b/a d' }, /is not a bucket name/],
    [{ bucket: 's3://site', source: 'dist' }, /"source" is not for this plugin/],
    [{ bucket: 's3://site', keyBase: 'cwd' }, /"keyBase" is not for this plugin/],
    [{ bucket: 's3://site', as: 'k' }, /"as" is not for this plugin/],
    [{ bucket: 's3://site', filesFrom: ['a'] }, /"filesFrom" is not for this plugin/],
    [{ bucket: 's3://site', concurency: 4 }, /concurency.*concurrency/s],
    [{ bucket: 's3://site', key: 'a' }, /key is string; it must be a function/],
    [{ bucket: 's3://site', absoluteKey: true }, /absoluteKey is true, but there is no key function/],
    [{ bucket: 's3://site', absoluteKey: 'yes' }, /absoluteKey is "yes"; it must be true or false/],
    [{ bucket: 's3://site', absolutKey: true }, /absolutKey.*absoluteKey/s],
    [{ bucket: 's3://site', onCorrupt: 'ignore' }, /onCorrupt "ignore" is unknown/],
    [{ bucket: 's3://site', cacheControl: '3600' }, /"3600".*\n.*max-age=3600/],
    [{ bucket: 's3://site', headers: { Expires: 'tomorrow' } }, /"tomorrow"/],
    [
      {
        bucket: 's3://site',
        redirects: [
          { from: '/a', to: 'x' },
          { from: '/b', to: 'y' },
        ],
      },
      /cannot be:\n +redirects\[0\].*\n +redirects\[1\]/,
    ],
    [{ bucket: 's3://site', acl: 'public' }, /Did you mean public-read/],
    [{ bucket: 's3://site', rules: [{ match: '*', cachecontrol: 'x' }] }, /unknown key "cachecontrol"/],
  ];
  for (const [options, message] of wrong)
    it(`throws a PluginError at the call: ${JSON.stringify(options)}`, () => {
      const error = errorOf(() => s3Put(options as never));
      assert.match(error.message, message);
      assert.deepEqual([error.plugin, error.showStack], ['gulp-s3-parallel-put', false]);
    });
});

function errorOf(run: () => unknown): Error & { readonly plugin?: string; readonly showStack?: boolean } {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  return assert.fail('nothing was thrown');
}
