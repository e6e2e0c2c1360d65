import type { BatchLimits } from './batch/copies.js';
import type { SiteInvalidation } from './cloudfront/phase.js';
import type { Rules } from './encode/rules.js';
import { UsageError } from './errors.js';
import { LARGEST_COPY } from './plan/copy-method.js';
import type { Landmarks } from './plan/listing/landmarks.js';
import { dropUnit, type RemoteKeys, remoteLookup } from './plan/listing/lookup.js';
import { parallelListing } from './plan/listing/parallel.js';
import type { Strays } from './plan/listing/strays.js';
import type { PreparedPut } from './prepare-put.js';
import { msg } from './report/message.js';
import { inBlocks, unitsOf } from './run/blocks.js';
import type { Part } from './run/parts.js';
import { announceStart, hasEnded, noFilesFound, type RunEnd, type RunRecord, warnOfSizes } from './run/record.js';
import type { Run, RunOptions } from './run/run.js';
import type { Bucket } from './s3/bucket.js';
import { locationUnopened, type OpenBucket, type OpenBucketOptions, openBucketOfRun } from './s3/open.js';
import { bothWatches } from './shards/digest.js';
import { onlyPart } from './shards/part.js';
import { serverOf } from './shards/server.js';
import type { ShardWork } from './shards/work.js';
import type { HashedFiles } from './site/hashed-files.js';
import type { LinkGuard } from './site/link-guard.js';
import { lowestHeaders, REVALIDATED } from './site/preset.js';
import type { SecretGuard } from './site/secret-guard.js';
import { isUnlikelyPage } from './source/clean-urls.js';
import { unmatchedWarning } from './source/filter-slips.js';
import { watchHeads } from './source/heads.js';
import { sourceLabel, survey } from './source/local.js';
import { type NameWatch, watchNames } from './source/names.js';
import { type OwnFiles, ownFilesWarning } from './source/own-files.js';
import { keyLikePrefix } from './source/single-file.js';
import type { FoundBlocks, Source } from './source/types.js';
import { md5Hasher } from './transfer/body/hash.js';
import type { AroundParts } from './transfer/multipart/types.js';
import type { PutWork } from './transfer/put/context.js';
import { putWork } from './transfer/put/settle.js';
import { type ThreadInternals, workThreads } from './transfer/threads/work-threads.js';
import type { LiveCheck } from './verify/live-check.js';
import type { LivePatience } from './verify/rounds.js';

/** What tests and `fleet.ts` may replace: patience with a silent server, the clocks of retries and send rate, and the client that sends requests. */
export interface PutInternals
  extends Pick<OpenBucketOptions, 'patience' | 'clock' | 'lane'>,
    Pick<RunOptions, 'limiterClock' | 'followRate' | 'slots'>,
    ThreadInternals {
  /** Smallest part size of the part-size rule, in bytes. */
  readonly partFloor?: number;
  /** Bytes above which objects are sent in parts; may be below what the option accepts. */
  readonly threshold?: number;
  /** Bytes above which objects are copied onto themselves in parts; S3's limit by default. */
  readonly largestCopy?: number;
  /** The date, in ms since 1970. */
  readonly now?: () => number;
  /** How long the live check waits for caches. */
  readonly livePatience?: Partial<LivePatience>;
  /** Sizes of the jobs of S3 Batch Operations. */
  readonly batch?: Omit<BatchLimits, 'clock'>;
  /** Has others put what the source holds, and records the outcomes. `fleet.ts` sets it, as the next one. */
  readonly distribute?: Distribute;
  /** Sources that come during the run, in the place of the source of the options. Each is looked up by a listing of its own, and has had its survey. */
  readonly parts?: AsyncIterable<Part<Source>>;
  /** Changes what the source yields. */
  readonly around?: (source: Source) => Source;
  /** Changes how the parts of uploads are sent. */
  readonly aroundParts?: AroundParts;
}

/** What internals change of a run. */
export function runInternals({
  limiterClock,
  followRate,
  slots,
}: Pick<PutInternals, 'limiterClock' | 'followRate' | 'slots'>): Pick<
  RunOptions,
  'limiterClock' | 'followRate' | 'slots'
> {
  return { limiterClock, followRate, slots };
}

/** Has what was found put by others. Returns how that ended. */
export type Distribute = (run: Run, found: FoundBlocks) => Promise<RunEnd>;

/** What one put is about. */
export interface PutTask {
  readonly prepared: PreparedPut;
  readonly source: Source;
  readonly names: NameWatch;
  readonly secrets: SecretGuard;
  /** Only with the preset. */
  readonly hashed: HashedFiles | undefined;
  /** Undefined where links are not checked. */
  readonly links?: LinkGuard | undefined;
  readonly own: OwnFiles | undefined;
  /** Only where a CDN is named. */
  readonly invalidation?: SiteInvalidation | undefined;
  /** Undefined where the live site is not looked at. */
  readonly live?: LiveCheck | undefined;
  /** Keys that the survey has seen. Undefined where they come in no order. */
  readonly landmarks?: Landmarks | undefined;
  /** Only in a run that is one of several. */
  readonly shards?: ShardWork | undefined;
  readonly internals: PutInternals;
}

/** Counts what will be put, so that a run without files ends before it sends anything. */
export async function surveySource(
  run: Run,
  { prepared, source, names, secrets, hashed, links, own, landmarks, shards }: PutTask,
): Promise<RunEnd | undefined> {
  const { options } = prepared;
  const { record, stop } = run;
  if (options.delete && !source.hasFolder()) throw onlyFiles();
  const contents = links === undefined ? hashed : links.surveyed(hashed);
  await contents?.load();
  shards?.begin(record);
  const found = await survey(source, stop.signal, {
    names: source.repeatable ? seenByBoth(names, landmarks) : undefined,
    heads: secrets,
    contents: shards === undefined ? contents : bothWatches(contents, shards.digest.pages),
    see: shards?.digest.see,
    owns: shards?.part?.owns,
  });
  const left = ownFilesWarning(own);
  if (left !== undefined) record.warn(...left);
  secrets.endSurvey(record, source.repeatable);
  if (!source.repeatable) return undefined;
  record.expect(found);
  const { whole } = found;
  const files = whole.objects - prepared.redirects.length;
  // Where the whole listing is read, a glob may yet match a key that it keeps from being deleted.
  if (files < options.limit && (!options.listStrays || files <= whole.skipped)) warnOfFilters(prepared, record);
  shards?.surveyed(record, found);
  // A shard may have no keys, and is done then.
  if (files > whole.skipped) return shards?.part?.keepsRest === false && found.objects === 0 ? {} : undefined;
  const empty = options.filesFrom === undefined ? {} : { empty: 'The list of files names none to upload.' };
  noFilesFound(record, options.ifNoFilesFound, { ...found, ...whole, ...empty });
  return whole.objects === 0 ? {} : undefined;
}

function seenByBoth(names: NameWatch, landmarks: Landmarks | undefined): NameWatch {
  if (landmarks === undefined) return names;
  return {
    ...names,
    see(key) {
      names.see(key);
      landmarks.see(key);
    },
  };
}

function onlyFiles(): UsageError {
  return new UsageError(
    msg`{delete} needs a folder as source: single files do not say which keys are no longer wanted.`,
    msg`Name the folder that has all files, or leave {delete} out.`,
  );
}

/** The bucket of a put, what is remote, and the work on entries. */
export interface OpenedPut {
  readonly bucket: OpenBucket | undefined;
  readonly remote: RemoteKeys | undefined;
  /** What is remote of the keys of a source that comes during the run. */
  readonly remoteOfPart: (source: Source) => RemoteKeys | undefined;
  readonly work: PutWork;
  /** Warns of what only a whole walk shows. `found`: how many objects it has found. */
  readonly finish: (end: RunEnd, found: number) => void;
}

export async function openPut(
  run: Run,
  { prepared, source, names, secrets, hashed, links, invalidation, live, landmarks, shards, internals }: PutTask,
): Promise<OpenedPut> {
  const { options, rules } = prepared;
  const { record, stop } = run;
  const sendsNothing = options.dryRun && options.mode === 'stupid' && !options.listStrays;
  const threads = run.own(workThreads(run, options.threads, internals));
  const opened = sendsNothing
    ? undefined
    : await openBucketOfRun(run, options.bucket, options.connection, {
        ...internals,
        ...options,
        aroundWire: threads.aroundWire,
      });
  const bucket = invalidation === undefined ? opened : invalidation.watch(run, opened);
  live?.watch(run);
  const location = bucket?.location ?? locationUnopened(options.connection);
  shards?.opened(record, bucket && serverOf(bucket));
  announceStart(record, { ...options, ...location, from: options.sources.map(sourceLabel) });
  warnOfSizes(record, options);
  warnAtStart(record, { prepared, names });
  const work = putWork(run, {
    ...prepared,
    ...(hashed !== undefined && {
      lowest: ({ relativePath, redirect }) =>
        redirect === undefined ? lowestHeaders(relativePath, hashed.hashedBy) : { headers: REVALIDATED },
    }),
    bucket,
    // Tests send the smallest bodies by threads.
    direct: internals.smallestOnThread === undefined ? bucket?.direct : undefined,
    md5: md5Hasher(threads),
    sizing: { partSize: options.partSize, floor: internals.partFloor },
    largestCopy: internals.largestCopy ?? LARGEST_COPY,
    aroundParts: internals.aroundParts,
  });
  return {
    bucket,
    remote: remoteOf(run, prepared, source, bucket, links?.listed, landmarks),
    remoteOfPart: (part) => remoteOf(run, prepared, part, bucket),
    work,
    finish(end, found) {
      warnOfHeaders(record, prepared);
      warnOfNames(record, names, bucket);
      secrets.endWalk(record);
      if (end.aborted !== undefined || stop.error !== undefined) return;
      // What a part of the source has says nothing about all of it, which the survey has counted.
      const files =
        shards?.part === undefined
          ? found - prepared.redirects.length
          : shards.digest.objects - prepared.redirects.length;
      if (files <= 0 && end.error === undefined) noFilesFound(record, options.ifNoFilesFound);
      // A run that stopped early has not seen every file that a rule or a glob could match.
      if (end.stoppedEarly === true || files >= options.limit) return;
      warnOfUnmatched(rules, record);
      warnOfFilters(prepared, record);
    },
  };
}

/** Warns of what is known before anything is sent. A survey has shown names, and which rules match; without one that is known at the end. */
export function warnAtStart(record: RunRecord, { prepared, names }: Pick<PutTask, 'prepared' | 'names'>): void {
  const meantAsKey = keyLikePrefix(prepared.options);
  if (meantAsKey !== undefined) record.warn('prefix-looks-like-a-key', meantAsKey);
  for (const [code, message] of names.warnings()) record.warn(code, message);
  warnOfHeaders(record, prepared);
}

function warnOfHeaders(record: RunRecord, { warnings, rules }: Pick<PreparedPut, 'warnings' | 'rules'>): void {
  for (const { code, message } of [...warnings, ...rules.warnings()]) record.warn(code, message);
}

/** Walks the source to put it. */
export function walk({ stop }: Run, { source, names, secrets, links, shards }: PutTask): FoundBlocks {
  const whole = source.walk(stop.signal);
  const walked = shards?.part === undefined ? whole : onlyPart(whole, shards.part);
  const watched = source.repeatable
    ? walked
    : inBlocks(watchHeads(watchNames(unitsOf(walked, dropUnit), names), secrets, stop.signal));
  return links === undefined ? watched : inBlocks(links.watch(unitsOf(watched, dropUnit), stop.signal));
}

function remoteOf(
  { record, stop }: Run,
  { options, leavesOut, cleanUrlsOf }: PreparedPut,
  source: Source,
  bucket: Bucket | undefined,
  onListed?: (key: string) => void,
  landmarks?: Landmarks,
): RemoteKeys | undefined {
  if (bucket === undefined || (options.mode === 'stupid' && !options.listStrays)) return undefined;
  const { prefix } = options;
  // A source that is cut short, or read once, says nothing about the keys that it does not have, unless somebody says that it is whole.
  const isWhole =
    source.hasFolder() &&
    options.limit === Number.POSITIVE_INFINITY &&
    options.filesFrom === undefined &&
    options.shard === undefined;
  // The marker of the prefix itself belongs to the source.
  const isLeftOut = (key: string): boolean => {
    const places = source.pathsOf(key);
    // One of several files with this key may be there and left out, so that the object could be its.
    return (
      key === prefix ||
      (places.length > 0 && places.every((paths) => paths.some((path) => leavesOut(path) && !isUnlikelyPage(path))))
    );
  };
  const counted = isWhole && (source.repeatable || options.listStrays);
  return remoteLookup({
    list: parallelListing(bucket.listObjects, { prefix, bucket: bucket.name, signal: stop.signal, landmarks }),
    prefix,
    ordered: source.ordered,
    entries: record.totals?.objects,
    warn: record.warn,
    onListed,
    ...(counted && {
      strays: {
        keep: options.delete,
        whole: options.listStrays,
        isLeftOut,
        pagesOfFolders: cleanUrlsOf !== undefined,
        isOrdered: () => bucket.facts().orderedListing === true,
      },
    }),
  });
}

/** Counts the keys that the source does not have in the report, and returns them. Undefined for a run that ended early, or that looks nothing up. */
export async function straysAfter(
  { record, stop }: Run,
  { prepared: { options } }: PutTask,
  { remote }: OpenedPut,
  end: RunEnd,
): Promise<Strays | undefined> {
  if (hasEnded(end) || stop.signal.aborted) return undefined;
  const strays = await remote?.strays();
  const denied = strays?.denied === true;
  if (options.listStrays && !options.delete && strays?.complete === false)
    record.warn(
      'strays-unknown',
      denied
        ? 'Whether the bucket has keys that the source does not have is unknown, because listing it is denied (s3:ListBucket).'
        : 'Whether the bucket has more keys that the source does not have is unknown, because its listing is not in UTF-8 byte order.',
    );
  if (!denied) return includeStrays(record, strays);
  // A refusal of deletes needs it; a count of what was not listed says nothing.
  return options.delete ? includeStrays(record, strays) : undefined;
}

/** Warns of names that a server treats otherwise than expected: after the first responses, which show what the server is. */
function warnOfNames(record: RunRecord, names: NameWatch, bucket: Bucket | undefined): void {
  for (const [code, message] of names.warnings()) record.warn(code, message);
  const onFiles = bucket?.facts().keepsFiles === true ? names.fileServerWarning() : undefined;
  if (onFiles !== undefined) record.warn(...onFiles);
}

export function warnOfUnmatched(rules: Rules, record: RunRecord): void {
  const unmatched = rules
    .unmatched()
    .map(({ number, match, origin }) =>
      origin === undefined ? `rule ${number} (match ${JSON.stringify(match)})` : `${origin} (${match})`,
    );
  if (unmatched.length > 0) record.warn('rule-unmatched', `No file was matched by ${unmatched.join(', ')}.`);
}

/** Counts strays in the report, where there is a count of them. */
export function includeStrays({ include }: RunRecord, strays: Strays | undefined): Strays | undefined {
  if (strays !== undefined) include(() => ({ strays: strays.count, straysComplete: strays.complete }));
  return strays;
}

/** A whole walk must be behind: one that stopped early has not seen every file that a glob could match. */
function warnOfFilters({ names, options }: PreparedPut, record: RunRecord): void {
  const warning = unmatchedWarning(names, options.sources);
  if (warning !== undefined) record.warn(...warning);
}

/** The prepared options with the threshold that a test sets. */
export function withThreshold<T extends { readonly options: { readonly multipartThreshold: number } }>(
  prepared: T,
  threshold: number | undefined,
): T {
  if (threshold === undefined) return prepared;
  return { ...prepared, options: { ...prepared.options, multipartThreshold: threshold } };
}
