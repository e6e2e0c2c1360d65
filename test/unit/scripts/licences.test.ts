import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { licenceTexts } from '../../../scripts/licences.js';
import { makeTree } from '../../support/tree.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const APACHE = readFileSync(path.join(ROOT, 'node_modules/@smithy/types/LICENSE'), 'utf8');

/** Files of a package, by their paths. */
function packageFiles(name: string, license: string, text?: string): Readonly<Record<string, string>> {
  const folder = `node_modules/${name}`;
  return {
    [`${folder}/package.json`]: JSON.stringify({ name, version: '1.0.0', license }),
    [`${folder}/index.js`]: '',
    ...(text !== undefined && { [`${folder}/LICENSE`]: text }),
  };
}

test('a package without a licence file gets the Apache licence in full, and no notice of another package', (t) => {
  const root = makeTree(t, {
    ...packageFiles('@a/with', 'Apache-2.0', APACHE),
    ...packageFiles('b', 'Apache-2.0'),
  });
  const text = licenceTexts(root, ['src/x.ts', 'node_modules/@a/with/index.js', 'node_modules/b/index.js']);
  const [first = '', second = ''] = text.split(/^-{72}$/m);
  assert.match(first, /^@a\/with 1\.0\.0 \(Apache-2\.0\)[\s\S]*Copyright 20/);
  assert.match(
    second,
    /\nb 1\.0\.0 \(Apache-2\.0\)\n[\s\S]*9\. Accepting Warranty[\s\S]*END OF TERMS AND CONDITIONS\n$/,
  );
});

for (const license of ['MIT', 'Apache-2.0'])
  test(`a package under ${license} whose text is nowhere fails the build`, (t) => {
    const root = makeTree(t, packageFiles('b', license));
    assert.throws(() => licenceTexts(root, ['node_modules/b/index.js']), /^Error: b 1\.0\.0 .* has no licence file/);
  });

test('what is committed has a licence text for every package', () => {
  const texts = readFileSync(path.join(ROOT, 'dist/action/LICENSES.txt'), 'utf8').split(/^-{72}$/m);
  assert.ok(texts.length > 10);
  for (const text of texts) assert.ok(text.trim().length > 500, text);
});
