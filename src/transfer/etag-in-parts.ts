import { createHash } from 'node:crypto';
import type { Content } from '../source/entry.js';
import type { Md5 } from './md5.js';

/**
 * The ETag that these bytes have after a multipart upload with this part size: the MD5 of the parts' MD5s, and their number.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export async function etagInParts(content: Content, partSize: number, md5: Md5, signal: AbortSignal): Promise<string> {
  const whole = createHash('md5');
  let count = 0;
  for (let start = 0; start < content.size || count === 0; start += partSize) {
    whole.update(await md5.of(part(content, start, Math.min(start + partSize, content.size)), signal), 'hex');
    count += 1;
  }
  return `${whole.digest('hex')}-${count}`;
}

/** Bytes `start` to `end` of a content, as a content of their own. */
function part(content: Content, start: number, end: number): Content {
  return { ...content, size: end - start, slice: (from, to, into) => content.slice(start + from, start + to, into) };
}
