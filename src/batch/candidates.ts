import { type CopyHeaders, prepareCopyHeaders } from '../encode/copy-headers.js';
import { S3RequestError, SourceError } from '../errors.js';
import type { HeaderMap } from '../options/types.js';
import { blocksFrom } from '../run/blocks.js';
import { hasEnded, type RunEnd } from '../run/record.js';
import type { Run } from '../run/run.js';
import { runConcurrently } from '../run/workers.js';
import type { Bucket } from '../s3/bucket.js';
import type { PreparedCopy } from '../transfer/copy/context.js';
import type { PlannedCopy } from '../transfer/copy/settle.js';
import { headerSet, type JobHeaders } from './operation.js';
import type { Spool } from './spool.js';

/** An object that a job may copy. */
export interface Candidate {
  readonly planned: PlannedCopy;
  /** The version that the job copies; undefined where it copies what is current. */
  readonly versionId: string | undefined;
  /** The headers that the job gives it. */
  readonly headers: HeaderMap;
}

/** What decides the headers of the copies of one run. */
export interface CandidateContext {
  readonly run: Run;
  readonly source: Bucket;
  readonly headers: CopyHeaders;
  /** The fields of a job with these headers; undefined where no job can have them. */
  readonly fieldsOf: (headers: HeaderMap) => JobHeaders | undefined;
  readonly dryRun: boolean;
  /** Is called with each copy that no job can make after all, and why. */
  readonly oddly: (planned: PlannedCopy, why: string) => void;
}

export function candidateContext(
  run: Run,
  source: Bucket,
  given: Pick<PreparedCopy, 'headers' | 'guessTypes'>,
  dryRun: boolean,
  oddly: CandidateContext['oddly'],
): CandidateContext {
  return { run, source, headers: prepareCopyHeaders(given), fieldsOf: fieldsOfHeaders(), dryRun, oddly };
}

const WHY = 'headers are replaced';

/**
 * Finds the headers of each planned copy: by a HEAD where the options replace a part of what S3 calls metadata, because a job replaces all of it.
 * @param sorted takes the candidates where they are found by HEADs, which come in no order
 * @returns the candidates in the order of their keys, or how the run ended, where it did
 */
export async function findHeaders(
  context: CandidateContext,
  planned: Iterable<PlannedCopy>,
  sorted: Spool<Candidate>,
): Promise<{ readonly candidates: Iterable<Candidate>; readonly end?: RunEnd }> {
  const { run, headers, dryRun } = context;
  if (!headers.replaceMetadata || dryRun) return { candidates: withKnownHeaders(context, planned) };
  const end = await runConcurrently(run, blocksFrom(planned), async (copy) => {
    run.record.countHead(WHY);
    const candidate = candidateOf(context, copy, await headedHeaders(context, copy));
    if (candidate !== undefined) sorted.add(candidate);
    return undefined;
  });
  return { candidates: sorted.read(), ...(hasEnded(end) && { end }) };
}

/** What a listing shows of an object decides its headers. */
function* withKnownHeaders(context: CandidateContext, planned: Iterable<PlannedCopy>): Generator<Candidate, void> {
  const { run, headers } = context;
  for (const copy of planned) {
    if (headers.replaceMetadata) run.record.countHead(WHY);
    const { key, storageClass } = copy.entry;
    const own = headers.ofCopy({ key, storageClass, ...(headers.replaceMetadata && { source: {} }) });
    const candidate = candidateOf(context, copy, own);
    if (candidate !== undefined) yield candidate;
  }
}

function candidateOf(
  { fieldsOf, oddly }: CandidateContext,
  planned: PlannedCopy,
  headers: HeaderMap | undefined,
): Candidate | undefined {
  if (headers !== undefined && fieldsOf(headers) !== undefined)
    return { planned, versionId: planned.entry.versionId, headers };
  oddly(
    planned,
    headers === undefined ? 'changed, or with what only a HEAD shows' : 'with headers that a job cannot set',
  );
  return undefined;
}

/** The headers of a copy by a HEAD of its source; undefined where a job cannot make it. */
async function headedHeaders(
  { run: { signal }, source, headers }: CandidateContext,
  { entry }: PlannedCopy,
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

/** Sets of headers whose fields are remembered. */
const MOST_KNOWN = 1_000;

/** Turns headers into the fields of a job. */
function fieldsOfHeaders(): CandidateContext['fieldsOf'] {
  const known = new Map<string, JobHeaders | undefined>();
  return (headers) => {
    const name = JSON.stringify(headers);
    if (known.has(name)) return known.get(name);
    const { fields } = headerSet(headers);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(name, fields);
    return fields;
  };
}
