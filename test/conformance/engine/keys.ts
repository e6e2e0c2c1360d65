import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { describe, it } from 'node:test';
import { compareUtf8 } from 'fake-s3';
import fc from 'fast-check';
import { runs } from '../../support/runs.js';
import type { TargetFor } from '../../support/target.js';
import { makeTree } from '../../support/tree.js';

const NAMES: readonly string[] = [
  'with space.txt',
  'a+b',
  '100%',
  'c#d',
  'e&f',
  '你好.txt',
  '😀.txt',
  'e\u0301-nfd',
  '\u00e9-nfc',
  "quo'te",
  'semi;colon',
  'tilde~',
  '(paren)',
  'at@=,$',
  'ｆｕｌｌ',
];

/** Keys on whose order UTF-8 and UTF-16 disagree. */
const ASTRAL: readonly string[] = ['a', '\ud7ff', '\ue000', '\uff5e', '\uff5ed/x', '\u{1f600}a', '\u{1f600}d/x'];

const segment = fc
  .string({
    unit: fc.constantFrom('a', 'b', '-', '.', '0', 'é', '你', '😀', 'ﬀ', ' ', '+', '%'),
    minLength: 1,
    maxLength: 4,
  })
  // Dots and spaces alone are a fact of their own: MinIO refuses them.
  .filter((name) => !/^[. ]+$/.test(name) && !name.startsWith('._'));
const paths = fc.uniqueArray(
  fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  { minLength: 1, maxLength: 25 },
);

const holdingTheirNames = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]));

/** Which keys the engine gives objects, as a listing shows them. */
export function keysSuite(targetFor: TargetFor): void {
  describe('keys', () => {
    it('are the prefix and the path relative to the source, however source and prefix are written', async (t) => {
      const target = await targetFor(t);
      const root = makeTree(t, { 'public/index.html': 'i', 'public/a/b.html': 'b' });
      const source = `${root}/public`;
      for (const written of [source, `${source}/`, `${root}/./public`, relative(process.cwd(), source)]) {
        for (const prefix of ['site', 'site/', '/site']) {
          const { report } = await target.run({ source: written, prefix, mode: 'stupid' });
          assert.equal(report.counts.put, 2);
          assert.deepEqual(await target.keys(), ['site/a/b.html', 'site/index.html']);
        }
      }
    });

    it('have nothing in front without a prefix', async (t) => {
      const target = await targetFor(t);
      await target.run({ source: makeTree(t, { 'index.html': 'i', 'a/b.html': 'b' }) });
      assert.deepEqual(await target.keys(), ['a/b.html', 'index.html']);
    });

    it('have no ending by clean URLs, and a rerun lists only', async (t) => {
      const target = await targetFor(t);
      const files = {
        'about.html': '1',
        'about-us.html': '2',
        'docs/a.html': '3',
        'docs/index.html': '4',
        '404.html': '5',
      };
      const options = { source: makeTree(t, files), cleanUrls: 'html', delete: true, prefix: 'p' } as const;
      assert.equal((await target.run(options)).error, undefined);
      assert.deepEqual(await target.keys(), ['p/404.html', 'p/about', 'p/about-us', 'p/docs/a', 'p/docs/index.html']);
      assert.equal((await target.object('p/about'))?.headers['content-type'], 'text/html; charset=utf-8');
      const again = await target.run(options);
      assert.deepEqual([again.error, again.report.counts.skip, again.report.strays], [undefined, 5, 0]);
      assert.equal(again.count('PutObject'), 0);
    });

    it('take bucket and prefix from an s3:// address', async (t) => {
      const target = await targetFor(t);
      await target.run({ source: makeTree(t, { x: '1' }), bucket: `s3://${target.bucket}/deep/er` });
      assert.deepEqual(await target.keys(), ['deep/er/x']);
    });

    it('are byte for byte what the names are, whatever Unicode they hold', async (t) => {
      const target = await targetFor(t);
      const source = makeTree(t, holdingTheirNames(NAMES));
      const first = await target.run({ source, prefix: 'ü ber' });
      assert.equal(first.error, undefined);
      assert.deepEqual(await target.keys(), NAMES.map((name) => `ü ber/${name}`).sort(compareUtf8));
      for (const name of NAMES) assert.equal(await target.text(`ü ber/${name}`), name);
      const second = await target.run({ source, prefix: 'ü ber' });
      assert.deepEqual([second.report.counts.skip, second.count('PutObject')], [NAMES.length, 0]);
    });

    it('whose order depends on who sorts them are neither sent twice nor overwritten by mode add', async (t) => {
      const target = await targetFor(t, { pageSize: 2 });
      const source = makeTree(t, holdingTheirNames(ASTRAL));
      assert.equal((await target.run({ source })).report.counts.put, ASTRAL.length);
      const second = await target.run({ source });
      assert.deepEqual([second.error, second.report.counts.skip], [undefined, ASTRAL.length]);
      for (const key of ASTRAL) await target.seed(key, 'theirs');
      assert.equal((await target.run({ source, mode: 'add' })).report.counts.skip, ASTRAL.length);
      for (const key of ASTRAL) assert.equal(await target.text(key), 'theirs');
    });

    it('of random trees come back from a second run as unchanged', async (t) => {
      const target = await targetFor(t, { pageSize: 3 });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(paths, async (all) => {
          const files = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`)));
          const source = makeTree(t, holdingTheirNames(files));
          const prefix = `p${round++}`;
          const first = await target.run({ source, prefix });
          assert.deepEqual(first.keys('put'), files.map((path) => `${prefix}/${path}`).sort());
          const second = await target.run({ source, prefix });
          assert.deepEqual([second.report.counts.skip, second.count('PutObject')], [files.length, 0]);
        }),
        runs(6),
      );
    });

    it('may be 1,024 bytes long', async (t) => {
      const target = await targetFor(t);
      const long = `${'d'.repeat(250)}/`.repeat(4) + 'é'.repeat(10);
      assert.equal((await target.run({ source: makeTree(t, { [long]: 'x' }) })).error, undefined);
      assert.deepEqual(await target.keys(), [long]);
    });

    it('come from the key hook where there is one', async (t) => {
      const target = await targetFor(t);
      const source = makeTree(t, { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' });
      const key = ({ relativePath }: { relativePath: string }) =>
        relativePath === 'c.txt' ? undefined : `other/${relativePath}`;
      await target.run({ source, prefix: 'p', key });
      assert.deepEqual(await target.keys(), ['p/c.txt', 'p/other/a.txt', 'p/other/b.txt']);
      assert.equal((await target.run({ source, prefix: 'p', key })).report.counts.skip, 3);
    });

    it('come whole from the key hook with absoluteKey', async (t) => {
      const target = await targetFor(t);
      const source = makeTree(t, { 'a.txt': 'a', 'c.txt': 'c' });
      const key = ({ relativePath }: { relativePath: string }) =>
        relativePath === 'c.txt' ? undefined : 'other/a.txt';
      await target.run({ source, prefix: 'p', key, absoluteKey: true });
      assert.deepEqual(await target.keys(), ['other/a.txt', 'p/c.txt']);
      assert.equal((await target.run({ source, prefix: 'p', key, absoluteKey: true })).report.counts.skip, 2);
    });
  });
}
