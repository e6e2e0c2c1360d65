import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { Content } from '../../../../src/model/content.js';
import { bytesContent } from '../../../../src/model/content.js';
import { MemoryBudget } from '../../../../src/run/memory.js';
import { readPolicy } from '../../../../src/source/file.js';
import { walkIterable } from '../../../../src/source/iterable.js';
import type { Entry } from '../../../../src/source/types.js';
import { SourceBody } from '../../../../src/transfer/body/body.js';
import { md5Hasher } from '../../../../src/transfer/body/hash.js';

const never = new AbortController().signal;
const md5 = md5Hasher({ digest: () => assert.fail('nothing here is so large') });

/** An entry whose bytes are the next of `reads` at each opening; `steady` tells which openings see no change. */
function changing(
  reads: readonly string[],
  steady: (opened: number) => boolean,
): { entry: Entry; opened: () => number; closed: () => number } {
  let [opened, closed] = [0, 0];
  const open = async (): Promise<Content> => {
    const mine = opened++;
    const content = bytesContent(Buffer.from(reads[mine] ?? ''));
    return {
      ...content,
      unchanged: async () => steady(mine),
      close: async () => {
        closed += 1;
      },
    };
  };
  const entry: Entry = { kind: 'entry', key: 'k', origin: 'f', relativePath: 'f', size: reads[0]?.length ?? 0, open };
  return { entry, opened: () => opened, closed: () => closed };
}

test('a file that changes while it is read is read once more', async () => {
  const { entry, opened, closed } = changing(['old', 'newer'], (n) => n > 0);
  const body = await new SourceBody(entry, new MemoryBudget(100), md5, never).ready();
  assert.equal((await body.read()).toString(), 'newer');
  assert.deepEqual([body.size, opened(), closed()], [5, 2, 2]);
});

test('a file that changes both times fails by name, when it is hashed as when it is sent', async () => {
  for (const use of ['md5', 'ready'] as const) {
    const { entry, closed } = changing(['a', 'b', 'c'], () => false);
    const body = new SourceBody(entry, new MemoryBudget(100), md5, never);
    const read = (async () => (use === 'md5' ? await body.md5() : await (await body.ready()).read()))();
    await assert.rejects(read, { name: 'SourceError', code: 'SourceChanged', message: /^f changed/ });
    assert.equal(closed(), 2);
  }
});

test('what a body reserves is given back, however often it is released', async () => {
  const memory = new MemoryBudget(100);
  const { entry } = changing(['four'], () => true);
  const body = new SourceBody(entry, memory, md5, never);
  await body.ready();
  assert.equal(memory.used, 4);
  body.release();
  body.release();
  assert.equal(memory.used, 0);
});

test('streams that give more than their items name fail at once instead of waiting for each other', async () => {
  const memory = new MemoryBudget(100);
  const items = ['a', 'b'].map((key) => ({ key, size: 50, body: Readable.from([Buffer.alloc(50), Buffer.alloc(50)]) }));
  const failures: Promise<unknown>[] = [];
  for await (const found of walkIterable(items, '', readPolicy(true), never)) {
    assert.ok(found.kind === 'entry');
    failures.push(
      assert.rejects(async () => await new SourceBody(found, memory, md5, never).ready(), { code: 'SourceChanged' }),
    );
  }
  assert.equal(failures.length, 2);
  await Promise.all(failures);
});
