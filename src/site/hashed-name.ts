/**
 * Whether a build tool seems to have put a hash of the content into the name, so that another content has another name. Judged by the name alone:
 * a path with `/`, relative to the source or the prefix.
 *
 * - All below `_app/immutable/` (SvelteKit) and `_next/static/` (Next.js): these tools promise it.
 * - Below `_next/data/`, `_nuxt/` and `_astro/`: a hash anywhere in the rest of the path.
 * - A folder of 20 or more hexadecimal digits (Gatsby).
 * - A base name of 16 or more hexadecimal digits and an ending (files that webpack emits).
 * - Else: a hash set off by `.`, `-`, `_`, `~` or `@`, before the last ending.
 *
 * A hash is 8 or more letters and digits that are no words, numbers, dates or image sizes; or the 8 characters of Rollup, which may hold `-` and
 * `_`; or the 8 capitals of esbuild. A name is wrongly taken as hashed now and then (`IMG-A1B2C3D4.jpg`): such a file is only sent earlier, and
 * deleted later. Lower-case hashes without a digit look like words, and are not found.
 */
export function looksHashed(path: string): boolean {
  if (restBelow(path, PROMISED) >= 0) return true;
  const slash = path.lastIndexOf('/');
  if (slash >= 20 && HEX_FOLDER.test(path.slice(0, slash + 1))) return true;
  const built = restBelow(path, BUILT);
  if (built >= 0) {
    const segments = path.slice(built).split('/');
    return segments.some((segment) => hasHash(`.${withoutEnding(segment)}`));
  }
  const base = path.slice(slash + 1);
  const name = withoutEnding(base);
  if (name.length === base.length) return false;
  return (name.length >= 16 && isHex(name)) || /^\d{20}$/.test(name) || hasHash(name);
}

/** Folders in which every name changes with its content. */
const PROMISED = ['_app/immutable/', '_next/static/'];
/** Folders of build tools, where the whole name may be the hash. */
const BUILT = ['_next/data/', '_nuxt/', '_astro/'];
const HEX_FOLDER = /(?:^|\/)(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{20,}\//;

/** Where the rest of the path begins, below one of these folders; -1 where it is in none. */
function restBelow(path: string, folders: readonly string[]): number {
  for (const folder of folders) {
    const at = path.indexOf(folder);
    if (at === 0 || (at > 0 && path[at - 1] === '/')) return at + folder.length;
  }
  return -1;
}

function withoutEnding(base: string): string {
  const dot = base.lastIndexOf('.');
  return dot < 0 ? base : base.slice(0, dot);
}

const SEPARATOR = /[.\-_~@]/;
const LONG_ENOUGH = /[.\-_~@][\w-]{8}/;
const PLAIN_TOKEN = /^[A-Za-z\d]{8,}$/;
/** 8 characters of base64url with a `-` or `_` among them: https://rollupjs.org/configuration-options/#output-hashcharacters */
const WITH_DASHES = /[.\-_](?=[A-Za-z\d]*[-_])[\w-]{8}$/;

/** @param name without its last ending */
function hasHash(name: string): boolean {
  if (!LONG_ENOUGH.test(name)) return false;
  const tokens = name.split(SEPARATOR);
  for (let index = 1; index < tokens.length; index++) {
    const token = tokens[index] as string;
    if (token.length >= 8 && PLAIN_TOKEN.test(token) && isHash(token, name)) return true;
  }
  for (let end = name.length; end > 8; end = name.lastIndexOf('.', end - 1)) {
    const window = name.slice(end - 9, end);
    if (WITH_DASHES.test(window) && isDashedHash(window.slice(1))) return true;
  }
  return false;
}

const SIZE = /^\d+x\d+$|^\d+w\d*h?$/i;
const TIME = /^\d{8}T\d{4,9}Z?$/i;
/** base32: https://esbuild.github.io/api/#entry-names */
const CAPITALS = /^[A-Z2-7]{8}$/;

function isHash(token: string, name: string): boolean {
  if (isHex(token)) return true;
  if (SIZE.test(token) || TIME.test(token)) return false;
  const [lower, upper, digits] = [/[a-z]/.test(token), /[A-Z]/.test(token), /\d/.test(token)];
  if (upper && !lower) {
    // Names that are capitals throughout, such as README-DOCKER64.md, show nothing.
    return /[a-z]/.test(name) && (CAPITALS.test(token) || (digits && !/^[A-Z]{1,5}\d+$/.test(token)));
  }
  if (!lower) return isNumericHash(token, name);
  return ((lower && digits) || (lower && upper)) && !isWords(token);
}

/** 2 of 100 hashes of 8 hexadecimal digits hold no letter. Behind a dot stands hardly anything else, except a date or a number with zeros in front. */
function isNumericHash(token: string, name: string): boolean {
  return /^[1-9]\d{7}$/.test(token) && !/^(?:19|20)|(?:19|20)\d\d$/.test(token) && name.includes(`.${token}`);
}

function isHex(token: string): boolean {
  return /^(?:[\da-f]+|[\dA-F]+)$/.test(token) && /\d/.test(token) && /[a-f]/i.test(token);
}

/** What words in camel case consist of. */
export const WORD_PIECES: RegExp = /[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+/g;
const ACRONYM = /^[A-Z]{2,5}$/;
export const SHORT_WORD: RegExp = /^(?:an?|as|at|by|db|id|in|io|is|js|my|no|of|on|or|to|ts|ui|up|us|v|vs|h|x|mp|px)$/i;
const VOWEL = /[aeiouy]/;
/** What English words do not hold: 4 consonants side by side, or an unusual pair. */
const UNSPEAKABLE = /[b-df-hj-np-tv-xz]{4}|[aeiou]{4}|q(?!u)|[jv](?![aeiouy]|$)|[^aeioustrlnyz]z|[cdfghjkmpqsvwz]x/;
/** Two consonants that a word may begin with. */
const BEGINNING = /^(?:[aeiouy]|.[aeiouy]|[bcfgp]l|[bcdfgkptw]r|ch|dw|gn|kn|ph|rh|s[chklmnpqtw]|th|tw|ts|wh|xm)/;

/**
 * Whether a token reads as words, such as `TableOfContents`, `chapter12` or `base64encode`: with at most one number, one short word and one
 * acronym. Doubts are for the hash.
 */
function isWords(token: string): boolean {
  const left = { numbers: 1, short: 1, acronyms: 1 };
  for (const piece of token.match(WORD_PIECES) ?? []) {
    if (/^\d/.test(piece)) left.numbers -= 1;
    else if (SHORT_WORD.test(piece)) left.short -= 1;
    else if (ACRONYM.test(piece)) left.acronyms -= 1;
    else if (!isSpeakable(piece.toLowerCase())) return false;
  }
  return Math.min(...Object.values(left)) >= 0;
}

/** Whether letters may be a word. @param word in lower case */
export function isSpeakable(word: string): boolean {
  return word.length > 2 && VOWEL.test(word) && !UNSPEAKABLE.test(word) && BEGINNING.test(word);
}

/** Parts between dashes of ordinary names: `Hans`, `CN`, `v2`, `2x`, `12`. */
const PLAIN = /^(?:[A-Z]?[a-z]*[aeiouy][a-z]*|[a-z]{1,2}|[A-Z]{1,3}|[A-Za-z]?\d+|\d+[a-z]?)$/;

function isDashedHash(token: string): boolean {
  if (!/[A-Z]/.test(token) || !/[a-z]/.test(token)) return false;
  return token.split(/[-_]/).some((part) => part !== '' && !PLAIN.test(part));
}
