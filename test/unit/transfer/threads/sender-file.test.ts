import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { senderFile } from '../../../../src/transfer/threads/sender-file.js';

const SOURCE = path.resolve(import.meta.dirname, '../../../../src/transfer/threads/sender-file.ts');

/** What looks for the file, in a bundle of somebody else. */
async function bundled(t: TestContext, format: 'esm' | 'cjs', beside?: string): Promise<string | undefined> {
  const folder = mkdtempSync(path.join(tmpdir(), 's3pp-bundle-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = path.join(folder, format === 'esm' ? 'app.mjs' : 'app.cjs');
  buildSync({ entryPoints: [SOURCE], outfile, bundle: true, platform: 'node', format, logLevel: 'error' });
  if (beside !== undefined) writeFileSync(path.join(folder, beside), '');
  const module = format === 'esm' ? await import(pathToFileURL(outfile).href) : createRequire(outfile)(outfile);
  return (module as { senderFile: typeof senderFile }).senderFile();
}

test('the source has no file for threads', () => {
  assert.equal(senderFile(), undefined);
});

test('a bundle of somebody else has no file for threads, whatever lies beside it', async (t) => {
  for (const format of ['esm', 'cjs'] as const) {
    assert.equal(await bundled(t, format), undefined, format);
    assert.equal(await bundled(t, format, 'thread.js'), undefined, format);
  }
});

test('a bundle beside the file for threads finds it', async (t) => {
  assert.match((await bundled(t, 'cjs', 's3-parallel-put-thread.cjs')) ?? '', /s3-parallel-put-thread\.cjs$/);
  assert.match((await bundled(t, 'esm', 's3-parallel-put-thread.js')) ?? '', /s3-parallel-put-thread\.js$/);
});
