/** Checksums that threads compute, by S3's names. */
const ALGORITHMS = ['MD5', 'SHA1', 'SHA256', 'SHA512', 'CRC32', 'CRC32C', 'CRC64NVME'] as const;
export type ThreadAlgorithm = (typeof ALGORITHMS)[number];

export function isThreadAlgorithm(algorithm: string): algorithm is ThreadAlgorithm {
  return (ALGORITHMS as readonly string[]).includes(algorithm);
}

/**
 * The program of a thread is text, so that a bundle needs no second file: it hashes slices, which it returns, because garbage of this size would pile
 * up on both sides, and files, which it reads itself. What sends requests is a module of its own, which is loaded where it is needed and there.
 * Node has CRC32 only, so the two other CRCs are computed here, eight bytes at a time; a value of 64 bits has two halves.
 * @see https://create.stephan-brumme.com/crc32/#slicing-by-8-overview
 */
export const PROGRAM = `
const { parentPort } = require('node:worker_threads');
const { open } = require('node:fs/promises');
const { constants } = require('node:fs');
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
function hashSlice({ id, algorithm, bytes, length, done }) {
  const hash = hashes.get(id) ?? begun(algorithm);
  if (bytes) {
    hash.update(bytes.subarray(0, length));
    hashes.set(id, hash);
  }
  if (done) hashes.delete(id);
  parentPort.postMessage({ id, digest: done ? digestOf(hash) : undefined, bytes }, bytes ? [bytes.buffer] : []);
}

const PIECE = 512 * 1024;
const rooms = [];
const stopped = new Set();

// One piece is hashed while the next one is read. A file that is not what was seen gives no digest.
async function digestOfFile({ id, algorithm, path, stamp, start, end }) {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK || 0));
  const pair = rooms.pop() || [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)];
  try {
    const now = await handle.stat();
    const same = now.ino === stamp.ino && now.dev === stamp.dev && now.size === stamp.size && now.ctimeMs === stamp.ctimeMs;
    if (!now.isFile() || !same) return undefined;
    const hash = begun(algorithm);
    const read = (at) => handle.read(pair[((at - start) / PIECE) % 2], 0, Math.min(PIECE, end - at), at);
    let next = start < end ? read(start) : undefined;
    for (let at = start; at < end; at += PIECE) {
      const { bytesRead, buffer } = await next;
      if (bytesRead !== Math.min(PIECE, end - at) || stopped.delete(id)) return undefined;
      next = at + PIECE < end ? read(at + PIECE) : undefined;
      hash.update(buffer.subarray(0, bytesRead));
    }
    return digestOf(hash);
  } finally {
    rooms.push(pair);
    await handle.close();
  }
}

async function hashFile(task) {
  const digest = await digestOfFile(task).catch(() => undefined);
  stopped.delete(task.id);
  parentPort.postMessage({ id: task.id, digest });
}

let sender;
async function load({ url, options }) {
  try {
    sender = (await import(url)).sender(options, (results) => parentPort.postMessage({ results }));
    parentPort.postMessage({ loaded: true });
  } catch (error) {
    parentPort.postMessage({ loaded: false, why: String(error && error.message) });
  }
}

parentPort.on('message', (task) => {
  if (task.kind === 'slice') hashSlice(task);
  else if (task.kind === 'file') void hashFile(task);
  else if (task.kind === 'stop') stopped.add(task.id);
  else if (task.kind === 'load') void load(task);
  else sender.take(task);
});`;
