import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { completionScript } from '../../../../src/cli/help/completion.js';
import { CLI_FLAGS } from '../../../../src/options/table.js';

const hasBash = spawnSync('bash', ['--version']).status === 0;

/** What bash offers behind these words, the last of which is being written. */
function offered(...words: string[]): readonly string[] {
  const script = `${completionScript('bash')}
COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _s3_parallel_put; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', 's3-parallel-put', ...words], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '');
}

// bash splits at the equals sign.
const rows: readonly (readonly [words: readonly string[], offers: readonly string[]])[] = [
  [['he'], ['help']],
  [
    ['help', 'c'],
    ['copy', 'completion'],
  ],
  [
    ['--mode', ''],
    ['add', 'update', 'stupid'],
  ],
  [['--mode', '=', 's'], ['stupid']],
  [['--quiet', '='], ['failures']],
  [['--gzip', '=', 'a'], ['all']],
  [['uploads', '--mo'], []],
  [['put', '--key'], ['--key-base']],
];

for (const [words, offers] of rows)
  test(`bash offers ${offers.join(', ') || 'nothing'} behind ${words.join(' ')}`, { skip: !hasBash && 'no bash' }, () =>
    assert.deepEqual(offered(...words), offers),
  );

test('bash offers no value behind --quiet and a space: what follows is a source', {
  skip: !hasBash && 'no bash',
}, () => {
  assert.ok(!offered('--quiet', '').includes('failures'));
});

test('bash offers files behind every option that takes the path of one', { skip: !hasBash && 'no bash' }, () => {
  for (const { flag } of CLI_FLAGS.filter((row) => row.value === 'FILE'))
    assert.deepEqual(offered(`--${flag}`, 'package.j'), ['package.json'], flag);
});

test('zsh knows that the value of --quiet stands behind an equals sign', () => {
  assert.match(completionScript('zsh'), /'--quiet=-\[[^\]]*\]::failures:\(failures\)'/);
});
