import { createHash } from 'node:crypto';
import { send, signed } from 'fake-s3/raw-request';
import type { PUT_FACTS } from '../expectations/object-facts.js';
import { answered, head, type Probe, put, requestOf, sendTo, shown } from './target.js';

const md5 = (body: string): string => createHash('md5').update(body).digest('base64');

/** CRCs and hashes of `hello`, in base64. */
const CHECKSUMS: Readonly<Record<string, string>> = {
  crc32: 'NhCmhg==',
  crc32c: 'mnG7TA==',
  crc64nvme: 'M3eFcAZSQlc=',
  sha1: 'qvTGHdzF6KLavt4PO0gs2a6pQ00=',
  sha256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
};
const CRC32 = { 'x-amz-checksum-crc32': CHECKSUMS.crc32 ?? '' };
const HELLO = '"5d41402abc4b2a76b9719d911017c592"';
const ABSENT_ONLY = { 'if-none-match': '*' };

/** A put of `hello`, and how another one is answered over it. */
function overwritten(headers: Readonly<Record<string, string>>): Probe {
  return async (target) => {
    await put(target);
    const answer = await put(target, headers, { body: 'other' });
    return `${answered(answer)}, ${await target.text('a')}`;
  };
}

/** A put with these headers, and what HEAD then says of some. */
function kept(headers: Readonly<Record<string, string>>, ...names: readonly string[]): Probe {
  return async (target) => {
    const answer = await put(target, headers);
    return answer.status === 200 ? shown(await head(target), ...names) : answered(answer);
  };
}

const refused =
  (headers: Readonly<Record<string, string>>): Probe =>
  async (target) =>
    answered(await put(target, headers));

const tags = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}=v`).join('&');

/** What a put is answered, and what it leaves behind. */
export const PUT_PROBES: Readonly<Record<keyof typeof PUT_FACTS, Probe>> = {
  'a put': async (target) => shown(await put(target), 'etag'),
  'a put of no bytes': async (target) => shown(await put(target, {}, { body: '' }), 'etag'),
  'a put without a hash of its body': async (target) =>
    answered(await sendTo(target, { method: 'PUT', key: 'a', body: 'hello' }, { payload: 'UNSIGNED-PAYLOAD' })),
  'a put into no bucket': async (target) => answered(await put(target, {}, { bucket: 's3pp-nowhere' })),
  'a right Content-MD5': refused({ 'content-md5': md5('hello') }),
  'a wrong Content-MD5': refused({ 'content-md5': md5('other') }),
  'a malformed Content-MD5': refused({ 'content-md5': 'nonsense' }),
  'a right CRC32': async (target) => shown(await put(target, CRC32), 'x-amz-checksum-crc32', 'x-amz-checksum-type'),
  'a wrong CRC32': refused({ 'x-amz-checksum-crc32': 'AAAAAA==' }),
  'a malformed CRC32': refused({ 'x-amz-checksum-crc32': 'AAAA' }),
  'two checksums at once': refused({ ...CRC32, 'x-amz-checksum-crc32c': CHECKSUMS.crc32c ?? '' }),
  'an announced checksum that is missing': refused({ 'x-amz-sdk-checksum-algorithm': 'CRC32' }),
  'checksums that are echoed': async (target) => {
    const echoed: string[] = [];
    for (const [algorithm, value] of Object.entries(CHECKSUMS)) {
      const name = `x-amz-checksum-${algorithm}`;
      if ((await put(target, { [name]: value })).headers[name] === value) echoed.push(algorithm);
    }
    return echoed.join(' ');
  },
  'checksums of a put without one': async (target) => {
    const { headers } = await put(target);
    return (
      Object.keys(headers)
        .filter((name) => name in asHeaders(CHECKSUMS))
        .join(' ') || 'none'
    );
  },
  'the CRC32 by HEAD': async (target) => {
    await put(target, CRC32);
    const [plain, withMode] = [await head(target), await head(target, { 'x-amz-checksum-mode': 'ENABLED' })];
    return `${shown(plain, 'x-amz-checksum-crc32')}; ${shown(withMode, 'x-amz-checksum-crc32', 'x-amz-checksum-type')}`;
  },
  'If-None-Match * on an absent key': async (target) => answered(await put(target, ABSENT_ONLY)),
  'If-None-Match * on an existing key': overwritten(ABSENT_ONLY),
  'If-None-Match with an ETag': overwritten({ 'if-none-match': HELLO }),
  'eight If-None-Match * at once': async (target) => {
    const puts = Array.from({ length: 8 }, (_, i) => put(target, ABSENT_ONLY, { body: `${i}` }));
    const answers = (await Promise.all(puts)).map(answered);
    const others = new Set(answers.filter((answer) => answer !== '200'));
    const written = answers.filter((answer) => answer === '200').length;
    return [written === 1 ? 'one is put' : 'several are put', ...others].join(', ');
  },
  'If-Match with the ETag': overwritten({ 'if-match': HELLO }),
  'If-Match with another ETag': overwritten({ 'if-match': `"${'0'.repeat(32)}"` }),
  'If-Match on an absent key': refused({ 'if-match': HELLO }),
  'content headers': kept(
    {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'max-age=60',
      'content-disposition': 'attachment',
      'content-encoding': 'gzip',
      'content-language': 'de',
      expires: 'Tue, 01 Jan 2030 00:00:00 GMT',
    },
    'content-type',
    'cache-control',
    'content-disposition',
    'content-encoding',
    'content-language',
    'expires',
  ),
  'no content type': kept({}, 'content-type'),
  metadata: kept({ 'x-amz-meta-long-name': 'b:c, d  e' }, 'x-amz-meta-long-name'),
  'metadata that is not ASCII': async (target) => {
    const outline = { method: 'PUT', key: 'a', body: 'hello', headers: { 'x-amz-meta-a': 'gr\u00fc\u00df' } };
    const { request } = signed(target, requestOf(target, outline));
    // Node writes each character of a header as one byte.
    const bytes = Buffer.from(outline.headers['x-amz-meta-a']).toString('latin1');
    const answer = await send(target, { ...request, headers: { ...request.headers, 'x-amz-meta-a': bytes } });
    if (answer.status !== 200) return answered(answer);
    return Buffer.from(shown(await head(target), 'x-amz-meta-a'), 'latin1').toString();
  },
  'metadata of 2,048 bytes': refused({ 'x-amz-meta-ab': 'x'.repeat(2046) }),
  'metadata of 2,049 bytes': refused({ 'x-amz-meta-ab': 'x'.repeat(2047) }),
  'a redirect location': kept({ 'x-amz-website-redirect-location': '/else' }, 'x-amz-website-redirect-location'),
  'two tags': kept({ 'x-amz-tagging': 'a=b&c=d%20e' }, 'x-amz-tagging-count'),
  'eleven tags': refused({ 'x-amz-tagging': tags(11) }),
  'a tag twice': refused({ 'x-amz-tagging': 'a=1&a=2' }),
  'storage class STANDARD_IA': kept({ 'x-amz-storage-class': 'STANDARD_IA' }, 'x-amz-storage-class'),
  'storage class REDUCED_REDUNDANCY': kept({ 'x-amz-storage-class': 'REDUCED_REDUNDANCY' }, 'x-amz-storage-class'),
  'an unknown storage class': refused({ 'x-amz-storage-class': 'NONE' }),
  'SSE AES256': kept({ 'x-amz-server-side-encryption': 'AES256' }, 'x-amz-server-side-encryption'),
  'SSE aws:kms': kept({ 'x-amz-server-side-encryption': 'aws:kms' }, 'x-amz-server-side-encryption'),
  'an unknown SSE': refused({ 'x-amz-server-side-encryption': 'rot13' }),
  'ACL public-read in a new bucket': refused({ 'x-amz-acl': 'public-read' }),
  'ACL bucket-owner-full-control': refused({ 'x-amz-acl': 'bucket-owner-full-control' }),
  'an unknown ACL': refused({ 'x-amz-acl': 'everybody' }),
};

function asHeaders(checksums: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]));
}
