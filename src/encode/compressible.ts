/** Types besides `text/*` and those that end in a suffix below: what sites hold and gzip makes markedly smaller. */
const TYPES: ReadonlySet<string> = new Set([
  'application/ecmascript',
  'application/graphql',
  'application/javascript',
  'application/json',
  'application/ndjson',
  'application/postscript',
  'application/rtf',
  'application/sql',
  'application/toml',
  'application/vnd.ms-fontobject',
  'application/wasm',
  'application/x-httpd-php',
  'application/x-javascript',
  'application/x-ndjson',
  'application/x-sh',
  'application/x-sql',
  'application/x-yaml',
  'application/xml',
  'application/xml-dtd',
  'application/yaml',
  // WOFF and WOFF2 are compressed already, these are not.
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/vnd.microsoft.icon',
  'image/x-icon',
  'image/x-ms-bmp',
  'model/gltf-binary',
  'model/obj',
  'model/stl',
]);

/** Structured syntax suffixes (RFC 6839) of text: JSON-LD, web manifests, feeds, SVG, XHTML and the like. */
const SUFFIX = /\+(?:json|xml|text|yaml|json-seq)$/;

/** Formats of compressed bytes, which no second compression makes smaller. */
const COMPRESSED: ReadonlySet<string> = new Set([
  'application/brotli',
  'application/gzip',
  'application/java-archive',
  'application/vnd.rar',
  'application/x-7z-compressed',
  'application/x-brotli',
  'application/x-bzip',
  'application/x-bzip2',
  'application/x-compress',
  'application/x-gzip',
  'application/x-lzip',
  'application/x-lzma',
  'application/x-rar-compressed',
  'application/x-xz',
  'application/x-zip-compressed',
  'application/zip',
  'application/zstd',
  'font/woff',
  'font/woff2',
]);

/** Extensions of files that hold another file in compressed form, so that their content type may name what is inside. */
const ENCODED_NAME = /\.(?:gz|tgz|svgz|br|zst|tzst|bz2|tbz2?|xz|txz|lz|lzma|lz4|z)$/i;

/** Is this one of the types that are worth compressing by default? In lower case, without parameters. */
export function isCompressible(type: string): boolean {
  return type.startsWith('text/') || TYPES.has(type) || SUFFIX.test(type);
}

/** Does this type name bytes that are compressed already? In lower case, without parameters. */
export function isCompressedType(type: string): boolean {
  return COMPRESSED.has(type);
}

/** Does the last segment of the key end as names of encoded files do (`.gz`, `.br`, `.zst` …)? */
export function hasEncodedName(key: string): boolean {
  return ENCODED_NAME.test(key);
}
