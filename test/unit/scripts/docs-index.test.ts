import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { githubSlug, readDocsIndex } from '../../../scripts/docs-index.js';
import { makeTree } from '../../support/tree.js';

const INDEX = `# Documentation

[Not in a table](elsewhere.md)

## Faces

| face | page |
|---|---|
| command line | [cli.md](cli.md) |

## Nothing but text

## Look up

| question | page |
|---|---|
| What is wrong? | [a](errors.md), [b](from/s3.md), [the site](https://example.com/x.md) |
`;
const PAGES = { 'cli.md': '# The `cli`\n', 'errors.md': '# Errors\n', 'from/s3.md': '\n# From s3\n\n# Not this\n' };

test('the list of pages has a group for each heading with a table, and the titles of the pages', (t) => {
  const folder = makeTree(t, { 'README.md': INDEX, '.vitepress/note.md': '', ...PAGES });
  assert.deepEqual(readDocsIndex(folder), [
    { title: 'Faces', pages: [{ file: 'cli.md', title: 'The cli' }] },
    {
      title: 'Look up',
      pages: [
        { file: 'errors.md', title: 'Errors' },
        { file: 'from/s3.md', title: 'From s3' },
      ],
    },
  ]);
});

test('a page that the list has not, has twice or has in vain is an error, and so is one without a heading', (t) => {
  const read = (files: Readonly<Record<string, string>>) => () =>
    readDocsIndex(makeTree(t, { 'README.md': INDEX, ...PAGES, ...files }));
  assert.throws(read({ 'new.md': '# New\n' }), /README\.md does not list new\.md\./);
  assert.throws(read({ 'README.md': `${INDEX}| x | [y](y.md) |\n` }), /lists y\.md, which does not exist\./);
  assert.throws(read({ 'README.md': `${INDEX}| x | [y](cli.md) |\n` }), /lists cli\.md twice\./);
  assert.throws(read({ 'cli.md': 'text\n' }), /cli\.md has no first heading\./);
});

test('the lists of pages of this repository are whole', () => {
  const groups = readDocsIndex(path.resolve(import.meta.dirname, '../../../docs'));
  assert.equal(groups[0]?.title, 'Faces', 'the home page of the site has buttons for the first group');
});

test('anchors are those of GitHub', () => {
  const headings = ['Größe & 1.5 MB', '-q and links', 'What is put?', 'a_b'];
  assert.deepEqual(headings.map(githubSlug), ['größe--15-mb', '-q-and-links', 'what-is-put', 'a_b']);
});
