import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Address } from '../../../../src/s3/address.js';
import { requestHead } from '../../../../src/s3/http/connection.js';
import { putHeads } from '../../../../src/s3/wire/put-heads.js';
import { requestSigner } from '../../../../src/s3/wire/signed-request.js';

const ADDRESS: Address = {
  origin: 'http://localhost:9000',
  host: 'localhost:9000',
  secure: false,
  basePath: '/site',
  signingRegion: 'us-east-1',
  signingName: 's3',
  plain: true,
};
const CREDENTIALS = { accessKeyId: 'AKID', secretAccessKey: 'secret' };
const BODY = Buffer.from('text');
/** Lines of a head, sorted: the order of headers means nothing. */
const linesOf = (head: string): string[] => head.split('\r\n').sort();

/** The head of a put that is signed alone. */
function alone(constants: Parameters<typeof requestSigner>[0], headers: Record<string, string>, by: Signed): string {
  const check = by.check === '' ? {} : { [by.check]: 'value=' };
  const request = { method: 'PUT', headers, check, body: BODY } as const;
  return requestHead(requestSigner(constants)({ verb: 'PutObject', key: 'a b.txt' }, request, by));
}

interface Signed {
  readonly address: Address;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly now: number;
  readonly check: string;
}

/** The same from what all puts with these headers have in common. */
function together(heads: ReturnType<typeof putHeads>, headers: Record<string, string>, by: Signed): string {
  const put = { path: '/site/a%20b.txt', headers, checkName: by.check, checkValue: by.check === '' ? '' : 'value=' };
  const payloadHash = by.address.secure
    ? 'UNSIGNED-PAYLOAD'
    : '982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1';
  return requestHead({
    origin: by.address.origin,
    method: 'PUT',
    target: '/site/a%20b.txt',
    headers: {},
    head: heads({ ...put, payloadHash }, by),
    body: BODY,
  });
}

const names = fc.constantFrom(
  'content-type',
  'cache-control',
  'content-disposition',
  'x-amz-acl',
  'x-amz-checksum-crc32',
  'x-amz-meta-a',
  'x-amz-meta-note',
  'x-amz-storage-class',
  'x-amz-tagging',
  'content-md5',
);
const values = fc.constantFrom('a', 'a  b', ' padded ', 'text/html; charset=utf-8', 'é', '');

test('heads made together are those of puts that are signed one by one', () => {
  fc.assert(
    fc.property(
      fc.dictionary(names, values),
      fc.array(
        fc.record({
          now: fc.constantFrom(0, 1_000, 1_764_500_000_000),
          check: fc.constantFrom('x-amz-checksum-crc32', 'content-md5', ''),
          token: fc.constantFrom(undefined, 'token', 'other'),
          secure: fc.boolean(),
          region: fc.constantFrom('us-east-1', 'eu-west-1'),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      fc.dictionary(
        fc.constantFrom('x-amz-request-payer', 'x-amz-expected-bucket-owner'),
        fc.constantFrom('requester', '1'),
      ),
      (headers, puts, requestHeaders) => {
        const constants = { requestHeaders, userAgent: 'test/1' };
        const heads = putHeads(constants);
        for (const { now, check, token, secure, region } of puts) {
          const address = { ...ADDRESS, secure, signingRegion: region };
          const credentials = { ...CREDENTIALS, ...(token !== undefined && { sessionToken: token }) };
          const by: Signed = { address, credentials, now, check };
          assert.deepEqual(linesOf(together(heads, headers, by)), linesOf(alone(constants, headers, by)));
        }
      },
    ),
  );
});

test('a header that would break out of its line is refused', () => {
  const heads = putHeads({ requestHeaders: {}, userAgent: 'test/1' });
  const by: Signed = { address: ADDRESS, credentials: CREDENTIALS, now: 0, check: '' };
  for (const value of ['a\r\nb: c', 'a\nb', 'Ł'])
    assert.throws(() => together(heads, { 'x-amz-meta-a': value }, by), TypeError);
});
