import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { action, inputsFor } from './action-process.js';
import { assertNoStack, cliTo } from './cli-process.js';

const SITE = {
  'dist/index.html': '<link rel=stylesheet href=/a.css><a href=about>about</a><img src=gone.png>',
  'dist/about.html': '<a href=/>home</a>',
  'dist/a.css': '',
};
const WHOLE = { ...SITE, 'dist/gone.png': 'x' };

describe('the command line', { concurrency: 3 }, () => {
  test('refuses a run with missing files, a dry run and a check too, and lists them below the message', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    for (const more of [[], ['-n'], ['--check'], ['-q'], ['-qq']]) {
      const ran = await cliTo(server, ['--check-links', 'error', ...more, 'dist', 's3://site'], { cwd });
      assert.deepEqual([ran.code, ran.stdout], [3, ''], ran.stderr);
      assert.match(
        ran.stderr,
        /^s3-parallel-put: No file was uploaded, because 1 file .*:\n {2}index\.html → gone\.png\n {2}Correct the links, or add the files; --check-links warn only warns\.$/m,
      );
      assertNoStack(ran);
    }
    assert.equal(server.count('PutObject'), 0);
  });

  test('warns with the preset, uploads nevertheless, and says what it has read where all is shown', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    const ran = await cliTo(server, ['--preset', 'site', '-v', 'dist', 's3://site'], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /^Warning: 1 file that a page or style sheet refers to .*: index\.html → gone\.png\.$/m);
    assert.match(ran.stderr, /^Links: 4 references to files of the site in 3 documents; 1 missing\.$/m);
    assert.equal(server.keys('site').length, 3);
    const off = await cliTo(server, ['--preset', 'site', '--check-links', 'off', 'dist', 's3://site'], { cwd });
    assert.deepEqual([off.code, /gone/.test(off.stderr)], [0, false], off.stderr);
  });

  test('a whole site passes, and a check of it once it is uploaded', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, WHOLE);
    const ran = await cliTo(server, ['--check-links=error', 'dist', 's3://site/docs'], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    const check = await cliTo(server, ['--check-links=error', '--check', 'dist', 's3://site/docs'], { cwd });
    assert.equal(check.code, 0, check.stderr);
  });

  test('the JSON report has what is missing', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, SITE);
    const ran = await cliTo(server, ['--json', '--check-links', 'error', 'dist', 's3://site'], { cwd });
    assert.equal(ran.code, 3);
    const { links, error } = JSON.parse(ran.lines.at(-1) ?? '{}');
    assert.deepEqual(links, {
      documents: 3,
      references: 4,
      missing: 1,
      examples: [{ document: 'index.html', url: 'gone.png', resolved: 'gone.png' }],
    });
    assert.equal(error.code, 'MissingLinks');
  });

  test('an unknown value is refused with those that there are', async (t) => {
    const server = await serverFor(t);
    const ran = await cliTo(server, ['--check-links', 'maybe', 'dist', 's3://site'], { cwd: makeTree(t, SITE) });
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /--check-links .*maybe.*off.*warn.*error/s);
  });
});

test('a step is refused where files are missing, and its error and summary list them', async (t) => {
  const server = await serverFor(t);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', 'check-links': 'error' };
  const ran = await action(t, inputs, { workspace: makeTree(t, SITE) });
  assert.equal(ran.code, 1);
  const [error] = ran.commands.filter(({ name }) => name === 'error');
  assert.equal(error?.properties.title, 'Refused: MissingLinks');
  for (const text of [error?.text, ran.summary]) {
    assert.match(text ?? '', /index\.html → gone\.png/);
    assert.match(text ?? '', /check-links: warn/);
  }
  assert.equal(server.count('PutObject'), 0);
});

test('a step warns, and its summary counts what was read', async (t) => {
  const server = await serverFor(t);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', 'check-links': 'warn' };
  const ran = await action(t, inputs, { workspace: makeTree(t, SITE) });
  assert.equal(ran.code, 0, ran.log);
  assert.match(ran.commands.find(({ name }) => name === 'warning')?.text ?? '', /: index\.html → gone\.png\.$/);
  assert.match(ran.summary, /Links: 4 references to files of the site in 3 documents; 1 file is missing\./);
});
