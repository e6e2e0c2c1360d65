import { S3RequestError } from '../errors.js';
import { compareKeys } from '../model/key-order.js';
import type { Lookup } from '../plan/listing/merge.js';
import type { Run } from '../run/run.js';
import type { Bucket } from '../s3/bucket.js';
import type { Candidate } from './candidates.js';
import { mergeSorted } from './merge-sorted.js';
import type { Spool } from './spool.js';
import { type AfterJob, verdict } from './verdict.js';

/** A line of a completion report, by what is needed of it. */
export type ReportLine = readonly [key: string, succeeded: 0 | 1];

/** A job that has ended, with what it was to copy and what it reports. */
export interface FinishedJob {
  readonly id: string;
  /** In key order. */
  readonly objects: Spool<Candidate>;
  /** In key order; undefined where nothing is reported. */
  readonly report: Spool<ReportLine> | undefined;
}

/** An object that a job should have copied. */
export interface JobCopy extends Candidate {
  readonly kind: 'entry';
  readonly key: string;
  readonly origin: string;
  readonly size: number;
  readonly jobId: string;
  readonly task: AfterJob['task'];
}

/** The objects of all jobs, in key order, each with what its job reports of it. */
export function copiesOf(jobs: readonly FinishedJob[]): Iterable<JobCopy> {
  return mergeSorted(jobs.map(withTasks), (a, b) => compareKeys(a.key, b.key));
}

function* withTasks({ id, objects, report }: FinishedJob): Generator<JobCopy, void> {
  const lines = report?.read();
  let line = lines?.next().value;
  for (const candidate of objects.read()) {
    const { key, origin, size, entry } = candidate.planned;
    let task: AfterJob['task'] = 'unreported';
    for (; line !== undefined; line = lines?.next().value) {
      const order = compareKeys(line[0], entry.sourceKey);
      if (order > 0) break;
      // S3 may have tried a task more than once.
      if (order === 0 && task !== 'succeeded') task = line[1] === 1 ? 'succeeded' : 'failed';
    }
    yield { ...candidate, kind: 'entry', key, origin, size, jobId: id, task };
  }
}

/** Judges copies after their job; what ETags cannot prove is asked by HEADs, until one has shown a KMS key. */
export function copyChecker(
  { record, signal }: Pick<Run, 'record' | 'signal'>,
  source: Bucket,
  dest: Bucket,
): (copy: JobCopy, found: Lookup) => Promise<'copied' | 'unproven' | 'again'> {
  let kms = false;
  let first: Promise<boolean> | undefined;

  async function isEncrypted(bucket: Bucket, key: string, versionId: string | undefined): Promise<boolean> {
    record.countHead('the ETag of a copy differs');
    try {
      const head = await bucket.headObject(key, signal, { versionId });
      return head?.kms === true;
    } catch (error) {
      if (error instanceof S3RequestError) return false;
      throw error;
    }
  }

  return async ({ key, size, task, versionId, planned }, lookup) => {
    const { remote, entry } = planned;
    const { etag, sourceKey } = entry;
    const differed = remote.state === 'absent' || (remote.state === 'present' && remote.etag !== etag);
    const found = lookup.state === 'present' ? lookup : undefined;
    const judged = verdict({ task, differed, size, etag, found, kms });
    if (judged !== 'ask') return judged;
    const ask = async (): Promise<boolean> => {
      const encrypted = (await isEncrypted(dest, key, undefined)) || (await isEncrypted(source, sourceKey, versionId));
      kms ||= encrypted;
      return encrypted;
    };
    // The others wait for the first answer, which may be that of all.
    const isFirst = first === undefined;
    first ??= ask();
    const encrypted = (await first) || (!isFirst && (await ask()));
    return encrypted ? 'unproven' : 'again';
  };
}
