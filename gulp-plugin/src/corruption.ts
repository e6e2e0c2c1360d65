import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type Vinyl from 'vinyl';

/** What UTF-8 puts where bytes are none of it. */
const REPLACEMENT = Buffer.from('\ufffd');
const BOM = Buffer.from('\ufeff');

/** `decoded`: the contents are what the file's bytes become when they are read as UTF-8 and written again. `bom`: only the mark at its beginning is gone. */
export type Damage = 'decoded' | 'bom' | 'none';

/** Can the contents still be those of the file on the disk? Once a stage has renamed or changed it, nobody can tell. */
function isUntouched({ history, path }: Vinyl): boolean {
  return history.length === 1 && path === history[0];
}

/**
 * Has gulp 5 damaged the file? Without `encoding: false` it decodes whatever it reads as UTF-8, and replaces what is none. It is proved by the file
 * itself: its bytes, decoded, are the contents.
 */
export async function damageOf(file: Vinyl, contents: Buffer): Promise<Damage> {
  if (!isUntouched(file)) return 'none';
  const suspect = contents.includes(REPLACEMENT);
  const short = file.stat !== null && file.stat?.size === contents.length + BOM.length;
  if (!suspect && !short) return 'none';
  const raw = await readFile(file.path).catch(() => undefined);
  if (raw === undefined || raw.equals(contents)) return 'none';
  const text = raw.toString('utf8');
  const decoded = Buffer.from(text);
  if (suspect && (decoded.equals(contents) || Buffer.from(text.replace(/^\ufeff/, '')).equals(contents)))
    return 'decoded';
  return raw.subarray(0, BOM.length).equals(BOM) && raw.subarray(BOM.length).equals(contents) ? 'bom' : 'none';
}

/** The same for contents in a file of their own, which may be large. */
export async function damageOfSpooled(file: Vinyl, spooled: string): Promise<Damage> {
  if (!isUntouched(file)) return 'none';
  if (await same(createReadStream(file.path), createReadStream(spooled))) return 'none';
  if (await same(decoded(file.path, false), createReadStream(spooled))) return 'decoded';
  if (!(await same(decoded(file.path, true), createReadStream(spooled)))) return 'none';
  return (await same(withoutBom(file.path), createReadStream(spooled))) ? 'bom' : 'decoded';
}

/** A file as it is once it was decoded and encoded again. */
function decoded(path: string, dropBom: boolean): Readable {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: !dropBom });
  return Readable.from(
    (async function* () {
      for await (const bytes of createReadStream(path))
        yield Buffer.from(decoder.decode(bytes as Buffer, { stream: true }));
      yield Buffer.from(decoder.decode());
    })(),
    { objectMode: false },
  );
}

function withoutBom(path: string): Readable {
  return createReadStream(path, { start: BOM.length });
}

/** Do two streams give the same bytes? One that cannot be read is no proof of anything, so that it counts as the same. */
async function same(one: Readable, other: Readable): Promise<boolean> {
  const [first, second] = [pieces(one), pieces(other)];
  try {
    let left = await first();
    let right = await second();
    while (left !== undefined && right !== undefined) {
      const length = Math.min(left.length, right.length);
      if (!left.subarray(0, length).equals(right.subarray(0, length))) return false;
      left = left.length > length ? left.subarray(length) : await first();
      right = right.length > length ? right.subarray(length) : await second();
    }
    return left === right;
  } catch {
    return true;
  } finally {
    one.destroy();
    other.destroy();
  }
}

/** Pieces that are not empty, one after the other; undefined at the end. */
function pieces(stream: Readable): () => Promise<Buffer | undefined> {
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  return async () => {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done === true) return undefined;
      if (value.length > 0) return value;
    }
  };
}
