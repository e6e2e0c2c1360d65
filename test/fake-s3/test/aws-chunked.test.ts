import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Server } from 'fake-s3';
import { hmac, send, sha256, signed } from 'fake-s3/raw-request';
import { clientOf, rejection, serverTest } from './support.js';

const SIGNED = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const SIGNED_TRAILER = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
const UNSIGNED_TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

const BODY = Buffer.alloc(20_000, 'abcdefg');
const CRC = Buffer.alloc(4);
CRC.writeUInt32BE(crc32(BODY));
const TRAILER = { 'x-amz-checksum-crc32': CRC.toString('base64') };

interface Chunked {
  readonly payload: string;
  readonly chunkSize?: number;
  readonly trailer?: Readonly<Record<string, string>>;
  readonly announced?: string;
  readonly decodedLength?: number | undefined;
  readonly spoil?: (wire: Buffer) => Buffer;
}

/** Puts BODY as an aws-chunked body. */
function putChunked(server: S3Server, chunked: Chunked) {
  const { payload, trailer, announced, chunkSize = 8192 } = chunked;
  const decoded = 'decodedLength' in chunked ? chunked.decodedLength : BODY.length;
  const headers: Record<string, string> = { 'content-encoding': 'aws-chunked,br', 'transfer-encoding': 'chunked' };
  if (decoded !== undefined) headers['x-amz-decoded-content-length'] = String(decoded);
  const names = announced ?? Object.keys(trailer ?? {}).join(',');
  if (names !== '') headers['x-amz-trailer'] = names;
  const head = signed(server, { method: 'PUT', path: '/site/a', headers }, { payload });
  let previous = head.signature;
  const next = (kind: string, text: string): string => {
    const parts = [`AWS4-HMAC-SHA256-${kind}`, head.timestamp, head.scope, previous, text];
    previous = hmac(head.signingKey, parts.join('\n')).toString('hex');
    return previous;
  };
  const isSigned = payload.startsWith(SIGNED);
  const parts: (Buffer | string)[] = [];
  for (let at = 0; at <= BODY.length; at += chunkSize) {
    const piece = BODY.subarray(at, at + chunkSize);
    const isLast = at + chunkSize >= BODY.length;
    for (const bytes of isLast && piece.length > 0 ? [piece, BODY.subarray(0, 0)] : [piece]) {
      const extension = isSigned ? `;chunk-signature=${next('PAYLOAD', `${sha256('')}\n${sha256(bytes)}`)}` : '';
      parts.push(`${bytes.length.toString(16)}${extension}\r\n`, bytes);
      if (bytes.length > 0 || !payload.endsWith('TRAILER')) parts.push('\r\n');
    }
    if (isLast) break;
  }
  const lines = Object.entries(trailer ?? {}).map(([name, value]) => `${name}:${value}`);
  if (payload.endsWith('TRAILER')) {
    if (isSigned) lines.push(`x-amz-trailer-signature:${next('TRAILER', sha256(lines.map((l) => `${l}\n`).join('')))}`);
    parts.push(...lines.map((line) => `${line}\r\n`), '\r\n');
  }
  const wire = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return send(server, { ...head.request, body: chunked.spoil?.(wire) ?? wire });
}

serverTest('signed chunks are accepted and aws-chunked is not stored', async (server) => {
  const answer = await putChunked(server, { payload: SIGNED });
  assert.equal(answer.status, 200, answer.body);
  assert.deepEqual(server.object('site', 'a')?.body, BODY);
  assert.equal(server.object('site', 'a')?.headers['content-encoding'], 'br');
});

serverTest('a signed chunk that was changed on the way is SignatureDoesNotMatch', async (server) => {
  for (const at of [200, 9000, 20_200]) {
    const spoil = (wire: Buffer) => {
      wire[at] = wire[at] === 0x61 ? 0x62 : 0x61;
      return wire;
    };
    assert.equal((await putChunked(server, { payload: SIGNED, spoil })).code, 'SignatureDoesNotMatch');
  }
});

serverTest('a signed trailer carries a checksum, and its signature is checked', async (server) => {
  const answer = await putChunked(server, { payload: SIGNED_TRAILER, trailer: TRAILER });
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.headers['x-amz-checksum-crc32'], TRAILER['x-amz-checksum-crc32']);
  const spoil = (wire: Buffer) =>
    Buffer.from(wire.toString('latin1').replace(/(trailer-signature:)../, '$1--'), 'latin1');
  const bad = await putChunked(server, { payload: SIGNED_TRAILER, trailer: TRAILER, spoil });
  assert.equal(bad.code, 'SignatureDoesNotMatch');
});

serverTest('an unsigned trailer carries a checksum, which is checked', async (server) => {
  const answer = await putChunked(server, { payload: UNSIGNED_TRAILER, trailer: TRAILER });
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.headers['x-amz-checksum-crc32'], TRAILER['x-amz-checksum-crc32']);
  const trailer = { 'x-amz-checksum-crc32': 'AAAAAA==' };
  assert.equal((await putChunked(server, { payload: UNSIGNED_TRAILER, trailer })).code, 'BadDigest');
});

serverTest('a trailer that was announced must come', async (server) => {
  const announced = 'x-amz-checksum-crc32';
  const answer = await putChunked(server, { payload: UNSIGNED_TRAILER, announced });
  assert.equal(answer.code, 'MalformedTrailerError');
});

serverTest('only the last chunk may be smaller than 8 KiB', async (server) => {
  const answer = await putChunked(server, { payload: UNSIGNED_TRAILER, trailer: TRAILER, chunkSize: 4096 });
  assert.equal(answer.code, 'InvalidChunkSizeError');
});

serverTest('the decoded length is required and checked', async (server) => {
  const none = await putChunked(server, { payload: SIGNED, decodedLength: undefined });
  assert.equal(none.status, 411);
  assert.equal((await putChunked(server, { payload: SIGNED, decodedLength: 19_999 })).code, 'IncompleteBody');
  const spoil = (wire: Buffer) => wire.subarray(0, 15_000);
  assert.equal((await putChunked(server, { payload: SIGNED, spoil })).code, 'IncompleteBody');
});

serverTest('a stream from the SDK arrives with its trailing checksum', async (server) => {
  const client = clientOf(server);
  const put = (Body: Readable) =>
    client.send(new PutObjectCommand({ Bucket: 'site', Key: 'stream', Body, ContentLength: BODY.length }));
  const answer = await put(Readable.from([BODY]));
  assert.equal(answer.ChecksumCRC32, TRAILER['x-amz-checksum-crc32']);
  assert.deepEqual(server.object('site', 'stream')?.body, BODY);
  const [request] = server.requests;
  assert.equal(request?.headers['x-amz-content-sha256'], UNSIGNED_TRAILER);
  const small = [0, 4000, 8000].map((at) => BODY.subarray(at, at === 8000 ? undefined : at + 4000));
  assert.equal((await rejection(put(Readable.from(small)))).name, 'InvalidChunkSizeError');
});
