import { UsageError } from '../errors.js';
import { type BucketAddress, copyPrefix, parseAddress } from '../model/key.js';
import { msg, option } from '../report/message.js';
import type { BatchOptions } from './batch-types.js';
import { flag, shown, text } from './validate.js';

/** A role, by its ARN. */
export interface BatchRole {
  readonly arn: string;
  /** `aws`, or that of China or of a government. */
  readonly partition: string;
  /** Account of 12 digits. */
  readonly account: string;
}

export interface ResolvedBatchOptions {
  /** Undefined where only jobs are waited for. */
  readonly role: BatchRole | undefined;
  /** Empty: jobs are created. */
  readonly jobs: readonly string[];
  readonly reports: BucketAddress;
}

const OWN_PREFIX = 's3-parallel-put-jobs/';
/** A run names the folder of its manifests and reports like this: by its time and eight random digits. */
export const RUN_NAME = '20260101T000000Z-00000000';
/**
 * The prefix of a report has at most 512 characters, and ends in the name of a run.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_JobReport.html
 */
const MOST_OF_PREFIX = 512 - RUN_NAME.length;

/**
 * Checks the options of a copy by S3 Batch Operations; undefined where it is off.
 * @param bucket the destination's, which has manifests and reports by default
 * @throws UsageError
 */
export function batchOptions(options: BatchOptions, bucket: string): ResolvedBatchOptions | undefined {
  const on = flag('batchOperations', options.batchOperations, false);
  if (!on) {
    for (const name of ['batchRole', 'batchJob', 'batchReports'] as const)
      if (options[name] !== undefined)
        throw new UsageError(
          msg`${option(name)} is about {batchOperations}, which is off.`,
          msg`Set {batchOperations} too, or leave ${option(name)} out.`,
        );
    return undefined;
  }
  const role = roleOf(text('batchRole', options.batchRole));
  const jobs = jobsOf(options.batchJob);
  if (role === undefined && jobs.length === 0)
    throw new UsageError(
      msg`{batchOperations} needs {batchRole}: a job reads and writes with the rights of a role.`,
      'Give its ARN, as in arn:aws:iam::111122223333:role/s3-batch-copy. docs/batch-operations.md has its policies.',
    );
  return { role, jobs, reports: reportsOf(text('batchReports', options.batchReports), bucket) };
}

function roleOf(arn: string | undefined): BatchRole | undefined {
  if (arn === undefined) return undefined;
  const [, partition, account] = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/[!-~]+$/.exec(arn) ?? [];
  if (partition !== undefined && account !== undefined && arn.length <= 2_048) return { arn, partition, account };
  throw new UsageError(
    msg`{batchRole} ${shown(arn)} is not the ARN of a role.`,
    'Write it in full, as in arn:aws:iam::111122223333:role/s3-batch-copy.',
  );
}

/** Ids as the model of S3 Control has them: letters, digits, `-` and `_`. */
function jobsOf(value: BatchOptions['batchJob']): readonly string[] {
  const ids: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  for (const id of ids)
    if (typeof id !== 'string' || !/^[\w-]{5,36}$/.test(id))
      throw new UsageError(
        msg`{batchJob} is ${shown(id)}, which is no id of a job.`,
        'Give the id that the earlier run has shown, such as 5ba4a1c1-1b31-4a8c-8d6b-0c1ac1a0e1f2.',
      );
  return [...new Set(ids as readonly string[])];
}

function reportsOf(address: string | undefined, bucket: string): BucketAddress {
  if (address === undefined) return { bucket, prefix: OWN_PREFIX };
  if (!/^s3:\/\//i.test(address))
    throw new UsageError(
      msg`{batchReports} ${shown(address)} is not a bucket: it must begin with s3://.`,
      'Give a bucket in the region of the destination, as in s3://my-logs/copies.',
    );
  const to = parseAddress(address, option('batchReports'));
  const prefix = copyPrefix(to.path);
  if (prefix.length > MOST_OF_PREFIX)
    throw new UsageError(
      msg`The prefix of {batchReports} has ${prefix.length} characters with its slash, and a job takes at most ${MOST_OF_PREFIX}.`,
      'Give a shorter one.',
    );
  return { bucket: to.bucket, prefix };
}
