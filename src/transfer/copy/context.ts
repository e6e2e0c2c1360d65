import type { CopyHeaders } from '../../encode/copy-headers.js';
import { SourceError } from '../../errors.js';
import type { ConnectionOptions, ResolvedSharedOptions } from '../../options/resolved.js';
import type { CopyMethod } from '../../plan/copy-method.js';
import type { CopyPlaces } from '../../plan/copy-paths.js';
import type { Decision } from '../../plan/decide.js';
import { REASONS } from '../../report/reasons.js';
import type { Verified } from '../../report/types.js';
import type { MemoryBudget } from '../../run/memory.js';
import type { Bucket, ReadFrom } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import type { Filter } from '../../source/filter.js';
import type { Md5 } from '../body/hash.js';
import type { MultipartContext } from '../multipart/types.js';
import type { Result } from '../result.js';

/** Whether objects have to be relayed, as far as the run has learned. */
export interface Relay {
  /** Why they have to; undefined where the server copies by itself. */
  why(entry: CopyEntry): string | undefined | Promise<string | undefined>;
  /** The server has refused to copy at all. */
  needed(why: string): void;
}

/** What a run has learned of its two sides; each object shows a little of it. */
export interface Learned {
  /** A KMS key encrypts in the source, so that ETags there may be no MD5s. */
  sourceKms: boolean;
  /** The same in the destination: a copy's ETag will not tell what it was made from. */
  destKms: boolean;
}

/** What copies of one run share. */
export interface CopyContext {
  readonly source: Bucket;
  readonly dest: Bucket;
  readonly relay: Relay;
  /** How an object goes. @param relay why it has to be relayed */
  readonly wayOf: (entry: CopyEntry, relay: string | undefined) => CopyMethod;
  readonly headers: CopyHeaders;
  readonly learned: Learned;
  readonly copyAcl: boolean;
  /** Account that must own the source's bucket. */
  readonly sourceOwner: string | undefined;
  /** Bytes of parts, as the user wants them. */
  readonly partSize: number | undefined;
  /** Into the destination. */
  readonly parts: MultipartContext;
  readonly memory: MemoryBudget;
  readonly md5: Md5;
  /** A HEAD is about to be sent, for this reason. */
  readonly asked: (why: string) => void;
  /** Cuts off what is under way. */
  readonly signal: AbortSignal;
  /** Lets nothing new begin. */
  readonly stop: AbortSignal;
}

export type CopyDecision = Extract<Decision, { readonly action: 'put' }>;

/** Carries a copy out, or only says what it would do. */
export type Copier = (entry: CopyEntry, decision: CopyDecision) => Promise<Result>;

/** The source's object, bound to the ETag that it is known by. */
export function readFrom({ sourceKey, versionId, etag }: CopyEntry): ReadFrom {
  return { key: sourceKey, versionId, etag };
}

interface Stored {
  readonly etag: string | undefined;
  readonly verified: Verified;
  readonly attempts: number;
  readonly takenOver?: number;
}

/** One object that was copied. */
export function copied(
  { size }: CopyEntry,
  { reason }: CopyDecision,
  { reason: way }: CopyMethod,
  { etag, verified, attempts, takenOver = 0 }: Stored,
): Result {
  const facts = { action: 'copy', reason, bytes: size, sourceBytes: size, verified, attempts, way } as const;
  const named = etag === undefined ? facts : { ...facts, etag };
  return takenOver > 0 ? { ...named, takenOver } : named;
}

/** Mode `add`: somebody else has written the key meanwhile. */
export function appeared({ size }: CopyEntry, attempts: number): Result {
  return { action: 'skip', reason: REASONS.appeared, bytes: 0, sourceBytes: size, verified: 'none', attempts };
}

/** An abort cuts off what is on its way; whether the server has done it nobody told. */
export function interrupted({ origin }: CopyEntry): SourceError {
  return new SourceError(
    'Interrupted',
    `${origin} was on its way when the run was aborted; the destination may hold it or not`,
    {
      hint: 'Run again: what is there is compared and skipped.',
    },
  );
}

/** The options of a copy, checked, and what is made of them once. */
export interface PreparedCopy {
  readonly options: ResolvedSharedOptions;
  readonly places: CopyPlaces;
  /** The source as it was given. */
  readonly from: string;
  readonly names: Filter;
  readonly source: ConnectionOptions;
  readonly dest: ConnectionOptions;
  /** Both buckets are one server's, as far as the options tell. */
  readonly oneService: boolean;
  /** The two sides have credentials of their own. */
  readonly ownCredentials: boolean;
  /** Headers that replace the source's, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Each content type is guessed from the key. */
  readonly guessTypes: boolean;
  readonly copyAcl: boolean;
  /** Bytes. */
  readonly splitAbove: number | undefined;
  /** Account that must own the source's bucket. */
  readonly sourceOwner: string | undefined;
}
