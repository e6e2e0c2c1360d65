import { S3RequestError, SourceError, UsageError } from '../errors.js';
import { renderOptionNames } from '../options/names.js';
import { shorten, textIn } from '../report/message.js';
import type { OnEvent, Outcome } from '../report/types.js';
import { type Run, type RunOptions, startRun } from '../run/run.js';
import { AbortedInFlight } from '../s3/http/http-client.js';
import type { PartRun } from '../transfer/multipart/send-parts.js';
import { ChangedWhileRead } from '../transfer/multipart/types.js';
import type { RangeJob } from './job.js';
import { fromRangePart, type RangeResult, type RangeState } from './range-job.js';
import { type BatchCounts, countsOf, NO_COUNTS, passError } from './result.js';

/** A result without what the worker adds. */
export type OwnRangeResult = Omit<RangeResult, 'worker'>;

/** Characters of each text in a result: it has to be short. */
const LONGEST = 1_000;
const LONGEST_WARNING = 200;
const MOST_WARNINGS = 20;

/**
 * Has the engine send a range, and makes what came of it the result of the job.
 * @param send returns the number of requests
 * @throws whatever is a mistake of this program
 */
export async function collectRange(
  { upload, parts }: RangeJob,
  options: Omit<RunOptions, 'onEvent'> & { readonly signal: AbortSignal },
  send: (run: Run, parts: PartRun) => Promise<number>,
): Promise<OwnRangeResult> {
  const warnings: [string, string][] = [];
  const onEvent: OnEvent = (event) => {
    if (event.type !== 'warning' || warnings.length >= MOST_WARNINGS) return;
    warnings.push([event.code, shorten(renderOptionNames(textIn(event, 'message'), 'cli'), LONGEST_WARNING)]);
  };
  const stored: PartRun['stored'] = new Map();
  const ranges = parts.map(fromRangePart);
  let counts: BatchCounts = NO_COUNTS;
  let ended: { readonly state: RangeState; readonly error: Error } | undefined;
  const attempts = await startRun({ ...options, onEvent }, async (run) => {
    // Threads begin where there is much to send.
    run.record.expect({ objects: 1, bytes: ranges.reduce((sum, { start, end }) => sum + end - start, 0) });
    try {
      return await send(run, { ...upload, ranges, stored });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      ended = { state: stateAfter(error, run, upload.key), error };
      return undefined;
    } finally {
      counts = countsOf(run.record.report(true), warnings);
    }
  });
  // Of those that failed the requests are in the counts.
  const result = { records: [...stored.values()], attempts: attempts ?? stored.size, counts };
  if (ended === undefined) return { state: 'done', ...result };
  return { state: ended.state, ...result, error: passError(ended.error, LONGEST) };
}

/** The result of a worker that sends nothing: because of the options of a run, or because the range is for others. */
export function rangeNotSent(state: 'ended' | 'refused', error: Error): OwnRangeResult {
  return { state, records: [], attempts: 0, counts: NO_COUNTS, error: passError(error, LONGEST) };
}

/** What an error of a range means. @throws the error itself where it is a mistake of this program */
function stateAfter(error: Error, { signal, policy }: Run, key: string): RangeState {
  if (error instanceof ChangedWhileRead) return 'changed';
  if (signal.aborted || error instanceof AbortedInFlight) return 'back';
  if (error instanceof UsageError) return 'ended';
  if (error instanceof SourceError) return 'failed';
  if (!(error instanceof S3RequestError)) throw error;
  // Other workers may have the permission; if none has it, the leader meets the same error.
  if (error.status === 403) return 'ended';
  const { message: reason, attempts } = error;
  const facts = { key, origin: key, bytes: 0, sourceBytes: 0, verified: 'none', durationMs: 0 } as const;
  const outcome: Outcome = { action: 'fail', reason, attempts, ...facts, error };
  return (policy.after(outcome) ?? policy.atEnd()) === undefined ? 'failed' : 'ended';
}
