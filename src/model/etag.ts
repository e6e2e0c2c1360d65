/**
 * How many parts an ETag tells; undefined where it is not one of parts.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function partsOf(etag: string | undefined): number | undefined {
  const count = /^[0-9a-f]{32}-(\d+)$/i.exec(etag ?? '')?.[1];
  return count === undefined ? undefined : Number(count);
}

/** Is it an MD5, where no key of the user or of KMS encrypts? */
export function isMd5(etag: string | undefined): etag is string {
  return etag !== undefined && /^[0-9a-f]{32}$/i.test(etag);
}
