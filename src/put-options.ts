import type { GzipOption } from './gzip-option.js';
import type {
  CannedAcl,
  ChecksumChoice,
  COMPARES,
  HttpClientChoice,
  IF_NO_FILES_FOUND,
  KEY_BASES,
  PutMode,
  SseMethod,
  StorageClass,
  SymlinkRule,
} from './option-values.js';
import type { PartChoices } from './part-options.js';
import type { HeaderMap, ItemInfo, SourceInput } from './put-item.js';
import type { OnEvent } from './report/event.js';

export * from './option-values.js';
export type { HeaderMap, ItemBody, ItemInfo, PutItem, SourceInput } from './put-item.js';

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
