import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OutcomeSummary, summarizeOutcomes } from '../../../src/action/outcome-summary.js';
import { diffOf, isFolded, kindsTable } from '../../../src/action/summary-changes.js';
import type { HeaderChange, Outcome } from '../../../src/report/types.js';
import { HOSTILE, put } from './samples.js';

function outcomesOf(prefix: string, ...outcomes: readonly Outcome[]): OutcomeSummary {
  const all = summarizeOutcomes(prefix);
  for (const outcome of outcomes) all.add(outcome);
  return all.summary();
}

const skip = (key: string): Outcome => put(key, { action: 'skip', reason: 'same content', bytes: 0 });
const changed = { reason: 'content differs' };

/** The lines of a diff that is whole. */
function linesOf(prefix: string, ...outcomes: readonly Outcome[]): readonly string[] {
  const { changes } = outcomesOf(prefix, ...outcomes);
  const diff = diffOf(changes, { bytes: 1_000_000, moreText: (count) => `${count} more` });
  const lines = diff.text.split('\n');
  assert.deepEqual([diff.lines, diff.left], [lines.length - 2, 0]);
  assert.deepEqual([lines[0], lines.at(-1)], ['```diff', '```']);
  return lines.slice(1, -1);
}

test('the table has a row a kind, and no column of zeros', () => {
  const { kinds } = outcomesOf('', put('a.js'), skip('b.js'), put('c.html', changed), put('d.html', changed));
  assert.equal(
    kindsTable(kinds),
    [
      '|  | new | changed | unchanged |',
      '| :--- | ---: | ---: | ---: |',
      '| **Pages** | – | 2 | – |',
      '| **Scripts** | 1 | – | 1 |',
    ].join('\n'),
  );
});

test('kinds that were left as they are share the last row', () => {
  const exists: Partial<Outcome> = { action: 'skip', reason: 'exists' };
  const { kinds } = outcomesOf('', skip('a.css'), put('b.html'), skip('c.png'), put('d.pdf', exists));
  assert.equal(
    kindsTable(kinds),
    [
      '|  | new | unchanged | skipped |',
      '| :--- | ---: | ---: | ---: |',
      '| **Pages** | 1 | – | – |',
      '| **Styles, images, documents** | – | 2 | 1 |',
    ].join('\n'),
  );
});

test('where nothing was changed there is no table', () => {
  assert.equal(kindsTable([]), undefined);
  assert.equal(kindsTable(outcomesOf('', skip('a.css'), skip('b.html')).kinds), undefined);
});

/** An object whose headers change. */
function rehead(key: string, ...headerChanges: readonly HeaderChange[]): Outcome {
  return put(key, { action: 'metadata', reason: 'headers differ', bytes: 0, headerChanges });
}

test('what gets other headers has a column', () => {
  const { kinds, largest } = outcomesOf('', rehead('a.html'), put('b.html', changed), skip('c.html'));
  assert.equal(
    kindsTable(kinds),
    ['|  | changed | headers | unchanged |', '| :--- | ---: | ---: | ---: |', '| **Pages** | 1 | 1 | 1 |'].join('\n'),
  );
  assert.deepEqual(
    largest.map(({ key }) => key),
    ['b.html'],
    'it is none of the largest, because nothing is sent',
  );
});

test('headers that change are in the list with the old and the new value', () => {
  const longer = { name: 'cache-control', from: 'no-cache', to: 'public, max-age=600' };
  const language = { name: 'content-language', to: 'en' };
  assert.deepEqual(
    linesOf(
      '',
      put('a.html', { ...changed, bytes: 12, cacheControl: 'no-cache' }),
      rehead('robots.txt', longer, { name: 'expires', from: '0' }),
      put('b.html', { reason: 'headers differ', bytes: 3, cacheControl: 'no-cache', headerChanges: [language] }),
      rehead('c.html'),
    ),
    [
      '! a.html      12 B  no-cache',
      '! b.html       3 B  no-cache  (headers differ, content-language: (none) → en)',
      '! c.html                      (headers differ)',
      '! robots.txt                  (cache-control: no-cache → public, max-age=600; expires: 0 → (none))',
    ],
  );
  const many = Array.from({ length: 30 }, (_, index) => rehead(`a/${index}.html`, longer));
  assert.equal(linesOf('', ...many).at(-1), '!   … 20 more pages with new headers');
});

test('values of headers cannot leave their line', () => {
  for (const name of HOSTILE) {
    const [line = '', ...more] = linesOf('', rehead('a.html', { name: 'x-amz-meta-a', from: name, to: name }));
    assert.deepEqual(more, []);
    assert.ok(line.startsWith('! a.html') && line.length < 8_000);
  }
});

test('what failed has a column', () => {
  const { kinds } = outcomesOf('', put('a.html', { action: 'fail' }), skip('b.html'));
  assert.equal(kindsTable(kinds)?.split('\n')[2], '| **Pages** | 1 | 1 |');
});

test('changes have their headers in aligned columns, by folder, below the prefix', () => {
  const html = { contentType: 'text/html', cacheControl: 'no-cache' };
  assert.deepEqual(
    linesOf(
      'docs',
      put('docs/index.html', { ...changed, ...html, bytes: 6_500, replacedBytes: 6_100 }),
      put('docs/404.html', { ...changed, ...html, bytes: 12, replacedBytes: 12 }),
      put('docs/assets/app.js', { bytes: 1_400, contentType: 'text/javascript', contentEncoding: 'gzip' }),
      put('docs/assets/old.js', { action: 'delete', reason: 'absent in the source', bytes: 0 }),
      put('docs/assets/chunks/a.js', { bytes: 53_700, reason: 'forced', cacheControl: 'max-age=60' }),
      put('docs/robots.txt', { reason: 'remote unreadable', bytes: 1 }),
    ),
    [
      '  assets/',
      '+   app.js                1.4 kB  –           text/javascript, gzip',
      '!   chunks/a.js          53.7 kB  max-age=60',
      '-   old.js                                                           (absent in the source)',
      '! 404.html                  12 B  no-cache    text/html',
      '! index.html     6.1 kB → 6.5 kB  no-cache    text/html',
      '! robots.txt                 1 B  –                                  (remote unreadable)',
    ],
  );
});

test('a column that is blank everywhere takes no room', () => {
  assert.deepEqual(linesOf('', put('b.txt', { bytes: 1 }), put('a.txt', { bytes: 22, ...changed })), [
    '! a.txt  22 B',
    '+ b.txt   1 B',
  ]);
});

test('a relayed copy says so, one by the server does not', () => {
  const copy = { action: 'copy', reason: 'content differs', bytes: 1 } as const;
  assert.deepEqual(
    linesOf(
      '',
      put('a', { ...copy, way: 'copied by the server' }),
      put('b', { ...copy, way: 'relayed, other service' }),
    ),
    ['! a  1 B', '! b  1 B  (relayed, other service)'],
  );
});

test('many siblings of a kind fold to the first ten and a count, but never to a count of one', () => {
  const pages = (count: number): readonly Outcome[] =>
    Array.from({ length: count }, (_, index) => put(`guide/page-${index + 1}.html`, { bytes: 1, ...changed }));
  assert.equal(linesOf('', ...pages(11)).length, 12);
  assert.ok(!isFolded(outcomesOf('', ...pages(11)).changes));
  const folded = linesOf('', ...pages(33), put('guide/new.html', { bytes: 1 }), put('guide/app.js', { bytes: 1 }));
  assert.deepEqual(folded.slice(0, 4), [
    '  guide/',
    '+   app.js        1 B',
    '+   new.html      1 B',
    '!   page-1.html   1 B',
  ]);
  assert.deepEqual(folded.slice(-2), ['!   page-10.html  1 B', '!   … 23 more pages']);
  assert.ok(isFolded(outcomesOf('', ...pages(12)).changes));
});

test('names that are very long or wide keep the columns of the others', () => {
  const long = 'x'.repeat(300);
  const lines = linesOf('', put('🎉.txt', { bytes: 1 }), put('ab.txt', { bytes: 2 }), put(long, { bytes: 3 }));
  assert.equal(lines.length, 3);
  assert.equal(lines.find((line) => line.includes('ab.txt'))?.indexOf('2 B'), 2 + 56 + 2);
  assert.equal([...(lines.find((line) => line.includes('🎉')) ?? '')].indexOf('1'), 2 + 56 + 2);
  assert.ok(lines.includes(`+ ${long}  3 B`));
});

test('what does not fit is counted, and no folder stands without its files', () => {
  const { changes } = outcomesOf('', ...['a', 'b', 'c'].map((folder) => put(`${folder}/${'x'.repeat(50)}`)));
  const moreText = (count: number): string => `${count} more`;
  for (let bytes = 20; bytes < 300; bytes += 1) {
    const { text, left } = diffOf(changes, { bytes, moreText });
    const shown = text.match(/^\+ /gm)?.length ?? 0;
    assert.equal(Number(/(\d+) more$/.exec(text)?.[1] ?? 0), left);
    assert.equal(shown + left, 3, text);
    assert.ok(bytes < 40 || Buffer.byteLength(text) <= bytes, `${Buffer.byteLength(text)} of ${bytes}`);
    assert.doesNotMatch(text, /\/\n```$/m);
  }
});
