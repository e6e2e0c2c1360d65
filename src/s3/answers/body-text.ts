import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { HttpResponse } from '../http/http-client.js';

/** As long as the longest document may be that comes uncompressed. */
const MOST_BYTES = 32 * 1024 * 1024;

const DECODERS: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/**
 * The text of a response's document. No request here accepts a compressed response, but some servers and proxies compress all the same. Throws
 * `SyntaxError` if the bytes cannot be decompressed.
 */
export function textOf({ header, body }: Pick<HttpResponse, 'header' | 'body'>): string {
  if (body.length === 0) return '';
  const coding = header('content-encoding')?.trim().toLowerCase() ?? '';
  if (coding === '' || coding === 'identity' || coding === 'aws-chunked') return body.toString();
  const decode = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  if (decode === undefined)
    throw new SyntaxError(`its content encoding ${JSON.stringify(coding.slice(0, 40))} is unknown`);
  // Some proxies name the encoding of what they have decompressed.
  if (body[0] === LT) return body.toString();
  try {
    return decode(body, { maxOutputLength: MOST_BYTES }).toString();
  } catch (error) {
    throw new SyntaxError(`its content encoding ${coding} cannot be undone`, { cause: error });
  }
}

const LT = 60;
