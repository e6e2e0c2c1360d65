import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { PAGES, PUBLIC_SITE } from '../support/built-site.js';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
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
  assert.equal(server.requests.length, 0);
});
