import { basename } from 'node:path';
import mime from 'mime-types';

/** What S3 would store too without a content type; set here so that it is sent and shown. */
const UNKNOWN = 'application/octet-stream';

/** Extensions for which mime-types has no type, or not the one that a browser needs. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  // mime-types has application/node, which a <script> does not run under nosniff.
  cjs: 'text/javascript; charset=utf-8',
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
 * XML (and SVG) does not, because it names its own encoding. Unknown types, and dot files without an extension such as
 * `.htaccess`, get `application/octet-stream`. The type is that of the file, not of what it encodes: `app.js.gz` is a gzip file.
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
  const before = known.get(extension);
  if (before !== undefined) return before ?? undefined;
  const type = lookUp(extension);
  if (known.size < MOST_KNOWN) known.set(extension, type);
  return type ?? undefined;
}

function lookUp(extension: string): string | null {
  if (Object.hasOwn(BY_EXTENSION, extension)) return BY_EXTENSION[extension] ?? null;
  // mime-types would take an extension with a slash, or an empty one, for a type.
  return extension === '' ? null : mime.contentType(`.${extension}`) || null;
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
 */
export function typeNameOf({ key, relativePath, fileName, typeName }: ObjectNames): string {
  if (typeName !== undefined) return typeName;
  if (knownContentType(key) !== undefined) return key;
  if (knownContentType(relativePath) !== undefined) return relativePath;
  // A path of this system, which may have backslashes.
  const base = fileName === undefined ? '' : basename(fileName);
  return knownContentType(base) === undefined ? key : base;
}
