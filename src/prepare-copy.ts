import { refuseReportsBelow, refuseReportsInSource, refuseUnlessByJob, targetPrefix } from './batch/eligibility.js';
import { givenHeaders } from './encode/object-headers.js';
import { UsageError } from './errors.js';
import type { BucketAddress } from './model/key.js';
import { batchOptions } from './options/batch.js';
import { sharedOptions } from './options/common.js';
import { connectionOf } from './options/connection.js';
import type { ConnectionOptions } from './options/resolved.js';
import { refuseInCopyShard, shardOption } from './options/shard.js';
import { deleteOptions } from './options/site.js';
import { refuseUnknown } from './options/suggest.js';
import { apiRows } from './options/table.js';
import {
  ANNOTATIONS,
  type AnnotationChoice,
  type ConnectionChoices,
  type CopyKey,
  type CopyOptions,
} from './options/types.js';
import { parseSize } from './options/units.js';
import { flag, oneOf } from './options/validate.js';
import { sameService } from './plan/copy-method.js';
import { type CopyPaths, copyPaths } from './plan/copy-paths.js';
import { msg, option } from './report/message.js';
import { createFilter, type Filter } from './source/filter.js';
import { keyMatcher } from './source/globs/glob.js';
import type { CopyMirror, PreparedCopy } from './transfer/copy/context.js';

const ROWS = apiRows('copy');

/** Checks the options of a copy and prepares what is derived from them; does no I/O. Throws `UsageError`. */
export function prepareCopy(options: CopyOptions): PreparedCopy {
  if (typeof options !== 'object' || options === null) throw new UsageError('copy() needs an object of options.');
  refuseUnknown(options, ROWS);
  const paths = copyPaths({
    source: address('source', options.source),
    destination: address('destination', options.destination),
    keys: list<CopyKey>(options.key)?.map(keyOf),
    prefixes: list<string>(options.fromPrefix)?.map(prefixOf),
  });
  const shard = shardOption(options.shard);
  if (shard !== undefined) refuseInCopyShard(options);
  const deletes = deleteOptions(options);
  if (deletes.delete) checkDelete(options, paths);
  const resolved = { ...sharedOptions(options), ...deletes };
  const source = sideOf(options, 'source', { bucket: paths.sourceBucket, prefix: paths.base });
  const dest = sideOf(options, 'dest', paths);
  const oneService = sameService(source, dest);
  const mirror = mirrorOf(options, paths, resolved);
  if (oneService && paths.bucket === paths.sourceBucket) {
    refuseOverlap(paths);
    if (deletes.delete && mirror !== undefined) refuseSourceInside(paths, mirror);
  }
  const { contentType, ...others } = options;
  const guessTypes = contentType === 'guess';
  const headers = givenHeaders({ ...others, ...(contentType !== undefined && !guessTypes && { contentType }) });
  const copyAcl = flag('copyAcl', options.copyAcl, false);
  const access = Object.keys(headers).find((name) => name === 'x-amz-acl' || name.startsWith('x-amz-grant-'));
  if (copyAcl && access !== undefined)
    throw new UsageError(
      access === 'x-amz-acl' && options.acl !== undefined
        ? msg`{copyAcl} and {acl} exclude each other.`
        : msg`{copyAcl} and the header "${access}" exclude each other.`,
      'Give the ACL, or have it copied.',
    );
  const isProtected = keyMatcher(deletes.protect, paths.prefix);
  const batch = batchOptions(options, paths.bucket);
  if (batch !== undefined) {
    targetPrefix(paths);
    refuseUnlessByJob({ options, paths, headers, oneService });
    if (deletes.delete && mirror !== undefined)
      refuseReportsBelow(
        batch.reports,
        { bucket: paths.bucket, prefix: mirror.prefix },
        (key) => isProtected(key) || mirror.isLeftOut(key),
      );
    // A run that takes up a job writes none.
    if (batch.jobs.length === 0) refuseReportsInSource(batch.reports, paths, takenFrom(paths, resolved));
  }
  return {
    options: resolved,
    shard,
    paths,
    from: options.source,
    filter: filterOf(resolved),
    mirror,
    isProtected,
    source,
    dest,
    oneService,
    ownCredentials: source.profile !== dest.profile || source.credentials !== dest.credentials,
    headers,
    guessTypes,
    copyAcl,
    annotations: annotationChoice(options.annotations, paths.bucket),
    splitAbove: options.splitAbove === undefined ? undefined : splitSize(options.splitAbove),
    sourceOwner: options.expectedSourceBucketOwner,
    batch,
  };
}

/** Everything that lies in a bucket counts, since somebody has put it there on purpose. */
function filterOf(options: Pick<CopyOptions, 'include' | 'exclude'>): Filter {
  return createFilter({ ...options, hidden: true, junk: true });
}

const PARTS = ['key', 'fromPrefix', 'limit'] as const;

/** Deletes are for a source that is copied as a whole, and for a prefix that somebody has written. */
function checkDelete(options: CopyOptions, { prefix }: CopyPaths): void {
  const partial = PARTS.find((name) => options[name] !== undefined);
  if (partial !== undefined)
    throw new UsageError(
      msg`{delete} cannot be used with ${option(partial)}, which copies only a part of the source: the rest would be deleted.`,
      'Leave one of them out.',
    );
  if (prefix === '' && !options.destination.endsWith('/'))
    throw new UsageError(
      msg`{delete} needs a prefix: it deletes every key below it that the source does not have.`,
      'Write one, as in s3://bucket/docs; for the whole bucket write s3://bucket/ with the slash.',
    );
}

/** What the source says about the destination, where all of it is copied. */
function mirrorOf(
  options: CopyOptions,
  { base, prefix, selections }: CopyPaths,
  filters: Pick<CopyOptions, 'include' | 'exclude'>,
): CopyMirror | undefined {
  const [only] = selections;
  if (PARTS.some((name) => options[name] !== undefined) || only?.kind !== 'prefix') return undefined;
  const inDest = (key: string): string => prefix + key.slice(base.length);
  const folder = inDest(only.orKey === undefined ? base : only.prefix);
  // A filter of its own, because that of the walk notes what it has matched.
  const filter = filterOf(filters);
  return {
    prefix: inDest(only.prefix),
    filter,
    // The marker of the folder whose contents are copied is left out, too.
    isLeftOut: (key) => key === prefix || !filter.takes(key.slice(folder.length)),
  };
}

/** Whether filters leave a key of the source in the copy. They apply to what is below the folder that is copied. */
function takenFrom(
  { base, selections }: CopyPaths,
  filters: Pick<CopyOptions, 'include' | 'exclude'>,
): (key: string) => boolean {
  const [only] = selections;
  const folder = only?.kind === 'prefix' && only.orKey !== undefined ? only.prefix : base;
  const filter = filterOf(filters);
  return (key) => filter.takes(key.slice(folder.length));
}

/** Refuses deletes where they would meet the source itself. */
function refuseSourceInside({ bucket, selections }: CopyPaths, { prefix }: CopyMirror): void {
  for (const one of selections) {
    const from = one.kind === 'prefix' ? one.prefix : one.key;
    if (!from.startsWith(prefix)) continue;
    throw new UsageError(
      msg`The source s3://${bucket}/${from} is inside the destination s3://${bucket}/${prefix}, so that {delete} would delete it.`,
      msg`Name a destination outside of the source, or leave {delete} out.`,
    );
  }
}

function address(name: 'source' | 'destination', value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  const hint =
    name === 'source'
      ? 'Name a bucket, as "s3://bucket/path".'
      : 'It is not optional: name a bucket, as "s3://bucket/prefix".';
  throw new UsageError(
    value === undefined || value === '' ? `No ${name} was given.` : `${name} must be a string.`,
    hint,
  );
}

/** The value as a list. An empty list selects nothing; undefined selects everything. */
function list<T>(value: T | readonly T[] | undefined): readonly T[] | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

function keyOf(one: CopyKey): { readonly key: string; readonly versionId: string | undefined } {
  if (typeof one === 'string') return { key: one, versionId: undefined };
  const { key, versionId } = (one ?? {}) as Partial<Record<'key' | 'versionId', unknown>>;
  if (typeof key === 'string' && typeof versionId === 'string' && versionId !== '') return { key, versionId };
  throw new UsageError('A key is neither text nor { key, versionId }.');
}

function prefixOf(one: unknown): string {
  if (typeof one === 'string' && one !== '') return one;
  throw new UsageError(
    msg`{fromPrefix} must hold non-empty strings.`,
    'Name what keys begin with; leave it out to copy all.',
  );
}

/** Objects in directory buckets cannot have annotations: S3 refuses to copy any there with 501. */
function annotationChoice(value: AnnotationChoice | undefined, bucket: string): AnnotationChoice {
  const isDirectory = /--x(?:a)?-s3$/.test(bucket);
  if (value === undefined) return isDirectory ? 'exclude' : 'copy';
  const choice = oneOf('annotations', value, ANNOTATIONS);
  if (choice === 'copy' && isDirectory)
    throw new UsageError(
      msg`{annotations: 'copy'} is given, but objects in the directory bucket "${bucket}" cannot have annotations.`,
      msg`Leave the option out, or give {annotations: 'error'} to find objects that have any.`,
    );
  return choice;
}

/** The size above which S3 copies by ranges: at least 5 MiB, as a range, and at most the 5 GiB of one request. */
function splitSize(value: number | string): number {
  const bytes = parseSize(value, 'splitAbove');
  const [least, most] = [5 * 1024 ** 2, 5 * 1024 ** 3];
  if (bytes >= least && bytes <= most) return bytes;
  throw new UsageError(
    msg`{splitAbove} is ${JSON.stringify(value)} (${bytes} bytes); it must be from 5 MiB to 5 GiB.`,
    'S3 copies larger objects by ranges anyway.',
  );
}

/** The connection options of one side: its own options override those for both sides. */
function sideOf(options: CopyOptions, side: 'source' | 'dest', to: BucketAddress): ConnectionOptions {
  const own = (name: 'Profile' | 'Region' | 'EndpointUrl' | 'Credentials') => options[`${side}${name}`];
  const [profile, credentials] = [own('Profile'), own('Credentials')];
  const hasOwn = profile !== undefined || credentials !== undefined;
  const owner = side === 'source' ? options.expectedSourceBucketOwner : options.expectedBucketOwner;
  const connection = {
    ...options,
    endpointUrl: own('EndpointUrl') ?? options.endpointUrl,
    region: own('Region') ?? options.region,
    // Profile and credentials are one choice: credentials for both sides do not override a profile of this side.
    profile: hasOwn ? profile : options.profile,
    credentials: hasOwn ? credentials : options.credentials,
    expectedBucketOwner: owner,
  } as ConnectionChoices;
  const called = (name: keyof ConnectionChoices): string => {
    if (name === 'expectedBucketOwner' && side === 'source') return 'expectedSourceBucketOwner';
    const sided = `${side}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    return sided in options && options[sided as keyof CopyOptions] !== undefined ? sided : name;
  };
  return connectionOf(connection, called, to);
}

/** Refuses to copy a folder into itself, which would never end, and onto itself, which would change nothing. */
function refuseOverlap({ bucket, base, prefix, selections }: CopyPaths): void {
  for (const one of selections) {
    const from = one.kind === 'prefix' ? one.prefix : one.key;
    const to = prefix + from.slice(base.length);
    const onto = to === from;
    if (!onto && (one.kind === 'key' || !to.startsWith(from))) continue;
    const what = `s3://${bucket}/${to}`;
    throw new UsageError(
      onto
        ? `${what} would be copied onto itself.`
        : `The destination ${what} is inside the source s3://${bucket}/${from}.`,
      'Name a destination outside of the source.',
    );
  }
}
