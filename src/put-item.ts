import type { Readable } from 'node:stream';
import type { GzipOption } from './gzip-option.js';
import type { Outcome } from './report/outcome.js';

/** Header names (any case) and values. */
export type HeaderMap = Readonly<Record<string, string>>;

/** The bytes of one item: a string is its UTF-8 text; a file is named as `{ path }`. */
export type ItemBody = Uint8Array | string | Blob | Readable | { readonly path: string };

/** One object of an iterable source. */
export interface PutItem {
  /** Key, to which the prefix is added. */
  readonly key: string;
  /** `key` is the whole key: the prefix is not added. @default false */
  readonly absoluteKey?: boolean;
  readonly body: ItemBody;
  /** Bytes, where a stream's length is known; lets streams be read side by side. */
  readonly size?: number;
  /** Headers of this object; they win over the options'. */
  readonly headers?: HeaderMap;
  /** As the option of that name, for this object. */
  readonly gzip?: GzipOption;
  /** Name that the content type is guessed from; if not given, the key, and where its ending names no type, the name of the file in `body`. */
  readonly typeName?: string;
  /** What messages call it; a file's path, or what kind of body it is, if not given. */
  readonly origin?: string;
  /**
   * Called once: with its outcome and the headers that it was put with, or with nothing where it was left out or not attempted. What it throws
   * ends the run.
   */
  readonly onSettled?: (outcome?: Outcome, headers?: HeaderMap) => void;
}

/** What the hooks `key`, `headers` and `filter` see of a candidate. */
export interface ItemInfo {
  /** Path relative to its source with `/`; an iterable's key. */
  readonly relativePath: string;
  /** For `headers`, the object's key; for `filter`, the key without the hook `key`; for `key`, the same, and below the prefix unless `absoluteKey` is set. */
  readonly key: string;
  readonly origin: string;
  /** Bytes; undefined for a stream of unknown length. */
  readonly size: number | undefined;
}

/** A directory, a file, a tar archive, or an iterable of items. */
export type SourceInput = string | Iterable<PutItem> | AsyncIterable<PutItem>;
