const MIB = 1024 * 1024;
const SMALLEST = 8 * MIB;
const LARGEST = 5 * 1024 * MIB;
const PARTS_AIMED_AT = 8_192;

/** Version of {@link partSizeFor}: another rule gives other ETags, so it changes when the rule does. */
export const PART_SIZE_RULE = 1;

/**
 * Bytes of each part, but for the last, of an object of this size: the smallest power of two from 8 MiB that gives at most 8,192 parts, at
 * most 5 GiB. A rule of the size alone makes the ETag of an object that was put in parts one that can be computed again.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export function partSizeFor(size: number): number {
  let part = SMALLEST;
  while (part < LARGEST && size > part * PARTS_AIMED_AT) part *= 2;
  return Math.min(part, LARGEST);
}

/** How many parts of this size an object has; at least one. */
export function partCount(size: number, partSize: number): number {
  return Math.max(1, Math.ceil(size / partSize));
}
