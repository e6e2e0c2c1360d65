import { AbortError, PartialFailureError, RunStoppedError, UsageError } from '../errors.js';
import { renderOptionNames } from '../options/names.js';
import { textIn } from '../report/message.js';
import type { OnEvent, Outcome, Report } from '../report/types.js';
import { type Job, takeOutcomes } from '../run/job.js';
import type { Part } from '../run/parts.js';
import { type BatchCounts, type BatchResult, type EntryOutcome, NO_COUNTS, passError } from './result.js';

/** What came of a batch; the worker adds its name. */
export type DoneBatch = Omit<BatchResult, 'worker'>;

/** A batch, as a part of a run of the engine. */
export interface BatchWork<P> {
  /** Batches whose options are the same have the same name, and share a run. */
  readonly run: string;
  /** Keys in the destination, in the order of the batch. */
  readonly keys: readonly string[];
  readonly part: P;
  /** Starts a run of the engine. @throws UsageError */
  readonly start: (parts: AsyncIterable<Part<P>>, onEvent: OnEvent) => StartedRun;
}

export interface StartedRun {
  readonly job: Job;
  /** Whether its destination keeps objects as files, as far as it is known by now. */
  readonly keepsFiles: () => boolean;
}

/** Does batches by runs of the engine that stay open, so that each begins with the connections, the pace and the compiled code of those before. */
export interface SharedRuns {
  /** @throws whatever is a mistake of this program */
  run<P>(batch: BatchWork<P>, signal: AbortSignal): Promise<DoneBatch>;
  /** Ends the run that is open. */
  close(): Promise<void>;
}

/** A run without a batch ends after this time, in ms: its connections are closed by then. */
const IDLE_MS = 10_000;

/** One run is open at most: two would have twice as many requests in flight as the worker may have. */
export function sharedRuns(idleMs: number = IDLE_MS): SharedRuns {
  let current: OpenRun<unknown> | undefined;

  async function endCurrent(): Promise<void> {
    const ending = current;
    ending?.close();
    await ending?.ended;
    if (current === ending) current = undefined;
  }

  return {
    async run(batch, signal) {
      for (;;) {
        if (signal.aborted) return { state: 'back', outcomes: noOutcomes(batch.keys), counts: NO_COUNTS };
        if (current !== undefined && (current.name !== batch.run || current.closed)) {
          await endCurrent();
          continue;
        }
        const open = (current ?? openRun(batch, idleMs)) as OpenRun<(typeof batch)['part']>;
        current = open as OpenRun<unknown>;
        const done = await open.add(batch, signal);
        // The run has ended before it came to this batch.
        if (done !== undefined) return done;
      }
    },
    close: endCurrent,
  };
}

interface OpenRun<P> {
  readonly name: string;
  /** It takes no more batches. */
  readonly closed: boolean;
  /** Resolves with undefined where the batch was not begun. */
  add(batch: Pick<BatchWork<P>, 'keys' | 'part'>, signal: AbortSignal): Promise<DoneBatch | undefined>;
  /** Lets it end once its batches are done. */
  close(): void;
  /** Never rejects. */
  readonly ended: Promise<void>;
}

/** A batch whose units are being settled. */
interface OpenBatch<P> {
  readonly part: P;
  readonly places: ReadonlyMap<string, number>;
  readonly outcomes: (EntryOutcome | undefined)[];
  readonly warnings: [string, string][];
  left: number;
  begun: boolean;
  readonly resolve: (done: DoneBatch | undefined) => void;
  readonly reject: (error: unknown) => void;
}

function openRun<P>({ run: name, start }: BatchWork<P>, idleMs: number): OpenRun<P> {
  /** In the order in which they came; the first ones are begun. */
  const batches = new Set<OpenBatch<P>>();
  let closed = false;
  let wake = (): void => {};
  let counted: Counted = NO_COUNTS;
  let started: StartedRun | undefined;
  let aborted = false;

  function abort(): void {
    aborted = true;
    started?.job.abort();
  }

  async function* parts(): AsyncGenerator<Part<P>, void> {
    try {
      for (;;) {
        const next = [...batches].find(({ begun }) => !begun);
        if (next !== undefined) {
          next.begun = true;
          yield { work: next.part, settled: (report) => settled(next, report) };
        } else if (closed || !(await somethingComes())) return;
      }
    } finally {
      closed = true;
    }
  }

  /** Waits for another batch, or for the end; resolves with false where neither comes. */
  function somethingComes(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(batches.size > 0), idleMs);
      wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  function close(): void {
    closed = true;
    wake();
  }

  /** All units of a batch are settled. */
  function settled(batch: OpenBatch<P>, report: Report): void {
    // Outcomes follow within this turn of the event loop.
    setImmediate(() => {
      if (!batches.has(batch)) return;
      if (batch.left === 0) return end(batch, { state: 'done', ...resultOf(batch, report) });
      // Some outcomes are kept back until it is known whether they end the run: its end decides.
      close();
    });
  }

  /** What was counted since the last batch ended counts as that of this one: the sums are right. */
  function resultOf({ outcomes, warnings }: OpenBatch<P>, report: Report | undefined): Omit<DoneBatch, 'state'> {
    if (report === undefined) return { outcomes, counts: { ...NO_COUNTS, warnings } };
    const keepsFiles = started?.keepsFiles() === true;
    const counts = { ...difference(report, counted), warnings, ...(keepsFiles && { keepsFiles }) };
    counted = report;
    return { outcomes, counts };
  }

  function end(batch: OpenBatch<P>, done: DoneBatch | undefined): void {
    batches.delete(batch);
    batch.resolve(done);
  }

  const onEvent: OnEvent = (event) => {
    if (event.type !== 'warning') return;
    const text = textIn(event, 'message');
    const [batch] = batches;
    batch?.warnings.push([event.code, renderOptionNames(text, 'cli')]);
  };

  function onOutcome(outcome: Outcome): undefined {
    for (const batch of batches) {
      const place = batch.places.get(outcome.key);
      if (place === undefined || batch.outcomes[place] !== undefined) continue;
      // An object that was in flight at an abort is taken by another worker.
      if (outcome.action === 'unknown') return;
      batch.outcomes[place] = outcome;
      batch.left -= 1;
      return;
    }
  }

  async function follow(): Promise<void> {
    let report: Report | undefined;
    let thrown: unknown;
    try {
      started = start(parts(), onEvent);
      if (aborted) started.job.abort();
      report = await takeOutcomes(started.job, onOutcome);
    } catch (error) {
      thrown = error;
      report = error instanceof Error && 'report' in error ? (error.report as Report | undefined) : undefined;
    }
    close();
    const isPartial = thrown === undefined || thrown instanceof PartialFailureError;
    for (const batch of [...batches]) {
      // An error before the first batch was begun is one of its options.
      if (!batch.begun && !(thrown instanceof UsageError)) end(batch, undefined);
      else if (isPartial) end(batch, { state: 'done', ...resultOf(batch, report) });
      else if (thrown instanceof AbortError) end(batch, { state: 'back', ...resultOf(batch, report) });
      else if (thrown instanceof RunStoppedError || thrown instanceof UsageError) {
        const cause = thrown instanceof RunStoppedError && thrown.cause instanceof Error ? thrown.cause : thrown;
        end(batch, { state: 'ended', ...resultOf(batch, report), error: passError(cause) });
      } else {
        batches.delete(batch);
        batch.reject(thrown);
      }
    }
  }

  // After the first batch was added.
  const ended = Promise.resolve().then(follow);
  return {
    name,
    get closed() {
      return closed;
    },
    add: ({ keys, part }, signal) =>
      new Promise<DoneBatch | undefined>((resolve, reject) => {
        const places = new Map(keys.map((key, index) => [key, index]));
        const outcomes = noOutcomes(keys);
        // A function of its own: a signal calls one that is added twice only once.
        const onAbort = (): void => abort();
        signal.addEventListener('abort', onAbort, { once: true });
        const after = (): void => signal.removeEventListener('abort', onAbort);
        batches.add({
          part,
          places,
          outcomes,
          warnings: [],
          left: places.size,
          begun: false,
          resolve(done) {
            after();
            resolve(done);
          },
          reject(error) {
            after();
            reject(error);
          },
        });
        wake();
      }),
    close,
    ended,
  };
}

function noOutcomes(keys: readonly string[]): (EntryOutcome | undefined)[] {
  return new Array<EntryOutcome | undefined>(keys.length).fill(undefined);
}

type Counted = Pick<Report, 'requests' | 'heads' | 'retries' | 'throttles' | 'conflicts'>;

/** What was counted between two reports of a run. */
function difference(now: Counted, before: Counted): Omit<BatchCounts, 'warnings'> {
  return {
    requests: differences(now.requests, before.requests),
    heads: differences(now.heads, before.heads),
    retries: now.retries - before.retries,
    throttles: now.throttles - before.throttles,
    conflicts: now.conflicts - before.conflicts,
  };
}

function differences(
  now: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  const changed = Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, count]) => count > 0));
}
