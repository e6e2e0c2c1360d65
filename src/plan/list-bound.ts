import { compareKeys } from '../key.js';

/** Keys above `after` and, where there is one, up to `end`; all of them begin with `prefix`. */
export interface Between {
  readonly prefix: string;
  readonly after: string;
  readonly end: string | undefined;
}

/** How many UTF-16 units two texts share at their beginning. */
export function sharedLength(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a.charCodeAt(i) !== b.charCodeAt(i)) return i;
  return length;
}

/** How much of every key between is known: whatever lies between two texts begins as both do. */
export function knownLength({ prefix, after, end }: Between): number {
  return end === undefined ? prefix.length : Math.max(prefix.length, sharedLength(after, end));
}

/**
 * May a listing be cut behind this text? It lies between, and is a start-after value that servers take: within the prefix, without an
 * empty, `.` or `..` segment or a trailing slash, without what XML cannot hold, at most 1,024 bytes. And whatever is listed between lies
 * on the same side of it in UTF-8 and in UTF-16 order, so that a server that lists in either hides nothing.
 */
export function isBound(text: string, between: Between): boolean {
  const { prefix, after, end } = between;
  if (!text.startsWith(prefix) || compareKeys(text, after) <= 0) return false;
  if (end !== undefined && compareKeys(text, end) >= 0) return false;
  const known = Math.min(knownLength(between), text.length);
  if (TROUBLED.test(text.slice(known))) return false;
  const segment = text.lastIndexOf('/', known - 1) + 1;
  return !ODD_SEGMENT.test(text.slice(segment)) && Buffer.byteLength(text) <= 1024;
}

/** Control characters, and units on which the two orders can disagree. */
const TROUBLED = /[\p{Cc}\p{Cs}\ue000-\u{10ffff}]/u;
const ODD_SEGMENT = /(?:^|\/)\s*\.{0,2}\s*(?:\/|$)/;
