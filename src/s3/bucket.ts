import type { Part } from '../model/part-layout.js';
import type { Verified } from '../report/types.js';

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
