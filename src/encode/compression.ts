import { UsageError } from '../errors.js';
import type { Encoding } from '../model/encodings.js';
import { isForPrograms } from '../model/site-names.js';
import { bareType } from '../options/common.js';
import type { GzipOption } from '../options/types.js';
import { msg, option, textIn } from '../report/message.js';
import { METADATA_PREFIX, storedEncoding } from './header-syntax.js';
import { checkTogether } from './object-headers.js';

/** Metadata of compressed bodies only: the MD5 of the source, which proves the same content whatever compressor wrote the object. */
export const SOURCE_MD5 = 's3pp-md5';

/** What one layer (an item, the rules, the run) says about compression; undefined says nothing. At most one of the two is on. */
export interface CompressionLayer {
  readonly gzip?: GzipOption | undefined;
  readonly compress?: Encoding | false | undefined;
}

/** Which objects are compressed, and how. */
export interface CompressionChoice {
  readonly encoding: Encoding;
  /**
   * Which types. `web`: those that browsers alone read, and no file that programs read by its address, because S3 sends one encoding to
   * everybody. `own`: somebody has named the files, so all types that are not compressed in themselves.
   */
  readonly types: Exclude<GzipOption, false> | 'web' | 'own';
}

/** The choice for one object: its own layer overrides the rules, and these the run. Undefined for no compression. */
export function compressionChoice(
  own: CompressionLayer,
  ruled: CompressionLayer,
  run: CompressionLayer,
): CompressionChoice | undefined {
  const layer = says(own) ? own : says(ruled) ? ruled : run;
  const { gzip = false, compress = false } = layer;
  if (compress !== false)
    return { encoding: compress, types: layer === run ? (compress === 'gzip' ? true : 'web') : 'own' };
  return gzip === false ? undefined : { encoding: 'gzip', types: gzip };
}

/** Whether a layer says something about compression. */
export function says({ gzip, compress }: CompressionLayer): boolean {
  return gzip !== undefined || compress !== undefined;
}

/** What is known about an object before its bytes are read. */
export interface CompressionCandidate {
  /** As {@link compressionChoice} gives it. */
  readonly choice: CompressionChoice | undefined;
  /** Final headers from all sources, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string;
  /** The file's own names, where the key is not made from them; they may show, too, that it is compressed already. */
  readonly relativePath?: string | undefined;
  readonly fileName?: string | undefined;
  /** Bytes; undefined where they are known only by reading. */
  readonly size: number | undefined;
}

export interface CompressionDecision {
  /** The encoding; undefined where the body is sent as it is. */
  readonly compress: Encoding | undefined;
  readonly reason:
    | 'type is listed'
    | 'off'
    | 'type is not listed'
    | 'empty'
    | 'Content-Encoding is given'
    | 'encoded by its name'
    | 'compressed by its type'
    | 'programs read it by its name';
}

const no = (reason: CompressionDecision['reason']): CompressionDecision => ({ compress: undefined, reason });

/**
 * Whether to compress this object, by its content type without charset. Whatever the option lists, it is never compressed twice: a given
 * Content-Encoding, a name such as `a.js.gz` or a type such as application/gzip shows that it is compressed already. The caller keeps the result
 * only if it is smaller.
 */
export function decideCompression(candidate: CompressionCandidate): CompressionDecision {
  const { choice, headers, key, relativePath = '', fileName = '', size } = candidate;
  if (choice === undefined) return no('off');
  if (size === 0) return no('empty');
  const given = headers['content-encoding'];
  if (given !== undefined && storedEncoding(given) !== undefined) return no('Content-Encoding is given');
  if (hasEncodedName(key) || hasEncodedName(relativePath) || hasEncodedName(fileName)) return no('encoded by its name');
  const type = bareType(headers['content-type'] ?? '');
  if (isCompressedType(type)) return no('compressed by its type');
  const { encoding, types } = choice;
  // Clients of these may know gzip, but seldom more.
  if (encoding !== 'gzip' && (isForPrograms(key) || isForPrograms(relativePath)))
    return no('programs read it by its name');
  return isListed(types, type) ? { compress: encoding, reason: 'type is listed' } : no('type is not listed');
}

function isListed(types: CompressionChoice['types'], type: string): boolean {
  if (types === 'all') return true;
  if (types === 'web') return WEB_TYPES.has(type);
  if (types === 'own') return isCompressible(type) || !MEDIA.test(type);
  if (types === true) return isCompressible(type);
  return types.some((one) => {
    if (one === 'guess') return isCompressible(type);
    return one.endsWith('/*') ? type.startsWith(one.slice(0, -1)) : one === type;
  });
}

/** Types that browsers alone read, and that a site sends most of. */
const WEB_TYPES: ReadonlySet<string> = new Set([
  'application/ecmascript',
  'application/javascript',
  'application/json',
  'application/manifest+json',
  'application/wasm',
  'application/x-javascript',
  'application/xhtml+xml',
  'image/svg+xml',
  'text/css',
  'text/ecmascript',
  'text/html',
  'text/javascript',
]);

/** Pictures, audio and video are compressed in themselves, but for those that {@link isCompressible} knows. */
const MEDIA = /^(?:image|audio|video)\//;

/**
 * Headers of a compressed body.
 * @param sourceMd5 lower-case hex
 * @throws UsageError if there is no room left for the metadata
 */
export function compressedHeaders(
  headers: Readonly<Record<string, string>>,
  encoding: Encoding,
  sourceMd5: string,
): Record<string, string> {
  try {
    return checkTogether({ ...headers, 'content-encoding': encoding, [METADATA_PREFIX + SOURCE_MD5]: sourceMd5 });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const hint = msg`A compressed object has its "${SOURCE_MD5}" of ${SOURCE_MD5.length + sourceMd5.length} bytes among it: leave room for that, or leave ${option(encoding === 'gzip' ? 'gzip' : 'compress')} off for this object.`;
    throw new UsageError(textIn(error, 'message'), hint);
  }
}

/** The levels of a run; undefined: by the size of the body. */
export interface CompressionLevels {
  readonly gzip: number;
  readonly br: number | undefined;
  readonly zstd: number | undefined;
}

/** Bodies above this are compressed with less effort, unless a level is given. */
const MUCH = 1024 * 1024;

/**
 * The level for one body. The highest levels cost much CPU for a few percent less: measured with JavaScript on one core, `br` 11 takes 1.7 s for a
 * MB (16.1 % are left), 9 takes 0.06 s (17.9 %); `zstd` 19 takes 0.4 s (16.6 %), 12 takes 0.04 s (18.4 %); `gzip` 6 takes 0.025 s (20.8 %). A file of
 * a site is compressed once and sent often, so small bodies get the highest, and large ones the other.
 * @param size bytes; undefined counts as large
 */
export function levelFor(encoding: Encoding, levels: CompressionLevels, size: number | undefined): number {
  const isSmall = size !== undefined && size <= MUCH;
  if (encoding === 'br') return levels.br ?? (isSmall ? 11 : 9);
  if (encoding === 'zstd') return levels.zstd ?? (isSmall ? 19 : 12);
  return levels.gzip;
}

/** Above this many bytes a HEAD, which shows the MD5 of the source, is cheaper than compressing (about 25 ms of CPU). */
export function headFirstAbove(encoding: Encoding, level: number): number {
  if (encoding === 'br' && level >= 10) return 32 * 1024;
  if (encoding === 'zstd' && level >= 15) return 128 * 1024;
  return HEAD_FIRST_BYTES;
}

const HEAD_FIRST_BYTES = 1024 * 1024;

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
export function isCompressible(type: string): boolean {
  return type.startsWith('text/') || TYPES.has(type) || SUFFIX.test(type);
}

/** Whether a type is that of compressed bytes. In lower case, without parameters. */
export function isCompressedType(type: string): boolean {
  return COMPRESSED.has(type);
}

/** Whether the last segment of the key ends like the name of an encoded file (`.gz`, `.br`, `.zst` …). */
export function hasEncodedName(key: string): boolean {
  return ENCODED_NAME.test(key);
}
