import { isMd5, partCountOf } from '../model/etag.js';
import { type PartSizing, partCount, partSizeFor } from '../model/part-layout.js';
import { REASONS, unproven } from '../report/reasons.js';
import type { Decision } from './decide.js';

/** What LIST or HEAD shows of the remote bytes. */
export interface RemoteContent {
  readonly size: number;
  readonly etag: string | undefined;
  /** Whether the listing names a checksum of the whole object; only a HEAD shows its value. */
  readonly wholeChecksum?: boolean | undefined;
  /** Whether a KMS key encrypts it, where a HEAD has shown that already. */
  readonly kms?: boolean | undefined;
  /** The result of a HEAD with checksum mode, where there was one already. */
  readonly head?: Facts['head'] | undefined;
}

/** A checksum by S3's name of its algorithm (`CRC32`, `CRC64NVME` …), in base64. */
export interface Checksum {
  readonly algorithm: string;
  readonly value: string;
}

/** What has been found out so far, one fact at a time. */
export interface Facts {
  /** MD5 of the local bytes, lower-case hex. */
  readonly md5?: string;
  /** The ETag of the local bytes in parts of this size. */
  readonly etagInParts?: { readonly partSize: number; readonly etag: string };
  /** Response to a HEAD with checksum mode. */
  readonly head?: { readonly kms: boolean; readonly checksum: Checksum | undefined } | HeadFailure;
  /** Response to a HEAD with partNumber 1: `size` is the length of that part, undefined where the server does not show it. */
  readonly firstPart?: { readonly size: number | undefined; readonly kms: boolean } | HeadFailure;
  /** The local checksum, by the algorithm of `head`; its value is undefined where it cannot be computed. */
  readonly localChecksum?: { readonly value: string | undefined };
}

/** Why a HEAD shows no object: it was deleted meanwhile, or access is denied. */
export type HeadFailure = 'absent' | 'denied';

/** A decision, or the one fact that is missing. */
export type Comparison =
  | Extract<Decision, { readonly action: 'put' | 'skip' }>
  | { readonly action: 'find'; readonly fact: NeededFact };

export type NeededFact =
  | { readonly fact: 'md5' }
  | { readonly fact: 'etagInParts'; readonly partSize: number }
  | { readonly fact: 'head' }
  | { readonly fact: 'firstPart' }
  | { readonly fact: 'localChecksum'; readonly algorithm: string };

/** Whether the bucket encrypts with KMS, as far as the run knows; there ETags look like MD5s but are none. */
export type KmsUse = 'unknown' | 'yes' | 'no';

const SAME: Comparison = { action: 'skip', reason: REASONS.sameContent };
const DIFFERS: Comparison = { action: 'put', reason: REASONS.contentDiffers };
/** The puts that follow from a HEAD that shows no object. */
const PUT_AFTER: Readonly<Record<HeadFailure, Extract<Comparison, { readonly action: 'put' }>>> = {
  absent: { action: 'put', reason: REASONS.new },
  denied: { action: 'put', reason: unproven('HEAD is denied') },
};
const find = (fact: NeededFact): Comparison => ({ action: 'find', fact });
const putUnproven = (why: string): Comparison => ({ action: 'put', reason: unproven(why) });
/** With KMS no ETag, of one put or of parts, is made of MD5s. */
const BY_KMS = putUnproven('a KMS key encrypts it and no checksum of the whole is told');

/**
 * Whether the content is the same. Decides from the facts, or names the cheapest one that is missing; never compares modification times. Sizes
 * are known to be equal. An ETag of 32 hex digits is the MD5 unless a KMS key encrypts. One of the form `…-N` is that of parts, whose size comes
 * from our own rule or a HEAD of part 1. Where the listing names a checksum of the whole object, that decides what the ETag cannot.
 * @param sizing what this run's part sizes depend on
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function compareContent(remote: RemoteContent, facts: Facts, kms: KmsUse, sizing?: PartSizing): Comparison {
  const etag = remote.etag?.toLowerCase();
  if (isMd5(etag)) return comparePlain(etag, facts, kms);
  const count = partCountOf(etag);
  if (etag !== undefined && count !== undefined)
    return compareParts({ etag, count, own: partSizeFor(remote.size, sizing) }, remote, facts);
  return remote.wholeChecksum === true
    ? byChecksum(facts, putUnproven('its ETag is no digest'))
    : putUnproven('its ETag is no digest');
}

function comparePlain(etag: string, facts: Facts, kms: KmsUse): Comparison {
  const { head } = facts;
  // Where a KMS key encrypts no MD5 will match, so only hash objects that are not encrypted so, or whose HEAD is denied.
  if (kms !== 'yes' || head === 'denied' || (typeof head === 'object' && !head.kms)) {
    if (facts.md5 === undefined) return find({ fact: 'md5' });
    if (facts.md5 === etag) return SAME;
    if (kms === 'no') return DIFFERS;
  }
  // The first mismatch of a run needs a HEAD, which shows whether ETags are MD5s at all.
  if (head === undefined) return find({ fact: 'head' });
  if (typeof head === 'string') return PUT_AFTER[head];
  return head.kms ? byChecksum(facts, BY_KMS) : DIFFERS;
}

interface InParts {
  readonly etag: string;
  readonly count: number;
  /** Bytes per part, as this run would put the object. */
  readonly own: number;
}

function compareParts({ etag, count, own }: InParts, remote: RemoteContent, facts: Facts): Comparison {
  if (partCount(remote.size, own) === count) {
    if (facts.etagInParts === undefined) return find({ fact: 'etagInParts', partSize: own });
    if (facts.etagInParts.etag === etag) return SAME;
  }
  if (remote.wholeChecksum === true) {
    const settled = byChecksum(facts, undefined);
    if (settled !== undefined) return settled;
    if (typeof facts.head === 'object' && facts.head.kms) return BY_KMS;
  }
  if (facts.firstPart === undefined) return find({ fact: 'firstPart' });
  if (typeof facts.firstPart === 'string') return PUT_AFTER[facts.firstPart];
  if (facts.firstPart.kms) return BY_KMS;
  const partSize = facts.firstPart.size;
  if (partSize === undefined || partCount(remote.size, partSize) !== count)
    return putUnproven('its parts are not told');
  if (facts.etagInParts?.partSize !== partSize) return find({ fact: 'etagInParts', partSize });
  return facts.etagInParts.etag === etag ? SAME : DIFFERS;
}

/** Decides by the checksum of the whole object; returns `otherwise` where none can be compared. */
function byChecksum<T extends Comparison | undefined>(facts: Facts, otherwise: T): Comparison | T {
  if (facts.head === undefined) return find({ fact: 'head' });
  if (typeof facts.head === 'string') return PUT_AFTER[facts.head];
  const { checksum } = facts.head;
  if (checksum === undefined) return otherwise;
  if (facts.localChecksum === undefined) return find({ fact: 'localChecksum', algorithm: checksum.algorithm });
  if (facts.localChecksum.value === undefined) return otherwise;
  return facts.localChecksum.value === checksum.value ? SAME : DIFFERS;
}

/** What has been found out so far, one fact at a time. */
export interface EncodedFacts {
  /** The local bytes after compression, as they would be stored. `no gain`: not smaller, so they are sent uncompressed. */
  readonly encoded?: { readonly size: number; readonly md5: string } | 'no gain';
  /**
   * What a HEAD shows: the MD5 of the source as metadata, undefined where the object has none; and whether it is stored in the encoding that this
   * run gives it.
   */
  readonly head?: { readonly sourceMd5: string | undefined; readonly sameEncoding: boolean } | HeadFailure;
  /** MD5 of the local source, lower-case hex. */
  readonly sourceMd5?: string;
}

/** A decision, the one fact that is missing, or `plain`: the bytes are sent, and compared, uncompressed. */
export type EncodedComparison =
  | Extract<Decision, { readonly action: 'put' | 'skip' }>
  | { readonly action: 'plain' }
  | { readonly action: 'find'; readonly fact: keyof EncodedFacts };

/**
 * Whether the content is the same, for a body that is sent compressed. Neither size nor ETag proves a difference, because each compressor writes
 * other bytes: equal bytes prove the same content, and otherwise the MD5 of the source decides, which the object has as metadata. An object
 * without this metadata was not compressed by us, so unequal bytes are a difference. So they are in an object of the same source that is stored in
 * another encoding.
 * @param headFirst whether a HEAD is cheaper than compressing
 * @param size source bytes; undefined where they are known only by reading
 */
export function compareEncoded(
  { compare, headFirst }: { readonly compare: 'content' | 'size'; readonly headFirst: boolean },
  size: number | undefined,
  remote: RemoteContent,
  { encoded, head, sourceMd5 }: EncodedFacts,
): EncodedComparison {
  if (encoded === undefined && (!headFirst || (head !== undefined && recordedBy(head) === undefined)))
    return findEncoded('encoded');
  if (encoded === 'no gain') {
    // A compressed form is smaller than its source, so an object of equal size is not compressed.
    if (size === remote.size) return { action: 'plain' };
  } else if (encoded !== undefined) {
    if (compare === 'size' && encoded.size === remote.size) return { action: 'skip', reason: REASONS.sameSize };
    if (encoded.md5 === remote.etag?.toLowerCase()) return { action: 'skip', reason: REASONS.sameContent };
  }
  if (head === undefined) return findEncoded('head');
  const recorded = recordedBy(head);
  if (recorded !== undefined) {
    if (sourceMd5 === undefined) return findEncoded('sourceMd5');
    const same = recorded.toLowerCase() === sourceMd5;
    return same ? { action: 'skip', reason: REASONS.sameContent } : { action: 'put', reason: REASONS.contentDiffers };
  }
  if (typeof head === 'string') return PUT_AFTER[head];
  if (encoded === 'no gain') return { action: 'plain' };
  // The bytes differ. Whether the content does too, the object shows if it was compressed by us, or if its ETag is the MD5 of all of it.
  const stored = head.sourceMd5 ?? (size === remote.size ? remote.etag : undefined);
  if (stored !== undefined && sourceMd5 === undefined) return findEncoded('sourceMd5');
  const isSame = stored !== undefined && stored.toLowerCase() === sourceMd5;
  return { action: 'put', reason: isSame ? REASONS.encodingDiffers : REASONS.contentDiffers };
}

function findEncoded(fact: keyof EncodedFacts): EncodedComparison {
  return { action: 'find', fact };
}

function recordedBy(head: NonNullable<EncodedFacts['head']>): string | undefined {
  return typeof head === 'object' && head.sameEncoding ? head.sourceMd5 : undefined;
}

/** What a listing shows of the source's or the destination's object. */
export interface ListedCopy {
  /** Bytes; equal in source and destination. */
  readonly size: number;
  readonly etag: string | undefined;
}

/** What a HEAD with checksum mode shows of the source's or the destination's object. */
export interface HeadFacts {
  readonly kms: boolean;
  /** Of the whole object. */
  readonly checksum: Checksum | undefined;
  /** The ETag of the object that it was copied from, where its metadata names it. */
  readonly copiedFrom: string | undefined;
}

/** What has been found out so far, one fact at a time. */
export interface CopyFacts {
  readonly dest?: HeadFacts | HeadFailure;
  readonly source?: HeadFacts | HeadFailure;
}

/** A decision, or the object that needs a HEAD. */
export type CopyComparison =
  | Extract<Decision, { readonly action: 'put' | 'skip' }>
  | { readonly action: 'find'; readonly fact: keyof CopyFacts };

const SAME_COPY: CopyComparison = { action: 'skip', reason: REASONS.sameContent };
const COPY_DIFFERS: CopyComparison = { action: 'put', reason: REASONS.contentDiffers };

/**
 * Whether the destination is a copy of the source. Sizes are known to be equal. Equal ETags prove it, because copies keep them; other ETags
 * disprove it where both are MD5s. Two kinds of copies are left: those made in other parts, whose metadata names the source's ETag, and those
 * encrypted by KMS keys, whose ETags never match. For these a checksum of the whole decides, from one HEAD of each object.
 * @param kms whether KMS keys encrypt in either bucket, as far as the run knows
 */
export function compareCopies(source: ListedCopy, dest: ListedCopy, facts: CopyFacts, kms: KmsUse): CopyComparison {
  const [sourceEtag, destEtag] = [source.etag?.toLowerCase(), dest.etag?.toLowerCase()];
  if (source.size === 0 || (sourceEtag !== undefined && sourceEtag === destEtag)) return SAME_COPY;
  const plain = isMd5(sourceEtag) && isMd5(destEtag);
  if (plain && kms === 'no') return COPY_DIFFERS;
  if (facts.dest === undefined) return { action: 'find', fact: 'dest' };
  if (typeof facts.dest === 'string') return PUT_AFTER[facts.dest];
  if (sourceEtag !== undefined && facts.dest.copiedFrom?.toLowerCase() === sourceEtag) return SAME_COPY;
  if (facts.source === undefined) return { action: 'find', fact: 'source' };
  if (typeof facts.source === 'string') return copyUnproven('HEAD of the source is denied');
  if (plain && !facts.dest.kms && !facts.source.kms) return COPY_DIFFERS;
  const [a, b] = [facts.source.checksum, facts.dest.checksum];
  if (a !== undefined && a.algorithm === b?.algorithm) return a.value === b.value ? SAME_COPY : COPY_DIFFERS;
  return copyUnproven('ETags cannot be compared and no checksum of the whole is told');
}

function copyUnproven(why: string): CopyComparison {
  return { action: 'put', reason: unproven(why) };
}
