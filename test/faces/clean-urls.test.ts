import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { action, inputsFor } from './action-process.js';
import { cliTo } from './cli-process.js';

const SITE = {
  'dist/index.html': '<h1>root',
  'dist/about.html': '<h1>about',
  'dist/docs/index.html': '<h1>docs',
  'dist/404.html': '<h1>none',
  'dist/app.js': 'let a',
};
const KEYS = ['404.html', 'about', 'app.js', 'docs/', 'docs/index.html', 'index.html'];

test('the command gives pages clean keys, and names both files where two have one', async (t) => {
  const server = await serverFor(t);
  const cwd = makeTree(t, { ...SITE, 'rules.yaml': '- {match: 404.html, cleanUrls: false}\n' });
  const dry = await cliTo(server, ['-n', '--clean-urls', 'both', 'dist', 's3://site'], { cwd });
  assert.match(dry.stdout, /^would upload about from dist\/about\.html /m);
  const ran = await cliTo(server, ['--clean-urls=both', '--rules', 'rules.yaml', 'dist', 's3://site'], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(server.keys('site'), KEYS);
  assert.equal(server.object('site', 'docs/')?.headers['content-type'], 'text/html; charset=utf-8');
  const check = await cliTo(server, ['--check', '--clean-urls', 'both', 'dist', 's3://site'], { cwd });
  assert.equal(check.code, 0, check.stdout + check.stderr);

  const wrong = await cliTo(server, ['--clean-urls', 'all', 'dist', 's3://site'], { cwd });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--clean-urls is "all"; it must be one of html, index, both\./);
  server.clearRequests();
  const twins = makeTree(t, { 'dist/about': '1', 'dist/about.html': '2' });
  const clash = await cliTo(server, ['--clean-urls', 'html', 'dist', 's3://site'], { cwd: twins });
  assert.equal(clash.code, 2);
  assert.match(clash.stderr, /By --clean-urls two files give the key "about": dist\/about and dist\/about\.html\./);
  assert.match(clash.stderr, /by --exclude, or turn clean URLs off for it by a rule in --rules\./);
  assert.deepEqual(server.requests, []);
});

test('a step does so by its input, and names the paths of folders whose pages changed, once', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 's3://site/', delete: 'true' };
  const paths = async (more: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    const { code, outputs, log } = await action(t, { ...inputs, ...more }, { workspace });
    assert.equal(code, 0, log);
    return readFileSync(outputs['changed-paths-file'] ?? '', 'utf8')
      .split('\n')
      .slice(0, -1)
      .sort();
  };
  await paths({});
  assert.deepEqual(await paths({ 'clean-urls': 'html' }), ['/about', '/about.html']);
  // The page of a folder is new, and its index.html is not.
  assert.deepEqual(await paths({ 'clean-urls': 'both' }), ['/docs/']);
  assert.deepEqual(server.keys('site'), KEYS);
  assert.deepEqual(await paths({ 'clean-urls': 'both', mode: 'stupid' }), [
    '/',
    '/404.html',
    '/about',
    '/app.js',
    '/docs/',
    '/docs/index.html',
    '/index.html',
  ]);
});
