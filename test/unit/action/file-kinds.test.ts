import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILE_KINDS, kindOf } from '../../../src/action/file-kinds.js';

const KINDS: readonly (readonly [key: string, title: string])[] = [
  ['index.html', 'Pages'],
  ['docs/A.HTM', 'Pages'],
  ['assets/app.Dg7dT-0O.js', 'Scripts'],
  ['app.mjs.br', 'Scripts'],
  ['style.css.gz', 'Styles'],
  ['favicon.ico', 'Images'],
  ['fonts/inter.woff2', 'Fonts'],
  ['intro.mp4', 'Video and audio'],
  ['robots.txt', 'Data'],
  ['site.webmanifest', 'Data'],
  ['guide.pdf', 'Documents'],
  ['app.js.map', 'Source maps'],
  ['CNAME', 'Other'],
  ['about.html/CNAME', 'Other'],
  ['.html/x', 'Other'],
  ['site.tar.gz', 'Other'],
  ['x.gz', 'Other'],
  ['.gz', 'Other'],
  ['a.constructor', 'Other'],
  ['a.', 'Other'],
  ['', 'Other'],
];
for (const [key, title] of KINDS)
  test(`${JSON.stringify(key)} is of the kind ${title}`, () => assert.equal(kindOf(key).title, title));

test('every ending has one kind, and is written as it is looked up', () => {
  const endings = FILE_KINDS.flatMap((kind) => kind.endings);
  assert.equal(new Set(endings).size, endings.length);
  for (const ending of endings) assert.match(ending, /^[a-z0-9]+$/);
  assert.equal(FILE_KINDS.at(-1)?.title, 'Other');
});
