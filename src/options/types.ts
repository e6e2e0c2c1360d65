import type { FilePhase } from '../model/site-phases.js';
import type { OnEvent } from '../report/types.js';
import type { BatchOptions } from './batch-types.js';
import type { CompressChoice, CompressOptions, GzipOption, HeaderValues, ItemInfo, SourceInput } from './items.js';
import type { CleanUrls, DeleteOptions, SiteOptions } from './site-types.js';

export type {
  GzipOption,
  HeaderMap,
  HeaderValues,
  ItemBody,
  ItemInfo,
  PutItem,
  SourceInput,
  WebStream,
} from './items.js';

/** Bytes as a number, or text such as `8MiB` and `20MB`. */
export type Size = number | string;

/** Static credentials of AWS. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

/** Options for the files that a rule matches. */
export interface Rule extends CompressChoice {
  /** One or more globs, as for `exclude`; one match is enough. */
  readonly match: string | readonly string[];
  /** Any S3 object header or `x-amz-meta-*`. */
  readonly headers?: HeaderValues | undefined;
  /** A content type, or `guess` from the name. */
  readonly contentType?: string | undefined;
  readonly cacheControl?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentLanguage?: string | undefined;
  /** As the option `expires`. */
  readonly expires?: string | Date | undefined;
  /** As the option `websiteRedirect`. */
  readonly websiteRedirect?: string | undefined;
  /** As the option `gzip`. */
  readonly gzip?: GzipOption | undefined;
  readonly acl?: CannedAcl | undefined;
  /** Leave the file out, as `exclude` does; false includes it again. */
  readonly skip?: boolean | undefined;
  /** The phase of the file with `order: 'site'`. */
  readonly phase?: FilePhase | undefined;
  /** As the option `cleanUrls`; `false`: the files keep the keys of their names. */
  readonly cleanUrls?: CleanUrls | false | undefined;
  /** Say nothing where the rule matches no file. */
  readonly optional?: boolean | undefined;
}

export interface PutOptions extends PartChoices, SiteOptions, CompressOptions {
  /** Directories, single files, tar archives, or iterables of `{key, body}`. Never defaults to the working directory. */
  readonly source: SourceInput | readonly SourceInput[];
  /** Bucket name, or `s3://bucket/prefix`. */
  readonly bucket: string;
  /** Prefix of every key, joined with exactly one `/`. @default '' */
  readonly prefix?: string | undefined;
  /** Key, below the prefix, of the one file that is the source. By default it is the name of the file. */
  readonly as?: string | undefined;
  /** @default 'update' */
  readonly mode?: PutMode | undefined;
  /** `content` compares size and ETag; `size` only sizes, which misses edits of equal length. @default 'content' */
  readonly compare?: (typeof COMPARES)[number] | undefined;
  /** Globs to include; they apply before `exclude`. If there are any, everything else is excluded. */
  readonly include?: string | readonly string[] | undefined;
  /** Globs to exclude, in order; `!glob` includes again. */
  readonly exclude?: string | readonly string[] | undefined;
  /** `source`: keys are relative to the source; `cwd`: the path as written is kept. @default 'source' */
  readonly keyBase?: (typeof KEY_BASES)[number] | undefined;
  /** The most candidates, counted before the mode decides. */
  readonly limit?: number | undefined;
  /** Leave out smaller files. */
  readonly minSize?: Size | undefined;
  /** Leave out larger files. */
  readonly maxSize?: Size | undefined;
  /** Include files and directories whose name begins with a dot; those of version control and desktops never are. @default true */
  readonly hidden?: boolean | undefined;
  /** `inside`: follow symbolic links that stay within the source; `follow`: follow all; `skip`: follow none. @default 'inside' */
  readonly symlinks?: SymlinkRule | undefined;
  /** A content type for every object, or `guess` from the name. @default 'guess' */
  readonly contentType?: string | undefined;
  /** Any S3 object header or `x-amz-meta-*`, or a function that returns those of an object. */
  readonly headers?: HeaderValues | ((item: ItemInfo) => HeaderValues | undefined) | undefined;
  /** Here and in the other headers of the content an empty text means that objects have no such header. */
  readonly cacheControl?: string | undefined;
  /** How the bytes are encoded already, such as `br`; with it nothing is compressed. */
  readonly contentEncoding?: string | undefined;
  /** @example 'attachment; filename="report.pdf"' */
  readonly contentDisposition?: string | undefined;
  /** @example 'de, en' */
  readonly contentLanguage?: string | undefined;
  /** A `Date`, or text in a form of HTTP or ISO 8601 with its zone. */
  readonly expires?: string | Date | undefined;
  /** Where a website endpoint redirects requests for the object: `/page` of the same bucket, or an `http://` or `https://` address. */
  readonly websiteRedirect?: string | undefined;
  /** Canned ACL; none is sent by default. */
  readonly acl?: CannedAcl | undefined;
  /** User metadata, without `x-amz-meta-`; an empty value means none of that name. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Storage class of every object; by default none is sent, and S3 uses STANDARD. */
  readonly storageClass?: StorageClass | undefined;
  /** Encryption at rest; by default that of the bucket. */
  readonly sse?: SseMethod | undefined;
  /** KMS key by id, ARN or alias; needs a KMS method in `sse`. Without it the account's AWS managed key is used. */
  readonly sseKmsKeyId?: string | undefined;
  /**
   * Tags of every object, at most 10: keys of up to 128 and values of up to 256 letters, digits, spaces and `+ - = . _ : / @`.
   * Needs the permission `s3:PutObjectTagging`.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
   */
  readonly tagging?: Readonly<Record<string, string>> | undefined;
  /**
   * Compress bodies: `true` those of compressible types, `all` every body, or those of the types in a list, where `guess` means the
   * compressible types. Compressed files are not compressed again, and the result is used only if it is smaller. @default false
   */
  readonly gzip?: GzipOption | undefined;
  /** 1 (fast) to 9 (small). @default 6 */
  readonly gzipLevel?: number | undefined;
  /** Headers, `gzip` or `skip` by glob: all rules that match a file are merged in order. They override the options, and an item's own headers override them. */
  readonly rules?: readonly Rule[] | undefined;
  /** The most requests in flight. @default 'auto' */
  readonly concurrency?: number | 'auto' | undefined;
  /** Requests that start in a second at most, of all kinds and with retries, in bursts of 50 ms at most; above 0. @default no limit */
  readonly maxRequestRate?: number | undefined;
  /** Threads that send and hash; `auto` adds some where one is busy for a while: at most one for each core, and 8 in all. @default 'auto' */
  readonly threads?: number | 'auto' | undefined;
  /** Write nothing; the mode `stupid` then makes no request at all. @default false */
  readonly dryRun?: boolean | undefined;
  /** Stop at the first failed object. @default false */
  readonly failFast?: boolean | undefined;
  /** @default 'error' */
  readonly ifNoFilesFound?: (typeof IF_NO_FILES_FOUND)[number] | undefined;
  /** Endpoint of an S3 compatible server; implies path-style URLs unless `forcePathStyle` is false. */
  readonly endpointUrl?: string | undefined;
  /** @default the SDK's chain, then `auto` for R2 endpoints, then `us-east-1` */
  readonly region?: string | undefined;
  readonly forcePathStyle?: boolean | undefined;
  /** Use https if `endpointUrl` has no scheme. @default true */
  readonly secure?: boolean | undefined;
  /** Profile of the shared AWS configuration. */
  readonly profile?: string | undefined;
  /**
   * Credentials instead of the SDK's chain: static ones, or a function that returns them. It is called at the start, before they expire, and when
   * S3 reports them as expired.
   */
  readonly credentials?: Credentials | (() => Credentials | Promise<Credentials>) | undefined;
  /**
   * Called with new credentials before anything is signed with them, so that a program can keep them out of its log. If it throws, nothing is
   * sent with them.
   */
  readonly onCredentials?: ((credentials: Credentials) => void) | undefined;
  /** URL of an HTTP proxy for every request, `http://user:password@host:port`; https requests use a tunnel through it. */
  readonly proxy?: string | undefined;
  /** The HTTP client. `undici` costs two to four times the CPU of `sockets`. @default 'sockets' */
  readonly httpClient?: HttpClientChoice | undefined;
  /** How the server verifies bodies. `auto`: CRC32 if the server is known to support it, else Content-MD5; `off`: not at all. @default 'auto' */
  readonly checksum?: ChecksumChoice | undefined;
  /** The most attempts per request, including the first; a throttled attempt does not count. @default 8 */
  readonly maxAttempts?: number | undefined;
  /** Waits between attempts: `jitter` a random time below a doubling bound, `linear:5s` 5 s, 10 s, 15 s and so on. @default 'jitter' */
  readonly retryDelay?: string | undefined;
  /** The most bytes of bodies in memory; a single larger body is sent alone. @default '192MiB' */
  readonly memory?: Size | undefined;
  /** False reads small files in the thread pool from the start; true only after reading proves slow, as on network file systems. @default true */
  readonly syncReads?: boolean | undefined;
  /**
   * Pay for every request, which Requester Pays buckets require of everyone but their owner. @default false
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html
   */
  readonly requestPayer?: boolean | undefined;
  /**
   * AWS account of 12 digits that must own the bucket: S3 refuses every request if another account does.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
   */
  readonly expectedBucketOwner?: string | undefined;
  /** Aborts walking, reading, requests and waits; the job then rejects with `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called with each event. An error that it throws does not stop the run, but the job then rejects with the first such error, which gets the
   * property `report`, unless the run itself failed.
   */
  readonly onEvent?: OnEvent | undefined;
  /**
   * Returns the key below the prefix; undefined keeps the usual key. `item.key` is the usual key, also below the prefix, so returning it
   * changes nothing. Called more than once per item, because the source is walked twice: it must return the same key each time.
   * @example key: (item) => item.relativePath.toLowerCase()
   */
  readonly key?: ((item: ItemInfo) => string | undefined) | undefined;
  /** The value that `key` returns is the whole key: the prefix is not added, and `item.key` in `key` includes it. A key outside of the prefix costs a HEAD request, because only the prefix is listed. @default false */
  readonly absoluteKey?: boolean | undefined;
  /** Returns false to leave a candidate out, before `limit` counts. Called more than once per item: it must return the same value each time. */
  readonly filter?: ((item: ItemInfo) => boolean) | undefined;
}

/** A key of the source, or one version of it. */
export type CopyKey = string | { readonly key: string; readonly versionId: string };

type CopyHeaderNames =
  | 'contentType'
  | 'cacheControl'
  | 'contentEncoding'
  | 'contentDisposition'
  | 'contentLanguage'
  | 'expires'
  | 'websiteRedirect'
  | 'acl'
  | 'metadata'
  | 'storageClass'
  | 'sse'
  | 'sseKmsKeyId'
  | 'tagging';

/** Connection options for one side of a copy. */
interface SideOptions {
  readonly sourceProfile?: string | undefined;
  readonly sourceRegion?: string | undefined;
  readonly sourceEndpointUrl?: string | undefined;
  readonly sourceCredentials?: Credentials | (() => Credentials | Promise<Credentials>) | undefined;
  readonly destProfile?: string | undefined;
  readonly destRegion?: string | undefined;
  readonly destEndpointUrl?: string | undefined;
  readonly destCredentials?: Credentials | (() => Credentials | Promise<Credentials>) | undefined;
}

/**
 * Options of a copy from bucket to bucket. `endpointUrl`, `region`, `profile` and `credentials` apply to both sides, unless the option of one side
 * is given. Header options replace those of the source's objects; `contentType`, `cacheControl`, `headers` and `metadata` each replace only their
 * own.
 */
export interface CopyOptions
  extends SharedOptions,
    ConnectionChoices,
    Pick<PutOptions, CopyHeaderNames | 'shard'>,
    SideOptions,
    DeleteOptions,
    BatchOptions {
  /** `s3://bucket`, `s3://bucket/path`, or a path with one `*` at its end. */
  readonly source: string;
  /** `s3://bucket` or `s3://bucket/prefix`. */
  readonly destination: string;
  /** Copy these keys below the source's path, and no others. */
  readonly key?: CopyKey | readonly CopyKey[] | undefined;
  /** Copy the keys that begin with this prefix, below the source's path. */
  readonly fromPrefix?: string | readonly string[] | undefined;
  /** Any S3 object header or `x-amz-meta-*`; each replaces that of the source. */
  readonly headers?: HeaderValues | undefined;
  /** Give each copy the grants of its source; costs a request per object. @default false */
  readonly copyAcl?: boolean | undefined;
  /** Keep annotations (S3 bills each as a PUT), leave them out, or fail objects that have any. @default copy; exclude to a directory bucket */
  readonly annotations?: AnnotationChoice | undefined;
  /** Copy larger objects by ranges in parallel, which is faster, but gives other ETags than the source's. @default 5 GiB, the most that S3 copies in one request */
  readonly splitAbove?: Size | undefined;
  /** AWS account of 12 digits that must own the source's bucket; `expectedBucketOwner` is for the destination. */
  readonly expectedSourceBucketOwner?: string | undefined;
}

/** `add` puts only absent objects, `update` absent and different ones, `stupid` all without listing the bucket. */
export const PUT_MODES = ['add', 'update', 'stupid'] as const;
export type PutMode = (typeof PUT_MODES)[number];

export const COMPARES = ['content', 'size'] as const;
export const KEY_BASES = ['source', 'cwd'] as const;
export const SYMLINK_RULES = ['inside', 'follow', 'skip'] as const;
export const IF_NO_FILES_FOUND = ['error', 'warn', 'ignore'] as const;
export type SymlinkRule = (typeof SYMLINK_RULES)[number];

/**
 * Canned ACLs that S3 takes on an object.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
 */
export const CANNED_ACLS = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
] as const;
export type CannedAcl = (typeof CANNED_ACLS)[number];
/** ACLs that give rights only to the owners of the object and of the bucket. */
export const CLOSED_ACLS: readonly CannedAcl[] = ['private', 'bucket-owner-read', 'bucket-owner-full-control'];

/**
 * Storage classes of S3 for a put. A class that only another server has can be given in `headers`.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export const STORAGE_CLASSES = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
  'REDUCED_REDUNDANCY',
  'EXPRESS_ONEZONE',
  'OUTPOSTS',
  'SNOW',
] as const;
export type StorageClass = (typeof STORAGE_CLASSES)[number];

/** What a copy does with annotations. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html */
export const ANNOTATIONS = ['copy', 'exclude', 'error'] as const;
export type AnnotationChoice = (typeof ANNOTATIONS)[number];

/**
 * Server-side encryption of a put: with keys of S3, with a KMS key, or with a KMS key in two layers.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
 */
export const SSE_METHODS = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;
export type SseMethod = (typeof SSE_METHODS)[number];

/**
 * How the server verifies bodies: by the checksum that it is known to support, by one of the two, or not at all.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export const CHECKSUMS = ['auto', 'crc32', 'md5', 'off'] as const;
export type ChecksumChoice = (typeof CHECKSUMS)[number];

/** The next run and an unfinished upload: `on` resumes it if its mark proves it; `unproven` also if only parts can be compared; `off` leaves none. */
export const RESUMES = ['on', 'off', 'unproven'] as const;
export type ResumeChoice = (typeof RESUMES)[number];

/** Words that a list of types may hold: `guess`, the types that `true` compresses, and `all`, every type. */
export const GZIP_WORDS = ['guess', 'all'] as const;

/** HTTP clients: this package's own on sockets, or undici. */
export const HTTP_CLIENTS = ['sockets', 'undici'] as const;
export type HttpClientChoice = (typeof HTTP_CLIENTS)[number];

/** Levels of a log: each includes those before it. */
export const LOG_LEVELS = ['error', 'warning', 'info', 'debug'] as const;

/** Options of every operation that writes objects. */
export type SharedOptions = Pick<
  PutOptions,
  | 'mode'
  | 'compare'
  | 'include'
  | 'exclude'
  | 'limit'
  | 'minSize'
  | 'maxSize'
  | 'concurrency'
  | 'maxRequestRate'
  | 'maxAttempts'
  | 'retryDelay'
  | 'memory'
  | 'partSize'
  | 'multipartThreshold'
  | 'resume'
  | 'dryRun'
  | 'failFast'
  | 'ifNoFilesFound'
  | 'signal'
  | 'onEvent'
>;

/** How objects are uploaded in parts. */
export interface PartChoices {
  /**
   * Bytes of the parts of larger objects, from 5 MiB to 5 GiB; doubled until an object has at most 9,999 parts. By default the smallest power of
   * two from 8 MiB that gives at most 8,192 parts. Another size gives another ETag.
   */
  readonly partSize?: Size | undefined;
  /** Larger objects are uploaded in parts; from 5 MiB to 5 GiB. @default '16MiB' */
  readonly multipartThreshold?: Size | undefined;
  /**
   * What to do with unfinished uploads. `on`: repeating a run sends only the missing parts, if the server allows to prove the others;
   * `unproven`: also if only the parts can be compared; `off`: none is looked for, and failed uploads are aborted. @default 'on'
   */
  readonly resume?: ResumeChoice | undefined;
}

/** Options for the connection to a bucket. */
export type ConnectionChoices = Pick<
  PutOptions,
  | 'endpointUrl'
  | 'region'
  | 'forcePathStyle'
  | 'secure'
  | 'profile'
  | 'credentials'
  | 'onCredentials'
  | 'proxy'
  | 'checksum'
  | 'httpClient'
  | 'requestPayer'
  | 'expectedBucketOwner'
>;
