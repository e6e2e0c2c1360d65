import { availableParallelism } from 'node:os';
import { type CompressionLevels, levelFor } from '../../encode/compression.js';
import { SourceError } from '../../errors.js';
import { bytesContent, type Content } from '../../model/content.js';
import type { Encoding } from '../../model/encodings.js';
import { Limiter } from '../../run/limiter.js';
import type { MemoryBudget } from '../../run/memory.js';
import type { EntryBody } from './body.js';
import { COMPRESSORS } from './compressors.js';
import type { Md5 } from './hash.js';
import { LARGEST_BUFFER } from './slices.js';
import { type Spooled, spool } from './spool.js';

/** Concurrent compressions: one for each core, so that the main thread gets its turn, and not more than libuv's pool has threads. */
const AT_ONCE = Math.min(availableParallelism(), 4);

/** One entry's bytes, compressed: in memory, or in a temporary file that is removed with the entry's body. */
export interface Encoded {
  readonly content: Content;
  /** MD5 of the compressed bytes, lower-case hex. */
  md5(): Promise<string>;
  /** Size and MD5 of the compressed source. */
  readonly sourceBytes: number;
  readonly sourceMd5: string;
}

/** The bytes of one entry, compressed on demand. */
export interface EncodedBody {
  readonly encoding: Encoding;
  /** Undefined where the compressed bytes are not smaller, or the source is compressed already: then the source is sent unchanged. */
  encoded(): Promise<Encoded | undefined>;
  /** MD5 of the source, lower-case hex. */
  sourceMd5(): Promise<string>;
}

export interface EncodeOptions {
  readonly levels: CompressionLevels;
  readonly md5: Md5;
  readonly signal: AbortSignal;
  /** Bytes of a source above which it is compressed into a file. */
  readonly most: number;
}

/**
 * Compresses the bodies of entries, a few at a time. Memory for source and result is reserved before it waits for a turn; large bodies go through a
 * temporary file instead. Throws what reading the source throws.
 */
export function encoder({
  levels,
  md5,
  signal,
  most,
}: EncodeOptions): (body: EntryBody, encoding: Encoding) => EncodedBody {
  const turns = new Limiter(AT_ONCE, signal);

  async function encode(body: EntryBody, encoding: Encoding): Promise<Encoded | undefined> {
    if (await body.outgrows(Math.min(most, LARGEST_BUFFER))) return turns.run(() => spooled(body, encoding));
    const ready = await body.ready();
    return turns.run(async () => {
      const source = await ready.read();
      const [bytes, sourceMd5] = await Promise.all([
        COMPRESSORS[encoding].bytes(source, levelFor(encoding, levels, source.length)),
        md5.of(bytesContent(source), signal),
      ]);
      if (bytes === undefined) return undefined;
      body.holds(bytes.length);
      return encodedAs(bytesContent(bytes), { sourceBytes: source.length, sourceMd5 });
    });
  }

  async function spooled(body: EntryBody, encoding: Encoding): Promise<Encoded | undefined> {
    const compressor = COMPRESSORS[encoding];
    // A body that can be read only once cannot be sent unchanged afterwards, nor compressed a second time.
    if (body.once && compressor.isCompressed(body.firstBytes())) return undefined;
    const level = levelFor(encoding, levels, undefined);
    const toFile = () => spool(body.pieces(), compressor, { level, mustShrink: !body.once, signal });
    const file = await toFile().catch((error) => {
      if (body.once || !(error instanceof SourceError) || error.code !== 'SourceChanged') throw error;
      return toFile();
    });
    if (file === undefined) return undefined;
    body.onRelease(() => file.remove());
    return encodedAs(file.content, file);
  }

  function encodedAs(
    content: Content,
    { sourceBytes, sourceMd5 }: Pick<Spooled, 'sourceBytes' | 'sourceMd5'>,
  ): Encoded {
    let hashed: Promise<string> | undefined;
    const hash = () => {
      hashed ??= md5.of(content, signal);
      return hashed;
    };
    return { content, md5: hash, sourceBytes, sourceMd5 };
  }

  return (body, encoding) => {
    let encoded: Promise<Encoded | undefined> | undefined;
    return {
      encoding,
      encoded() {
        encoded ??= encode(body, encoding);
        return encoded;
      },
      sourceMd5: async () => (await encoded)?.sourceMd5 ?? body.md5(),
    };
  };
}

/** The compressed bytes in place of the entry's own, for a putter. */
export function sentBody(
  body: EntryBody,
  { content, md5 }: Encoded,
  memory: MemoryBudget,
  signal: AbortSignal,
): EntryBody {
  const { size } = content;
  return {
    once: false,
    size: async () => size,
    outgrows: async (most) => size > most,
    pieces: () => body.pieces(),
    md5,
    measure: (of) => of(content),
    open: async () => content,
    async ready() {
      if (content.held !== true) {
        const reservation = await memory.reserve(size, signal);
        body.onRelease(() => reservation.release());
      }
      return { size, read: () => content.slice(0, size) };
    },
    // The source's bytes have been seen when they were compressed.
    firstBytes: () => body.firstBytes(),
    onHead: () => {},
    seeHead: async () => {},
    seeHeadOnce: async () => {},
    holds: () => {},
    check: () => body.check(),
    onRelease: (call) => body.onRelease(call),
    release: () => body.release(),
  };
}
