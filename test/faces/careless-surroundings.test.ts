import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { cli } from './cli-process.js';

/** Built by `npm test`. */
const CLI = fileURLToPath(new URL('../../dist/lib/cli/main.js', import.meta.url));
const skip = process.platform === 'win32' && 'it has no POSIX shell';

/** Runs the command in a shell, with `$CLI` as the command. No request is made: its endpoint refuses connections. */
function shell(
  script: string,
  root: string,
): { readonly code: number | null; readonly stderr: string; readonly stdout: string } {
  const env = {
    PATH: process.env.PATH,
    HOME: root,
    ROOT: root,
    CLI: `${process.execPath} ${CLI} --endpoint-url http://127.0.0.1:9`,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
  };
  const { status, stderr, stdout } = spawnSync('sh', ['-c', script], { env, cwd: root, encoding: 'utf8' });
  return { code: status, stderr, stdout };
}

for (const [script, why] of [
  ['$CLI - s3://site --stdin-key k < "$ROOT"', /Standard input \("-"\) is a directory/],
  ['$CLI copy s3://one s3://two --keys-file - < "$ROOT"', /--keys-file: standard input is a directory/],
  ['$CLI copy s3://one s3://two --prefixes-file - < "$ROOT"', /--prefixes-file: standard input is a directory/],
  ['mkdir gone; cd gone; rmdir ../gone; $CLI dist s3://site', /working directory does not exist any more/],
  [
    'mkdir gone; cd gone; rmdir ../gone; $CLI "$ROOT" s3://site --key-base cwd',
    /working directory does not exist any more/,
  ],
] as const)
  test(`${script.replaceAll('$CLI ', '')} is refused`, { skip }, (t) => {
    const { code, stderr } = shell(script, makeTree(t, { a: 'a' }));
    assert.equal(code, 2, stderr);
    assert.match(stderr, why);
    assert.doesNotMatch(stderr, /bug/);
  });

test('a closed standard input is refused, and an empty one is an empty object', {
  skip: process.platform !== 'linux' && 'only Linux shows it',
}, (t) => {
  const root = makeTree(t, { a: 'a' });
  const closed = shell('$CLI - s3://site --stdin-key k <&-', root);
  assert.equal(closed.code, 2, closed.stderr);
  assert.match(closed.stderr, /Standard input \("-"\) is closed/);
  assert.equal(shell('$CLI - s3://site --stdin-key k -n --put stupid < /dev/null', root).code, 0);
});

test('a standard input that cannot be read fails', { skip }, (t) => {
  const { code, stdout } = shell('$CLI - s3://site --stdin-key k --put stupid 0> out', makeTree(t, { a: 'a' }));
  assert.notEqual(code, 0);
  assert.match(stdout, /the stream failed: EBADF/);
});

test('a folder for temporary files that is not there is named, with the fix', async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { 'big.txt': Buffer.alloc(18 * 1024 * 1024, 'abc') });
  // A link to nothing: Node's compile cache would make a plain folder that is missing.
  symlinkSync(join(root, 'nowhere', 'deep'), join(root, 'no-such'));
  const { code, stdout, stderr } = await cli(
    [join(root, 'big.txt'), 's3://site', '--gzip', '--endpoint-url', server.url, '--region', server.region],
    {
      env: {
        TMPDIR: join(root, 'no-such'),
        TEMP: join(root, 'no-such'),
        TMP: join(root, 'no-such'),
        AWS_ACCESS_KEY_ID: server.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      },
      ownProcess: true,
    },
  );
  assert.equal(code, 1);
  assert.match(
    stdout + stderr,
    /temporary file .* in .*no-such cannot be written: the folder for temporary files does not exist \(ENOENT\)/,
  );
  assert.match(stdout + stderr, /TMPDIR/);
});
