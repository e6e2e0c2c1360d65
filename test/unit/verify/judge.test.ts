import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { digestOf, type Expected } from '../../../src/verify/expected.js';
import { judge, type Served, type Verdict } from '../../../src/verify/judge.js';
import type { SampledObject } from '../../../src/verify/sample.js';
import { wordsOf } from '../../../src/verify/words.js';

const PAGE = '<title>Tea</title><script src="/app-1a2b3c4d.js"></script>';
const ETAG = createHash('md5').update(PAGE).digest('hex');
const OTHER_ETAG = '0'.repeat(32);
const NOW = 1_000_000;

const OBJECT: SampledObject = {
  key: 'a.html',
  path: 'a.html',
  isWritten: true,
  writtenAt: NOW - 10_000,
  sourceBytes: PAGE.length,
  replacedBytes: undefined,
  etag: ETAG,
  contentType: 'text/html; charset=utf-8',
  contentEncoding: undefined,
};

const EXPECTED: Expected = {
  digests: [digestOf(Buffer.from(PAGE))],
  bytes: PAGE.length,
  words: wordsOf(PAGE),
  contentType: 'text/html; charset=utf-8',
  onlyEssence: false,
  contentEncoding: undefined,
  redirect: undefined,
  unread: undefined,
};

interface Case {
  readonly object?: Partial<SampledObject>;
  readonly expected?: Partial<Expected>;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

function verdictOf({ object, expected, status = 200, headers = {}, body = PAGE }: Case): Promise<Verdict> {
  const all: Readonly<Record<string, string>> = { 'content-type': 'text/html; charset=utf-8', ...headers };
  const served: Served = {
    url: 'https://www.example.com/a.html',
    status,
    header: (name) => all[name],
    body: Buffer.from(body),
  };
  return judge({ ...OBJECT, ...object }, { ...EXPECTED, ...expected }, served, NOW);
}

const INJECTED = `${PAGE}<script src="/beacon.js"></script>`;
const GZIPPED = gzipSync(PAGE);
const OLD = PAGE.replace('1a2b3c4d', '99999999');

describe('what a response shows', () => {
  const rows: readonly (readonly [what: string, given: Case, is: Verdict['is'], message?: RegExp])[] = [
    ['the page', {}, 'right'],
    ['the page, compressed', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(PAGE) }, 'right'],
    ['the type in other letters', { headers: { 'content-type': 'Text/HTML;Charset="UTF-8"' } }, 'right'],
    ['no charset', { headers: { 'content-type': 'text/html' } }, 'wrong', /instead of "text\/html; charset=utf-8"$/],
    [
      'no charset, where only the type was compared',
      { headers: { 'content-type': 'text/html' }, expected: { onlyEssence: true } },
      'right',
    ],
    ['a charset that is added', { expected: { contentType: 'text/html' } }, 'right'],
    [
      'a type that nobody knows',
      { headers: { 'content-type': 'text/plain' }, expected: { contentType: undefined } },
      'right',
    ],
    ['a script that is added', { body: INJECTED }, 'rewritten', /^is changed on the way, 92 bytes instead of the 58/],
    [
      'a script that is added, under the ETag of the object',
      { body: INJECTED, headers: { etag: `W/"${ETAG}"` } },
      'rewritten',
    ],
    [
      'a script that is added, under the ETag of another',
      { body: INJECTED, headers: { etag: `"${OTHER_ETAG}"` } },
      'wrong',
      /its ETag is that of another object$/,
    ],
    [
      'a script that is added, under the ETag of another, compressed',
      { body: INJECTED, headers: { etag: `"${OTHER_ETAG}-gzip"` } },
      'wrong',
      /its ETag/,
    ],
    [
      'a script that is added, under an ETag of the CDN',
      { body: INJECTED, headers: { etag: '"cf-123"' } },
      'rewritten',
    ],
    ['an age of less than the upload', { body: INJECTED, headers: { age: '9' } }, 'rewritten'],
    [
      'an age above that of the upload',
      { body: INJECTED, headers: { age: '13' } },
      'wrong',
      /it was cached 13\.0 s ago, before this upload$/,
    ],
    ['an age that no number is', { body: INJECTED, headers: { age: 'old' } }, 'rewritten'],
    [
      'an age of an unchanged page',
      { object: { isWritten: false, writtenAt: undefined }, body: INJECTED, headers: { age: '9999' } },
      'rewritten',
    ],
    [
      'the length of what was replaced',
      { object: { replacedBytes: INJECTED.length }, body: INJECTED },
      'wrong',
      /as long as the object that was replaced$/,
    ],
    ['the page of before', { body: OLD }, 'wrong', /^serves other content, 58 bytes$/],
    ['a page too large to compare', { expected: { words: undefined }, body: INJECTED }, 'wrong'],
    [
      'an image of another length',
      { headers: { 'content-type': 'image/png' }, expected: { contentType: 'image/png' }, body: 'PNG' },
      'rewritten',
    ],
    [
      'an image of another type',
      { headers: { 'content-type': 'image/webp' }, expected: { contentType: 'image/png' }, body: 'WEBP' },
      'wrong',
      /image\/webp/,
    ],
    [
      'a script of another length',
      { headers: { 'content-type': 'text/javascript' }, expected: { contentType: 'text/javascript' }, body: '1' },
      'wrong',
    ],
    [
      'a file that has changed since',
      { expected: { digests: [], bytes: undefined, unread: 'changed' }, body: 'new' },
      'rewritten',
      /has changed since it was uploaded/,
    ],
    ['a file that has changed since, and its object', { expected: { digests: [], unread: 'changed' } }, 'right'],
    [
      'the same length, of what is read once',
      { object: { etag: undefined }, expected: { digests: [], unread: 'once' }, body: OLD },
      'right',
    ],
    [
      'another length, of a script that is read once',
      {
        object: { etag: undefined },
        headers: { 'content-type': 'text/javascript' },
        expected: { contentType: undefined, digests: [], unread: 'once' },
        body: '1',
      },
      'wrong',
    ],
    [
      'bytes compressed twice',
      {
        headers: { 'content-encoding': 'gzip' },
        body: gzipSync(gzipSync(PAGE)),
        expected: { contentEncoding: 'gzip' },
      },
      'wrong',
      /^is served compressed twice/,
    ],
    [
      'stored bytes compressed once more',
      {
        object: { etag: createHash('md5').update(GZIPPED).digest('hex') },
        headers: { 'content-encoding': 'gzip' },
        body: gzipSync(GZIPPED),
        expected: { contentEncoding: 'gzip' },
      },
      'wrong',
      /^is served compressed twice/,
    ],
    [
      'the same, of what is read once',
      {
        object: { etag: createHash('md5').update(GZIPPED).digest('hex') },
        headers: { 'content-encoding': 'br' },
        body: brotliCompressSync(GZIPPED),
        expected: { contentEncoding: 'gzip', digests: [], unread: 'once' },
      },
      'wrong',
      /^is served compressed twice/,
    ],
    [
      'stored bytes in an encoding that is unknown here',
      { headers: { 'content-encoding': 'rot13' }, expected: { contentEncoding: 'rot13' } },
      'right',
    ],
    ['the page for 404 with that status', { object: { path: 'de/404.html' }, status: 404 }, 'right'],
    ['another page for 404', { object: { path: '404.html' }, status: 404, body: 'x' }, 'wrong', /^responds with 404$/],
    ['a page with the status 404', { status: 404 }, 'wrong', /^responds with 404$/],
    ['204', { status: 204 }, 'wrong', /^responds with 204$/],
    [
      'a redirect with a token',
      { status: 302, headers: { location: 'https://user:pw@login.example.com/?token=abc&next=x' } },
      'wrong',
      /^redirects \(302\) to https:\/\/\*{3}@login\.example\.com\/\?token=\*{3}&next=x$/,
    ],
    ['a redirect without a place', { status: 302 }, 'wrong', /^redirects \(302\) to nowhere$/],
    ['the redirect of the object', { status: 301, headers: { location: '/b' }, expected: { redirect: '/b' } }, 'right'],
    [
      'its redirect by the host of S3',
      { status: 301, headers: { location: 'http://site.s3-website.example.com/b' }, expected: { redirect: '/b' } },
      'right',
    ],
    [
      'a redirect of the object to another site',
      {
        status: 301,
        headers: { location: 'https://other.example.com/b' },
        expected: { redirect: 'https://example.com/b' },
      },
      'wrong',
    ],
    [
      'a temporary redirect',
      { status: 302, headers: { location: '/b' }, expected: { redirect: '/b' } },
      'wrong',
      /instead of \(301\) to \/b$/,
    ],
    [
      'a redirect of an item, which alone knows of it',
      { status: 301, headers: { location: '/b' }, expected: { unread: 'once' } },
      'rewritten',
    ],
  ];
  for (const [what, given, is, message] of rows)
    test(`${what}: ${is}`, async () => {
      const verdict = await verdictOf(given);
      assert.equal(verdict.is, is, JSON.stringify(verdict));
      if (message !== undefined) assert.match('message' in verdict ? verdict.message : '', message);
    });
});
