import type { S3RequestError } from '../errors.js';
import type { FileRange } from '../model/content.js';
import type { Part } from '../model/part-layout.js';
import type { Verified } from '../report/types.js';
import type { VersionVerbs } from './object-versions.js';

/** A body that can be read again, so that every request can be retried. */
export interface Body {
  /** Bytes; after a read, the number of bytes that were read. */
  readonly size: number;
  /** Reads the whole body. Each call reads it again, or returns the bytes in memory. */
  read(): Buffer | Promise<Buffer>;
  /** Computes the MD5 of the bytes off the main thread, as lower-case hex; undefined if that is not available. */
  readonly md5?: ((bytes: Buffer) => Promise<string>) | undefined;
  /** For a body that is too large for one buffer: its bytes in slices, each valid until the next one is requested. */
  readonly slices?: (() => AsyncIterable<Buffer>) | undefined;
  /** The local file that a thread may read instead. Looks at its first bytes, where they decide headers. Undefined where only `read` can tell. */
  readonly file?: (() => FileRange | undefined) | undefined;
}

/** What is known about a key that is to be written only if it is absent. */
export type OnlyIfAbsent = 'proven' | 'unproven' | 'unreadable';

export interface PutRequest {
  readonly key: string;
  readonly body: Body;
  /** Lower-case names, sent verbatim. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Writes only if the key is absent (`If-None-Match: *`, else status 412; S3 since August 2024). On servers without conditional writes:
   * `proven`: an ordered listing or a HEAD has shown that the key is absent, so a plain put follows.
   * `unproven`: a HEAD is sent before the put.
   * `unreadable`: neither LIST nor HEAD is allowed, so the put fails.
   */
  readonly onlyIfAbsent?: OnlyIfAbsent;
  /** Overwrites only the object with this ETag, unquoted (`If-Match`, else status 412; 404 if the key is absent). Never together with `onlyIfAbsent`. */
  readonly ifMatch?: string | undefined;
}

export interface PutAnswer {
  /** Unquoted; undefined if the server sends none. */
  readonly etag: string | undefined;
  readonly verified: Verified;
  /** Whether a KMS key encrypts the object; then its ETag is not an MD5. */
  readonly kms: boolean;
  /** Number of attempts, from 1. */
  readonly attempts: number;
  /** The server's id of the request, if it sends one. */
  readonly requestId?: string | undefined;
}

/** An object as LIST or HEAD describes it. */
export interface RemoteObject {
  readonly key: string;
  readonly size: number;
  /** Unquoted; undefined if the server sends none. */
  readonly etag: string | undefined;
  /** Whether a KMS key encrypts it; then its ETag is not an MD5. Only from HEAD, never from a listing. */
  readonly kms?: boolean;
  /** User metadata; names in lower case, without their prefix. Only from HEAD. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** All headers of the response, names in lower case. Only from HEAD. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** If a HEAD requested it and it covers the whole object: the algorithm by S3's name (`CRC32`), and the value in base64. */
  readonly checksum?: { readonly algorithm: string; readonly value: string } | undefined;
  /** Whether a listing says that there is such a checksum. */
  readonly wholeChecksum?: boolean | undefined;
  /** When it was written, in ms since 1970. Only from a listing. */
  readonly modified?: number | undefined;
  /** From a listing; undefined if the server sends none. */
  readonly storageClass?: string | undefined;
}

/** Options of a HEAD. */
export interface HeadRequest {
  /** Requests the checksum. For an object that a KMS key encrypts, such a HEAD is denied without `kms:Decrypt`. */
  readonly checksum?: true;
  /** Requests the size of this part instead of the object's. */
  readonly partNumber?: number;
  /** Requests this version instead of the newest. */
  readonly versionId?: string | undefined;
}

export interface ListRequest {
  readonly prefix: string;
  /** Keys after this one, exclusive, in UTF-8 byte order. */
  readonly startAfter?: string | undefined;
  readonly continuationToken?: string | undefined;
  /** Groups keys that are equal up to the first delimiter after the prefix into one common prefix. */
  readonly delimiter?: string | undefined;
}

export interface ListPage {
  readonly objects: readonly RemoteObject[];
  /** Common prefixes of keys, up to the delimiter of the request. */
  readonly prefixes: readonly string[];
  /** Undefined on the last page. */
  readonly continuationToken: string | undefined;
  readonly requestId?: string | undefined;
}

/**
 * One bucket, by the verbs that the engine needs. Each lane and each wrapper (retry, limiter, conditional writes) implements it.
 * Every method throws `S3RequestError` if S3 refuses, and the signal's reason if it is aborted.
 */
export interface Bucket extends MultipartVerbs, CopyVerbs, DeleteVerbs, VersionVerbs {
  readonly name: string;
  putObject(request: PutRequest, signal: AbortSignal): Promise<PutAnswer>;
  /** Undefined if the key is absent (404). */
  headObject(key: string, signal: AbortSignal, request?: HeadRequest): Promise<RemoteObject | undefined>;
  listObjects(request: ListRequest, signal: AbortSignal): Promise<ListPage>;
  /** Closes idle connections. */
  close(): void;
}

/** An unfinished upload. */
export interface UploadRef {
  readonly key: string;
  readonly uploadId: string;
  /** Headers that every request about its parts needs, such as a customer key; names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface CreatedUpload {
  readonly uploadId: string;
  /** Whether its parts and the whole object have a CRC32. */
  readonly crc32: boolean;
  /** Whether a KMS or customer key encrypts its parts; then their ETags are not MD5s. */
  readonly encrypted: boolean;
  /** When it began by the server's clock, in ms since 1970, if the response has a date. */
  readonly begunAt?: number | undefined;
}

export interface PartRequest extends UploadRef {
  /** 1 to 10,000. */
  readonly number: number;
  readonly body: Body;
  /** Whether the upload was created with CRC32. */
  readonly crc32: boolean;
}

export interface PartAnswer {
  /** Unquoted; undefined if the server sends none. */
  readonly etag: string | undefined;
  readonly verified: Verified;
  /** Hash that the part was sent with: CRC32 in base64 or MD5 in lower-case hex. */
  readonly crc32?: string | undefined;
  readonly md5?: string | undefined;
  /** Number of attempts, from 1. */
  readonly attempts: number;
  readonly requestId?: string | undefined;
}

export interface CompleteRequest extends UploadRef {
  /** In the order of their numbers. Each has its checksum if the upload was created with checksums; some servers require them then. */
  readonly parts: readonly Pick<Part, 'number' | 'etag' | 'crc32'>[];
  /** Bytes of all parts together: S3 refuses the completion if they differ. */
  readonly size: number;
  /** CRC32 of the whole object, in base64; only for an upload that was created with CRC32. */
  readonly crc32?: string | undefined;
  readonly onlyIfAbsent?: OnlyIfAbsent | undefined;
  /** As in {@link PutRequest}. */
  readonly ifMatch?: string | undefined;
}

export interface CompletedUpload {
  /** Unquoted; undefined if the server sends none. */
  readonly etag: string | undefined;
  /** CRC32 of the whole object, in base64, if the response has it. */
  readonly crc32: string | undefined;
  readonly encrypted: boolean;
  readonly attempts: number;
}

export interface PartsPage {
  readonly parts: readonly Part[];
  /** Marker of the next page; undefined on the last one. */
  readonly next: number | undefined;
}

export interface ListedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** Milliseconds since 1970; undefined if the server does not send it. */
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

/** What is known about the server's multipart uploads, copies, deletes and keys. */
export interface MultipartFacts {
  /** Whether it keeps objects as files, or may do so: then a key cannot also be a folder of other keys. */
  readonly keepsFiles: boolean;
  /** Whether objects keep `x-amz-website-redirect-location`. */
  readonly redirects: boolean | 'unknown';
  /** Whether an upload may be completed without naming all of its parts. */
  readonly unlistedParts: boolean;
  /** Whether all parts of an upload, except the last, must have one size. */
  readonly equalParts: boolean;
  /** Whether objects can have annotations. */
  readonly annotations: boolean;
  /** Whether listings are in the order of UTF-8 bytes, where that is known. */
  readonly orderedListing: boolean | 'unknown';
  /** Whether uploads can be listed by any prefix of their keys. */
  readonly uploadsByPrefix: boolean;
  /** Whether `If-None-Match: *` is honoured on CopyObject; without it a copy would overwrite. */
  readonly conditionalCopies: boolean;
  /** Whether `If-Match` is honoured on PutObject and CompleteMultipartUpload. */
  readonly conditionalOverwrites: boolean;
  /** Whether a delete can be bound to an ETag; `single`: only a DeleteObject, for the ETags in a DeleteObjects are ignored. */
  readonly conditionalDeletes: boolean | 'single';
  /** Whether objects can have tags. */
  readonly tags: boolean | 'unknown';
  /** Whether parts are sent with CRC32. */
  readonly crc32: boolean;
  /** Whether ETags of parts are their MD5s, except with KMS and customer keys. */
  readonly etagIsMd5: boolean;
}

/**
 * Multipart uploads.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export interface MultipartVerbs {
  /** What is known from the responses so far. */
  facts(): MultipartFacts;
  /**
   * @param headers all headers of a put of the object, verbatim
   * @param checksummed whether to request a checksum of the whole object, if the server supports that. Default true
   */
  createUpload(
    key: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    checksummed?: boolean,
  ): Promise<CreatedUpload>;
  putPart(request: PartRequest, signal: AbortSignal): Promise<PartAnswer>;
  /** Never retried when it may have succeeded; the caller resolves a lost response. */
  completeUpload(request: CompleteRequest, signal: AbortSignal): Promise<CompletedUpload>;
  /** False if the upload no longer existed. */
  abortUpload(upload: UploadRef, signal: AbortSignal): Promise<boolean>;
  /** @param after the part number after which the page begins */
  listParts(upload: UploadRef, after: number | undefined, signal: AbortSignal): Promise<PartsPage>;
  /** @param prefix of the keys; some servers list only uploads of exactly this key */
  listUploads(prefix: string, after: UploadsMarker | undefined, signal: AbortSignal): Promise<UploadsPage>;
}

/** An object, or one version of it, to read. */
export interface ReadFrom {
  readonly key: string;
  readonly versionId?: string | undefined;
  /** Unquoted. If the object has another ETag, the request is refused with 412. */
  readonly etag?: string | undefined;
}

/** The source of a copy, which the server itself reads. */
export interface CopySource extends ReadFrom {
  readonly bucket: string;
  /** Account that must own the source bucket. */
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
  /** As in {@link PutRequest}; few servers honour it on a copy. */
  readonly onlyIfAbsent?: OnlyIfAbsent | undefined;
}

export interface CopyPartRequest extends UploadRef {
  /** 1 to 10,000. */
  readonly number: number;
  readonly source: CopySource;
  /** Default: the whole source. */
  readonly range?: ByteRange | undefined;
}

export interface CopyAnswer {
  /** Unquoted; undefined if the server sends none. */
  readonly etag: string | undefined;
  /** Whether a KMS or customer key encrypts the copy; then its ETag is not an MD5. */
  readonly encrypted: boolean;
  /** Whether the copy is a new version of its object, so that the bucket keeps the old one. */
  readonly versioned: boolean;
  /** Number of attempts, from 1. */
  readonly attempts: number;
  readonly requestId?: string | undefined;
}

/** An object, or a range of it, that was read. */
export interface GotObject {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** Who may do what with an object. */
export interface ObjectAcl {
  /** Its grants as headers, without those that S3 has no header for. */
  readonly grants: Readonly<Record<string, string>>;
  /** Whether it gives rights to nobody but the owner, as a new object's does where no ACL is sent. */
  readonly isPrivate: boolean;
}

/** The verbs that copy from bucket to bucket, and those that read what a copy would otherwise lose. */
export interface CopyVerbs {
  /**
   * Copies an object of at most 5 GiB.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
   */
  copyObject(request: CopyRequest, signal: AbortSignal): Promise<CopyAnswer>;
  /** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
  copyPart(request: CopyPartRequest, signal: AbortSignal): Promise<CopyAnswer>;
  /** Reads an object into memory; for large objects, only ranges. */
  getObject(from: ReadFrom, range: ByteRange | undefined, signal: AbortSignal): Promise<GotObject>;
  objectTags(from: ReadFrom, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  objectAcl(from: ReadFrom, signal: AbortSignal): Promise<ObjectAcl>;
  /**
   * One page of the names of an object's annotations, of which it has at most 1,000.
   * @param after the token of the page
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectAnnotations.html
   */
  listAnnotations(from: ReadFrom, after: string | undefined, signal: AbortSignal): Promise<AnnotationsPage>;
  /** The text of an annotation, at most 1 MiB. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAnnotation.html */
  getAnnotation(from: AnnotationRef, signal: AbortSignal): Promise<Buffer>;
  /** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAnnotation.html */
  putAnnotation(request: PutAnnotationRequest, signal: AbortSignal): Promise<void>;
}

export interface AnnotationsPage {
  readonly names: readonly string[];
  /** Token of the next page; undefined on the last one. */
  readonly next: string | undefined;
}

/** One annotation of an object. */
export interface AnnotationRef extends ReadFrom {
  readonly name: string;
}

export interface PutAnnotationRequest {
  readonly key: string;
  readonly name: string;
  /** UTF-8. */
  readonly body: Buffer;
  /** Unquoted. If the object has another ETag, the request is refused with 412. */
  readonly etag: string | undefined;
}

/** An object to delete. */
export interface DeleteTarget {
  readonly key: string;
  /** Unquoted. The object is deleted only if it still has this ETag. */
  readonly etag?: string | undefined;
}

/** What became of one key of a DeleteObjects. */
export interface DeletedKey {
  readonly key: string;
  /** Whether the server made a delete marker, so that the bucket has versions and keeps the old ones. */
  readonly marker: boolean;
  /** Undefined where the object was deleted, or was absent. Its status is the one that S3 has for the code. */
  readonly error: S3RequestError | undefined;
}

/** The verbs that remove objects, and those that mark them for it. */
export interface DeleteVerbs {
  /**
   * Deletes at most 1,000 keys by one request.
   * @returns what became of each, in the order of the targets. A key that the response does not name has the error `UnansweredKey`
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
   */
  deleteObjects(targets: readonly DeleteTarget[], signal: AbortSignal): Promise<readonly DeletedKey[]>;
  /**
   * Deletes one object; an absent one counts as deleted.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
   */
  deleteObject(target: DeleteTarget, signal: AbortSignal): Promise<{ readonly marker: boolean }>;
  /**
   * Replaces all tags of an object; its ETag and date stay.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
   */
  putObjectTags(key: string, tags: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>;
}
