const MIB = 1024 * 1024;

/** The smallest part size of the rule, in bytes. @internal */
export const PART_FLOOR: number = 8 * MIB;
/**
 * S3's limits on the size of a part, except the last, in bytes; and how many parts an object may have here. S3 allows 10,000 parts: the last
 * number is reserved for the mark of an upload.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export const SMALLEST_PART: number = 5 * MIB;
export const LARGEST_PART: number = 5 * 1024 * MIB;
export const MOST_PARTS = 9_999;
export const MARK_NUMBER = 10_000;
/** The largest object that can be uploaded in parts, in bytes: 48.8 TiB. */
export const LARGEST_OBJECT: number = MOST_PARTS * LARGEST_PART;

const TARGET_PARTS = 8_192;

/** Version of {@link partSizeFor}. Another rule gives other ETags, so change it along with the rule. */
export const PART_SIZE_RULE = 1;

/** What the part size depends on besides the object's size. */
export interface PartSizing {
  /** The user's part size in bytes; doubled until at most 9,999 parts are enough. */
  readonly partSize?: number | undefined;
  /** The smallest part size of the rule, in bytes; only tests lower it. @default 8 MiB */
  readonly floor?: number | undefined;
}

/**
 * Bytes of each part, except the last, of an object of this size: the smallest power of two from 8 MiB that gives at most 8,192 parts, at
 * most 5 GiB. The rule depends on the size alone, so that the ETag of an object that was put in parts can be computed again.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export function partSizeFor(size: number, { partSize, floor = PART_FLOOR }: PartSizing = {}): number {
  const most = partSize === undefined ? TARGET_PARTS : MOST_PARTS;
  let part = partSize ?? floor;
  while (part < LARGEST_PART && size > part * most) part *= 2;
  return Math.min(part, LARGEST_PART);
}

/** This many parts of a stream have the rule's smallest size, so that up to 32 GiB its ETag is that of a file; later parts are eight times as large. */
const SMALL_STREAM_PARTS = 4_096;

/**
 * Bytes of part `number`, from 1, of an object whose size is known only at its end.
 * @param equal all parts must have one size, so that the object has at most 9,999 times the smallest one, 78 GiB
 */
export function streamPartSize(
  number: number,
  { partSize, floor = PART_FLOOR }: PartSizing = {},
  equal = false,
): number {
  return partSize ?? (equal || number <= SMALL_STREAM_PARTS ? floor : floor * 8);
}

/** Whether part `number` is the first one for which {@link streamPartSize} would have another size, if parts of two sizes were allowed. */
export function outgrowsEqualParts(number: number, { partSize }: PartSizing): boolean {
  return partSize === undefined && number === SMALL_STREAM_PARTS + 1;
}

/** How many parts of this size an object has; at least one. */
export function partCount(size: number, partSize: number): number {
  return Math.max(1, Math.ceil(size / partSize));
}

/** The bytes of a part: from `start` up to, not including, `end`. */
export interface PartRange {
  /** From 1. */
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** The range of part `number`, from 1; the last part ends with the object. */
export function partRange(size: number, partSize: number, number: number): PartRange {
  const start = (number - 1) * partSize;
  return { number, start, end: Math.min(start + partSize, size) };
}

/** How an object is cut into parts. */
export interface Layout {
  /** Bytes of the object. */
  readonly size: number;
  readonly count: number;
  /** The range of part `number`, from 1. */
  range(number: number): PartRange;
}

/** Parts of one size, except the last. */
export function evenLayout(size: number, partSize: number): Layout {
  return { size, count: partCount(size, partSize), range: (number) => partRange(size, partSize, number) };
}

/** Parts of these sizes, in their order. */
export function unevenLayout(sizes: readonly number[]): Layout {
  const starts: number[] = [];
  let size = 0;
  for (const part of sizes) {
    starts.push(size);
    size += part;
  }
  return {
    size,
    count: sizes.length,
    range(number) {
      const start = starts[number - 1] ?? size;
      return { number, start, end: start + (sizes[number - 1] ?? 0) };
    },
  };
}

/** Whether all parts have one size, except the last, which is not larger. Cloudflare R2 completes no upload of other parts. */
export function isEven({ count, range }: Layout): boolean {
  const sizeOf = (number: number) => range(number).end - range(number).start;
  const first = sizeOf(1);
  for (let number = 2; number < count; number++) if (sizeOf(number) !== first) return false;
  return sizeOf(count) <= first;
}

/** Whether the listed parts, except the mark, match this layout. */
export function fits({ count, range }: Layout, parts: ReadonlyMap<number, Part>): boolean {
  for (const { number, size } of parts.values()) {
    if (number === MARK_NUMBER) continue;
    if (number > count) return false;
    const { start, end } = range(number);
    if (size !== end - start) return false;
  }
  return true;
}

/** A part as a listing or a response shows it. */
export interface Part {
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  /** Unquoted. */
  readonly etag: string;
  /** In base64; undefined where the server does not show it. */
  readonly crc32?: string | undefined;
}
