import type { Content, FileRange } from '../../model/content.js';
import { biggestFirst } from './biggest-first.js';
import type { ThreadPool } from './pool.js';
import type { ThreadAlgorithm } from './program.js';
import type { Thread } from './thread.js';

/** Bytes that go to a thread at once, where it cannot read them itself. */
const SLICE = 1024 * 1024;
/** Contents that are hashed at once, each with at most two slices in memory: enough to keep the threads busy while others are read. */
const AT_ONCE = 4;

/** Hashes contents on threads. */
export interface Hashing {
  /** The digest of all of the content. Throws the signal's reason when aborted. */
  digest(algorithm: ThreadAlgorithm, content: Content, signal: AbortSignal): Promise<Buffer>;
}

/** @param stop once aborted, no hash is begun */
export function hashing(pool: ThreadPool, stop: AbortSignal): Hashing {
  const turns = biggestFirst(Math.max(AT_ONCE, pool.most), stop);
  const { spare } = pool;

  async function onThread(algorithm: ThreadAlgorithm, content: Content, signal: AbortSignal): Promise<Buffer> {
    const thread = pool.forHashing();
    thread.load += content.size;
    try {
      const digest = content.file === undefined ? undefined : await ofFile(thread, algorithm, content.file, signal);
      // Its content says what is wrong with a file that the thread could not read, or reads what it is now.
      return digest === undefined ? await ofSlices(thread, algorithm, content, signal) : Buffer.from(digest);
    } finally {
      thread.load -= content.size;
    }
  }

  async function ofFile(
    thread: Thread,
    algorithm: ThreadAlgorithm,
    file: FileRange,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    signal.throwIfAborted();
    const id = pool.nextId();
    const onAbort = () => thread.stopHash(id);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const digest = await thread.hashFile(id, algorithm, file);
      signal.throwIfAborted();
      return digest;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async function ofSlices(
    thread: Thread,
    algorithm: ThreadAlgorithm,
    content: Content,
    signal: AbortSignal,
  ): Promise<Buffer> {
    const id = pool.nextId();
    let sent: Promise<Uint8Array | undefined> = Promise.resolve(undefined);
    try {
      for (let start = 0; start < content.size; start += SLICE) {
        const bytes = spare.pop() ?? new Uint8Array(SLICE);
        const room = Buffer.from(bytes.buffer);
        const read = await content.slice(start, Math.min(start + SLICE, content.size), room);
        if (read.buffer !== bytes.buffer) bytes.set(read);
        // One slice is read while the one before it is hashed.
        await sent;
        signal.throwIfAborted();
        sent = thread.slice({ kind: 'slice', id, algorithm, bytes, length: read.length });
      }
    } catch (error) {
      await sent.catch(() => {});
      await thread.slice({ kind: 'slice', id, algorithm, done: true });
      throw error;
    }
    await sent;
    return Buffer.from((await thread.slice({ kind: 'slice', id, algorithm, done: true })) ?? []);
  }

  return {
    digest: (algorithm, content, signal) =>
      turns.run(content.wholeSize ?? content.size, () => onThread(algorithm, content, signal)),
  };
}
