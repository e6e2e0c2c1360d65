import { UsageError } from '../errors.js';
import { bareType } from '../options/common.js';
import type { GzipOption } from '../options/types.js';
import { msg, textIn } from '../report/message.js';
import { METADATA_PREFIX, storedEncoding } from './header-syntax.js';
import { checkTogether } from './object-headers.js';

/** Metadata of compressed bodies only: the MD5 of the source, which proves the same content whatever compressor wrote the object. */
export const SOURCE_MD5 = 's3pp-md5';

/** What is known about an object before its bytes are read. */
export interface GzipCandidate {
  /** The checked option; the value of a rule overrides that of the run. */
  readonly gzip: GzipOption;
  /** Final headers from all sources, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string;
  /** The file's own names, where the key is not made from them; they may show, too, that it is compressed already. */
  readonly relativePath?: string | undefined;
  readonly fileName?: string | undefined;
  /** Bytes; undefined where they are known only by reading. */
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
 * Whether to compress this object, by its content type without charset. Whatever the option lists, it is never compressed twice: a given
 * Content-Encoding, a name such as `a.js.gz` or a type such as application/gzip shows that it is compressed already. The caller keeps the result
 * only if it is smaller.
 */
export function decideGzip(candidate: GzipCandidate): GzipDecision {
  const { gzip, headers, key, relativePath = '', fileName = '', size } = candidate;
  if (gzip === false) return no('off');
  if (size === 0) return no('empty');
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && storedEncoding(encoding) !== undefined) return no('Content-Encoding is given');
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
 * @throws UsageError if there is no room left for the metadata
 */
export function gzipHeaders(headers: Readonly<Record<string, string>>, sourceMd5: string): Record<string, string> {
  try {
    return checkTogether({ ...headers, 'content-encoding': 'gzip', [METADATA_PREFIX + SOURCE_MD5]: sourceMd5 });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const hint = msg`A compressed object has its "${SOURCE_MD5}" of ${SOURCE_MD5.length + sourceMd5.length} bytes among it: leave room for that, or leave {gzip} off for this object.`;
    throw new UsageError(textIn(error, 'message'), hint);
  }
}

/** Types that sites have and gzip makes much smaller, besides `text/*` and those that end in a suffix below. */
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

/** Compressed formats, which a second compression makes no smaller. */
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

/** Extensions of files that contain another file in compressed form, so that their content type may be that of the file inside. */
const ENCODED_NAME = /\.(?:gz|tgz|svgz|br|zst|tzst|bz2|tbz2?|xz|txz|lz|lzma|lz4|z)$/i;

/** Whether a type is worth compressing by default. In lower case, without parameters. */
function isCompressible(type: string): boolean {
  return type.startsWith('text/') || TYPES.has(type) || SUFFIX.test(type);
}

/** Whether a type is that of compressed bytes. In lower case, without parameters. */
function isCompressedType(type: string): boolean {
  return COMPRESSED.has(type);
}

/** Whether the last segment of the key ends like the name of an encoded file (`.gz`, `.br`, `.zst` …). */
function hasEncodedName(key: string): boolean {
  return ENCODED_NAME.test(key);
}
