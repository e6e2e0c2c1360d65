import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { OPTION_TABLE } from '../../../src/options/table.js';
import { TEXTS } from '../../../src/report/message.js';
import { type Literal, literalsOf } from '../../support/literals.js';

// Every literal of src is read, so that no message names an option by another way than its placeholder.

const SRC = path.resolve(import.meta.dirname, '../../../src');
const OPTIONS: ReadonlySet<string> = new Set(OPTION_TABLE.map(({ name }) => name));
const CAMEL_CASE = [...OPTIONS].filter((name) => /[A-Z]/.test(name));

interface Found extends Literal {
  readonly file: string;
}

const LITERALS: readonly Found[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .flatMap((name) =>
    literalsOf(readFileSync(path.join(SRC, name), 'utf8')).map((literal) => ({
      ...literal,
      file: name.replaceAll(path.sep, '/'),
    })),
  );
const MESSAGES = LITERALS.filter(({ tag }) => tag === 'msg');

function shown({ file, line, texts }: Found): string {
  return `${file}:${line} ${texts.join('…')}`;
}

/** What a literal holds in braces; `${…}` is no such thing. */
function placeholdersOf({ texts }: Literal): readonly string[] {
  return texts.flatMap((text) => [...text.matchAll(/\{([^{}]*)\}/g)].map(([, inside = '']) => inside));
}

const nameIn = (placeholder: string): string => placeholder.split(': ', 1)[0] ?? '';

test('every placeholder of a message is an option, or a place that the Action calls otherwise', () => {
  const all = MESSAGES.flatMap(placeholdersOf).map(nameIn);
  assert.ok(new Set(all).size > 20 && all.includes('minSize'), `only ${all.join(', ')}`);
  const wrong = MESSAGES.filter((message) =>
    placeholdersOf(message).some((one) => !OPTIONS.has(nameIn(one)) && !TEXTS.has(one)),
  );
  assert.deepEqual(wrong.map(shown), []);
});

test('every brace of a message belongs to a placeholder', () => {
  const rest = MESSAGES.filter(({ texts }) => /[{}]/.test(texts.join('').replace(/\{[^{}]+\}/g, '')));
  assert.deepEqual(rest.map(shown), []);
});

test('what holds a placeholder is a message', () => {
  const names = [...OPTIONS, ...TEXTS.keys()];
  const forgotten = LITERALS.filter(
    (literal) => literal.tag !== 'msg' && placeholdersOf(literal).some((one) => names.includes(nameIn(one))),
  );
  assert.deepEqual(forgotten.map(shown), []);
});

/** Where the name of an option is no name of the option. */
const EXCEPTIONS: readonly (readonly [file: string, text: string, why: string])[] = [
  ['source/iterable.ts', 'has cleanUrls', 'a field of an item'],
  ['encode/rules.ts', 'Write for example {match: "*.html", cacheControl: "no-cache"}.', 'a key of a rule'],
];

test('no text names an option in camelCase without its braces', () => {
  const name = new RegExp(`(?<![\\w{])(?:${CAMEL_CASE.join('|')})(?!\\w)`);
  // A literal of one word is a name in code; in templates the words around `${…}` count too.
  const wordy = LITERALS.filter(({ texts }) => texts.length > 1 || /\s/.test(texts.join('')));
  assert.ok(wordy.length > 1_000 && wordy.some(({ tag }) => tag === 'msg'), `only ${wordy.length}`);
  const naming = wordy.filter(({ texts }) => texts.some((text) => name.test(text)));
  const excepted = (found: Found): boolean =>
    EXCEPTIONS.some(([file, text]) => file === found.file && found.texts.some((one) => one.includes(text)));
  assert.deepEqual(naming.filter((found) => !excepted(found)).map(shown), []);
  assert.equal(naming.filter(excepted).length, EXCEPTIONS.length, 'each exception is needed');
});

test('literals are found in templates within templates, beside comments and regular expressions', () => {
  const source = [
    "const a = 'one'; // 'no'",
    "const b = /[/'\"`]/.test(a) ? msg`two @{c('three', `four @{d}`)} five` : x / y / 'six'.length;",
    "/* 'no' */ const s = `\\`seven\\``; return /'no'/g;",
    "const e = { f: `@{g}` }; const h = 'it\\'s';",
  ]
    .join('\n')
    .replaceAll('@', '$');
  const found = literalsOf(source).map(({ line, tag, texts }) => [line, tag, ...texts].join('|'));
  assert.deepEqual(found, [
    '1||one',
    '2||three',
    '2||four |',
    '2|msg|two | five',
    '2||six',
    '3||\\`seven\\`',
    '4|||',
    "4||it\\'s",
  ]);
});
