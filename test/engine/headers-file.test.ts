import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { put, UsageError } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { headersOf, warningsOf } from '../support/headers.js';
import { makeTree } from '../support/tree.js';

const SITE = { 'index.html': 'home', 'docs/index.html': 'docs', 'about.html': 'about', 'assets/a.css': 'a' };
const HEADERS = `/*
  Cache-Control: max-age=60
  X-Frame-Options: DENY
  Content-Security-Policy: default-src 'self'

/assets/*
  Cache-Control: max-age=31536000, immutable
  x-amz-meta-kind: asset
  Access-Control-Allow-Origin: *

/docs/
  ! Cache-Control
  Content-Language: en

/about
  Content-Language: de
`;

test('the headers of a file are those of rules, below rules and above options', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { ...SITE, _headers: HEADERS });
  const headersFile = path.join(source, '_headers');
  const ran = await run(server, {
    source,
    headersFile,
    cacheControl: 'no-store',
    contentLanguage: 'fr',
    rules: [{ match: 'about.html', cacheControl: 'no-cache' }],
  });
  assert.equal(ran.error, undefined);
  assert.deepEqual(ran.keys('put'), ['about.html', 'assets/a.css', 'docs/index.html', 'index.html']);
  const sent = Object.fromEntries(
    ran.keys('put').map((key) => {
      const { 'cache-control': cache, 'content-language': language, 'x-amz-meta-kind': kind } = headersOf(server, key);
      return [key, [cache, language, kind]];
    }),
  );
  assert.deepEqual(sent, {
    'about.html': ['no-cache', 'de', undefined],
    'assets/a.css': ['max-age=31536000, immutable', 'fr', 'asset'],
    'docs/index.html': [undefined, 'en', undefined],
    'index.html': ['max-age=60', 'fr', undefined],
  });
  assert.deepEqual(warningsOf(ran), [
    {
      code: 'headers-file-left',
      message: `${headersFile} has 3 headers that S3 keeps with no object. They belong elsewhere. To a response headers policy of CloudFront: X-Frame-Options (line 3), Content-Security-Policy (line 4); to the CORS configuration of the bucket: Access-Control-Allow-Origin (line 9).`,
    },
  ]);
});

test('headers that a file changes are set on unchanged objects', async (t) => {
  const server = await serverFor(t);
  const files = makeTree(t, { _headers: '/assets/*\n  Cache-Control: max-age=5\n' });
  const source = makeTree(t, SITE);
  const options = { source, headersFile: path.join(files, '_headers'), preset: 'site' } as const;
  await run(server, { source, preset: 'site' });
  const { keys } = await run(server, options);
  assert.deepEqual(keys('metadata'), ['assets/a.css']);
  assert.equal(headersOf(server, 'assets/a.css')['cache-control'], 'max-age=5');
  assert.deepEqual((await run(server, options)).report.reasons, { 'same content': 4 });
});

test('with clean URLs a path means the page of that URL', async (t) => {
  const server = await serverFor(t);
  const files = makeTree(t, { h: '/about\n  Cache-Control: no-store\n/docs/\n  Cache-Control: no-cache\n' });
  await run(server, { source: makeTree(t, SITE), headersFile: path.join(files, 'h'), cleanUrls: 'both' });
  const caches = ['about', 'docs/', 'docs/index.html', 'index.html'].map(
    (key) => headersOf(server, key)['cache-control'],
  );
  assert.deepEqual(caches, ['no-store', 'no-cache', 'no-cache', undefined]);
});

test('a path that no file has is warned of by its line, and rules keep their numbers', async (t) => {
  const server = await serverFor(t);
  const files = makeTree(t, { h: '/nothing/*\n  Cache-Control: no-store\n' });
  const headersFile = path.join(files, 'h');
  const ran = await run(server, { source: makeTree(t, SITE), headersFile, rules: [{ match: '*.gone', gzip: true }] });
  assert.deepEqual(warningsOf(ran), [
    {
      code: 'rule-unmatched',
      message: `No file was matched by ${headersFile}:1 (/nothing/*), rule 1 (match "*.gone").`,
    },
  ]);
});

test('wrong lines and files that cannot be read are refused at once', (t) => {
  const files = makeTree(t, { h: 'Cache-Control: x\n/*\n  Expires: soon\n', latin: Buffer.from('/m\xfcll', 'latin1') });
  const start = (file: string) => () => put({ source: files, bucket: 'site', headersFile: path.join(files, file) });
  assert.throws(start('h'), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(
      error.message,
      /headersFile has 2 lines that are neither a path nor a header:\n.*h:1: .*\n.*h:3: Expires: soon: .*not a date/,
    );
    assert.doesNotMatch(error.message, /\.\.(?:\n|$)/);
    return true;
  });
  assert.throws(start('latin'), /headersFile is ".*latin", which is not UTF-8/);
  assert.throws(start('missing'), /headersFile is ".*missing", which does not exist/);
});
