import { S3RequestError } from '../../errors.js';
import { isMd5 } from '../../model/etag.js';
import type { CopyMethod } from '../../plan/copy-method.js';
import type { Verified } from '../../report/types.js';
import type { CopyAnswer, CopyRequest } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import { ChangedWhileRead } from '../multipart/types.js';
import type { Result } from '../result.js';
import { appeared, type CopyContext, type CopyDecision, copied, interrupted } from './context.js';
import { copySource } from './copy-parts.js';
import { sourceExtras, sourceHead, whyHead } from './source.js';

/** Copies whose ETag is not the source's are made once more. */
const TRIES = 2;

/** Has the server copy one object in one request, bound to the ETag that was listed. */
export async function copyObject(
  deps: CopyContext,
  entry: CopyEntry,
  decision: CopyDecision,
  way: CopyMethod,
): Promise<Result> {
  const { headers, copyAcl, signal } = deps;
  const { key, storageClass } = entry;
  const why = whyHead(entry, way, headers);
  const head = why === undefined ? undefined : await sourceHead(deps, entry, why);
  const { grants } = copyAcl ? await sourceExtras(deps, entry, undefined) : {};
  const own = headers.ofCopy({ key, storageClass, source: head?.headers, grants });
  const { onlyIfAbsent } = decision;
  const request = { key, source: copySource(deps, entry), headers: own };
  const conditional: CopyRequest = onlyIfAbsent === undefined ? request : { ...request, onlyIfAbsent };
  try {
    for (let tries = 1; ; tries++) {
      // What a wrong copy has left there is ours to replace.
      const answer = await deps.dest.copyObject(tries === 1 ? conditional : request, signal);
      const verified = await judge(deps, entry, answer);
      if (verified !== 'mismatch') return copied(entry, decision, way, { ...answer, verified });
      if (tries === TRIES) throw mismatch(deps, entry, answer);
    }
  } catch (error) {
    if (signal.aborted && !(error instanceof S3RequestError)) throw interrupted(entry);
    if (!(error instanceof S3RequestError) || error.status !== 412) throw error;
    return settleRefusal(deps, entry, decision, way, error);
  }
}

/** A condition was not met: the source's, or that the key is absent. */
async function settleRefusal(
  { dest, signal }: CopyContext,
  entry: CopyEntry,
  decision: CopyDecision,
  way: CopyMethod,
  { attempts }: S3RequestError,
): Promise<Result> {
  const { key, size, etag, origin } = entry;
  if (decision.onlyIfAbsent === undefined) throw new ChangedWhileRead(origin);
  // Either is answered so: the destination tells which it was.
  const there = await dest.headObject(key, signal);
  if (there === undefined) throw new ChangedWhileRead(origin);
  const ours = attempts > 1 && there.size === size && there.etag === etag;
  if (!ours) return appeared(entry, attempts);
  // An earlier try has stored it, and its answer was lost.
  return copied(entry, decision, way, { etag, verified: 'md5', attempts });
}

/** What the ETag of the copy proves. Another one than the source's is wrong where both have to be MD5s. */
async function judge(deps: CopyContext, entry: CopyEntry, answer: CopyAnswer): Promise<Verified | 'mismatch'> {
  const { source, dest, learned, asked, signal } = deps;
  const { etag, sourceKey, versionId } = entry;
  if (answer.encrypted) learned.destKms = true;
  if (!isMd5(etag) || !isMd5(answer.etag) || answer.encrypted) return 'none';
  if (answer.etag.toLowerCase() === etag.toLowerCase()) return 'md5';
  if (learned.sourceKms || !dest.facts().etagIsMd5 || !source.facts().etagIsMd5) return 'none';
  // A listing does not tell whether a key encrypts the source.
  asked('the ETag of a copy differs');
  const head = await source.headObject(sourceKey, signal, { versionId }).catch(() => undefined);
  if (head !== undefined && head.etag === etag && head.kms !== true && !isCustomers(head.headers)) return 'mismatch';
  if (head?.kms === true) learned.sourceKms = true;
  return 'none';
}

function isCustomers(headers: Readonly<Record<string, string | undefined>> = {}): boolean {
  return headers['x-amz-server-side-encryption-customer-algorithm'] !== undefined;
}

function mismatch({ dest }: CopyContext, { key, etag }: CopyEntry, answer: CopyAnswer): S3RequestError {
  const message = `CopyObject s3://${dest.name}/${key}: the copy has the ETag ${answer.etag}, its source ${etag}`;
  const hint = 'The object there now may be wrong. Run again; if it stays so, the server does not copy faithfully.';
  return new S3RequestError(message, {
    code: 'ETagMismatch',
    verb: 'CopyObject',
    bucket: dest.name,
    key,
    status: 200,
    attempts: answer.attempts,
    hint,
  });
}
