import { S3RequestError } from '../../errors.js';
import { isMd5 } from '../../etag-parts.js';
import type { CopyWay } from '../../plan/copy-way.js';
import type { CopyEntry } from '../../source/bucket-source.js';
import { ChangedWhileRead } from '../parts/part-bytes.js';
import type { Result } from '../put-entry.js';
import { copySource } from './copied-parts.js';
import type { CopyDecision, CopyDeps } from './copy-deps.js';
import { appeared, copied } from './copy-result.js';
import { sourceExtras, sourceHead, whyHead } from './source-facts.js';

/** Has the server copy one object in one request, bound to the ETag that was listed. */
export async function copyObject(
  deps: CopyDeps,
  entry: CopyEntry,
  decision: CopyDecision,
  way: CopyWay,
): Promise<Result> {
  const { dest, headers, copyAcl, signal } = deps;
  const { key, etag, storageClass } = entry;
  const why = whyHead(entry, way, headers);
  const head = why === undefined ? undefined : await sourceHead(deps, entry, why);
  const { grants } = copyAcl ? await sourceExtras(deps, entry, undefined) : {};
  const own = headers.ofCopy({ key, storageClass, source: head?.headers, grants });
  const { onlyIfAbsent } = decision;
  const request = { key, source: copySource(deps, entry), headers: own };
  try {
    const answer = await dest.copyObject({ ...request, ...(onlyIfAbsent !== undefined && { onlyIfAbsent }) }, signal);
    const same = etag !== undefined && answer.etag === etag && isMd5(etag) && !answer.encrypted;
    return copied(entry, decision, way, { ...answer, verified: same ? 'md5' : 'none' });
  } catch (error) {
    if (!(error instanceof S3RequestError) || error.status !== 412) throw error;
    if (onlyIfAbsent === undefined) throw new ChangedWhileRead(entry.origin);
    // Either condition is answered so: the destination tells which it was.
    const there = await dest.headObject(key, signal);
    if (there === undefined) throw new ChangedWhileRead(entry.origin);
    const ours = error.attempts > 1 && there.size === entry.size && there.etag === etag;
    if (!ours) return appeared(entry, error.attempts);
    // An earlier try has stored it, and its answer was lost.
    return copied(entry, decision, way, { etag, verified: 'md5', attempts: error.attempts });
  }
}
