import { UsageError } from '../errors.js';
import { partCountOf } from '../model/etag.js';
import type { BucketAddress } from '../model/key.js';
import { RUN_NAME } from '../options/batch.js';
import type { CopyOptions } from '../options/types.js';
import { LARGEST_COPY } from '../plan/copy-method.js';
import type { CopyPaths } from '../plan/copy-paths.js';
import { msg, option } from '../report/message.js';
import { isBeyondJobs } from './operation.js';

/** What decides whether a job can copy an object. */
export interface JobCandidate {
  readonly size: number;
  /** Unquoted; undefined where the server sends none. */
  readonly etag: string | undefined;
  /** Undefined for the default class. */
  readonly storageClass: string | undefined;
}

/** Objects that have to be restored before they can be read. */
const ARCHIVES: ReadonlySet<string | undefined> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/**
 * Why a job cannot copy an object, or could not be checked; undefined where it can.
 *
 * | object | by |
 * |---|---|
 * | larger than 5 GiB, which is the most that CopyObject takes | this process, in ranges |
 * | larger than `splitAbove` | this process, in ranges |
 * | with an ETag of parts: a job would give it another, and nothing could be compared | this process, in the same parts |
 * | empty: it may be a redirect, which a job does not keep | this process |
 * | archived | this process, which says what to restore |
 * | without an ETag | this process |
 * | any other | a job |
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-copy-object.html
 */
export function whyNotByJob(
  { size, etag, storageClass }: JobCandidate,
  splitAbove: number | undefined,
): string | undefined {
  if (size > LARGEST_COPY) return 'larger than 5 GiB';
  if (size > (splitAbove ?? LARGEST_COPY)) return 'larger than the size above which objects are split';
  if (size === 0) return 'empty, so it may be a redirect';
  if (ARCHIVES.has(storageClass)) return 'archived';
  if (etag === undefined) return 'without an ETag';
  if (partCountOf(etag) !== undefined) return 'in parts, whose ETag a job would change';
  return undefined;
}

/**
 * The prefix that a job puts before whole keys, without the slash that S3 adds: a key of a job is `prefix/whole source key`.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3CopyObjectOperation.html
 * @throws UsageError that names the row of the path table which no job can express
 */
export function targetPrefix({ base, prefix, sourceBucket, bucket, selections }: CopyPaths): string {
  const rest = prefix.slice(0, prefix.length - base.length);
  if (prefix.endsWith(base) && (rest === '' || rest.endsWith('/'))) return rest.slice(0, -1);
  const [first] = selections;
  const isStar = first?.kind === 'prefix' && first.orKey === undefined;
  const source = `s3://${sourceBucket}/${first?.kind === 'key' ? first.key : (first?.prefix ?? base)}`;
  const row = `${source.replace(/\/$/, isStar ? '/*' : '')} → s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`;
  const target = `s3://${bucket}/${prefix}${base.slice(0, -1)}`;
  throw new UsageError(
    msg`{batchOperations} cannot copy ${row}: that leaves "${base}" out of the keys, and a job keeps whole source keys behind the destination's prefix.`,
    msg`Copy to ${target} to keep them whole, or leave {batchOperations} out.`,
  );
}

/** Options that a job has no field for, or that need a condition. */
const NEVER = ['copyAcl', 'annotations'] as const;

export interface JobSurroundings {
  readonly options: CopyOptions;
  readonly paths: CopyPaths;
  /** Headers that replace the source's, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly oneService: boolean;
}

/** Refuses what no job can do, before any request. Throws `UsageError`. */
export function refuseUnlessByJob({ options, paths, headers, oneService }: JobSurroundings): void {
  if (options.mode === 'add')
    throw new UsageError(
      msg`{mode: 'add'} and {batchOperations} exclude each other: a job has no conditions, so it would overwrite an object that appears in the destination while it runs.`,
      msg`Leave {batchOperations} out, or copy with {mode: 'update'}, which overwrites objects that differ.`,
    );
  if (options.batchJob !== undefined && (options.dryRun === true || options.mode === 'stupid'))
    throw new UsageError(
      options.dryRun === true
        ? msg`{dryRun} and {batchJob} exclude each other: what a job has copied is known when it has ended.`
        : msg`{mode: 'stupid'} and {batchJob} exclude each other: what the job has copied would be copied again.`,
      msg`Leave one of the two out.`,
    );
  for (const name of NEVER) {
    if (options[name] === undefined || options[name] === false || options[name] === 'copy') continue;
    throw new UsageError(
      msg`${option(name)} and {batchOperations} exclude each other: a job cannot do that.`,
      msg`Leave ${option(name)} or {batchOperations} out.`,
    );
  }
  if (!oneService)
    throw new UsageError(
      msg`{batchOperations} copies inside AWS, but source and destination have different endpoints.`,
      msg`Leave {batchOperations} out: the objects then go through this machine.`,
    );
  for (const bucket of [paths.sourceBucket, paths.bucket])
    if (/^arn:|-s3alias$|--x(?:a)?-s3$/.test(bucket))
      throw new UsageError(
        msg`{batchOperations} copies between buckets, but "${bucket}" is an access point or a directory bucket.`,
        msg`Name the bucket itself, or leave {batchOperations} out.`,
      );
  const beyond = Object.entries(headers).find(([name, value]) => isBeyondJobs(name, value));
  if (beyond !== undefined)
    throw new UsageError(
      msg`The header "${beyond.join(': ').slice(0, 200)}" and {batchOperations} exclude each other: a job cannot set it.`,
      msg`Leave the header or {batchOperations} out.`,
    );
}

/** What a run writes below the prefix of its manifests and reports. */
const WRITTEN = ['manifest-1.csv', 'job-0/manifest.json', 'job-0/results/0.csv'].map((name) => `${RUN_NAME}/${name}`);

/**
 * Refuses to write manifests and reports below a prefix of which strays are deleted: the next run would delete them. Throws `UsageError`.
 * @param stays whether options keep a key of the destination, be it a stray or not
 */
export function refuseReportsBelow(
  { bucket, prefix }: BucketAddress,
  mirrored: BucketAddress,
  stays: (key: string) => boolean,
): void {
  if (bucket !== mirrored.bucket || !prefix.startsWith(mirrored.prefix)) return;
  if (WRITTEN.every((name) => stays(prefix + name))) return;
  throw new UsageError(
    msg`{delete} would delete the manifests and reports of {batchOperations}, which go to s3://${bucket}/${prefix}.`,
    msg`Name another bucket, or a prefix outside of the destination, by {batchReports}, or keep them by {protect}.`,
  );
}

/**
 * Refuses to write manifests and reports where the source is: each run would find those of the last one, and make a job to copy them. Throws `UsageError`.
 * @param takes whether filters leave a key in the copy
 */
export function refuseReportsInSource(
  { bucket, prefix }: BucketAddress,
  { sourceBucket, selections }: CopyPaths,
  takes: (key: string) => boolean,
): void {
  if (bucket !== sourceBucket || !selections.some((one) => one.kind === 'prefix' && prefix.startsWith(one.prefix)))
    return;
  if (!WRITTEN.some((name) => takes(prefix + name))) return;
  throw new UsageError(
    msg`The manifests and reports of {batchOperations} go to s3://${bucket}/${prefix}, which is inside the source: each run would copy those of the last one.`,
    msg`Name another bucket, or a prefix outside of the source, by {batchReports}, or leave them out by {exclude}.`,
  );
}
