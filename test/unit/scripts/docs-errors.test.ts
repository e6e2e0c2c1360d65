import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorCodesPage } from '../../../scripts/docs-errors.js';
import { ERROR_CODES } from '../../../src/model/error-codes.js';
import { HINTS } from '../../../src/model/hints.js';

const page = errorCodesPage();
const listed = new Set([...page.matchAll(/`([\w.]+)`/g)].map(([, code]) => code));

test('the page of error codes has every code of the two tables', () => {
  const literal = HINTS.flatMap(({ codes }) => (codes instanceof RegExp ? [] : codes));
  assert.deepEqual(
    [...Object.keys(ERROR_CODES), ...literal].filter((code) => !listed.has(code)),
    [],
  );
});

test('no fix on the page lacks a word that only a failure would give', () => {
  assert.doesNotMatch(page, /undefined|""|\{|Allow {2}| on "my-site" to the account of {2}/);
});

test('the codes that troubleshooting explains are on the page', () => {
  const guide = readFileSync(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8');
  const headings = [...guide.slice(guide.indexOf('## By error code')).matchAll(/^### (.*)$/gm)];
  const codes = headings.flatMap(
    ([, text = '']) => text.match(/\b(?:[A-Z][a-z0-9]+){2,}[A-Z]?\w*|\bE[A-Z]{4,}/g) ?? [],
  );
  assert.ok(codes.length > 10);
  assert.deepEqual(
    codes.filter((code) => !listed.has(code)),
    [],
  );
});
