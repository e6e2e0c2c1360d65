import { ciAttempt } from '../config/ci-attempt.js';
import { copyWithConnectionEnvironment, withConnectionEnvironment } from '../config/connection-environment.js';
import type { ConfigLayer } from '../config/layers.js';
import {
  prepareCopyWithOrigin,
  prepareDeleteWithOrigin,
  prepareFinishWithOrigin,
  preparePutWithOrigin,
} from '../config/locate-error.js';
import { ownPaths } from '../config/own-files.js';
import { proxyForSite } from '../config/proxy.js';
import type { ReportPageFile } from '../config/report-page.js';
import { AbortError, PartialFailureError, UsageError } from '../errors.js';
import { systemText } from '../model/hints.js';
import type { PutOptions } from '../options/types.js';
import { putPrepared } from '../put.js';
import { batchJobText } from '../report/batch-jobs.js';
import { printable } from '../report/format.js';
import { reportJson } from '../report/json.js';
import { shorten, textIn } from '../report/message.js';
import { originsOfCopy, originsOfDelete, originsOfPut } from '../report/origin.js';
import { startText } from '../report/start.js';
import { type SummaryOptions, summaryText } from '../report/text.js';
import type { OnEvent, Outcome, Report } from '../report/types.js';
import { type Job, takeOutcomes } from '../run/job.js';
import type { ParsedCopy } from './copy.js';
import { deleteQuestion, type ParsedDelete } from './delete.js';
import { EXIT, errorExitCode, errorText, reportExitCode, type StopSignal, withFlags } from './errors.js';
import type { Fleet } from './fleet/start.js';
import { askOnTerminal } from './output/ask.js';
import type { OutputOptions } from './output/lines.js';
import { eventEntry, type Log, openLog, outcomeEntry } from './output/log.js';
import { lineFormat, type RunInfo } from './output/outcome-lines.js';
import { lineProgress, type Progress } from './output/progress.js';
import { canRedraw, isClosed, linesTo, lostOutput, paintFor, watchErrors, watchSignals } from './output/terminal.js';
import { type ParsedFinish, type ParsedPut, sourceNames, withStdin } from './parse.js';

/** Asks a question on the terminal, without the progress of the run; an abort of the run is a no. */
type Ask = (question: string) => Promise<boolean>;

/** Runs a job and shows it; resolves with the exit code. Throws `UsageError` for a log that cannot be opened. */
async function runJob(
  start: (onEvent: OnEvent, ask: Ask) => Job,
  shown: RunInfo,
  output: OutputOptions,
): Promise<number> {
  const { stdout, stderr } = process;
  const page = await openPage(shown, output);
  const log = output.log === undefined ? undefined : openLog(output.log, stderr);
  let job: Job | undefined;
  const stopped = new AbortController();
  const stop = (reason: string): void => {
    stopped.abort();
    job?.abort(new Error(reason));
  };
  // A run that writes goes on without its lines, and a check for its exit code. A dry run is nothing but its lines.
  const onlyShows = shown.dryRun && !output.check;
  const lines = linesTo(stdout, () => onlyShows && stop('stdout cannot be written'));
  const stderrErrors = watchErrors(stderr);
  const logsToStderr = output.log !== undefined && output.log.file === undefined;
  const progress = await startProgress(output.progress && !output.quiet && !logsToStderr);
  const signals = watchSignals(
    (signal) => stop(`stopped by ${signal}`),
    () => progress.stop(),
  );
  const { verbose, quiet, summary: showsSummary, check } = output;
  const lineOf = lineFormat(shown, output, progress.printAbove !== undefined);
  const text = { ...shown, verbose, render: withFlags };
  const ask: Ask = (question) => progress.pauseFor(() => askOnTerminal(question, stopped.signal));
  let end: JobEnd;
  try {
    job = start((event) => {
      progress.onEvent(event);
      page?.onEvent(event);
      if (event.type === 'start' && !quiet) progress.note(startText({ ...event, from: shown.from ?? event.from }));
      if (event.type === 'batchJob' && !quiet && !logsToStderr) progress.note(batchJobText(event.job));
      if (event.type === 'warning' && OF_WAITS.has(event.code) && !logsToStderr)
        progress.note(`s3-parallel-put: ${printable(shorten(withFlags(textIn(event, 'message'))))}`);
      // On stderr it is the line above.
      if (event.type !== 'start' || quiet || !logsToStderr) log?.add(eventEntry(event, withFlags));
    }, ask);
    end = await consumeJob(job, (outcome) => {
      page?.add(outcome);
      // On stderr the error that ended the run follows; a file has every outcome.
      const logged = outcome.shared === true && logsToStderr ? undefined : log;
      const written = logged?.add(outcomeEntry(outcome, text));
      const line = lineOf(outcome);
      if (line === undefined) return written;
      if (progress.printAbove === undefined) return waitForBoth(written, lines.write(line));
      progress.printAbove(line);
      return written;
    });
  } catch (error) {
    end = { error };
  } finally {
    progress.stop();
    signals.release();
  }
  const { error } = end;
  // For a usage error before any outcome the message is enough.
  const report = error instanceof UsageError && !hasOutcomes(end.report) ? undefined : end.report;
  if (output.json && report !== undefined) await lines.write(reportJson(report, runError(error)));
  await lines.flush();
  const paint = paintFor(stderr, process.env);
  const signal = signals.received();
  const stdoutError = lines.broken();
  const left = stdoutError !== undefined && isClosed(stdoutError, stdout);
  const readerLeft = left && onlyShows && signal === undefined;
  if (log !== undefined && !logsToStderr) logEnd(log, { report, error }, shown, signal);
  const logError = await log?.close();
  const pageError = await page?.end(end.report, runError(error));
  if (readerLeft && (error === undefined || error instanceof AbortError)) return EXIT.done;
  if (report !== undefined && showsSummary) {
    const summary = summaryText(report, { ...summaryOf(shown), verbose, brief: quiet, paint, render: withFlags });
    if (summary !== '') stderr.write(`${summary}\n`);
  }
  if (logError !== undefined)
    stderr.write(`s3-parallel-put: the log file cannot be written (${logError.code}): lines are missing there.\n`);
  if (pageError !== undefined)
    stderr.write(
      `s3-parallel-put: the report page ${output.reportHtml} cannot be written: ${systemText(pageError, 'write')}\n`,
    );
  const lostLines = stdoutError !== undefined && !left;
  if (lostLines && signal === undefined && error instanceof AbortError) {
    stderr.write(`s3-parallel-put: stdout cannot be written (${stdoutError.code}), so the run was stopped.\n`);
    return EXIT.failed;
  }
  if (error !== undefined) {
    if (lostLines) stderr.write(`s3-parallel-put: ${lostOutput('stdout', stdoutError)}\n`);
    if (runError(error) !== undefined) stderr.write(`${errorText(error, { verbose, signal, paint })}\n`);
    return errorExitCode(error, signal);
  }
  if (lostLines)
    stderr.write(`s3-parallel-put: everything is done, but stdout cannot be written (${stdoutError.code}).\n`);
  const lost = lostLines || logError !== undefined || pageError !== undefined || (await stderrErrors.lost());
  return report === undefined || lost ? EXIT.failed : reportExitCode(report, check);
}

/** Warnings about what a run waits for, perhaps for ever: they are of no use at its end. */
const OF_WAITS: ReadonlySet<string> = new Set(['no-workers', 'queue-lost', 'earlier-run']);

/** The page of the run; throws `UsageError` for a file that cannot be written. */
async function openPage(run: RunInfo, { reportHtml }: OutputOptions): Promise<ReportPageFile | undefined> {
  if (reportHtml === undefined) return undefined;
  const { checkPageFile, openReportPage } = await import('../config/report-page.js');
  return openReportPage(checkPageFile(reportHtml), { ...run, env: process.env, render: withFlags });
}

async function awaitBoth(one: Promise<void>, other: Promise<void>): Promise<void> {
  await one;
  await other;
}

function waitForBoth(one: Promise<void> | undefined, other: Promise<void> | undefined): Promise<void> | undefined {
  return one === undefined || other === undefined ? (one ?? other) : awaitBoth(one, other);
}

/** Logs the summary, and the error that ended the run. Warnings are in the log already. */
function logEnd(log: Log, { report, error }: JobEnd, shown: RunInfo, signal: StopSignal | undefined): void {
  const ended = runError(error);
  const summary =
    report === undefined
      ? ''
      : summaryText({ ...report, warnings: [], warningsOmitted: 0 }, { ...summaryOf(shown), render: withFlags });
  for (const text of summary.split('\n')) if (text !== '') log.add({ level: 'info', text });
  if (ended === undefined) return;
  const text = errorText(ended, { verbose: false, signal })
    .replace('s3-parallel-put: ', '')
    // The last line is the hint.
    .replace(/\n +([^\n]*)$/, ' ($1)')
    .replaceAll(/\n +/g, ' ');
  log.add({ level: 'error', text });
}

function summaryOf({
  doing,
  deletes,
  comparesHeaders,
}: RunInfo): Pick<SummaryOptions, 'doing' | 'deletes' | 'comparesHeaders'> {
  return { doing, deletes, comparesHeaders };
}

/** How a run ended: a report without an error is a success, an error without a report is a usage error or a bug. */
export interface JobEnd {
  readonly report?: Report | undefined;
  readonly error?: unknown;
}

/** Shows every outcome of a job; resolves with its report or error. */
async function consumeJob(job: Job, show: (outcome: Outcome) => Promise<void> | undefined): Promise<JobEnd> {
  try {
    return { report: await takeOutcomes(job, show) };
  } catch (error) {
    return { error, report: error instanceof Error && 'report' in error ? (error.report as Report) : undefined };
  }
}

/** Whether a run had any outcome. */
function hasOutcomes(report: Report | undefined): boolean {
  return Object.values(report?.counts ?? {}).some((count) => count > 0);
}

/** The error that ended a run early; failed objects alone do not end one. */
function runError(error: unknown): Error | undefined {
  if (error === undefined || error instanceof PartialFailureError) return undefined;
  return error instanceof Error ? error : new Error(String(error));
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

const NO_PROGRESS: Progress = {
  onEvent: () => undefined,
  printAbove: undefined,
  note: toStderr,
  pauseFor: (work) => work(),
  stop: () => undefined,
};

/** On stderr a bar if that is a terminal, else a line every few seconds; nothing if not `wanted`. */
async function startProgress(wanted: boolean): Promise<Progress> {
  const { stdout, stderr, env } = process;
  if (!wanted) return NO_PROGRESS;
  if (!canRedraw(stderr, env)) return lineProgress(toStderr);
  const { barProgress } = await import('./output/progress-bar.js');
  return barProgress(stderr, stdout.isTTY ? (text) => stdout.write(text) : undefined);
}

/** Runs a put and shows it; resolves with the exit code. Throws `UsageError` for options that cannot work. */
export async function runPut({
  command,
  options: given,
  settings,
  output,
  stdinKey,
  filesFrom,
}: ParsedPut | ParsedFinish): Promise<number> {
  const options = filesFrom === undefined ? given : { ...given, filesFrom: await pathsIn(filesFrom, settings) };
  const source = stdinKey === undefined ? options.source : withStdin(options.source, stdinKey);
  const whole = withListing({ ...options, source }, output);
  const prepare = command === 'finish' ? prepareFinishWithOrigin : preparePutWithOrigin;
  const prepared = await prepare(withConnectionEnvironment(whole, process.env), settings);
  const { dryRun, sources, bucket, prefix, delete: deletes, updateHeaders: comparesHeaders } = prepared.options;
  const names = stdinKey === undefined ? {} : { from: sourceNames(options.source) };
  const own = {
    ownFiles: [...prepared.ownFiles, ...ownPaths(settings)],
    siteProxy: proxyForSite(whole, prepared),
    attempt: ciAttempt(process.env),
  };
  const origins = originsOfPut(sources, prefix);
  const shown = { dryRun, doing: 'put', bucket, prefix, deletes, comparesHeaders, origins, ...names } as const;
  const fleet = await fleetOf(settings, output);
  return runJob(
    (onEvent) => fleet?.put({ ...prepared, ...own }, whole, onEvent) ?? putPrepared({ ...prepared, ...own }, onEvent),
    shown,
    output,
  );
}

/** Workers to do the run, where the options name their queue. Throws `UsageError`. */
async function fleetOf(settings: ConfigLayer, output: OutputOptions): Promise<Fleet | undefined> {
  if (!settings.has('queue') && !settings.has('queueRun')) return undefined;
  const { fleetFor } = await import('./fleet/start.js');
  return fleetFor(settings, output);
}

/** A check, and a dry run that shows all, say what the bucket has besides: then the whole listing is read, unless the user says otherwise. */
function withListing<T extends Pick<PutOptions, 'listStrays' | 'mode' | 'limit' | 'filesFrom' | 'dryRun' | 'shard'>>(
  options: T,
  { check, verbose }: OutputOptions,
): T {
  const { listStrays, mode, limit, filesFrom, dryRun, shard } = options;
  const isPart = [limit, filesFrom, shard].some((one) => one !== undefined);
  const wanted = check || (dryRun === true && verbose);
  // In mode `stupid` nothing is listed without `delete`, which reads the whole listing anyway.
  if (!wanted || listStrays !== undefined || isPart || mode === 'stupid') return options;
  return { ...options, listStrays: true };
}

async function pathsIn(file: string, settings: ConfigLayer): Promise<readonly string[]> {
  const { readListFile } = await import('./list-file.js');
  return readListFile(settings, 'filesFrom', file, process.stdin);
}

/** Reads the files of a copy, runs it and shows it; resolves with the exit code. Throws `UsageError` for options that cannot work. */
export async function runCopy(parsed: ParsedCopy): Promise<number> {
  const [{ copyPrepared }, { withFileContents }] = await Promise.all([import('../copy.js'), import('./copy-files.js')]);
  const { settings, output } = parsed;
  const options = await withFileContents(parsed, process.stdin);
  const whole = withListing(options, output);
  const prepared = await prepareCopyWithOrigin(copyWithConnectionEnvironment(whole, process.env), settings);
  const { sourceBucket, base, bucket, prefix } = prepared.paths;
  const origins = originsOfCopy(sourceBucket, base, prefix);
  const { dryRun } = prepared.options;
  const shown = { dryRun, doing: 'copy', bucket, prefix, deletes: whole.delete === true, origins } as const;
  const fleet = await fleetOf(settings, output);
  return runJob((onEvent) => fleet?.copy(prepared, whole, onEvent) ?? copyPrepared(prepared, onEvent), shown, output);
}

/** Asks, deletes and shows it; resolves with the exit code. Throws `UsageError` for options that cannot work. */
export async function runDelete({ options, settings, output, yes }: ParsedDelete): Promise<number> {
  const { deletePrepared } = await import('../delete.js');
  const prepared = await prepareDeleteWithOrigin(withConnectionEnvironment(options, process.env), settings);
  const { dryRun, bucket, prefix } = prepared;
  const shown = { dryRun, doing: 'delete', bucket, prefix, origins: originsOfDelete(bucket) } as const;
  const start = (onEvent: OnEvent, ask: Ask): Job =>
    deletePrepared({ ...prepared, confirm: yes ? undefined : (plan) => ask(deleteQuestion(plan)) }, onEvent);
  return runJob(start, shown, output);
}
