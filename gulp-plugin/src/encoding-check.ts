import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type Vinyl from 'vinyl';

/** What a UTF-8 decoder writes in place of bytes that are not UTF-8. */
const REPLACEMENT = Buffer.from('\ufffd');
const BOM = Buffer.from('\ufeff');

/**
 * How contents compare with the file that they were read from. `same`: the bytes are equal; `decoded`: the contents are the file, decoded as UTF-8
 * and encoded again, which damages it; `bom`: only the byte order mark is missing; `other`: unknown, for example because a stage changed them.
 */
export type ContentMatch = 'same' | 'decoded' | 'bom' | 'other';

/** The path that gulp read a file from, even when a stage renamed it. */
export function originalPath({ history, path }: Vinyl): string {
  return history[0] ?? path;
}

/**
 * Whether contents show a sign of damage by gulp 5. Without `encoding: false` it decodes every file as UTF-8, and replaces bytes that are not UTF-8.
 * Needs no file access.
 */
export function mayBeDecoded({ stat }: Vinyl, contents: Buffer): boolean {
  return stat?.size === contents.length + BOM.length || contents.includes(REPLACEMENT);
}

/** Compares contents in memory with the file. Damage is proved when the bytes of the file, decoded, equal the contents. */
export async function matchContents(file: Vinyl, contents: Buffer): Promise<ContentMatch> {
  const raw = await readFile(originalPath(file)).catch(() => undefined);
  if (raw === undefined) return 'other';
  if (raw.equals(contents)) return 'same';
  const hasBom = raw.subarray(0, BOM.length).equals(BOM);
  if (hasBom && raw.subarray(BOM.length).equals(contents)) return 'bom';
  if (!contents.includes(REPLACEMENT)) return 'other';
  const decoded = Buffer.from(raw.toString('utf8'));
  return decoded.equals(contents) || (hasBom && decoded.subarray(BOM.length).equals(contents)) ? 'decoded' : 'other';
}

/** The same for contents in a temporary file, which may be large. */
export async function matchTemporaryFile(file: Vinyl, temporaryPath: string): Promise<ContentMatch> {
  const from = originalPath(file);
  const equals = (stream: Readable): Promise<boolean> => sameBytes(stream, createReadStream(temporaryPath));
  try {
    if (await equals(createReadStream(from))) return 'same';
    if (await equals(readDecoded(from, { ignoreBOM: true }))) return 'decoded';
    if (!(await equals(readDecoded(from, { ignoreBOM: false })))) return 'other';
    return (await equals(createReadStream(from, { start: BOM.length }))) ? 'bom' : 'decoded';
  } catch {
    // The file cannot be read, so nothing is proved.
    return 'other';
  }
}

/** Reads a file, decodes it as UTF-8 and encodes it again. */
function readDecoded(path: string, options: { readonly ignoreBOM: boolean }): Readable {
  const decoder = new TextDecoder('utf-8', options);
  const chunks = async function* (): AsyncGenerator<Buffer, void> {
    for await (const bytes of createReadStream(path))
      yield Buffer.from(decoder.decode(bytes as Buffer, { stream: true }));
    yield Buffer.from(decoder.decode());
  };
  return Readable.from(chunks(), { objectMode: false });
}

/** Whether two streams give the same bytes. Destroys both. */
async function sameBytes(one: Readable, other: Readable): Promise<boolean> {
  const [nextOfOne, nextOfOther] = [nonEmptyChunks(one), nonEmptyChunks(other)];
  try {
    let left = await nextOfOne();
    let right = await nextOfOther();
    while (left !== undefined && right !== undefined) {
      const length = Math.min(left.length, right.length);
      if (!left.subarray(0, length).equals(right.subarray(0, length))) return false;
      left = left.length > length ? left.subarray(length) : await nextOfOne();
      right = right.length > length ? right.subarray(length) : await nextOfOther();
    }
    return left === right;
  } finally {
    one.destroy();
    other.destroy();
  }
}

/** Returns a function that reads the next chunk that is not empty; undefined at the end. */
function nonEmptyChunks(stream: Readable): () => Promise<Buffer | undefined> {
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  return async () => {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done === true) return undefined;
      if (value.length > 0) return value;
    }
  };
}
