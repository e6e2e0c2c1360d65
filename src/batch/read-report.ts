import { createHash } from 'node:crypto';
import type { JobDescriptor } from '@aws-sdk/client-s3-control';
import { S3RequestError } from '../errors.js';
import type { Bucket } from '../s3/bucket.js';
import { csvReader, type JobTask, type ReportFile, reportFiles, taskOf } from './job-report.js';

/** Bytes of a file of the report that are read at once. */
const AT_ONCE = 8 * 1024 * 1024;

/** Where the completion report of a job is. */
export interface ReportPlace {
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
}

/** Where a job writes its report; undefined where it writes none. */
export function reportPlace({ Report: report }: JobDescriptor): ReportPlace | undefined {
  const bucket = /^arn:[^:]+:s3:::(.+)$/.exec(report?.Bucket ?? '')?.[1];
  if (report?.Enabled !== true || bucket === undefined) return undefined;
  const prefix = (report.Prefix ?? '').replace(/\/$/, '');
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

/**
 * Reads the completion report of a job, task by task. Whether there is one: S3 writes none for a job of which no task was tried.
 * @throws S3RequestError where it cannot be read, or is not what its manifest says
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
 */
export async function readReport(
  bucket: Bucket,
  { prefix }: ReportPlace,
  id: string,
  onTask: (task: JobTask) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const manifestKey = `${prefix}job-${id}/manifest.json`;
  const manifest = await bucket.getObject({ key: manifestKey }, undefined, signal).catch((error: unknown) => {
    if (error instanceof S3RequestError && error.status === 404) return undefined;
    throw error;
  });
  if (manifest === undefined) return false;
  let files: readonly ReportFile[];
  try {
    files = reportFiles(manifest.body.toString());
  } catch (error) {
    throw unreadable(bucket, manifestKey, error instanceof Error ? error.message : String(error));
  }
  for (const file of files) await readFile(bucket, prefix, file, onTask, signal);
  return true;
}

async function readFile(
  bucket: Bucket,
  prefix: string,
  { key: named, md5 }: ReportFile,
  onTask: (task: JobTask) => void,
  signal: AbortSignal,
): Promise<void> {
  // S3's examples name files without the prefix of the report.
  const key = named.startsWith(prefix) ? named : prefix + named;
  const size = (await bucket.headObject(key, signal))?.size;
  if (size === undefined) throw unreadable(bucket, key, 'it does not exist');
  const hash = createHash('md5');
  const csv = csvReader();
  const decoder = new TextDecoder();
  const take = (records: readonly (readonly string[])[]): void => {
    for (const record of records) {
      const task = taskOf(record);
      if (task !== undefined) onTask(task);
    }
  };
  try {
    for (let start = 0; start < size; start += AT_ONCE) {
      const end = Math.min(size, start + AT_ONCE);
      const { body } = await bucket.getObject({ key }, { start, end }, signal);
      hash.update(body);
      take(csv.add(decoder.decode(body, { stream: true })));
    }
    take(csv.end());
  } catch (error) {
    throw error instanceof URIError ? unreadable(bucket, key, 'it names a key that is not URL-encoded') : error;
  }
  const found = hash.digest('hex');
  if (md5 !== undefined && md5 !== found)
    throw unreadable(bucket, key, `its MD5 is ${found}, and its manifest names ${md5}`);
}

function unreadable({ name }: Bucket, key: string, why: string): S3RequestError {
  return new S3RequestError(`The completion report s3://${name}/${key} cannot be used: ${why}`, {
    code: 'UnusableJobReport',
    verb: 'GetObject',
    bucket: name,
    key,
    hint: 'Look at it; a run without the job copies what is missing.',
  });
}
