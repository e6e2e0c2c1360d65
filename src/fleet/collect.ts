import { AbortError, PartialFailureError, RunStoppedError, UsageError } from '../errors.js';
import { renderOptionNames } from '../options/names.js';
import { textIn } from '../report/message.js';
import type { OnEvent, Report } from '../report/types.js';
import { type Job, takeOutcomes } from '../run/job.js';
import { type BatchCounts, type BatchResult, type EntryOutcome, NO_COUNTS, passError } from './result.js';

/**
 * Runs the engine on a batch, and makes its outcomes the result of the batch.
 * @param keys of the batch, in its order
 * @throws whatever is a mistake of this program
 */
export async function collectBatch(
  keys: readonly string[],
  start: (onEvent: OnEvent) => Job,
): Promise<Omit<BatchResult, 'worker'>> {
  const places = new Map(keys.map((key, index) => [key, index]));
  const outcomes = new Array<EntryOutcome | undefined>(keys.length).fill(undefined);
  const warnings: [string, string][] = [];
  const onEvent: OnEvent = (event) => {
    if (event.type !== 'warning') return;
    const text = textIn(event, 'message');
    warnings.push([event.code, renderOptionNames(text, 'cli')]);
  };
  let report: Report | undefined;
  let ended: Error | undefined;
  try {
    const job = start(onEvent);
    report = await takeOutcomes(job, (outcome) => {
      const place = places.get(outcome.key);
      // An object that was in flight at an abort is taken by another worker.
      if (place !== undefined && outcome.action !== 'unknown') outcomes[place] = outcome;
      return undefined;
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    report = 'report' in error ? (error.report as Report | undefined) : undefined;
    if (!(error instanceof PartialFailureError)) ended = error;
  }
  const result = { outcomes, counts: countsOf(report, warnings) };
  if (ended === undefined) return { state: 'done', ...result };
  if (ended instanceof AbortError) return { state: 'back', ...result };
  if (!(ended instanceof RunStoppedError || ended instanceof UsageError)) throw ended;
  const cause = ended instanceof RunStoppedError && ended.cause instanceof Error ? ended.cause : ended;
  return { state: 'ended', ...result, error: passError(cause) };
}

/** What a report counts besides outcomes. */
export function countsOf(report: Report | undefined, warnings: BatchCounts['warnings']): BatchCounts {
  if (report === undefined) return { ...NO_COUNTS, warnings };
  const { requests, heads, retries, throttles, conflicts } = report;
  return { requests, heads, retries, throttles, conflicts, warnings };
}
