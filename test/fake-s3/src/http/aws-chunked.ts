import { hash } from 'node:crypto';
import { S3Error } from './error.js';
import { type Seed, sign } from './signature.js';

export interface AwsChunked {
  readonly body: Buffer;
  /** Trailing headers, lower-case names. */
  readonly trailers: ReadonlyMap<string, string>;
}

const EMPTY_HASH = hash('sha256', '');
const MIN_CHUNK = 8192;

/**
 * Decodes `Content-Encoding: aws-chunked`. With a seed every chunk, and the trailer, must carry a signature chained to it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
 */
export function decodeAwsChunked(wire: Buffer, seed: Seed | undefined, hasTrailer: boolean): AwsChunked {
  const pieces: Buffer[] = [];
  let previous = seed?.signature ?? '';
  let at = 0;
  for (let last = false; !last; ) {
    const lineEnd = wire.indexOf('\r\n', at);
    if (lineEnd < 0) throw new S3Error('IncompleteBody');
    const line = wire.toString('latin1', at, lineEnd);
    const match = /^([0-9a-fA-F]+)(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
    if (match === null) throw new S3Error('InvalidRequest', {}, { message: 'The chunk header is malformed.' });
    const size = Number.parseInt(match[1] ?? '', 16);
    const piece = wire.subarray(lineEnd + 2, lineEnd + 2 + size);
    if (piece.length < size) throw new S3Error('IncompleteBody');
    if (seed !== undefined) previous = checkChunk(piece, match[2], previous, seed);
    last = size === 0;
    if (!last) {
      checkSize(pieces);
      pieces.push(piece);
    }
    at = lineEnd + 2 + size;
    // The last chunk's own line end is the trailer's, where there is one.
    if (!last || !hasTrailer) at = skipLineEnd(wire, at);
  }
  const trailers = hasTrailer ? readTrailer(wire.toString('latin1', at), previous, seed) : new Map<string, string>();
  return { body: Buffer.concat(pieces), trailers };
}

function checkSize(pieces: readonly Buffer[]): void {
  const before = pieces.at(-1);
  if (before === undefined || before.length >= MIN_CHUNK) return;
  throw new S3Error('InvalidChunkSizeError', { Chunk: String(pieces.length), BadChunkSize: String(before.length) });
}

function skipLineEnd(wire: Buffer, at: number): number {
  if (wire.toString('latin1', at, at + 2) !== '\r\n') throw new S3Error('IncompleteBody');
  return at + 2;
}

function checkChunk(piece: Buffer, signature: string | undefined, previous: string, seed: Seed): string {
  const text = `${EMPTY_HASH}\n${hash('sha256', piece)}`;
  return checkChained('AWS4-HMAC-SHA256-PAYLOAD', text, signature, previous, seed);
}

function checkChained(
  algorithm: string,
  text: string,
  signature: string | undefined,
  previous: string,
  seed: Seed,
): string {
  const stringToSign = `${algorithm}\n${seed.timestamp}\n${seed.scope}\n${previous}\n${text}`;
  if (signature !== undefined && sign(seed.signingKey, stringToSign) === signature) return signature;
  throw new S3Error('SignatureDoesNotMatch', { StringToSign: stringToSign, SignatureProvided: signature ?? '' });
}

function readTrailer(text: string, previous: string, seed: Seed | undefined): Map<string, string> {
  if (!text.endsWith('\r\n')) throw new S3Error('IncompleteBody');
  const trailers = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    if (line.trim() === '') continue;
    const colon = line.indexOf(':');
    if (colon <= 0) throw new S3Error('MalformedTrailerError');
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  if (seed === undefined) return trailers;
  const signature = trailers.get('x-amz-trailer-signature');
  trailers.delete('x-amz-trailer-signature');
  const canonical = [...trailers].map(([name, value]) => `${name}:${value}\n`).join('');
  checkChained('AWS4-HMAC-SHA256-TRAILER', hash('sha256', canonical), signature, previous, seed);
  return trailers;
}
