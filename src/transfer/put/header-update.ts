import {
  hasAcl,
  headerChanges,
  headersOfReplacement,
  headersOfUpdate,
  keptHeaders,
  needsBytes,
  type StoredHeaders,
  type WantedHeaders,
  wantedFor,
} from '../../encode/header-changes.js';
import { S3RequestError, SourceError } from '../../errors.js';
import { isHeaderEtag } from '../../model/etag.js';
import type { HeaderMap } from '../../options/types.js';
import type { RemoteState } from '../../plan/decide.js';
import { msg, type Text } from '../../report/message.js';
import { HEADS, REASONS } from '../../report/reasons.js';
import type { HeaderChange } from '../../report/types.js';
import type { Run } from '../../run/run.js';
import type { Bucket, CopyAnswer } from '../../s3/bucket.js';
import { isDirectoryBucket } from '../../s3/endpoint-profile.js';
import type { Entry } from '../../source/types.js';
import { type HeldAnnotations, holdAnnotations } from '../copy/annotations.js';
import type { SelfCopied } from '../copy/onto-itself.js';
import { isSourceChanged } from '../copy/source.js';
import { type HeadObject, type ObjectNow, objectNow, stateOf } from '../head.js';
import { isDeleted, orUnknown, type Result, skipped, writeError } from '../result.js';
import { headerTurns } from './header-turns.js';
import { NO_GRANTS, objectAcls } from './object-acls.js';
import type { RedirectHeaders } from './redirects.js';

/** The headers to set on an object that has the same content. */
export interface HeaderUpdate {
  readonly wanted: WantedHeaders;
  readonly changes: readonly HeaderChange[];
  /** What the object has besides, as {@link keptHeaders} makes it. */
  readonly kept: HeaderMap;
  /** Of the object, unquoted; undefined where the server sends none. */
  readonly etag: string | undefined;
}

/** What the headers of an unchanged object are, compared with what this run gives it. */
export type ComparedHeaders =
  | { readonly is: 'same' }
  | { readonly is: 'different'; readonly update: HeaderUpdate }
  /** They differ, but cannot be set without a loss. */
  | { readonly is: 'left'; readonly changes: readonly HeaderChange[] }
  /** HEAD is denied. */
  | { readonly is: 'unseen' }
  /** The key has another object than was listed, or none. */
  | { readonly is: 'changed'; readonly remote: RemoteState };

/** How setting headers ended. */
export type UpdateEnd =
  | { readonly end: 'done'; readonly result: Result }
  | { readonly end: 'left'; readonly changes: readonly HeaderChange[] }
  /** Another writer was there first. */
  | { readonly end: 'changed'; readonly error: S3RequestError; readonly met: ObjectNow };

/** Puts the object again, with these headers and over the object with this ETag. */
export type PutAgain = (headers: Record<string, string>, etag: string | undefined) => Promise<Result>;

/** Copies an object of more than 5 GiB onto itself, by ranges. */
export type LargeCopy = (object: SelfCopied) => Promise<Result>;

/** Compares the headers of objects, and sets those that differ. */
export interface HeaderUpdates {
  /** By one HEAD, unless `remote` has the headers of one. Throws what a HEAD throws. */
  compare(entry: Entry, remote: Present, wanted: WantedHeaders): Promise<ComparedHeaders>;
  /** By a copy of the object onto itself, or by another put of it where the server refuses or ignores that. Throws as a put does. */
  carryOut(entry: Entry, size: number, update: HeaderUpdate, putAgain: PutAgain): Promise<UpdateEnd>;
  /** Says what is known only at the end of the run. */
  finish(): void;
}

type Present = Extract<RemoteState, { readonly state: 'present' }>;

export interface HeaderUpdateContext {
  readonly bucket: Bucket;
  readonly headObject: HeadObject;
  /** Bytes that the server copies in one request. */
  readonly largestCopy: number;
  readonly copyLarge: LargeCopy;
  readonly redirecting: RedirectHeaders;
  /** Compares no headers but those of redirects. */
  readonly onlyRedirects: boolean;
  /** Only says what setting headers would do. */
  readonly dryRun: boolean;
}

export function headerUpdates(
  { record, signal }: Pick<Run, 'record' | 'signal'>,
  own: HeaderUpdateContext,
): HeaderUpdates {
  const { bucket, headObject, largestCopy, copyLarge, redirecting, onlyRedirects, dryRun } = own;
  const turns = headerTurns((change) => record.warn(`header-not-kept-${change.name}`, notKept(change)));
  const acls = objectAcls(bucket, signal);
  /** The server copies nothing onto itself, as far as it was tried. */
  let copiesRefused = false;
  let copied = 0;
  let versions = 0;

  function notKept({ name, to }: HeaderChange): Text {
    return to === undefined
      ? `This server does not remove the header "${name}" from an object that it has, so further objects keep theirs: only a delete removes it.`
      : `This server does not keep the header "${name}" as it is sent, so it is not set on further objects.`;
  }

  function warnOfAcls(): void {
    record.warn(
      'acls-unreadable',
      msg`Headers differ that are not set: that would reset the ACLs of the objects, which may not be read. Allow s3:GetObjectAcl on "${bucket.name}", or give all objects one ACL by {acl}.`,
    );
  }

  function warnOfLoss(key: string, why: string): void {
    record.warn(
      'headers-left',
      `The headers of s3://${bucket.name}/${key} differ and are not set, nor those of others like it: ${why}.`,
    );
  }

  /** The headers of the request; undefined where the object has something that would be lost. */
  function orLeft<T>(key: string, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      warnOfLoss(key, error.message);
      return undefined;
    }
  }

  async function storedHeaders(key: string, remote: Present): Promise<ComparedHeaders | StoredNow> {
    if (remote.headers !== undefined) return { is: 'stored', headers: remote.headers };
    const head = await headObject(key, onlyRedirects ? HEADS.redirectsCompared : HEADS.headersCompared);
    if (head === 'denied') return { is: 'unseen' };
    if (head === 'absent') return { is: 'changed', remote: { state: 'absent', proof: 'proven' } };
    const { size, etag, headers = {} } = head;
    if (etag === remote.etag && size === remote.size) return { is: 'stored', headers };
    return { is: 'changed', remote: stateOf(head) };
  }

  async function copy(
    entry: Entry,
    size: number,
    update: HeaderUpdate,
    grants: HeaderMap,
  ): Promise<Result | 'refused' | UpdateEnd> {
    const { key } = entry;
    const { wanted, kept, etag, changes } = update;
    const facts = { key, wanted, kept, grants, now: Date.now() };
    const bound = isHeaderEtag(etag) ? etag : undefined;
    try {
      if (size > largestCopy) {
        const tags = await tagsOf(key, kept);
        if (tags === undefined) return { end: 'left', changes };
        const annotations = await holdAnnotations(bucket, key, { signal, warn: record.warn });
        const headers = headersOfReplacement({ ...facts, tags }, 'parts');
        const result = await copyLarge({ key, size, etag: bound, headers });
        await annotations.write(result.etag);
        return done({ etag: result.etag, versioned: false, attempts: result.attempts }, headers, update, size);
      }
      const headers: HeaderMap = {
        ...headersOfUpdate(facts),
        ...(isDirectoryBucket(bucket.name) && { 'x-amz-object-annotation-directive': 'EXCLUDE' }),
      };
      const owner = headers['x-amz-expected-bucket-owner'];
      const answer = await bucket.copyObject(
        { key, source: { bucket: bucket.name, key, etag: bound, owner }, headers },
        signal,
      );
      return done(answer, headers, update, size);
    } catch (thrown) {
      const error = writeError(record, entry, thrown);
      if (error instanceof SourceError && !isSourceChanged(error) && error.code !== 'Interrupted') {
        warnOfLoss(key, error.message);
        return { end: 'left', changes };
      }
      return refusal(entry, update, grants, size, error);
    } finally {
      record.waiting.delete(key);
    }
  }

  function done(
    { etag, versioned, attempts }: Pick<CopyAnswer, 'etag' | 'versioned' | 'attempts'>,
    headers: HeaderMap,
    { changes }: HeaderUpdate,
    size: number,
  ): Result {
    copied += 1;
    if (versioned) versions += 1;
    const result = {
      action: 'metadata',
      reason: REASONS.headersDiffer,
      bytes: 0,
      sourceBytes: size,
      verified: 'none',
      attempts,
    } as const;
    return { ...result, headers, headerChanges: changes, ...(etag !== undefined && { etag }) };
  }

  async function refusal(
    entry: Entry,
    update: HeaderUpdate,
    grants: HeaderMap,
    size: number,
    error: unknown,
  ): Promise<Result | 'refused' | UpdateEnd> {
    if (isSourceChanged(error) || (error instanceof S3RequestError && isDeleted(error))) {
      const met = await orUnknown(entry, objectNow(bucket, entry.key, signal));
      // A server that refuses the condition although it is met.
      return typeof met === 'object' && met.etag === update.etag
        ? 'refused'
        : { end: 'changed', error: unmet(error, bucket.name, entry.key), met };
    }
    if (!(error instanceof S3RequestError)) throw error;
    const { status, code } = error;
    if (code === 'AccessControlListNotSupported' && grants !== NO_GRANTS && !hasAcl(update.wanted.headers)) {
      acls.areDisabled();
      return copy(entry, size, update, NO_GRANTS);
    }
    if (status === undefined || !(REFUSALS.has(status) || (status === 200 && REFUSED_LATER.has(code)))) throw error;
    // Not again for each object, unless this one alone is refused.
    const alone = copied > 0 || code !== 'AccessDenied' || hasTags(update.kept);
    if (status === 501 || !alone) copiesRefused = true;
    return 'refused';
  }

  /** The tags of the object, which a new one in its place must get. Undefined where they may not be read. */
  async function tagsOf(key: string, kept: HeaderMap): Promise<Readonly<Record<string, string>> | undefined> {
    if (!hasTags(kept)) return {};
    try {
      return await bucket.objectTags({ key }, signal);
    } catch (error) {
      if (!(error instanceof S3RequestError) || error.status !== 403) throw error;
      warnOfLoss(key, `it would lose its tags, which may not be read (s3:GetObjectTagging on "${bucket.name}")`);
      return undefined;
    }
  }

  async function replace(key: string, update: HeaderUpdate, grants: HeaderMap, putAgain: PutAgain): Promise<UpdateEnd> {
    const { wanted, kept, changes, etag } = update;
    const tags = await tagsOf(key, kept);
    if (tags === undefined) return { end: 'left', changes };
    const facts = { key, wanted, kept, grants, tags, now: Date.now() };
    const headers = orLeft(key, () => headersOfReplacement(facts, 'put'));
    if (headers === undefined) return { end: 'left', changes };
    const annotations: HeldAnnotations = await holdAnnotations(bucket, key, { signal, warn: record.warn });
    const result = await putAgain(headers, etag).catch((error) => {
      if (!(error instanceof S3RequestError) || error.code !== 'AccessControlListNotSupported' || grants === NO_GRANTS)
        throw error;
      acls.areDisabled();
      return putAgain(headersOfReplacement({ ...facts, grants: NO_GRANTS }, 'put'), etag);
    });
    if (result.action === 'put') await annotations.write(result.etag);
    return { end: 'done', result: { ...result, headerChanges: changes } };
  }

  /** The changes that the object does not have. Undefined where another writer was there meanwhile. */
  async function unset(
    key: string,
    { wanted, changes }: HeaderUpdate,
    etag: string | undefined,
  ): Promise<ObjectUnset | undefined> {
    const head = await headObject(key, 'headers after the first change').catch((error) => {
      // What was written is written.
      if (error instanceof S3RequestError) return 'denied';
      throw error;
    });
    if (typeof head === 'string' || (etag !== undefined && head.etag !== etag)) return undefined;
    const still = new Set(headerChanges(wanted, head.headers ?? {}).map(({ name }) => name));
    return { etag: head.etag, still: changes.filter(({ name }) => still.has(name)) };
  }

  async function update(entry: Entry, size: number, planned: HeaderUpdate, putAgain: PutAgain): Promise<UpdateEnd> {
    const { key } = entry;
    const changes = planned.changes.filter(turns.isKept);
    if (changes.length === 0)
      return {
        end: 'done',
        result: { ...skipped(REASONS.sameContent, size), ...(planned.etag !== undefined && { etag: planned.etag }) },
      };
    let now: HeaderUpdate = { ...planned, changes };
    const grants = hasAcl(now.wanted.headers) ? NO_GRANTS : await acls.of(key);
    if (grants === undefined) {
      warnOfAcls();
      return { end: 'left', changes };
    }
    if (!copiesRefused && !changes.some(needsBytes) && turns.byCopy(changes)) {
      const made = await copy(entry, size, now, grants);
      if (made !== 'refused' && 'end' in made) return made;
      if (made !== 'refused') {
        if (!turns.areUnknown('copy', changes)) return { end: 'done', result: made };
        const after = await unset(key, now, made.etag);
        if (after === undefined) return { end: 'done', result: made };
        turns.learn('copy', changes, after.still);
        if (after.still.length === 0) return { end: 'done', result: made };
        now = { ...now, etag: after.etag };
      }
    }
    const ended = await replace(key, now, acls.still(grants), putAgain);
    if (ended.end !== 'done' || ended.result.action !== 'put' || !turns.areUnknown('put', changes)) return ended;
    const after = await unset(key, now, ended.result.etag);
    if (after !== undefined) turns.learn('put', changes, after.still);
    return ended;
  }

  async function whatIf(key: string, size: number, update: HeaderUpdate, putAgain: PutAgain): Promise<UpdateEnd> {
    const { wanted, kept, etag, changes } = update;
    const facts = { key, wanted, kept, grants: NO_GRANTS, now: Date.now() };
    if (!changes.some(needsBytes)) {
      const headers = orLeft(key, () => headersOfUpdate(facts));
      if (headers === undefined) return { end: 'left', changes };
      return { end: 'done', result: done({ etag, versioned: false, attempts: 0 }, headers, update, size) };
    }
    const headers = orLeft(key, () => headersOfReplacement(facts, 'put'));
    if (headers === undefined) return { end: 'left', changes };
    return { end: 'done', result: { ...(await putAgain(headers, etag)), headerChanges: changes } };
  }

  return {
    async compare(entry, remote, own) {
      const { key } = entry;
      const stored = await storedHeaders(key, remote);
      if (stored.is !== 'stored') return stored;
      const wanted = wantedFor(own, stored.headers);
      const possible = headerChanges(wanted, stored.headers).filter(turns.isKept);
      const changes = redirecting.possible(entry, possible, stored.headers);
      if (changes.length === 0) return { is: 'same' };
      const kept = keptHeaders(stored.headers);
      if (Number(kept['x-amz-missing-meta'] ?? 0) > 0) {
        warnOfLoss(key, 'it has metadata that cannot be read (x-amz-missing-meta), and would lose it');
        return { is: 'left', changes };
      }
      if (!hasAcl(wanted.headers) && !(await acls.canBeKept(key))) {
        warnOfAcls();
        return { is: 'left', changes };
      }
      return { is: 'different', update: { wanted, changes, kept, etag: remote.etag } };
    },

    carryOut(entry, size, planned, putAgain) {
      if (dryRun) return whatIf(entry.key, size, planned, putAgain);
      return turns.inTurn(planned.changes, () => update(entry, size, planned, putAgain));
    },

    finish() {
      if (versions === 0) return;
      const made =
        versions === 1 ? '1 object has a new version' : `${versions.toLocaleString('en-US')} objects have new versions`;
      record.warn(
        'new-versions',
        `${made} with other headers: the bucket "${bucket.name}" has versioning, and keeps the old ones until a lifecycle rule removes them.`,
      );
    },
  };
}

function hasTags(kept: HeaderMap): boolean {
  return Number(kept['x-amz-tagging-count'] ?? 0) > 0;
}

function unmet(error: unknown, bucket: string, key: string): S3RequestError {
  if (error instanceof S3RequestError) return error;
  const details = {
    code: 'PreconditionFailed',
    verb: 'UploadPartCopy',
    bucket,
    key,
    status: 412,
    cause: error,
  } as const;
  return new S3RequestError(`UploadPartCopy s3://${bucket}/${key}: the object has another ETag`, details);
}

interface StoredNow {
  readonly is: 'stored';
  readonly headers: StoredHeaders;
}

interface ObjectUnset {
  readonly etag: string | undefined;
  readonly still: readonly HeaderChange[];
}

/** Responses to a copy after which a put may succeed: a policy that demands conditions, an archived object, a server that cannot copy. */
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 405, 501]);
/** The same, where a copy has begun with the status 200. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const REFUSED_LATER: ReadonlySet<string> = new Set([
  'AccessDenied',
  'InvalidObjectState',
  'InvalidRequest',
  'NotImplemented',
]);
