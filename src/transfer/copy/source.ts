import { S3RequestError, SourceError } from '../../errors.js';
import { partsOf } from '../../model/etag.js';
import { evenLayout, type Layout, MARK_NUMBER, unevenLayout } from '../../model/part-layout.js';
import type { CopyMethod } from '../../plan/copy-method.js';
import type { RemoteObject } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import type { PartRecord } from '../multipart/parts.js';
import { ChangedWhileRead, type ListedParts, type ProvenParts } from '../multipart/types.js';
import type { CopyContext } from './context.js';

/** Why a HEAD of the source is needed before it can be copied so; undefined where a listing has told enough. */
export function whyHead(
  { size }: Pick<CopyEntry, 'size'>,
  { by, layout, relayed }: CopyMethod,
  { replaceMetadata }: CopyContext['headers'],
): string | undefined {
  if (by === 'parts') return layout === 'source' ? 'parts of the source' : 'headers of what is copied in parts';
  if (relayed) return undefined;
  if (replaceMetadata) return 'headers are replaced';
  return size === 0 ? 'an empty object may be a redirect' : undefined;
}

/** The headers of the source, by HEAD. Throws `ChangedWhileRead` where it is not the object that was listed. */
export async function sourceHead(deps: CopyContext, entry: CopyEntry, why: string): Promise<RemoteObject> {
  if (entry.head !== undefined) return entry.head;
  deps.asked(why);
  const { sourceKey, versionId } = entry;
  const head = await deps.source.headObject(sourceKey, deps.signal, versionId === undefined ? {} : { versionId });
  if (head === undefined) throw gone(entry);
  if (head.etag !== entry.etag) throw new ChangedWhileRead(entry.origin);
  return head;
}

/** What else a copy would lose: tags, where it keeps none by itself, and grants, where they are asked for. */
export async function sourceExtras(
  { source, headers: own, copyAcl, signal }: CopyContext,
  { sourceKey: key, versionId }: CopyEntry,
  headers: Readonly<Record<string, string | undefined>> | undefined,
): Promise<{ readonly tags?: Readonly<Record<string, string>>; readonly grants?: Readonly<Record<string, string>> }> {
  const tagged = Number(headers?.['x-amz-tagging-count'] ?? 0) > 0 && !own.replaceTags;
  const [tags, grants] = await Promise.all([
    tagged ? source.objectTags({ key, versionId }, signal) : undefined,
    copyAcl ? source.objectGrants({ key, versionId }, signal) : undefined,
  ]);
  return { ...(tags !== undefined && { tags }), ...(grants !== undefined && { grants }) };
}

/** The object as it is now, where it is not what was listed. */
export async function refreshed(deps: CopyContext, entry: CopyEntry): Promise<CopyEntry> {
  const { sourceKey, versionId } = entry;
  deps.asked('the source has changed');
  const head = await deps.source.headObject(sourceKey, deps.signal, versionId === undefined ? {} : { versionId });
  if (head === undefined) throw gone(entry);
  const { size, etag, headers = {} } = head;
  const modified = Date.parse(headers['last-modified'] ?? '');
  const storageClass = headers['x-amz-storage-class'];
  return { ...entry, size, etag, modified: Number.isNaN(modified) ? undefined : modified, storageClass, head };
}

/** Is the source not, or no longer, what the request was bound to? */
export function isSourceChanged(error: unknown): boolean {
  if (error instanceof ChangedWhileRead) return true;
  if (!(error instanceof S3RequestError) || error.status !== 412) return false;
  return error.verb === 'CopyObject' || error.verb === 'UploadPartCopy' || error.verb === 'GetObject';
}

/** It has been deleted meanwhile. */
export function gone({ origin }: CopyEntry): SourceError {
  return new SourceError('NoSuchKey', `${origin} is gone since it was listed`, {
    hint: 'Run again, if it should be there.',
  });
}

export function changedAgain({ origin }: CopyEntry): SourceError {
  return new SourceError(
    'SourceChanged',
    `${origin} changed while it was copied, and once more when that was tried anew`,
    {
      hint: 'Run again when nobody writes to it.',
    },
  );
}

/** HEADs of one object that are under way at once. */
const AT_ONCE = 16;
const WHY = 'parts of the source';

/**
 * How the parts of the source lie, by HEADs of its first, middle and last one, or of each where these differ; undefined where the server does not
 * tell.
 * @param exact ask for each in any case
 * @param head of the first part, where there was one
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export async function sourceLayout(
  deps: CopyContext,
  entry: CopyEntry,
  exact: boolean,
  head?: RemoteObject,
): Promise<Layout | undefined> {
  const count = partsOf(entry.etag);
  if (count === undefined) return undefined;
  const { size } = entry;
  if (count === 1) return evenLayout(size, size);
  const first = head ?? (await headPart(deps, entry, 1));
  if (Number(first.headers?.['x-amz-mp-parts-count']) !== count) return undefined;
  if (count === 2) return unevenLayout([first.size, size - first.size]);
  if (!exact && first.size * (count - 1) < size && size <= first.size * count) {
    const [middle, last] = await Promise.all([
      headPart(deps, entry, Math.ceil(count / 2)),
      headPart(deps, entry, count),
    ]);
    if (middle.size === first.size && last.size === size - first.size * (count - 1))
      return evenLayout(size, first.size);
  }
  const sizes = [first.size];
  for (let from = 2; from <= count; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - from + 1) }, (_, index) => from + index);
    for (const part of await Promise.all(numbers.map((number) => headPart(deps, entry, number)))) sizes.push(part.size);
  }
  const layout = unevenLayout(sizes);
  return layout.size === size ? layout : undefined;
}

/** A HEAD of one part, which tells the object's headers too. Throws `ChangedWhileRead` where it is not the object that was listed. */
export async function headPart(deps: CopyContext, entry: CopyEntry, partNumber: number): Promise<RemoteObject> {
  const { sourceKey, versionId, etag, origin } = entry;
  deps.asked(WHY);
  const part = await deps.source.headObject(sourceKey, deps.signal, { partNumber, versionId });
  if (part === undefined || part.etag !== etag) throw new ChangedWhileRead(origin);
  return part;
}

/** Clocks and dates of whole seconds may be off by so much. */
const SURELY_AFTER_MS = 5_000;

/**
 * The listed parts of an upload that an earlier run has begun for this copy. Their bytes are not here to compare; but its mark tells the very
 * object by its ETag, and where the upload began only after that was last changed, its parts cannot be of another. Undefined where that is not so.
 */
export function partsProvenByDate(
  { modified }: Pick<CopyEntry, 'modified'>,
  { parts, mark, marked, begunAt }: ListedParts,
): ProvenParts | undefined {
  if (!marked || modified === undefined || begunAt === undefined || begunAt < modified + SURELY_AFTER_MS)
    return undefined;
  const marker = parts.get(MARK_NUMBER);
  const records = new Map<number, PartRecord>();
  for (const { number, size, etag, crc32 } of parts.values())
    if (number !== MARK_NUMBER) records.set(number, { number, size, etag, crc32, md5: undefined, verified: 'none' });
  // Where a key encrypts, no ETag is an MD5: the mark's shows it.
  return {
    parts: records,
    crc32: marker?.crc32 !== undefined,
    encrypted: marker?.etag.toLowerCase() !== mark.md5,
  };
}
