import type { Verified } from '../report/outcome.js';

/** What one put's answer says about the bytes that were stored. */
export interface StoredProof {
  readonly etag: string | undefined;
  /** The answer names a KMS or customer key: then the ETag is not an MD5. */
  readonly encrypted: boolean;
  /** MD5 of the bytes sent, lower-case hex. */
  readonly md5: string;
}

/**
 * Compares the ETag that a put's answer names with the MD5 of what was sent. An ETag of 32 hex digits is the MD5 of a plain object
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html), but not every S3 server keeps to that: unless the server says that it is
 * S3, a difference counts only once an ETag of this run has matched.
 */
export function etagJudge(): (proof: StoredProof, server: string | undefined) => Verified | 'mismatch' {
  let matchedBefore = false;
  return ({ etag, encrypted, md5 }, server) => {
    if (etag === undefined || encrypted || !/^[0-9a-f]{32}$/i.test(etag)) return 'none';
    if (etag.toLowerCase() === md5) {
      matchedBefore = true;
      return 'md5';
    }
    return matchedBefore || server === 'AmazonS3' ? 'mismatch' : 'none';
  };
}
