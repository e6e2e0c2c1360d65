import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Target, TargetFor } from '../../support/target.js';
import { addFiles, makeTree } from '../../support/tree.js';

/** More than one page of a listing: of a real server's, or many where pages may be small. */
function filesFor({ pageSize }: Target): Readonly<Record<string, string>> {
  const count = pageSize === SMALL_PAGE ? 350 : 1_050;
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`d${index % 7}/f${index}`, `${index}`]));
}
/** Keys on a page, if the server's page size can be set. */
const SMALL_PAGE = 32;

/** A tree of more files than a page has keys. */
export function scaleSuite(targetFor: TargetFor): void {
  describe('files of several pages', () => {
    it('are put once, sent again only where changed, and read by whole pages', async (t) => {
      const target = await targetFor(t, { pageSize: SMALL_PAGE });
      const files = filesFor(target);
      const count = Object.keys(files).length;
      const source = makeTree(t, files);
      const first = await target.run({ source });
      assert.deepEqual([first.error, first.report.counts.put], [undefined, count]);
      assert.equal((await target.keys()).length, count);
      const pages = Math.ceil(count / target.pageSize);
      for (const mode of ['update', 'add'] as const) {
        const again = await target.run({ source, mode });
        assert.deepEqual([again.error, again.report.counts.skip], [undefined, count]);
        assert.deepEqual([again.count('PutObject'), again.count('HeadObject')], [0, 0]);
        assert.ok(again.count('ListObjectsV2') <= pages, `${again.count('ListObjectsV2')} of ${pages} pages`);
      }
      addFiles(source, { 'd3/f3': 'changed', 'd3/new': 'new' });
      const changed = await target.run({ source });
      assert.deepEqual([changed.error, changed.keys('put')], [undefined, ['d3/f3', 'd3/new']]);
      assert.deepEqual([changed.count('PutObject'), changed.count('HeadObject')], [2, 0]);
      assert.equal(await target.text('d3/f3'), 'changed');
    });

    it('of which a run needs only three cost no unnecessary page', async (t) => {
      const target = await targetFor(t, { pageSize: SMALL_PAGE });
      await target.run({ source: makeTree(t, filesFor(target)), mode: 'stupid' });
      const few = { 'd0/f0': '0', 'd3/f3': '3', 'd6/f6': 'other' };
      const ran = await target.run({ source: makeTree(t, few) });
      assert.deepEqual([ran.error, ran.keys('skip'), ran.keys('put')], [undefined, ['d0/f0', 'd3/f3'], ['d6/f6']]);
      assert.ok(ran.count('ListObjectsV2') + ran.count('HeadObject') <= 5, JSON.stringify(ran.report.requests));
    });
  });
}
