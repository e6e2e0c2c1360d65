import { createHash } from 'node:crypto';

// The only file that knows what an ETag looks like, without its quotes.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html

const MD5 = /^[0-9a-f]{32}$/i;
const MULTIPART = /^[0-9a-f]{32}-(\d+)$/i;

/** Whether an ETag looks like one MD5. It is the MD5 of the bytes unless a KMS key or a key of the user encrypts them. */
export function isMd5(etag: string | undefined): etag is string {
  return etag !== undefined && MD5.test(etag);
}

/** How many parts an ETag names; undefined where it is not the ETag of a multipart upload. */
export function partCountOf(etag: string | undefined): number | undefined {
  const count = MULTIPART.exec(etag ?? '')?.[1];
  return count === undefined ? undefined : Number(count);
}

/** Whether an ETag ends in a number of parts, whatever stands before it. */
export function endsInPartCount(etag: string | undefined): boolean {
  return /-\d+$/.test(etag ?? '');
}

/**
 * The ETag of an object in parts: the MD5 of the parts' MD5s, and their number.
 * @param md5s of the parts in their order, in hex
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function multipartEtag(md5s: Iterable<string>): string {
  const whole = createHash('md5');
  let count = 0;
  for (const md5 of md5s) {
    whole.update(md5, 'hex');
    count += 1;
  }
  return `${whole.digest('hex')}-${count}`;
}

/**
 * Whether an ETag can stand in a header: visible characters without quotes, as RFC 9110 (8.8.3) has them. A listing may hold any text.
 */
export function isHeaderEtag(etag: string | undefined): etag is string {
  return etag !== undefined && /^[\x21\x23-\x7e]+$/.test(etag);
}
