import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PutItem, PutMode } from '../../../src/index.js';
import type { TargetFor } from '../../support/target.js';
import { makeTree } from '../../support/tree.js';
import { expectedOf } from '../expectations/expected.js';

type Remote = 'absent' | 'same' | 'same size' | 'other size';
const REMOTE: Readonly<Record<Remote, string | undefined>> = {
  absent: undefined,
  same: 'body',
  'same size': 'BODY',
  'other size': 'longer body',
};

/** [mode, remote, puts, reason] */
const TABLE: readonly (readonly [PutMode, Remote, 0 | 1, string])[] = [
  ['add', 'absent', 1, 'new'],
  ['add', 'same', 0, 'exists'],
  ['add', 'same size', 0, 'exists'],
  ['add', 'other size', 0, 'exists'],
  ['update', 'absent', 1, 'new'],
  ['update', 'same', 0, 'same content'],
  ['update', 'same size', 1, 'content differs'],
  ['update', 'other size', 1, 'size differs'],
  ['stupid', 'absent', 1, 'forced'],
  ['stupid', 'same', 1, 'forced'],
  ['stupid', 'same size', 1, 'forced'],
  ['stupid', 'other size', 1, 'forced'],
];

/** Which objects are put, by mode and remote state, and which requests find that out. */
export function modesSuite(targetFor: TargetFor): void {
  describe('put modes', () => {
    for (const [mode, remote, puts, reason] of TABLE) {
      it(`${mode} with the key ${remote} makes ${puts} put: ${reason}`, async (t) => {
        const target = await targetFor(t);
        const source = makeTree(t, { key: 'body' });
        const body = REMOTE[remote];
        if (body !== undefined) await target.seed('key', body);
        const planned = await target.run({ source, mode, dryRun: true });
        assert.deepEqual([planned.reasonOf('key'), planned.report.counts.put], [reason, puts]);
        assert.deepEqual([planned.report.dryRun, planned.count('PutObject')], [true, 0]);
        if (mode === 'stupid') assert.deepEqual(planned.report.requests, {});
        assert.equal(await target.text('key'), body);
        const ran = await target.run({ source, mode });
        assert.deepEqual([ran.error, ran.reasonOf('key')], [undefined, reason]);
        // The first difference sends a HEAD, to see whether a KMS key encrypts.
        const heads = mode === 'update' && remote === 'same size' ? 1 : 0;
        assert.deepEqual([ran.count('PutObject'), ran.count('HeadObject')], [puts, heads]);
        assert.equal(ran.count('ListObjectsV2'), mode === 'stupid' ? 0 : 1);
        assert.equal(await target.text('key'), puts === 1 ? 'body' : body);
      });
    }

    it('add leaves a key alone that appears after the listing', async (t) => {
      const target = await targetFor(t);
      const [conditional = ''] = expectedOf(target.name, 'If-None-Match * on an existing key');
      if (!conditional.startsWith('412'))
        return t.skip('this server ignores the condition, and does not say who it is');
      let listed = () => {};
      const listing = new Promise<void>((resolve) => {
        listed = resolve;
      });
      async function* items(): AsyncGenerator<PutItem> {
        yield { key: 'b', body: 'b' };
        await listing;
        await target.seed('a', 'theirs');
        yield { key: 'a', body: 'ours' };
      }
      const { error, keys, reasonOf } = await target.run({
        source: items(),
        mode: 'add',
        onEvent: (event) => {
          if (event.type === 'request' && event.verb === 'ListObjectsV2') listed();
        },
      });
      assert.deepEqual([error, keys('put'), keys('skip')], [undefined, ['b'], ['a']]);
      assert.equal(reasonOf('a'), 'appeared during the run');
      assert.equal(await target.text('a'), 'theirs');
    });

    for (const [what, size, fact] of [
      ['an object', 1_000, 'If-Match with another ETag'],
      ['an object in parts', 6 * 1024 ** 2, 'a completion with If-Match with another ETag'],
    ] as const)
      it(`update overwrites ${what} that changes after the listing, and says so`, async (t) => {
        const target = await targetFor(t);
        const [conditional = ''] = expectedOf(target.name, fact);
        if (!conditional.startsWith('412') || target.name === 's3mock')
          return t.skip('this server ignores the condition, or does not say who it is');
        const bodyOf = (text: string) => Buffer.alloc(size, text);
        await target.seed('a', 'before');
        let listed = () => {};
        const listing = new Promise<void>((resolve) => {
          listed = resolve;
        });
        async function* items(): AsyncGenerator<PutItem> {
          yield { key: 'b', body: 'b' };
          await listing;
          await target.seed('a', bodyOf('theirs'));
          yield { key: 'a', body: bodyOf('ours') };
        }
        const { error, report, count, reasonOf } = await target.run({
          source: items(),
          multipartThreshold: 5 * 1024 ** 2,
          onEvent: (event) => {
            if (event.type === 'request' && event.verb === 'ListObjectsV2') listed();
          },
        });
        assert.deepEqual([error, report.conflicts], [undefined, 1]);
        assert.equal(reasonOf('a'), 'content differs, changed during the run');
        assert.equal(count('HeadObject'), 1);
        assert.ok((await target.object('a'))?.body.equals(bodyOf('ours')));
      });

    it('update binds every put over an existing key, and needs no more requests for it', async (t) => {
      const target = await targetFor(t);
      const keys = Array.from({ length: 20 }, (_, i) => `f${i}`);
      for (const key of keys) await target.seed(key, 'before');
      const files = Object.fromEntries(keys.map((key) => [key, `after ${key}`]));
      const { error, report, events, count } = await target.run({ source: makeTree(t, files) });
      assert.deepEqual([error, report.counts.put, report.conflicts], [undefined, 20, 0]);
      assert.deepEqual([count('PutObject'), count('HeadObject')], [20, 0]);
      assert.deepEqual(
        events.filter(({ type }) => type === 'warning'),
        [],
      );
    });

    it('never look at modification times', async (t) => {
      const target = await targetFor(t);
      const files = { a: '1', b: '2' };
      await target.run({ source: makeTree(t, files) });
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal((await target.run({ source: makeTree(t, files) })).report.counts.skip, 2);
    });

    it('compare a file over 1 MiB by its content too', async (t) => {
      const target = await targetFor(t);
      const bytes = Buffer.alloc(3 * 1024 * 1024 + 17, 'abc');
      await target.seed('same', bytes);
      await target.seed('differs', Buffer.concat([bytes.subarray(1), Buffer.from('!')]));
      const ran = await target.run({ source: makeTree(t, { same: bytes, differs: bytes }) });
      assert.deepEqual([ran.reasonOf('same'), ran.reasonOf('differs')], ['same content', 'content differs']);
      assert.ok((await target.object('differs'))?.body.equals(bytes));
    });

    it('verify every body by the answer', async (t) => {
      const target = await targetFor(t);
      const { outcomes } = await target.run({ source: makeTree(t, { a: 'a', b: '', c: Buffer.alloc(70_000, 'c') }) });
      assert.equal(outcomes.length, 3);
      for (const { key, verified } of outcomes) assert.notEqual(verified, 'none', key);
    });
  });
}
