import type { Decision } from './decision.js';

/** Size and ETag of an object as LIST or HEAD tells them. */
export interface RemoteContent {
  readonly size: number;
  readonly etag: string | undefined;
}

/** Compares what is known without reading: sizes first, then whether the ETag can decide. Modification times never count. */
export function compareListed(compare: 'content' | 'size', size: number | undefined, remote: RemoteContent): Decision {
  if (size === undefined) return { action: 'put', reason: 'local size unknown' };
  if (size !== remote.size) return { action: 'put', reason: 'size differs' };
  if (compare === 'size') return { action: 'skip', reason: 'same size' };
  if (remote.etag === undefined) return { action: 'put', reason: 'remote shows no ETag' };
  if (/^[0-9a-f]{32}$/i.test(remote.etag)) return { action: 'compare', etag: remote.etag };
  return {
    action: 'put',
    reason: /^[0-9a-f]{32}-\d+$/i.test(remote.etag) ? 'multipart ETag not compared yet' : 'ETag is not an MD5',
  };
}

/** Settles a comparison once the local MD5 is known. */
export function compareMd5(md5: string, etag: string): Decision {
  return md5 === etag.toLowerCase()
    ? { action: 'skip', reason: 'same content' }
    : { action: 'put', reason: 'content differs', byEtag: true };
}
