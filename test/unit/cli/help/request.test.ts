import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { infoRequest } from '../../../../src/cli/help/request.js';
import { parseCommandLine } from '../../../../src/cli/parse.js';
import { UsageError } from '../../../../src/errors.js';

const HELP = { command: 'help' };
const VERSION = { command: 'version' };
const about = (topic: string) => ({ command: 'help', about: topic });

describe('what asks for help or the version', () => {
  let former: string;
  let folder: string;
  before(() => {
    former = process.cwd();
    folder = mkdtempSync(join(tmpdir(), 's3pp-info-'));
    mkdirSync(join(folder, 'with', 'help'), { recursive: true });
    mkdirSync(join(folder, 'with', 'version'));
    process.chdir(folder);
  });
  after(() => {
    process.chdir(former);
    rmSync(folder, { recursive: true });
  });

  const rows: readonly (readonly [string, object | undefined])[] = [
    ['--help', HELP],
    ['-h', HELP],
    ['-help', HELP],
    ['help', HELP],
    ['help help', HELP],
    ['--help all', about('all')],
    ['-h all', about('all')],
    ['--help=all', about('all')],
    ['help all', about('all')],
    ['help put', about('put')],
    ['help copy', about('copy')],
    ['--help uploads', about('uploads')],
    ['put --help', about('put')],
    ['copy -h', about('copy')],
    ['uploads s3://b --help', about('uploads')],
    ['completion --help', about('completion')],
    ['copy --help all', about('all')],
    ['help put --help', about('put')],
    ['dist s3://b --help', HELP],
    ['--xyzzy --help', HELP],
    ['--version', VERSION],
    ['-V', VERSION],
    ['-version', VERSION],
    ['version', VERSION],
    ['-n version', VERSION],
    ['--xyzzy --version', VERSION],
    ['--help --version', HELP],
    // Not a question: these are refused, or a put.
    ['version s3://b', undefined],
    ['help s3://b', undefined],
    ['help put copy', undefined],
    ['-- help', undefined],
    ['--command put help s3://b', undefined],
    ['dist s3://b', undefined],
    ['-hidden dist s3://b', undefined],
    ['--exclude --help dist s3://b', undefined],
    ['--hlep', undefined],
    ['', undefined],
  ];
  for (const [argv, expected] of rows)
    test(argv === '' ? '(nothing)' : argv, () =>
      assert.deepEqual(infoRequest(argv.split(' ').filter((word) => word !== '')), expected),
    );

  test('a folder called help or version follows the rule of other command words', () => {
    process.chdir(join(folder, 'with'));
    try {
      for (const word of ['help', 'version']) {
        const both = new RegExp(`"${word}" is a command, and a folder.*`);
        assert.throws(() => parseCommandLine([word, 's3://b']), both);
        assert.equal(parseCommandLine([word]).command, word);
        assert.equal(parseCommandLine(['--command', word]).command, word);
        assert.equal(parseCommandLine([`./${word}`, 's3://b']).command, 'put');
      }
      assert.deepEqual(parseCommandLine(['help', 'put']), about('put'));
    } finally {
      process.chdir(folder);
    }
  });

  test('words that help and version do not take are usage errors, so that no put is missed', () => {
    for (const [argv, message] of [
      [['version', 's3://b'], /The command "version" takes no "s3:\/\/b"/],
      [['help', 's3://b'], /There is no help about "s3:\/\/b"/],
      [['help', 'cpoy'], /There is no help about "cpoy"/],
    ] as const)
      assert.throws(
        () => parseCommandLine([...argv]),
        (error) => error instanceof UsageError && message.test(error.message),
      );
  });
});
