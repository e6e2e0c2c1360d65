import { type CopyHeaders, prepareCopyHeaders } from '../encode/copy-headers.js';
import { S3RequestError, SourceError } from '../errors.js';
import type { HeaderMap } from '../options/types.js';
import { blocksOf } from '../run/blocks.js';
import { hasEnded, type RunEnd } from '../run/record.js';
import type { Run } from '../run/run.js';
import { runConcurrently } from '../run/workers.js';
import type { Bucket } from '../s3/bucket.js';
import type { PreparedCopy } from '../transfer/copy/context.js';
import type { PlannedCopy } from '../transfer/copy/settle.js';
import type { CheckedCopy } from './check-copies.js';
import { headerSet, type JobHeaders } from './operation.js';
import type { Versioned } from './versions.js';

/** An object that a job may copy. */
export interface Candidate extends CheckedCopy, Versioned {
  readonly kind: 'entry';
  readonly origin: string;
  versionId: string | undefined;
  task: CheckedCopy['task'];
  readonly planned: PlannedCopy;
  /** The headers that the job gives it. */
  headers: HeaderMap;
  fields: JobHeaders;
  /** The job that has it. */
  jobId: string | undefined;
}

const NOTHING: JobHeaders = {};

export function candidateOf(planned: PlannedCopy): Candidate {
  const { key, origin, size, entry, remote } = planned;
  const { sourceKey, versionId, etag } = entry;
  return {
    kind: 'entry',
    key,
    origin,
    size,
    etag,
    sourceKey,
    versionId,
    planned,
    differed: remote.state === 'absent' || (remote.state === 'present' && remote.etag !== etag),
    task: 'unreported',
    found: undefined,
    headers: {},
    fields: NOTHING,
    jobId: undefined,
  };
}

/** What decides the headers of the copies of one run. */
type Given = Pick<PreparedCopy, 'headers' | 'guessTypes'> & {
  readonly dryRun: boolean;
  readonly requestPayer: boolean;
};

/**
 * Finds the headers of each candidate: by a HEAD where the options replace a part of what S3 calls metadata, because a job replaces all of it.
 * @param oddly is called with each candidate that no job can give its headers, or that has changed
 * @returns how the run ended, where it did
 */
export async function findHeaders(
  run: Run,
  source: Bucket,
  given: Given,
  candidates: readonly Candidate[],
  oddly: (candidate: Candidate) => void,
): Promise<{ readonly fit: readonly Candidate[]; readonly end: RunEnd | undefined }> {
  const headers = prepareCopyHeaders(given);
  const sets = setsOf(given.requestPayer);
  const fit: Candidate[] = [];
  const sort = (candidate: Candidate, own: HeaderMap | undefined): void => {
    const fields = own && sets(own);
    if (own === undefined || fields === undefined) {
      oddly(candidate);
      return;
    }
    candidate.headers = own;
    candidate.fields = fields;
    fit.push(candidate);
  };
  if (!headers.replaceMetadata || given.dryRun) {
    for (const candidate of candidates) {
      if (headers.replaceMetadata) run.record.countHead(WHY);
      const { key, storageClass } = candidate.planned.entry;
      sort(candidate, headers.ofCopy({ key, storageClass, ...(headers.replaceMetadata && { source: {} }) }));
    }
    return { fit, end: undefined };
  }
  const end = await runConcurrently(run, blocksOf(candidates), async (candidate) => {
    run.record.countHead(WHY);
    sort(candidate, await headedHeaders(run, source, headers, candidate));
    return undefined;
  });
  return { fit, end: hasEnded(end) ? end : undefined };
}

const WHY = 'headers are replaced';

/** The headers of a copy by a HEAD of its source; undefined where a job cannot make it. */
async function headedHeaders(
  { signal }: Run,
  source: Bucket,
  headers: CopyHeaders,
  { planned: { entry } }: Candidate,
): Promise<HeaderMap | undefined> {
  const { key, sourceKey, versionId, storageClass, etag } = entry;
  try {
    const head = entry.head ?? (await source.headObject(sourceKey, signal, { versionId }));
    const found = head?.headers ?? {};
    const isBeyondJobs =
      found['x-amz-server-side-encryption-customer-algorithm'] !== undefined ||
      found['x-amz-archive-status'] !== undefined;
    if (head === undefined || head.etag !== etag || isBeyondJobs) return undefined;
    return headers.ofCopy({ key, storageClass, source: found });
  } catch (error) {
    // The usual copy meets the same error, and reports it.
    if (error instanceof S3RequestError || error instanceof SourceError) return undefined;
    throw error;
  }
}

/** Turns headers into the fields of a job, equal ones into the same object; undefined where no job can have them. */
function setsOf(requestPayer: boolean): (headers: HeaderMap) => JobHeaders | undefined {
  const known = new Map<string, JobHeaders | undefined>();
  return (headers) => {
    const name = JSON.stringify(headers);
    if (known.has(name)) return known.get(name);
    const { fields } = headerSet(headers);
    const set = fields && requestPayer ? { ...fields, RequesterPays: true } : fields;
    known.set(name, set);
    return set;
  };
}
