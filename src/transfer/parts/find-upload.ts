import { S3RequestError } from '../../errors.js';
import { MARK_NUMBER } from '../../part-size.js';
import { allParts, allUploads, type ListedUpload, type Part } from '../../s3/multipart.js';
import { fits } from './layout.js';
import type { PartRecord } from './part-record.js';
import { type PartedObject, type PartsDeps, partHeaders } from './parts-deps.js';
import { hasHidden } from './unproven-headers.js';
import { isMarkedBy, type Mark } from './upload-mark.js';

/** What earlier runs have left under a key. */
export interface FoundUpload {
  readonly uploadId: string;
  readonly parts: Map<number, PartRecord>;
  readonly crc32: boolean;
  readonly encrypted: boolean;
  readonly unproven: boolean;
  readonly begunAt: number | undefined;
}

/** `denied`: what lies there may not be listed, so nothing can be resumed, now or later. */
export type Found = FoundUpload | 'none' | 'denied';

interface Candidate {
  readonly upload: ListedUpload;
  readonly parts: Map<number, Part>;
  readonly marked: boolean;
}

/**
 * Finds the unfinished upload that a run can go on with: one whose mark shows that this tool began it with the headers now wanted, and all of
 * whose parts equal the local bytes; of several the one with most parts. Nothing is remembered here: what S3 lists is all there is. Others are
 * left alone, and told.
 */
export async function findUpload(deps: PartsDeps, object: PartedObject, markNow: () => Mark): Promise<Found> {
  try {
    const uploads = await uploadsOf(deps, object.key);
    // Only an answer tells which server it is, and so whether an upload would be created with checksums.
    const mark = markNow();
    const candidates = await withParts(deps, object, uploads, mark);
    const usable = candidates.filter((candidate) => mayAdopt(deps, object, candidate));
    usable.sort((a, b) => b.parts.size - a.parts.size);
    let found: FoundUpload | undefined;
    for (const { upload, parts, marked } of usable) {
      const listed = { parts, mark, marked, begunAt: upload.initiated };
      const proven = found === undefined ? await object.bytes.proven(listed) : undefined;
      if (proven !== undefined)
        found = { uploadId: upload.uploadId, begunAt: upload.initiated, unproven: !marked, ...proven };
    }
    const others = candidates.filter(({ upload }) => upload.uploadId !== found?.uploadId);
    if (others.length > 0) tellOf(others, object.key, deps);
    return found ?? 'none';
  } catch (error) {
    if (!(error instanceof S3RequestError) || !isRefusal(error)) throw error;
    const what = error.verb === 'ListParts' ? 's3:ListMultipartUploadParts' : 's3:ListBucketMultipartUploads';
    const message = `Unfinished uploads cannot be listed (${error.code}, ${what}): nothing can be resumed, and what is not finished is aborted.`;
    deps.warn('resume-denied', message);
    return 'denied';
  }
}

/** What every request would meet is for the request that creates an upload. */
const SHARED =
  /^(NoSuchBucket|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|Expired.*|TokenRefreshRequired|RequestTimeTooSkewed|AllAccessDisabled|AccountProblem|WrongRegion|PermanentRedirect|AuthorizationHeaderMalformed)$/;

/** Servers say in many ways that they have no such listing. */
function isRefusal({ status = 0, code }: S3RequestError): boolean {
  return (status === 501 || (status >= 400 && status < 500)) && !SHARED.test(code);
}

/** The unfinished uploads of just this key: servers differ in what a prefix means to them. */
async function uploadsOf({ bucket, signal }: PartsDeps, key: string): Promise<ListedUpload[]> {
  const uploads: ListedUpload[] = [];
  for await (const upload of allUploads(bucket, key, signal)) if (upload.key === key) uploads.push(upload);
  return uploads;
}

async function withParts(
  { bucket, signal }: PartsDeps,
  object: PartedObject,
  uploads: readonly ListedUpload[],
  mark: Mark,
): Promise<Candidate[]> {
  const headers = partHeaders(object.headers);
  const candidates: Candidate[] = [];
  for (const upload of uploads) {
    try {
      const parts = await allParts(bucket, { ...upload, headers }, signal);
      candidates.push({ upload, parts, marked: isMarkedBy(parts, mark) });
    } catch (error) {
      // Ended meanwhile by whoever began it.
      if (!(error instanceof S3RequestError) || error.status !== 404) throw error;
    }
  }
  return candidates;
}

function mayAdopt({ resume }: PartsDeps, object: PartedObject, { parts, marked }: Candidate): boolean {
  if (!fits(object.layout, parts)) return false;
  if (marked) return true;
  // Another mark tells of other headers.
  if (!object.bytes.selfEvident) return false;
  return resume === 'unproven' && parts.size > 0 && !parts.has(MARK_NUMBER) && !hasHidden(object.headers);
}

function tellOf(others: readonly Candidate[], key: string, { bucket, warn }: PartsDeps): void {
  const ages = others.flatMap(({ upload }) => (upload.initiated === undefined ? [] : [upload.initiated]));
  const since = ages.length === 0 ? '' : `, the oldest since ${new Date(Math.min(...ages)).toISOString()}`;
  const what = others.length === 1 ? 'an unfinished upload lies' : `${others.length} unfinished uploads lie`;
  warn(
    `unfinished-uploads ${key}`,
    `s3://${bucket.name}/${key}: ${what} there that this run did not go on with (other bytes, other headers, a KMS key, or another tool)${since}; it was left alone.`,
  );
}
