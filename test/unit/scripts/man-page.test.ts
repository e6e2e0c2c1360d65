import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { manPage } from '../../../scripts/man-page.js';
import { COMMAND_NAMES } from '../../../src/cli/command-table.js';
import { CLI_FLAGS } from '../../../src/options/table.js';

const page = manPage();
/** The text as man shows it, as far as the tests need it. */
const shown = page.replaceAll('\\-', '-').replaceAll('\\(aq', "'");

test('the man page has every option, with its other spellings, and every command', () => {
  for (const row of CLI_FLAGS) {
    assert.match(shown, new RegExp(`^\\.B ".*--(?:\\[no-\\])?${row.flag}[" [=]`, 'm'), row.name);
    for (const name of [...(row.aliases ?? []), ...Object.keys(row.shorthands ?? {})])
      assert.ok(shown.includes(`--${name}`), name);
  }
  for (const name of COMMAND_NAMES) assert.match(shown, new RegExp(`^\\.TP\\n\\.B ${name}$`, 'm'), name);
});

test('the man page is ASCII, has no empty line, and no dash that man would print as a hyphen', () => {
  assert.match(page, /^[\n\x20-\x7e]*$/);
  assert.doesNotMatch(page, /\n\n/);
  assert.doesNotMatch(page, /(?<!\\)-/);
});

test('groff formats the man page without a warning', { skip: !hasGroff() && 'no groff here' }, () => {
  const { status, stdout, stderr } = spawnSync('groff', ['-man', '-Tascii', '-ww', '-P-c'], {
    input: page,
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [0, '']);
  // Bold letters are printed twice.
  const printed = stdout.split('\b').reduce((before, part) => before.slice(0, -1) + part);
  assert.match(printed, /EXIT STATUS/);
  assert.match(printed, /-n, --dry-run/);
});

function hasGroff(): boolean {
  return spawnSync('groff', ['--version']).status === 0;
}

test('keys in the meaning of an example keep their case', () => {
  assert.match(shown, /^docs\/a becomes old\/a:$/m);
  assert.doesNotMatch(shown, /^Docs\/a/m);
});
