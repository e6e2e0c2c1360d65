import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TargetFor } from '../support/target.js';
import { addFiles, makeTree } from '../support/tree.js';

/** More than one page of a real server's listing. */
const COUNT = 1_050;
const FILES: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: COUNT }, (_, index) => [`d${index % 7}/f${index}`, `${index}`]),
);

/** A tree of more files than a page has keys. */
export function scaleSuite(targetFor: TargetFor): void {
  describe(`${COUNT} files`, () => {
    it('are put once, sent again only where changed, and read by whole pages', async (t) => {
      const target = await targetFor(t, { pageSize: 100 });
      const source = makeTree(t, FILES);
      const first = await target.run({ source });
      assert.deepEqual([first.error, first.report.counts.put], [undefined, COUNT]);
      assert.equal((await target.keys()).length, COUNT);
      const pages = Math.ceil(COUNT / target.pageSize);
      for (const mode of ['update', 'add'] as const) {
        const again = await target.run({ source, mode });
        assert.deepEqual([again.error, again.report.counts.skip], [undefined, COUNT]);
        assert.deepEqual([again.count('PutObject'), again.count('HeadObject')], [0, 0]);
        assert.ok(again.count('ListObjectsV2') <= pages, `${again.count('ListObjectsV2')} of ${pages} pages`);
      }
      addFiles(source, { 'd3/f3': 'changed', 'd3/new': 'new' });
      const changed = await target.run({ source });
      assert.deepEqual([changed.error, changed.keys('put')], [undefined, ['d3/f3', 'd3/new']]);
      assert.deepEqual([changed.count('PutObject'), changed.count('HeadObject')], [2, 0]);
      assert.equal(await target.text('d3/f3'), 'changed');
    });

    it('of which three are asked for among the others cost no page that is not needed', async (t) => {
      const target = await targetFor(t, { pageSize: 100 });
      await target.run({ source: makeTree(t, FILES), mode: 'stupid' });
      const few = { 'd0/f0': '0', 'd3/f3': '3', 'd6/f6': 'other' };
      const ran = await target.run({ source: makeTree(t, few) });
      assert.deepEqual([ran.error, ran.keys('skip'), ran.keys('put')], [undefined, ['d0/f0', 'd3/f3'], ['d6/f6']]);
      assert.ok(ran.count('ListObjectsV2') + ran.count('HeadObject') <= 5, JSON.stringify(ran.report.requests));
    });
  });
}
