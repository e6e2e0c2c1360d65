import { isSpeakable, looksHashed, SHORT_WORD, WORD_PIECES } from './hashed-name.js';

/**
 * Whether a base name ends in a hash of the content, so surely that browsers may keep the file for a year. Such a header cannot be taken back, so
 * doubts are for an ordinary name, and a hash that reads as words, a number or a date is missed. The looser `looksHashed` only orders uploads.
 *
 * The hash is what stands behind the last `.` or `-` before the ending, and has 8 or more letters and digits:
 *
 * | made by | looks like | taken where |
 * |---|---|---|
 * | webpack, Parcel, Rails, Hugo | hexadecimal | it has letters and digits, and changes between them 3 times or has letters that are no word |
 * | esbuild, Angular | 8 of `A-Z2-7` | it has both, the rest of the name has small letters, and some of it is no word |
 * | Rollup, Vite, Nuxt | 8 of base64url, with or without `-` and `_` | it has small letters and capitals, and they change more often than in words |
 * | others | longer, or without capitals | the same, and more so |
 *
 * - A whole name of 16 or more hexadecimal digits is a hash, too. A UUID is none: programs that store uploads make them, and replace the content.
 * - A date, a size (`1024x768`) and one word with one number (`chapter12`, `e1612345678901`) are none.
 * - Endings that build tools set behind the hash are skipped: `.lean.js`, `.chunk.js`, `.min.css` … and those of compressed copies.
 * - A source map has none: it may change while its script, whose hash it bears, does not.
 */
export function endsInHash(base: string): boolean {
  const name = withoutEndings(base);
  if (name === undefined || UUID.test(name)) return false;
  if (isHex(name) && name.length >= 16) return true;
  const [, token] = LAST_TOKEN.exec(name) ?? [];
  if (token !== undefined && isHash(token, name.slice(0, -token.length))) return true;
  const [, dashed] = LAST_DASHED.exec(name) ?? [];
  return dashed !== undefined && isDashedHash(dashed);
}

/** What hardly anybody but a build gives a name that looks hashed; pictures and documents are named by cameras, programs and people. */
const BUILT = /\.(?:[cm]?js|css|wasm|woff2?)$/i;

/**
 * Whether the name of a file that a page or a style sheet names shows that it changes with its content: for scripts, styles and fonts by the looser
 * rule, which finds 97 of 100 hashes of Vite and nearly all others, and else by {@link endsInHash}.
 */
export function isNamedByContent(base: string): boolean {
  if (endsInHash(base)) return true;
  if (!BUILT.test(base.replace(ENCODED, '')) || !looksHashed(base)) return false;
  const [, token = ''] = LAST_TOKEN.exec(withoutEndings(base) ?? '') ?? [];
  // `HtmlParser` reads as words to people who write programs.
  return !/^(?=.*[a-z])[A-Za-z]+$/.test(token) || strangeLetters(token) > 0;
}

/**
 * Whether a build has put a hash into the name that it gave to what it calls `logical`. What it has added is known here, so that capitals alone and
 * digits alone count, too. Both are base names.
 */
export function addsHash(base: string, logical: string): boolean {
  if (endsInHash(base)) return true;
  const name = withoutEndings(base);
  if (name === undefined || base === logical) return false;
  for (let stem = logical; stem !== ''; stem = stem.slice(0, Math.max(stem.lastIndexOf('.'), 0))) {
    if (!name.startsWith(stem) || !/[.\-_~]/.test(name[stem.length] ?? '')) continue;
    return isAddedHash(name.slice(stem.length + 1), stem);
  }
  return false;
}

const ENCODED = /\.(?:gz|br|zst)$/i;
const BEHIND_HASH = /\.(?:lean|chunk|min|bundle|module)$/i;

/** Undefined for a name without an ending, and for a source map. */
function withoutEndings(base: string): string | undefined {
  const plain = base.replace(ENCODED, '');
  const dot = plain.lastIndexOf('.');
  if (dot <= 0 || plain.endsWith('.map')) return undefined;
  return plain.slice(0, dot).replace(BEHIND_HASH, '');
}

const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const LAST_TOKEN = /[.-]([A-Za-z\d]{8,})$/;
/** https://rollupjs.org/configuration-options/#output-hashcharacters */
const LAST_DASHED = /[.-](?=[A-Za-z\d]*[-_])([\w-]{8})$/;
const BASE32 = /^[A-Z2-7]{8}$/;
const DATE = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/;
const DATE_BACKWARDS = /^(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d/;
const SIZE = /^\d+x\d+[a-z]*$|^\d+w\d*h?$/i;
const LETTERS_AND_NUMBER = /^[A-Za-z]+\d+$|^\d+[A-Za-z]+$/;
const CAMEL_CASE = /^[A-Z]?[a-z]+(?:[A-Z][a-z]+)*$/;
const LONG_WORDS = /^[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,})*$/;

function isHex(token: string): boolean {
  return /^[\da-f]+$/.test(token) && /\d/.test(token) && /[a-f]/.test(token);
}

/**
 * How often `strange` characters and changes between kinds must occur was measured with all names on a machine with many programs (107,000 ends of
 * names: 30 ordinary ones were taken, such as `RSAPKCS1v15`), and with random hashes.
 * @param token letters and digits
 * @param before what stands before it in the name
 */
function isHash(token: string, before: string): boolean {
  const [lower, upper, digit] = [/[a-z]/.test(token), /[A-Z]/.test(token), /\d/.test(token)];
  if (Number(lower) + Number(upper) + Number(digit) < 2) return false;
  if (DATE.test(token) || SIZE.test(token) || isWordAndNumber(token)) return false;
  if (!lower) return BASE32.test(token) && /[a-z]/.test(before) && strangeLetters(token) >= 2;
  const [strange, changes, { length }] = [strangeLetters(token), changesOfKind(token), token];
  if (isHex(token)) return changes >= 3 || strange >= 1;
  if (!upper) return strange >= 2 && changes >= 4 && changes * 2 >= length;
  if (digit) return changes * 3 >= length ? strange >= 2 : changes * 4 >= length && strange * 2 >= length;
  // A quarter of Rollup's hashes hold no digit.
  const leastStrange = changes >= 2 && !CAMEL_CASE.test(token) ? 3 : 6;
  if (length === 8 && changes >= 1 && strange >= leastStrange && !LONG_WORDS.test(token)) return true;
  return changes >= 2 && changes * 4 >= length && strange * 2 >= length;
}

/** `chapter12`, `2024report`, and one letter with a number, as cameras and stamps have it: `P1010023`. */
function isWordAndNumber(token: string): boolean {
  if (!LETTERS_AND_NUMBER.test(token)) return false;
  const letters = token.replace(/\d+/, '');
  return letters.length < 2 || strangeLetters(letters) === 0;
}

/** 8 characters with `-` or `_` among them: ordinary names have such ends, too (`My-Photo`). */
function isDashedHash(token: string): boolean {
  if (!/[A-Z]/.test(token) || !/[a-z]/.test(token)) return false;
  const strange = token.split(/[-_]/).reduce((sum, part) => sum + strangeLetters(part), 0);
  if (!/\d/.test(token)) return strange >= 4;
  return strange >= (changesOfKind(token.replaceAll(/[-_]/g, '')) >= 3 ? 2 : 3);
}

/** Doubts are for the hash here: nobody but a build has chosen what it has added. Dates, sizes and words stay what they are. */
function isAddedHash(added: string, stem: string): boolean {
  return [added, ...added.split('.')].some((token) => {
    if (DATE.test(token) || DATE_BACKWARDS.test(token) || SIZE.test(token)) return false;
    if (/^\d+$/.test(token)) return token.length === 8 || token.length >= 16;
    if (BASE32.test(token)) return /[a-z]/.test(stem);
    if (/^\w{8,}$/.test(token) && isHex(token)) return token.replaceAll(/\d/g, '').length < 3 || isHash(token, stem);
    return /^[\w-]{8}$/.test(token) && !/^[a-z_-]+$|^[A-Z_-]+$|^\d+$/.test(token) && wordless(token);
  });
}

function wordless(token: string): boolean {
  return !token.split(/[-_]/).some((part) => isWordAndNumber(part) && part.length > 4) && strangeLetters(token) >= 1;
}

/** Short, and frequent in names. */
const TECHNICAL =
  /^(?:api|aws|be|bmp|cdn|cjs|cli|crc|css|csv|dns|do|esm|ftp|gcp|gif|go|gps|hdr?|html?|https?|if|it|jpe?g|jsx?|json|jvm|ldap|mdx?|me|mp|mpeg|npm|ok|os|pdf|php|png|ptr|rgba?|rpc|rss|sdk|sha|smtp|so|sql|src|ssh|ssl|str|svg|tcp|tls|tsx?|tv|txt|udp|ui|url|utf|uuid|ux|wasm|we|webp|xhr|xml|xs|xx|yml|zip)$/i;

/** How many letters belong to no word. */
function strangeLetters(token: string): number {
  let count = 0;
  for (const piece of token.match(WORD_PIECES) ?? []) {
    if (/^\d/.test(piece) || SHORT_WORD.test(piece) || TECHNICAL.test(piece)) continue;
    if (!isSpeakable(piece.toLowerCase())) count += piece.length;
  }
  return count;
}

/** How often digits, small letters and capitals change, but not from a capital to the small letters of its word. */
function changesOfKind(token: string): number {
  return token.match(/\d(?=\D)|\D(?=\d)|[a-z](?=[A-Z])/g)?.length ?? 0;
}
