import { pMapIterable } from 'p-map';
import { S3RequestError, UsageError } from './errors.js';
import { parseAddress } from './model/key.js';
import { callOptions } from './options/common.js';
import { connectionOf } from './options/connection.js';
import { refuseUnknown } from './options/suggest.js';
import { apiRows } from './options/table.js';
import type { ConnectionChoices, PutOptions } from './options/types.js';
import { parseDuration } from './options/units.js';
import { flag, hook, text } from './options/validate.js';
import { msg } from './report/message.js';
import { type Run, startRun } from './run/run.js';
import type { Bucket, ListedUpload } from './s3/bucket.js';
import { openBucketOfRun } from './s3/open.js';
import { allParts, allUploads } from './s3/upload-listings.js';
import { isMarked } from './transfer/multipart/parts.js';

/** Where to look for unfinished uploads, and which of them to abort. */
export interface UploadsOptions
  extends Omit<ConnectionChoices, 'checksum'>,
    Pick<PutOptions, 'bucket' | 'prefix' | 'maxAttempts' | 'signal' | 'onEvent'> {
  /** Abort uploads that began longer ago than this: `12h`, `7d`. Without it they are only listed. */
  readonly abortOlderThan?: string | undefined;
  /** Abort uploads of other tools too. @default false */
  readonly any?: boolean | undefined;
  /** Report which uploads would be aborted, and abort none. @default false */
  readonly dryRun?: boolean | undefined;
  /** Is called once with the uploads that are about to be aborted; `false` keeps them. */
  readonly confirm?: ((uploads: readonly UnfinishedUpload[]) => boolean | Promise<boolean>) | undefined;
}

/** An upload that was neither completed nor aborted. */
export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** When it began; undefined where the server does not say. */
  readonly initiated: Date | undefined;
  /** Stored parts of the object, and their bytes; undefined where listing them is not permitted. */
  readonly parts: number | undefined;
  readonly bytes: number | undefined;
  /** This tool began it, as its mark shows. */
  readonly ours: boolean;
  /** `kept`: it does not match; `chosen`: it would be aborted, or was not confirmed. */
  readonly state: 'kept' | 'chosen' | 'aborted' | 'failed';
  /** Why it could not be aborted. */
  readonly error?: Error;
}

/** Uploads that are looked at or aborted concurrently. */
const AT_ONCE = 8;

/**
 * Lists the unfinished uploads below a prefix, by key and age, and aborts those that are old enough: only this tool's own, unless `any` is set.
 * Until it is aborted, an upload's parts cost as much as objects.
 * @throws UsageError for options that cannot work, `S3RequestError` where S3 refuses to list
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/abort-mpu.html
 */
export async function uploads(options: UploadsOptions): Promise<readonly UnfinishedUpload[]> {
  const request = checked(options);
  const { onEvent, signal } = options;
  // No body is held: only uploads are listed and aborted.
  const { dryRun } = request;
  const own = { concurrency: AT_ONCE, dryRun, memory: 0, failFast: false, onEvent, signal };
  return startRun(own, (run) => listAndAbort(run, options, request));
}

async function listAndAbort(
  run: Run,
  options: UploadsOptions,
  request: UploadsRequest,
): Promise<readonly UnfinishedUpload[]> {
  const { signal } = run.stop;
  const { confirm } = options;
  const { maxAttempts, dryRun } = request;
  const bucket = await openBucketOfRun(run, request.bucket, request.connection, { maxAttempts });
  const found = await listed(bucket, request.prefix, signal);
  const inspected = await inOrder(found, (upload) => inspect(bucket, upload, signal));
  const uploads = inspected.map(
    (upload): UnfinishedUpload => (isChosen(upload, request) ? { ...upload, state: 'chosen' } : upload),
  );
  const chosen = uploads.filter(({ state }) => state === 'chosen');
  const aborts = chosen.length > 0 && !dryRun && (await confirm?.(chosen)) !== false;
  const result = aborts
    ? await inOrder(uploads, (upload) => (upload.state === 'chosen' ? abort(bucket, upload, signal) : upload))
    : uploads;
  // Throws what an event hook has thrown.
  run.record.end({});
  return result;
}

/** The options, checked. */
interface UploadsRequest {
  readonly bucket: string;
  /** Without a slash at the end: the key itself, or the keys below it. */
  readonly prefix: string;
  readonly connection: ReturnType<typeof connectionOf>;
  readonly before: number | undefined;
  readonly any: boolean;
  readonly dryRun: boolean;
  readonly maxAttempts: number | undefined;
}

const ROWS = apiRows('uploads');

function checked(options: UploadsOptions): UploadsRequest {
  if (typeof options !== 'object' || options === null) throw new UsageError('uploads() needs an object of options.');
  refuseUnknown(options, ROWS);
  if (typeof options.bucket !== 'string' || options.bucket === '')
    throw new UsageError('No bucket was given.', msg`Set {bucket} to a name or to "s3://bucket/prefix".`);
  const { bucket, prefix } = uploadsPlace(options);
  const age = text('abortOlderThan', options.abortOlderThan);
  hook('confirm', options.confirm);
  return {
    bucket,
    prefix,
    connection: connectionOf(options, undefined, { bucket, prefix }),
    before: age === undefined ? undefined : Date.now() - parseDuration(age, 'abortOlderThan'),
    any: flag('any', options.any, false),
    ...callOptions(options),
  };
}

/** The bucket whose uploads are listed, and the prefix of their keys, without a slash at its end. Throws `UsageError`. @internal */
export function uploadsPlace(options: Pick<UploadsOptions, 'bucket' | 'prefix'>): {
  readonly bucket: string;
  readonly prefix: string;
} {
  // A copy may have written any key, so the path is taken as it is written.
  const { bucket, path } = parseAddress(options.bucket);
  const own = text('prefix', options.prefix);
  if (path !== '' && own !== undefined) throw new UsageError('The prefix is given twice.', 'Give only one of them.');
  return { bucket, prefix: (own?.replace(/^\//, '') ?? path).replace(/(?<!\/)\/+$/, '') };
}

/** Checks the options of {@link uploads}. Throws `UsageError`. @internal */
export function checkUploads(options: UploadsOptions): void {
  checked(options);
}

/** Servers differ in what a prefix means to ListMultipartUploads, so the uploads are filtered here. */
async function listed(bucket: Bucket, prefix: string, signal: AbortSignal): Promise<ListedUpload[]> {
  const below = ({ key }: ListedUpload) => prefix === '' || key === prefix || key.startsWith(`${prefix}/`);
  const found: ListedUpload[] = [];
  for await (const upload of allUploads(bucket, prefix, signal)) if (below(upload)) found.push(upload);
  if (prefix === '' || bucket.facts().uploadsByPrefix) return found;
  found.length = 0;
  for await (const upload of allUploads(bucket, '', signal)) if (below(upload)) found.push(upload);
  return found;
}

async function inOrder<T, R>(items: readonly T[], of: (item: T) => Promise<R> | R): Promise<R[]> {
  const done: R[] = [];
  for await (const one of pMapIterable(items, of, { concurrency: AT_ONCE })) done.push(one as R);
  return done;
}

async function inspect(
  bucket: Bucket,
  { key, uploadId, initiated }: ListedUpload,
  signal: AbortSignal,
): Promise<UnfinishedUpload> {
  const known = {
    key,
    uploadId,
    initiated: initiated === undefined ? undefined : new Date(initiated),
    state: 'kept',
  } as const;
  try {
    const parts = await allParts(bucket, { key, uploadId }, signal);
    const ours = isMarked(parts);
    const all = [...parts.values()];
    const bytes = all.reduce((sum, { size }) => sum + size, 0);
    return { ...known, parts: all.length - (ours ? 1 : 0), bytes, ours };
  } catch (error) {
    if (!(error instanceof S3RequestError) || (error.status !== 403 && error.status !== 404)) throw error;
    return { ...known, parts: undefined, bytes: undefined, ours: false };
  }
}

function isChosen({ initiated, ours }: UnfinishedUpload, { before, any }: UploadsRequest): boolean {
  return before !== undefined && (ours || any) && initiated !== undefined && initiated.getTime() <= before;
}

async function abort(bucket: Bucket, upload: UnfinishedUpload, signal: AbortSignal): Promise<UnfinishedUpload> {
  try {
    await bucket.abortUpload(upload, signal);
    return { ...upload, state: 'aborted' };
  } catch (error) {
    if (!(error instanceof S3RequestError)) throw error;
    return { ...upload, state: 'failed', error };
  }
}
