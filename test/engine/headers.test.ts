import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run, runCopy, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

describe('headers', () => {
  it('send a literal content type, cache control, ACL, metadata and others verbatim, and no header that was not given', async (t) => {
    const server = await serverFor(t);
    await run(server, {
      source: makeTree(t, { 'a.html': 'x' }),
      contentType: 'text/x-mine; charset=latin1',
      cacheControl: 'public, max-age=60, stale-while-revalidate=5',
      acl: 'public-read',
      metadata: { a: '1', 'long-name': 'b:c, d' },
      headers: {
        'Content-Disposition': 'attachment; filename="x:y.html"',
        Expires: 'Wed, 21 Oct 2026 07:28:00 GMT',
        'Content-Language': 'de',
      },
    });
    const [put] = server.requests.filter(({ verb }) => verb === 'PutObject');
    assert.equal(put?.headers['content-type'], 'text/x-mine; charset=latin1');
    assert.equal(put?.headers['cache-control'], 'public, max-age=60, stale-while-revalidate=5');
    assert.equal(put?.headers['x-amz-acl'], 'public-read');
    assert.equal(put?.headers['x-amz-meta-a'], '1');
    assert.equal(put?.headers['x-amz-meta-long-name'], 'b:c, d');
    assert.equal(put?.headers['content-disposition'], 'attachment; filename="x:y.html"');
    assert.equal(put?.headers.expires, 'Wed, 21 Oct 2026 07:28:00 GMT');
    await run(server, { source: makeTree(t, { plain: 'x' }) });
    const plain = server.requests.find(({ key }) => key === 'plain');
    assert.equal(plain?.headers['x-amz-acl'], undefined);
    assert.equal(plain?.headers['cache-control'], undefined);
    assert.deepEqual(
      Object.keys(plain?.headers ?? {}).filter((name) => /checksum|acl|meta|storage/.test(name)),
      ['x-amz-checksum-crc32'],
    );
  });

  it('that are undefined count as absent wherever they are given, and replace nothing', async (t) => {
    const server = await serverFor(t);
    const none = { 'Cache-Control': undefined, 'CONTENT-TYPE': undefined, 'x-amz-acl': undefined };
    const source = [[{ key: 'a.html', body: 'a', headers: none, contentType: undefined, cacheControl: undefined }]];
    const sent = () => server.object('site', 'a.html')?.headers ?? {};
    const types = () => [sent()['content-type'], sent()['cache-control'], sent()['x-amz-acl']];
    const html = 'text/html; charset=utf-8';
    const set = { 'Cache-Control': 'no-cache' };
    for (const [options, cacheControl] of [
      [{ headers: none }, undefined],
      [{ headers: () => none }, undefined],
      [{ headers: set }, 'no-cache'],
      [{ headers: () => set }, 'no-cache'],
      [{ headers: none, cacheControl: 'no-cache' }, 'no-cache'],
      [
        {
          rules: [
            { match: '*', headers: set },
            { match: '*', headers: none },
          ],
        },
        'no-cache',
      ],
    ] as const) {
      const ran = await run(server, { source, mode: 'stupid', ...options });
      assert.equal(ran.error, undefined);
      assert.deepEqual(types(), [html, cacheControl, undefined]);
    }
    const again = await run(server, { source, headers: none });
    assert.equal(again.outcomes[0]?.reason, 'same content');
  });

  it('of one item that cannot be sent fail that item only', async (t) => {
    const server = await serverFor(t);
    const headers = ({ relativePath }: { relativePath: string }) =>
      relativePath === 'b' ? { 'x-amz-meta-a': 'line\nbreak' } : undefined;
    const ran = await run(server, { source: makeTree(t, { a: '1', b: '2', c: '3' }), headers });
    assert.deepEqual(ran.keys('put'), ['a', 'c']);
    assert.deepEqual(ran.keys('fail'), ['b']);
    const thrown = await run(server, {
      source: makeTree(t, { d: '1' }),
      headers: () => {
        throw new Error('hook broke');
      },
    });
    assert.match(thrown.reasonOf('d') ?? '', /hook broke/);
  });
});

const SINGLE = {
  contentEncoding: 'br',
  contentDisposition: 'attachment; filename="a b.txt"',
  contentLanguage: 'de, en',
  expires: '2100-01-01T00:00:00Z',
  websiteRedirect: '/new',
} as const;

const SENT = {
  'content-encoding': 'br',
  'content-disposition': 'attachment; filename="a b.txt"',
  'content-language': 'de, en',
  expires: 'Fri, 01 Jan 2100 00:00:00 GMT',
  'x-amz-website-redirect-location': '/new',
};

type Sent = ReturnType<Awaited<ReturnType<typeof serverFor>>['object']>;
const sentOf = (object: Sent) => Object.fromEntries(Object.keys(SENT).map((name) => [name, object?.headers[name]]));

describe('options for single headers', () => {
  it('reach the object, as the keys of a rule do; an item wins over both', async (t) => {
    const server = await serverFor(t);
    await run(server, { source: makeTree(t, { a: 'x' }), ...SINGLE, headers: { Expires: '0' } });
    await run(server, { source: makeTree(t, { b: 'x' }), rules: [{ match: '*', ...SINGLE }] });
    await run(server, { source: makeTree(t, { c: 'x' }), ...SINGLE, expires: new Date('2100-01-01') });
    for (const key of ['a', 'b', 'c']) assert.deepEqual(sentOf(server.object('site', key)), SENT, key);
    await run(server, {
      source: [[{ key: 'd', body: 'x', headers: { Expires: '0', 'Content-Language': 'fr' } }]],
      ...SINGLE,
    });
    assert.deepEqual(sentOf(server.object('site', 'd')), { ...SENT, expires: '0', 'content-language': 'fr' });
  });

  it('replace what the source of a copy has, each its own', async (t) => {
    const server = await serverFor(t, { buckets: ['from', 'site'] });
    server.seed('from', 'a', 'x', { headers: { 'content-language': 'fr', 'cache-control': 'no-cache' } });
    await runCopy(server, SINGLE);
    assert.deepEqual(sentOf(server.object('site', 'a')), SENT);
    assert.equal(server.object('site', 'a')?.headers['cache-control'], 'no-cache');
  });

  it('leave what is encoded already uncompressed', async (t) => {
    const server = await serverFor(t);
    const html = 'text '.repeat(1_000);
    await run(server, { source: makeTree(t, { 'a.html': html }), gzip: true, contentEncoding: 'br' });
    assert.equal(server.object('site', 'a.html')?.body.toString(), html);
  });

  it('count as headers that an unchanged object may lack', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { a: 'x' });
    await run(server, { source });
    assert.match(
      (await run(server, { source, expires: '0' })).reasonOf('a') ?? '',
      /headers were not compared|same content/,
    );
  });
});

describe('odd headers', () => {
  it('are sent, with one warning each that names the place', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, {
      source: makeTree(t, { a: '1', b: '2' }),
      cacheControl: 'nocache',
      metadata: { a: '1,b=2' },
      rules: [{ match: 'a', headers: { 'X-Amz-Meta-B': '1;c=2' } }],
    });
    assert.equal(server.object('site', 'b')?.headers['x-amz-meta-a'], '1,b=2');
    const texts = ran.report.warnings.join('\n');
    assert.equal(ran.report.warnings.length, 3, texts);
    for (const part of [
      'Did you mean no-cache?',
      '"x-amz-meta-a" is "1,b=2": "b=" in it',
      'Rule 1: The header "x-amz-meta-b"',
    ])
      assert.ok(texts.includes(part), texts);
    const copied = await runCopy(await serverFor(t, { buckets: ['from', 'site'] }), {
      metadata: { a: '1,b=2' },
      ifNoFilesFound: 'ignore',
    });
    assert.match(copied.report.warnings.join(), /"b=" in it/);
  });
});
