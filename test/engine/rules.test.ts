import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PutOptions, put, UsageError } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const TREE = {
  'index.html': '<p>',
  'app.3f2a.js': 'a',
  'notes/todo.txt': 'x',
  'notes/keep.txt': 'y',
  'img/a.svg': '<svg/>',
};

describe('rules', () => {
  it('give objects their headers, all that match together and the later one first', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, {
      source: makeTree(t, TREE),
      rules: [
        { match: '*', cacheControl: 'max-age=60', headers: { 'X-Amz-Meta-Build': '7' } },
        { match: '*.html', cacheControl: 'no-cache' },
        { match: ['*.????.js', 'img/**'], cacheControl: 'immutable', contentType: 'text/x-mine' },
      ],
    });
    assert.equal(ran.error, undefined);
    const sent = (key: string, name: string) => server.object('site', key)?.headers[name];
    assert.equal(sent('index.html', 'cache-control'), 'no-cache');
    assert.equal(sent('notes/todo.txt', 'cache-control'), 'max-age=60');
    assert.equal(sent('app.3f2a.js', 'cache-control'), 'immutable');
    assert.equal(sent('img/a.svg', 'content-type'), 'text/x-mine');
    assert.equal(sent('index.html', 'content-type'), 'text/html; charset=utf-8');
    const metadata = server.requests
      .filter(({ verb }) => verb === 'PutObject')
      .map(({ headers }) => headers['x-amz-meta-build']);
    assert.deepEqual(metadata, ['7', '7', '7', '7', '7']);
    assert.deepEqual(ran.report.warnings, []);
  });

  it("win over the options, and an item's own headers over them", async (t) => {
    const server = await serverFor(t, { buckets: { site: { acl: 'allowed' } } });
    const rules = [{ match: '*.html', cacheControl: 'rule', acl: 'public-read', contentType: 'guess' }] as const;
    const ran = await run(server, {
      source: [
        { key: 'a.html', body: '1' },
        { key: 'b.html', body: '2', headers: { 'Cache-Control': 'own', 'x-amz-grant-read': 'id="1"' } },
        { key: 'c.txt', body: '3' },
      ],
      rules,
      contentType: 'text/plain',
      cacheControl: 'option',
      headers: ({ relativePath }) => (relativePath === 'a.html' ? { 'Content-Language': 'de' } : undefined),
      acl: 'private',
    });
    assert.equal(ran.error, undefined);
    const headersOf = (key: string) =>
      server.requests.find((request) => request.verb === 'PutObject' && request.key === key)?.headers;
    const seen = ['a.html', 'b.html', 'c.txt'].map((key) => {
      const headers = headersOf(key);
      return [
        headers?.['cache-control'],
        headers?.['x-amz-acl'],
        headers?.['content-type'],
        headers?.['x-amz-grant-read'],
      ];
    });
    assert.deepEqual(seen, [
      ['rule', 'public-read', 'text/html; charset=utf-8', undefined],
      ['own', undefined, 'text/html; charset=utf-8', 'id="1"'],
      ['option', 'private', 'text/plain', undefined],
    ]);
    assert.equal(headersOf('a.html')?.['content-language'], 'de');
  });

  it('with skip leave a file out as exclude does: no outcome, and limit does not count it', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, TREE);
    const rules = [
      { match: ['notes', '*.js'], skip: true },
      { match: 'keep.txt', skip: false },
    ];
    const ran = await run(server, { source, rules });
    assert.deepEqual(server.keys('site'), ['img/a.svg', 'index.html', 'notes/keep.txt']);
    assert.equal(ran.outcomes.length, 3);
    assert.equal(ran.report.notAttempted, 0);
    const limited = await run(server, { source, rules, prefix: 'limited', limit: 2 });
    assert.deepEqual(limited.keys('put'), ['limited/img/a.svg', 'limited/index.html']);
    const none = await run(server, { source, rules: [{ match: '**', skip: true }] });
    assert.equal(none.error?.name, 'RefusedError');
  });

  it('with skip leave out links that lead nowhere and items of an iterable, too', async (t) => {
    const server = await serverFor(t);
    const { symlinkSync } = await import('node:fs');
    const source = makeTree(t, { a: '1' });
    symlinkSync('gone', `${source}/broken`);
    const items = [
      { key: 'b', body: '2' },
      { key: 'broken', body: '3' },
    ];
    const ran = await run(server, { source: [source, items], rules: [{ match: 'broken', skip: true }] });
    assert.equal(ran.error, undefined);
    assert.deepEqual(server.keys('site'), ['a', 'b']);
  });

  it('that matched nothing in the whole run are one warning with their numbers', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, TREE);
    const rules = [{ match: '*.html' }, { match: '*.htm', cacheControl: 'x' }, { match: ['a', 'b'], skip: true }];
    const ran = await run(server, { source, rules });
    const warning = 'No file was matched by rule 2 (match "*.htm"), rule 3 (match ["a","b"]).';
    assert.deepEqual(ran.report.warnings, [warning]);
    assert.deepEqual(
      ran.events.flatMap((event) => (event.type === 'warning' ? [event.code] : [])),
      ['rule-unmatched'],
    );
    const limited = await run(server, { source, rules, limit: 1 });
    assert.deepEqual(limited.report.warnings, [], 'a limit ends the walk before all files were seen');
  });

  it('that changed headers leave an unchanged object alone, and the reason says so for what they match', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, TREE);
    await run(server, { source });
    const ran = await run(server, { source, rules: [{ match: '*.html', cacheControl: 'no-cache' }] });
    assert.equal(ran.reasonOf('index.html'), 'same content, headers not compared');
    assert.equal(ran.reasonOf('img/a.svg'), 'same content');
  });

  it('say what is compressed, whatever the option says', async (t) => {
    const server = await serverFor(t);
    const text = 'again '.repeat(500);
    const source = makeTree(t, { 'a.txt': text, 'b.txt': text, 'c.dat': text });
    const rules = [
      { match: 'a.txt', gzip: false },
      { match: 'c.dat', gzip: 'all' },
    ] as const;
    const ran = await run(server, { source, rules, gzip: true });
    assert.equal(ran.error, undefined);
    const encodings = ['a.txt', 'b.txt', 'c.dat'].map((key) => server.object('site', key)?.headers['content-encoding']);
    assert.deepEqual(encodings, [undefined, 'gzip', 'gzip']);
  });

  it('that cannot work are refused at once', () => {
    const options = { source: '.', bucket: 'site', rules: [{ match: '*', cacheContrl: 'x' }] } as unknown as PutOptions;
    assert.throws(() => put(options), UsageError);
  });
});
