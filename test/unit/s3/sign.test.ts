import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import {
  amzDate,
  canonicalQuery,
  EMPTY_SHA256,
  encodeKey,
  encodeValue,
  type SignedRequest,
  sha256Hex,
  signer,
} from '../../../src/s3/sign.js';
import { runs } from '../../support/runs.js';

/** The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
const EXAMPLE_CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const HOST = 'examplebucket.s3.amazonaws.com';
const DATE = '20130524T000000Z';
const BODY_SHA256 = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';

const EXAMPLES: readonly (readonly [name: string, request: SignedRequest, signature: string])[] = [
  [
    'GET an object',
    {
      method: 'GET',
      path: '/test.txt',
      query: '',
      headers: { host: HOST, range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': DATE },
      payloadHash: EMPTY_SHA256,
    },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'PUT an object',
    {
      method: 'PUT',
      path: `/${encodeKey('test$file.text')}`,
      query: '',
      headers: {
        host: HOST,
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-content-sha256': BODY_SHA256,
        'x-amz-date': DATE,
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      payloadHash: BODY_SHA256,
    },
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    "GET a bucket's lifecycle",
    {
      method: 'GET',
      path: '/',
      query: canonicalQuery({ lifecycle: '' }),
      headers: { host: HOST, 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': DATE },
      payloadHash: EMPTY_SHA256,
    },
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'list objects',
    {
      method: 'GET',
      path: '/',
      query: canonicalQuery({ prefix: 'J', 'max-keys': '2' }),
      headers: { host: HOST, 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': DATE },
      payloadHash: EMPTY_SHA256,
    },
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
];
for (const [name, request, signature] of EXAMPLES) {
  test(`the signature of S3's own example is reproduced: ${name}`, () => {
    const authorization = signer()(request, DATE, 'us-east-1', 's3', EXAMPLE_CREDENTIALS);
    assert.match(authorization, new RegExp(`Signature=${signature}$`));
  });
}

class Sha256 {
  readonly #hash = createHash('sha256');
  readonly #key: Uint8Array | undefined;
  constructor(secret?: string | ArrayBuffer | Uint8Array) {
    this.#key = secret === undefined ? undefined : Buffer.from(secret as Uint8Array);
    if (this.#key !== undefined) this.#hash.update(pad(this.#key, 0x36));
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    const inner = this.#hash.digest();
    if (this.#key === undefined) return inner;
    return createHash('sha256').update(pad(this.#key, 0x5c)).update(inner).digest();
  }
  reset(): void {}
}

/** The block that HMAC mixes a key into (RFC 2104). */
function pad(key: Uint8Array, byte: number): Buffer {
  const short = key.length > 64 ? createHash('sha256').update(key).digest() : key;
  const block = Buffer.alloc(64, byte);
  for (const [i, value] of short.entries()) block[i] = value ^ byte;
  return block;
}

const text = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.~/+%?&=#;:, \'"()*!@$'), maxLength: 20 });
const unicode = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const headerName = fc.constantFrom(
  'content-type',
  'content-md5',
  'cache-control',
  'content-disposition',
  'if-none-match',
  'x-amz-acl',
  'x-amz-meta-a',
  'x-amz-meta-b-c',
  'x-amz-tagging',
  'x-amz-checksum-crc32',
  'user-agent',
  'expires',
);
const request = fc.record({
  method: fc.constantFrom('PUT', 'GET', 'HEAD', 'POST', 'DELETE'),
  key: fc.oneof(text, unicode),
  query: fc.dictionary(fc.constantFrom('list-type', 'prefix', 'start-after', 'uploads', 'partNumber', 'a b'), text),
  headers: fc.dictionary(headerName, text),
  token: fc.option(fc.constant('to/ken=='), { nil: undefined }),
  region: fc.constantFrom('us-east-1', 'eu-central-1', 'auto'),
  ms: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  body: fc.option(fc.uint8Array(), { nil: undefined }),
});

test("signatures equal those of the AWS SDK's signer for any key, headers and query", async () => {
  // One signer, so that its cached key is tried with other days, regions and secrets.
  const sign = signer();
  await fc.assert(
    fc.asyncProperty(request, async ({ method, key, query, headers, token, region, ms, body }) => {
      const path = `/bucket/${encodeKey(key)}`;
      const credentials = {
        ...EXAMPLE_CREDENTIALS,
        secretAccessKey: `secret${ms % 3}`,
        ...(token !== undefined && { sessionToken: token }),
      };
      const date = amzDate(ms);
      const payloadHash = body === undefined ? 'UNSIGNED-PAYLOAD' : sha256Hex(Buffer.from(body));
      const all: Record<string, string> = {
        host: 's3.example.com:9000',
        ...headers,
        'x-amz-content-sha256': payloadHash,
        'x-amz-date': date,
        ...(token !== undefined && { 'x-amz-security-token': token }),
      };
      const library = new SignatureV4({
        service: 's3',
        region,
        credentials,
        sha256: Sha256 as never,
        uriEscapePath: false,
        applyChecksum: true,
      });
      const signed = await library.sign(
        { method, protocol: 'http:', hostname: 's3.example.com', port: 9000, path, query, headers: { ...all } },
        { signingDate: new Date(ms) },
      );
      const ours = { method, path, query: canonicalQuery(query), headers: all, payloadHash };
      assert.equal(sign(ours, date, region, 's3', credentials), signed.headers.authorization);
    }),
    runs(500),
  );
});

test('keys and values are percent-encoded by bytes, and only where they must be', () => {
  assert.equal(encodeKey('a/b-c_d.e~f'), 'a/b-c_d.e~f');
  assert.equal(encodeKey('a b+c%d#e?f&g'), 'a%20b%2Bc%25d%23e%3Ff%26g');
  assert.equal(encodeKey("!'()*"), '%21%27%28%29%2A');
  assert.equal(encodeKey('../x//y/./'), '../x//y/./');
  assert.equal(encodeKey('ü/你'), '%C3%BC/%E4%BD%A0');
  assert.equal(encodeValue('a/b'), 'a%2Fb');
  fc.assert(
    fc.property(unicode, (key) => {
      const encoded = encodeKey(key);
      assert.match(encoded, /^[A-Za-z0-9\-._~/%]*$/);
      assert.equal(decodeURIComponent(encoded), key);
    }),
  );
});
