import { AbortError, UsageError } from '../errors.js';
import type { Job } from '../job.js';
import type { OnEvent } from '../report/event.js';
import { reportJson } from '../report/json.js';
import { summaryText } from '../report/text.js';
import { errorText } from './error-text.js';
import { EXIT, errorExitCode, reportExitCode, type StopSignal } from './exit-code.js';
import { type End, follow, hasOutcomes, stoppedBy } from './follow.js';
import { inCliWords } from './in-cli-words.js';
import { linesTo } from './lines.js';
import { type Log, openLog } from './log-file.js';
import { eventEntry, outcomeEntry } from './log-lines.js';
import { lineFormat, type Shown } from './outcome-line.js';
import type { OutputOptions } from './output-options.js';
import { watchSignals } from './signals.js';
import { startProgress } from './start-progress.js';
import { paintFor } from './terminal.js';

/** Runs a job and shows it; resolves with the exit code. Throws `UsageError` for a log that cannot be opened. */
export async function runJob(start: (onEvent: OnEvent) => Job, shown: Shown, output: OutputOptions): Promise<number> {
  const { stdout, stderr } = process;
  const log = output.log === undefined ? undefined : openLog(output.log, stderr);
  let job: Job | undefined;
  const stop = (reason: string): void => job?.abort(new Error(reason));
  const lines = linesTo(stdout, () => stop('stdout cannot be written'));
  const logged = output.log !== undefined && output.log.file === undefined;
  const progress = await startProgress(output.progress && !output.quiet && !logged);
  const signals = watchSignals(
    (signal) => stop(`stopped by ${signal}`),
    () => progress.stop(),
  );
  const lineOf = lineFormat(shown, output);
  let end: End;
  try {
    job = start((event) => {
      progress.onEvent(event);
      log?.add(eventEntry(event, inCliWords));
    });
    end = await follow(job, (outcome) => {
      const busy = log?.add(outcomeEntry(outcome, { ...shown, hint: inCliWords }));
      const line = lineOf(outcome);
      if (line === undefined) return busy;
      if (progress.printAbove === undefined) return both(busy, lines.write(line));
      progress.printAbove(line);
      return busy;
    });
  } catch (error) {
    end = { error };
  } finally {
    progress.stop();
    signals.release();
  }
  const { error } = end;
  // A usage error that nothing preceded says all there is to say.
  const report = error instanceof UsageError && !hasOutcomes(end.report) ? undefined : end.report;
  if (output.json && report !== undefined) await lines.write(reportJson(report, stoppedBy(error)));
  await lines.flush();
  const paint = paintFor(stderr, process.env);
  const { verbose, quiet, check } = output;
  const signal = signals.received();
  if (log !== undefined && !logged) logEnd(log, { report, error }, shown, signal);
  const unlogged = await log?.close();
  if (report !== undefined && !quiet)
    stderr.write(`${summaryText(report, { verbose, doing: shown.doing, paint, hint: inCliWords })}\n`);
  if (unlogged !== undefined)
    stderr.write(`s3-parallel-put: the log file cannot be written (${unlogged.code}): lines are missing there.\n`);
  const unwritten = lines.broken();
  if (unwritten !== undefined && signal === undefined && error instanceof AbortError) {
    stderr.write(`s3-parallel-put: stdout cannot be written (${unwritten.code}), so the run was stopped.\n`);
    return EXIT.failed;
  }
  if (error !== undefined) {
    if (stoppedBy(error) !== undefined) stderr.write(`${errorText(error, { verbose, signal, paint })}\n`);
    return errorExitCode(error, signal);
  }
  // A reader that left early has seen what it wanted; a full disk has lost what was asked for.
  if (unwritten !== undefined && unwritten.code !== 'EPIPE') {
    stderr.write(`s3-parallel-put: everything is done, but stdout cannot be written (${unwritten.code}).\n`);
    return EXIT.failed;
  }
  return report === undefined || unlogged !== undefined ? EXIT.failed : reportExitCode(report, check);
}

async function joined(one: Promise<void>, other: Promise<void>): Promise<void> {
  await one;
  await other;
}

function both(one: Promise<void> | undefined, other: Promise<void> | undefined): Promise<void> | undefined {
  return one === undefined || other === undefined ? (one ?? other) : joined(one, other);
}

/** The summary, and what ended the run. Warnings are in the log already. */
function logEnd(log: Log, { report, error }: End, shown: Shown, signal: StopSignal | undefined): void {
  const stopped = stoppedBy(error);
  const summary =
    report === undefined
      ? []
      : summaryText({ ...report, warnings: [] }, { doing: shown.doing, hint: inCliWords }).split('\n');
  for (const text of summary) log.add({ level: 'info', text });
  if (stopped === undefined) return;
  const text = errorText(stopped, { verbose: false, signal })
    .replace('s3-parallel-put: ', '')
    .replace(/\n +(.*)/s, ' ($1)');
  log.add({ level: 'error', text });
}
