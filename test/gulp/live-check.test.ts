import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { errorPage, liveSite } from '../support/live-site.js';
import { putTo, statesOf, textFile, through } from './streams.js';

const FILES = ['index.html', 'app.js'];

test('a live site as uploaded: the stream ends, and the site was asked for each file', async (t) => {
  const server = await serverFor(t);
  const site = await liveSite(t, server);
  const { files, error } = await through(
    putTo(server, { verifyUrl: site.url }),
    FILES.map((name) => textFile(name)),
  );
  assert.equal(error, undefined);
  assert.deepEqual(statesOf(files), { 'index.html': 'create', 'app.js': 'create' });
  assert.deepEqual(site.paths(), ['/', '/app.js']);
});

test('a live site that is another: all files pass, and then the stream fails with the URLs and what to do', async (t) => {
  const server = await serverFor(t);
  const site = await liveSite(t, server, { change: () => errorPage(401) });
  const { files, error } = await through(
    putTo(server, { verifyUrl: site.url }),
    FILES.map((name) => textFile(name)),
  );
  assert.equal(files.length, 2);
  assert.equal(error?.plugin, 'gulp-s3-parallel-put');
  assert.deepEqual(error?.message.split('\n'), [
    `Everything is in the bucket, but the live check failed for 2 of 2 URLs. First: ${site.url} responds with 401.`,
    `      ${site.url} responds with 401`,
    `      ${site.url}app.js responds with 401`,
    '      The live check sends no password and no cookie. Give an address that needs none, or leave verifyUrl out.',
  ]);
});
