import { S3RequestError, SourceError } from '../../errors.js';
import type { CopyWay } from '../../plan/copy-way.js';
import type { RemoteObject } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket-source.js';
import { ChangedWhileRead } from '../parts/part-bytes.js';
import type { CopyDeps } from './copy-deps.js';

/** Why a HEAD of the source is needed before it can be copied so; undefined where a listing has told enough. */
export function whyHead(
  { size }: Pick<CopyEntry, 'size'>,
  { by, layout, relayed }: CopyWay,
  { replaceMetadata }: CopyDeps['headers'],
): string | undefined {
  if (by === 'parts') return layout === 'source' ? 'parts of the source' : 'headers of what is copied in parts';
  if (relayed) return undefined;
  if (replaceMetadata) return 'headers are replaced';
  return size === 0 ? 'an empty object may be a redirect' : undefined;
}

/** The headers of the source, by HEAD. Throws `ChangedWhileRead` where it is not the object that was listed. */
export async function sourceHead(deps: CopyDeps, entry: CopyEntry, why: string): Promise<RemoteObject> {
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
  { source, headers: own, copyAcl, signal }: CopyDeps,
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
export async function refreshed(deps: CopyDeps, entry: CopyEntry): Promise<CopyEntry> {
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
