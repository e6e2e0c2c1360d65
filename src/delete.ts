import { RefusedError, UsageError } from './errors.js';
import { copyPrefix, parseAddress } from './model/key.js';
import { type CallOptions, callOptions } from './options/common.js';
import { connectionOf } from './options/connection.js';
import type { ConnectionOptions } from './options/resolved.js';
import { deleteOptions, type MaxChanges } from './options/site.js';
import { refuseUnknown } from './options/suggest.js';
import { apiRows } from './options/table.js';
import type { ConnectionChoices, PutOptions } from './options/types.js';
import { parseRetryDelay, type RetryDelay } from './options/units.js';
import { concurrencyOf, flag, hook, requestRateOf, text } from './options/validate.js';
import { refuseMany } from './plan/guards.js';
import { parallelListing } from './plan/listing/parallel.js';
import type { Stray } from './plan/listing/strays.js';
import { given, msg } from './report/message.js';
import { REASONS } from './report/reasons.js';
import type { OnEvent } from './report/types.js';
import type { Job } from './run/job.js';
import { announceStart, type RunEnd } from './run/record.js';
import { type Run, startPhases } from './run/run.js';
import type { Bucket } from './s3/bucket.js';
import { type OpenBucketOptions, openBucketOfRun } from './s3/open.js';
import { keyMatcher } from './source/globs/glob.js';
import { deleteKeys } from './transfer/delete.js';
import { counting, phasedWork } from './transfer/phases.js';

/** Below which prefix all objects are deleted, and which of them stay. */
export interface DeleteObjectsOptions
  extends Omit<ConnectionChoices, 'checksum'>,
    Pick<
      PutOptions,
      | 'protect'
      | 'concurrency'
      | 'maxRequestRate'
      | 'maxAttempts'
      | 'retryDelay'
      | 'dryRun'
      | 'failFast'
      | 'signal'
      | 'onEvent'
    > {
  /** `s3://bucket/prefix/`, or a bucket name together with `prefix`. */
  readonly bucket: string;
  /** Prefix of the keys, taken with a slash at its end: `pr-4` means `pr-4/`. It must not be empty. */
  readonly prefix?: string | undefined;
  /** The most deletes: a number, or `N%` of the listed keys. More are refused before the first delete. @default no limit */
  readonly maxDelete?: number | string | undefined;
  /** Is called once before the first delete, and not at all in a dry run; `false` deletes nothing. @default deletes without a question */
  readonly confirm?: ((plan: DeletionPlan) => boolean | Promise<boolean>) | undefined;
}

/** What is about to be deleted. */
export interface DeletionPlan {
  /** Objects. */
  readonly count: number;
  /** Their size in bytes. */
  readonly bytes: number;
  /** The address that all of them are below: `s3://bucket/prefix/`. */
  readonly address: string;
  /** The first of their keys, at most 10. */
  readonly examples: readonly string[];
}

/** Keys that the question shows. */
const EXAMPLES = 10;

/**
 * Deletes all objects whose keys begin with a prefix that ends in `/`. The whole listing is read first: where that fails, or where there are more
 * objects than `maxDelete` allows, nothing is deleted. A bucket with versions keeps them behind delete markers.
 *
 * Throws `UsageError` at once for options that cannot work, and for a whole bucket. The job resolves with the report, or rejects with `RefusedError`
 * (more than `maxDelete`), `RunStoppedError` (an error that every request meets), `PartialFailureError` (some objects failed) or `AbortError`.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
export function deleteObjects(options: DeleteObjectsOptions): Job {
  return startDelete(options, {});
}

/** What tests may replace. @internal */
export type DeleteInternals = Pick<OpenBucketOptions, 'patience' | 'clock' | 'lane'> &
  Pick<Parameters<typeof startPhases>[0], 'limiterClock'>;

/** {@link deleteObjects}, with what only tests replace. @internal */
export function startDelete(options: DeleteObjectsOptions, internals: DeleteInternals): Job {
  return start(prepareDelete(options), internals);
}

/** {@link deleteObjects} with options that are checked already. @internal */
export function deletePrepared(prepared: PreparedDelete, onEvent: OnEvent): Job {
  return start({ ...prepared, onEvent }, {});
}

function start(prepared: PreparedDelete, internals: DeleteInternals): Job {
  const writes = phasedWork<never>(['deletes']);
  const deletion: Deletion = { prepared, internals, writes };
  // No body is held: only keys are.
  return startPhases({ ...prepared, memory: 0, limiterClock: internals.limiterClock }, [
    { name: 'plan', work: (run) => plan(run, deletion) },
    { name: 'deletes', needed: () => writes.isNeeded('deletes'), work: (run) => carryOut(run, deletion) },
  ]);
}

/** What the phases of one deletion share. */
interface Deletion {
  readonly prepared: PreparedDelete;
  readonly internals: DeleteInternals;
  readonly writes: ReturnType<typeof phasedWork<never>>;
  bucket?: Bucket;
  deletes?: readonly Stray[];
}

/** Lists everything that is to be deleted, checks the limit, and asks. */
async function plan(run: Run, deletion: Deletion): Promise<RunEnd | undefined> {
  const { prepared, internals, writes } = deletion;
  const { prefix, dryRun, maxDelete, isProtected, confirm } = prepared;
  const { record, stop } = run;
  record.include(() => ({ phases: writes.report() }));
  const bucket = await openBucketOfRun(run, prepared.bucket, prepared.connection, { ...internals, ...prepared });
  deletion.bucket = bucket;
  announceStart(record, { bucket: bucket.name, prefix, from: [], ...bucket.location, dryRun });
  const keys = await listed(bucket, prefix, stop.signal);
  const deletes = keys.filter(({ key }) => !isProtected(key));
  const refusal = refuseMany(deletes, keys.length, maxDelete);
  if (refusal !== undefined) {
    const hint = msg`Check the prefix. If these are to go, set ${given('maxDelete', String(deletes.length))}, or leave {maxDelete} out; {protect} keeps keys.`;
    throw new RefusedError(refusal.code, refusal.message, record.report(false), hint);
  }
  if (keys.length === 0) record.warn('nothing-to-delete', `No key begins with "${prefix}".`);
  deletion.deletes = deletes;
  writes.plan('deletes', deletes.length);
  record.expect({ objects: deletes.length, bytes: 0 });
  if (deletes.length === 0 || dryRun || confirm === undefined) return undefined;
  const bytes = deletes.reduce((sum, { size }) => sum + size, 0);
  const examples = deletes.slice(0, EXAMPLES).map(({ key }) => key);
  const address = `s3://${bucket.name}/${prefix}`;
  const confirmed = await confirm({ count: deletes.length, bytes, address, examples });
  return confirmed === false ? { stoppedEarly: true } : undefined;
}

async function listed(bucket: Bucket, prefix: string, signal: AbortSignal): Promise<readonly Stray[]> {
  const next = parallelListing(bucket.listObjects, { prefix, bucket: bucket.name, signal });
  const keys: Stray[] = [];
  let continuationToken: string | undefined;
  do {
    const page = await next({ continuationToken });
    // A server that lists more than it was asked for must not lose it.
    for (const { key, size, etag } of page.objects) if (key.startsWith(prefix)) keys.push({ key, size, etag });
    ({ continuationToken } = page);
  } while (continuationToken !== undefined);
  return keys;
}

async function carryOut(run: Run, { prepared, writes, bucket, deletes = [] }: Deletion): Promise<RunEnd | undefined> {
  if (bucket === undefined) return undefined;
  const counted = counting(run, (outcome) => writes.settle('deletes', outcome));
  return deleteKeys(counted, { bucket, dryRun: prepared.dryRun, reason: REASONS.belowPrefix }, deletes);
}

/** The options of a deletion, checked and with all defaults. @internal */
export interface PreparedDelete extends CallOptions {
  readonly bucket: string;
  /** Not empty; ends in `/`. */
  readonly prefix: string;
  readonly connection: ConnectionOptions;
  readonly concurrency: number | 'auto';
  readonly maxRequestRate: number | undefined;
  readonly retryDelay: RetryDelay;
  readonly failFast: boolean;
  readonly maxDelete: MaxChanges;
  readonly isProtected: (key: string) => boolean;
  readonly confirm: DeleteObjectsOptions['confirm'];
}

const ROWS = apiRows('delete');
const NO_LIMIT: MaxChanges = { kind: 'count', count: Number.POSITIVE_INFINITY };

/** Checks the options of {@link deleteObjects}; does no I/O. Throws `UsageError`. @internal */
export function prepareDelete(options: DeleteObjectsOptions): PreparedDelete {
  if (typeof options !== 'object' || options === null)
    throw new UsageError('deleteObjects() needs an object of options.');
  refuseUnknown(options, ROWS);
  const place = placeToDelete(options);
  const { maxDelete, protect } = options;
  const guards = deleteOptions({ delete: true, maxDelete, protect });
  return {
    ...place,
    connection: connectionOf(options, undefined, place),
    concurrency: concurrencyOf(options.concurrency),
    maxRequestRate: requestRateOf(options.maxRequestRate),
    retryDelay: parseRetryDelay(options.retryDelay ?? 'jitter', 'retryDelay'),
    failFast: flag('failFast', options.failFast, false),
    maxDelete: maxDelete === undefined ? NO_LIMIT : guards.maxDelete,
    isProtected: keyMatcher(guards.protect, place.prefix),
    confirm: hook('confirm', options.confirm),
    ...callOptions(options),
  };
}

/**
 * The bucket, and the prefix of all that is deleted: as it is written, because a copy may have written any key, and with a slash at its end. Throws
 * `UsageError` for a whole bucket.
 */
function placeToDelete(options: Pick<DeleteObjectsOptions, 'bucket' | 'prefix'>): {
  readonly bucket: string;
  readonly prefix: string;
} {
  if (typeof options.bucket !== 'string' || options.bucket === '')
    throw new UsageError('No bucket was given.', msg`Set {bucket} to an address such as "s3://bucket/pr-42/".`);
  const { bucket, path } = parseAddress(options.bucket);
  const own = text('prefix', options.prefix);
  if (path !== '' && own !== undefined) throw new UsageError('The prefix is given twice.', 'Give only one of them.');
  const written = own?.replace(/^\//, '') ?? path;
  if (!/[^/]/.test(written))
    throw new UsageError(
      `All objects of the bucket "${bucket}" would be deleted: no prefix is given.`,
      `Name the prefix, as in s3://${bucket}/pr-42/; is the variable empty that should hold it? A whole bucket is emptied by a lifecycle rule, or with the AWS CLI.`,
    );
  const [, wildcard] = /(?:^|\/)(\*{1,2})\/?$/.exec(written) ?? [];
  if (wildcard !== undefined)
    throw new UsageError(
      `The prefix "${written}" ends in "${wildcard}", but everything below a prefix is deleted anyway.`,
      `Write s3://${bucket}/${written.slice(0, written.lastIndexOf(wildcard))}, without it.`,
    );
  copyPrefix(written);
  return { bucket, prefix: written.endsWith('/') ? written : `${written}/` };
}
