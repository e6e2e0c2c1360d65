import { S3RequestError, UsageError } from '../errors.js';
import { compareKeys } from '../model/key-order.js';
import type { Planned } from '../plan/listing/lookup.js';
import { msg } from '../report/message.js';
import type { Blocks } from '../run/blocks.js';
import type { CopyEntry } from '../source/bucket.js';
import { mergeSorted } from './merge-sorted.js';
import {
  type EndedJob,
  type FailedTasks,
  type JobContext,
  openControl,
  readTasks,
  waitForJobs,
  warnOfEnd,
  warnOfTasks,
} from './run-jobs.js';

/** What jobs of an earlier run have copied. */
export interface CopiedBefore {
  /** Passes on what the source has, in key order, and remembers what jobs have copied of it until that is asked for. */
  noting(units: Blocks<Planned<CopyEntry>>): Blocks<Planned<CopyEntry>>;
  /** The job that has copied an object, once; undefined where none has. */
  jobOf(entry: CopyEntry): string | undefined;
}

/**
 * Waits for jobs of an earlier run, and reads what they have copied.
 * @throws UsageError where a job is about something else
 * @throws S3RequestError where one was cancelled
 */
export async function copiedBefore(
  context: JobContext,
  ids: readonly string[],
  sourceBucket: string,
): Promise<CopiedBefore> {
  if (ids.length === 0) return { noting: (units) => units, jobOf: () => undefined };
  const { run, target } = context;
  const ended = await waitForJobs(context, await openControl(context), ids);
  for (const one of ended) refuseOtherJob(one, target);
  const failed: FailedTasks = { count: 0, first: undefined };
  const sources: Iterable<Copied>[] = [];
  for (const one of ended) {
    const { id, status, succeeded } = one.state;
    warnOfEnd(run, one.state);
    const lines = await readTasks(context, one, failed, ({ bucket }) => {
      if (bucket !== sourceBucket) throw otherSource(id, bucket, sourceBucket);
    });
    if (status === 'Cancelled') throw cancelledBefore(id, target.bucket, succeeded);
    if (lines !== undefined) sources.push(copiedBy(id, lines.read()));
  }
  warnOfTasks(run, failed);
  return joined(mergeSorted(sources, (a, b) => compareKeys(a.key, b.key)));
}

/** A key of the source that a job has copied. */
interface Copied {
  readonly key: string;
  readonly id: string;
}

function* copiedBy(id: string, lines: Iterable<readonly [key: string, succeeded: 0 | 1]>): Generator<Copied, void> {
  for (const [key, succeeded] of lines) if (succeeded === 1) yield { key, id };
}

/** Joins entries and copied keys, which are both in key order. Only what is being decided about is in memory. */
function joined(copied: Iterator<Copied, void>): CopiedBefore {
  const current = new Map<string, string>();
  let next = copied.next().value ?? undefined;

  function note(key: string): void {
    for (; next !== undefined; next = copied.next().value ?? undefined) {
      const order = compareKeys(next.key, key);
      if (order > 0) return;
      if (order === 0) current.set(key, next.id);
    }
  }

  return {
    async *noting(units) {
      for await (const block of units) {
        for (const unit of block) if (unit.kind === 'planned') note(unit.entry.sourceKey);
        yield block;
      }
    },
    jobOf({ sourceKey }) {
      const id = current.get(sourceKey);
      current.delete(sourceKey);
      return id;
    },
  };
}

/** Refuses a job that copies elsewhere: what it has copied is not what this run is about. */
function refuseOtherJob({ state, job }: EndedJob, { bucket, prefix }: JobContext['target']): void {
  const { TargetResource, TargetKeyPrefix = '' } = job.Operation?.S3PutObjectCopy ?? {};
  const own = TargetResource?.replace(/^arn:[^:]+:s3:::/, '');
  if (own === bucket && TargetKeyPrefix === prefix) return;
  const there = own === undefined ? 'copies nothing' : `copies to s3://${own}/${TargetKeyPrefix}`;
  throw new UsageError(
    msg`The job ${state.id} of {batchJob} ${there}, and this run copies to s3://${bucket}/${prefix}.`,
    'Give the source and the destination of the run that has created it.',
  );
}

function otherSource(id: string, found: string, own: string): UsageError {
  return new UsageError(
    msg`The job ${id} of {batchJob} copies from s3://${found}, and this run copies from s3://${own}.`,
    'Give the source and the destination of the run that has created it.',
  );
}

function cancelledBefore(id: string, bucket: string, done: number): S3RequestError {
  return new S3RequestError(`The job ${id} was cancelled after it had copied ${done} objects`, {
    code: 'BatchJobCancelled',
    verb: 'DescribeJob',
    bucket,
    hint: msg`A run without {batchJob} creates another job for what is missing.`,
  });
}
