import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalSvg } from '../../../scripts/terminal-svg.js';
import { assertSelfContained, assertWellFormed } from '../../support/xml.js';

/** The lines of a picture, as their elements. */
function drawn(text: string, columns = 80): readonly string[] {
  const svg = terminalSvg(text, { title: 'a run', columns });
  assertWellFormed(svg);
  assertSelfContained(svg);
  return [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map((found) => found[1] ?? '');
}

const span = (look: string, text: string): string => `<tspan class="${look}">${text}</tspan>`;

for (const [title, text, lines] of [
  ['plain text', 'a\n  b\n', ['a', '  b']],
  ['lines of Windows', 'a\r\n\r\nb\r\n', ['a', '', 'b']],
  ['text that is markup', '<b> & "c"', ['&lt;b&gt; &amp; &quot;c&quot;']],
  ['a colour and its end', '\u001b[32mput\u001b[0m a', [span('green', 'put'), ' a'].join('')],
  [
    'a colour that replaces another',
    '\u001b[31ma\u001b[36mb\u001b[39mc',
    [span('red', 'a'), span('cyan', 'b'), 'c'].join(''),
  ],
  ['a bright colour, as the usual one', '\u001b[92ma', span('green', 'a')],
  ['bold, which has an end of its own', '\u001b[1;31ma\u001b[22mb', [span('bold red', 'a'), span('red', 'b')].join('')],
  ['a sequence without numbers, which ends everything', '\u001b[2ma\u001b[mb', [span('faint', 'a'), 'b'].join('')],
  ['a look that goes on over lines', '\u001b[33ma\nb', [span('yellow', 'a'), span('yellow', 'b')]],
  ['sequences that move the cursor, which have no effect', '\u001b[2Ka\u001b[1Gb\u001b[?25l', 'ab'],
  ['a control character', 'a\u0007b', 'a\uFFFDb'],
] as const)
  test(`a picture of a terminal shows ${title}`, () => {
    assert.deepEqual(drawn(text), typeof lines === 'string' ? [lines] : lines);
  });

test('a picture of a terminal breaks lines where the terminal does, and keeps their looks', () => {
  assert.deepEqual(drawn('abcd\u001b[31mefgh\u001b[0mij', 5), [`abcd${span('red', 'e')}`, `${span('red', 'fgh')}ij`]);
});
