import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { etagOf, noise } from '../../support/parts.js';
import type { TargetFor } from '../../support/target.js';
import { makeTree } from '../../support/tree.js';

const MIB = 1024 * 1024;
const PART = 5 * MIB;
const BIG = noise(3 * PART + 3);
const OPTIONS = { partSize: PART, multipartThreshold: PART } as const;
/** Servers whose profile takes marks. */
const MARKS: ReadonlySet<string> = new Set(['embedded', 'versitygw', 'minio']);

/** Objects that go up in parts. */
export function multipartSuite(targetFor: TargetFor): void {
  describe('large files', () => {
    for (const checksum of ['auto', 'md5'] as const) {
      it(`go up in parts, are verified, and are not sent again (${checksum})`, async (t) => {
        const target = await targetFor(t);
        const source = makeTree(t, { 'big.bin': BIG, small: 'x' });
        const options = { ...OPTIONS, source, checksum, cacheControl: 'max-age=60' };
        const ran = await target.run(options);
        assert.deepEqual([ran.error, ran.keys('put')], [undefined, ['big.bin', 'small']]);
        const shown = await target.object('big.bin');
        assert.ok(shown?.body.equals(BIG));
        assert.equal(shown?.headers['cache-control'], 'max-age=60');
        const outcome = ran.outcomes.find(({ key }) => key === 'big.bin');
        assert.equal(outcome?.etag, etagOf(BIG, PART));
        if (MARKS.has(target.name)) assert.equal(outcome?.verified, checksum === 'md5' ? 'md5' : 'crc32');
        const again = await target.run(options);
        assert.deepEqual([again.error, again.keys('put')], [undefined, []]);
        assert.deepEqual([again.count('HeadObject'), again.count('UploadPart')], [0, 0]);
      });
    }

    for (const checksum of ['auto', 'md5'] as const)
      it(`are resumed after an interrupted run, and end up complete (${checksum})`, async (t) => {
        const target = await targetFor(t);
        const source = makeTree(t, { 'big.bin': BIG });
        const controller = new AbortController();
        const cut = await target.run({
          ...OPTIONS,
          source,
          checksum,
          concurrency: 1,
          signal: controller.signal,
          onEvent: (event) => {
            if (event.type === 'progress' && event.bytes >= 2 * PART) controller.abort();
          },
        });
        assert.equal(cut.error?.name, 'AbortError');
        const ran = await target.run({ ...OPTIONS, source, checksum });
        assert.equal(ran.error, undefined);
        assert.ok((await target.object('big.bin'))?.body.equals(BIG));
        if (!MARKS.has(target.name)) return;
        const taken = ran.outcomes[0]?.takenOver ?? 0;
        assert.ok(taken >= 2 * PART, `${taken} bytes were taken over`);
        assert.equal(ran.count('UploadPart'), 4 - taken / PART);
        assert.equal(ran.count('CreateMultipartUpload'), 0);
      });

    it('never replace what mode add finds there', async (t) => {
      const target = await targetFor(t);
      const source = makeTree(t, { 'big.bin': BIG });
      assert.deepEqual((await target.run({ ...OPTIONS, source, mode: 'add' })).keys('put'), ['big.bin']);
      await target.seed('big.bin', 'other');
      assert.deepEqual((await target.run({ ...OPTIONS, source, mode: 'add' })).keys('skip'), ['big.bin']);
      assert.equal(await target.text('big.bin'), 'other');
    });
  });
}
