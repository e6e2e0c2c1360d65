import type { Verified } from '../report/outcome.js';
import type { Body, OnlyIfAbsent } from './bucket.js';

/** An unfinished upload. */
export interface UploadRef {
  readonly key: string;
  readonly uploadId: string;
  /** Headers that each request for its parts needs, as a customer's key; names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface CreatedUpload {
  readonly uploadId: string;
  /** Parts have the checksum CRC32, and so has the object as a whole. */
  readonly crc32: boolean;
  /** Its parts are encrypted with a KMS or customer's key, so their ETags are no MD5s. */
  readonly encrypted: boolean;
  /** When it began by the server's clock, in ms since 1970, where the answer says. */
  readonly begunAt?: number | undefined;
}

export interface PartRequest extends UploadRef {
  /** 1 to 10,000. */
  readonly number: number;
  readonly body: Body;
  /** The upload was created with the checksum CRC32. */
  readonly crc32: boolean;
}

export interface PartAnswer {
  /** Unquoted; undefined where the server names none. */
  readonly etag: string | undefined;
  readonly verified: Verified;
  /** Of what was sent: CRC32 in base64 or MD5 in lower-case hex, whichever it was sent with. */
  readonly crc32?: string | undefined;
  readonly md5?: string | undefined;
  /** Tries it took, from 1. */
  readonly attempts: number;
  readonly requestId?: string | undefined;
}

/** A part as a listing or an answer told of it. */
export interface Part {
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  /** Unquoted. */
  readonly etag: string;
  /** In base64, where it is told. */
  readonly crc32?: string | undefined;
}

export interface CompleteRequest extends UploadRef {
  /** In the order of their numbers; with a checksum each where the upload was created with it, which not every server does without. */
  readonly parts: readonly Pick<Part, 'number' | 'etag' | 'crc32'>[];
  /** Bytes of all parts: S3 refuses where they are others. */
  readonly size: number;
  /** Of the whole object, in base64; only for an upload that was created with it. */
  readonly crc32?: string | undefined;
  readonly onlyIfAbsent?: OnlyIfAbsent | undefined;
}

export interface CompletedUpload {
  /** Unquoted; undefined where the server names none. */
  readonly etag: string | undefined;
  /** Of the whole object, in base64, where the answer names it. */
  readonly crc32: string | undefined;
  readonly encrypted: boolean;
  readonly attempts: number;
}

export interface PartsPage {
  readonly parts: readonly Part[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: number | undefined;
}

export interface ListedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** Milliseconds since 1970; undefined where the server does not tell. */
  readonly initiated: number | undefined;
}

export interface UploadsPage {
  readonly uploads: readonly ListedUpload[];
  readonly next: UploadsMarker | undefined;
}

export interface UploadsMarker {
  readonly key: string;
  readonly uploadId: string | undefined;
}

/** What is known of the server where it is asked to do multipart uploads. */
export interface MultipartFacts {
  /** An upload may be completed without naming all of its parts. */
  readonly unlistedParts: boolean;
  /** Uploads can be listed by any prefix of their keys. */
  readonly uploadsByPrefix: boolean;
  /** `If-None-Match: *` is honoured on CopyObject; elsewhere it would overwrite. */
  readonly conditionalCopies: boolean;
  /** Parts are sent with CRC32. */
  readonly crc32: boolean;
  /** ETags of parts are their MD5s, but for KMS and customers' keys. */
  readonly etagIsMd5: boolean;
}

/**
 * Multipart uploads.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export interface MultipartVerbs {
  /** As far as answers have told by now. */
  facts(): MultipartFacts;
  /**
   * @param headers all that a put of the object would send, verbatim
   * @param checksummed ask for a checksum of the whole, where the server takes one; true if not given
   */
  createUpload(
    key: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    checksummed?: boolean,
  ): Promise<CreatedUpload>;
  putPart(request: PartRequest, signal: AbortSignal): Promise<PartAnswer>;
  /** Whatever may have been done in spite of an error is not tried again: a lost answer is for who asked to settle. */
  completeUpload(request: CompleteRequest, signal: AbortSignal): Promise<CompletedUpload>;
  /** False where it was gone already. */
  abortUpload(upload: UploadRef, signal: AbortSignal): Promise<boolean>;
  /** @param after part number after which the page begins */
  listParts(upload: UploadRef, after: number | undefined, signal: AbortSignal): Promise<PartsPage>;
  /** @param prefix of the keys; some servers give only uploads of just this key */
  listUploads(prefix: string, after: UploadsMarker | undefined, signal: AbortSignal): Promise<UploadsPage>;
}

/** All parts of an upload by their numbers, from the first page to the last. */
export async function allParts(
  bucket: MultipartVerbs,
  upload: UploadRef,
  signal: AbortSignal,
): Promise<Map<number, Part>> {
  const parts = new Map<number, Part>();
  let after: number | undefined;
  do {
    const page = await bucket.listParts(upload, after, signal);
    for (const part of page.parts) parts.set(part.number, part);
    after = page.next;
  } while (after !== undefined);
  return parts;
}

/** Unfinished uploads whose keys begin so, page by page. */
export async function* allUploads(
  bucket: MultipartVerbs,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ListedUpload, void> {
  let after: UploadsMarker | undefined;
  do {
    const page = await bucket.listUploads(prefix, after, signal);
    yield* page.uploads;
    after = page.next;
  } while (after !== undefined);
}
