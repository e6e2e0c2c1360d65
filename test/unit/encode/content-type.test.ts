import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import mime from 'mime-types';
import {
  bytesDecide,
  decidingEnding,
  guessContentType,
  knownContentType,
  USUAL,
} from '../../../src/encode/content-type.js';
import { anyCharacter } from '../../support/characters.js';
import { runs } from '../../support/runs.js';

test('Content types are those that a browser needs', () => {
  const rows = {
    'index.html': 'text/html; charset=utf-8',
    'a.css': 'text/css; charset=utf-8',
    'a.js': 'text/javascript; charset=utf-8',
    'a.mjs': 'text/javascript; charset=utf-8',
    'a.cjs': 'text/javascript; charset=utf-8',
    'a.json': 'application/json; charset=utf-8',
    'a.js.map': 'application/json; charset=utf-8',
    'a.svg': 'image/svg+xml',
    'a.wasm': 'application/wasm',
    'a.woff2': 'font/woff2',
    'a.webmanifest': 'application/manifest+json; charset=utf-8',
    'sitemap.xml': 'application/xml',
    'robots.txt': 'text/plain; charset=utf-8',
    'README.md': 'text/markdown; charset=utf-8',
    'favicon.ico': 'image/vnd.microsoft.icon',
    'a.mp4': 'video/mp4',
    'a.avif': 'image/avif',
    'a.webp': 'image/webp',
    'a.PNG': 'image/png',
    'a.pdf': 'application/pdf',
    'app.js.gz': 'application/gzip',
    'a.tgz': 'application/gzip',
    'a.tar.zst': 'application/zstd',
    '.well-known/security.txt': 'text/plain; charset=utf-8',
    '.well-known/apple-app-site-association': 'application/json',
    'apple-app-site-association': 'application/json',
    '.well-known/openid-configuration': 'application/json',
    '.well-known/assetlinks.json': 'application/json; charset=utf-8',
    'v1.2/LICENSE': 'application/octet-stream',
  };
  for (const [key, type] of Object.entries(rows)) {
    assert.equal(guessContentType(key), type, key);
    assert.equal(guessContentType(`deep.dir/${key}`), type, key);
  }
});

test('A name without a known extension is a stream of bytes', () => {
  for (const key of [
    '',
    'html',
    'a.',
    '.',
    '.htaccess',
    '.html',
    'a/.json',
    'a.unknown',
    'x.constructor',
    'x.__proto__',
    'constructor',
    'text/html/',
  ]) {
    assert.equal(guessContentType(key), 'application/octet-stream', key);
  }
});

test('A name that shows no type is not one of those for arbitrary bytes', () => {
  for (const name of ['about', 'about.', '.htaccess', 'v1.2', 'x.constructor', '']) {
    assert.equal(knownContentType(name), undefined, name);
    assert.equal(knownContentType(name), undefined, `${name}, once more`);
  }
  for (const name of ['a.bin', 'a.exe', 'a.dmg']) assert.equal(typeof knownContentType(name), 'string', name);
  assert.equal(knownContentType('a.bin'), 'application/octet-stream');
});

test('Every key gets a type that a header can hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (key) =>
      assert.match(guessContentType(key), /^[\w.+-]+\/[\w.+-]+(?:; charset=utf-8)?$/),
    ),
  );
});

test('the types that need no table of all types are those of mime-types', () => {
  for (const [extension, type] of USUAL) assert.equal(type, mime.contentType(`.${extension}`), extension);
});

test('names with one deciding ending have one type, and their bytes decide alike', () => {
  const ending = fc.constantFrom(
    'html',
    'HTML',
    'css',
    'js',
    'ts',
    'mts',
    'd.ts',
    'bin',
    'zip',
    'tgz',
    'toString',
    'odd',
    '',
    '7',
    'tar.gz',
  );
  const stem = fc.constantFrom('a', '', 'x.d', '.htaccess', 'apple-app-site-association', 'v1', 'a b', 'é');
  const folder = fc.constantFrom('', 'docs/', 'a.b/', './');
  const dotted = ending.map((end) => `.${end}`);
  const name = fc.tuple(folder, stem, fc.oneof(dotted, fc.constant(''))).map(([at, base, end]) => `${at}${base}${end}`);
  fc.assert(
    fc.property(name, name, (one, other) => {
      const deciding = decidingEnding(one);
      fc.pre(deciding !== undefined && deciding === decidingEnding(other));
      const type = guessContentType(one);
      assert.equal(guessContentType(other), type);
      assert.equal(bytesDecide(other, type), bytesDecide(one, type));
    }),
    runs(2_000),
  );
});

test('no ending decides alone where a name is one of TypeScript or of a standard, or ends in a dot or a slash', () => {
  for (const name of ['a.', 'types.d.ts', 'video.ts', 'a.mts', 'a.b/', '', '.well-known/openid-configuration'])
    assert.equal(decidingEnding(name), undefined, name);
  for (const name of ['LICENSE', 'docs/.htaccess', 'a.b/c']) assert.equal(decidingEnding(name), '', name);
  assert.equal(decidingEnding('a.b/C.HTML'), 'html');
});
