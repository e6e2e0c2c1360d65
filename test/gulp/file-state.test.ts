import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createState } from '../../gulp-plugin/src/file-state.js';
import type { S3File } from '../../gulp-plugin/src/index.js';
import { serverFor } from '../support/engine.js';
import { fileOf, putTo, statesOf, textFile, through } from './streams.js';

const NO_SETTINGS = { path: undefined, headers: undefined };

const md5 = (bytes: string): string => createHash('md5').update(bytes).digest('hex');

describe('file.s3', () => {
  it('has the fields of gulp-awspublish', async (t) => {
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
    const files = [textFile('new'), textFile('same'), textFile('different'), textFile('bad')];
    const before = Date.now();
    const { error } = await through(putTo(server, { prefix: '/p/', headers: { 'Cache-Control': 'no-cache' } }), files);
    assert.deepEqual(statesOf(files), { new: 'create', same: 'skip', different: 'update', bad: undefined });
    const [created, same, different, bad] = files.map(({ s3 }) => s3);
    const { date, ...facts } = created ?? {};
    assert.ok(date instanceof Date && date.getTime() >= before);
    assert.deepEqual(facts, {
      path: 'p/new',
      state: 'create',
      etag: md5('new'),
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' },
      url: `${server.url}/site/p/new`,
      bytes: 3,
      reason: 'new',
    });
    assert.deepEqual([same?.etag, same?.bytes, same?.date], [md5('same'), 0, undefined]);
    assert.deepEqual([different?.reason, different?.replacedBytes], ['size differs', 6]);
    assert.ok(bad !== undefined && !('state' in bad));
    assert.match(bad.reason ?? '', /InvalidRequest/);
    assert.deepEqual([error?.fileName, error?.plugin], ['/base/bad', 'gulp-s3-parallel-put']);
    assert.deepEqual(
      error?.failures.map(({ fileName, key, code }) => [fileName, key, code]),
      [['/base/bad', 'p/bad', 'InvalidRequest']],
    );
  });

  it('says that only headers were changed, and which', () => {
    const headerChanges = [{ name: 'cache-control', from: 'no-cache', to: 'public' }];
    const outcome = {
      action: 'metadata',
      reason: 'headers differ',
      origin: 'a',
      key: 'a',
      bytes: 0,
      sourceBytes: 3,
      verified: 'none',
      attempts: 1,
      durationMs: 1,
      headerChanges,
    } as const;
    const input = { outcome, headers: {}, key: 'a', url: 'u', reason: 'left out', settings: NO_SETTINGS };
    const { date, ...facts } = createState(input);
    assert.ok(date instanceof Date);
    const expected = { path: 'a', headers: {}, url: 'u', bytes: 0, reason: 'headers differ' };
    assert.deepEqual(facts, { ...expected, state: 'metadata', headerChanges });
    assert.equal(createState({ ...input, dryRun: true }).date, undefined);
  });

  it('is an update if the object was not compared', async (t) => {
    const server = await serverFor(t);
    const { files } = await through(putTo(server, { mode: 'stupid' }), [textFile('a')]);
    assert.deepEqual([files[0]?.s3?.state, files[0]?.s3?.reason], ['update', 'forced']);
  });

  it('set by an earlier stage gives path and headers, as the router and gzip of gulp-awspublish set them', async (t) => {
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

  it('of a file that gulp-awspublish compressed and renamed has the content type of the original', async (t) => {
    const server = await serverFor(t);
    const headers = { 'Content-Encoding': 'gzip' };
    const zipped = fileOf('page.html.gz', gzipSync('text'), { path: 'page.html.gz', headers });
    await through(putTo(server), [Object.assign(zipped, { unzipPath: '/base/page.html' })]);
    assert.equal(server.object('site', 'page.html.gz')?.headers['content-type'], 'text/html; charset=utf-8');
  });

  it('has the encoding that a stage such as gulp-gzip notes in file.contentEncoding, and the type of what is inside', async (t) => {
    const server = await serverFor(t);
    const bytes = gzipSync('text');
    const noted = (name: string, contentEncoding: unknown): S3File =>
      Object.assign(fileOf(name, bytes), { contentEncoding });
    const files = [noted('a.js.gz', ['gzip']), noted('b.css', 'gzip'), noted('c.css.gz', []), noted('d.css', [1])];
    const { error } = await through(putTo(server, { contentEncoding: 'br' }), files);
    const shown = ['a.js.gz', 'b.css', 'c.css.gz'].map((key) => {
      const headers = server.object('site', key)?.headers;
      return [headers?.['content-encoding'], headers?.['content-type']];
    });
    assert.deepEqual(shown, [
      ['gzip', 'text/javascript; charset=utf-8'],
      ['gzip', 'text/css; charset=utf-8'],
      ['br', 'application/gzip'],
    ]);
    assert.match(files[3]?.s3?.reason ?? '', /file\.contentEncoding is no list/);
    assert.notEqual(error, undefined);
  });

  it('fails a file whose noted encoding its bytes are not in, by its name', async (t) => {
    const server = await serverFor(t);
    const file: S3File = Object.assign(fileOf('a.css', Buffer.from('p {}')), { contentEncoding: ['gzip'] });
    const { error } = await through(putTo(server), [file]);
    assert.match(String(error?.message), /a\.css is to get the Content-Encoding "gzip"/);
    assert.deepEqual(server.keys('site'), []);
  });

  it('is compressed as options and rules say', async (t) => {
    const server = await serverFor(t);
    const text = 'p { color: red }\n'.repeat(50);
    const files = ['a.css', 'b.css', 'c.css'].map((name) => fileOf(name, Buffer.from(text)));
    const rules = (file: S3File) =>
      file.basename === 'b.css' ? { compress: false as const } : file.basename === 'c.css' ? { gzip: true } : undefined;
    await through(putTo(server, { compress: 'br', rules }), files);
    const encodings = ['a.css', 'b.css', 'c.css'].map((key) => server.object('site', key)?.headers['content-encoding']);
    assert.deepEqual(encodings, ['br', undefined, 'gzip']);
  });

  it('with a key without an extension has the content type of the file, unless a rule sets another', async (t) => {
    const server = await serverFor(t);
    const rules = [{ match: 'plain', contentType: 'text/plain' }];
    const routed = [textFile('about.html', 'a', { path: 'about' }), textFile('plain.html', 'b', { path: 'plain' })];
    await through(putTo(server, { rules }), [...routed, textFile('data.json', 'c', { path: 'data.txt' })]);
    const types = ['about', 'plain', 'data.txt'].map((key) => server.object('site', key)?.headers['content-type']);
    assert.deepEqual(types, ['text/html; charset=utf-8', 'text/plain', 'text/plain; charset=utf-8']);
  });

  it('with a key without an extension has the content type of the last path that has a known one', async (t) => {
    const server = await serverFor(t);
    const renamed = (paths: readonly string[], more: object = {}): S3File => {
      const file = textFile(paths[0] ?? '', 'text '.repeat(200));
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
      [renamed(['none', 'other']), 'other', 'text/plain; charset=utf-8', undefined],
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

  it('set by an earlier stage may have dates and numbers, as the router of gulp-awspublish with useExpires sets them', async (t) => {
    const server = await serverFor(t);
    const expires = new Date('2026-11-26T13:11:52Z');
    const headers = { Expires: expires, 'x-amz-meta-n': 5 } as unknown as Record<string, string>;
    const { error } = await through(putTo(server), [textFile('a.txt', 'a', { headers })]);
    assert.equal(error, undefined);
    const { headers: stored } = server.object('site', 'a.txt') ?? assert.fail();
    assert.deepEqual([stored.expires, stored['x-amz-meta-n']], ['Thu, 26 Nov 2026 13:11:52 GMT', '5']);
  });

  it('has the headers of compression if the body was compressed', async (t) => {
    const server = await serverFor(t);
    const file = textFile('a.html', 'text '.repeat(200));
    await through(putTo(server, { gzip: true }), [file]);
    assert.equal(file.s3?.headers?.['content-encoding'], 'gzip');
    assert.match(file.s3?.headers?.['x-amz-meta-s3pp-md5'] ?? '', /^[0-9a-f]{32}$/);
  });

  it('has a URL at the endpoint that the environment sets', async (t) => {
    const server = await serverFor(t);
    const before = process.env.AWS_ENDPOINT_URL;
    t.after(() => {
      if (before === undefined) delete process.env.AWS_ENDPOINT_URL;
      else process.env.AWS_ENDPOINT_URL = before;
    });
    process.env.AWS_ENDPOINT_URL = server.url;
    const file = textFile('a.txt');
    const { error } = await through(putTo(server, { endpointUrl: undefined, mode: 'stupid' }), [file]);
    assert.equal(error, undefined);
    assert.equal(file.s3?.url, `${server.url}/site/a.txt`);
    assert.equal(server.keys('site').length, 1);
  });

  it('has an encoded URL, and one at AWS if no endpoint is given', async (t) => {
    const server = await serverFor(t);
    const file = textFile('für dich/100 %.txt');
    await through(putTo(server), [file]);
    assert.equal(file.s3?.url, `${server.url}/site/f%C3%BCr%20dich/100%20%25.txt`);
    const aws = textFile('a.txt');
    const more = { endpointUrl: undefined, region: 'eu-central-1', dryRun: true, mode: 'stupid' } as const;
    await through(putTo(server, more), [aws]);
    assert.equal(aws.s3?.url, 'https://site.s3.eu-central-1.amazonaws.com/a.txt');
  });
});
