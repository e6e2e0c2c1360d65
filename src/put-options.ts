import type { Readable } from 'node:stream';
import type { OnEvent } from './report/event.js';

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

/** Bytes as a number, or text such as `8MiB` and `20MB`. */
export type Size = number | string;
/** Header names (any case) and values. */
export type HeaderMap = Readonly<Record<string, string>>;

/** The bytes of one item: a string is its UTF-8 text; a file is named as `{ path }`. */
export type ItemBody = Uint8Array | string | Blob | Readable | { readonly path: string };

/** One object of an iterable source. */
export interface PutItem {
  /** Key, to which the prefix is added. */
  readonly key: string;
  readonly body: ItemBody;
  /** Bytes, where a stream's length is known; lets streams be read side by side. */
  readonly size?: number;
  /** Headers of this object; they win over the options'. */
  readonly headers?: HeaderMap;
}

/** What the hooks `key`, `headers` and `filter` see of a candidate. */
export interface ItemInfo {
  /** Path relative to its source with `/`; an iterable's key. */
  readonly relativePath: string;
  /** Key that it has without the hook, prefix included. */
  readonly key: string;
  readonly origin: string;
  /** Bytes; undefined for a stream of unknown length. */
  readonly size: number | undefined;
}

/** A directory, a file, or an iterable of items. */
export type SourceInput = string | Iterable<PutItem> | AsyncIterable<PutItem>;

/** Static credentials, or a function that gives them: called at the start, before they expire, and when S3 calls them expired. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export interface PutOptions {
  /** Directories, single files, or iterables of `{key, body}`. Never defaults to the working directory. */
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
  /** Aborts walking, reading, requests and waits; the job then rejects with `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
  /** Gives the key, to which the prefix is not added again; undefined keeps the usual one. */
  readonly key?: ((item: ItemInfo) => string | undefined) | undefined;
  /** False leaves the candidate out, before `limit` counts. */
  readonly filter?: ((item: ItemInfo) => boolean) | undefined;
}
