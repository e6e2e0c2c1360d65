import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CUSTOMER_KEY } from '../encode/object-headers.js';
import type { PartRange } from '../model/part-layout.js';
import type { Run } from '../run/run.js';
import {
  type AroundParts,
  ChangedWhileRead,
  isOtherSource,
  type OpenUpload,
  type PartedObject,
  type PartMeter,
  type PartOrigin,
  type SendParts,
} from '../transfer/multipart/types.js';
import { objectOf } from './batches.js';
import { stampFile, stampRoot } from './files.js';
import type { BatchFile, BatchJob, RangeJob } from './job.js';
import type { RawStatus } from './queue.js';
import {
  type CutRange,
  cutRanges,
  type RangeResult,
  type RangeSize,
  rangeId,
  readRange,
  toRangePart,
} from './range-job.js';
import type { RangeQueue } from './range-queue.js';
import { takeError } from './result.js';

/** Ranges of one upload in the queue at most: work for as many workers, and a few hundred kilobytes. */
const MOST_QUEUED = 64;
/** Looks until those ranges are tried, too, that a worker has had. */
const LOOKS_FOR_LOST = 10;
/** How long the leader of an upload that has ended waits for workers that still send to it, in ms. */
const PATIENCE_MS = 30_000;

/** What the leader of uploads needs: the worker that has the batch. */
export interface Leader {
  readonly queue: RangeQueue;
  /** Id of the batch. */
  readonly id: string;
  readonly job: BatchJob;
  readonly size: RangeSize;
  /** Between two looks at ranges that others send, in ms. */
  readonly pollMs: number;
  /** Takes the ids of ranges that may still be in the queue once their upload is done. */
  readonly left: Set<string>;
}

/** A range that is not done. `new`: not in the queue. `queued`: any worker may take it. `own`: left for this worker. */
interface Range {
  parts: readonly PartRange[];
  state: 'new' | 'queued' | 'own';
  /** A worker has taken it, at least once. */
  started: boolean;
}

/**
 * Lets all workers send the parts of large objects: puts ranges of the missing parts into the queue, and sends those that nobody has taken. So the upload is done by
 * this worker alone where it must be, and no other one waits while there is a range.
 */
export function shareParts(leader: Leader): AroundParts {
  return (send, run) => (object, upload, meter, parts) => {
    const { layout } = object;
    const described = layout.size > leader.size.above ? describe(leader.job, object, upload) : undefined;
    const ranges = described && cutRanges(layout, (number) => upload.parts.has(number), leader.size);
    if (described === undefined || ranges === undefined || ranges.length < 2) return send(object, upload, meter, parts);
    return sendRanges(leader, described, { send, run, object, upload, meter }, ranges);
  };
}

/** What another worker needs to know of an object; undefined where it cannot have the same bytes, or must not know how to write it. */
function describe(
  job: BatchJob,
  { key, bytes: { origin }, layout: { size } }: PartedObject,
  { uploadId, headers, crc32, encrypted }: OpenUpload,
): Omit<RangeJob, 'parts'> | undefined {
  const batch = origin && batchOf(job, key, size, origin);
  if (batch === undefined || Object.keys(headers).some((name) => name.startsWith(CUSTOMER_KEY))) return undefined;
  const { version, run } = job;
  const upload = { key, uploadId, headers, crc32, encrypted };
  return { version, run, kind: 'range', batch, upload, relayed: origin?.from === 'object' && origin.relayed };
}

/** A batch of this object alone, as it is now: it may have changed since it was queued. */
function batchOf(job: BatchJob, key: string, size: number, origin: PartOrigin): BatchJob | undefined {
  if (job.kind === 'copy') return origin.from === 'object' ? { ...job, objects: [objectOf(origin.entry)] } : undefined;
  const { root, files, options } = job;
  const prefix = String(options.prefix ?? '');
  const file = files.find(([path, , , , own]) => (own ?? prefix + path) === key);
  // Compressed bytes are in a file of this machine.
  if (file === undefined || origin.from !== 'file' || resolve(origin.path) !== join(root, file[0])) return undefined;
  const stamp = stampFile(root, file[0]);
  if (stamp === undefined) return undefined;
  const facts = [file[0], size, Math.trunc(stamp.mtimeMs), stamp.ino] as const;
  const now: BatchFile = file[4] === undefined ? facts : [...facts, file[4]];
  return { ...job, rootStamp: stampRoot(root), files: [now] };
}

/** What the engine was about to do. */
interface Sending {
  readonly send: SendParts;
  readonly run: Run;
  readonly object: PartedObject;
  readonly upload: OpenUpload;
  readonly meter: PartMeter;
}

async function sendRanges(
  { queue, id: batch, pollMs, left }: Leader,
  described: Omit<RangeJob, 'parts'>,
  { send, run, object, upload, meter }: Sending,
  cut: readonly CutRange[],
): Promise<number> {
  const { record, stop } = run;
  const { layout, origin, bytes } = object;
  const ranges = new Map<string, Range>();
  for (const { first, parts } of cut)
    ranges.set(rangeId(batch, first, described), { parts, state: 'new', started: false });
  /** All that may be in Redis. */
  const inQueue = new Set<string>();
  let requests = 0;
  let failure: { readonly error: unknown } | undefined;
  let looks = 0;

  function sizeOf(number: number): number | undefined {
    if (number < 1 || number > layout.count) return undefined;
    const { start, end } = layout.range(number);
    return end - start;
  }

  /** Records what another worker has sent. What it has not sent is left for this one. */
  async function fold(id: string, range: Range, value: unknown): Promise<void> {
    range.state = 'own';
    let result: RangeResult;
    try {
      result = readRange(value, sizeOf);
    } catch {
      // All workers that took it were lost, or it could not be read there.
      return;
    }
    for (const stored of result.records) {
      if (upload.parts.has(stored.number)) continue;
      upload.parts.set(stored.number, stored);
      meter.add(stored.size, false);
    }
    range.parts = range.parts.filter(({ number }) => !upload.parts.has(number));
    if (range.parts.length === 0) ranges.delete(id);
    const { state, attempts, counts, error, worker } = result;
    requests += attempts;
    record.addCounts(counts);
    for (const [code, text] of counts.warnings) record.warn(code, text);
    if (state === 'ended' && error !== undefined)
      record.warn(`worker-stopped-${error.code}`, `The worker ${worker} stopped parts of ${origin}: ${error.message}`);
    if (state === 'refused' && error !== undefined)
      record.warn(
        `worker-refused-${error.code}`,
        `The worker ${worker} has refused parts of ${origin}: ${error.message}`,
      );
    if (state === 'changed') failure ??= { error: new ChangedWhileRead(origin) };
    if (state === 'failed' && error !== undefined) failure ??= { error: await errorOf(takeError(error)) };
  }

  /** Where this machine sees that the source has changed, too, the object is read once more. */
  async function errorOf(error: Error): Promise<Error> {
    const changed = isOtherSource(error) && !(await bytes.unchanged().catch(() => false));
    return changed ? new ChangedWhileRead(origin) : error;
  }

  async function see(id: string, range: Range, status: RawStatus | undefined): Promise<void> {
    if (status === undefined) {
      // Redis has lost it.
      inQueue.delete(id);
      range.state = 'new';
      return;
    }
    range.started = status.started;
    if (status.failed === undefined && status.value === undefined) return;
    await removed(id);
    await fold(id, range, status.value);
  }

  async function removed(id: string): Promise<boolean> {
    const gone = await queue.remove(id);
    if (gone) inQueue.delete(id);
    return gone;
  }

  /** Takes what others have sent, and adds ranges for them. */
  async function look(): Promise<void> {
    looks += 1;
    const queued = [...ranges].filter(([, { state }]) => state === 'queued');
    const states = await queue.states(queued.map(([id]) => id));
    for (const [index, [id, range]] of queued.entries()) await see(id, range, states[index]);
    const next = [...ranges].filter(([, { state }]) => state === 'new').slice(0, MOST_QUEUED - queued.length);
    if (failure !== undefined || next.length === 0 || !(await queue.isRunning())) return;
    for (const [id, range] of next) {
      inQueue.add(id);
      Object.assign(range, { state: 'queued', started: false });
    }
    await queue.add(next.map(([id, { parts }]) => ({ id, job: { ...described, parts: parts.map(toRangePart) } })));
    // A coordinator that has stopped the run meanwhile may not have met them.
    if (!(await queue.isRunning())) for (const [id] of next) await removed(id);
  }

  /**
   * A range for this worker: from the end, because others take the first ones. Where Redis is away it is any, also one that another worker may have: the parts that
   * both send are equal.
   */
  async function claim(connected: boolean): Promise<readonly PartRange[] | undefined> {
    const all = [...ranges].reverse();
    const free = all.find(([, { state }]) => state !== 'queued') ?? (connected ? undefined : all[0]);
    if (free !== undefined) return take(...free);
    // One that was started is free again where its worker was lost.
    for (const [id, range] of all)
      if ((!range.started || looks % LOOKS_FOR_LOST === 0) && (await queue.removeUnlessEnded(id))) {
        inQueue.delete(id);
        return take(id, range);
      }
    return undefined;
  }

  function take(id: string, { parts }: Range): readonly PartRange[] {
    ranges.delete(id);
    return parts;
  }

  /** Undefined where others have all that is left. */
  async function next(): Promise<readonly PartRange[] | undefined> {
    const connected = queue.isConnected();
    try {
      if (connected) await look();
      if (failure === undefined) return await claim(connected);
    } catch {
      if (failure === undefined) return claim(false);
    }
    throw failure.error;
  }

  /** Parts that this worker sends, for as long as others may leave some. */
  async function* ownParts(): AsyncGenerator<PartRange | undefined, void> {
    while (ranges.size > 0) {
      const mine = await next();
      if (mine !== undefined) yield* mine;
      else {
        yield undefined;
        if (ranges.size > 0) await pause();
      }
    }
  }

  async function pause(): Promise<void> {
    await sleep(pollMs, undefined, { signal: stop.signal }).catch(() => {});
    stop.signal.throwIfAborted();
  }

  try {
    const own = await send(object, upload, meter, ownParts());
    return requests + own;
  } catch (error) {
    // Parts that others still send would stay in S3 after the upload is aborted.
    if (queue.isConnected()) await removeRanges({ queue, pollMs, left: inQueue }, stop.signal);
    throw error;
  } finally {
    for (const id of inQueue) left.add(id);
  }
}

/**
 * Removes ranges from the queue, once no worker has them, and once Redis is there. Gives up after an abort, and after a while: then the coordinator
 * removes them at the end of the run.
 */
export async function removeRanges(
  { queue, pollMs, left }: Pick<Leader, 'queue' | 'pollMs' | 'left'>,
  stop: AbortSignal,
): Promise<void> {
  let since: number | undefined;
  while (left.size > 0 && performance.now() - (since ?? performance.now()) < PATIENCE_MS) {
    if (queue.isConnected()) {
      since ??= performance.now();
      for (const id of left) if (await queue.remove(id).catch(() => false)) left.delete(id);
    }
    if (left.size === 0 || stop.aborted) return;
    await sleep(pollMs, undefined, { signal: stop }).catch(() => {});
  }
}
