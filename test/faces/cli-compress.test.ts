import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { cli, cliTo } from './cli-process.js';

const TEXT = 'p { color: red }\n'.repeat(50);

describe('compression on the command line', { concurrency: 4 }, () => {
  test('by --compress br stores br, and a second run sends nothing', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { 'dist/a.css': TEXT });
    for (const line of [/uploaded a\.css \(new, br \d+ B of 850 B\)/, /Nothing to upload; 1 unchanged/]) {
      const ran = await cliTo(server, ['dist', 's3://site', '--compress', 'br'], { cwd });
      assert.equal(ran.code, 0);
      assert.match(ran.stdout + ran.stderr, line);
    }
    assert.equal(brotliDecompressSync(server.object('site', 'a.css')?.body ?? '').toString(), TEXT);
  });

  test('that cannot be fails by name: 2 for options, 1 for a file', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { 'dist/a.css': TEXT });
    const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['--gzip', '--compress', 'br'], 2, /--gzip and --compress are given together/],
      [['--compress', 'brotli'], 2, /--compress is "brotli".*\n.*--compress br/],
      [['--br-level', '12'], 2, /--br-level is 12; it must be a whole number from 0/],
      [['--zstd-level', '0'], 2, /--zstd-level is 0/],
      [['--precompressed', 'both'], 2, /--precompressed is "both"/],
      [['--content-encoding', 'gzip'], 1, /a\.css: is to get the Content-Encoding "gzip", and its bytes are not in it/],
    ];
    for (const [args, code, message] of rows) {
      const ran = await cliTo(server, ['dist', 's3://site', ...args], { cwd });
      assert.equal(ran.code, code, args.join(' '));
      assert.match(ran.stdout + ran.stderr, message);
    }
    assert.deepEqual(server.keys('site'), []);
  });

  test('is explained by its coding and where it was given', async (t) => {
    const cwd = makeTree(t, { 'dist/a.css': TEXT });
    const ran = await cli(['explain', 'dist/a.css', 'dist', '--compress', 'br'], { cwd });
    assert.match(ran.stdout, /compress: br +type is listed; --compress/);
  });
});
