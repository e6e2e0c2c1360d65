import type { CopyHeaders } from '../../encode/copy-headers.js';
import type { CopyWay } from '../../plan/copy-way.js';
import type { Decision } from '../../plan/decision.js';
import type { Bucket } from '../../s3/bucket.js';
import type { ReadFrom } from '../../s3/copying.js';
import type { CopyEntry } from '../../source/bucket-source.js';
import type { Md5 } from '../md5.js';
import type { MemoryBudget } from '../memory.js';
import type { PartsDeps } from '../parts/parts-deps.js';
import type { Result } from '../put-entry.js';

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
export interface CopyDeps {
  readonly source: Bucket;
  readonly dest: Bucket;
  readonly relay: Relay;
  /** How an object goes. @param relay why it has to be relayed */
  readonly wayOf: (entry: CopyEntry, relay: string | undefined) => CopyWay;
  readonly headers: CopyHeaders;
  readonly learned: Learned;
  readonly copyAcl: boolean;
  /** Account that must own the source's bucket. */
  readonly sourceOwner: string | undefined;
  /** Bytes of parts, as the user wants them. */
  readonly partSize: number | undefined;
  /** Into the destination. */
  readonly parts: PartsDeps;
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
