import { headerWarnings } from './encode/header-grammar.js';
import { type PutInternals, withThreshold } from './open-put.js';
import type { CopyOptions } from './options/types.js';
import { type RemoteKeys, remoteLookup, withRemoteState } from './plan/listing/lookup.js';
import { parallelListing } from './plan/listing/parallel.js';
import { prepareCopy } from './prepare-copy.js';
import type { OnEvent } from './report/types.js';
import type { Job } from './run/job.js';
import { announceStart, noFilesFound, type RunEnd, warnOfSizes } from './run/record.js';
import { type Run, startPhases } from './run/run.js';
import { runConcurrently } from './run/workers.js';
import type { Bucket } from './s3/bucket.js';
import { openBucketOfRun } from './s3/open.js';
import { bucketSource } from './source/bucket.js';
import { nameWatch, watchNames } from './source/names.js';
import { md5Hasher } from './transfer/body/hash.js';
import type { PreparedCopy } from './transfer/copy/context.js';
import { chooseRelay, copierForRun } from './transfer/copy/copier.js';
import { settleCopy } from './transfer/copy/settle.js';

/**
 * Copies objects from bucket to bucket, in parallel: by the server itself where it can read one and write the other, otherwise through
 * this machine.
 *
 * Throws `UsageError` at once for options that cannot work. The job resolves with the report, or rejects as that of a put does; where nothing is
 * found, that is `RefusedError`.
 */
export function copy(options: CopyOptions): Job {
  return startCopy(options, {});
}

/** {@link copy}, with what only tests replace. @internal */
export function startCopy(options: CopyOptions, internals: PutInternals): Job {
  return startPrepared(prepareCopy(options), internals);
}

/** {@link copy} with options that are checked already. */
export function copyPrepared(prepared: PreparedCopy, onEvent: OnEvent): Job {
  return startPrepared({ ...prepared, options: { ...prepared.options, onEvent } }, {});
}

function startPrepared(checked: PreparedCopy, internals: PutInternals): Job {
  const prepared = withThreshold(checked, internals.threshold);
  return startPhases({ ...prepared.options, limiterClock: internals.limiterClock }, [
    { name: 'transfer', work: (run) => transfer(run, prepared, internals) },
  ]);
}

/** Joins the source's objects with the destination's and settles them concurrently, until the listing ends or something stops the run. */
async function transfer(run: Run, prepared: PreparedCopy, internals: PutInternals): Promise<RunEnd> {
  const { options, paths } = prepared;
  const { record, stop } = run;
  const open = (name: string, connection: PreparedCopy['source']) =>
    openBucketOfRun(run, name, connection, { ...internals, ...options });
  const source = await open(paths.sourceBucket, prepared.source);
  const dest = await open(paths.bucket, prepared.dest);
  announceStart(record, { ...dest.location, ...paths, from: [prepared.from], dryRun: options.dryRun });
  warnOfSizes(record, options);
  for (const { code, message } of headerWarnings(prepared.headers)) record.warn(code, message);
  const openSourceAsDest = () => open(paths.sourceBucket, { ...prepared.dest, region: prepared.source.region });
  const relay = chooseRelay(run, { ...prepared, openSourceAsDest });
  const md5 = run.own(md5Hasher(stop.signal));
  const settle = settleCopy(run, {
    options,
    source,
    dest,
    perform: copierForRun(run, prepared, { source, dest, relay, md5, partFloor: internals.partFloor }),
    headersGiven: prepared.guessTypes || prepared.copyAcl || Object.keys(prepared.headers).length > 0,
  });
  const unmatched: string[] = [];
  // Keys of a bucket stay as they are, so that only what this server does with them is of interest.
  const names = nameWatch(true);
  const found = watchNames(
    objectsToCopy(run, prepared, source, (prefix) => unmatched.push(prefix)),
    names,
  );
  const end = await runConcurrently(run, withRemoteState(found, lookupFor(run, prepared, dest)), settle);
  const onFiles = dest.facts().keepsFiles ? names.fileServerWarning() : undefined;
  if (onFiles !== undefined) record.warn(...onFiles);
  if (end.aborted === undefined && stop.error === undefined && record.objects === 0)
    noFilesFound(record, options.ifNoFilesFound, {
      empty: `There is nothing to copy: no object was found for ${prepared.from}.`,
    });
  if (unmatched.length > 0 && paths.selections.length > 1) record.warn('prefix-unmatched', unmatchedText(unmatched));
  return end;
}

function objectsToCopy(
  { record, signal, stop }: Run,
  { options, paths, filter, oneService }: PreparedCopy,
  source: Bucket,
  onUnmatched: (prefix: string) => void,
): ReturnType<typeof bucketSource> {
  return bucketSource(
    {
      ...options,
      onUnmatched,
      paths,
      filter,
      oneBucket: oneService && paths.bucket === paths.sourceBucket,
      pages: (prefix) => parallelListing(source.listObjects, { prefix, bucket: source.name, signal: stop.signal }),
      head(key, versionId) {
        record.countHead('named by key');
        return source.headObject(key, signal, { versionId });
      },
    },
    stop.signal,
  );
}

function lookupFor({ record, stop }: Run, { options, paths }: PreparedCopy, dest: Bucket): RemoteKeys | undefined {
  if (options.mode === 'stupid') return undefined;
  const { prefix } = paths;
  return remoteLookup({
    list: parallelListing(dest.listObjects, { prefix, bucket: dest.name, signal: stop.signal }),
    prefix,
    ordered: true,
    entries: paths.selections.every(({ kind }) => kind === 'key') ? paths.selections.length : undefined,
    warn: record.warn,
  });
}

/** Users type prefixes by hand and in lists; a mistyped one shows only here. */
function unmatchedText(prefixes: readonly string[]): string {
  const shown = prefixes.slice(0, 10).map((prefix) => JSON.stringify(prefix));
  const more = prefixes.length > shown.length ? ` and ${prefixes.length - shown.length} more` : '';
  return `No key begins with ${shown.join(', ')}${more}.`;
}
