import { UsageError } from '../errors.js';
import { bareType } from '../options/common.js';
import type { GzipOption } from '../options/types.js';
import { METADATA_PREFIX } from './header-syntax.js';
import { checkTogether } from './object-headers.js';

/** Metadata of compressed bodies only: the MD5 of the source, which tells same content whatever compressor wrote the object. */
export const SOURCE_MD5 = 's3pp-md5';

/** What is known of an object before its bytes are read. */
export interface GzipCandidate {
  /** The option, checked; a rule's for this object goes before the run's. */
  readonly gzip: GzipOption;
  /** Final headers, names in lower case, wherever they come from. */
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string;
  /** The file's own names, where the key is not made of them; they too may show that it is compressed already. */
  readonly relativePath?: string | undefined;
  readonly fileName?: string | undefined;
  /** Bytes; undefined where only reading can tell. */
  readonly size: number | undefined;
}

export interface GzipDecision {
  readonly compress: boolean;
  readonly reason:
    | 'type is listed'
    | 'off'
    | 'type is not listed'
    | 'empty'
    | 'Content-Encoding is given'
    | 'encoded by its name'
    | 'compressed by its type';
}

const no = (reason: GzipDecision['reason']): GzipDecision => ({ compress: false, reason });

/**
 * Shall this object be compressed? By its content type without charset; never a second time, which a given Content-Encoding, a name such as
 * `a.js.gz` or a type such as application/gzip shows, whatever the option lists. Whether the result is smaller, and so kept, the bytes tell.
 */
export function decideGzip(question: GzipCandidate): GzipDecision {
  const { gzip, headers, key, relativePath = '', fileName = '', size } = question;
  if (gzip === false) return no('off');
  if (size === 0) return no('empty');
  if (headers['content-encoding'] !== undefined) return no('Content-Encoding is given');
  if (hasEncodedName(key) || hasEncodedName(relativePath) || hasEncodedName(fileName)) return no('encoded by its name');
  const type = bareType(headers['content-type'] ?? '');
  if (isCompressedType(type)) return no('compressed by its type');
  return isListed(gzip, type) ? { compress: true, reason: 'type is listed' } : no('type is not listed');
}

function isListed(gzip: Exclude<GzipOption, false>, type: string): boolean {
  if (gzip === 'all') return true;
  if (gzip === true) return isCompressible(type);
  return gzip.some((one) => {
    if (one === 'guess') return isCompressible(type);
    return one.endsWith('/*') ? type.startsWith(one.slice(0, -1)) : one === type;
  });
}

/**
 * Headers of a compressed body.
 * @param sourceMd5 lower-case hex
 * @throws UsageError where they leave no room for the metadata
 */
export function gzipHeaders(headers: Readonly<Record<string, string>>, sourceMd5: string): Record<string, string> {
  try {
    return checkTogether({ ...headers, 'content-encoding': 'gzip', [METADATA_PREFIX + SOURCE_MD5]: sourceMd5 });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const hint = `A compressed object has its "${SOURCE_MD5}" of ${SOURCE_MD5.length + sourceMd5.length} bytes among it: leave room for that, or leave gzip off for this object.`;
    throw new UsageError(error.message, hint);
  }
}

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
