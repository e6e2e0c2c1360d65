import type { Verb } from '../report/types.js';
import type { Body, CopyVerbs, MultipartVerbs } from './bucket.js';

/** One multipart request, as whatever is put around it needs to know it. */
export interface AroundCall {
  readonly verb: Verb;
  readonly key: string | undefined;
  readonly signal: AbortSignal;
  /** What it sends, where that is bytes of an object. */
  readonly body?: Body;
  /** It takes no slot: completing and aborting must not wait behind what they end. */
  readonly unlimited: boolean;
}

/** Runs one request within whatever a wrapper does about requests. */
export type Around = <T>(call: AroundCall, send: () => Promise<T>) => Promise<T>;

/** The multipart verbs of a bucket, each within the same. */
export function multipartAround(bucket: MultipartVerbs, around: Around): MultipartVerbs {
  return {
    facts: () => bucket.facts(),
    createUpload: (key, headers, signal, checksummed) =>
      around({ verb: 'CreateMultipartUpload', key, signal, unlimited: false }, () =>
        bucket.createUpload(key, headers, signal, checksummed),
      ),
    putPart: (request, signal) =>
      around({ verb: 'UploadPart', key: request.key, signal, body: request.body, unlimited: false }, () =>
        bucket.putPart(request, signal),
      ),
    completeUpload: (request, signal) =>
      around({ verb: 'CompleteMultipartUpload', key: request.key, signal, unlimited: true }, () =>
        bucket.completeUpload(request, signal),
      ),
    abortUpload: (upload, signal) =>
      around({ verb: 'AbortMultipartUpload', key: upload.key, signal, unlimited: true }, () =>
        bucket.abortUpload(upload, signal),
      ),
    listParts: (upload, after, signal) =>
      around({ verb: 'ListParts', key: upload.key, signal, unlimited: false }, () =>
        bucket.listParts(upload, after, signal),
      ),
    listUploads: (prefix, after, signal) =>
      around({ verb: 'ListMultipartUploads', key: undefined, signal, unlimited: false }, () =>
        bucket.listUploads(prefix, after, signal),
      ),
  };
}

/** The verbs of copying of a bucket, each within the same. */
export function copyAround(bucket: CopyVerbs, around: Around): CopyVerbs {
  const limited = { unlimited: false } as const;
  return {
    copyObject: (request, signal) =>
      around({ verb: 'CopyObject', key: request.key, signal, ...limited }, () => bucket.copyObject(request, signal)),
    copyPart: (request, signal) =>
      around({ verb: 'UploadPartCopy', key: request.key, signal, ...limited }, () => bucket.copyPart(request, signal)),
    getObject: (from, range, signal) =>
      around({ verb: 'GetObject', key: from.key, signal, ...limited }, () => bucket.getObject(from, range, signal)),
    objectTags: (from, signal) =>
      around({ verb: 'GetObjectTagging', key: from.key, signal, ...limited }, () => bucket.objectTags(from, signal)),
    objectGrants: (from, signal) =>
      around({ verb: 'GetObjectAcl', key: from.key, signal, ...limited }, () => bucket.objectGrants(from, signal)),
  };
}
