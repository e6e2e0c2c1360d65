import mime from 'mime-types';

/** What S3 would store too, had it no content type; said here so that it is sent and seen. */
const UNKNOWN = 'application/octet-stream';

/** Extensions for which mime-types knows nothing, or not what a browser needs. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  // mime-types says application/node, which a <script> does not run under nosniff.
  cjs: 'text/javascript; charset=utf-8',
  tgz: 'application/gzip',
  zst: 'application/zstd',
};

/** Names without an extension that a standard or a vendor gives a type. */
const BY_NAME: Readonly<Record<string, string>> = {
  // Apple: served as application/json. https://developer.apple.com/documentation/xcode/supporting-associated-domains
  'apple-app-site-association': 'application/json',
  // OpenID Connect Discovery 1.0, section 4.2
  'openid-configuration': 'application/json',
};

/** Extensions asked so far; a tree has few, and those of odd names must not fill the memory. */
const known = new Map<string, string>();
const MOST_KNOWN = 1000;

/**
 * Content type by the extension of the key's last segment, or by a few well-known names. Text types get `; charset=utf-8`;
 * XML (and SVG) does not, because it names its own encoding. Unknown → `application/octet-stream`, and so are dot files
 * without an extension such as `.htaccess`. Encodings are not looked through: `app.js.gz` is a gzip file.
 */
export function guessContentType(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return Object.hasOwn(BY_NAME, name) ? (BY_NAME[name] ?? UNKNOWN) : UNKNOWN;
  const extension = name.slice(dot + 1).toLowerCase();
  const before = known.get(extension);
  if (before !== undefined) return before;
  const type = lookUp(extension);
  if (known.size < MOST_KNOWN) known.set(extension, type);
  return type;
}

function lookUp(extension: string): string {
  if (Object.hasOwn(BY_EXTENSION, extension)) return BY_EXTENSION[extension] ?? UNKNOWN;
  // An extension with a slash or none would be taken for a type.
  return extension === '' ? UNKNOWN : mime.contentType(`.${extension}`) || UNKNOWN;
}
