import { compareKeys } from '../../model/key-order.js';
import type { ListedObject } from './listed.js';
import { isBound } from './predict-keys.js';

/** Keys of a source at regular distances: if the bucket has mostly the same keys, they show where the pages of its listing will begin. */
export interface Landmarks {
  /** Takes the next key of the source, in key order. */
  see(key: string): void;
  /**
   * Where to cut the listing after this page.
   * @param start the page has all keys after this one
   * @returns undefined where the keys of the page are mostly others, so that nothing is known of the next ones
   */
  guide(page: readonly Pick<ListedObject, 'key'>[], start: string): Guide | undefined;
}

/** Where a listing that has mostly the keys of the source is cut into pieces that are read in parallel. */
export interface Guide {
  /** The last key of the piece after this text; undefined where the source has no more keys than a piece has. */
  next(after: string, prefix: string): string | undefined;
  /** A piece that should have been one page has more: from here on a piece has several, so that each wastes less. */
  overflow(): void;
}

/** A page of most servers is a multiple of it. A million keys leave 4,000 landmarks. */
const DISTANCE = 250;
/** Pages of a piece where the bucket does not have exactly the keys of the source: a piece may need one request more than its keys do. */
const PAGES_OF_PIECE = 4;

export function landmarks(distance: number = DISTANCE): Landmarks {
  const marks: string[] = [];
  let count = 0;
  let last: string | undefined;

  /** How many landmarks are not above the text. */
  function upTo(text: string): number {
    let low = 0;
    let high = marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareKeys(marks[middle] ?? '', text) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    see(key) {
      count += 1;
      last = key;
      if (count % distance === 0) marks.push(key);
    },
    guide(page, start) {
      const end = page.at(-1)?.key;
      if (end === undefined) return undefined;
      const passed = upTo(end);
      const own = passed - upTo(start);
      if (2 * own * distance <= page.length) return undefined;
      let exact = marks[passed - 1] === end && own * distance === page.length;
      const pages = Math.max(own, Math.round(page.length / distance));
      return {
        next(after, prefix) {
          // What is left after the last landmark is read with the end of the listing.
          const most = last === marks.at(-1) ? marks.length - 1 : marks.length;
          const between = { prefix, after, end: undefined };
          for (let at = upTo(after) + pages * (exact ? 1 : PAGES_OF_PIECE) - 1; at < most; at++) {
            const mark = marks[at];
            if (mark !== undefined && isBound(mark, between)) return mark;
          }
          return undefined;
        },
        overflow() {
          exact = false;
        },
      };
    },
  };
}
