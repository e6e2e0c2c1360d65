import { compareKeys } from '../../model/key-order.js';

/**
 * Where a listing will be some pages later, if its keys stay as dense as in its last page: the texts `stride`, 2 × `stride` … pages
 * ahead, at most `count`. Each position has an alphabet: the characters seen there, and the rest of their kind:
 * digits, hex digits, letters. Where whole directories were seen, the names in the next ones are assumed to be alike.
 * @param page keys of the last page, in order
 * @param seen a few keys of earlier pages; the characters that differ in them count up
 */
export function predictKeys(page: readonly string[], seen: readonly string[], stride: number, count: number): string[] {
  const first = page[0] ?? '';
  const last = page.at(-1) ?? '';
  const every = Math.max(1, Math.floor(page.length / SAMPLE));
  const sample = [...seen, ...page.filter((_, index) => index % every === 0), last];
  const common = sample.reduce((least, key) => Math.min(least, sharedLength(key, last)), last.length);
  const from = last.lastIndexOf('/', common - 1) + 1;
  const directory = last.slice(0, last.lastIndexOf('/') + 1);
  const ended = sample.some((key) => !key.startsWith(directory));
  const alphabets: string[] = [];
  for (let at = from; at < Math.min(sharedLength(first, last) + EXACT, last.length); at++) {
    const alphabet = alphabetOf(sample, at, ended && at >= directory.length);
    if (UNSAFE.test(alphabet)) break;
    alphabets.push(alphabet);
  }

  const total = alphabets.reduce((product, alphabet) => product * BigInt(alphabet.length), 1n);
  const position = toNumber(last, from, alphabets);
  // A little less, because a range that ends just after a page needs another request to show its end.
  const step = ((position - toNumber(first, from, alphabets)) * BigInt(16 * stride - 1)) / 16n;
  const ahead: string[] = [];
  if (step <= 0n) return ahead;
  for (let at = position + step; at < total && ahead.length < count; at += step)
    ahead.push(last.slice(0, from) + toText(at, alphabets));
  return ahead;
}

/** Characters that a bound of a range never has. */
const UNSAFE = /[\p{Cc}\p{Cs}\ue000-\uffff]/u;
/** Most keys of a page whose characters are collected. */
const SAMPLE = 64;
/** How many characters count, after those that all keys of the page share. */
const EXACT = 6;

/** Characters at one place, in order. */
function alphabetOf(keys: readonly string[], at: number, whole: boolean): string {
  const seen = new Set<string>();
  for (const key of keys) if (at < key.length) seen.add(key.charAt(at));
  const all = new Set([...seen, ...(whole ? '' : kindsOf([...seen].join('')))]);
  return [...all].sort().join('');
}

function kindsOf(text: string): string {
  const digits = /\d/.test(text);
  const lower =
    /[g-z]/.test(text) || (!digits && /[a-f]/.test(text))
      ? 'abcdefghijklmnopqrstuvwxyz'
      : /[a-f]/.test(text)
        ? 'abcdef'
        : '';
  const upper =
    /[G-Z]/.test(text) || (!digits && /[A-F]/.test(text))
      ? 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
      : /[A-F]/.test(text)
        ? 'ABCDEF'
        : '';
  return `${digits ? '0123456789' : ''}${upper}${lower}`;
}

function toNumber(key: string, from: number, alphabets: readonly string[]): bigint {
  let value = 0n;
  for (const [index, alphabet] of alphabets.entries())
    value = value * BigInt(alphabet.length) + BigInt(Math.max(0, alphabet.indexOf(key.charAt(from + index))));
  return value;
}

function toText(value: bigint, alphabets: readonly string[]): string {
  let text = '';
  let rest = value;
  for (const alphabet of [...alphabets].reverse()) {
    const radix = BigInt(alphabet.length);
    text = alphabet.charAt(Number(rest % radix)) + text;
    rest /= radix;
  }
  return text;
}

/**
 * A text about halfway between, to cut a listing after, or undefined where there is no good one. Halfway is by characters, as if all were
 * equally likely, because the real keys are unknown.
 */
export function middleKey(between: Between): string | undefined {
  const { prefix, after, end } = between;
  let at = end === undefined ? prefix.length : sharedLength(after, end);
  // Above the first different character anything may follow.
  let top = end === undefined ? undefined : end.charCodeAt(at);
  for (const last = at + DEEPEST; at <= Math.min(after.length, last); at++, top = undefined) {
    const low = at < after.length ? after.charCodeAt(at) : SPACE - 1;
    const high = top ?? (low < TILDE ? TILDE + 1 : SURROGATES);
    const middle = Math.floor((low + high) / 2);
    // If the middle is a slash or a dot that is not allowed there, a neighbour may be.
    for (const unit of [middle, middle + 1, middle + 2, middle - 1]) {
      if (unit <= low || unit >= high) continue;
      const text = after.slice(0, at) + String.fromCharCode(unit);
      if (isBound(text, between)) return text;
    }
  }
  return undefined;
}

/** Characters after this many hardly matter. */
const DEEPEST = 32;
const SPACE = 0x20;
const TILDE = 0x7e;
const SURROGATES = 0xd800;

/** Keys above `after` and, where there is one, up to `end`; all of them begin with `prefix`. */
export interface Between {
  readonly prefix: string;
  readonly after: string;
  readonly end: string | undefined;
}

/** How many UTF-16 units two texts share at their beginning. */
function sharedLength(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a.charCodeAt(i) !== b.charCodeAt(i)) return i;
  return length;
}

/** How many characters of every key between are known: each key between two texts begins with what both share. */
export function knownLength({ prefix, after, end }: Between): number {
  return end === undefined ? prefix.length : Math.max(prefix.length, sharedLength(after, end));
}

/**
 * Whether a listing may be cut after this text. It is between, and is a start-after value that servers accept: within the prefix, without an
 * empty, `.` or `..` segment or a trailing slash, without characters that XML cannot hold, at most 1,024 bytes. Every key between is on the
 * same side of it in UTF-8 and in UTF-16 order, so that a server that lists in either order hides nothing.
 */
export function isBound(text: string, between: Between): boolean {
  const { prefix, after, end } = between;
  if (!text.startsWith(prefix) || compareKeys(text, after) <= 0) return false;
  if (end !== undefined && compareKeys(text, end) >= 0) return false;
  const known = Math.min(knownLength(between), text.length);
  if (UNSAFE_BOUND.test(text.slice(known))) return false;
  const segment = text.lastIndexOf('/', known - 1) + 1;
  return !ODD_SEGMENT.test(text.slice(segment)) && Buffer.byteLength(text) <= 1024;
}

/** Control characters, and units for which the two orders can differ. */
const UNSAFE_BOUND = /[\p{Cc}\p{Cs}\ue000-\u{10ffff}]/u;
const ODD_SEGMENT = /(?:^|\/)\s*(?:\.{1,2}\s*)?(?:\/|$)/;
