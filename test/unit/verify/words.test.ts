import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasWordsOf, wordsOf } from '../../../src/verify/words.js';

const PAGE = `<!doctype html>
<html lang="en">
<head>
  <title>Tea &amp; harbour</title>
  <!-- built on Monday -->
  <link rel="stylesheet" type="text/css" href="/style-1a2b3c4d.css">
  <script type="module" src="/app-5e6f7a8b.js"></script>
</head>
<body>
  <p>We open at 9.</p>
  <p>Write to <a href="mailto:tea@example.com">tea@example.com</a>.</p>
</body>
</html>`;

describe('a served page and the page that was uploaded', () => {
  const same: readonly (readonly [what: string, served: string])[] = [
    ['as it is', PAGE],
    ['with a script at its end', PAGE.replace('</body>', '<script src="/cdn-cgi/x.js"></script></body>')],
    ['without white space and comments', PAGE.replaceAll(/<!--.*?-->/g, '').replaceAll(/\n\s*/g, '')],
    [
      'minified',
      '<!doctype html><html lang=en><title>Tea & harbour</title><link rel=stylesheet href=/style-1a2b3c4d.css><script type=module src=/app-5e6f7a8b.js></script><p>We open at 9.<p>Write to <a href=mailto:tea@example.com>tea@example.com</a>.',
    ],
    [
      'with e-mail addresses that robots cannot read',
      PAGE.replace(/<a .*?<\/a>/, '<a href="/cdn-cgi/l/email-protection#a1"><span>[email protected]</span></a>'),
    ],
  ];
  for (const [what, served] of same)
    test(`are the same: ${what}`, () => assert.equal(hasWordsOf(wordsOf(PAGE), wordsOf(served)), true));

  const other: readonly (readonly [what: string, served: string])[] = [
    ['an older script', PAGE.replace('5e6f7a8b', '99999999')],
    ['an older style', PAGE.replace('1a2b3c4d', '99999999')],
    ['an older text', PAGE.replace('at 9', 'at 10')],
    ['another title', PAGE.replace('harbour', 'coffee')],
    ['an error page', '<h1>404 Not Found</h1>'],
    ['nothing', ''],
  ];
  for (const [what, served] of other)
    test(`are not the same: ${what}`, () => assert.equal(hasWordsOf(wordsOf(PAGE), wordsOf(served)), false));

  test('the version of a package after an @ is a word, though it looks like an address', () => {
    const page = '<script src="https://cdn.example.com/pkg@1.2.3/x.js"></script>';
    assert.equal(hasWordsOf(wordsOf(page), wordsOf(page.replace('1.2.3', '1.2.4'))), false);
  });

  test('many beginnings of comments, and long lines, take no long time', () => {
    const hostile = `${'<!--'.repeat(100_000)}${'a'.repeat(500_000)}${'a@'.repeat(100_000)}${'&'.repeat(100_000)}`;
    assert.ok(wordsOf(hostile).size > 0);
  });
});
