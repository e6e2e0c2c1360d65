import { createHash } from 'node:crypto';
import { type Content, contentRange } from '../../model/content.js';
import { multipartEtag } from '../../model/etag.js';
import { checksumOf } from '../../s3/checksum.js';
import type { Hashing } from '../threads/hashing.js';
import { isThreadAlgorithm } from '../threads/program.js';
import { ThreadEnded } from '../threads/thread.js';

/** Hashes contents; large ones on threads that start for the first of them. */
export interface Md5 {
  /** MD5 of all of the content, lower-case hex. Throws the signal's reason when aborted. */
  of(content: Content, signal: AbortSignal): Promise<string>;
  /** The checksum of all of the content by S3's name of the algorithm, in base64; undefined for one that cannot be computed here. */
  checksum(algorithm: string, content: Content, signal: AbortSignal): Promise<string | undefined>;
}

/** Above this many bytes hashing moves off the main thread: 1 MiB takes about 2 ms. */
const THREAD_BYTES = 1024 * 1024;
/** Hashes that threads may fail at, until none is given to them any more. */
const MOST_FAILED = 3;
const SMALL_SLICE = 256 * 1024;

export function md5Hasher(threads: Hashing): Md5 {
  let failed = 0;

  /** Where no thread can start, as for lack of descriptors or memory, or one ends by itself, the main one hashes. */
  function onThread<T>(digest: Promise<T>, onMain: () => Promise<T>): Promise<T> {
    return digest.catch((error) => {
      if (!(error instanceof ThreadEnded)) throw error;
      failed += 1;
      return onMain();
    });
  }

  const mayMove = ({ size }: Content): boolean => size > THREAD_BYTES && failed <= MOST_FAILED;

  return {
    of(content, signal) {
      const onMain = (): Promise<string> => onMainThread(content, signal);
      if (!mayMove(content)) return onMain();
      return onThread(
        threads.digest('MD5', content, signal).then((digest) => digest.toString('hex')),
        onMain,
      );
    },
    checksum(algorithm, content, signal) {
      const onMain = (): Promise<string | undefined> => checksumOf(algorithm, content, signal);
      if (!mayMove(content) || !isThreadAlgorithm(algorithm)) return onMain();
      return onThread<string | undefined>(
        threads.digest(algorithm, content, signal).then((digest) => digest.toString('base64')),
        onMain,
      );
    },
  };
}

async function onMainThread(content: Content, signal: AbortSignal): Promise<string> {
  const hash = createHash('md5');
  for (let start = 0; start < content.size; start += SMALL_SLICE) {
    signal.throwIfAborted();
    hash.update(await content.slice(start, Math.min(start + SMALL_SLICE, content.size)));
  }
  return hash.digest('hex');
}

/** Parts of one content that are hashed at once; the threads take no more. */
const PARTS_AT_ONCE = 4;

/**
 * The ETag of these bytes after a multipart upload with this part size: the MD5 of the parts' MD5s, and their number.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export async function etagInParts(content: Content, partSize: number, md5: Md5, signal: AbortSignal): Promise<string> {
  const count = Math.max(1, Math.ceil(content.size / partSize));
  const md5s: string[] = [];
  await inParallel(count, async (index) => {
    const start = index * partSize;
    md5s[index] = await md5.of(contentRange(content, start, Math.min(start + partSize, content.size)), signal);
    return true;
  });
  return multipartEtag(md5s);
}

/**
 * Calls `one` for each index, a few at a time, until one of them returns false. Throws the first error, after all that are begun have ended.
 * @returns whether all returned true
 */
export async function inParallel(count: number, one: (index: number) => Promise<boolean>): Promise<boolean> {
  let next = 0;
  let going = true;
  let failure: { readonly error: unknown } | undefined;
  async function work(): Promise<void> {
    while (going && next < count) {
      try {
        if (!(await one(next++))) going = false;
      } catch (error) {
        failure ??= { error };
        going = false;
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(PARTS_AT_ONCE, count) }, work));
  if (failure !== undefined) throw failure.error;
  return going;
}
