import type { Verified } from '../report/outcome.js';
import type { CopyVerbs } from './copying.js';
import type { MultipartVerbs } from './multipart.js';

/** A body that can be produced again, so that every request can be sent again. */
export interface Body {
  /** Bytes; once it was read, of what was read. */
  readonly size: number;
  /** Reads all of it; each call reads anew, or returns what it holds. */
  read(): Buffer | Promise<Buffer>;
  /** Where its MD5 can be had off the main thread, if it is wanted: lower-case hex, of what was read. */
  readonly md5?: ((bytes: Buffer) => Promise<string>) | undefined;
  /** Present where it is too large for one buffer: its bytes in slices, each good until the next one is asked for. */
  readonly slices?: (() => AsyncIterable<Buffer>) | undefined;
}

/** What is known of a key that shall be written only if it is absent. */
export type OnlyIfAbsent = 'proven' | 'unproven' | 'unreadable';

export interface PutRequest {
  readonly key: string;
  readonly body: Body;
  /** Lower-case names, sent verbatim. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Write only if the key is absent (`If-None-Match: *`, answered 412 otherwise; S3 since August 2024).
   * `proven`: an ordered listing or a HEAD has shown it absent, so where the server has no conditional writes a plain put may follow.
   * `unreadable`: neither may be asked, so there it is not put at all.
   */
  readonly onlyIfAbsent?: OnlyIfAbsent;
}

export interface PutAnswer {
  /** Unquoted; undefined where the server names none. */
  readonly etag: string | undefined;
  readonly verified: Verified;
  /** The object is encrypted with a KMS key, so its ETag is not an MD5. */
  readonly kms: boolean;
  /** Tries it took, from 1. */
  readonly attempts: number;
  /** What the server calls the request, where it says. */
  readonly requestId?: string | undefined;
}

/** What LIST or HEAD tells of an object. */
export interface RemoteObject {
  readonly key: string;
  readonly size: number;
  /** Unquoted; undefined where the server names none. */
  readonly etag: string | undefined;
  /** Encrypted with a KMS key, so the ETag is not an MD5. Only HEAD tells; a listing never does. */
  readonly kms?: boolean;
  /** User metadata, names without their prefix and in lower case. Only HEAD tells. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** All headers of the answer, names in lower case. Only HEAD tells. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Where a HEAD asked for it and it covers the whole object; algorithm by S3's name (`CRC32`), value in base64. */
  readonly checksum?: { readonly algorithm: string; readonly value: string } | undefined;
  /** A listing says that there is such a checksum. */
  readonly wholeChecksum?: boolean | undefined;
  /** When it was written, in ms since 1970. A listing tells. */
  readonly modified?: number | undefined;
  /** As the listing names it; undefined where the server names none. */
  readonly storageClass?: string | undefined;
}

/** What a HEAD shall tell besides. */
export interface HeadRequest {
  /** The checksum; on an object that a KMS key encrypts a HEAD that asks for it is denied without `kms:Decrypt`. */
  readonly checksum?: true;
  /** Tell the size of this part instead of the object's. */
  readonly partNumber?: number;
  /** Of this version instead of the newest. */
  readonly versionId?: string | undefined;
}

export interface ListRequest {
  readonly prefix: string;
  /** Keys after this one, exclusive, in UTF-8 byte order. */
  readonly startAfter?: string | undefined;
  readonly continuationToken?: string | undefined;
  /** Keys that share the part up to the first delimiter behind the prefix are shown as that part, once. */
  readonly delimiter?: string | undefined;
}

export interface ListPage {
  readonly objects: readonly RemoteObject[];
  /** What keys share up to the delimiter that was asked for. */
  readonly prefixes: readonly string[];
  /** Undefined on the last page. */
  readonly continuationToken: string | undefined;
  readonly requestId?: string | undefined;
}

/**
 * One bucket, by the verbs that the engine needs. Each lane and each wrapper (retry, limiter, conditional writes) is one of these.
 * Every method throws `S3RequestError` when S3 refuses, and the signal's reason when it is aborted.
 */
export interface Bucket extends MultipartVerbs, CopyVerbs {
  readonly name: string;
  putObject(request: PutRequest, signal: AbortSignal): Promise<PutAnswer>;
  /** Undefined when the key is absent (404). */
  headObject(key: string, signal: AbortSignal, ask?: HeadRequest): Promise<RemoteObject | undefined>;
  listObjects(request: ListRequest, signal: AbortSignal): Promise<ListPage>;
  /** Ends idle connections. */
  close(): void;
}
