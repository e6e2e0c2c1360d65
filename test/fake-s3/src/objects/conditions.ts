import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import type { S3Mode } from '../mode.js';
import type { StoredObject } from '../store/store.js';

/** If-None-Match and If-Match on a put or delete. Throws S3's error if they fail. */
export function checkWrite(request: S3Request, mode: S3Mode, existing: StoredObject | undefined): void {
  const isBound = header(request, 'if-none-match') !== undefined || header(request, 'if-match') !== undefined;
  if (mode.enforcedConditions && !isBound && request.method !== 'DELETE') throw new S3Error('AccessDenied');
  checkConditions(
    { noneMatch: header(request, 'if-none-match'), match: header(request, 'if-match'), key: request.key },
    mode,
    existing,
  );
}

/** The conditions of one write or delete; `match` may be the ETag of a key in DeleteObjects. */
interface WriteConditions {
  readonly key: string;
  readonly noneMatch?: string | undefined;
  readonly match: string | undefined;
}

/** The same for conditions that are in no header. */
export function checkConditions(
  { key, noneMatch, match }: WriteConditions,
  mode: S3Mode,
  existing: StoredObject | undefined,
): void {
  if (noneMatch === undefined && match === undefined) return;
  if (mode.conditionalWrites === 'ignored') return;
  if (mode.conditionalWrites === 'refused' || (noneMatch !== undefined && noneMatch !== '*')) {
    throw new S3Error('NotImplemented', { Header: noneMatch === undefined ? 'If-Match' : 'If-None-Match' });
  }
  if (noneMatch !== undefined && existing !== undefined) throw failed('If-None-Match');
  if (match === undefined || isIgnored(mode)) return;
  if (existing === undefined) throw new S3Error('NoSuchKey', { Key: key });
  if (mode.conditions === 'never-met' || !listMatches(match, existing.etag)) throw failed('If-Match');
}

/** Whether a condition on the existing object has no effect in this mode. Throws where the mode refuses it. */
function isIgnored({ conditions }: S3Mode): boolean {
  if (conditions === 'denied') throw new S3Error('AccessDenied');
  if (conditions === 'refused') throw new S3Error('NotImplemented', { Header: 'If-Match' });
  if (conditions === 'refused-400') throw new S3Error('NotImplemented', { Header: 'If-Match' }, { status: 400 });
  return conditions === 'ignored';
}

/** The four conditions of a HEAD or GET, in the order of RFC 9110. Throws 304 or 412. */
export function checkRead(request: S3Request, object: StoredObject, etagHeader: string | undefined): void {
  const match = header(request, 'if-match');
  const unmodifiedSince = dateHeader(request, 'if-unmodified-since');
  if (match !== undefined) {
    if (!listMatches(match, object.etag)) throw failed('If-Match');
  } else if (unmodifiedSince !== undefined && object.lastModified > unmodifiedSince) {
    throw failed('If-Unmodified-Since');
  }
  const noneMatch = header(request, 'if-none-match');
  const modifiedSince = dateHeader(request, 'if-modified-since');
  const same =
    noneMatch === undefined
      ? modifiedSince !== undefined && object.lastModified <= modifiedSince
      : listMatches(noneMatch, object.etag);
  if (!same) return;
  const headers: Record<string, string> = { 'last-modified': new Date(object.lastModified).toUTCString() };
  if (etagHeader !== undefined) headers.etag = etagHeader;
  throw new S3Error('NotModified', {}, { headers });
}

const OF_SOURCE = 'x-amz-copy-source-';

/** The same four conditions on the source of a copy: each failure is a 412. */
export function checkCopySource(request: S3Request, source: StoredObject): void {
  const match = header(request, `${OF_SOURCE}if-match`);
  const unmodifiedSince = dateHeader(request, `${OF_SOURCE}if-unmodified-since`);
  if (match !== undefined) {
    if (!listMatches(match, source.etag)) throw failed(`${OF_SOURCE}If-Match`);
  } else if (unmodifiedSince !== undefined && source.lastModified > unmodifiedSince) {
    throw failed(`${OF_SOURCE}If-Unmodified-Since`);
  }
  const noneMatch = header(request, `${OF_SOURCE}if-none-match`);
  const modifiedSince = dateHeader(request, `${OF_SOURCE}if-modified-since`);
  if (noneMatch !== undefined) {
    if (listMatches(noneMatch, source.etag)) throw failed(`${OF_SOURCE}If-None-Match`);
  } else if (modifiedSince !== undefined && source.lastModified <= modifiedSince) {
    throw failed(`${OF_SOURCE}If-Modified-Since`);
  }
}

function listMatches(list: string, etag: string): boolean {
  return list.split(',').some((entry) => {
    const text = entry.trim();
    return text === '*' || text === etag || text === `"${etag}"`;
  });
}

function dateHeader(request: S3Request, name: string): number | undefined {
  const value = Date.parse(header(request, name) ?? '');
  return Number.isNaN(value) ? undefined : value;
}

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', { Condition: condition });
}
