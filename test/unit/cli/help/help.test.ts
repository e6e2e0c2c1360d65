import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMANDS, HELP_TOPICS, SHELLS } from '../../../../src/cli/command-table.js';
import { helpText, twoColumns, wrap } from '../../../../src/cli/help/help.js';
import { belongsTo, CLI_FLAGS, OPTION_TABLE } from '../../../../src/options/table.js';

describe('help', () => {
  test('all lists every flag of the table with its short form, its other spellings and its default', () => {
    const text = helpText(100, 'all').replaceAll(/\s+/g, ' ');
    for (const row of CLI_FLAGS) {
      assert.match(
        text,
        new RegExp(`${row.short === undefined ? '' : `-${row.short}, `}--(\\[no-\\])?${row.flag}[ [=]`),
        row.name,
      );
      assert.ok(text.includes(row.help), row.name);
      for (const alias of row.aliases ?? []) assert.ok(text.includes(`--${alias}`), alias);
      for (const alias of Object.keys(row.shorthands ?? {})) assert.ok(text.includes(`--${alias}`), alias);
      for (const choice of row.choices ?? []) assert.ok(text.includes(choice), choice);
    }
  });

  test('lists nothing that only the API has', () => {
    for (const { name, faces } of OPTION_TABLE) {
      // A copy has a flag of this name.
      if (!faces.includes('cli') && name !== 'key')
        assert.ok(!new RegExp(`--${name}(?![\\w-])`, 'i').test(helpText(80, 'all')), name);
    }
  });

  test('names archives among the sources', () => {
    assert.match(helpText(), /^Uploads directories, files and what is in tar archives/m);
    assert.match(OPTION_TABLE.find(({ name }) => name === 'source')?.help ?? '', /tar archives/);
  });

  test('of copy lists what a copy takes, and nothing else', () => {
    for (const row of CLI_FLAGS) {
      const listed = new RegExp(`^ .*--(?:\\[no-\\])?${row.flag}(?=[ [=]|$)`, 'm').test(
        helpText(80, 'copy').split('Examples:')[0] ?? '',
      );
      assert.equal(listed, belongsTo(row, 'copy'), row.name);
    }
    assert.match(helpText(80, 'copy'), /^Usage: s3-parallel-put copy /);
    assert.match(helpText(100, 'copy').replaceAll(/\s+/g, ' '), /guess it from the name. \(default: the source's\)/);
    assert.ok(
      helpText(80, 'copy')
        .split('\n')
        .every((line) => line.length <= 80),
    );
  });

  for (const command of ['put', 'uploads', 'delete'] as const)
    test(`of ${command} lists what it takes, and nothing else`, () => {
      const text = helpText(80, command);
      for (const row of CLI_FLAGS) {
        const listed = new RegExp(`^ .*--(?:\\[no-\\])?${row.flag}(?=[ [=]|$)`, 'm').test(
          text.split('Examples:')[0] ?? '',
        );
        assert.equal(listed, belongsTo(row, command), row.name);
      }
      assert.match(text, /\nExamples:\n[\s\S]*\nExit codes:\n(?: {2,}\S.*\n)+$/);
    });

  test('of a command says nothing that only another command does', () => {
    assert.match(helpText(80, 'copy'), /\nWhich objects:\n[\s\S]*\nWhen to copy:\n/);
    const uploads = helpText(100, 'uploads').replaceAll(/\s+/g, ' ');
    assert.doesNotMatch(uploads, /unchanged|headers sent|the report last|a bar on a terminal|source that/);
    assert.match(uploads, /Dry run: .*--dry-run/);
    const deletion = helpText(100, 'delete').replaceAll(/\s+/g, ' ');
    assert.doesNotMatch(deletion, /unchanged|headers sent|Abort|write nothing|larger of 256|source/);
    assert.match(deletion, /--max-delete N\|N% .*default: no limit/);
  });

  test('of completion says how each shell takes the script', () => {
    for (const shell of SHELLS) assert.match(helpText(80, 'completion'), new RegExp(`completion ${shell}`));
  });

  test('in short has the commands, the 17 common options, examples, and where the rest is, on about 70 lines', () => {
    const common = CLI_FLAGS.filter((row) => row.common === true);
    // Preset, order and delete are what a deploy of a site needs.
    assert.equal(common.length, 17);
    assert.deepEqual(
      OPTION_TABLE.filter((row) => row.common === true && !common.some(({ name }) => name === row.name)),
      [],
    );
    const text = helpText(80);
    for (const row of CLI_FLAGS)
      assert.equal(new RegExp(`^ {2}.{4}--${row.flag}[ [=]`, 'm').test(text), row.common === true, row.name);
    for (const name of Object.keys(COMMANDS)) assert.match(text, new RegExp(`^ {2}${name} `, 'm'));
    assert.match(text, /\nExamples:\n(?: {2}s3-parallel-put .*\n){3}/);
    assert.match(text, /s3-parallel-put put --help[\s\S]*s3-parallel-put --help all/);
    assert.ok(text.split('\n').length <= 71, `${text.split('\n').length} lines`);
  });

  test('all has commands, examples and exit codes', () => {
    const text = helpText(80, 'all');
    for (const name of Object.keys(COMMANDS)) assert.match(text, new RegExp(`^ {2}${name} `, 'm'));
    assert.match(text, /\nExamples:\n(?: {2}(?:s3-parallel-put|tar) .*\n {6}.*\n){4,6}\n/);
    assert.match(text, /\nExit codes:\n(?: {2,}\S.*\n){8,10}$/);
  });

  test('fits a terminal: no line is longer than 80 columns, or than 100 where there is more room', () => {
    for (const about of [undefined, ...HELP_TOPICS])
      for (const [columns, limit] of [
        [undefined, 80],
        [40, 80],
        [90, 90],
        [200, 100],
      ] as const) {
        const long = helpText(columns, about)
          .split('\n')
          .filter((line) => line.length > limit);
        assert.deepEqual(long, [], String(columns));
      }
  });

  test('ends with one line end, and no line ends in a space', () => {
    assert.match(helpText(), /\S\n$/);
    assert.doesNotMatch(helpText(), / \n/);
  });
});

describe('wrapping', () => {
  test('breaks between words only', () => {
    assert.deepEqual(wrap('aa bb cc', 5), ['aa bb', 'cc']);
    assert.deepEqual(wrap('aaaaaaa b', 3), ['aaaaaaa', 'b']);
    assert.deepEqual(wrap('', 3), ['']);
  });

  test('puts the second column lower where the first is too long', () => {
    assert.equal(twoColumns('ab', 'one two', 5, 9), 'ab   one\n     two');
    assert.equal(twoColumns('abcd', 'one', 5, 9), 'abcd\n     one');
  });
});
