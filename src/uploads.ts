import { pMapIterable } from 'p-map';
import { S3RequestError, UsageError } from './errors.js';
import { parseBucket } from './model/key.js';
import { connectionOf } from './options/connection.js';
import type { ConnectionChoices, PutOptions } from './options/types.js';
import { parseDuration } from './options/units.js';
import { flag, text } from './options/validate.js';
import { pacedLimiter } from './run/pacer.js';
import { stopSwitch } from './run/workers.js';
import { allParts, allUploads, type Bucket, type ListedUpload } from './s3/bucket.js';
import { openBucket } from './s3/open.js';
import { isMarked } from './transfer/multipart/parts.js';

/** Where unfinished uploads are looked for, and which of them are aborted. */
export interface UploadsOptions
  extends Omit<ConnectionChoices, 'checksum'>,
    Pick<PutOptions, 'bucket' | 'prefix' | 'maxAttempts' | 'signal' | 'onEvent'> {
  /** Abort those that began longer ago than this: `12h`, `7d`. Without it they are only listed. */
  readonly abortOlderThan?: string | undefined;
  /** Abort those of other tools too. @default false */
  readonly any?: boolean | undefined;
  /** Say which would be aborted, and abort none. @default false */
  readonly dryRun?: boolean | undefined;
  /** Asked once, with those that are to be aborted; false leaves them. */
  readonly confirm?: ((uploads: readonly UnfinishedUpload[]) => Promise<boolean>) | undefined;
}

/** One upload that was neither completed nor aborted. */
export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** When it began; undefined where the server does not tell. */
  readonly initiated: Date | undefined;
  /** Parts of the object that have arrived, and their bytes; undefined where they may not be listed. */
  readonly parts: number | undefined;
  readonly bytes: number | undefined;
  /** This tool began it; told by its mark. */
  readonly ours: boolean;
  /** `kept`: nothing was asked of it; `chosen`: it would be aborted, or was not confirmed. */
  readonly state: 'kept' | 'chosen' | 'aborted' | 'failed';
  /** Why it could not be aborted. */
  readonly error?: Error;
}

const AT_ONCE = 8;

/**
 * Lists the unfinished uploads below a prefix, by key and age, and aborts those that are old enough: only this tool's own, unless `any` is set.
 * Their parts cost as much as objects until then.
 * @throws UsageError for options that cannot work, `S3RequestError` where S3 refuses to list
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/abort-mpu.html
 */
export async function uploads(options: UploadsOptions): Promise<readonly UnfinishedUpload[]> {
  const wanted = checked(options);
  const stop = stopSwitch(options.signal ?? new AbortController().signal);
  const { limiter, pace } = pacedLimiter(AT_ONCE, stop.signal);
  const bucket = await openBucket(wanted.bucket, wanted.connection, {
    onEvent: options.onEvent ?? (() => {}),
    slots: limiter,
    pace,
    stop: stop.signal,
    maxAttempts: options.maxAttempts,
  });
  try {
    const found = await listed(bucket, wanted.prefix, stop.signal);
    const looked = await inOrder(found, (upload) => look(bucket, upload, stop.signal));
    const chosen = new Set(looked.filter((upload) => isChosen(upload, wanted)).map(({ uploadId }) => uploadId));
    const marked = looked.map(
      (upload): UnfinishedUpload => (chosen.has(upload.uploadId) ? { ...upload, state: 'chosen' } : upload),
    );
    const asked = marked.filter(({ state }) => state === 'chosen');
    if (asked.length === 0 || options.dryRun === true || (await options.confirm?.(asked)) === false) return marked;
    return await inOrder(marked, (upload) => (upload.state === 'chosen' ? abort(bucket, upload, stop.signal) : upload));
  } finally {
    bucket.close();
    stop.now();
  }
}

interface Wanted {
  readonly bucket: string;
  /** Without a slash at its end: the key itself, or what lies below. */
  readonly prefix: string;
  readonly connection: ReturnType<typeof connectionOf>;
  readonly before: number | undefined;
  readonly any: boolean;
}

function checked(options: UploadsOptions): Wanted {
  if (typeof options.bucket !== 'string' || options.bucket === '')
    throw new UsageError('No bucket was given.', 'Set bucket to a name or to "s3://bucket/prefix".');
  const { bucket, prefix } = parseBucket(options.bucket);
  const own = text('prefix', options.prefix);
  if (prefix !== '' && own !== undefined) throw new UsageError('The prefix is given twice.', 'Give only one of them.');
  const age = text('abortOlderThan', options.abortOlderThan);
  return {
    bucket,
    prefix: (own ?? prefix).replace(/^\/+|\/+$/g, ''),
    connection: connectionOf(options),
    before: age === undefined ? undefined : Date.now() - parseDuration(age, 'abortOlderThan'),
    any: flag('any', options.any, false),
  };
}

/** Servers differ in what a prefix means to this listing, so what is asked for is chosen here. */
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

async function look(
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

function isChosen({ initiated, ours }: UnfinishedUpload, { before, any }: Wanted): boolean {
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
