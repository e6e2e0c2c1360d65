import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { type Content, contentRange } from '../../model/content.js';
import { multipartEtag } from '../../model/etag.js';
import { Limiter } from '../../run/limiter.js';

/** Hashes contents; large ones on a thread that starts for the first of them. */
export interface Md5 {
  /** MD5 of all of the content, lower-case hex. Throws the signal's reason when aborted. */
  of(content: Content, signal: AbortSignal): Promise<string>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** Above this many bytes hashing moves off the main thread: 1 MiB takes about 2 ms. */
const THREAD_BYTES = 1024 * 1024;
const SMALL_SLICE = 256 * 1024;
const LARGE_SLICE = 1024 * 1024;
/** Contents on the thread at once: enough to keep it busy while others are read. */
const AT_ONCE = 4;

/**
 * The thread's program is text, so that a bundle needs no second file. The thread returns every buffer: garbage of this size would pile up on both
 * sides.
 */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const hashes = new Map();
parentPort.on('message', ({ id, bytes, length, done }) => {
  const hash = hashes.get(id) ?? createHash('md5');
  if (bytes) hashes.set(id, hash.update(bytes.subarray(0, length)));
  if (done) hashes.delete(id);
  parentPort.postMessage({ id, md5: done ? hash.digest('hex') : undefined, bytes }, bytes ? [bytes.buffer] : []);
});`;

interface ThreadResult {
  readonly id: number;
  readonly md5: string | undefined;
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

interface ThreadTask {
  readonly id: number;
  /** Owns its whole memory, which moves to the thread and back: a view into a larger buffer would move that buffer too. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  /** How many of the bytes are used. */
  readonly length?: number;
  readonly done?: true;
}

/** @param stop once aborted, no hash is begun */
export function md5Hasher(stop: AbortSignal = new AbortController().signal): Md5 {
  let thread: Worker | undefined;
  let ids = 0;
  const turns = new Limiter(AT_ONCE, stop);
  const spare: Uint8Array<ArrayBuffer>[] = [];
  const pending = new Map<
    number,
    { readonly resolve: (md5: string | undefined) => void; readonly reject: (error: Error) => void }
  >();

  function start(): Worker {
    const worker = new Worker(PROGRAM, { eval: true, execArgv: [] });
    worker.unref();
    worker.on('message', ({ id, md5, bytes }: ThreadResult) => {
      if (bytes !== undefined) spare.push(bytes);
      const waiting = pending.get(id);
      pending.delete(id);
      waiting?.resolve(md5);
    });
    worker.on('error', (error) => {
      thread = undefined;
      for (const { reject } of pending.values()) reject(error);
      pending.clear();
    });
    return worker;
  }

  function send(message: ThreadTask): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      thread ??= start();
      pending.set(message.id, { resolve, reject });
      thread.ref();
      thread.postMessage(message, message.bytes === undefined ? [] : [message.bytes.buffer]);
    }).finally(() => {
      if (pending.size === 0) thread?.unref();
    }) as Promise<string | undefined>;
  }

  async function onThread(content: Content, signal: AbortSignal): Promise<string> {
    const id = ++ids;
    let sent: Promise<string | undefined> = Promise.resolve(undefined);
    try {
      for (let start = 0; start < content.size; start += LARGE_SLICE) {
        const bytes = spare.pop() ?? new Uint8Array(LARGE_SLICE);
        const room = Buffer.from(bytes.buffer);
        const read = await content.slice(start, Math.min(start + LARGE_SLICE, content.size), room);
        if (read.buffer !== bytes.buffer) bytes.set(read);
        // One slice is read while the one before it is hashed.
        await sent;
        signal.throwIfAborted();
        sent = send({ id, bytes, length: read.length });
      }
    } catch (error) {
      await sent.catch(() => {});
      await send({ id, done: true });
      throw error;
    }
    await sent;
    return (await send({ id, done: true })) ?? '';
  }

  return {
    of: (content, signal) =>
      content.size > THREAD_BYTES ? turns.run(() => onThread(content, signal)) : onMainThread(content, signal),
    async close() {
      await thread?.terminate();
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

/**
 * The ETag of these bytes after a multipart upload with this part size: the MD5 of the parts' MD5s, and their number.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export async function etagInParts(content: Content, partSize: number, md5: Md5, signal: AbortSignal): Promise<string> {
  const md5s: string[] = [];
  for (let start = 0; start < content.size || md5s.length === 0; start += partSize)
    md5s.push(await md5.of(contentRange(content, start, Math.min(start + partSize, content.size)), signal));
  return multipartEtag(md5s);
}
