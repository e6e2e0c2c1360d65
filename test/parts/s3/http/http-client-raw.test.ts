import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { HttpRequest } from '../../../../src/s3/http/http-client.js';
import { socketClient } from '../../../../src/s3/http/socket-client.js';
import { undiciClient } from '../../../../src/s3/http/undici-client.js';
import { scriptServer } from '../../../support/script-server.js';

// Responses as bytes, which both clients read alike.

const PATIENCE = { connectMs: 20_000, sendMs: 20_000, responseMs: 20_000 };
const never = new AbortController().signal;
const OK = 'HTTP/1.1 200 OK\r\n';
const WHOLE = `${OK}content-length: 2\r\n\r\nhi`;

interface Expected {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly code?: string;
  /** What undici does instead. */
  readonly undici?: Expected;
}

interface Row {
  readonly bytes: string;
  readonly expected: Expected;
  readonly request?: Partial<HttpRequest>;
  /** Whether the server closes the connection after the bytes. */
  readonly closes?: boolean;
}

const MALFORMED: Expected = { code: 'MalformedAnswer' };
const TRUNCATED: Expected = { code: 'TruncatedAnswer' };

const ROWS: Readonly<Record<string, Row>> = {
  'the greeting of another protocol': { bytes: '220 mail ESMTP\r\n', expected: MALFORMED },
  'a header twice with one value': {
    bytes: `${OK}etag: "a"\r\nETag: "a"\r\nx-amz-request-id: 1\r\nx-amz-request-id: 1\r\ncontent-length: 0\r\n\r\n`,
    expected: { status: 200, headers: { etag: '"a"', 'x-amz-request-id': '1' } },
  },
  'a header twice with two values': {
    bytes: `${OK}etag: "a"\r\netag: "b"\r\ncontent-length: 0\r\n\r\n`,
    expected: { status: 200, headers: { etag: '"a", "b"' } },
  },
  'metadata twice with one value': {
    bytes: `${OK}x-amz-meta-a: 1\r\nx-amz-meta-a: 1\r\ncontent-length: 0\r\n\r\n`,
    expected: { status: 200, headers: { 'x-amz-meta-a': '1, 1' } },
  },
  // undici refuses both.
  'the length twice': {
    bytes: `${OK}content-length: 2\r\ncontent-length: 2\r\n\r\nhi`,
    expected: { status: 200, body: 'hi', undici: TRUNCATED },
  },
  'two lengths': {
    bytes: `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nhi`,
    expected: { ...MALFORMED, undici: TRUNCATED },
  },
  'metadata in UTF-8': {
    bytes: `${OK}x-amz-meta-a: \xc3\xa9\r\ncontent-length: 0\r\n\r\n`,
    expected: { status: 200, headers: { 'x-amz-meta-a': '\xc3\xa9' } },
  },
  'metadata in Latin-1': {
    bytes: `${OK}x-amz-meta-a: \xe9\xff\x80\r\ncontent-length: 0\r\n\r\n`,
    expected: { status: 200, headers: { 'x-amz-meta-a': '\xe9\xff\x80' } },
  },
  'a name that objects inherit': {
    bytes: `${OK}constructor: c\r\n__proto__: p\r\ncontent-length: 0\r\n\r\n`,
    expected: { status: 200, headers: { constructor: 'c' } },
  },
  'a HEAD with a body': {
    bytes: `${OK}etag: "a"\r\ncontent-length: 2\r\n\r\nhi`,
    request: { method: 'HEAD' },
    expected: { status: 200, body: '', headers: { 'content-length': '2' } },
  },
  'a HEAD with chunks': {
    bytes: `${OK}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    request: { method: 'HEAD' },
    expected: { status: 200, body: '' },
  },
  trailers: {
    bytes: `${OK}transfer-encoding: chunked\r\ntrailer: x-amz-checksum-crc32\r\n\r\n2;a=b\r\nhi\r\n0\r\nx-amz-checksum-crc32: AAAAAA==\r\n\r\n`,
    expected: { status: 200, body: 'hi' },
  },
  'an early hint': {
    bytes: `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${WHOLE}`,
    expected: { status: 200, body: 'hi' },
  },
  'a 102': { bytes: `HTTP/1.1 102 Processing\r\n\r\n${WHOLE}`, expected: { status: 200, body: 'hi' } },
  'a 100 that no request waits for': {
    bytes: `HTTP/1.1 100 Continue\r\n\r\n${WHOLE}`,
    expected: { status: 200, body: 'hi', undici: MALFORMED },
  },
  'HTTP/1.0 without a length': {
    bytes: 'HTTP/1.0 200 OK\r\n\r\nall',
    closes: true,
    expected: { status: 200, body: 'all' },
  },
  'HTTP/1.1 without a length': { bytes: `${OK}\r\nall`, closes: true, expected: { status: 200, body: 'all' } },
  'a body shorter than its length': { bytes: `${OK}content-length: 9\r\n\r\nhi`, closes: true, expected: TRUNCATED },
  'a body longer than its length': {
    bytes: `${OK}content-length: 1\r\n\r\nhi`,
    closes: true,
    expected: { status: 200, body: 'h' },
  },
  'chunks without an end': {
    bytes: `${OK}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n`,
    closes: true,
    expected: TRUNCATED,
  },
  'no response': { bytes: '', closes: true, expected: { code: 'ECONNRESET' } },
  'a head of 40 KiB': {
    bytes: `${OK}a: ${'x'.repeat(40_000)}\r\ncontent-length: 2\r\n\r\nhi`,
    expected: { status: 200, body: 'hi' },
  },
  'a head of 200 KiB': { bytes: `${OK}a: ${'x'.repeat(200_000)}\r\n\r\n`, expected: MALFORMED },
  'another protocol': { bytes: 'SSH-2.0-OpenSSH_9\r\n\r\n', expected: MALFORMED },
  'a switch of protocols': { bytes: 'HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n', expected: MALFORMED },
  'a status below 100': { bytes: 'HTTP/1.1 000 Zero\r\ncontent-length: 0\r\n\r\n', expected: MALFORMED },
  'a negative length': { bytes: `${OK}content-length: -5\r\n\r\n`, expected: MALFORMED },
  'a header with a NUL': { bytes: `${OK}a: b\0c\r\ncontent-length: 0\r\n\r\n`, expected: MALFORMED },
  'a body above the bound of its request': {
    bytes: `${OK}content-length: 2000\r\n\r\n${'x'.repeat(2_000)}`,
    request: { maxResponseBytes: 1_000 },
    expected: MALFORMED,
  },
  'chunks above the bound of their request': {
    bytes: `${OK}transfer-encoding: chunked\r\n\r\n${`64\r\n${'x'.repeat(100)}\r\n`.repeat(20)}0\r\n\r\n`,
    request: { maxResponseBytes: 1_000 },
    expected: MALFORMED,
  },
  'a refusal of 1 MB': {
    bytes: `HTTP/1.1 403 Forbidden\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(1_000_000)}`,
    request: { maxResponseBytes: 1_000 },
    expected: { status: 403, body: 'x'.repeat(65_536) },
  },
  'a refusal that never ends': {
    bytes: `HTTP/1.1 403 Forbidden\r\n\r\n${'x'.repeat(70_000)}`,
    expected: { status: 403, body: 'x'.repeat(65_536) },
  },
  'a coding that no request accepts': {
    bytes: `${OK}content-encoding: gzip\r\nconnection: close\r\n\r\n${gzipSync('hi').toString('latin1')}`,
    closes: true,
    expected: { status: 200, body: gzipSync('hi').toString('latin1'), headers: { 'content-encoding': 'gzip' } },
  },
};

for (const [name, client] of [
  ['sockets', socketClient],
  ['undici', undiciClient],
] as const)
  for (const [what, { bytes, expected: both, request = {}, closes = false }] of Object.entries(ROWS)) {
    const expected = name === 'undici' ? (both.undici ?? both) : both;
    test(`${name}: ${what} is ${expected.code ?? `a response with status ${expected.status}`}`, async (t) => {
      let first = true;
      const server = await scriptServer(t, (socket) => {
        socket.write(Buffer.from(first ? bytes : WHOLE, 'latin1'));
        if (first && closes) socket.end();
        first = false;
      });
      const http = client({ patience: PATIENCE });
      t.after(() => http.close());
      const headers = { host: new URL(server.origin).host };
      const send = (more: Partial<HttpRequest>) =>
        http.send({ origin: server.origin, method: 'GET', target: '/b/k', headers, ...more }, never);
      const got = await send(request).catch((error) => ({ code: error.code as string }));
      if ('code' in got) assert.equal(got.code, expected.code);
      else {
        assert.equal(got.status, expected.status);
        if (expected.body !== undefined) assert.equal(got.body.toString('latin1'), expected.body);
        for (const [header, value] of Object.entries(expected.headers ?? {})) {
          assert.equal(got.header(header), value);
          assert.equal(got.headers()[header], value);
        }
        assert.equal(got.header('tostring'), undefined);
      }
      // What is left of one response is never taken for the next one.
      for (let tries = 0; tries < 3; tries++) {
        const next = await send({}).catch(() => undefined);
        if (next === undefined) continue;
        assert.deepEqual([next.status, next.body.toString()], [200, 'hi']);
        return;
      }
      assert.fail('no later request got its response');
    });
  }
