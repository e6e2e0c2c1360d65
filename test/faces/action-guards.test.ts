import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { action, inputsFor } from './action-process.js';

const SITE = { 'dist/index.html': '<p>', 'dist/.env': 'API_KEY=abc\n', 'dist/.npmrc': '_auth=abc\n' };

test('a step with secrets among its files is refused before any request, and its error names them', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  for (const more of [{}, { 'dry-run': 'true' }]) {
    const ran = await action(t, { ...inputsFor(server), source: 'dist', bucket: 'site', ...more }, { workspace });
    assert.equal(ran.code, 1);
    const errors = ran.commands.filter(({ name }) => name === 'error');
    assert.deepEqual(
      errors.map(({ properties }) => properties.title),
      ['Refused: Secrets'],
    );
    for (const text of [errors[0]?.text, ran.summary]) {
      assert.match(text ?? '', /2 files look like secrets/);
      assert.match(text ?? '', /dist\/\.env .*dist\/\.npmrc/);
      assert.match(text ?? '', /allow-secrets/);
    }
    const error = ran.report?.error as { readonly code?: string } | undefined;
    assert.equal(error?.code, 'Secrets');
  }
  assert.equal(server.requests.length, 0);
});

test('a step uploads the secrets that allow-secrets names', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', 'allow-secrets': '.env\n.npmrc' };
  const ran = await action(t, inputs, { workspace });
  assert.equal(ran.code, 0, ran.log);
  assert.deepEqual(server.keys('site'), ['.env', '.npmrc', 'index.html']);
  assert.deepEqual(
    ran.commands.filter(({ name }) => name === 'warning'),
    [],
  );
});

test('a step leaves its config file and its report out of the workspace that it uploads', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, { 'index.html': '<p>', 'ci/options.yaml': 'cacheControl: no-cache\n' });
  const env = { RUNNER_TEMP: workspace };
  const inputs = { ...inputsFor(server), source: '.', bucket: 'site', config: 'ci/options.yaml' };
  const ran = await action(t, inputs, { workspace, env });
  assert.equal(ran.code, 0, ran.log);
  assert.deepEqual(server.keys('site'), ['index.html']);
  const [warning] = ran.commands.filter(({ name }) => name === 'warning');
  assert.match(
    warning?.text ?? '',
    /^Left out, because this run itself reads or writes them: ci\/options\.yaml, s3-parallel-put-/,
  );
});
