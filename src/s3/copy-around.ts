import type { CopyVerbs } from './copying.js';
import type { Around } from './multipart-around.js';

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
