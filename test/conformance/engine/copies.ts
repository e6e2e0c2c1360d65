import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { etagOf, noise } from '../../support/parts.js';
import type { Target, TargetFor } from '../../support/target.js';
import { makeTree } from '../../support/tree.js';

const MIB = 1024 * 1024;
const PART = 5 * MIB;
const BIG = noise(2 * PART + 3);
const CARRIED = {
  cacheControl: 'max-age=60',
  contentType: 'text/x-mine',
  metadata: { one: 'two words' },
  headers: { 'content-disposition': 'attachment; filename="x.txt"', 'content-language': 'de' },
} as const;

/** Copies within one bucket, by the server itself. */
export function copiesSuite(targetFor: TargetFor): void {
  describe('copies', () => {
    it('keep bytes, headers and ETags, small and in parts, and a rerun lists only', async (t) => {
      const target = await targetFor(t);
      const source = makeTree(t, { 'big.bin': BIG, 'deep/small': 'small', none: '' });
      const put = { ...CARRIED, source, prefix: 'from', partSize: PART, multipartThreshold: PART };
      assert.equal((await target.run(put)).error, undefined);
      const ran = await target.copy('from/*', 'to');
      assert.deepEqual([ran.error, ran.keys('copy')], [undefined, ['to/big.bin', 'to/deep/small', 'to/none']]);
      assert.equal(ran.count('GetObject'), 0);
      assert.deepEqual([ran.count('CopyObject'), ran.count('UploadPart') <= 1], [2, true]);
      assert.ok((await target.object('to/big.bin'))?.body.equals(BIG));
      assert.equal(await target.text('to/deep/small'), 'small');
      for (const key of ['big.bin', 'deep/small'])
        assert.deepEqual((await target.object(`to/${key}`))?.headers, (await target.object(`from/${key}`))?.headers);
      const again = await target.copy('from/*', 'to');
      assert.deepEqual([again.error, again.keys('copy')], [undefined, []]);
      if (ran.outcomes.find(({ key }) => key === 'to/big.bin')?.etag === etagOf(BIG, PART))
        assert.deepEqual([again.count('HeadObject'), again.count('GetObject')], [0, 0]);
      else assert.ok(again.count('HeadObject') <= 1, 'one HEAD finds an ETag that could not be kept');
    });

    it('give the keys that the rows of the path rule say', async (t) => {
      const target = await targetFor(t);
      await seedAll(target, ['folder-001/test-001', 'folder-001/test-002']);
      assert.equal((await target.copy('folder-001', 'foo')).error, undefined);
      assert.equal((await target.copy('folder-001/*', 'bar')).error, undefined);
      assert.equal((await target.copy('folder-001/test-001', 'one')).error, undefined);
      const copied = ['bar/test-001', 'bar/test-002', 'foo/folder-001/test-001', 'foo/folder-001/test-002'];
      const all = [...copied, 'folder-001/test-001', 'folder-001/test-002', 'one/test-001'];
      assert.deepEqual(await target.keys(), all.sort());
    });

    it('take only what is new in mode add, and what has changed in mode update', async (t) => {
      const target = await targetFor(t);
      await seedAll(target, ['from/a', 'from/b']);
      await target.seed('to/a', 'theirs');
      const added = await target.copy('from/*', 'to', { mode: 'add' });
      assert.deepEqual([added.error, added.keys('copy'), added.keys('skip')], [undefined, ['to/b'], ['to/a']]);
      assert.equal(await target.text('to/a'), 'theirs');
      const updated = await target.copy('from/*', 'to');
      assert.deepEqual([updated.error, updated.keys('copy'), updated.keys('skip')], [undefined, ['to/a'], ['to/b']]);
      assert.equal(await target.text('to/a'), 'from/a');
    });

    it('replace the headers that are given, and keep the others', async (t) => {
      const target = await targetFor(t);
      const source = makeTree(t, { 'big.bin': BIG, small: 'small' });
      const put = { ...CARRIED, source, prefix: 'from', partSize: PART, multipartThreshold: PART };
      assert.equal((await target.run(put)).error, undefined);
      const ran = await target.copy('from/*', 'to', { cacheControl: 'no-store', metadata: { more: 'x' } });
      assert.equal(ran.error, undefined);
      for (const key of ['to/big.bin', 'to/small']) {
        const { headers = {} } = (await target.object(key)) ?? {};
        assert.equal(headers['cache-control'], 'no-store', key);
        assert.deepEqual([headers['x-amz-meta-one'], headers['x-amz-meta-more']], ['two words', 'x'], key);
        assert.deepEqual([headers['content-type'], headers['content-language']], ['text/x-mine', 'de'], key);
      }
    });

    it('find keys of special characters', async (t) => {
      const target = await targetFor(t);
      const keys = ["from/a b+c %20'(1)!*", 'from/q?v=3&x=y#z', 'from/ümläut/日本語/😀', 'from/semi;co,lon:@$='];
      await seedAll(target, keys);
      const ran = await target.copy('from/*', 'to');
      assert.equal(ran.error, undefined);
      for (const key of keys) assert.equal(await target.text(key.replace('from', 'to')), key);
      assert.deepEqual((await target.copy('from/*', 'to')).keys('copy'), []);
    });

    it('fail by name for a key that is missing, and copy the others', async (t) => {
      const target = await targetFor(t);
      await seedAll(target, ['from/a', 'from/z']);
      const ran = await target.copy('from', 'to', { key: ['a', 'missing', 'z'] });
      assert.deepEqual([ran.keys('copy'), ran.keys('fail')], [['to/a', 'to/z'], ['to/missing']]);
    });
  });
}

async function seedAll(target: Target, keys: readonly string[]): Promise<void> {
  for (const key of keys) await target.seed(key, key);
}
