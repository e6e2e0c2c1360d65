import { type BatchBuckets, batchCopies } from './batch/copies.js';
import { headerWarnings } from './encode/header-grammar.js';
import { UsageError } from './errors.js';
import { type DistributedEnd, includeStrays, type PutInternals, runInternals, withThreshold } from './open-put.js';
import type { CopyOptions } from './options/types.js';
import { type Planned, type RemoteKeys, remoteLookup, withRemoteState } from './plan/listing/lookup.js';
import { parallelListing } from './plan/listing/parallel.js';
import type { Strays } from './plan/listing/strays.js';
import { prepareCopy } from './prepare-copy.js';
import { msg } from './report/message.js';
import type { OnEvent } from './report/types.js';
import { type Blocks, blocksOf, inBlocks } from './run/blocks.js';
import type { Job } from './run/job.js';
import { inParts, type Part } from './run/parts.js';
import { announceStart, hasEnded, noFilesFound, type RunEnd, type RunRecord, warnOfSizes } from './run/record.js';
import { type Phase, type Run, startPhases } from './run/run.js';
import { runConcurrently } from './run/workers.js';
import type { Bucket } from './s3/bucket.js';
import { locationUnopened, openBucketOfRun } from './s3/open.js';
import { type CopyShare, shareOfCopy } from './shards/copy.js';
import { bucketSource, type CopyEntry, type CopyFound } from './source/bucket.js';
import type { Filter, UnmatchedEntry } from './source/filter.js';
import { unmatchedWarning } from './source/filter-slips.js';
import { type NameWatch, nameWatch, watchNames } from './source/names.js';
import { md5Hasher } from './transfer/body/hash.js';
import type { PreparedCopy } from './transfer/copy/context.js';
import { chooseRelay, copierForRun } from './transfer/copy/copier.js';
import { type CopyWork, copyWork, type PlannedCopy } from './transfer/copy/settle.js';
import { phasedWork } from './transfer/phases.js';
import { type StrayDeletes, strayDeletes } from './transfer/strays.js';
import { workThreads } from './transfer/threads/work-threads.js';

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
export function startCopy(options: CopyOptions, internals: CopyInternals): Job {
  return startPrepared(prepareCopy(options), internals);
}

/** What a copy by others, or of a part, replaces; `fleet.ts` sets it. */
export interface CopyInternals extends Omit<PutInternals, 'distribute' | 'parts'> {
  /** Has others copy what the source holds, and records the outcomes. */
  readonly distributeCopy?: (run: Run, found: AsyncIterable<CopyFound>) => Promise<DistributedEnd>;
  /** What to copy, in the place of what the source lists: entries that come during the run, some at a time, each time in key order. */
  readonly entries?: AsyncIterable<Part<readonly CopyEntry[]>>;
}

/** {@link copy} with options that are checked already. */
export function copyPrepared(prepared: PreparedCopy, onEvent: OnEvent, internals: CopyInternals = {}): Job {
  return startPrepared({ ...prepared, options: { ...prepared.options, onEvent } }, internals);
}

function startPrepared(checked: PreparedCopy, internals: CopyInternals): Job {
  const prepared = withThreshold(checked, internals.threshold);
  const { distributeCopy } = internals;
  const { entries } = internals;
  const work = (run: Run): Promise<RunEnd> => {
    if (distributeCopy !== undefined) return distributed(run, prepared, internals, distributeCopy);
    return entries === undefined ? transfer(run, prepared, internals) : copyParts(run, prepared, internals, entries);
  };
  const phases: readonly Phase[] =
    prepared.options.delete || prepared.batch !== undefined
      ? copyInPhases(prepared, internals)
      : [{ name: 'transfer', work }];
  return startPhases({ ...prepared.options, ...runInternals(internals) }, phases);
}

/** Joins the source's objects with the destination's and settles them concurrently, until the listing ends or something stops the run. */
async function transfer(run: Run, prepared: PreparedCopy, internals: CopyInternals): Promise<RunEnd> {
  const opened = await openCopy(run, prepared, internals);
  const end = await runConcurrently(run, opened.units, opened.work.settle);
  await straysAfter(run, prepared, opened, end);
  opened.finish(end, run.record.objects);
  return end;
}

/** The same for entries that come some at a time. Of what only a whole listing shows it says nothing. */
async function copyParts(
  run: Run,
  prepared: PreparedCopy,
  internals: CopyInternals,
  entries: AsyncIterable<Part<readonly CopyEntry[]>>,
): Promise<RunEnd> {
  const { work, remoteOfPart } = await openCopy(run, prepared, internals);
  const isCompared = prepared.options.mode !== 'stupid';
  const unitsOf = (part: readonly CopyEntry[]) => withRemoteState(blocksOf(part), remoteOfPart(), isCompared);
  const joined = inParts(run, entries, unitsOf, work.settle);
  return runConcurrently(run, joined.blocks, joined.settle);
}

/** Lists the source, and has others copy what is found. */
async function distributed(
  run: Run,
  prepared: PreparedCopy,
  internals: CopyInternals,
  distribute: NonNullable<CopyInternals['distributeCopy']>,
): Promise<RunEnd> {
  const { options, paths } = prepared;
  const { record } = run;
  const source = await openBucketOfRun(run, paths.sourceBucket, prepared.source, { ...internals, ...options });
  announceStart(record, {
    ...locationUnopened(prepared.dest),
    ...paths,
    from: [prepared.from],
    dryRun: options.dryRun,
  });
  for (const { code, message } of headerWarnings(prepared.headers)) record.warn(code, message);
  const unmatched: string[] = [];
  const names = nameWatch(true);
  const found = objectsToCopy(run, prepared, source, (prefix) => unmatched.push(prefix), undefined);
  const end = await distribute(run, watchNames(found, names));
  warnOfFileServer(record, names, end.keepsFiles);
  warnAfter(run, prepared, { end, objects: record.objects, unmatched });
  return end;
}

/**
 * The phases of a copy that deletes, or that lets jobs copy. It is planned as a whole, which keeps a record for each copy and delete and none for what
 * is unchanged, and it checks the guard against many deletes before it writes anything.
 */
function copyInPhases(prepared: PreparedCopy, internals: PutInternals): readonly Phase[] {
  let opened: OpenedCopy | undefined;
  let deletes: StrayDeletes | undefined;
  const { batch: batchOptions } = prepared;
  const batch = batchOptions && batchCopies(prepared, batchOptions, { ...internals.batch, clock: internals.clock });
  const writes = phasedWork<PlannedCopy>(['transfer', 'deletes'], batch && { transfer: batch.queue });
  const later = (copy: PlannedCopy): void => writes.add('transfer', copy);

  async function planAll(run: Run): Promise<RunEnd | undefined> {
    run.own({ close: () => writes.drop(() => {}) });
    run.record.include(() => ({ phases: writes.report() }));
    opened = await openCopy(run, prepared, internals);
    const bucket = opened.dest;
    deletes = strayDeletes(run, { ...prepared, prefix: prepared.paths.prefix, writes, bucket });
    const found = { objects: 0, bytes: 0 };
    let outside: CopyEntry | undefined;
    await batch?.begin(run, opened);
    const decide = opened.work.plan((copy) => {
      if (batch?.takes(copy) !== true) later(copy);
    });
    const units = batch?.noting(opened.units) ?? opened.units;
    const end = await runConcurrently(run, units, async (unit) => {
      found.objects += 1;
      if (unit.kind === 'planned') {
        found.bytes += unit.entry.size;
        if (!unit.entry.key.startsWith(prepared.mirror?.prefix ?? '')) outside = unit.entry;
      }
      const decided = await decide(unit);
      const outcome = unit.kind === 'planned' && batch ? batch.outcomeOf(unit, decided) : decided;
      if (outcome?.action === 'fail' || outcome?.action === 'unknown') writes.note('transfer', outcome);
      return outcome;
    });
    const strays = await straysAfter(run, prepared, opened, end);
    opened.finish(end, found.objects);
    if (hasEnded(end)) return end;
    if (prepared.options.delete && outside !== undefined) throw onlyObject(outside);
    run.record.expect(found);
    if (prepared.options.delete && strays !== undefined && found.objects > 0) await deletes.plan(strays);
    return undefined;
  }

  return [
    { name: 'plan', work: planAll },
    {
      name: 'batch',
      needed: () => batch?.isNeeded() === true,
      work: async () => batch?.carryOut({ rest: later, note: (outcome) => writes.note('transfer', outcome) }),
    },
    {
      name: 'transfer',
      needed: () => writes.isNeeded('transfer'),
      work: async (run) => opened && writes.carryOut(run, 'transfer', opened.work.write),
    },
    {
      name: 'deletes',
      work: async () => (writes.hasFailed() ? { stoppedEarly: true } : deletes?.carryOut()),
    },
  ];
}

function onlyObject({ origin }: CopyEntry): UsageError {
  return new UsageError(
    msg`{delete} needs a folder as source, but there is only the object ${origin}: it does not say which keys are no longer wanted.`,
    msg`Check the source, or leave {delete} out.`,
  );
}

/** What a copy reads from, writes to and does. */
interface OpenedCopy extends BatchBuckets {
  readonly units: Blocks<Planned<CopyEntry>>;
  readonly remote: RemoteKeys | undefined;
  /** What is remote of the keys of entries that come during the run. */
  readonly remoteOfPart: () => RemoteKeys | undefined;
  readonly work: CopyWork;
  /** Warns of what only a whole walk shows. `found`: how many objects it has found. */
  readonly finish: (end: RunEnd, found: number) => void;
}

async function openCopy(run: Run, prepared: PreparedCopy, internals: CopyInternals): Promise<OpenedCopy> {
  const { options, paths } = prepared;
  const { record } = run;
  const open = (name: string, connection: PreparedCopy['source']) =>
    openBucketOfRun(run, name, connection, { ...internals, ...options });
  const source = await open(paths.sourceBucket, prepared.source);
  const dest = await open(paths.bucket, prepared.dest);
  internals.onOpened?.(dest);
  announceStart(record, { ...dest.location, ...paths, from: [prepared.from], dryRun: options.dryRun });
  warnOfSizes(record, options);
  for (const { code, message } of headerWarnings(prepared.headers)) record.warn(code, message);
  const openSourceAsDest = () => open(paths.sourceBucket, { ...prepared.dest, region: prepared.source.region });
  const relay = chooseRelay(run, { ...prepared, openSourceAsDest });
  const md5 = md5Hasher(run.own(workThreads(run, 'auto')));
  const work = copyWork(run, {
    options,
    source,
    dest,
    perform: copierForRun(run, prepared, {
      source,
      dest,
      relay,
      md5,
      partFloor: internals.partFloor,
      aroundParts: internals.aroundParts,
    }),
    headersGiven: prepared.guessTypes || prepared.copyAcl || Object.keys(prepared.headers).length > 0,
  });
  const unmatched: string[] = [];
  const names = nameWatch(true);
  const share = shareOfCopy(prepared);
  if (share !== undefined) record.include(() => ({ shard: share.report(record.objects) }));
  const found = watchNames(
    objectsToCopy(run, prepared, source, (prefix) => unmatched.push(prefix), share),
    names,
  );
  const remote = lookupFor(run, prepared, source, dest);
  return {
    source,
    dest,
    open: (name) => open(name, prepared.dest),
    units: withRemoteState(inBlocks(found), remote, options.mode !== 'stupid'),
    remote,
    remoteOfPart: () => lookupFor(run, prepared, source, dest),
    work,
    finish(end, objects) {
      warnOfFileServer(record, names, dest.facts().keepsFiles);
      warnAfter(run, prepared, { end, objects, unmatched, others: share?.others() ?? 0 });
    },
  };
}

/** Warns of what only a whole walk shows, and throws where it has found nothing and that is an error. */
/** Keys of a bucket stay as they are, so that only what the other server does with them is of interest. */
function warnOfFileServer(record: RunRecord, names: NameWatch, keepsFiles: boolean): void {
  const warning = keepsFiles ? names.fileServerWarning() : undefined;
  if (warning !== undefined) record.warn(...warning);
}

function warnAfter(
  { record, stop }: Run,
  prepared: PreparedCopy,
  walked: {
    readonly end: RunEnd;
    readonly objects: number;
    readonly unmatched: readonly string[];
    /** Objects that other shards copy. */
    readonly others?: number;
  },
): void {
  const { options, paths } = prepared;
  const { end, objects, unmatched, others = 0 } = walked;
  // An error that ended the run says more than that nothing was found by then.
  if (end.aborted === undefined && end.error === undefined && stop.error === undefined && objects + others === 0)
    noFilesFound(record, options.ifNoFilesFound, {
      empty: `There is nothing to copy: no object was found for ${prepared.from}.`,
    });
  if (unmatched.length > 0 && paths.selections.length > 1) record.warn('prefix-unmatched', unmatchedText(unmatched));
  // A copy that ended early, or that named only some keys, has not seen every key that a glob could match.
  if (hasEnded(end) || stop.signal.aborted || objects === 0 || objects >= options.limit) return;
  const filters = unmatchedWarning(unmatchedOnBothSides(prepared), [prepared.from]);
  if (filters !== undefined) record.warn(...filters);
}

/** Counts the keys that the source does not have, and returns them. Undefined for a run that ended early, or that does not look for them. */
async function straysAfter(
  { record }: Run,
  { options, mirror }: PreparedCopy,
  { remote }: OpenedCopy,
  end: RunEnd,
): Promise<Strays | undefined> {
  const sought = options.listStrays && mirror !== undefined && !hasEnded(end);
  return includeStrays(record, sought ? await remote?.strays() : undefined);
}

function objectsToCopy(
  { record, signal, stop }: Run,
  { options, paths, filter, oneService }: PreparedCopy,
  source: Bucket,
  onUnmatched: (prefix: string) => void,
  share: CopyShare | undefined,
): ReturnType<typeof bucketSource> {
  return bucketSource(
    {
      ...options,
      onUnmatched,
      owns: share?.owns,
      onOther: share?.onOther,
      paths,
      filter,
      oneBucket: oneService && paths.bucket === paths.sourceBucket,
      leftOut: options.listStrays,
      mayJump: () => !options.listStrays || source.facts().orderedListing === true,
      pages: (prefix) => parallelListing(source.listObjects, { prefix, bucket: source.name, signal: stop.signal }),
      head(key, versionId) {
        record.countHead('named by key');
        return source.headObject(key, signal, { versionId });
      },
    },
    stop.signal,
  );
}

function lookupFor(
  { record, stop }: Run,
  { options, paths, mirror }: PreparedCopy,
  source: Bucket,
  dest: Bucket,
): RemoteKeys | undefined {
  const strays = options.listStrays ? mirror : undefined;
  if (options.mode === 'stupid' && strays === undefined) return undefined;
  const { prefix } = strays ?? paths;
  return remoteLookup({
    list: parallelListing(dest.listObjects, { prefix, bucket: dest.name, signal: stop.signal }),
    prefix,
    ordered: true,
    entries: paths.selections.every(({ kind }) => kind === 'key') ? paths.selections.length : undefined,
    warn: record.warn,
    ...(strays !== undefined && {
      strays: {
        keep: options.delete,
        whole: true,
        isLeftOut: strays.isLeftOut,
        // Keys of the source come in the order of its server.
        isOrdered: () => [source, dest].every((bucket) => bucket.facts().orderedListing === true),
      },
    }),
  });
}

/** Globs that have matched no key of the source, nor one of the destination that they keep from being a stray. */
function unmatchedOnBothSides({ options, filter, mirror }: PreparedCopy): Pick<Filter, 'unmatched'> {
  const inSource = filter.unmatched?.();
  const inDest = options.listStrays ? mirror?.filter.unmatched?.() : undefined;
  if (inSource === undefined || inDest === undefined) return filter;
  const isIdle = ({ pattern }: UnmatchedEntry): boolean => inDest.entries.some((entry) => entry.pattern === pattern);
  return { unmatched: () => ({ ...inSource, entries: inSource.entries.filter(isIdle) }) };
}

/** Users type prefixes by hand and in lists; a mistyped one shows only here. */
function unmatchedText(prefixes: readonly string[]): string {
  const shown = prefixes.slice(0, 10).map((prefix) => JSON.stringify(prefix));
  const more = prefixes.length > shown.length ? ` and ${prefixes.length - shown.length} more` : '';
  return `No key begins with ${shown.join(', ')}${more}.`;
}
