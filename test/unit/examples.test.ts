import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { EXAMPLES } from '../../scripts/action-examples.js';
import { globMatcher } from '../../src/source/globs/glob.js';
import { FIXED, HASHED, MEDIA, PAGES } from '../support/built-site.js';

// A browser that has kept a file for a year, immutable, never asks for it again: no deploy can take that back. People copy examples, so none
// may give a year to a name that stays when its content changes.

const ROOT = path.resolve(import.meta.dirname, '../..');
const STAYING: readonly string[] = Object.keys({ ...FIXED, ...MEDIA, ...PAGES });

interface Example {
  readonly name: string;
  readonly text: string;
}

const read = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8').replaceAll('\r\n', '\n');

function filesIn(folder: string, extension: RegExp): readonly Example[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => extension.test(name) && !name.includes('node_modules'))
    .sort()
    .map((name) => ({ name: `${folder}/${name}`, text: read(`${folder}/${name}`) }));
}

/** The fenced blocks of a page. */
const blocksOf = ({ name, text }: Example): readonly Example[] =>
  [...text.matchAll(/^ *```\w+(?: [^\n]*)?\n([\s\S]*?)^ *```$/gm)].map((found) => ({
    name: `${name}:${text.slice(0, found.index).split('\n').length}`,
    text: found[1] ?? '',
  }));

const pages: readonly Example[] = [
  ...['README.md', 'gulp-plugin/README.md'].map((name) => ({ name, text: read(name) })),
  ...filesIn('docs', /\.md$/),
];
const examples: readonly Example[] = [
  ...pages.flatMap(blocksOf),
  ...filesIn('examples', /\.(?:yml|ts|mjs)$/),
  ...Object.entries(EXAMPLES).map(([input, text]) => ({ name: `the example of the input ${input}`, text })),
];

/** A value of Cache-Control that means for long: more than eleven days, or for ever. */
const YEAR = /\bmax-age=\d{7,}|[,:]\s*["']?immutable\b/;

interface YearRule {
  readonly globs: readonly string[];
}

/** The rules, in YAML or JavaScript, that give a year; an empty list of globs stands for a year that no rule limits. */
function yearRules(text: string): readonly YearRule[] {
  const [before = '', ...rules] = text.split(/\bmatch:\s*/);
  const unlimited = YEAR.test(before) ? [{ globs: [] }] : [];
  return [...unlimited, ...rules.filter((rule) => YEAR.test(rule)).map((rule) => ({ globs: globsIn(rule) }))];
}

/** The globs that a text begins with: a list in brackets, or one, in quotes or bare. */
function globsIn(text: string): readonly string[] {
  const list = /^\[(.*?)\](?=\s*[,}\n])/s.exec(text)?.[1];
  const items = list === undefined ? [/^(?:"[^"]*"|'[^']*'|[^\s,}]+)/.exec(text)?.[0] ?? ''] : list.split(/,\s*/);
  return items.map((item) => item.replace(/^(["'])(.*)\1$/s, '$2'));
}

/** The names that stay, but get a year. */
function harmed(text: string): readonly string[] {
  return yearRules(text).flatMap(({ globs }) => {
    if (globs.length === 0) return ['every file'];
    const matchers = globs.map(globMatcher);
    return STAYING.filter((name) => matchers.some((matches) => matches(name)));
  });
}

test('no example gives a year to a name that stays when its content changes', () => {
  assert.ok(examples.length > 50);
  assert.notDeepEqual(
    examples.flatMap(({ text }) => yearRules(text)),
    [],
    'some give a year',
  );
  for (const { name, text } of examples) assert.deepEqual(harmed(text), [], name);
});

test('the recommended glob for names with a hash matches all of them and no other', () => {
  const matches = globMatcher('assets/**/*[-.]????????.*');
  assert.deepEqual(Object.keys(HASHED).filter(matches), Object.keys(HASHED));
  assert.deepEqual(STAYING.filter(matches), []);
});

/** Names without a hash that people keep beside names with one, and that look as if they had one. */
const LOOKALIKES = [
  'icon-facebook.svg',
  'inter-semibold.woff2',
  'env-settings.js',
  'og-1200x630.png',
  'report-20260101.pdf',
].map((name) => `assets/${name}`);
const rulesPage = read('docs/headers-and-rules.md');

test('names that look hashed are taken by the recommended glob, as its page says, and given back by the rule after it', () => {
  const matches = globMatcher('assets/**/*[-.]????????.*');
  const giveBack = /match: "(assets\/[^"]*)"[^\n]*\n {2}cacheControl: no-cache/.exec(rulesPage)?.[1] ?? '';
  assert.deepEqual(LOOKALIKES.filter(matches), LOOKALIKES);
  assert.deepEqual(LOOKALIKES.filter(globMatcher(giveBack)), LOOKALIKES, giveBack);
  assert.deepEqual(Object.keys(HASHED).filter(globMatcher(giveBack)), []);
  for (const name of LOOKALIKES) assert.ok(rulesPage.includes(`\`${name.slice('assets/'.length)}\``), name);
});

/** Names with a hash by the first bundler of a row in the page's table, as these write them. */
const BUNDLED: Readonly<Record<string, readonly string[]>> = {
  Vite: Object.keys(HASHED),
  Astro: ['_astro/index.BfX9a1b2.css', '_astro/hoisted.C2u_bR5x.js'],
  Next: ['_next/static/chunks/app/page-0a1b2c3d4e5f6071.js', '_next/static/css/0a1b2c3d4e5f6071.css'],
  SvelteKit: ['_app/immutable/chunks/BfX9a1b2.js', '_app/immutable/entry/start.C2u_bR5x.js'],
  Nuxt: ['_nuxt/BfX9a1b2.js', '_nuxt/entry.C2u_bR5x.css'],
  Angular: ['main-KJ4XWQ2Z.js', 'chunk-ABCDEFGH.js', 'media/roboto-22334455.woff2'],
};

test('the glob for each bundler matches the names that it makes, and none that stays', () => {
  const rows = [...rulesPage.matchAll(/^\| (\w+)[^|]*\| `([^`]+)`[^|]*\|$/gm)];
  const named = rows.filter(([, bundler = '']) => bundler in BUNDLED);
  assert.equal(named.length, Object.keys(BUNDLED).length);
  for (const [, bundler = '', glob = ''] of named) {
    const matches = globMatcher(glob);
    assert.deepEqual(BUNDLED[bundler]?.filter(matches), BUNDLED[bundler], bundler);
    const others = ['report-20260101.pdf', 'IMG-20260101.jpg', 'photo-DSC01234.jpg', 'sw-register.js', ...STAYING];
    assert.deepEqual(others.filter(matches), [], bundler);
  }
});

test('the search for such examples finds them', () => {
  const fences = '```sh\na\n```\n- item\n  ```yaml runnable file=rules.yaml\n  b\n  ```\n';
  assert.deepEqual(
    blocksOf({ name: 'page.md', text: fences }).map(({ text }) => text.trim()),
    ['a', 'b'],
    'marked blocks too',
  );
  const year = 'public, max-age=31536000, immutable';
  assert.deepEqual(harmed(`cache-control: ${year}\n`), ['every file']);
  assert.deepEqual(harmed('cache-control: max-age=31449600\n'), ['every file']);
  assert.deepEqual(harmed('cache-control: immutable, max-age=60\n'), ['every file']);
  assert.deepEqual(harmed(`- match: "*"\n  cacheControl: ${year}\n`), STAYING);
  assert.deepEqual(harmed(`rules: [{ match: ['/sw.js', '*.txt'], cacheControl: '${year}' }]`), [
    '.well-known/security.txt',
    'robots.txt',
    'sw.js',
  ]);
  assert.deepEqual(harmed(`- match: _app/immutable/**\n  cacheControl: ${year}\n`), []);
  assert.deepEqual(harmed(`- match: _astro/**\n  cacheControl: ${year}\n- match: "*"\n  cacheControl: no-cache\n`), []);
});
