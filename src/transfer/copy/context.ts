import type { CopyHeaders } from '../../encode/copy-headers.js';
import type { Shard } from '../../model/shard.js';
import type { ResolvedBatchOptions } from '../../options/batch.js';
import type { ConnectionOptions, ResolvedSharedOptions } from '../../options/resolved.js';
import type { ResolvedDeleteOptions } from '../../options/site.js';
import type { AnnotationChoice, HeaderMap } from '../../options/types.js';
import type { CopyMethod } from '../../plan/copy-method.js';
import type { CopyPaths } from '../../plan/copy-paths.js';
import type { Verified } from '../../report/types.js';
import type { MemoryBudget } from '../../run/memory.js';
import type { RunRecord } from '../../run/record.js';
import type { Bucket, ReadFrom } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import type { Filter } from '../../source/filter.js';
import type { Md5 } from '../body/hash.js';
import type { MultipartContext } from '../multipart/types.js';
import type { PutDecision, Result } from '../result.js';
import type { Annotations } from './annotations.js';

/** Whether objects must be relayed, as far as the run knows. */
export interface Relay {
  /** Why they must; undefined where the server copies by itself. */
  why(entry: CopyEntry): string | undefined | Promise<string | undefined>;
  /** Relays from now on: the server has refused to copy at all. */
  relayAll(why: string): void;
}

/** What responses have shown about encryption in the two buckets. */
export interface KmsSeen {
  /** A KMS key encrypts objects of the source, so ETags there may be no MD5s. */
  source: boolean;
  /** The same in the destination: the ETag of a copy does not show which source it was made from. */
  dest: boolean;
}

/** What copies of one run share. */
export interface CopyContext {
  readonly source: Bucket;
  readonly dest: Bucket;
  readonly relay: Relay;
  /** The method for an object. @param relay why it must be relayed */
  readonly methodFor: (entry: CopyEntry, relay: string | undefined) => CopyMethod;
  readonly headers: CopyHeaders;
  readonly kms: KmsSeen;
  readonly copyAcl: boolean;
  /** Keeps annotations. */
  readonly annotated: Annotations;
  /** Account that must own the source's bucket. */
  readonly sourceOwner: string | undefined;
  /** Bytes of parts, as the option sets them. */
  readonly partSize: number | undefined;
  /** Bytes above which the server copies by ranges, as the option sets them. */
  readonly splitAbove: number | undefined;
  /** Uploads into the destination. */
  readonly parts: MultipartContext;
  readonly memory: MemoryBudget;
  readonly record: Pick<RunRecord, 'waiting'>;
  readonly md5: Md5;
  /** Counts a HEAD that is about to be sent, by its reason. */
  readonly countHead: (why: string) => void;
  /** Aborts requests in flight. */
  readonly signal: AbortSignal;
  /** Lets nothing new begin. */
  readonly stop: AbortSignal;
}

/** What the parts of a copy need. */
export type CopyEnds = Pick<CopyContext, 'source' | 'dest' | 'sourceOwner'> & {
  readonly parts: Pick<MultipartContext, 'signal'>;
};

/** Carries a copy out, or only says what it would do. */
export type Copier = (entry: CopyEntry, decision: PutDecision) => Promise<Result>;

/** The source's object, bound to the ETag that was listed. */
export function readFrom({ sourceKey, versionId, etag }: CopyEntry): ReadFrom {
  return { key: sourceKey, versionId, etag };
}

interface Stored {
  readonly etag: string | undefined;
  readonly verified: Verified;
  readonly attempts: number;
  readonly takenOver?: number;
}

/**
 * One object that was copied.
 * @param headers that were sent, or would be; without those that S3 carries over itself
 */
export function copied(
  { size }: CopyEntry,
  { reason }: PutDecision,
  { reason: way }: CopyMethod,
  { etag, verified, attempts, takenOver = 0 }: Stored,
  headers: HeaderMap,
): Result {
  const facts = { action: 'copy', reason, bytes: size, sourceBytes: size, verified, attempts, way, headers } as const;
  const named = etag === undefined ? facts : { ...facts, etag };
  return takenOver > 0 ? { ...named, takenOver } : named;
}

/** What a copy of a whole folder says about the destination. */
export interface CopyMirror {
  /** What the keys of all copies begin with. Others are none of the source's business. */
  readonly prefix: string;
  /** Whether filters leave out a key of the destination by its name, be it in the source or not. */
  readonly isLeftOut: (key: string) => boolean;
  /** What these filters are. It notes which of its globs have matched. */
  readonly filter: Filter;
}

/** The options of a copy, checked, and what is made of them once. */
export interface PreparedCopy {
  /** Which part of the keys is copied; undefined for all. */
  readonly shard: Shard | undefined;
  readonly options: ResolvedSharedOptions & ResolvedDeleteOptions;
  readonly paths: CopyPaths;
  /** The source as it was given. */
  readonly from: string;
  readonly filter: Filter;
  /** Undefined where only a part of the source is copied, which says nothing about keys that it does not have. */
  readonly mirror: CopyMirror | undefined;
  /** Whether a key is never deleted. */
  readonly isProtected: (key: string) => boolean;
  readonly source: ConnectionOptions;
  readonly dest: ConnectionOptions;
  /** Both buckets belong to one service, as far as the options show. */
  readonly oneService: boolean;
  /** The two sides have credentials of their own. */
  readonly ownCredentials: boolean;
  /** Headers that replace the source's, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Each content type is guessed from the key. */
  readonly guessTypes: boolean;
  readonly copyAcl: boolean;
  readonly annotations: AnnotationChoice;
  /** Bytes. */
  readonly splitAbove: number | undefined;
  /** Account that must own the source's bucket. */
  readonly sourceOwner: string | undefined;
  /** Undefined where S3 Batch Operations is off. */
  readonly batch: ResolvedBatchOptions | undefined;
}
