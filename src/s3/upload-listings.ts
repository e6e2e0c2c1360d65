import { S3RequestError } from '../errors.js';
import type { Part } from '../model/part-layout.js';
import type { Bucket, ListedUpload, UploadRef, UploadsMarker } from './bucket.js';
import { endlessListing } from './errors.js';

/** Pages in a row without anything new; S3 sends none, but another server may filter its pages. */
const MOST_EMPTY_PAGES = 1_000;

/** All parts of an upload by their numbers, from all pages. Throws `S3RequestError` with the code `EndlessListing` if they go round. */
export async function allParts(
  bucket: Pick<Bucket, 'name' | 'listParts'>,
  upload: UploadRef,
  signal: AbortSignal,
): Promise<Map<number, Part>> {
  const parts = new Map<number, Part>();
  let after: number | undefined;
  let empty = 0;
  do {
    const page = await bucket.listParts(upload, after, signal);
    const known = parts.size;
    for (const part of page.parts) parts.set(part.number, part);
    after = page.next;
    empty = page.parts.length > 0 ? 0 : empty + 1;
    const why = whyEndless(parts.size === known && page.parts.length > 0, empty);
    if (after !== undefined && why !== undefined)
      throw endlessListing({ verb: 'ListParts', bucket: bucket.name, key: upload.key }, why);
  } while (after !== undefined);
  return parts;
}

/**
 * Unfinished uploads whose keys begin with `prefix`, page by page, each once. Throws `S3RequestError` with the code `EndlessListing` if they go
 * round.
 */
export async function* allUploads(
  bucket: Pick<Bucket, 'name' | 'listUploads'>,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ListedUpload, void> {
  const known = new Set<string>();
  const fresh = (uploads: readonly ListedUpload[]): ListedUpload[] =>
    uploads.filter(({ key, uploadId }) => known.size < known.add(`${uploadId} ${key}`).size);
  let byKey = false;
  let after: UploadsMarker | undefined;
  let empty = 0;
  do {
    const marker = byKey && after !== undefined ? { key: after.key, uploadId: undefined } : after;
    const page = await bucket.listUploads(prefix, marker, signal).catch((error: unknown) => {
      if (after?.uploadId === undefined || byKey || !refusesMarkers(error)) throw error;
      return undefined;
    });
    if (page === undefined) {
      // versitygw refuses every pair of markers. The key alone skips the rest of its own uploads, so they are listed by it.
      byKey = true;
      const { key = '' } = after ?? {};
      const rest = await bucket.listUploads(key, undefined, signal);
      yield* fresh(rest.uploads.filter((upload) => upload.key === key));
      continue;
    }
    const uploads = fresh(page.uploads);
    yield* uploads;
    after = page.next;
    empty = page.uploads.length > 0 ? 0 : empty + 1;
    const why = whyEndless(uploads.length === 0 && page.uploads.length > 0, empty);
    if (after !== undefined && why !== undefined)
      throw endlessListing({ verb: 'ListMultipartUploads', bucket: bucket.name }, why);
  } while (after !== undefined);
}

/** Why a listing cannot end, or undefined while it may. */
function whyEndless(repeated: boolean, empty: number): string | undefined {
  if (repeated) return 'a page has only what was listed before';
  return empty > MOST_EMPTY_PAGES ? `${MOST_EMPTY_PAGES.toLocaleString('en')} pages in a row are empty` : undefined;
}

function refusesMarkers(error: unknown): boolean {
  return error instanceof S3RequestError && error.status === 400 && error.code !== 'WrongRegion';
}
