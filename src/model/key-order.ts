/**
 * Order of two keys by their UTF-8 bytes, which is the order of S3's listings and of their code points. Negative, zero or
 * positive, as sort functions expect. UTF-16, the order of `<`, differs where an astral character meets one of U+E000–U+FFFF.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  // V8 compares UTF-16 units in bulk, and rejects one-byte strings for this pattern without scanning them.
  if (!HIGH.test(a) || !HIGH.test(b)) return a < b ? -1 : 1;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** UTF-16 and UTF-8 order can differ only where both keys have such a unit. */
const HIGH = /[\ud800-\uffff]/;

/** Whether UTF-16 order puts the two keys the other way round. Some servers list in that order. */
export function utf16Disagrees(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return left < right !== codePointRank(left) < codePointRank(right);
  }
  return false;
}

/** Moves surrogates, which stand for code points from U+10000, above U+E000–U+FFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * A start-after value strictly below `key`, with few other keys between: the last character lowered, then `~`, which
 * stands above most of what could follow. Every key that is not below `key` in UTF-8 order is above the value in UTF-8
 * and in UTF-16 order, so a server that lists in either order skips nothing. The value never ends in `/`, gains no empty, `.` or `..`
 * segment and no character that XML cannot hold, and is not over 1,024 bytes if `key` is not.
 *
 * Undefined where there is none, where it would not begin with `prefix` (MinIO returns an empty listing then), and where
 * `key` holds U+E000–U+FFFF, a control character or half a surrogate pair.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function justBelow(key: string, prefix = ''): string | undefined {
  if (!UNTROUBLED.test(key)) return undefined;
  const room = Buffer.byteLength(key) < 1024;
  let head = key;
  while (head.length > prefix.length) {
    const last = head.codePointAt(head.length - (endsInPair(head) ? 2 : 1)) ?? 0;
    head = head.slice(0, last > 0xffff ? -2 : -1);
    const lower = lowered(last, room && !ENDS_BADLY.test(head), room);
    const value = lower === undefined ? head : `${head}${lower}${room ? '~' : ''}`;
    if (!value.startsWith(prefix)) return undefined;
    if (value !== prefix && !ENDS_BADLY.test(value)) return value;
  }
  return undefined;
}

/** Neither U+E000–U+FFFF, nor control characters, nor half a pair. */
const UNTROUBLED = /^[^\p{Cc}\p{Cs}\ue000-\uffff]*$/u;
/** Empty, a trailing slash, or a last segment `.` or `..`; some servers trim white space before they check. */
const ENDS_BADLY = /(?:^|\/)\s*(?:\.{1,2}\s*)?$/;

function endsInPair(text: string): boolean {
  const unit = text.charCodeAt(text.length - 1);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The next lower character that a start-after value may hold, if there is one. */
function lowered(codePoint: number, slashAllowed: boolean, dotAllowed: boolean): string | undefined {
  let lower = codePoint - 1;
  // Just below U+10000 are the surrogates and characters that UTF-16 orders differently.
  if (lower === 0xffff) lower = 0xd7ff;
  if ((lower & 0xfffe) === 0xfffe) lower -= 2;
  if (lower >= 0x7f && lower <= 0x9f) lower = 0x7e;
  if (lower === 0x2f && !slashAllowed) lower = 0x2e;
  if (lower === 0x2e && !dotAllowed) lower = 0x2d;
  return lower < 0x20 ? undefined : String.fromCodePoint(lower);
}
