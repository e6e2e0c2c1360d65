import { PartialFailureError } from '../errors.js';
import { renderOptionNames } from '../options/names.js';
import type { PutOptions } from '../options/types.js';
import { shortText, type Text, textIn } from '../report/message.js';
import { NO_RULE, type OriginRule } from '../report/origin.js';
import { startText } from '../report/start.js';
import { outcomeText } from '../report/text.js';
import type { OnEvent, Outcome, OutcomeAction, Report } from '../report/types.js';
import { type Job, takeOutcomes } from '../run/job.js';
import { type RunnerLog, runLog } from './log.js';
import { type OutcomeSummary, summarizeOutcomes } from './outcome-summary.js';
import type { OutcomeFile } from './report-file.js';

/** How a run ended, and its outcomes and warnings. */
export interface JobResult {
  readonly report: Report | undefined;
  /** The error that it rejected with. */
  readonly error: Error | undefined;
  readonly outcomes: OutcomeSummary;
  readonly warnings: readonly Text[];
}

export interface RunJobDeps {
  readonly log: RunnerLog;
  /** Each takes every outcome. */
  readonly files: readonly OutcomeFile[];
  readonly prefix: string;
  readonly dryRun: boolean;
  /** What goes where, for a run that does not say so itself because it makes no request. */
  readonly title: string;
  /** Which origins the lines need not name. */
  readonly origins: OriginRule;
  /** Aborted when the job is cancelled. */
  readonly cancelled: AbortSignal;
}

/** Outcomes without a line in the group: skips, and what is listed after the group. */
const REPORTED_LATER: ReadonlySet<OutcomeAction> = new Set(['skip', 'fail', 'unknown']);
/** As many as a report lists. */
const MOST_WARNINGS = 1_000;

/** Runs a put or a copy to its end, with a line per object in a group that can be folded; failures and unknown objects are reported after the group. */
export async function runJob(start: (onEvent: OnEvent) => Job, deps: RunJobDeps): Promise<JobResult> {
  const { log, files, prefix, dryRun, origins, cancelled } = deps;
  const collector = summarizeOutcomes(prefix);
  const warnings: Text[] = [];
  const progress = runLog(log);
  const render = (text: Text): string => renderOptionNames(text, 'action');
  // A dry run shows what would be sent, and so its headers.
  const text = { dryRun, origins, render, verbose: dryRun || log.isDebug };
  let grouped = false;
  const beginGroup = (title: string): void => {
    if (!grouped) log.group(title);
    grouped = true;
  };
  const show = (outcome: Outcome): void => {
    if (REPORTED_LATER.has(outcome.action)) return;
    beginGroup(deps.title);
    log.info(outcomeText(outcome, text));
  };
  let report: Report | undefined;
  let error: Error | undefined;
  try {
    const job = start((event) => {
      progress.onEvent(event);
      for (const file of files) file.onEvent?.(event);
      if (event.type === 'start') beginGroup(startText(event));
      if (event.type === 'warning' && warnings.length < MOST_WARNINGS)
        warnings.push(shortText(textIn(event, 'message')));
    });
    const abort = () => job.abort(cancelled.reason);
    cancelled.addEventListener('abort', abort, { once: true });
    if (cancelled.aborted) abort();
    report = await takeOutcomes(job, (outcome) => {
      collector.add(outcome);
      show(outcome);
      const written = files.map((file) => file.add(outcome)).filter((one) => one !== undefined);
      return written.length === 0 ? undefined : Promise.all(written).then(() => {});
    });
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
    report = (error as { readonly report?: Report }).report;
  } finally {
    progress.stop();
    if (grouped) log.endGroup();
  }
  return { report, error, outcomes: collector.summary(), warnings };
}

/** The error that ended the run early; failed objects alone do not end it. */
export function runError(error: Error | undefined): Error | undefined {
  return error instanceof PartialFailureError ? undefined : error;
}

/** The result of a step. */
export interface StepResult {
  readonly report: Report | undefined;
  readonly error: Error | undefined;
  readonly outcomes: OutcomeSummary;
  readonly warnings: readonly Text[];
  readonly url: string;
  /** Which origins the lines need not name. */
  readonly origins: OriginRule;
  readonly reportPath: string;
  readonly reportHtml: string;
  readonly changedPathsFile: string;
  /** Makes the job summary as Markdown; undefined without a summary. */
  readonly summary: ((error: Error | undefined) => string) | undefined;
}

export const NO_RESULT: StepResult = {
  report: undefined,
  error: undefined,
  outcomes: summarizeOutcomes().summary(),
  warnings: [],
  url: '',
  origins: NO_RULE,
  reportPath: '',
  reportHtml: '',
  changedPathsFile: '',
  summary: undefined,
};

/** The credential options that every command gets besides its own options. */
export type CredentialOptions = Pick<PutOptions, 'credentials' | 'onCredentials'>;

export interface CommandDeps {
  readonly log: RunnerLog;
  readonly cancelled: AbortSignal;
}
