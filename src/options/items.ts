import type { Readable } from 'node:stream';
import type { Encoding } from '../model/encodings.js';
import type { FilePhase } from '../model/site-phases.js';
import type { Outcome } from '../report/types.js';
import type { CleanUrls } from './site-types.js';

/** Which bodies are compressed: none, those of the usual compressible types (`true`), all (`all`), or those of the types in a list. */
export type GzipOption = boolean | 'all' | readonly string[];

export { ENCODINGS, type Encoding } from '../model/encodings.js';

/** What happens to compressed files beside the plain one, such as `app.js.br` beside `app.js`. */
export const PRECOMPRESSED = ['separate', 'replace'] as const;

/** How bodies are compressed, in any coding; the option `gzip` is for gzip alone. */
export interface CompressOptions extends CompressChoice {
  /** 0 (fast) to 11 (small). @default 11, and 9 for bodies above 1 MiB */
  readonly brLevel?: number | undefined;
  /** 1 (fast) to 19 (small). @default 19, and 12 for bodies above 1 MiB */
  readonly zstdLevel?: number | undefined;
  /**
   * Files such as `app.js.br` beside `app.js`. `separate`: each has its own key, with the type of the plain name and its coding; `replace`: the
   * key of the plain file gets the best of them. @default none: they are files like any other
   */
  readonly precompressed?: (typeof PRECOMPRESSED)[number] | undefined;
}

/** Whether a body is compressed, and how. */
export interface CompressChoice {
  /**
   * Compress bodies with this coding. S3 returns what is stored, whatever a client accepts; so `br` and `zstd` are used only for HTML, CSS, JavaScript,
   * SVG, WebAssembly and JSON, and not for `robots.txt`, sitemaps, feeds and `.well-known/`. In a rule and in an item it is for all types that are
   * not compressed in themselves. Not together with `gzip`. @default false
   */
  readonly compress?: Encoding | false | undefined;
}

/** Header names (any case) and values. */
export type HeaderMap = Readonly<Record<string, string>>;

/** Headers as they may be given: a `Date` is a value of `Expires` and of `x-amz-object-lock-retain-until-date`; `undefined` counts as absent. */
export type HeaderValues = Readonly<Record<string, string | Date | undefined>>;

/** The bytes of one item: a string is UTF-8 text; a file is given as `{ path }`. */
export type ItemBody = Uint8Array | string | Blob | Readable | WebStream | { readonly path: string };

/** A web stream of bytes, such as the body of a `fetch`. */
export type WebStream = ReadableStream<Uint8Array>;

/** One object of an iterable source. */
export interface PutItem extends CompressChoice {
  /** Key, to which the prefix is added. */
  readonly key: string;
  /** `key` is the whole key: the prefix is not added. @default false */
  readonly absoluteKey?: boolean | undefined;
  /** An `Error` for an item that could not be made: it fails with that error, and the rest of the source goes on. */
  readonly body: ItemBody | Error;
  /**
   * Nothing is put, as if a filter left the item out; the source has the key all the same, so `delete` keeps the object. The body is not read.
   * @default false
   */
  readonly leftOut?: boolean | undefined;
  /** Length of a stream in bytes, if it is known; allows reading several streams in parallel. */
  readonly size?: number | undefined;
  /** Headers of this object; they override those of the options. */
  readonly headers?: HeaderValues | undefined;
  /** As the option `contentType`, for this object; it overrides `headers`. */
  readonly contentType?: string | undefined;
  /** As the option `cacheControl`, for this object; it overrides `headers`. */
  readonly cacheControl?: string | undefined;
  /** As the option `gzip`, for this object. */
  readonly gzip?: GzipOption | undefined;
  /** As `phase` of a rule, for this object; it overrides rules. */
  readonly phase?: FilePhase | undefined;
  /** As `cleanUrls` of a rule, for this object; it overrides rules. `false`: `key` is final. */
  readonly cleanUrls?: CleanUrls | false | undefined;
  /** Name from which the content type is guessed. @default the key; if its ending has no type, the name of the file in `body` */
  readonly typeName?: string | undefined;
  /** Name of the item in messages. @default a file's path, or the kind of body */
  readonly origin?: string | undefined;
  /**
   * Called once: with the outcome and the headers of the object, or without arguments if the item was left out or not attempted. An error that it
   * throws ends the run.
   */
  readonly onSettled?: ((outcome?: Outcome, headers?: HeaderMap) => void) | undefined;
  /**
   * Called at most once, before `onSettled`: the item is a page that `order: 'site'` keeps until all items that are no pages have settled. Nothing of it is
   * in flight, and a source that waits for it would wait for ever. An error that it throws ends the run.
   */
  readonly onHeld?: (() => void) | undefined;
}

/** A candidate as the functions `key`, `headers` and `filter` get it. */
export interface ItemInfo {
  /** Path relative to its source, with `/`; for an item of an iterable, its key. */
  readonly relativePath: string;
  /** For `headers`, the object's key; for `filter`, the key before `key` changes it; for `key`, the same, without the prefix unless `absoluteKey` is set. */
  readonly key: string;
  readonly origin: string;
  /** Bytes; undefined for a stream of unknown length. */
  readonly size: number | undefined;
}

/** A directory, a file, a tar archive, or an iterable of items. */
export type SourceInput = string | Iterable<PutItem> | AsyncIterable<PutItem>;
