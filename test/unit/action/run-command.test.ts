import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInputs } from '../../../src/action/inputs.js';
import { listedFiles, toPutOptions } from '../../../src/action/run-command.js';
import { preparePut } from '../../../src/prepare-put.js';

const settingsOf = (inputs: Readonly<Record<string, string>>) =>
  readInputs({ INPUT_BUCKET: 'site', ...inputs }).settings;

test('files-from names the file of a list, which becomes the option', async () => {
  const settings = settingsOf({ INPUT_SOURCE: 'dist', 'INPUT_FILES-FROM': 'changed.txt' });
  const read: string[] = [];
  const options = {
    ...toPutOptions(settings),
    ...(await listedFiles(settings, async (...asked) => {
      read.push(...asked);
      return ['a.html'];
    })),
  };
  assert.deepEqual(read, ['changed.txt', 'files-from']);
  assert.deepEqual(preparePut(options).options.filesFrom, ['a.html']);
  assert.equal('filesFrom' in toPutOptions(settings), false);
});

test('without files-from nothing is read, and it cannot be standard input', async () => {
  const unread = async () => assert.fail('read');
  assert.deepEqual(await listedFiles(settingsOf({ INPUT_SOURCE: 'dist' }), unread), {});
  const settings = settingsOf({ INPUT_SOURCE: 'dist', 'INPUT_FILES-FROM': '-' });
  await assert.rejects(listedFiles(settings, unread), /Input "files-from" is "-"/);
});

test('as is the key of the only source', () => {
  const options = toPutOptions(settingsOf({ INPUT_SOURCE: 'report.html', INPUT_AS: 'index.html' }));
  assert.deepEqual(preparePut(options).options.as, 'index.html');
  const two = toPutOptions(settingsOf({ INPUT_SOURCE: 'a\nb', INPUT_AS: 'index.html' }));
  assert.throws(() => preparePut(two), /as is the key of one file, but there are 2 sources/);
});
