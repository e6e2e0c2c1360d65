import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesContent } from '../../../../src/model/content.js';
import { contentReader, streamReader } from '../../../../src/source/archive/byte-reader.js';
import { parsePax, type TarMember, tarMembers } from '../../../../src/source/archive/tar-format.js';
import { makeTar, TAR_END, type TarEntry, tarEntry, tarHeader } from '../../../support/tar.js';

const ARCHIVE = { path: 'a.tar', packed: false };

interface Read {
  readonly members: readonly TarMember[];
  readonly error: string | undefined;
}

async function readBy(reader: ReturnType<typeof contentReader>): Promise<Read> {
  const members: TarMember[] = [];
  try {
    for await (const member of tarMembers(reader, ARCHIVE)) members.push(member);
    return { members, error: undefined };
  } catch (error) {
    return { members, error: (error as Error).message };
  }
}

/** Reads an archive by range and as a stream of odd pieces. */
async function readBoth(bytes: Buffer): Promise<{ readonly ranged: Read; readonly streamed: Read }> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 333) yield bytes.subarray(at, at + 333);
  }
  return { ranged: await readBy(contentReader(bytesContent(bytes))), streamed: await readBy(streamReader(pieces())) };
}

async function readOne(entry: TarEntry): Promise<TarMember> {
  const { ranged, streamed } = await readBoth(makeTar([entry, { name: 'after', body: 'x' }]));
  assert.deepEqual([ranged.error, streamed.error], [undefined, undefined]);
  assert.deepEqual(ranged.members, streamed.members);
  assert.deepEqual(
    ranged.members.slice(1).map(({ name }) => name.toString()),
    ['after'],
  );
  return ranged.members[0] as TarMember;
}

describe('members of a tar archive', () => {
  it('have the name of the first that is there: pax, GNU, ustar with prefix, header', async () => {
    const long = 'directory/'.repeat(40);
    const names = [
      [{ name: 'short' }, 'short'],
      [{ name: 'file', prefix: 'some/where' }, 'some/where/file'],
      [{ name: 'cut', longName: `${long}gnu` }, `${long}gnu`],
      [{ name: 'cut', pax: { path: `${long}päx\nline` } }, `${long}päx\nline`],
      [{ name: 'cut', longName: 'gnu', pax: { path: 'pax' } }, 'pax'],
      [{ name: 'x'.repeat(100) }, 'x'.repeat(100)],
    ] as const;
    for (const [entry, name] of names) assert.equal((await readOne({ ...entry, body: 'b' })).name.toString(), name);
  });

  it('keep the bytes of names that are not UTF-8', async () => {
    const name = Buffer.from([0x61, 0xff, 0xfe]);
    assert.deepEqual((await readOne({ name })).name, name);
    assert.deepEqual((await readOne({ name: 'cut', longName: name })).name, name);
    assert.deepEqual((await readOne({ name: 'cut', pax: { path: name } })).name, name);
  });

  it('have their offset, whatever is between them', async () => {
    const entries = Array.from({ length: 300 }, (_, index) => ({
      name: `f${index}`,
      body: Buffer.alloc((index * 7919) % 30_000, index),
    }));
    const bytes = makeTar(entries);
    const { ranged, streamed } = await readBoth(bytes);
    assert.equal(ranged.members.length, 300);
    assert.deepEqual(ranged, streamed);
    for (const [index, { start, size }] of ranged.members.entries())
      assert.deepEqual(bytes.subarray(start, start + size), entries[index]?.body);
  });

  it('take their size from a pax header, and links none', async () => {
    assert.equal((await readOne({ name: 'a', body: 'four', size: 0, pax: { size: '4' } })).size, 4);
    assert.equal((await readOne({ name: 'a', type: '1', link: 'b', size: 900 })).size, 0);
    assert.equal((await readOne({ name: 'dir/', size: 900 })).type, '5');
  });

  it('are sparse where a pax header or the type says so', async () => {
    const pax = { 'GNU.sparse.major': '1', 'GNU.sparse.name': 'holes' };
    const member = await readOne({ name: 'x', body: 'map', pax });
    assert.deepEqual([member.type, member.name.toString()], ['S', 'holes']);
    assert.equal((await readOne({ name: 'old', type: 'S', body: 'map' })).type, 'S');
  });

  it('are not changed by a global header', async () => {
    const global = tarEntry({ name: 'g', type: 'g', body: '17 comment=hello\n' });
    const { ranged } = await readBoth(Buffer.concat([global, makeTar([{ name: 'a', body: 'x' }])]));
    assert.deepEqual(
      ranged.members.map(({ name }) => name.toString()),
      ['a'],
    );
  });
});

describe('an archive that is cut short or damaged', () => {
  const whole = makeTar([
    { name: 'a', body: 'A'.repeat(700) },
    { name: 'b', body: 'B'.repeat(700) },
  ]);
  // a: 0–1535, b: 1536–3071, the end: 3072–4095.

  it('yields the members before it, then names the offset', async () => {
    const cuts = [
      [0, [], 0],
      [100, [], 100],
      [1_536, ['a'], 1_536],
      [1_600, ['a'], 1_600],
      [3_072, ['a', 'b'], 3_072],
    ] as const;
    for (const [end, names, at] of cuts) {
      for (const { members, error } of Object.values(await readBoth(whole.subarray(0, end)))) {
        assert.deepEqual(
          [...members].map(({ name }) => name.toString()),
          names,
        );
        assert.match(error ?? '', new RegExp(`^a\\.tar is cut short or damaged at byte ${at}:`));
      }
    }
  });

  it('names the member that is not whole', async () => {
    const { ranged, streamed } = await readBoth(whole.subarray(0, 2_500));
    const said = /byte 2500: it ends there, 248 bytes before the end of "b"/;
    assert.equal(ranged.members.length, 1);
    assert.match(ranged.error ?? '', said);
    assert.match(streamed.error ?? '', said);
  });

  it('is told by a wrong checksum, a size that is none, and a pax header that cannot be read', async () => {
    const flipped = Buffer.from(whole);
    flipped[1_540] = 0x7a;
    const huge = tarHeader({ name: 'a', type: '0', link: '', size: 0, prefix: '' });
    huge.fill(0xff, 124, 136);
    const said = [
      [flipped, /byte 1536: there is no header/],
      [Buffer.from('x'.repeat(5_000)), /byte 0: there is no tar archive/],
      [Buffer.concat([huge, TAR_END]), /byte 0/],
      [tarEntry({ name: 'p', type: 'x', body: '999 path=a\n' }), /byte 0: a pax header/],
      [tarEntry({ name: 'p', type: 'x', body: 'path=a\n' }), /byte 0: a pax header/],
      [tarEntry({ name: 'p', pax: { size: '-4' } }), /the size in a pax header is no number/],
      [
        tarHeader({ name: 'p', type: 'L', link: '', size: 2 ** 33, prefix: '' }),
        /byte 0: a header of 8589934592 bytes/,
      ],
      [Buffer.concat([whole, whole]), /byte 4096: more bytes follow after the end of the archive at byte 3072/],
    ] as const;
    for (const [bytes, message] of said) {
      const { ranged, streamed } = await readBoth(bytes);
      assert.match(ranged.error ?? '', message);
      assert.match(streamed.error ?? '', message);
    }
  });

  it('is none with one empty block at its end, or many', async () => {
    for (const more of [-512, 0, 512, 100_000]) {
      const bytes = more < 0 ? whole.subarray(0, more) : Buffer.concat([whole, Buffer.alloc(more)]);
      const { ranged, streamed } = await readBoth(bytes);
      assert.deepEqual([ranged.error, streamed.error], [undefined, undefined]);
    }
  });
});

describe('pax records', () => {
  it('may hold any bytes, and nothing else may stand between them', () => {
    const records = [...(parsePax(Buffer.from('9 a=\n=\0x\n6 b=1\n')) ?? [])].map(([key, value]) => `${key}: ${value}`);
    assert.deepEqual(records, ['a: \n=\0x', 'b: 1']);
    for (const text of ['0 a=b\n', '6 b=1', '6 b=1\n\0', ' a=b\n', '5 ab\n', '-6 b=1\n', '6 b=12\n'])
      assert.equal(parsePax(Buffer.from(text)), undefined, text);
  });
});
