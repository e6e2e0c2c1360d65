import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { html, link, webAddress } from '../../../../src/report/page/html.js';

test('no text becomes markup, in content or in an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = html`${text}`.html;
      assert.doesNotMatch(escaped, /[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
      // Nothing that moves the cursor, changes the direction of text, or is half a character.
      assert.doesNotMatch(escaped, /[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/u);
    }),
  );
});

test('templates escape texts, and take HTML, lists, numbers and nothing', () => {
  const parts = [html`<b>1</b>`, html`<b>2</b>`];
  assert.equal(
    html`<p title="${'"<'}">${'a&b'} ${parts} ${3} ${undefined}</p>`.html,
    '<p title="&quot;&lt;">a&amp;b <b>1</b><b>2</b> 3 </p>',
  );
  assert.equal(html`${'a\u202egnp.exe'} ${'\u0000\n'}`.html, 'a\\u202egnp.exe \\x00\\n');
});

test('only web addresses become links, without users and passwords', () => {
  const cases = [
    ['https://example.com/a?b=c', 'https://example.com/a?b=c'],
    ['http://u:secret@example.com/', 'http://example.com/'],
    ['javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['no address', undefined],
    [undefined, undefined],
  ] as const;
  for (const [address, url] of cases) assert.equal(webAddress(address), url);
  assert.equal(link('javascript:alert(1)', 'x').html, 'x');
  assert.match(link('https://example.com/"', 'x').html, /^<a href="https:\/\/example\.com\/%22" /);
});
