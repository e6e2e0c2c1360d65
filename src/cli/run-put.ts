import { AbortError, PartialFailureError, UsageError } from '../errors.js';
import type { Job } from '../job.js';
import type { PutOptions } from '../put-options.js';
import { outcomeJson, reportJson } from '../report/json.js';
import type { Outcome } from '../report/outcome.js';
import type { Report } from '../report/report.js';
import { outcomeText, summaryText } from '../report/text.js';
import { errorText } from './error-text.js';
import { EXIT, errorExitCode, reportExitCode } from './exit-code.js';
import { inCliWords } from './in-cli-words.js';
import { linesTo } from './lines.js';
import type { OutputOptions } from './parse.js';
import { watchSignals } from './signals.js';
import { startProgress } from './start-progress.js';
import { paintFor } from './terminal.js';

/** How a run ended: a report without an error is a success, an error without a report is a usage error or a bug. */
interface End {
  readonly report?: Report | undefined;
  readonly error?: unknown;
}

/** Runs a put and shows it; resolves with the exit code. */
export async function runPut(options: PutOptions, output: OutputOptions): Promise<number> {
  const [{ put }, { proxyFromEnvironment }] = await Promise.all([import('../put.js'), import('./proxy.js')]);
  const { stdout, stderr } = process;
  let job: Job | undefined;
  const stop = (reason: string): void => job?.abort(new Error(reason));
  const lines = linesTo(stdout, () => stop('stdout cannot be written'));
  const progress = await startProgress(output.progress && !output.quiet);
  const signals = watchSignals(
    (signal) => stop(`stopped by ${signal}`),
    () => progress.stop(),
  );
  const lineOf = lineFormat(options, output);
  let end: End;
  try {
    const proxy = options.proxy ?? proxyFromEnvironment(options);
    job = put({ ...options, onEvent: progress.onEvent, ...(proxy !== undefined && { proxy }) });
    end = await follow(job, (outcome) => {
      const line = lineOf(outcome);
      if (line === undefined || progress.printAbove === undefined)
        return line === undefined ? undefined : lines.write(line);
      progress.printAbove(line);
      return undefined;
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
  if (report !== undefined && !quiet) stderr.write(`${summaryText(report, { verbose, paint, hint: inCliWords })}\n`);
  const signal = signals.received();
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
  return report === undefined ? EXIT.failed : reportExitCode(report, check);
}

function hasOutcomes(report: Report | undefined): boolean {
  return Object.values(report?.counts ?? {}).some((count) => count > 0);
}

/** What ended a run before its end; objects that failed did not. */
function stoppedBy(error: unknown): Error | undefined {
  if (error === undefined || error instanceof PartialFailureError) return undefined;
  return error instanceof Error ? error : new Error(String(error));
}

/** Shows every outcome of a job; resolves with how it ended. */
async function follow(job: Job, show: (outcome: Outcome) => Promise<void> | undefined): Promise<End> {
  try {
    for await (const outcome of job) {
      const busy = show(outcome);
      if (busy !== undefined) await busy;
    }
    return { report: await job };
  } catch (error) {
    return { error, report: error instanceof Error && 'report' in error ? (error.report as Report) : undefined };
  }
}

/** How outcomes are written: undefined for those that the options leave out. */
function lineFormat(
  options: PutOptions,
  { json, verbose, quiet }: OutputOptions,
): (outcome: Outcome) => string | undefined {
  if (json) return outcomeJson;
  const bucket = /^s3:\/\/([^/]*)/.exec(options.bucket)?.[1] ?? options.bucket;
  const text = {
    bucket,
    dryRun: options.dryRun === true,
    paint: paintFor(process.stdout, process.env),
    hint: inCliWords,
  };
  return (outcome) => {
    const shown = outcome.action === 'fail' || (!quiet && (verbose || outcome.action !== 'skip'));
    return shown ? outcomeText(outcome, text) : undefined;
  };
}
