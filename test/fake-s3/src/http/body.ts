import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type AwsChunked, decodeAwsChunked } from './aws-chunked.js';
import { S3Error } from './error.js';
import { header, type S3Request } from './request.js';
import type { Seed } from './signature.js';

/** The client closed the connection before the request was complete, so no response can be sent. */
export class ClientGone extends Error {}

/** Reads all bytes of a body. `onBytes` gets the size of each piece, and returns the milliseconds to wait before the next. */
export function readBody(message: IncomingMessage, onBytes: (count: number) => number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (message.destroyed) return reject(new ClientGone());
    const pieces: Buffer[] = [];
    message.on('data', (piece: Buffer) => {
      pieces.push(piece);
      const wait = onBytes(piece.length);
      if (wait <= 0) return;
      message.pause();
      setTimeout(() => message.resume(), wait);
    });
    message.on('end', () => resolve(Buffer.concat(pieces)));
    message.on('error', () => reject(new ClientGone()));
    message.on('close', () => {
      if (!message.readableEnded) reject(new ClientGone());
    });
  });
}

const STREAMING = ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'];
const STREAMING_UNSIGNED = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

/** Refuses a body before it is read if its length is missing or too large. */
export function checkLength(request: S3Request, maxSize: number): void {
  const decoded = header(request, 'x-amz-decoded-content-length');
  const streaming = header(request, 'x-amz-content-sha256')?.startsWith('STREAMING-') === true;
  const length = streaming ? decoded : header(request, 'content-length');
  if (length === undefined) {
    if (!streaming && header(request, 'transfer-encoding') !== undefined) {
      throw new S3Error('NotImplemented', { Header: 'Transfer-Encoding' });
    }
    throw new S3Error('MissingContentLength');
  }
  if (Number(length) > maxSize) {
    throw new S3Error('EntityTooLarge', { ProposedSize: length, MaxSizeAllowed: String(maxSize) });
  }
}

/** Checks a body against the hash in the signed head, and decodes aws-chunked. */
export function decodeBody(wire: Buffer, request: S3Request, seed: Seed): AwsChunked {
  const payload = header(request, 'x-amz-content-sha256') ?? '';
  if (payload === 'UNSIGNED-PAYLOAD') return { body: wire, trailers: new Map() };
  if (STREAMING.includes(payload) || payload === STREAMING_UNSIGNED) {
    const chunked = decodeAwsChunked(
      wire,
      payload === STREAMING_UNSIGNED ? undefined : seed,
      payload.endsWith('-TRAILER'),
    );
    checkDecoded(chunked, request);
    return chunked;
  }
  if (!/^[0-9a-f]{64}$/i.test(payload)) {
    const message =
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, ' +
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.';
    const details = { ArgumentName: 'x-amz-content-sha256', ArgumentValue: payload };
    throw new S3Error('InvalidArgument', details, { message });
  }
  const computed = hash('sha256', wire);
  if (computed !== payload.toLowerCase()) {
    const details = { ClientComputedContentSHA256: payload, S3ComputedContentSHA256: computed };
    throw new S3Error('XAmzContentSHA256Mismatch', details);
  }
  return { body: wire, trailers: new Map() };
}

function checkDecoded(chunked: AwsChunked, request: S3Request): void {
  const length = header(request, 'x-amz-decoded-content-length');
  if (length !== undefined && Number(length) !== chunked.body.length) throw new S3Error('IncompleteBody');
  const announced = (header(request, 'x-amz-trailer') ?? '').split(',').map((name) => name.trim().toLowerCase());
  const wanted = announced.filter((name) => name !== '');
  const known = wanted.length === chunked.trailers.size && wanted.every((name) => chunked.trailers.has(name));
  if (!known) throw new S3Error('MalformedTrailerError');
}

/** Checks Content-MD5 if it is given; returns the MD5 of the body in hex. */
export function checkMd5(body: Buffer, request: S3Request): string {
  const md5 = hash('md5', body);
  const given = header(request, 'content-md5');
  if (given === undefined) return md5;
  const bytes = Buffer.from(given, 'base64');
  if (bytes.length !== 16 || bytes.toString('base64') !== given) {
    throw new S3Error('InvalidDigest', { 'Content-MD5': given });
  }
  if (bytes.toString('hex') !== md5) {
    throw new S3Error('BadDigest', {
      ExpectedDigest: given,
      CalculatedDigest: Buffer.from(md5, 'hex').toString('base64'),
    });
  }
  return md5;
}
