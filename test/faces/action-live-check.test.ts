import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { errorPage, injecting, type LiveSiteOptions, liveSite } from '../support/live-site.js';
import { makeTree } from '../support/tree.js';
import { type ActionRun, action, inputsFor } from './action-process.js';

// The live check as a step of a workflow shows it.

const TREE = { 'dist/index.html': '<title>Home</title>', 'dist/app.js': '1' };

async function step(t: TestContext, options: LiveSiteOptions = {}): Promise<ActionRun & { readonly url: string }> {
  const server = await serverFor(t);
  const { url } = await liveSite(t, server, options);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 's3://site/', 'verify-url': url };
  return { ...(await action(t, inputs, { workspace: makeTree(t, TREE) })), url };
}

test('a live site as uploaded passes the step: output, summary', async (t) => {
  const ran = await step(t);
  assert.equal(ran.code, 0, ran.log);
  assert.equal(ran.outputs['live-check'], 'passed');
  assert.match(ran.summary, /Live site: 2 URLs serve what was uploaded\./);
});

test('a page that a CDN changes is a warning annotation', async (t) => {
  const ran = await step(t, { change: injecting });
  assert.equal(ran.code, 0, ran.log);
  assert.equal(ran.outputs['live-check'], 'passed');
  assert.deepEqual(
    ran.commands.filter(({ name }) => name === 'warning').map(({ text }) => text),
    [
      `The live site serves 1 file otherwise than uploaded, as CDNs that rewrite pages do. For example ${ran.url} is changed on the way, 57 bytes instead of the 19 that were uploaded.`,
    ],
  );
});

test('a live site that is another fails the step: one error with the URLs and the input to change', async (t) => {
  const ran = await step(t, { change: () => errorPage(401) });
  assert.equal(ran.code, 1, ran.log);
  assert.equal(ran.outputs['live-check'], 'failed');
  assert.equal(ran.outputs.put, '2');
  const [error, ...more] = ran.commands.filter(({ name }) => name === 'error');
  assert.deepEqual(more, []);
  assert.equal(error?.properties.title, 'The live check failed');
  assert.match(error?.text ?? '', /^Everything is in the bucket, but the live check failed for 2 of 2 URLs\./);
  assert.match(error?.text ?? '', /app\.js responds with 401/);
  assert.match(error?.text ?? '', /leave verify-url out/);
  assert.match(ran.summary, /^### ❌ Uploaded to `s3:\/\/site`, but the live check failed — 2 files/);
  assert.ok(ran.summary.includes(`${ran.url}app.js responds with 401`), ran.summary);
});

test('without verify-url the output is empty', async (t) => {
  const server = await serverFor(t);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 's3://site/' };
  const ran = await action(t, inputs, { workspace: makeTree(t, TREE) });
  assert.equal(ran.outputs['live-check'], '');
});
