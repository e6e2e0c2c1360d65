import { createHash } from 'node:crypto';
import type { JobDescriptor } from '@aws-sdk/client-s3-control';
import { S3RequestError } from '../errors.js';
import type { Bucket } from '../s3/bucket.js';
import { csvReader, type JobTask, type ReportFile, type ReportManifest, reportManifest, taskOf } from './job-report.js';

/** Bytes of a file of the report that are read at once. */
const AT_ONCE = 8 * 1024 * 1024;
const PARSED_AT_ONCE = 64 * 1024;
/** The code of a report that cannot be used. */
export const UNUSABLE = 'UnusableJobReport';

/** Where the completion report of a job is. */
export interface ReportPlace {
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
}

/** Where a job writes its report; undefined where it writes none. */
export function reportPlace({ Report: report }: Pick<JobDescriptor, 'Report'>): ReportPlace | undefined {
  const bucket = /^arn:[^:]+:s3:::(.+)$/.exec(report?.Bucket ?? '')?.[1];
  if (report?.Enabled !== true || bucket === undefined) return undefined;
  const prefix = (report.Prefix ?? '').replace(/\/$/, '');
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

/** The address of the folder of a report. */
export function reportAddress({ bucket, prefix }: ReportPlace, id: string): string {
  return `s3://${bucket}/${prefix}job-${id}/`;
}

/**
 * Reads the completion report of a job, task by task. Whether there is one: S3 writes none for a job of which no task was tried.
 * @throws S3RequestError where it cannot be read; with {@link UNUSABLE} where it is not what its manifest says
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
 */
export async function readReport(
  bucket: Bucket,
  place: ReportPlace,
  id: string,
  onTask: (task: JobTask) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await findManifest(bucket, place, id, signal);
  if (found === undefined) return false;
  let manifest: ReportManifest;
  try {
    manifest = reportManifest(found.text);
  } catch (error) {
    throw unreadable(bucket, found.key, error instanceof Error ? error.message : String(error));
  }
  for (const file of manifest.files) await readFile(bucket, place, file, manifest, onTask, signal);
  return true;
}

interface FoundManifest {
  readonly key: string;
  readonly text: string;
}

/**
 * The manifest of a report, where S3's pages say that it is, or where a listing shows it: the API's page names it `report.json`, and users have seen an
 * empty folder before the job's.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_JobReport.html
 */
async function findManifest(
  bucket: Bucket,
  { prefix }: ReportPlace,
  id: string,
  signal: AbortSignal,
): Promise<FoundManifest | undefined> {
  const usual = `${prefix}job-${id}/manifest.json`;
  const get = async (key: string): Promise<FoundManifest> => {
    const { body } = await bucket.getObject({ key }, undefined, signal);
    return { key, text: body.toString() };
  };
  try {
    return await get(usual);
  } catch (error) {
    if (!(error instanceof S3RequestError) || error.status !== 404) throw error;
  }
  for (const folder of [`${prefix}job-${id}/`, `${prefix}/job-${id}/`]) {
    const listed = await bucket.listObjects({ prefix: folder }, signal).catch((error: unknown) => {
      if (error instanceof S3RequestError && error.status === 403) return undefined;
      throw error;
    });
    const other = listed?.objects.find(({ key }) => /\/(?:manifest|report)\.json$/.test(key));
    if (other !== undefined) return get(other.key);
  }
  return undefined;
}

async function readFile(
  bucket: Bucket,
  { prefix }: ReportPlace,
  { key: named, md5 }: ReportFile,
  { columns }: ReportManifest,
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
      const task = taskOf(record, columns);
      if (task !== undefined) onTask(task);
    }
  };
  try {
    for (let start = 0; start < size; start += AT_ONCE) {
      const end = Math.min(size, start + AT_ONCE);
      const { body } = await bucket.getObject({ key }, { start, end }, signal);
      hash.update(body);
      // Records take far more memory than their bytes.
      for (let at = 0; at < body.length; at += PARSED_AT_ONCE)
        take(csv.add(decoder.decode(body.subarray(at, at + PARSED_AT_ONCE), { stream: true })));
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
    code: UNUSABLE,
    verb: 'GetObject',
    bucket: name,
    key,
    hint: 'Look at it; a run without the job copies what is missing.',
  });
}
