import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesContent, type Content } from '../../../src/model/content.js';
import { type ContentWatch, contentReading } from '../../../src/source/contents.js';
import type { Entry } from '../../../src/source/types.js';

function entry(key: string, open: () => Promise<Content>): Entry {
  return { kind: 'entry', key, origin: key, relativePath: key, size: 1, open };
}

/** A watch that wants all entries but `unwanted`, and what it has read. */
function reading(): { readonly watch: ContentWatch; readonly pieces: Map<string, Buffer[]>; readonly ended: string[] } {
  const pieces = new Map<string, Buffer[]>();
  const ended: string[] = [];
  const watch: ContentWatch = {
    wants: ({ key }) => key !== 'unwanted',
    reader({ key }) {
      const own: Buffer[] = [];
      pieces.set(key, own);
      return { write: (bytes) => own.push(Buffer.from(bytes)), end: () => ended.push(key) };
    },
  };
  return { watch, pieces, ended };
}

test('entries come whole, in pieces of at most 64 KiB, several side by side', async () => {
  const { watch, pieces, ended } = reading();
  const { read, finish } = contentReading(watch, new AbortController().signal);
  const bodies = Array.from({ length: 20 }, (_, index) => Buffer.alloc(index * 10_000, `${index} `));
  let open = 0;
  let mostOpen = 0;
  for (const [index, body] of bodies.entries())
    await read(
      entry(String(index), async () => {
        open += 1;
        mostOpen = Math.max(mostOpen, open);
        // As a file does, it copies into the piece that it is given.
        const slice = async (start: number, end: number, into?: Buffer): Promise<Buffer> => {
          const target = into ?? Buffer.alloc(end - start);
          await new Promise(setImmediate);
          return target.subarray(0, body.copy(target, 0, start, end));
        };
        const close = async (): Promise<void> => {
          open -= 1;
        };
        return { ...bytesContent(body), slice, close };
      }),
    );
  await finish();
  assert.deepEqual(
    ended.map(Number).sort((a, b) => a - b),
    [...bodies.keys()],
  );
  for (const [index, body] of bodies.entries()) {
    const own = pieces.get(String(index)) ?? [];
    assert.ok(Buffer.concat(own).equals(body), String(index));
    assert.ok(own.every(({ length }) => length <= 65_536));
  }
  assert.equal(open, 0);
  assert.ok(mostOpen > 1 && mostOpen <= 8, `${mostOpen} at once`);
});

test('what is not wanted is not opened, and what cannot be read is passed over', async () => {
  const { watch, ended } = reading();
  const { read, finish } = contentReading(watch, new AbortController().signal);
  const broken = (): Promise<Content> => Promise.reject(new Error('EACCES'));
  assert.equal(read(entry('unwanted', () => assert.fail('opened'))), undefined);
  await read(entry('broken', broken));
  await read(entry('fine', async () => bytesContent(Buffer.from('x'))));
  await finish();
  assert.deepEqual(ended, ['fine']);
});

test('an abort ends it', async () => {
  const { watch } = reading();
  const stop = new AbortController();
  const { read, finish } = contentReading(watch, stop.signal);
  await read(entry('a', async () => bytesContent(Buffer.from('x'))));
  stop.abort(new Error('enough'));
  await assert.rejects(finish(), /enough/);
});
