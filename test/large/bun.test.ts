import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

// The built command line on Bun, which npm fetches (about 90 MB): by hand, and in a job of the hosted workflow.

const CLI = path.resolve(import.meta.dirname, '../../dist/lib/cli/main.js');
const WINDOWS = process.platform === 'win32';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  shell = false,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { cwd, env, shell, timeout: 300_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(new Error(`${program} did not end by itself\n${stdout}\n${stderr}`, { cause: error }));
    });
  });
}

const bun: { path: string } = { path: '' };

before(async () => {
  const args = ['-y', 'bun@1', '-e', 'process.stdout.write(process.execPath)'];
  const found = await run(WINDOWS ? 'npx.cmd' : 'npx', args, tmpdir(), process.env, WINDOWS);
  assert.equal(found.code, 0, found.stderr);
  bun.path = found.stdout;
});

test('the command line on Bun puts, updates and copies, and refuses --http-client undici', async (t) => {
  const server = await serverFor(t, { buckets: ['site', 'backup'] });
  const cwd = makeTree(t, { 'dist/index.html': '<h1>site</h1>', 'dist/large.bin': randomBytes(40_000_000) });
  const home = mkdtempSync(path.join(tmpdir(), 's3pp-bun-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    S3PP_ENDPOINT_URL: server.url,
    S3PP_REGION: server.region,
  };
  const onBun = (...argv: readonly string[]) => run(bun.path, [CLI, ...argv], cwd, env);

  const first = await onBun('dist', 's3://site/p');
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual([...server.keys('site')].sort(), ['p/index.html', 'p/large.bin']);
  server.clearRequests();
  const again = await onBun('dist', 's3://site/p');
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual([server.count('PutObject'), server.count('UploadPart')], [0, 0]);

  const copy = await onBun('copy', 's3://site/p', 's3://backup');
  assert.equal(copy.code, 0, copy.stderr);
  assert.deepEqual([...server.keys('backup')].sort(), ['p/index.html', 'p/large.bin']);

  server.clearRequests();
  const undici = await onBun('--http-client', 'undici', 'dist', 's3://site/q');
  assert.equal(undici.code, 2, undici.stderr);
  assert.match(undici.stderr, /does not run on Bun/);
  assert.deepEqual(server.requests, []);
});
