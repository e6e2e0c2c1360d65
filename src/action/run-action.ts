import * as core from '@actions/core';
import { UsageError } from '../errors.js';
import { VERSION } from '../version.js';
import { watchCancel } from './cancel.js';
import { type Done, NOTHING_DONE } from './done.js';
import { readInputs } from './inputs.js';
import { maskEnvironment } from './mask.js';
import { outputsOf } from './outputs.js';
import { runCommand } from './run-command.js';
import { runnerLog } from './runner-log.js';
import { earlySummary } from './summary.js';
import { tell } from './tell.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Carries one step out; resolves with the exit code and never ends the process by itself, but for a second signal. */
export async function runAction(env: Environment): Promise<number> {
  const began = performance.now();
  core.info(`s3-parallel-put ${VERSION} on Node ${process.versions.node}`);
  const cancel = watchCancel();
  const log = runnerLog();
  let done: Done = NOTHING_DONE;
  let error: Error | undefined;
  try {
    // Before anything is read that a message could quote.
    maskEnvironment(env, core.setSecret);
    enterWorkspace(env);
    done = await runCommand(readInputs(env), env, { log, cancelled: cancel.signal });
    error = done.error;
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  } finally {
    cancel.release();
  }
  writeOutputs({ ...done, durationMs: performance.now() - began });
  tell(error, done, log);
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

/** The run is what it is without, but later steps may want them. */
function writeOutputs(facts: Parameters<typeof outputsOf>[0]): void {
  try {
    for (const [name, value] of Object.entries(outputsOf(facts))) core.setOutput(name, value);
  } catch (failed) {
    core.warning(`The outputs could not be written: ${failed instanceof Error ? failed.message : String(failed)}`);
  }
}

/** The summary is for people; the run is what it is without. */
async function summarize(done: Done, error: Error | undefined, env: Environment): Promise<void> {
  if ((env.GITHUB_STEP_SUMMARY ?? '') === '') return;
  const text = done.summary?.(error) ?? (error === undefined ? '' : earlySummary(error));
  if (text === '') return;
  try {
    await core.summary.addRaw(text, true).write();
  } catch (failed) {
    core.warning(`The job summary could not be written: ${failed instanceof Error ? failed.message : String(failed)}`);
  }
}
