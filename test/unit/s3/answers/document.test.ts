import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { S3RequestError } from '../../../../src/errors.js';
import { readDocument } from '../../../../src/s3/answers/document.js';
import { headObject } from '../../../../src/s3/answers/object.js';
import { elementText } from '../../../../src/s3/answers/xml.js';
import { responseError } from '../../../../src/s3/errors.js';
import type { HttpResponse } from '../../../../src/s3/http/http-client.js';

const CALL = { verb: 'CompleteMultipartUpload', bucket: 'site', key: 'k' } as const;

function response(body: Buffer | string, headers: Readonly<Record<string, string>> = {}, status = 200): HttpResponse {
  return { status, body: Buffer.from(body), header: (name) => headers[name], headers: () => headers };
}

const read = (body: Buffer | string, headers: Readonly<Record<string, string>> = {}): string | undefined =>
  readDocument(CALL, response(body, headers), (xml) => elementText(xml, 'A'));

function codeOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as S3RequestError).code ?? String(error);
  }
}

test('a compressed document is read as what it is, and as it is where only its header says so', () => {
  const xml = '<X><A>1</A></X>';
  for (const [coding, bytes] of [
    ['gzip', gzipSync(xml)],
    ['GZIP ', gzipSync(xml)],
    ['x-gzip', gzipSync(xml)],
    ['deflate', deflateSync(xml)],
    ['br', brotliCompressSync(xml)],
    ['identity', xml],
    ['aws-chunked', xml],
    ['gzip', xml],
  ] as const)
    assert.equal(read(bytes, { 'content-encoding': coding }), '1', coding);
});

test('what cannot be decompressed is an unusable response, however much it would become', () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  for (const [coding, bytes] of [
    ['gzip', bomb],
    ['gzip', gzipSync('<X/>').subarray(0, 12)],
    ['zstd', 'abc'],
    ['constructor', 'abc'],
  ] as const)
    assert.equal(
      codeOf(() => read(bytes, { 'content-encoding': coding })),
      'TruncatedAnswer',
      coding,
    );
  const refusal = responseError(CALL, response(bomb, { 'content-encoding': 'gzip' }, 403));
  assert.deepEqual([refusal.code, refusal.status], ['AccessDenied', 403]);
});

test('an error in a response with status 200 is that error, also if it is cut off or prefixed', () => {
  for (const body of [
    '<?xml version="1.0"?> \n <Error><Code>SlowDown</Code></Error>',
    '<s:Error xmlns:s="x"><s:Code>SlowDown</s:Code></s:Error>',
    '<Error><Code>SlowDown</Code><Mess',
    '<Error><Code>SlowDown',
  ])
    assert.equal(
      codeOf(() => read(body)),
      'SlowDown',
      body,
    );
  assert.equal(
    codeOf(() => read('<Error')),
    'InternalError',
  );
});

test('a page is not a response of S3, and nothing is an unusable one', () => {
  const failing = (body: string, headers = {}) =>
    codeOf(() =>
      readDocument(CALL, response(body, headers), () => {
        throw new SyntaxError('no');
      }),
    );
  assert.equal(failing('<html><p>Log in</html>'), 'NotAnS3Answer');
  assert.equal(failing('<p>Log in</p>', { 'content-type': 'text/html' }), 'NotAnS3Answer');
  assert.equal(failing('{}'), 'NotAnS3Answer');
  assert.equal(failing(''), 'TruncatedAnswer');
});

test('a head whose length is no number describes no object', async () => {
  for (const [length, size] of [
    ['12', 12],
    [undefined, 0],
    ['ten', undefined],
    ['-1', undefined],
    ['1, 2', undefined],
  ] as const) {
    const head = headObject('site', async () => ({
      etag: '"x"',
      ...(length !== undefined && { 'content-length': length }),
    }));
    const found = await head('k', new AbortController().signal).catch((error) => error.code);
    if (size === undefined) assert.equal(found, 'TruncatedAnswer', length);
    else assert.equal(found.size, size);
  }
});

test('of the texts of a refusal only a beginning is kept, and nothing of its document', () => {
  const long = 'x'.repeat(60_000);
  const body = `<Error><Code>Some</Code><Message>${long}</Message><RequestId>${long}</RequestId></Error>`;
  const error = responseError(CALL, response(body, {}, 400));
  assert.ok(error.message.length < 1_500, `${error.message.length}`);
  assert.deepEqual([error.code, error.cause], ['Some', undefined]);
  assert.ok((error.requestId?.length ?? 0) <= 201);
  const odd = responseError(
    CALL,
    response('<Error><Code>Odd</Code><Message>&#99999999;&bogus;</Message></Error>', {}, 400),
  );
  assert.match(odd.message, /Odd \(400\): &#99999999;&bogus;$/);
});
