import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { nameInside } from '../model/encodings.js';

/** What S3 would store too without a content type; set here so that it is sent and shown. */
const UNKNOWN = 'application/octet-stream';

const UTF_8 = '; charset=utf-8';
const TEXT = `text/plain${UTF_8}`;
/** Segments of a video, as HLS has them. */
const MPEG_TS = 'video/mp2t';

/** Extensions for which mime-types has no type, or not the one that a browser needs. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  // mime-types has application/node, which a <script> does not run under nosniff.
  cjs: 'text/javascript; charset=utf-8',
  // TypeScript has no registered type, and no browser runs it. As plain text browsers show it and CDNs compress it.
  cts: TEXT,
  tsx: TEXT,
  tgz: 'application/gzip',
  zst: 'application/zstd',
};

/** Names without an extension for which a standard or a vendor requires a type. */
const BY_NAME: Readonly<Record<string, string>> = {
  // Apple: served as application/json. https://developer.apple.com/documentation/xcode/supporting-associated-domains
  'apple-app-site-association': 'application/json',
  // OpenID Connect Discovery 1.0, section 4.2
  'openid-configuration': 'application/json',
};

/** Extensions looked up so far, null for those without a type. A tree has few; the limit keeps odd names from filling the memory. */
const known = new Map<string, string | null>();
const MOST_KNOWN = 1000;

/**
 * Content type by the extension of the key's last segment, or by a few well-known names. Text types get `; charset=utf-8`;
 * XML (and SVG) does not, because it names its own encoding. Unknown types, and names without an extension such as `LICENSE`
 * and `.htaccess`, get `application/octet-stream`. A put looks at the first bytes too: it leaves the charset out where they are not UTF-8, and
 * gives names without an extension, and `.ts` and `.mts`, `text/plain` where the bytes are text. The type is that of the file, not of what it encodes: `app.js.gz` is a gzip file.
 */
export function guessContentType(key: string): string {
  return knownContentType(key) ?? UNKNOWN;
}

/**
 * As {@link guessContentType}, but undefined where the name shows no type: it has no extension (`about`, `.htaccess`), an empty one (`about.`) or
 * an unknown one (`v1.2`). An extension for arbitrary bytes, such as `.bin`, is known.
 */
export function knownContentType(name: string): string | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1);
  const dot = base.lastIndexOf('.');
  if (dot <= 0) return Object.hasOwn(BY_NAME, base) ? BY_NAME[base] : undefined;
  const extension = base.slice(dot + 1).toLowerCase();
  // Other names with these endings may be those of videos.
  if ((extension === 'ts' || extension === 'mts') && DECLARATION.test(base)) return TEXT;
  const before = known.get(extension);
  if (before !== undefined) return before ?? undefined;
  const type = lookUp(extension);
  if (known.size < MOST_KNOWN) known.set(extension, type);
  return type ?? undefined;
}

/**
 * The ending of a name, in lower case, that alone decides about its content type; empty for a name without one, such as `LICENSE` and `.htaccess`. Undefined
 * where more of the name decides: it is one of TypeScript or of a video, one that a standard names, or it ends in a dot or a slash.
 */
export function decidingEnding(name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  const start = name.lastIndexOf('/') + 1;
  if (start === name.length || dot === name.length - 1) return undefined;
  if (dot <= start) return Object.hasOwn(BY_NAME, name.slice(start)) ? undefined : '';
  const ending = name.slice(dot + 1).toLowerCase();
  return ending === 'ts' || ending === 'mts' ? undefined : ending;
}

/** Declarations of TypeScript. */
const DECLARATION = /\.d\.m?ts$/i;

function lookUp(extension: string): string | null {
  if (Object.hasOwn(BY_EXTENSION, extension)) return BY_EXTENSION[extension] ?? null;
  // mime-types would take an extension with a slash, or an empty one, for a type.
  if (extension === '') return null;
  return USUAL.get(extension) ?? (mimeTypes().contentType(`.${extension}`) || null);
}

/** What mime-types has for the usual files of sites: it loads a large table, which takes as long as many small puts. A test compares. @internal */
export const USUAL: ReadonlyMap<string, string> = new Map([
  ['html', `text/html${UTF_8}`],
  ['htm', `text/html${UTF_8}`],
  ['css', `text/css${UTF_8}`],
  ['csv', `text/csv${UTF_8}`],
  ['js', `text/javascript${UTF_8}`],
  ['mjs', `text/javascript${UTF_8}`],
  ['txt', TEXT],
  ['md', `text/markdown${UTF_8}`],
  ['json', `application/json${UTF_8}`],
  ['map', `application/json${UTF_8}`],
  ['webmanifest', `application/manifest+json${UTF_8}`],
  ['xml', 'application/xml'],
  ['svg', 'image/svg+xml'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['avif', 'image/avif'],
  ['ico', 'image/vnd.microsoft.icon'],
  ['woff', 'font/woff'],
  ['woff2', 'font/woff2'],
  ['ttf', 'font/ttf'],
  ['otf', 'font/otf'],
  ['wasm', 'application/wasm'],
  ['pdf', 'application/pdf'],
  ['zip', 'application/zip'],
  ['gz', 'application/gzip'],
  ['mp3', 'audio/mpeg'],
  ['mp4', 'video/mp4'],
  ['webm', 'video/webm'],
  ['bin', UNKNOWN],
]);

const require: NodeJS.Require = createRequire(import.meta.url);

/** Loaded when it is first used. */
function mimeTypes(): typeof import('mime-types') {
  return require('mime-types');
}

/** Most bytes that decide about a type: what is not text after them is rare, and what is read of a large object is little. */
export const DECIDING_BYTES: number = 64 * 1024;

/** Whether an object's bytes may change the type that was guessed from this name. */
export function bytesDecide(name: string, guessed: string): boolean {
  if (guessed.endsWith(UTF_8)) return true;
  if (guessed === UNKNOWN) return !hasExtension(name);
  return guessed === MPEG_TS && /\.m?ts$/i.test(name);
}

function hasExtension(name: string): boolean {
  const base = name.slice(name.lastIndexOf('/') + 1);
  return base.lastIndexOf('.') > 0 || Object.hasOwn(BY_NAME, base);
}

/**
 * The type that was guessed from a name, in the light of the object's first bytes. A charset that is wrong would win over the one that a page names
 * itself, so text that is not UTF-8 gets none; and text is what it is where the name alone does not show it (`LICENSE`, `a.ts`).
 * @param bytes the first ones, or all
 */
export function typeOfBytes(guessed: string, bytes: Buffer): string {
  const head = bytes.subarray(0, DECIDING_BYTES);
  if (guessed.endsWith(UTF_8)) return isUtf8Text(head) ? guessed : guessed.slice(0, -UTF_8.length);
  return head.length > 0 && isUtf8Text(head) && !BINARY.test(head.toString('latin1')) ? TEXT : guessed;
}

/** Bytes that no text has. https://mimesniff.spec.whatwg.org/#binary-data-byte */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const BINARY = /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

const ESCAPE = 0x1b;
/** What switches to another set of characters in ISO-2022; colours of a terminal begin otherwise. */
const ISO_2022 = ['\x1b$', '\x1b(I', '\x1b(J'];

/** Whether bytes are UTF-8, up to a character that their end may cut. */
function isUtf8Text(head: Buffer): boolean {
  if (!isUtf8(head.length < DECIDING_BYTES ? head : head.subarray(0, lengthOfWhole(head)))) return false;
  // UTF-16 of ASCII text, and encodings of seven bits such as ISO-2022-JP, are valid UTF-8 too.
  return !head.includes(0) && !(head.includes(ESCAPE) && ISO_2022.some((one) => head.includes(one)));
}

/** The bytes before a character that is cut at the end. */
function lengthOfWhole(head: Buffer): number {
  for (let back = 1; back <= 3; back++) {
    const byte = head[head.length - back] ?? 0;
    if (byte < 0x80) return head.length;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < length ? head.length - back : head.length;
    }
  }
  return head.length;
}

/** The names of one object. */
export interface ObjectNames {
  readonly key: string;
  /** Path relative to the source; an iterable's key. */
  readonly relativePath: string;
  /** Name of the file in an item's body. */
  readonly fileName?: string | undefined;
  /** Name that the content type is guessed from, whatever the others. */
  readonly typeName?: string | undefined;
}

/**
 * The name that an object's content type is guessed from. Where a key shows no type, as with clean URLs, it is the file's own name.
 * @param codings of its `Content-Encoding`: endings such as `.br` say the same, and the type is that of what is inside
 */
export function typeNameOf(names: ObjectNames, codings: readonly string[] = []): string {
  const inside = (name: string): string => (codings.length === 0 ? name : nameInside(name, codings));
  if (names.typeName !== undefined) return inside(names.typeName);
  const [key, relativePath] = [inside(names.key), inside(names.relativePath)];
  if (knownContentType(key) !== undefined) return key;
  if (knownContentType(relativePath) !== undefined) return relativePath;
  // A path of this system, which may have backslashes.
  const base = names.fileName === undefined ? '' : inside(basename(names.fileName));
  return knownContentType(base) === undefined ? key : base;
}
