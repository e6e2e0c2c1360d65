import * as core from '@actions/core';
import { UsageError } from '../errors.js';
import { printable } from '../report/text.js';
import { VERSION } from '../version.js';
import { annotationsOf } from './annotations.js';
import { watchCancel } from './cancel.js';
import { maskSecrets } from './credentials.js';
import { type Done, NOTHING_DONE } from './done.js';
import { inActionWords } from './in-action-words.js';
import { readInputs } from './inputs.js';
import type { Log } from './log.js';
import { outputsOf } from './outputs.js';
import { runCommand } from './run-command.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Carries one step out; resolves with the exit code and never ends the process by itself, but for a second signal. */
export async function runAction(env: Environment): Promise<number> {
  const began = performance.now();
  core.info(`s3-parallel-put ${VERSION} on Node ${process.versions.node}`);
  const cancel = watchCancel();
  let done: Done = NOTHING_DONE;
  let error: Error | undefined;
  try {
    enterWorkspace(env);
    const inputs = readInputs(env);
    maskSecrets(inputs.own, env, core.setSecret);
    done = await runCommand(inputs, env, { log: runnerLog(), cancelled: cancel.signal });
    error = done.error;
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  } finally {
    cancel.release();
  }
  const outputs = outputsOf({ ...done, durationMs: performance.now() - began });
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
  tell(error, done);
  await summarize(done, error, env);
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

function runnerLog(): Log {
  return {
    info: core.info,
    debug: core.debug,
    group: core.startGroup,
    endGroup: core.endGroup,
    debugs: core.isDebug(),
  };
}

/** What failed, and what deserves a warning: outside of the group, and as annotations. */
function tell(error: Error | undefined, done: Done): void {
  const { failures = [] } = done.report ?? {};
  for (const { origin, message, hint } of failures.slice(0, SHOWN)) {
    core.info(printable(`failed: ${origin}: ${message}`));
    if (hint !== undefined) core.info(`  ${printable(inActionWords(hint))}`);
  }
  if (failures.length > SHOWN) core.info(`… and ${failures.length - SHOWN} more, in the report.`);
  for (const one of annotationsOf({ told: done.told, error, warnings: done.warnings })) {
    const { level, title, message, file, line, column } = one;
    const place = {
      title,
      ...(file !== undefined && { file }),
      ...(line !== undefined && { startLine: line }),
      ...(column !== undefined && { startColumn: column }),
    };
    if (level === 'error') core.error(message, place);
    else if (level === 'warning') core.warning(message, place);
    else core.notice(message, place);
  }
  const bug = error !== undefined && !('hint' in error) && error.name === 'TypeError';
  if (bug || (error !== undefined && core.isDebug())) core.debug(error?.stack ?? '');
}

/** Failures that are listed in the log. */
const SHOWN = 1_000;

/** The summary is for people; the run is what it is without. */
async function summarize(done: Done, error: Error | undefined, env: Environment): Promise<void> {
  if (done.summary === undefined || (env.GITHUB_STEP_SUMMARY ?? '') === '') return;
  try {
    await core.summary.addRaw(done.summary(error), true).write();
  } catch (failed) {
    core.warning(`The job summary could not be written: ${failed instanceof Error ? failed.message : String(failed)}`);
  }
}
