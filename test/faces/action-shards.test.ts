import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { urlPathsOf } from '../../src/action/changed-paths.js';
import { PAGES, PUBLIC_SITE } from '../support/built-site.js';
import { serverFor } from '../support/engine.js';
import { addFiles, makeTree } from '../support/tree.js';
import { type ActionRun, action, inputsFor } from './action-process.js';

/** Runs a step on a site, as a job of a matrix does. */
async function stepOf(
  t: TestContext,
  server: S3Server,
  workspace: string,
  inputs: Readonly<Record<string, string>>,
): Promise<ActionRun> {
  const files = { source: 'dist', bucket: 's3://site/' };
  return action(t, { ...inputsFor(server), ...files, ...inputs }, { workspace });
}

const makeSite = (t: TestContext): string =>
  makeTree(t, Object.fromEntries(Object.entries(PUBLIC_SITE).map(([name, content]) => [`dist/${name}`, content])));

test('a step puts one shard, its report names the rest, and command: finish puts the pages', async (t) => {
  const server = await serverFor(t);
  server.seed('site', 'gone.css', 'gone');
  const workspace = makeSite(t);
  mkdirSync(join(workspace, 'reports'));
  for (const index of [1, 2]) {
    const ran = await stepOf(t, server, workspace, { shard: `${index}/2` });
    assert.equal(ran.code, 0, ran.log);
    assert.match(ran.summary, new RegExp(`Shard ${index} of 2: `));
    assert.match(JSON.stringify(ran.report?.shard), /"left":9\b/);
    copyFileSync(ran.outputs['report-path'] ?? '', join(workspace, 'reports', `${index}.json`));
  }
  for (const page of Object.keys(PAGES)) assert.equal(server.object('site', page), undefined);

  const finish = { command: 'finish', reports: 'reports', shards: '2', delete: 'true' };
  const refused = await stepOf(t, server, workspace, { ...finish, shards: '3' });
  assert.equal(refused.code, 1);
  const [error] = refused.commands.filter(({ name }) => name === 'error');
  assert.equal(error?.properties.title, 'Refused: ShardsNotDone');
  assert.match(error?.text ?? '', /1\.json is shard 1 of 2, and not one of 3/);

  const ran = await stepOf(t, server, workspace, finish);
  assert.equal(ran.code, 0, ran.log);
  assert.deepEqual(server.keys('site'), Object.keys(PUBLIC_SITE).sort());
  assert.deepEqual([ran.outputs.put, ran.outputs.deleted], ['9', '1']);
  assert.match(ran.summary, /Shards done: 2 of 2\./);
});

/** The lines of the output changed-paths-file. */
const pathsIn = ({ outputs }: ActionRun): readonly string[] =>
  readFileSync(outputs['changed-paths-file'] ?? '', 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .sort();

test('changed and changed-paths-file of command: finish are about its shards too, and all of their attempts', async (t) => {
  const server = await serverFor(t);
  const workspace = makeSite(t);
  const finish = { command: 'finish', reports: 'reports', shards: '1' };
  const attempt = async (
    number: string,
    changes: Readonly<Record<string, string>>,
    inputs = {},
  ): Promise<ActionRun> => {
    addFiles(workspace, changes);
    const env = { GITHUB_RUN_ID: '77', GITHUB_RUN_ATTEMPT: number };
    const files = { source: 'dist', bucket: 's3://site/', shard: '1/1' };
    const ran = await action(t, { ...inputsFor(server), ...files, ...inputs }, { workspace, env });
    assert.equal(ran.code, 0, ran.log);
    rmSync(join(workspace, `reports/${number}.json`), { force: true });
    mkdirSync(join(workspace, 'reports'), { recursive: true });
    copyFileSync(ran.outputs['report-path'] ?? '', join(workspace, `reports/${number}.json`));
    return ran;
  };
  await attempt('1', {});
  const first = await stepOf(t, server, workspace, finish);
  assert.equal(first.outputs.changed, 'true');
  assert.deepEqual(pathsIn(first), Object.keys(PUBLIC_SITE).flatMap(urlPathsOf).sort());

  await attempt('1', { 'dist/data/prices.json': '[7]' });
  await attempt('2', { 'dist/favicon.ico': 'icon' });
  const second = await stepOf(t, server, workspace, finish);
  assert.deepEqual([second.outputs.changed, second.outputs.put], ['true', '0'], second.log);
  assert.deepEqual(pathsIn(second), ['/data/prices.json', '/favicon.ico']);
  assert.deepEqual(
    second.commands.filter(({ name }) => name === 'warning'),
    [],
  );
  assert.match(second.summary, /They have changed 2 objects\./);

  const dry = await stepOf(t, server, workspace, { ...finish, 'dry-run': 'true' });
  assert.equal(dry.outputs.changed, 'false');

  rmSync(join(workspace, 'reports/1.json'));
  await attempt('2', {});
  const lost = await stepOf(t, server, workspace, finish);
  assert.equal(lost.outputs.changed, 'true');
  assert.deepEqual(pathsIn(lost), []);
  const warnings = lost.commands.filter(({ name }) => name === 'warning').map(({ text }) => text);
  assert.match(
    warnings.join('\n'),
    /The report of attempt 1 of shard 1 is missing\. .* old versions of any file: purge all of it\./,
  );
  assert.match(warnings.join('\n'), /changed-paths-file lacks paths/);

  await attempt('1', {});
  rmSync(join(workspace, 'reports/2.json'));
  const nothing = await stepOf(t, server, workspace, finish);
  assert.equal(nothing.outputs.changed, 'false');
});

test('inputs that belong to the last job are refused in a shard, in the words of a workflow', async (t) => {
  const server = await serverFor(t);
  const ran = await stepOf(t, server, makeSite(t), { shard: '1/2', delete: 'true' });
  assert.equal(ran.code, 1);
  assert.match(
    ran.log,
    /delete cannot be used with shard: .*Leave delete out here, and give it to the command "finish"/s,
  );
  const missing = await stepOf(t, server, makeSite(t), { command: 'finish', shards: '2' });
  assert.match(missing.log, /No reports of shards were given\..*Set reports to the folder/s);
  const forgotten = await stepOf(t, server, makeSite(t), { reports: 'reports', shards: '2' });
  assert.match(
    forgotten.log,
    /Input "reports" is not for the command "put"\..*It is for command: finish\. Its inputs/s,
  );
  assert.equal(server.requests.length, 0);
});
