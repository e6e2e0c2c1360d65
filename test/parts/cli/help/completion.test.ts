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
      [['completion', ''], [...SHELLS]],
      [['dist', 'a'], ['a dir']],
      [['d'], ['dist.tgz']],
      [['--config', 'd'], ['dist.tgz']],
      [['--rules', '=', 'd'], ['dist.tgz']],
    ];
    for (const [words, expected] of rows) {
      test(`${words.join(' ')}`, () => assert.deepEqual(complete(...words), expected));
    }
  });
});
