import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseHeaders, urlMatcher } from '../../../src/site/headers-file.js';

const headersIn = (text: string): readonly unknown[] =>
  parseHeaders(text, '_headers').rules.map(({ origin, match, headers }) => [origin, match, headers]);

test('a block gives the files of a path its headers', () => {
  assert.deepEqual(
    headersIn(`\ufeff# comment
/*
  Cache-Control: max-age=60
\tX-AMZ-META-Owner: docs

/assets/*
# indentation means nothing
Cache-Control: public, max-age=31536000, immutable\r
  Content-Disposition: attachment; filename="a:b#c"
`),
    [
      ['_headers:2', '/*', { 'cache-control': 'max-age=60', 'x-amz-meta-owner': 'docs' }],
      [
        '_headers:6',
        '/assets/*',
        {
          'cache-control': 'public, max-age=31536000, immutable',
          'content-disposition': 'attachment; filename="a:b#c"',
        },
      ],
    ],
  );
});

test('a name that a block repeats gets all values, and "!" takes one off', () => {
  assert.deepEqual(headersIn('/*\n  Cache-Control: max-age=0\n  cache-control: no-cache'), [
    ['_headers:1', '/*', { 'cache-control': 'max-age=0, no-cache' }],
  ]);
  assert.deepEqual(headersIn('/*\n  ! Cache-Control\n ! Content-Type\n ! X-Frame-Options'), [
    ['_headers:1', '/*', { 'cache-control': '', 'content-type': 'guess' }],
  ]);
  assert.deepEqual(headersIn('/*\n  Cache-Control: no-store\n  ! Cache-Control\n  Cache-Control: no-cache'), [
    ['_headers:1', '/*', { 'cache-control': 'no-cache' }],
  ]);
});

test('what S3 does not keep is named with its line and where it belongs', () => {
  const { rules, left, wrong } = parseHeaders(
    `/*
  Content-Security-Policy: default-src 'self'
  Access-Control-Allow-Origin: *
  Set-Cookie: a=b
  Basic-Auth: someone:password
  x-amz-acl: public-read
  ETag: "x"
  X-Custom: y
https://preview.pages.dev/*
  X-Robots-Tag: noindex
//other.example.com/*
  Cache-Control: no-store
`,
    '_headers',
  );
  assert.deepEqual([rules, wrong], [[], []]);
  assert.deepEqual(
    left.map(({ line, name, belongs }) => [line, name, belongs]),
    [
      [2, 'Content-Security-Policy', 'a response headers policy of CloudFront'],
      [3, 'Access-Control-Allow-Origin', 'the CORS configuration of the bucket'],
      [4, 'Set-Cookie', 'a CloudFront function'],
      [5, 'Basic-Auth', 'a CloudFront function'],
      [6, 'x-amz-acl', 'an option or rule of this run'],
      [7, 'ETag', 'nowhere: the server sets it'],
      [8, 'X-Custom', 'a response headers policy of CloudFront'],
      [9, 'https://preview.pages.dev/*', 'the distribution of that host'],
      [11, '//other.example.com/*', 'the distribution of that host'],
    ],
  );
});

test('lines that are nothing, and values that S3 refuses, are wrong', () => {
  const { wrong } = parseHeaders(
    'Cache-Control: no-cache\n/*\n  Cache-Control no-cache\n  Expires: tomorrow\n  Content-Language: ä\n  Cache-Control:\n  ! Content-Encoding\n  My header: x\n',
    '_headers',
  );
  assert.deepEqual(
    wrong.map(({ line }) => line),
    [1, 3, 4, 5, 6, 7, 8],
  );
  assert.match(wrong[0]?.problem ?? '', /before the first path/);
  assert.match(wrong[2]?.problem ?? '', /not a date of HTTP/);
});

const MATCHES: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['/*', ['index.html', 'a/b/c.js', '.well-known/x'], []],
  ['/', ['index.html', 'index.htm'], ['about.html', 'docs/index.html', 'index']],
  ['/index.html', ['index.html'], ['docs/index.html', 'a/index.html']],
  ['/docs/', ['docs/index.html'], ['docs/a.html', 'docs', 'docs.html']],
  ['/docs', ['docs/index.html', 'docs.html', 'docs', 'docs.htm'], ['docs/a.html', 'docs/a/index.html', 'Docs']],
  ['/docs/*', ['docs/index.html', 'docs/a.js', 'docs/a/b.js'], ['docs.html', 'docs', 'a/docs/b.js', 'docs-old/a.js']],
  ['/about.html', ['about.html'], ['about', 'about/index.html', 'aboutxhtml']],
  [
    '/blog/:slug',
    ['blog/a.html', 'blog/a.js', 'blog/a/index.html', 'blog/a'],
    ['blog/a/b.html', 'blog.html', 'blog/index/x'],
  ],
  ['/:lang/news/:id/', ['de/news/1/index.html'], ['de/news/1.html', 'de/news/index.html']],
  ['/*.js', ['a.js', 'a/b.js', '.js'], ['a.jsx', 'a.js.map']],
  ['/a*b/*.css', ['ab/x.css', 'a/c/b/d/x.css'], ['ab.css']],
  ['/[a]{b,c}?.txt', ['[a]{b,c}?.txt'], ['ab.txt', 'a.txt', '[a]{b,c}x.txt']],
  ['/caf%C3%A9/%2A', ['café/*'], ['café/x']],
  ['/100%', ['100%'], ['100']],
  ['/time/12:30', ['time/12:30'], ['time/12x']],
  ['/!(a)', ['!(a)'], ['b']],
];

for (const [pattern, yes, no] of MATCHES)
  test(`${pattern} matches the files of its URLs and no others`, () => {
    const matches = urlMatcher(pattern);
    assert.deepEqual(
      [yes, no].map((paths) => paths.filter((path) => matches(path))),
      [yes, []],
    );
  });

const segment = fc.stringMatching(/^[a-zA-Z0-9.[\]{}()!?+@~$^|\\é-]{1,6}$/).filter((text) => !/^\.*$/.test(text));
const paths = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));

test('a pattern without "*" and placeholders matches its own path, and no path that neither is nor gives its URL', () => {
  fc.assert(
    fc.property(paths, paths, (path, other) => {
      const matches = urlMatcher(`/${path}`);
      assert.ok(matches(path));
      const same = [path, `${path}.html`, `${path}.htm`, `${path}/index.html`, `${path}/index.htm`];
      if (!same.includes(other)) assert.equal(matches(other), false);
    }),
  );
});

test('a splat is any text, as a regular expression says', () => {
  const plain = paths.filter((path) => !/\.html?$/.test(path));
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', '/', '*', '.'), { maxLength: 8 }), plain, (parts, path) => {
      const pattern = `/${parts.join('')}`;
      const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 's');
      assert.equal(urlMatcher(pattern)(path), expression.test(`/${path}`));
    }),
  );
});

test('no text makes the parser fail, and each line is in at most one list', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom('/*', ' A: b', ' Cache-Control: x', '! Expires'))),
      (lines) => {
        const { left, wrong, rules } = parseHeaders(lines.join('\n'), 'f');
        const all = [...left, ...wrong].map(({ line }) => line);
        assert.equal(new Set(all).size, all.length);
        assert.ok(rules.length <= lines.join('\n').split(/\r\n?|\n/).length);
      },
    ),
  );
});
