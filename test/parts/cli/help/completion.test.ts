import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SHELLS } from '../../../../src/cli/command-table.js';
import { FLAGS } from '../../../../src/cli/flags.js';
import { completionScript } from '../../../../src/cli/help/completion.js';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

describe('completion scripts', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 's3pp-completion-'));
    mkdirSync(join(folder, 'a dir'));
    writeFileSync(join(folder, 'dist.tgz'), '');
    for (const shell of SHELLS) writeFileSync(join(folder, `.${shell}`), completionScript(shell));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const shell of SHELLS) {
    test(`${shell} completes every spelling of every flag`, () => {
      const script = completionScript(shell);
      const dashes = shell === 'fish' ? '-l ' : '--';
      for (const name of FLAGS.keys()) {
        // Turning off by an alias works, but is not offered.
        if (name === 'no-insecure') continue;
        assert.match(script, new RegExp(`${dashes}${name}(?![\\w-])`), name);
      }
    });

    test(`${shell} takes the script`, { skip: !has(shell) && `no ${shell} here` }, () => {
      execFileSync(shell, ['-n', join(folder, `.${shell}`)]);
    });
  }

  describe('bash completes', { skip: !has('bash') && 'no bash here' }, () => {
    const complete = (...words: string[]): string[] => {
      const quoted = words.map((word) => `'${word}'`).join(' ');
      const script = `source ./.bash; COMP_WORDS=(s3-parallel-put ${quoted}); COMP_CWORD=${words.length}; _s3_parallel_put; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const printed = execFileSync('bash', ['--norc', '-c', script], { cwd: folder, encoding: 'utf8' });
      return printed.split('\n').filter((line) => line !== '');
    };
    const rows: readonly (readonly [readonly string[], readonly string[]])[] = [
      [['--dry'], ['--dry-run']],
      [['--no-hi'], ['--no-hidden']],
      [
        ['--put', ''],
        ['add', 'update', 'stupid'],
      ],
      [['--put', '=', 'st'], ['stupid']],
      [
        ['--put', '='],
        ['add', 'update', 'stupid'],
      ],
      [['--grant', 'bucket-owner-r'], ['bucket-owner-read']],
      [['--bucket', 'x'], []],
      [['comp'], ['completion']],
      [['he'], ['help']],
      [['vers'], ['version']],
      [
        ['help', ''],
        ['put', 'copy', 'uploads', 'delete', 'explain', 'finish', 'worker', 'completion', 'all'],
      ],
      [['copy', '--keys'], ['--keys-file']],
      [['put', '--keys'], []],
      [['--keys'], ['--keys-file']],
      [['uploads', '--ab'], ['--abort-older-than']],
      [['completion', '--'], ['--help']],
      [['completion', ''], [...SHELLS]],
      [['dist', 'a'], ['a dir']],
      [['d'], ['delete', 'dist.tgz']],
      [['--config', 'd'], ['dist.tgz']],
      [['--rules', '=', 'd'], ['dist.tgz']],
    ];
    for (const [words, expected] of rows) {
      test(`${words.join(' ')}`, () => assert.deepEqual(complete(...words), expected));
    }
  });

  describe('fish completes', { skip: !has('fish') && 'no fish here' }, () => {
    const rows: readonly (readonly [string, readonly string[]])[] = [
      ['--dry', ['--dry-run']],
      ['copy --keys', ['--keys-file']],
      ['put --keys', []],
      ['uploads --abort', ['--abort-older-than']],
      ['vers', ['version']],
      ['completion f', ['fish']],
      ['help u', ['uploads']],
      ['--put st', ['stupid']],
    ];
    for (const [line, expected] of rows) {
      test(line, () => {
        const script = `source .fish; complete -C '${`s3-parallel-put ${line}`}'`;
        const printed = execFileSync('fish', ['-c', script], { cwd: folder, encoding: 'utf8', env: fishEnv() });
        const words = printed.split('\n').flatMap((one) => (one === '' ? [] : [one.split('\t')[0]]));
        assert.deepEqual(words, expected);
      });
    }

    /** Fish writes below the home. */
    function fishEnv(): NodeJS.ProcessEnv {
      return { PATH: process.env.PATH, HOME: folder };
    }
  });

  describe('the script for PowerShell, by its text', () => {
    const script = completionScript('powershell');

    test('has its brackets and quotes in pairs', () => {
      const bare = script.replaceAll(/^ *#.*$/gm, '').replaceAll(/'(?:[^'\n]|'')*'/g, '""');
      assert.doesNotMatch(bare, /'/);
      const pairs: Readonly<Record<string, string>> = { ')': '(', '}': '{', ']': '[' };
      const open: string[] = [];
      for (const one of bare) {
        if (Object.values(pairs).includes(one)) open.push(one);
        else if (one in pairs) assert.equal(open.pop(), pairs[one]);
      }
      assert.deepEqual(open, []);
    });

    test('registers one completer of a native command, with a row for each spelling', () => {
      assert.match(script, /^Register-ArgumentCompleter -Native -CommandName s3-parallel-put -ScriptBlock \{$/m);
      assert.match(
        script,
        /@\{ Name = '--mode'; Commands = 'put copy explain finish'; Value = 'text'; Words = 'add update stupid'; Help = '/,
      );
      assert.match(
        script,
        /@\{ Name = '-n'; Commands = 'put copy uploads delete explain finish'; Value = ''; Words = ''; Help = '/,
      );
      assert.match(script, /@\{ Name = '--rules'; Commands = 'put explain finish'; Value = 'file'/);
      // An empty tooltip is an error of PowerShell.
      assert.doesNotMatch(script, /Help = ''/);
    });
  });
});
