import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRedirects } from '../../../src/site/redirects-file.js';

test('a line has a path, where to, and perhaps the code 301', () => {
  const text = `\ufeff# moved pages

/old /new
   /a\t\t/b   301
/c https://example.com:8080/d?e=f#g # with a comment
/d /e#part\r
/f%20g /h
`;
  assert.deepEqual(parseRedirects(text), {
    redirects: [
      { line: 3, from: '/old', to: '/new' },
      { line: 4, from: '/a', to: '/b' },
      { line: 5, from: '/c', to: 'https://example.com:8080/d?e=f#g' },
      { line: 6, from: '/d', to: '/e#part' },
      { line: 7, from: '/f%20g', to: '/h' },
    ],
    wrong: [],
  });
});

const WRONG: readonly (readonly [line: string, problem: RegExp])[] = [
  ['/a /b 302', /the code 302.*always a 301.*CloudFront function.*routing rule/],
  ['/a /b 303', /the code 303/],
  ['/a /b 307', /the code 307/],
  ['/a /b 308!', /the code 308/],
  ['/a /b 410', /the code 410/],
  ['/a /b 200', /under another path \(200\).*CloudFront function/],
  ['/* /index.html 200', /one page for all paths.*error document.*custom error response/],
  ['/api/* https://api.example.com/:splat 200', /proxy \(200\).*behavior of CloudFront/],
  ['/* /404.html 404', /missing \(404\).*error document/],
  ['/a /b 301!', /"!".*one object for one key/],
  ['/news/* /blog/:splat', /splat.*routing rule.*CloudFront function/],
  ['/*', /does not say where to/],
  ['/:year/:month /archive', /placeholder \(:year\).*routing rule/],
  ['/a /b/:c', /placeholder \(:c\)/],
  ['/a https://example.com/:c', /placeholder \(:c\)/],
  ['/a id=:id /b', /query \(id=:id\).*CloudFront function/],
  ['/a /b 301 Country=de,at', /condition \(Country=de,at\).*CloudFront function/],
  ['/a /b Language=de', /condition \(Language=de\)/],
  ['/a /b 301 Role=admin', /condition \(Role=admin\)/],
  ['http://old.example.com/a /b', /host of a URL/],
  ['/a', /does not say where to/],
  ['/a 301', /does not say where to/],
  ['/a b', /"b" is neither a path/],
  ['a /b', /"a" does not begin with "\/"/],
  ['/a /b /c', /"\/c" is more than/],
  ['/a /b 301 x', /"x" is more than/],
];

for (const [line, problem] of WRONG)
  test(`"${line}" is wrong, and the message says where it belongs`, () => {
    const { redirects, wrong } = parseRedirects(`# first\n${line}  # more\n`);
    assert.deepEqual(redirects, []);
    assert.deepEqual(
      wrong.map((one) => one.line),
      [2],
    );
    assert.match(wrong[0]?.problem ?? '', problem);
  });

test('each line that is no comment is a redirect or wrong, whatever it holds', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('/a', '/b', '301', '302!', '#', 'a=b', 'https://x.org', ':c', '/*'),
  );
  fc.assert(
    fc.property(fc.array(fc.array(word).map((words) => words.join(' '))), (lines) => {
      const text = lines.join('\n');
      const { redirects, wrong } = parseRedirects(text);
      const found = [...redirects, ...wrong].map(({ line }) => line).sort((a, b) => a - b);
      const expected = text
        .replace(/^\ufeff/, '')
        .split(/\r\n?|\n/)
        .flatMap((line, index) => (/^\s*(?:#|$)/.test(line) ? [] : [index + 1]));
      assert.deepEqual(found, expected);
    }),
  );
});
