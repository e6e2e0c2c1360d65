import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { codingsOf } from '../model/encodings.js';

interface Limit {
  readonly maxOutputLength: number;
}
type Decoder = (bytes: Buffer, limit: Limit) => Promise<Buffer>;

/** Absent before Node 22.15, and from the types. */
const { zstdDecompress } = zlib as unknown as {
  readonly zstdDecompress?: (bytes: Buffer, limit: Limit, done: (error: Error | null, whole: Buffer) => void) => void;
};
const gunzip: Decoder = promisify(zlib.gunzip);
const inflate: Decoder = promisify(zlib.inflate);
const inflateRaw: Decoder = promisify(zlib.inflateRaw);

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', gunzip],
  ['br', promisify(zlib.brotliDecompress) as Decoder],
  // RFC 9110, 8.4.1.2: some servers send it without the zlib wrapper.
  ['deflate', (bytes, limit) => inflate(bytes, limit).catch(() => inflateRaw(bytes, limit))],
  ...(zstdDecompress === undefined ? [] : [['zstd', promisify(zstdDecompress) as Decoder] as const]),
]);

/** `Accept-Encoding` of the requests: what browsers send, as far as this Node can decode it. CDNs cache by it. */
export const ACCEPT_ENCODING: string = ['gzip', 'deflate', 'br', ...(DECODERS.has('zstd') ? ['zstd'] : [])].join(', ');

/** The bytes of a body without its encoding, or why there are none. */
export type Decoded = { readonly bytes: Buffer } | { readonly problem: 'unknown' | 'damaged' | 'too large' };

/** More encodings on each other are an attack, not a page. */
const MOST_CODINGS = 3;

/**
 * Decodes a body.
 * @param contentEncoding of the response
 * @param most bytes that the decoded body may have
 */
export async function decodeBody(body: Buffer, contentEncoding: string | undefined, most: number): Promise<Decoded> {
  const codings = codingsOf(contentEncoding);
  // Browsers take an empty body under any encoding.
  if (body.length === 0) return { bytes: body };
  if (codings.length > MOST_CODINGS) return { problem: 'unknown' };
  let bytes = body;
  for (const coding of codings.toReversed()) {
    const decoder = DECODERS.get(coding);
    if (decoder === undefined) return { problem: 'unknown' };
    try {
      bytes = await decoder(bytes, { maxOutputLength: most });
    } catch (error) {
      const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      return { problem: isTooLarge ? 'too large' : 'damaged' };
    }
  }
  return { bytes };
}
