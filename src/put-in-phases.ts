import { RefusedError, SourceError } from './errors.js';
import { includeStrays, type OpenedPut, openPut, type PutTask, straysAfter, walk } from './open-put.js';
import { STRAY_TAG } from './plan/aging.js';
import { NAMED, refuseManyUpdates, type UpdateRefusal } from './plan/guards.js';
import { dropPlanned, dropUnit, type Planned, withRemoteState } from './plan/listing/lookup.js';
import type { Outcome } from './report/types.js';
import { hasEnded, type RunEnd } from './run/record.js';
import type { Phase, Run } from './run/run.js';
import { runConcurrently } from './run/workers.js';
import type { OpenBucket } from './s3/open.js';
import { looksHashed } from './site/hashed-name.js';
import type { Entry, FoundBlocks } from './source/types.js';
import { type StrayAging, strayAging } from './transfer/aging.js';
import { findObjects } from './transfer/head.js';
import { eachOf, type HeldUpdate, onlyPages, withEntries, withoutPages } from './transfer/held.js';
import { type PhasedWork, phasedWork, type WritePhase } from './transfer/phases.js';
import type { PlannedWrite, SettleUnit } from './transfer/put/context.js';
import { type StrayDeletes, strayDeletes } from './transfer/strays.js';

const ALL_FILES = ['assets', 'data', 'pages'] as const;

/** What is carried out later: a write that was decided on, or an entry of which nothing is decided yet. */
type LaterUnit = PlannedWrite | (Planned<Entry> & { readonly kind: 'planned' });

/** What the phases of one put share. */
interface PhasedPut {
  readonly task: PutTask;
  readonly writes: PhasedWork<LaterUnit>;
  readonly phaseOf: (relativePath: string) => WritePhase;
  opened?: OpenedPut;
  /** A link out of the source has failed: it holds no phase, but the deletes. */
  linkLeftOut?: boolean;
  /** Undefined where strays are deleted at once. */
  aging?: StrayAging | undefined;
  /** How many keys the source has, of one that is read once. */
  found: number;
  /** Undefined where nothing is deleted. */
  deletes?: StrayDeletes | undefined;
  /** Objects whose headers are to be set. */
  readonly updates: { count: number; readonly first: { readonly key: string }[] };
  /** Those of a source that is read once: they wait for the guard. */
  readonly held: Map<WritePhase, HeldUpdate[]>;
  /** Why a real run would have been refused. */
  refusal?: UpdateRefusal | undefined;
}

/**
 * The phases of a put that has an order, deletes, or sets headers. A source that can be walked twice is planned as a whole: one compact record for each write and
 * delete, and none for what is unchanged. Then the guard against many deletes is checked, and then it is written, phase by phase. Another source is put
 * as it comes, except its pages; its guards are checked before headers are set, and before the deletes.
 */
export function putInPhases(task: PutTask): readonly Phase[] {
  const { source, prepared } = task;
  const { options } = prepared;
  const files: readonly WritePhase[] = options.order === 'site' ? ALL_FILES : ['transfer'];
  const writes = phasedWork<LaterUnit>([...files, 'deletes']);
  const phaseOf = options.order === 'site' ? prepared.phaseOf : (): WritePhase => 'transfer';
  const shared: PhasedPut = { task, writes, phaseOf, found: 0, updates: { count: 0, first: [] }, held: new Map() };
  const first: Phase = source.repeatable
    ? { name: 'plan', work: (run) => planAll(run, shared) }
    : { name: 'transfer', work: (run) => putAsItComes(run, shared) };
  return [
    first,
    ...files.map(
      (name): Phase => ({
        name,
        needed: () => writes.isNeeded(name),
        work: (run) => carryOut(run, shared, name, files),
      }),
    ),
    ...(source.repeatable
      ? []
      : [
          {
            name: 'transfer',
            needed: () => shared.updates.count > 0,
            work: (run: Run) => setHeaders(run, shared, files),
          } as const,
        ]),
    { name: 'deletes', needed: () => options.delete, work: (run) => deleteStrays(run, shared) },
  ];
}

/** Opens the put for all of its phases, and tells entries that were never written once the run ends. */
async function open(run: Run, shared: PhasedPut): Promise<OpenedPut> {
  const { task, writes } = shared;
  run.own({
    close: () =>
      writes.drop((unit) => {
        unit.entry.release?.();
        unit.entry.settled?.();
      }),
  });
  run.record.include(() => ({ phases: writes.report() }));
  const opened = await openPut(run, task);
  const { bucket } = opened;
  shared.opened = opened;
  if (bucket === undefined || !task.prepared.options.delete) return opened;
  const aging = agingOf(run, task, bucket);
  shared.aging = aging;
  shared.deletes = strayDeletes(run, {
    ...task.prepared,
    prefix: task.prepared.options.prefix,
    writes,
    bucket,
    aging,
    turnOf: turnOfDelete(shared),
  });
  return opened;
}

/** With an order, deletes go the other way: a page before the assets that it names. */
function turnOfDelete({ task, phaseOf }: PhasedPut): ((key: string) => number) | undefined {
  const { order, prefix } = task.prepared.options;
  if (order !== 'site') return undefined;
  const phases: readonly WritePhase[] = ALL_FILES;
  return (key) => -phases.indexOf(phaseOf(key.slice(prefix.length)));
}

function agingOf(run: Run, { prepared, internals }: PutTask, bucket: OpenBucket): StrayAging | undefined {
  const { deleteAfter: after, dryRun, prefix } = prepared.options;
  if (after === undefined) return undefined;
  const isKept = (key: string): boolean => looksHashed(key.slice(prefix.length));
  return strayAging(run, { bucket, after, now: internals.now ?? bucket.now, isKept, dryRun });
}

/** Decides about all entries, and checks the guard, before anything is written. */
async function planAll(run: Run, shared: PhasedPut): Promise<RunEnd | undefined> {
  const { task, writes } = shared;
  const opened = await open(run, shared);
  const surveyed = run.record.totals?.objects;
  let found = 0;
  let entries = 0;
  const decide = opened.work.plan((write) => {
    if (write.update !== undefined && task.prepared.options.updateHeaders) noteUpdate(write, shared);
    task.shards?.planned(write.entry, write.update !== undefined);
    writes.add(phaseOfEntry(write.entry, shared), write);
  });
  const end = await runUnits(run, shared, walk(run, task), async (unit) => {
    found += 1;
    if (unit.kind === 'planned') entries += 1;
    const outcome = await decide(unit);
    if (outcome?.action === 'skip' && unit.kind === 'planned') shared.aging?.keeps(unit.entry.key);
    return noteFailure(outcome, unit, shared);
  });
  const strays = await straysAfter(run, task, opened, end);
  opened.finish(end, found);
  if (hasEnded(end)) return end;
  guardUpdates(run, shared, entries);
  task.shards?.endPlan(run.record);
  // `finish` may put only a part of a source that has more.
  const files =
    (task.shards?.part === undefined ? entries : task.shards.digest.objects) - task.prepared.redirects.length;
  let deleted: readonly { readonly key: string }[] = [];
  if (strays !== undefined && shared.deletes !== undefined) {
    // What `finish` does not put itself counts, too: it would be deleted.
    const rest = task.shards?.rest ?? { surveyed: 0, walked: 0 };
    const [before, now] = [(surveyed ?? 0) + rest.surveyed, found + rest.walked];
    if (now < before) throw sourceShrank(run, before, now);
    if (files > 0) deleted = await shared.deletes.plan(strays);
  }
  await endLinks(run, shared, strays?.complete === true, deleted);
  return undefined;
}

/** Checks links, once it is known what is put and what is deleted. @throws RefusedError */
async function endLinks(
  run: Run,
  { task, opened }: PhasedPut,
  isListed: boolean,
  deletes: readonly { readonly key: string }[],
): Promise<void> {
  if (task.links === undefined) return;
  const deleted = new Set(deletes.map(({ key }) => key));
  await task.links.end(run.record, { isListed, isDeleted: (key) => deleted.has(key) }, (groups) =>
    findObjects(run, opened?.bucket, groups),
  );
}

/** Counts an object whose headers are set. It keeps its tags, as one that stays. */
function noteUpdate({ key }: Pick<PlannedWrite, 'key'>, { updates, aging }: PhasedPut): void {
  updates.count += 1;
  if (updates.first.length < NAMED) updates.first.push({ key });
  aging?.keeps(key);
}

/** @throws RefusedError where too many headers would be set; a dry run throws that once it has listed them */
function guardUpdates(run: Run, shared: PhasedPut, keys: number): void {
  const { dryRun, maxUpdate } = shared.task.prepared.options;
  shared.refusal = refuseManyUpdates(shared.updates, keys, maxUpdate);
  if (!dryRun) checkUpdates(run, shared);
}

function checkUpdates({ record }: Run, { refusal }: PhasedPut): void {
  if (refusal === undefined) return;
  throw new RefusedError(refusal.code, refusal.message, record.report(false), refusal.hint);
}

/** Files that were there a moment ago would be taken for files that are no longer wanted. */
function sourceShrank({ record }: Run, before: number, now: number): RefusedError {
  return new RefusedError(
    'SourceChanged',
    `The source had ${before} files at first and ${now} later: it is being changed, so that nothing can be deleted.`,
    record.report(false),
    'Wait until the program that writes the source has finished, then run again.',
  );
}

/** Puts a source that is read once: what is no page at once, and its pages at the end. */
async function putAsItComes(run: Run, shared: PhasedPut): Promise<RunEnd | undefined> {
  const { task, writes, phaseOf } = shared;
  const { options } = task.prepared;
  const opened = await open(run, shared);
  let found = 0;
  let held = 0;
  const isPage = ({ phase, relativePath }: Entry): boolean =>
    options.order === 'site' && (phase ?? phaseOf(relativePath)) === 'pages';
  await shared.aging?.check(options.prefix + STRAY_TAG);
  const walked = walk(run, task);
  // What an archive holds is in memory only for now: its pages come in a second walk.
  const first = task.source.rewalkable
    ? withoutPages(walked, (entry) => {
        const later = isPage(entry);
        if (later) held += 1;
        return later;
      })
    : walked;
  const settle = options.updateHeaders
    ? opened.work.settleBut((write) => holdUpdate(write, shared, false))
    : opened.work.settle;
  const end = await runUnits(run, shared, first, async (unit) => {
    found += 1;
    if (unit.kind === 'planned' && isPage(unit.entry)) {
      writes.add('pages', unit);
      unit.entry.held?.();
      return undefined;
    }
    const outcome = await settle(unit);
    noteSettled(outcome, unit, phaseOfUnit(unit, shared), shared);
    return outcome;
  });
  opened.finish(end, found + held);
  // Pages that stay in the archive are not attempted.
  if (hasEnded(end) || writes.hasFailed()) writes.plan('pages', held);
  shared.found = found;
  if (hasEnded(end)) return end;
  await endLinks(run, shared, false, []);
  if (!task.source.rewalkable || options.order !== 'site') return countStrays(run, shared, opened, end);
  if (writes.hasFailed()) return { stoppedEarly: true };
  const pages = onlyPages(task.source.walk(run.stop.signal), isPage);
  const last = await runUnits(run, shared, pages, async (unit) => {
    const outcome = await settle(unit);
    noteSettled(outcome, unit, 'pages', shared);
    return outcome;
  });
  return hasEnded(last) ? last : countStrays(run, shared, opened, last);
}

/**
 * Keeps headers to set until all of the source was read. The bytes of an archive's members are read again for them, where they are needed.
 * @param counted it is in the plan of its phase already
 */
function holdUpdate(write: PlannedWrite, shared: PhasedPut, counted: boolean): void {
  noteUpdate(write, shared);
  const { entry, form: _, ...record } = write;
  const phase = phaseOfUnit({ ...write, kind: 'planned', remote: { state: 'unread' } }, shared);
  const { rewalkable } = shared.task.source;
  if (!counted) shared.writes.plan(phase, 1);
  if (!rewalkable) entry.held?.();
  const all = shared.held.get(phase) ?? [];
  all.push(rewalkable ? record : write);
  shared.held.set(phase, all);
}

/** Sets the headers that were held, phase by phase, unless there are too many, or something has failed. */
async function setHeaders(run: Run, shared: PhasedPut, files: readonly WritePhase[]): Promise<RunEnd | undefined> {
  const { task, writes, opened, held, found } = shared;
  if (opened === undefined) return undefined;
  guardUpdates(run, shared, found);
  for (const phase of files) {
    const units = held.get(phase) ?? [];
    if (units.length === 0) continue;
    if (writes.hasFailed()) return { stoppedEarly: true };
    const ready = task.source.rewalkable ? withEntries(task.source.walk(run.stop.signal), units) : eachOf(units);
    const end = await runConcurrently(
      run,
      ready,
      async (unit) => {
        const outcome = await opened.work.write(unit);
        if (outcome !== undefined) writes.settle(phase, outcome);
        return outcome;
      },
      ({ entry }) => dropUnit(entry),
    );
    if (hasEnded(end)) {
      opened.work.finish();
      return end;
    }
  }
  opened.work.finish();
  if (!task.prepared.options.delete) checkUpdates(run, shared);
  return undefined;
}

/** Counts the strays of a run that deletes none, once all keys of the source were looked up. */
async function countStrays(run: Run, { task }: PhasedPut, opened: OpenedPut, end: RunEnd): Promise<undefined> {
  if (!task.prepared.options.delete) await straysAfter(run, task, opened, end);
}

function runUnits(run: Run, { task, opened }: PhasedPut, found: FoundBlocks, settle: SettleUnit): Promise<RunEnd> {
  const { mode } = task.prepared.options;
  return runConcurrently(run, withRemoteState(found, opened?.remote, mode !== 'stupid'), settle, dropPlanned);
}

/** Something that was settled at once. */
function noteSettled(outcome: Outcome | undefined, unit: Planned<Entry>, phase: WritePhase, shared: PhasedPut): void {
  const { writes, aging } = shared;
  if (outcome !== undefined && isLinkOut(outcome)) shared.linkLeftOut = true;
  else if (outcome !== undefined && outcome.action !== 'skip') writes.note(phase, outcome);
  else if (outcome !== undefined && unit.kind === 'planned') aging?.keeps(unit.entry.key);
}

/** Something that fails before its phase begins fails that phase. */
function noteFailure(outcome: Outcome | undefined, unit: Planned<Entry>, shared: PhasedPut): Outcome | undefined {
  if (outcome?.action !== 'fail' && outcome?.action !== 'unknown') return outcome;
  if (isLinkOut(outcome)) shared.linkLeftOut = true;
  else shared.writes.note(phaseOfUnit(unit, shared), outcome);
  return outcome;
}

/** A link that the rule for links leaves out: a failure, but no file of the site. */
function isLinkOut({ error }: Outcome): boolean {
  return error instanceof SourceError && error.code === 'SymlinkOutside';
}

function phaseOfEntry({ phase, relativePath }: Entry, { task, phaseOf }: PhasedPut): WritePhase {
  return (task.prepared.options.order === 'site' ? phase : undefined) ?? phaseOf(relativePath);
}

/** The phase in which a unit counts. What is below a folder that cannot be read may be assets, which come first. */
function phaseOfUnit(unit: Planned<Entry>, shared: PhasedPut): WritePhase {
  if (unit.kind === 'planned') return phaseOfEntry(unit.entry, shared);
  const { task, phaseOf } = shared;
  const { order, prefix } = task.prepared.options;
  const path = unit.key.startsWith(prefix) ? unit.key.slice(prefix.length) : unit.key;
  if (order === 'site' && (path === '' || path.endsWith('/'))) return ALL_FILES[0];
  return phaseOf(path);
}

async function carryOut(
  run: Run,
  shared: PhasedPut,
  name: WritePhase,
  files: readonly WritePhase[],
): Promise<RunEnd | undefined> {
  const { writes, opened, task } = shared;
  if (opened === undefined) return undefined;
  const { work } = opened;
  const hold = (write: PlannedWrite): void => holdUpdate(write, shared, true);
  const settle = task.prepared.options.updateHeaders ? work.settleBut(hold) : work.settle;
  const end = await writes.carryOut(run, name, (unit) => (unit.kind === 'entry' ? work.write(unit) : settle(unit)));
  const isLast = files.slice(files.indexOf(name) + 1).every((later) => !writes.isNeeded(later));
  if (!task.source.repeatable || (end === undefined && !isLast)) return end;
  work.finish();
  if (end === undefined && !task.prepared.options.delete) checkUpdates(run, shared);
  return end;
}

/** Deletes what the source does not have, unless anything has failed. */
async function deleteStrays(run: Run, shared: PhasedPut): Promise<RunEnd | undefined> {
  const { task, writes, opened, deletes } = shared;
  if (opened === undefined || deletes === undefined) return undefined;
  if (writes.hasFailed() || shared.linkLeftOut === true) return { stoppedEarly: true };
  if (!task.source.repeatable) {
    const { record } = run;
    const strays = includeStrays(record, await opened.remote?.strays());
    if (strays === undefined) return undefined;
    if (record.objects > task.prepared.redirects.length) await deletes.plan(strays);
  }
  const end = await deletes.carryOut();
  if (!hasEnded(end)) checkUpdates(run, shared);
  return end;
}
