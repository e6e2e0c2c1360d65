import * as core from '@actions/core';
import type { Environment } from '../config/layers.js';
import { RunStoppedError, UsageError } from '../errors.js';
import { systemText } from '../model/hints.js';
import { renderOptionNames } from '../options/names.js';
import { number, printable } from '../report/format.js';
import { type Text, textIn } from '../report/message.js';
import { listedText } from '../report/text.js';
import { watchCancel } from './cancel.js';
import { maskEnvironment } from './credentials.js';
import { annotationsOf } from './errors.js';
import { readInputs, wantsSummary } from './inputs.js';
import { type RunnerLog, runnerLog } from './log.js';
import { oneLine } from './markdown.js';
import { OUTPUTS, type OutputFacts } from './outputs.js';
import { runCommand } from './run-command.js';
import { NO_RESULT, type StepResult } from './run-job.js';
import { earlySummary } from './summary.js';

/** Runs one step; resolves with the exit code, and ends the process itself only on a second signal. */
export async function runAction(env: Environment): Promise<number> {
  const began = performance.now();
  const cancel = watchCancel();
  const log = runnerLog();
  let result: StepResult = NO_RESULT;
  let error: Error | undefined;
  try {
    // Before anything is read, because a message could quote it.
    maskEnvironment(env, core.setSecret);
    enterWorkspace(env);
    result = await runCommand(readInputs(env), env, { log, cancelled: cancel.signal });
    error = result.error;
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  } finally {
    cancel.release();
  }
  writeOutputs({ ...result, durationMs: performance.now() - began });
  reportToRunner(error, result, log);
  await summarize(result, error, env);
  return error === undefined ? 0 : 1;
}

/** Sources and files are relative to the workspace, whatever the step's working directory is. */
function enterWorkspace({ GITHUB_WORKSPACE: workspace }: Environment): void {
  if (workspace === undefined || workspace === '') return;
  try {
    process.chdir(workspace);
  } catch {
    throw new UsageError(`GITHUB_WORKSPACE is "${workspace}", which is no folder.`, 'Check out the repository first.');
  }
}

/** Writes the outputs. A failure is only a warning: it does not change what the run did. */
function writeOutputs(facts: OutputFacts): void {
  try {
    for (const { name, value } of OUTPUTS) core.setOutput(name, value(facts));
  } catch (failed) {
    core.warning(oneLine(`The outputs could not be written: ${systemText(failed, 'write')}`));
  }
}

/** Writes the job summary. A failure is only a warning: the summary is for people. */
async function summarize(result: StepResult, error: Error | undefined, env: Environment): Promise<void> {
  if ((env.GITHUB_STEP_SUMMARY ?? '') === '' || !wantsSummary(env)) return;
  const text = result.summary?.(error) ?? (error === undefined ? '' : earlySummary(error));
  if (text === '') return;
  try {
    await core.summary.addRaw(text, true).write();
  } catch (failed) {
    core.warning(oneLine(`The job summary could not be written: ${systemText(failed, 'write')}`));
  }
}

/** The most failures that the log lists. */
const SHOWN = 1_000;

/** Reports failures and warnings to the runner: in the log outside of the group, and as annotations. */
function reportToRunner(error: Error | undefined, result: StepResult, log: RunnerLog): void {
  const text = { origins: result.origins, render: (message: Text) => renderOptionNames(message, 'action') };
  const stoppedBy = error instanceof RunStoppedError ? error.code : undefined;
  // The error that ended the run is reported once, not for each object that failed with it.
  const failures = (result.report?.failures ?? []).filter(({ code }) => stoppedBy === undefined || code !== stoppedBy);
  const hints = new Set<string>();
  for (const failure of failures.slice(0, SHOWN)) {
    log.info(listedText('failed', failure, text));
    const known = textIn(failure, 'hint');
    const hint = known === undefined ? '' : printable(renderOptionNames(known, 'action'));
    // Failures mostly come in numbers, for one cause.
    if (hint !== '' && !hints.has(hint)) log.info(`  ${hint}`);
    hints.add(hint);
  }
  const { failuresOmitted = 0, unknown = [], counts } = result.report ?? {};
  const more = Math.max(0, failures.length - SHOWN) + (stoppedBy === undefined ? failuresOmitted : 0);
  if (more > 0) log.info(`… and ${number(more)} more, in the report.`);
  for (const one of unknown) log.info(listedText('unknown', one, text));
  const interrupted = { count: counts?.unknown ?? 0, example: unknown[0]?.key };
  const { outcomes, warnings } = result;
  for (const one of annotationsOf({ outcomes, error, warnings, unknown: interrupted })) {
    const { level, title, message, file, line, column } = one;
    const properties = {
      title,
      ...(file !== undefined && { file }),
      ...(line !== undefined && { startLine: line }),
      ...(column !== undefined && { startColumn: column }),
    };
    if (level === 'error') core.error(message, properties);
    else if (level === 'warning') core.warning(message, properties);
    else core.notice(message, properties);
  }
  const bug = error !== undefined && !('hint' in error) && error.name === 'TypeError';
  if (bug || (error !== undefined && log.isDebug)) log.debug(error?.stack ?? '');
}
