import { S3RequestError, SourceError } from '../../errors.js';
import { partCountOf } from '../../model/etag.js';
import { goneText, hintFor } from '../../model/hints.js';
import { evenLayout, type Layout, MARK_NUMBER, unevenLayout } from '../../model/part-layout.js';
import type { CopyMethod } from '../../plan/copy-method.js';
import type { RemoteObject } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import type { PartRecord } from '../multipart/parts.js';
import { ChangedWhileRead, type ListedParts, type ProvenParts } from '../multipart/types.js';
import type { CopyContext } from './context.js';

/** Why this method needs a HEAD of the source first; undefined where the listing is enough. */
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

/** The headers of the source, by HEAD. Throws `ChangedWhileRead` where the object is not the one that was listed. */
export async function sourceHead(context: CopyContext, entry: CopyEntry, why: string): Promise<RemoteObject> {
  if (entry.head !== undefined) return entry.head;
  context.countHead(why);
  const { sourceKey, versionId } = entry;
  const head = await context.source.headObject(sourceKey, context.signal, versionId === undefined ? {} : { versionId });
  if (head === undefined) throw gone(entry);
  if (head.etag !== entry.etag) throw new ChangedWhileRead(entry.origin);
  return head;
}

/** What a copy would lose otherwise: tags, where this method does not keep them, and grants, where the option requests them. */
export async function sourceExtras(
  { source, headers: own, copyAcl, signal }: CopyContext,
  { sourceKey: key, versionId }: CopyEntry,
  headers: Readonly<Record<string, string | undefined>> | undefined,
): Promise<{ readonly tags?: Readonly<Record<string, string>>; readonly grants?: Readonly<Record<string, string>> }> {
  const tagged = Number(headers?.['x-amz-tagging-count'] ?? 0) > 0 && !own.replaceTags;
  const [tags, grants] = await Promise.all([
    tagged ? source.objectTags({ key, versionId }, signal) : undefined,
    copyAcl ? source.objectAcl({ key, versionId }, signal).then(({ grants }) => grants) : undefined,
  ]);
  return { ...(tags !== undefined && { tags }), ...(grants !== undefined && { grants }) };
}

/** The object as it is now, after it has changed since it was listed. */
export async function refreshed(context: CopyContext, entry: CopyEntry): Promise<CopyEntry> {
  const { sourceKey, versionId } = entry;
  context.countHead('the source has changed');
  const head = await context.source.headObject(sourceKey, context.signal, versionId === undefined ? {} : { versionId });
  if (head === undefined) throw gone(entry);
  const { size, etag, headers = {} } = head;
  const modified = Date.parse(headers['last-modified'] ?? '');
  const storageClass = headers['x-amz-storage-class'];
  return { ...entry, size, etag, modified: Number.isNaN(modified) ? undefined : modified, storageClass, head };
}

/** Whether the source is not, or no longer, the object that the request was bound to. */
export function isSourceChanged(error: unknown): boolean {
  if (error instanceof ChangedWhileRead) return true;
  if (!(error instanceof S3RequestError) || error.status !== 412) return false;
  return error.verb === 'CopyObject' || error.verb === 'UploadPartCopy' || error.verb === 'GetObject';
}

/** The source was deleted since it was listed. */
function gone({ origin }: CopyEntry): SourceError {
  return new SourceError('NoSuchKey', goneText(origin), { hint: hintFor({ code: 'NoSuchKey', verb: 'GetObject' }) });
}

export function changedAgain({ origin }: CopyEntry): SourceError {
  return new SourceError(
    'SourceChanged',
    `${origin} changed while it was copied, and once more when that was tried anew`,
    {
      hint: 'Run again when nothing writes to it.',
    },
  );
}

/** HEADs of one object that are in flight at once. */
const AT_ONCE = 16;
const WHY = 'parts of the source';

/**
 * The layout of the source's parts, by HEADs of the first, middle and last part, or of each part where these differ; undefined where the server does
 * not support HEAD of a part.
 * @param sought `exact`: HEAD each part in any case; `equal`: only parts of one size can be used, so HEAD no more than three
 * @param head HEAD of the first part, if there was one
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export async function sourceLayout(
  context: CopyContext,
  entry: CopyEntry,
  sought: 'likely' | 'exact' | 'equal',
  head?: RemoteObject,
): Promise<Layout | undefined> {
  const count = partCountOf(entry.etag);
  if (count === undefined) return undefined;
  const { size } = entry;
  if (count === 1) return evenLayout(size, size);
  const first = head ?? (await headPart(context, entry, 1));
  if (Number(first.headers?.['x-amz-mp-parts-count']) !== count) return undefined;
  if (count === 2) return unevenLayout([first.size, size - first.size]);
  if (sought !== 'exact' && first.size * (count - 1) < size && size <= first.size * count) {
    const [middle, last] = await Promise.all([
      headPart(context, entry, Math.ceil(count / 2)),
      headPart(context, entry, count),
    ]);
    if (middle.size === first.size && last.size === size - first.size * (count - 1))
      return evenLayout(size, first.size);
  }
  if (sought === 'equal') return undefined;
  const sizes = [first.size];
  for (let from = 2; from <= count; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - from + 1) }, (_, index) => from + index);
    for (const part of await Promise.all(numbers.map((number) => headPart(context, entry, number))))
      sizes.push(part.size);
  }
  const layout = unevenLayout(sizes);
  return layout.size === size ? layout : undefined;
}

/** HEAD of one part, which has the object's headers too. Throws `ChangedWhileRead` where the object is not the one that was listed. */
export async function headPart(context: CopyContext, entry: CopyEntry, partNumber: number): Promise<RemoteObject> {
  const { sourceKey, versionId, etag, origin } = entry;
  context.countHead(WHY);
  const part = await context.source.headObject(sourceKey, context.signal, { partNumber, versionId });
  if (part === undefined || part.etag !== etag) throw new ChangedWhileRead(origin);
  return part;
}

/** Tolerance for clock skew and for dates in whole seconds. */
const SURELY_AFTER_MS = 5_000;

/**
 * The listed parts of an upload that an earlier run has begun for this copy. Their bytes are not here to compare; but the upload's mark names the
 * source by its ETag, and if the upload began after the source's last change, its parts cannot come from another object. Otherwise undefined.
 */
export function partsProvenByDate(
  { modified }: Pick<CopyEntry, 'modified'>,
  { parts, mark, marked, begunAt }: ListedParts,
  onProven: (bytes: number) => void = () => {},
): ProvenParts | undefined {
  if (!marked || modified === undefined || begunAt === undefined || begunAt < modified + SURELY_AFTER_MS)
    return undefined;
  const marker = parts.get(MARK_NUMBER);
  const records = new Map<number, PartRecord>();
  for (const { number, size, etag, crc32 } of parts.values()) {
    if (number === MARK_NUMBER) continue;
    records.set(number, { number, size, etag, crc32, md5: undefined, verified: 'none' });
    onProven(size);
  }
  // Under a KMS key no ETag is an MD5, which the mark's ETag shows.
  return {
    parts: records,
    crc32: marker?.crc32 !== undefined,
    encrypted: marker?.etag.toLowerCase() !== mark.md5,
  };
}
