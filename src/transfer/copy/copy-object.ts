import { S3RequestError } from '../../errors.js';
import { isMd5 } from '../../model/etag.js';
import type { HeaderMap } from '../../options/types.js';
import type { CopyMethod } from '../../plan/copy-method.js';
import type { Verified } from '../../report/types.js';
import type { CopyAnswer, CopyRequest } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import { ChangedWhileRead } from '../multipart/types.js';
import { appeared, orUnknown, type PutDecision, type Result, writeError } from '../result.js';
import { type CopyContext, copied } from './context.js';
import { copySource } from './copy-parts.js';
import { sourceExtras, sourceHead, whyHead } from './source.js';

/** A copy whose ETag is not the source's is made a second time. */
const TRIES = 2;

/** Lets the server copy one object in one request, bound to the ETag that was listed. */
export async function copyObject(
  context: CopyContext,
  entry: CopyEntry,
  decision: PutDecision,
  method: CopyMethod,
): Promise<Result> {
  const { headers, copyAcl, signal } = context;
  const { key, storageClass } = entry;
  const why = whyHead(entry, method, headers);
  const head = why === undefined ? entry.head : await sourceHead(context, entry, why);
  const { grants } = copyAcl ? await sourceExtras(context, entry, undefined) : {};
  const own = {
    ...headers.ofCopy({ key, storageClass, source: head?.headers, grants }),
    ...context.annotated.ofCopy(),
  };
  const { onlyIfAbsent } = decision;
  const request = { key, source: copySource(context, entry), headers: own };
  const conditional: CopyRequest = onlyIfAbsent === undefined ? request : { ...request, onlyIfAbsent };
  try {
    for (let tries = 1; ; tries++) {
      // The first, wrong copy is ours, so the second may replace it.
      const answer = await context.dest.copyObject(tries === 1 ? conditional : request, signal);
      const verified = await judge(context, entry, answer);
      if (verified !== 'mismatch') return copied(entry, decision, method, { ...answer, verified }, own);
      if (tries === TRIES) throw mismatch(context, entry, answer);
    }
  } catch (thrown) {
    const error = writeError(context.record, entry, thrown);
    if (!(error instanceof S3RequestError) || error.status !== 412) throw error;
    return await resolveRefusal(context, { entry, decision, method, headers: own }, error);
  } finally {
    context.record.waiting.delete(key);
  }
}

interface RefusedCopy {
  readonly entry: CopyEntry;
  readonly decision: PutDecision;
  readonly method: CopyMethod;
  readonly headers: HeaderMap;
}

/** A condition failed: the source's ETag, or that the key is absent. */
async function resolveRefusal(
  { dest, signal }: CopyContext,
  { entry, decision, method, headers }: RefusedCopy,
  refused: S3RequestError,
): Promise<Result> {
  const { attempts } = refused;
  const { key, size, etag, origin } = entry;
  if (decision.onlyIfAbsent === undefined) throw new ChangedWhileRead(origin);
  // Both give the same status: the destination shows which one it was.
  if (refused.verb === 'HeadObject') return appeared(size, attempts);
  const there = await orUnknown(entry, dest.headObject(key, signal));
  if (there === undefined) throw new ChangedWhileRead(origin);
  if (there.size !== size || there.etag !== etag) return appeared(entry.size, attempts);
  // An earlier try has stored it and its response was lost, or the request was delivered twice.
  return copied(entry, decision, method, { etag, verified: 'md5', attempts }, headers);
}

/** What the ETag of the copy proves. Where both ETags must be MD5s, a difference means a wrong copy. */
async function judge(context: CopyContext, entry: CopyEntry, answer: CopyAnswer): Promise<Verified | 'mismatch'> {
  const { source, dest, kms, countHead, signal } = context;
  const { etag, sourceKey, versionId } = entry;
  if (answer.encrypted) kms.dest = true;
  if (!isMd5(etag) || !isMd5(answer.etag) || answer.encrypted) return 'none';
  if (answer.etag.toLowerCase() === etag.toLowerCase()) return 'md5';
  if (kms.source || !dest.facts().etagIsMd5 || !source.facts().etagIsMd5) return 'none';
  // A listing does not show whether a KMS key encrypts the source.
  countHead('the ETag of a copy differs');
  const head = await source.headObject(sourceKey, signal, { versionId }).catch(() => undefined);
  if (head !== undefined && head.etag === etag && head.kms !== true && !hasCustomerKey(head.headers)) return 'mismatch';
  if (head?.kms === true) kms.source = true;
  return 'none';
}

function hasCustomerKey(headers: Readonly<Record<string, string | undefined>> = {}): boolean {
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
