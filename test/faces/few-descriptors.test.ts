import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { S3Server } from 'fake-s3';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

/** Built by `npm test`. */
const CLI = fileURLToPath(new URL('../../dist/lib/cli/main.js', import.meta.url));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command in a process that may have only so many files and connections open. */
function cliWith(descriptors: number, server: S3Server, argv: readonly string[], home: string): Promise<Ran> {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_REGION: server.region,
  };
  const all = [...argv, '--endpoint-url', server.url, '--no-progress'];
  const script = `ulimit -n ${descriptors}; exec "$0" "$@"`;
  return new Promise((resolve) => {
    execFile('bash', ['-c', script, process.execPath, CLI, ...all], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const MIB = 1024 * 1024;
const SMALL = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`d${i % 40}/e/f${i}`, `${i}`]));
const LARGE = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`large${i}`, Buffer.alloc(2 * MIB, `${i}`)]));

/** Only POSIX systems have the limit. */
const skip = process.platform === 'win32';

for (const [descriptors, how, ...options] of [
  [128, 'fixed', '--concurrency', '300'],
  [64, 'auto'],
  [64, 'fixed', '--concurrency', '300'],
  [64, 'fixed, by undici,', '--concurrency', '300', '--http-client', 'undici'],
  [64, 'fixed, compressed,', '--concurrency', '300', '--gzip=all'],
] as const)
  test(`with ${descriptors} descriptors everything is put, and compared, with a concurrency that is ${how}`, {
    skip,
  }, async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { ...SMALL, ...LARGE });
    const home = makeTree(t, { none: '' });
    for (const expected of [/^Uploaded 208 files/m, /^Nothing to upload; 208 unchanged\.$/m]) {
      const { code, stderr } = await cliWith(descriptors, server, [source, 's3://site', ...options], home);
      assert.equal(code, 0, stderr);
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /EMFILE/);
      if (how !== 'auto') assert.match(stderr, /--concurrency allows: .*only (128|64) files.*ulimit -n/);
    }
    assert.equal(server.keys('site').length, 208);
  });

for (const command of [[], ['copy', 's3://site', 's3://other'], ['uploads', 's3://site']])
  test(`with 24 descriptors the ${command[0] ?? 'put'} command is refused before it begins`, { skip }, async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { a: 'a' });
    const argv = command.length > 0 ? command : [source, 's3://site'];
    const { code, stdout, stderr } = await cliWith(24, server, argv, source);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^s3-parallel-put: This process may have only 24 files .* open.*\n {2}Raise the limit.*ulimit -n 1024\n$/,
    );
    assert.deepEqual([stdout, server.requests.length], ['', 0]);
  });
