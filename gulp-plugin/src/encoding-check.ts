import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type Vinyl from 'vinyl';

/** What UTF-8 puts where bytes are none of it. */
const REPLACEMENT = Buffer.from('\ufffd');
const BOM = Buffer.from('\ufeff');

/**
 * What a file's contents are to the file that they were read from. `same`: its bytes; `decoded`: what these become when they are read as UTF-8 and
 * written again, which damages them; `bom`: they lack only its byte order mark; `other`: nobody can tell, as where a stage has changed them.
 */
export type Likeness = 'same' | 'decoded' | 'bom' | 'other';

/** Where gulp has read a file from, whatever it is called now. */
export function origin({ history, path }: Vinyl): string {
  return history[0] ?? path;
}

/** Is there any sign that gulp 5 has damaged a file's contents? Without `encoding: false` it decodes whatever it reads as UTF-8, and replaces what is none. */
export function suspicious({ stat }: Vinyl, contents: Buffer): boolean {
  return stat?.size === contents.length + BOM.length || contents.includes(REPLACEMENT);
}

/** Has it? It is proved by the file itself: its bytes, decoded, are the contents. */
export async function likenessOf(file: Vinyl, contents: Buffer): Promise<Likeness> {
  const raw = await readFile(origin(file)).catch(() => undefined);
  if (raw === undefined) return 'other';
  if (raw.equals(contents)) return 'same';
  const marked = raw.subarray(0, BOM.length).equals(BOM);
  if (marked && raw.subarray(BOM.length).equals(contents)) return 'bom';
  if (!contents.includes(REPLACEMENT)) return 'other';
  const decoded = Buffer.from(raw.toString('utf8'));
  return decoded.equals(contents) || (marked && decoded.subarray(BOM.length).equals(contents)) ? 'decoded' : 'other';
}

/** The same for contents in a file of their own, which may be large. */
export async function likenessOfKept(file: Vinyl, kept: string): Promise<Likeness> {
  const from = origin(file);
  const is = (stream: Readable): Promise<boolean> => same(stream, createReadStream(kept));
  try {
    if (await is(createReadStream(from))) return 'same';
    if (await is(decoded(from, { ignoreBOM: true }))) return 'decoded';
    if (!(await is(decoded(from, { ignoreBOM: false })))) return 'other';
    return (await is(createReadStream(from, { start: BOM.length }))) ? 'bom' : 'decoded';
  } catch {
    // It cannot be read, so that nothing is proved.
    return 'other';
  }
}

/** A file as it is once it was decoded and encoded again. */
function decoded(path: string, options: { readonly ignoreBOM: boolean }): Readable {
  const decoder = new TextDecoder('utf-8', options);
  const pieces = async function* (): AsyncGenerator<Buffer, void> {
    for await (const bytes of createReadStream(path))
      yield Buffer.from(decoder.decode(bytes as Buffer, { stream: true }));
    yield Buffer.from(decoder.decode());
  };
  return Readable.from(pieces(), { objectMode: false });
}

/** Do two streams give the same bytes? */
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
