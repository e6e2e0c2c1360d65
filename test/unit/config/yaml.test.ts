import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from '../../../src/config/config-error.js';
import { parseYaml } from '../../../src/config/yaml.js';
import { runs } from '../../support/runs.js';

const errorOf = (text: string): string => {
  try {
    parseYaml('c', text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return `${error.message} ${error.hint}`;
  }
  return 'no error';
};

describe('what is nested too deeply is an error with its line, however it is written', () => {
  const many = 10_000;
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['brackets', `a: 1\nb: ${'['.repeat(many)}${']'.repeat(many)}`, /^c:2:/],
    ['brackets that nothing closes', '['.repeat(many), /^c:1:/],
    ['JSON', `{"a":${'\n{"a":'.repeat(many)}1${'}'.repeat(many + 1)}`, /^c:\d{2,3}:/],
    ['mappings in braces', '{a: '.repeat(many), /^c:1:/],
    ['lists by indentation', `${'- '.repeat(many)}x`, /^c:1:/],
    [
      'mappings by indentation',
      Array.from({ length: 900 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
      /^c:\d{2,3}:/,
    ],
    ['keys with a mark', `${'? '.repeat(many)}x`, /^c:1:/],
    ['both kinds in turn', '[{a: '.repeat(many), /^c:1:/],
  ];
  for (const [name, text, place] of rows)
    test(name, () => {
      const message = errorOf(text);
      assert.match(message, place);
      assert.match(message, /nested too deeply\. Write values out instead\./);
    });
  test('but ten levels are not too deep', () => {
    const text = `${'['.repeat(10)}1${']'.repeat(10)}`;
    assert.equal(JSON.stringify(parseYaml('c', text).value), text);
  });
});

describe('aliases', () => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['of a value that holds them', 'a: &a [*a]', /^c:1:8: "\*a" is an alias of the value that it is part of/],
    ['of a value further out', 'a: &a\n  b: {c: [*a]}', /^c:2:11: "\*a" is an alias of the value/],
    ['of a later anchor', 'a: *a\nb: &a 1', /^c:1:4: "\*a" is an alias of an anchor that does not exist/],
    [
      'ten thousand of them',
      `x: &x y\nb:\n${'  - *x\n'.repeat(10_000)}`,
      /^c:103:5: The file has more than 100 aliases/,
    ],
    [
      'a chain of ten thousand',
      Array.from({ length: 10_000 }, (_, at) => `a${at}: &a${at} ${at === 0 ? 'x' : `[*a${at - 1}]`}`).join('\n'),
      /^c:102:\d+: The file has more than 100 aliases/,
    ],
    [
      'that multiply',
      `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(',')}]`).join('\n')}`,
      /^c:10:\d+: .*nested too deeply/,
    ],
  ];
  for (const [name, text, message] of rows) test(`${name} are an error`, () => assert.match(errorOf(text), message));
  test('a few, also of an anchor that is used twice, are values', () => {
    assert.deepEqual(parseYaml('c', 'a: &a [x]\nb: *a\nc: &a y\nd: *a').value, { a: ['x'], b: ['x'], c: 'y', d: 'y' });
  });
});

describe('names', () => {
  test('given twice are an error, in every mapping', () => {
    assert.match(errorOf('a: 1\nb: 2\na: 3'), /^c:3:1: The name is given twice\. Give it once\./);
    assert.match(errorOf('x: {"a": 1, a: 2}'), /^c:1:13: The name is given twice/);
    assert.match(errorOf('- {b: 1}\n- {__proto__: 1, __proto__: 2}'), /^c:2:18: The name is given twice/);
  });
  test('of prototypes are names like any other', () => {
    const { value } = parseYaml(
      'c',
      '{__proto__: {a: 1}, constructor: 2, toString: 3, hasOwnProperty: 4, "<<": {b: 5}}',
    );
    assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '<<']);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.equal(({} as { a?: unknown }).a, undefined);
  });
  test('may be tens of thousands', () => {
    const text = Array.from({ length: 30_000 }, (_, at) => `a${at}: 1`).join('\n');
    assert.equal(Object.keys(parseYaml('c', text).value as object).length, 30_000);
  });
});

test('byte order mark, CRLF and control characters are read as YAML says', () => {
  assert.deepEqual(parseYaml('c', '\ufeffmode: add\r\nacl: private\r\n').value, { mode: 'add', acl: 'private' });
  assert.deepEqual(parseYaml('c', 'a: "\\0\\e"').value, { a: '\u0000\u001b' });
});

describe('no message is the text of the library, and each says how to fix it', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['a: @x', /^c:1:4: A text without quotes cannot begin with this character\. Put quotes/],
    ['a: `x', /^c:1:4: A text without quotes/],
    ['a: b: c', /^c:1:\d: The text after a name holds ": "/],
    ['a: [1, 2', /^c:1:\d: The indentation does not fit the lines above, or a bracket is not closed/],
    ['a: {b: 1', /^c:1:\d: .*or a bracket is not closed/],
    ["a: 'x", /^c:1:\d: A quote is not closed/],
    ['a: "\\q"', /^c:1:\d: A text in double quotes has an escape that does not exist/],
    ['a: 1\nb', /^c:2:1: A quote, a bracket, a comma, a ":" or a space is missing\. Close/],
    ['a:\n  - b\n c: d', /^c:3:\d: /],
    ['a: "x" y', /^c:1:\d: Something stands here/],
    ['? [a]\n: b', /^c:1:\d: A name is not text/],
    ['a: &x &y b', /^c:1:\d: A value has two anchors/],
    ['a: !x !y b', /^c:1:\d: A value has two tags/],
    ['a: & b', /^c:1:\d: An anchor/],
    ['%X y\n---\na: 1', /^c:1:1: A line that begins with "%"/],
    ['a: [b:\n- c]', /^c:\d:\d: /],
    ['a: |x\n  b', /^c:1:\d: Something stands here/],
    [`${'a'.repeat(1_100)}: b`, /^c:1:\d+: A name is longer than 1,024/],
  ];
  for (const [text, message] of rows)
    test(JSON.stringify(text.slice(0, 20)), () => {
      assert.match(errorOf(text), message);
      assert.doesNotMatch(errorOf(text), /undefined|indicator|implicit|scalar|token|node/i);
    });
});

test('any text at all is read or refused with its place', () => {
  const piece = fc.constantFrom(
    ...['[', ']', '{', '}', '- ', ': ', '? ', '&a ', '*a ', '!t ', '"', "'", '|', '>', '%', '@', '#', ' #', ',', '\n'],
    ...['\n  ', '\t', '---\n', '...\n', 'a', '__proto__', '<<', '\r', '\u0000', '\u2028', '\\', '~', '1e999', '0x1'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const message = errorOf(pieces.join(''));
      assert.match(message, /^(?:no error|c:\d+:\d+: .+\. .+\.)$/s);
    }),
    runs(1_000),
  );
});
