import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { accountOf, cli } from './cli-process.js';

// Bun itself runs in test/large/bun.test.ts; here Node says that it is Bun.

const AS_BUN = `data:text/javascript,${encodeURIComponent(
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, bun: '1.3.0' } });",
)}`;

const COMMANDS: readonly (readonly [name: string, argv: readonly string[]])[] = [
  ['put', ['dist', 's3://site']],
  ['copy', ['copy', 's3://site', 's3://other']],
  ['uploads', ['uploads', 's3://site']],
];

for (const [name, argv] of COMMANDS) {
  test(`${name} on Bun refuses --http-client undici before any request, and names the fix`, async (t) => {
    const server = await serverFor(t, { buckets: ['site', 'other'] });
    const cwd = makeTree(t, { 'dist/index.html': '<h1>site</h1>' });
    const env = { ...accountOf(server), S3PP_ENDPOINT_URL: server.url };
    const ran = await cli([...argv, '--http-client', 'undici'], { cwd, env, node: ['--import', AS_BUN] });
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(
      ran.stderr,
      /--http-client "undici" does not run on Bun[^\n]*\n {2}Leave --http-client out, or use Node\./,
    );
    assert.deepEqual(server.requests, []);
  });
}
