import type { OnlyIfAbsent } from './bucket.js';
import type { UploadRef } from './multipart.js';

/** One object, or one version of it, that is read. */
export interface ReadFrom {
  readonly key: string;
  readonly versionId?: string | undefined;
  /** Unquoted: refused with 412 where the object has another one. */
  readonly etag?: string | undefined;
}

/** Where a copy comes from, which the server reads by itself. */
export interface CopySource extends ReadFrom {
  readonly bucket: string;
  /** Account that must own that bucket. */
  readonly owner?: string | undefined;
}

/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface CopyRequest {
  readonly key: string;
  readonly source: CopySource;
  /** Lower-case names, sent verbatim. */
  readonly headers: Readonly<Record<string, string>>;
  /** As for a put; few servers honour it on a copy. */
  readonly onlyIfAbsent?: OnlyIfAbsent | undefined;
}

export interface CopyPartRequest extends UploadRef {
  /** 1 to 10,000. */
  readonly number: number;
  readonly source: CopySource;
  /** All of the source if not given. */
  readonly range?: ByteRange | undefined;
}

export interface CopyAnswer {
  /** Unquoted; undefined where the server names none. */
  readonly etag: string | undefined;
  /** A KMS or customer's key encrypts the copy, so its ETag is no MD5. */
  readonly encrypted: boolean;
  /** Tries it took, from 1. */
  readonly attempts: number;
  readonly requestId?: string | undefined;
}

/** An object, or a range of it, as it was read. */
export interface GotObject {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** The verbs that copy from bucket to bucket, and those that read what a copy would lose. */
export interface CopyVerbs {
  /**
   * Copies an object of at most 5 GiB.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
   */
  copyObject(request: CopyRequest, signal: AbortSignal): Promise<CopyAnswer>;
  /** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
  copyPart(request: CopyPartRequest, signal: AbortSignal): Promise<CopyAnswer>;
  /** Reads it into memory: of large objects only ranges. */
  getObject(from: ReadFrom, range: ByteRange | undefined, signal: AbortSignal): Promise<GotObject>;
  objectTags(from: ReadFrom, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Its grants as the headers that give them, without those that S3 has no header for. */
  objectGrants(from: ReadFrom, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
}
