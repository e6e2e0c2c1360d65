import { type Between, isBound, sharedLength } from './list-bound.js';

/**
 * A text about halfway between, to cut a listing behind, or undefined where there is no good one. Halfway is by characters, as if each
 * were as likely as any other; what keys there really are it cannot know.
 */
export function middleKey(between: Between): string | undefined {
  const { prefix, after, end } = between;
  let at = end === undefined ? prefix.length : sharedLength(after, end);
  // Above the first character in which they differ anything may follow.
  let top = end === undefined ? undefined : end.charCodeAt(at);
  for (const last = at + DEEPEST; at <= Math.min(after.length, last); at++, top = undefined) {
    const low = at < after.length ? after.charCodeAt(at) : SPACE - 1;
    const high = top ?? (low < TILDE ? TILDE + 1 : SURROGATES);
    const middle = Math.floor((low + high) / 2);
    // Where the middle is a slash or a dot that may not stand there, one beside it may.
    for (const unit of [middle, middle + 1, middle + 2, middle - 1]) {
      if (unit <= low || unit >= high) continue;
      const text = after.slice(0, at) + String.fromCharCode(unit);
      if (isBound(text, between)) return text;
    }
  }
  return undefined;
}

/** Further characters tell next to nothing apart. */
const DEEPEST = 32;
const SPACE = 0x20;
const TILDE = 0x7e;
const SURROGATES = 0xd800;
