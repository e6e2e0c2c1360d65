import { availableParallelism } from 'node:os';
import type { EntryBody } from './entry-body.js';
import { gzipBytes } from './gzip-bytes.js';
import { Limiter } from './limiter.js';
import type { Md5 } from './md5.js';

/** Compressions at once: one a core, so that the main thread gets its turn, and not more than libuv's pool has threads. */
const AT_ONCE = Math.min(availableParallelism(), 4);

/** One entry's bytes, compressed. */
export interface Encoded {
  readonly bytes: Buffer;
  /** MD5 of `bytes`, lower-case hex. */
  md5(): Promise<string>;
  /** Bytes and MD5 of the source that was compressed. */
  readonly sourceBytes: number;
  readonly sourceMd5: string;
}

/** The bytes of one entry, compressed when they are asked for. */
export interface EncodedBody {
  /** Undefined where the compressed bytes are not smaller, or the source is a gzip file: then it is sent as it is. */
  encoded(): Promise<Encoded | undefined>;
  /** MD5 of the source, lower-case hex. */
  sourceMd5(): Promise<string>;
}

export interface EncodeDeps {
  /** 1 to 9. */
  readonly level: number;
  readonly md5: Md5;
  readonly signal: AbortSignal;
}

/**
 * Gives entries' bodies their compressed form, a few at a time. Memory for source and result is reserved before a turn is waited for. Throws
 * what reading the source throws.
 */
export function encoder({ level, md5, signal }: EncodeDeps): (body: EntryBody) => EncodedBody {
  const turns = new Limiter(AT_ONCE, signal);
  const hash = (bytes: Buffer) => md5.of(contentOf(bytes), signal);

  async function encode(body: EntryBody): Promise<Encoded | undefined> {
    const ready = await body.ready();
    return turns.run(async () => {
      const source = await ready.read();
      const [bytes, sourceMd5] = await Promise.all([gzipBytes(source, level), hash(source)]);
      if (bytes === undefined) return undefined;
      body.holds(bytes.length);
      let hashed: Promise<string> | undefined;
      const ofBytes = () => {
        hashed ??= hash(bytes);
        return hashed;
      };
      return { bytes, md5: ofBytes, sourceBytes: source.length, sourceMd5 };
    });
  }

  return (body) => {
    let encoded: Promise<Encoded | undefined> | undefined;
    return {
      encoded() {
        encoded ??= encode(body);
        return encoded;
      },
      sourceMd5: async () => (await encoded)?.sourceMd5 ?? body.md5(),
    };
  };
}

/** The compressed bytes in place of the entry's own, for what puts an entry. */
export function sentBody(body: EntryBody, { bytes, md5 }: Encoded): EntryBody {
  const content = contentOf(bytes);
  return {
    size: async () => bytes.length,
    md5,
    measure: (of) => of(content),
    open: async () => content,
    ready: async () => ({ size: bytes.length, read: async () => bytes }),
    holds: () => {},
    check: () => body.check(),
    release: () => body.release(),
  };
}

function contentOf(bytes: Buffer): Parameters<Md5['of']>[0] {
  return {
    size: bytes.length,
    held: true,
    slice: async (start, end) => bytes.subarray(start, end),
    unchanged: async () => true,
    close: async () => {},
  };
}
