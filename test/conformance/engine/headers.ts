import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Target, TargetFor } from '../../support/target.js';
import { makeTree } from '../../support/tree.js';

const TYPES: Readonly<Record<string, string>> = {
  'a.html': 'text/html; charset=utf-8',
  'a.css': 'text/css; charset=utf-8',
  'a.js': 'text/javascript; charset=utf-8',
  'a.json': 'application/json; charset=utf-8',
  'a.svg': 'image/svg+xml',
  'a.wasm': 'application/wasm',
  'a.woff2': 'font/woff2',
  'a.bin-unknown': 'application/octet-stream',
  noextension: 'text/plain; charset=utf-8',
};

async function headerOf(target: Target, key: string, name: string): Promise<string | undefined> {
  return (await target.object(key))?.headers[name];
}

/** `a; b` and `a;b` say the same. */
const spaced = (type: string | undefined): string | undefined => type?.replace(/;\s*/g, '; ');

/** Which headers objects get, read back from the server. */
export function headersSuite(targetFor: TargetFor): void {
  describe('headers', () => {
    it('guess the content type from the name, with a charset for text', async (t) => {
      const target = await targetFor(t);
      const names = Object.keys(TYPES);
      await target.run({ source: makeTree(t, Object.fromEntries(names.map((name) => [name, 'x']))) });
      for (const [name, type] of Object.entries(TYPES))
        assert.equal(spaced(await headerOf(target, name, 'content-type')), type, name);
    });

    it('come back as they were given: content type, cache control, metadata and others', async (t) => {
      const target = await targetFor(t);
      const headers = {
        'content-disposition': 'attachment; filename="x:y.html"',
        expires: 'Wed, 21 Oct 2026 07:28:00 GMT',
        'content-language': 'de',
      };
      const { error } = await target.run({
        source: makeTree(t, { 'a.html': 'x' }),
        contentType: 'text/x-mine; charset=latin1',
        cacheControl: 'public, max-age=60, stale-while-revalidate=5',
        metadata: { a: '1', 'long-name': 'b:c, d' },
        headers,
      });
      assert.equal(error, undefined);
      const shown = (await target.object('a.html'))?.headers;
      assert.deepEqual(
        { ...shown, 'content-type': spaced(shown?.['content-type']) },
        {
          'content-type': 'text/x-mine; charset=latin1',
          'cache-control': 'public, max-age=60, stale-while-revalidate=5',
          'x-amz-meta-a': '1',
          'x-amz-meta-long-name': 'b:c, d',
          ...headers,
        },
      );
    });

    it('come from a function per item, which wins over the options', async (t) => {
      const target = await targetFor(t);
      const headers = ({ relativePath }: { relativePath: string }) =>
        relativePath.endsWith('.html') ? { 'Cache-Control': 'no-cache' } : undefined;
      const source = makeTree(t, { 'index.html': 'i', 'app.js': 'a' });
      await target.run({ source, cacheControl: 'max-age=31536000', headers });
      assert.equal(await headerOf(target, 'index.html', 'cache-control'), 'no-cache');
      assert.equal(await headerOf(target, 'app.js', 'cache-control'), 'max-age=31536000');
    });

    it('that changed leave an unchanged object alone, and the reason says that they were not compared', async (t) => {
      const target = await targetFor(t);
      const source = makeTree(t, { a: '1' });
      await target.run({ source });
      const ran = await target.run({ source, cacheControl: 'no-cache' });
      assert.equal(ran.reasonOf('a'), 'same content, headers not compared');
      assert.equal(ran.count('PutObject'), 0);
      assert.equal(await headerOf(target, 'a', 'cache-control'), undefined);
    });
  });
}
