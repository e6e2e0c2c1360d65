import { S3Error } from '../http/error.js';
import type { Head } from '../operation.js';
import type { StoredUpload } from '../store/uploads.js';

/** The unfinished upload that a request names by its key and id. Throws NoSuchUpload if there is none. */
export function findUpload({ request, store }: Head): StoredUpload {
  const uploadId = request.query.get('uploadId') ?? '';
  const upload = store.buckets.get(request.bucket)?.uploads.get(request.key, uploadId);
  if (upload === undefined) throw new S3Error('NoSuchUpload', { UploadId: uploadId });
  return upload;
}

/** The parts of an upload in the order of their numbers. */
export function partsInOrder<P extends { readonly number: number }>(parts: ReadonlyMap<number, P>): P[] {
  return [...parts.values()].sort((a, b) => a.number - b.number);
}
