import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  beginningOf,
  decoded,
  eachChild,
  elements,
  elementText,
  numberIn,
  rootName,
  rootOf,
} from '../../../../src/s3/answers/xml.js';

const children = (xml: string): string[] => {
  const found: string[] = [];
  const { start, end } = rootOf(xml) ?? { start: 0, end: 0 };
  eachChild(xml, start, end, (name, from, to) => found.push(`${name}=${decoded(xml.slice(from, to))}`));
  return found;
};

test('a text is decoded: entities, numbers of characters, surrogate pairs, sections', () => {
  for (const [text, expected] of [
    ['a&amp;b&#65;&#x42;&lt;', 'a&bAB<'],
    ['&#x1F600;&#128512;&#55357;&#56832;', '\u{1f600}\u{1f600}\u{1f600}'],
    ['<![CDATA[&amp;]]>&amp;<![CDATA[]]><![CDATA[]]]]>', '&amp;&]]'],
    ['a & b', 'a & b'],
    ['&#1;', '\x01'],
  ] as const)
    assert.equal(decoded(text), expected);
});

test('a number of no character, an unknown entity and a section without an end are syntax errors', () => {
  for (const text of [
    '&#99999999;',
    '&#x110000;',
    '&#0;',
    '&#55357;',
    '&#xDC00;a',
    '&bogus;',
    '<![CDATA[a',
    `&#${'9'.repeat(400)};`,
  ])
    assert.throws(() => decoded(text), SyntaxError, text);
});

test('names have no namespace prefix, and an element ends at its own end tag', () => {
  assert.deepEqual(children('<ns0:A xmlns:ns0="x"><ns0:Key>1</ns0:Key><Key>2</Key><b:KeyX/><Size >3</Size ></ns0:A>'), [
    'Key=1',
    'Key=2',
    'KeyX=',
    'Size=3',
  ]);
  assert.deepEqual(children('<A><Key>1</KeyX></Key><B>2</B></A>'), ['Key=1</KeyX>', 'B=2']);
  assert.deepEqual(children('<A><Key><!-- </Key> -->1<![CDATA[</Key>]]></Key></A>').length, 1);
  assert.equal(elementText('<e:Error><e:CodeX>0</e:CodeX><e:Code>1</e:Code></e:Error>', 'Code'), '1');
  assert.deepEqual([...elements('<A><x:T>1</x:T><T/><T>2</T></A>', 'T')], ['1', '', '2']);
});

test('the root is found behind a byte order mark, a declaration, comments and white space', () => {
  assert.equal(rootName('\uFEFF <?xml version="1.0"?>\n<!-- <No> --><s3:Yes a="b">'), 'Yes');
  assert.equal(rootName('{"no":1}'), undefined);
  assert.equal(rootName(''), undefined);
  assert.equal(rootOf('<A/>')?.name, 'A');
  for (const cut of ['<A', '<A>', '<A></A', '<A></B>', '<A></A></B>', '<A></A>x'])
    assert.throws(() => rootOf(cut), SyntaxError, cut);
});

test('the beginning of a text is there also where its document is truncated or invalid', () => {
  assert.equal(beginningOf('<Error><Code>Slow', 'Code', 100), 'Slow');
  assert.equal(beginningOf(`<Error><Message>${'x&amp;'.repeat(1_000)}`, 'Message', 10), 'x&x&x&x&');
  assert.equal(beginningOf('<Error><Message>&#99999999;</Message>', 'Message', 20), '&#99999999;');
  assert.equal(beginningOf('<Error><Mess', 'Message', 20), undefined);
  assert.equal(beginningOf('<Error><Message/></Error>', 'Message', 20), '');
});

test('a number is digits, and nothing is 0', () => {
  assert.deepEqual([numberIn('Size', ' 12\n'), numberIn('Size', ''), numberIn('Size', undefined)], [12, 0, 0]);
  for (const text of ['-1', '1.5', '1e3', '0x1', 'NaN', 'ten', '99999999999999999999'])
    assert.throws(() => numberIn('Size', text), /Size is ".*", which is no number/, text);
});

/** Counts the characters that a search passes, by what is given to `indexOf`: times say nothing on a busy machine. */
function searched(xml: string, work: () => void): number {
  const { indexOf } = String.prototype;
  let passed = 0;
  String.prototype.indexOf = function (this: string, wanted: string, from = 0) {
    const at = indexOf.call(this, wanted, from);
    if (this.length === xml.length) passed += (at < 0 ? this.length : at) - from;
    return at;
  };
  try {
    work();
  } finally {
    String.prototype.indexOf = indexOf;
  }
  return passed;
}

test('sections, comments and tags that do not end are passed a few times at most', () => {
  for (const piece of ['<![CDATA[a]]>', '<![CDATA[</Key>]]>', '<!-- a -->', '</KeyX>', '<Key', '&amp', '<![CDATA[']) {
    for (const end of ['</Key></A>', '</A>', '']) {
      const xml = `<A><Key>${piece.repeat(5_000)}${end}`;
      const passed = searched(xml, () => {
        try {
          children(xml);
        } catch (error) {
          assert.ok(error instanceof SyntaxError);
        }
        beginningOf(xml, 'Key', 1_000);
      });
      assert.ok(passed < 20 * xml.length, `${piece}: ${passed} characters of ${xml.length}`);
    }
  }
});
