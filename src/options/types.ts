import type { Readable } from 'node:stream';
import type { OnEvent, Outcome } from '../report/types.js';
/** Bytes as a number, or text such as `8MiB` and `20MB`. */
export type Size = number | string;

/** Static credentials, or a function that gives them: called at the start, before they expire, and when S3 calls them expired. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** What holds for the files that it matches. */
export interface Rule {
  /** A glob or several, as for `exclude`; one that fits is enough. */
  readonly match: string | readonly string[];
  /** Any S3 object header or `x-amz-meta-*`. */
  readonly headers?: HeaderMap | undefined;
  /** A content type, or `guess` from the name. */
  readonly contentType?: string | undefined;
  readonly cacheControl?: string | undefined;
  /** As the option of that name. */
  readonly gzip?: GzipOption | undefined;
  readonly acl?: CannedAcl | undefined;
  /** Leave the file out, as `exclude` does; false takes it back in. */
  readonly skip?: boolean | undefined;
}

export interface PutOptions extends PartChoices {
  /** Directories, single files, tar archives, or iterables of `{key, body}`. Never defaults to the working directory. */
  readonly source: SourceInput | readonly SourceInput[];
  /** Bucket name, or `s3://bucket/prefix`. */
  readonly bucket: string;
  /** Put before every key, joined with exactly one `/`. @default '' */
  readonly prefix?: string | undefined;
  /** @default 'update' */
  readonly mode?: PutMode | undefined;
  /** `content` compares size and ETag; `size` only sizes, which misses edits of equal length. @default 'content' */
  readonly compare?: (typeof COMPARES)[number] | undefined;
  /** Globs to take; they apply before `exclude`. With any, everything starts excluded. */
  readonly include?: string | readonly string[] | undefined;
  /** Globs to leave out, in order; `!glob` takes back in. */
  readonly exclude?: string | readonly string[] | undefined;
  /** `source`: keys are relative to the source; `cwd`: the path as written is kept. @default 'source' */
  readonly keyBase?: (typeof KEY_BASES)[number] | undefined;
  /** At most this many candidates, counted before the mode decides. */
  readonly limit?: number | undefined;
  /** Leave smaller files out. */
  readonly minSize?: Size | undefined;
  /** Leave larger files out. */
  readonly maxSize?: Size | undefined;
  /** Take files and directories whose name begins with a dot; version control and desktop junk never. @default true */
  readonly hidden?: boolean | undefined;
  /** `inside`: follow links that stay within the source; `follow`: all; `skip`: none. @default 'inside' */
  readonly symlinks?: SymlinkRule | undefined;
  /** A content type for every object, or `guess` from the name. @default 'guess' */
  readonly contentType?: string | undefined;
  /** Any S3 object header or `x-amz-meta-*`, or a function that gives an object's. */
  readonly headers?: HeaderMap | ((item: ItemInfo) => HeaderMap | undefined) | undefined;
  readonly cacheControl?: string | undefined;
  /** Canned ACL; none is sent by default. */
  readonly acl?: CannedAcl | undefined;
  /** User metadata, without `x-amz-meta-`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Storage class of every object; the bucket's own choice, STANDARD, by default. */
  readonly storageClass?: StorageClass | undefined;
  /** Encryption at rest; the bucket's default encryption where none is given. */
  readonly sse?: SseMethod | undefined;
  /** KMS key by id, ARN or alias; needs an `sse` by KMS. Without it AWS's own key of the account is used. */
  readonly sseKmsKeyId?: string | undefined;
  /**
   * Tags of every object, at most 10: keys of up to 128 and values of up to 256 letters, digits, spaces and `+ - = . _ : / @`.
   * Needs the permission `s3:PutObjectTagging`.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
   */
  readonly tagging?: Readonly<Record<string, string>> | undefined;
  /**
   * Compress bodies: `true` those of compressible types, `all` every one, or those of the types in a list, where `guess` stands for the
   * compressible types. Never twice, and kept only where it is smaller. @default false
   */
  readonly gzip?: GzipOption | undefined;
  /** 1 (fast) to 9 (small). @default 6 */
  readonly gzipLevel?: number | undefined;
  /** Headers, `gzip` or `skip` by glob: all rules that match a file merge in order. They win over the options, and an item's own headers over them. */
  readonly rules?: readonly Rule[] | undefined;
  /** Requests in flight. @default 'auto' */
  readonly concurrency?: number | 'auto' | undefined;
  /** Write nothing; `stupid` then makes no request at all. @default false */
  readonly dryRun?: boolean | undefined;
  /** Stop at the first failed object. @default false */
  readonly failFast?: boolean | undefined;
  /** @default 'error' */
  readonly ifNoFilesFound?: (typeof IF_NO_FILES_FOUND)[number] | undefined;
  /** Endpoint of an S3 compatible server; implies path style unless `forcePathStyle` is false. */
  readonly endpointUrl?: string | undefined;
  /** @default the SDK's chain, then `auto` for R2 endpoints, then `us-east-1` */
  readonly region?: string | undefined;
  readonly forcePathStyle?: boolean | undefined;
  /** Use https where `endpointUrl` names no scheme. @default true */
  readonly secure?: boolean | undefined;
  /** Profile of the shared AWS configuration. */
  readonly profile?: string | undefined;
  /** Credentials instead of the SDK's chain. */
  readonly credentials?: Credentials | (() => Promise<Credentials>) | undefined;
  /**
   * Told the credentials each time there are others, before anything is signed with them, so that a host can keep them out of its log. If it
   * throws, nothing is sent with them.
   */
  readonly onCredentials?: ((credentials: Credentials) => void) | undefined;
  /** URL of an HTTP proxy for every request, `http://user:password@host:port`; https goes through it in a tunnel. */
  readonly proxy?: string | undefined;
  /** What carries requests. `undici` costs two to four times the CPU of `sockets`. @default 'sockets' */
  readonly httpClient?: HttpClientChoice | undefined;
  /**
   * How bodies are checked on their way. `auto`: CRC32 where the server is known to take it, Content-MD5 elsewhere; `off` leaves nothing to verify
   * by. @default 'auto'
   */
  readonly checksum?: ChecksumChoice | undefined;
  /** Tries per request, the first included; a throttled one does not count. @default 8 */
  readonly maxAttempts?: number | undefined;
  /** Waits between tries: `jitter` at random below a doubling bound, `linear:5s` as many times 5 s as there were tries. @default 'jitter' */
  readonly retryDelay?: string | undefined;
  /** Bytes of bodies held at once; a single larger one is sent alone. @default '192MiB' */
  readonly memory?: Size | undefined;
  /** False reads small files through the thread pool at once; else only where reading proves slow, as on network file systems. @default true */
  readonly syncReads?: boolean | undefined;
  /**
   * Bear the cost of every request, as buckets with Requester Pays ask of others than their owner. @default false
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html
   */
  readonly requestPayer?: boolean | undefined;
  /**
   * AWS account of 12 digits that must own the bucket: S3 refuses every request where another does.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
   */
  readonly expectedBucketOwner?: string | undefined;
  /** Aborts walking, reading, requests and waits; the job then rejects with `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called with each event. What it throws changes nothing about the objects: the run goes on, and the job then rejects with the first such
   * error, which has the `report` added, unless the run itself failed.
   */
  readonly onEvent?: OnEvent | undefined;
  /**
   * Returns the key below the prefix; undefined keeps the usual one. `item.key` is the usual one, also below the prefix, so that returning it
   * changes nothing. Called more than once per item, as the source is walked twice: it must return the same key each time.
   * @example key: (item) => item.relativePath.replace(/\.html$/, '')
   */
  readonly key?: ((item: ItemInfo) => string | undefined) | undefined;
  /**
   * What `key` returns is the whole key: the prefix is not added, and `item.key` in `key` includes it. A key outside of the prefix is looked up
   * by a HEAD of its own, as only the prefix is listed. @default false
   */
  readonly absoluteKey?: boolean | undefined;
  /** False leaves the candidate out, before `limit` counts. Called more than once per item: it must give the same answer each time. */
  readonly filter?: ((item: ItemInfo) => boolean) | undefined;
}

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

/** A key of the source, or one version of it. */
export type CopyKey = string | { readonly key: string; readonly versionId: string };

type Headers = 'contentType' | 'cacheControl' | 'acl' | 'metadata' | 'storageClass' | 'sse' | 'sseKmsKeyId' | 'tagging';

/** How one side of a copy is reached, where it differs from the other. */
interface Sides {
  readonly sourceProfile?: string | undefined;
  readonly sourceRegion?: string | undefined;
  readonly sourceEndpointUrl?: string | undefined;
  readonly sourceCredentials?: Credentials | (() => Promise<Credentials>) | undefined;
  readonly destProfile?: string | undefined;
  readonly destRegion?: string | undefined;
  readonly destEndpointUrl?: string | undefined;
  readonly destCredentials?: Credentials | (() => Promise<Credentials>) | undefined;
}

/**
 * What a copy from bucket to bucket may be told. `endpointUrl`, `region`, `profile` and `credentials` hold for both sides, unless the option of
 * one side is given. Header options replace what the source's objects have: `contentType`, `cacheControl`, `headers` and `metadata` each its own.
 */
export interface CopyOptions extends SharedOptions, ConnectionChoices, Pick<PutOptions, Headers>, Sides {
  /** `s3://bucket`, `s3://bucket/path`, or a path with one `*` at its end. */
  readonly source: string;
  /** `s3://bucket` or `s3://bucket/prefix`. */
  readonly destination: string;
  /** Copy these keys below the source's path, and no others. */
  readonly key?: CopyKey | readonly CopyKey[] | undefined;
  /** Copy what begins so below the source's path. */
  readonly fromPrefix?: string | readonly string[] | undefined;
  /** Any S3 object header or `x-amz-meta-*`; it replaces the source's. */
  readonly headers?: HeaderMap | undefined;
  /** Give each copy the grants of its source; costs a request per object. @default false */
  readonly copyAcl?: boolean | undefined;
  /** Copy larger objects by ranges side by side, quicker, though their ETags then differ from the source's. @default the 5 GiB that S3 copies at once */
  readonly splitAbove?: Size | undefined;
  /** AWS account of 12 digits that must own the source's bucket; `expectedBucketOwner` is the destination's. */
  readonly expectedSourceBucketOwner?: string | undefined;
}

/** `add` puts absent keys only, `update` absent and different ones, `stupid` all without a look at the bucket. */
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
/** Those that give rights to nobody but the owners of the object and of the bucket. */
export const CLOSED_ACLS: readonly CannedAcl[] = ['private', 'bucket-owner-read', 'bucket-owner-full-control'];

/**
 * Storage classes that a put to S3 can name. What only another server has can be given in `headers`.
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

/**
 * Server-side encryption that a put can ask for: by keys of S3, by a KMS key, or by a KMS key twice.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
 */
export const SSE_METHODS = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;
export type SseMethod = (typeof SSE_METHODS)[number];

/**
 * How bodies are checked on their way: by what the server is known to take, by one of the two, or not at all.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export const CHECKSUMS = ['auto', 'crc32', 'md5', 'off'] as const;
export type ChecksumChoice = (typeof CHECKSUMS)[number];

/**
 * What becomes of an unfinished upload in the next run: it is gone on with where its mark proves it; `unproven` also where only its parts can be
 * compared; `off` neither looks for any nor leaves any.
 */
export const RESUMES = ['on', 'off', 'unproven'] as const;
export type ResumeChoice = (typeof RESUMES)[number];

/** What carries requests: sockets of our own, or undici. */
export const HTTP_CLIENTS = ['sockets', 'undici'] as const;
export type HttpClientChoice = (typeof HTTP_CLIENTS)[number];

/** What a log holds: each level and those before it. */
export const LOG_LEVELS = ['error', 'warning', 'info', 'debug'] as const;

/** What every operation that writes objects may be told. */
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

/** How objects go up in parts. */
export interface PartChoices {
  /**
   * Bytes of the parts of larger objects, from 5 MiB to 5 GiB; doubled where an object would have more than 9,999. By default the smallest power of
   * two from 8 MiB that gives at most 8,192 parts. Another size gives another ETag.
   */
  readonly partSize?: Size | undefined;
  /** Objects above it go up in parts; from 5 MiB, at most 5 GiB. @default '16MiB' */
  readonly multipartThreshold?: Size | undefined;
  /**
   * What becomes of unfinished uploads. `on`: the same run made again sends only the parts that are missing, where the server allows a proof;
   * `unproven`: also where only the parts can be compared; `off`: none is looked for, and what fails is aborted. @default 'on'
   */
  readonly resume?: ResumeChoice | undefined;
}

/** What is compressed: nothing, the usual compressible types (`true`), everything (`all`), or the types of a list. */
export type GzipOption = boolean | 'all' | readonly string[];

/** The options that say how to reach a bucket. */
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
