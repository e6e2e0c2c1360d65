import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { codingOfBytes, type Encoding } from '../../model/encodings.js';
import { fixGzipHeader, gzipBytes } from './gzip.js';

/** One way to compress bytes. With one Node version the same bytes always give the same result. */
export interface Compressor {
  /** Compresses on a thread of libuv's pool. Undefined where the result is not smaller, or the bytes are compressed already. */
  readonly bytes: (source: Buffer, level: number) => Promise<Buffer | undefined>;
  /** Compresses bytes of any length. */
  readonly stream: (level: number) => Transform;
  /** Removes from the first bytes of a result what differs between systems and runs. */
  readonly fixHead?: (bytes: Buffer) => void;
  /** Whether the first bytes of a source show that it is compressed already. */
  readonly isCompressed: (bytes: Buffer) => boolean;
}

/** Bytes that a stream gives at a time. */
const SLICE = 256 * 1024;
/** Results up to this size are copied, so that they hold no more memory than their length. */
const COPY_BYTES = 1024 * 1024;

const GZIP: Compressor = {
  bytes: gzipBytes,
  stream: (level) => zlib.createGzip({ level, chunkSize: SLICE }),
  fixHead: fixGzipHeader,
  isCompressed: (bytes) => codingOfBytes(bytes) === 'gzip',
};

const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants;

const BR: Compressor = {
  bytes: smaller((source, level, done) => {
    const params = { [BROTLI_PARAM_QUALITY]: level, [BROTLI_PARAM_SIZE_HINT]: source.length };
    zlib.brotliCompress(source, { params, chunkSize: chunkFor(source), maxOutputLength: source.length }, done);
  }),
  stream: (level) => zlib.createBrotliCompress({ params: { [BROTLI_PARAM_QUALITY]: level }, chunkSize: SLICE }),
  isCompressed,
};

/** What Node has from 22.15 and 23.8 on, and the types of older ones lack. */
interface Zstd {
  readonly zstdCompress: (source: Buffer, options: ZstdOptions, done: Done) => void;
  readonly createZstdCompress: (options: ZstdOptions) => Transform;
}

interface ZstdOptions {
  readonly params: Readonly<Record<number, number>>;
  readonly chunkSize?: number;
  readonly maxOutputLength?: number;
  /** Without the size zstd prepares for a large body: 80 MiB of memory, and three times the CPU for a small one. */
  readonly pledgedSrcSize?: number;
}

const { zstdCompress, createZstdCompress } = zlib as Partial<Zstd>;
/** Its number in zstd's interface, for Nodes that have no name for it. */
const ZSTD_LEVEL = 100;

const ZSTD: Compressor = {
  bytes: smaller((source, level, done) => {
    const sizes = { chunkSize: chunkFor(source), maxOutputLength: source.length, pledgedSrcSize: source.length };
    required(zstdCompress)(source, { params: { [ZSTD_LEVEL]: level }, ...sizes }, done);
  }),
  stream: (level) => required(createZstdCompress)({ params: { [ZSTD_LEVEL]: level }, chunkSize: SLICE }),
  isCompressed,
};

export const COMPRESSORS: Readonly<Record<Encoding, Compressor>> = { gzip: GZIP, br: BR, zstd: ZSTD };

type Done = (error: Error | null, result: Buffer) => void;

/** The options of a run are checked before, so that this is never met. */
function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError(`Node ${process.version} has no zstd`);
  return value;
}

function isCompressed(bytes: Buffer): boolean {
  return codingOfBytes(bytes) !== undefined;
}

/** One output buffer of the largest useful size, so that one trip to the pool is enough. */
function chunkFor(source: Buffer): number {
  return Math.max(64, source.length);
}

function smaller(compress: (source: Buffer, level: number, done: Done) => void): Compressor['bytes'] {
  return (source, level) => {
    if (source.length === 0 || isCompressed(source)) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      compress(source, level, (error, result) => {
        if (error === null) resolve(result.length < source.length ? detached(result) : undefined);
        else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') resolve(undefined);
        else reject(error);
      });
    });
  };
}

function detached(result: Buffer): Buffer {
  return result.length <= COPY_BYTES ? Buffer.from(result) : result;
}
