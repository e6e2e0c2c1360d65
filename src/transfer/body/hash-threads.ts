import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Content } from '../../model/content.js';
import { Limiter } from '../../run/limiter.js';

/** Hashes large contents off the main thread, on threads that start for the first of them. */
export interface HashThreads {
  /** The digest of all of the content. Throws the signal's reason when aborted. */
  digest(algorithm: ThreadAlgorithm, content: Content, signal: AbortSignal): Promise<Buffer>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** By S3's names. */
const ALGORITHMS = ['MD5', 'SHA1', 'SHA256', 'SHA512', 'CRC32', 'CRC32C', 'CRC64NVME'] as const;
export type ThreadAlgorithm = (typeof ALGORITHMS)[number];

export function isThreadAlgorithm(algorithm: string): algorithm is ThreadAlgorithm {
  return (ALGORITHMS as readonly string[]).includes(algorithm);
}

/** Bytes that go to a thread at once. */
const SLICE = 1024 * 1024;
/** Contents that are hashed at once, each with at most two slices in memory: enough to keep the threads busy while others are read. */
const AT_ONCE = 4;

/**
 * The program of a thread is text, so that a bundle needs no second file. A thread returns every buffer: garbage of this size would pile up on both
 * sides. Node has CRC32 only, so the two other CRCs are computed here, eight bytes at a time; a value of 64 bits has two halves.
 * @see https://create.stephan-brumme.com/crc32/#slicing-by-8-overview
 */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const { crc32 } = require('node:zlib');

function plainCrc32() {
  let value = 0;
  return {
    update: (bytes) => { value = crc32(bytes, value); },
    digest: () => [value],
  };
}

// Reflected polynomials: the high half is 0 for a CRC of 32 bits.
function slicing(high, low) {
  const tables = [];
  let before;
  for (let power = 0; power < 8; power++) {
    const table = { high: new Uint32Array(256), low: new Uint32Array(256) };
    for (let byte = 0; byte < 256; byte++) {
      let [h, l] = power === 0 ? [0, byte] : [before.high[byte], before.low[byte]];
      for (let bit = 0; bit < 8; bit++) {
        const odd = l & 1;
        l = ((l >>> 1) | (h << 31)) >>> 0;
        h = h >>> 1;
        if (odd) { h = (h ^ high) >>> 0; l = (l ^ low) >>> 0; }
      }
      table.high[byte] = h;
      table.low[byte] = l;
    }
    tables.push(table);
    before = table;
  }
  return tables;
}

function crcOf(high, low, wide) {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = slicing(high, low);
  const [h0, h1, h2, h3, h4, h5, h6, h7] = [t0, t1, t2, t3, t4, t5, t6, t7].map((table) => table.high);
  const [l0, l1, l2, l3, l4, l5, l6, l7] = [t0, t1, t2, t3, t4, t5, t6, t7].map((table) => table.low);
  let h = wide ? 0xffffffff : 0;
  let l = 0xffffffff;
  return {
    update(bytes) {
      let at = 0;
      for (const end = bytes.length - 7; at < end; at += 8) {
        const a = (l ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24))) >>> 0;
        const b = (h ^ (bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24))) >>> 0;
        const [a0, a1, a2, a3] = [a & 255, (a >>> 8) & 255, (a >>> 16) & 255, a >>> 24];
        const [b0, b1, b2, b3] = [b & 255, (b >>> 8) & 255, (b >>> 16) & 255, b >>> 24];
        if (wide) h = h7[a0] ^ h6[a1] ^ h5[a2] ^ h4[a3] ^ h3[b0] ^ h2[b1] ^ h1[b2] ^ h0[b3];
        l = l7[a0] ^ l6[a1] ^ l5[a2] ^ l4[a3] ^ l3[b0] ^ l2[b1] ^ l1[b2] ^ l0[b3];
      }
      for (; at < bytes.length; at++) {
        const byte = (l ^ bytes[at]) & 255;
        l = ((l >>> 8) | (h << 24)) ^ l0[byte];
        h = (h >>> 8) ^ h0[byte];
      }
    },
    digest: () => (wide ? [~h >>> 0, ~l >>> 0] : [~l >>> 0]),
  };
}

function begun(algorithm) {
  if (algorithm === 'CRC32') return plainCrc32();
  if (algorithm === 'CRC32C') return crcOf(0, 0x82f63b78, false);
  if (algorithm === 'CRC64NVME') return crcOf(0x9a6c9329, 0xac4bc9b5, true);
  return createHash(algorithm.toLowerCase());
}

function digestOf(hash) {
  const digest = hash.digest();
  if (!Array.isArray(digest)) return digest;
  const bytes = Buffer.alloc(4 * digest.length);
  digest.forEach((word, index) => bytes.writeUInt32BE(word >>> 0, 4 * index));
  return bytes;
}

const hashes = new Map();
parentPort.on('message', ({ id, algorithm, bytes, length, done }) => {
  const hash = hashes.get(id) ?? begun(algorithm);
  if (bytes) {
    hash.update(bytes.subarray(0, length));
    hashes.set(id, hash);
  }
  if (done) hashes.delete(id);
  parentPort.postMessage({ id, digest: done ? digestOf(hash) : undefined, bytes }, bytes ? [bytes.buffer] : []);
});`;

interface ThreadResult {
  readonly id: number;
  readonly digest: Uint8Array | undefined;
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

interface ThreadTask {
  readonly id: number;
  readonly algorithm: ThreadAlgorithm;
  /** Owns its whole memory, which moves to the thread and back: a view into a larger buffer would move that buffer too. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  /** How many of the bytes are used. */
  readonly length?: number;
  readonly done?: true;
}

/** One thread, which hashes several contents at once. */
interface HashThread {
  /** Contents that it hashes now. */
  load: number;
  send(task: ThreadTask): Promise<Uint8Array | undefined>;
  close(): Promise<unknown>;
}

/** @param stop once aborted, no hash is begun */
export function hashThreads(stop: AbortSignal): HashThreads {
  const threads: HashThread[] = [];
  const most = Math.min(AT_ONCE, availableParallelism());
  const turns = new Limiter(AT_ONCE, stop);
  const spare: Uint8Array<ArrayBuffer>[] = [];
  let ids = 0;

  function idlest(): HashThread {
    const [first] = [...threads].sort((a, b) => a.load - b.load);
    if (first !== undefined && (first.load === 0 || threads.length === most)) return first;
    const started = startThread(
      (bytes) => spare.push(bytes),
      () => threads.splice(threads.indexOf(started), 1),
    );
    threads.push(started);
    return started;
  }

  async function onThread(algorithm: ThreadAlgorithm, content: Content, signal: AbortSignal): Promise<Buffer> {
    const id = ++ids;
    const thread = idlest();
    thread.load += 1;
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
        sent = thread.send({ id, algorithm, bytes, length: read.length });
      }
    } catch (error) {
      await sent.catch(() => {});
      await thread.send({ id, algorithm, done: true });
      throw error;
    } finally {
      thread.load -= 1;
    }
    await sent;
    return Buffer.from((await thread.send({ id, algorithm, done: true })) ?? []);
  }

  return {
    digest: (algorithm, content, signal) => turns.run(() => onThread(algorithm, content, signal)),
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

/**
 * @param onSpare is called with each buffer that comes back
 * @param onEnd is called where the thread fails, so that another one takes its place
 */
function startThread(onSpare: (bytes: Uint8Array<ArrayBuffer>) => void, onEnd: () => void): HashThread {
  const pending = new Map<
    number,
    { readonly resolve: (digest: Uint8Array | undefined) => void; readonly reject: (error: Error) => void }
  >();
  const worker = new Worker(PROGRAM, { eval: true, execArgv: [] });
  worker.unref();
  worker.on('message', ({ id, digest, bytes }: ThreadResult) => {
    if (bytes !== undefined) onSpare(bytes);
    const waiting = pending.get(id);
    pending.delete(id);
    waiting?.resolve(digest);
  });
  worker.on('error', (error: Error) => {
    onEnd();
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  });

  return {
    load: 0,
    send: (task) =>
      new Promise<Uint8Array | undefined>((resolve, reject) => {
        pending.set(task.id, { resolve, reject });
        worker.ref();
        worker.postMessage(task, task.bytes === undefined ? [] : [task.bytes.buffer]);
      }).finally(() => {
        if (pending.size === 0) worker.unref();
      }),
    close: () => worker.terminate(),
  };
}
