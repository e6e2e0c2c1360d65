import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdownSvg } from '../../../scripts/markdown-svg.js';
import { assertSelfContained, assertWellFormed } from '../../support/xml.js';

function drawn(markdown: string): string {
  const svg = markdownSvg(markdown, { title: 'a summary' });
  assertWellFormed(svg);
  assertSelfContained(svg);
  return svg;
}

const heightOf = (svg: string): number => Number(/ height="(\d+)"/.exec(svg)?.[1]);

for (const [title, markdown, shown] of [
  ['a heading with code', '### ✅ Done: `s3://a`', /<h3>✅ Done: <code>s3:\/\/a<\/code><\/h3>/],
  ['a link, which leads nowhere', '[here](https://example.com)', /<span class="link">here<\/span>/],
  ['a link in HTML', '<p><a href="https://example.com">here</a></p>', /<p><span class="link">here<\/span><\/p>/],
  ['a table', '| a | b |\n|---|---:|\n| 1 | 2 |', /<td>1<\/td>\s*<td align="right">2<\/td>/],
  ['breaks', '<p>a<br>b<br/>c</p>', /a<br\/>b<br\/>c/],
  [
    'the marks of a diff',
    '```diff\n+ a\n- b\n! c\n  d\n```',
    /"added">\+ a<.*"removed">- b<.*"changed">! c<.*\n {2}d/s,
  ],
  [
    'names that are markup',
    '`<script>` &lt;b&gt; &nbsp;&copy; a & b',
    /<code>&lt;script&gt;<\/code> &lt;b&gt; .*a &amp; b/,
  ],
  ['an alert', '> [!NOTE]\n> Look', /<strong>Note<\/strong> Look/],
] as const)
  test(`a picture of Markdown shows ${title}`, () => {
    assert.match(drawn(markdown), shown);
  });

test('a picture of Markdown leaves out what would load or run something', () => {
  const svg = drawn(
    'a <img src="https://example.com/a.png"> ![b](https://example.com/b.png) <!-- c -->\n\n<script>d</script>\n',
  );
  assert.doesNotMatch(svg, /example\.com|<!--/);
});

test('a picture of Markdown leaves out charts, which GitHub draws by a script', () => {
  assert.doesNotMatch(drawn('```mermaid\npie\n```'), /pie/);
});

test('only the first fold is open, and the picture is as high as what it shows', () => {
  const fold = (name: string): string => `<details><summary>${name}</summary>\n\n- 1\n- 2\n- 3\n\n</details>\n\n`;
  const [one, two, text] = [drawn(fold('a')), drawn(fold('a') + fold('b')), drawn(`${fold('a')}b\n`)];
  assert.equal(two.match(/<details open="open">/g)?.length, 1);
  assert.match(two, /<details><summary>b/);
  assert.ok(heightOf(one) < heightOf(two));
  assert.equal(heightOf(two), heightOf(text), 'a closed fold is one line');
});
