import { MARK_NUMBER, type PartRange, partCount, partRange } from '../../part-size.js';
import type { Part } from '../../s3/multipart.js';

/** How an object is cut into parts. */
export interface Layout {
  /** Bytes of the object. */
  readonly size: number;
  readonly count: number;
  /** The place of part `number`, from 1. */
  range(number: number): PartRange;
}

/** Parts of one size, but for the last. */
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

/** Do the listed parts, but for the mark, lie where this layout has some? */
export function fits({ count, range }: Layout, parts: ReadonlyMap<number, Part>): boolean {
  for (const { number, size } of parts.values()) {
    if (number === MARK_NUMBER) continue;
    if (number > count) return false;
    const { start, end } = range(number);
    if (size !== end - start) return false;
  }
  return true;
}
