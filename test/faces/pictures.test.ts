import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeTree } from '../support/tree.js';
import { assertSelfContained, assertWellFormed } from '../support/xml.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const NAMES = ['summary.svg', 'terminal.svg'];

/** Asserts that a picture can stand in a README. */
function assertPicture(file: string): void {
  const svg = readFileSync(file, 'utf8');
  assertWellFormed(svg);
  assertSelfContained(svg);
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
  assert.match(svg, /<title>[^<]+<\/title>/);
  assert.match(svg, /prefers-color-scheme/, 'it has colours for light and dark');
}

const isVector = (name: string): boolean => name.endsWith('.svg');

test('the pictures of the README are made again from real runs, in any folder', async (t) => {
  const folder = path.join(makeTree(t, {}), 'new/pictures');
  const script = path.join(ROOT, 'scripts/pictures.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], { cwd: ROOT });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.equal(code, 0, log);
  // The picture of the report page needs a browser.
  assert.deepEqual(readdirSync(folder).filter(isVector).sort(), NAMES);
  for (const name of NAMES) assertPicture(path.join(folder, name));
  const terminal = readFileSync(path.join(folder, 'terminal.svg'), 'utf8');
  assert.equal(terminal.match(/s3-parallel-put dist/g)?.length, 2, 'the command is run twice');
  assert.match(terminal, /index\.html/);
  assert.match(terminal, /class="(?:red|green|yellow|blue|cyan)"/, 'the command gets colour');
  assert.match(readFileSync(path.join(folder, 'summary.svg'), 'utf8'), /spring-harvest/);
});

test('the pictures that are kept load and run nothing', () => {
  const folder = path.join(ROOT, 'docs/pictures');
  assert.deepEqual(readdirSync(folder).filter(isVector).sort(), NAMES);
  for (const name of NAMES) assertPicture(path.join(folder, name));
});
