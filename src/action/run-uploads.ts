import { withConnectionEnvironment } from '../config/connection-environment.js';
import { type ConfigLayer, type Environment, engineOptions, valuesIn } from '../config/layers.js';
import { checkUploadsWithOrigin } from '../config/locate-error.js';
import { UsageError } from '../errors.js';
import { renderOptionNames } from '../options/names.js';
import { formatBytes, number, printable, secondsText } from '../report/format.js';
import { shorten, textIn } from '../report/message.js';
import { type UnfinishedUpload, type UploadsOptions, uploads, uploadsPlace } from '../uploads.js';
import { describeError } from './errors.js';
import { runLog } from './log.js';
import { code, codeSpan, fitting, htmlTable, many, prose } from './markdown.js';
import { type CommandDeps, type CredentialOptions, NO_RESULT, type StepResult } from './run-job.js';
import { joinSections } from './summary.js';
import { addressText } from './summary-heading.js';
import { stepErrorText } from './summary-sections.js';

/** Lists unfinished uploads, and aborts old ones if the inputs say so and confirm it. */
export async function runUploads(
  settings: ConfigLayer,
  given: CredentialOptions,
  env: Environment,
  deps: CommandDeps,
): Promise<StepResult> {
  const { options, yes } = toUploadsOptions(settings, env);
  await checkUploadsWithOrigin(options, settings);
  const { log, cancelled } = deps;
  const progress = runLog(log);
  let isUnconfirmed = false;
  const confirm = async (): Promise<boolean> => {
    isUnconfirmed = !yes;
    return yes;
  };
  try {
    const { onEvent } = progress;
    const found = await uploads({ ...options, ...given, confirm, onEvent, signal: cancelled });
    for (const upload of found) log.info(printable(lineOf(upload)));
    log.info(`${uploadsText(found)}.`);
    return uploadsResult(found, options, isUnconfirmed ? unconfirmedError() : firstFailure(found));
  } catch (error) {
    // When the job was cancelled, requests in flight failed for that reason.
    throw cancelled.aborted ? cancelled.reason : error;
  } finally {
    progress.stop();
  }
}

function toUploadsOptions(
  settings: ConfigLayer,
  env: Environment,
): { readonly options: UploadsOptions; readonly yes: boolean } {
  const values = valuesIn(settings);
  const { bucket, ...rest } = engineOptions(settings, 'uploads');
  if (typeof bucket !== 'string')
    throw new UsageError('Input "bucket" is missing.', 'Set it under with:, for example bucket: my-site.');
  if (values.abortOlderThan === undefined && (values.any === true || values.yes === true))
    throw new UsageError('Inputs "any" and "yes" only matter for aborting uploads.', 'Add abort-older-than: 7d.');
  const options: UploadsOptions = { ...rest, bucket };
  return { options: withConnectionEnvironment(options, env), yes: values.yes === true };
}

function uploadsResult(
  found: readonly UnfinishedUpload[],
  options: UploadsOptions,
  failure: Error | undefined,
): StepResult {
  const { bucket, prefix } = uploadsPlace(options);
  const where = addressText(bucket, prefix);
  return {
    ...NO_RESULT,
    error: failure,
    summary: (error) => {
      const stepError = describeError(error);
      return joinSections([
        ...uploadsSections(where, found, error !== undefined),
        stepError && stepErrorText(stepError),
      ]);
    },
  };
}

function unconfirmedError(): UsageError {
  return new UsageError('Nothing was aborted: it was not confirmed.', 'Set yes: true to abort without asking.');
}

function firstFailure(found: readonly UnfinishedUpload[]): Error | undefined {
  const failed = found.find(({ state }) => state === 'failed');
  return failed === undefined ? undefined : (failed.error ?? new Error(`${failed.key} could not be aborted.`));
}

function lineOf(upload: UnfinishedUpload): string {
  const { key, uploadId, initiated, state, error } = upload;
  const age = initiated === undefined ? 'of unknown age' : `${ageText(upload)} old`;
  const end = error === undefined ? '' : `: ${shorten(renderOptionNames(textIn(error, 'message'), 'action'))}`;
  return `${state} ${key} (${sizeText(upload)}, ${age}, upload ${uploadId})${end}`;
}

const MOST = 1_000;
const BYTES = 500_000;
const LONGEST_DESTINATION = 1_200;
const STATES: Readonly<Record<UnfinishedUpload['state'], string>> = {
  kept: 'kept',
  chosen: 'would be aborted',
  aborted: 'aborted',
  failed: 'failed',
};

/** The number of uploads, and how many are in each state, on one line. */
function uploadsText(found: readonly UnfinishedUpload[]): string {
  if (found.length === 0) return 'No unfinished uploads';
  const counts = (['aborted', 'chosen', 'failed', 'kept'] as const).flatMap((state) => {
    const count = found.filter((one) => one.state === state).length;
    return count === 0 ? [] : [`${number(count)} ${STATES[state]}`];
  });
  return [many(found.length, 'unfinished upload'), ...(counts.length === 0 ? [] : [counts.join(', ')])].join(': ');
}

/** Sections of the job summary of unfinished uploads. */
function uploadsSections(destination: string, found: readonly UnfinishedUpload[], failed: boolean): readonly string[] {
  const head = `### ${failed ? '❌' : '✅'} ${uploadsText(found)} — ${codeSpan(destination, LONGEST_DESTINATION)}`;
  if (found.length === 0) return [head];
  const rows = found.slice(0, MOST).map((one) => [code(one.key), STATES[one.state], ageText(one), sizeText(one)]);
  const fit = fitting(
    rows.map((cells) => cells.join('')),
    BYTES,
  ).length;
  const more = found.length - fit;
  return [
    head,
    htmlTable(['Upload', 'State', 'Age', 'Size'], rows.slice(0, fit)),
    ...(more > 0 ? [`<p>${prose(`${number(more)} more in the log.`)}</p>`] : []),
  ];
}

/** The time since an upload began. */
function ageText({ initiated }: UnfinishedUpload): string {
  return initiated === undefined ? 'unknown' : secondsText((Date.now() - initiated.getTime()) / 1_000);
}

/** The parts of an upload, their bytes, and whether another tool began it. */
function sizeText({ parts, bytes, ours }: UnfinishedUpload): string {
  const size = parts === undefined ? 'parts unknown' : `${many(parts, 'part')}, ${formatBytes(bytes ?? 0)}`;
  return ours ? size : `${size}, another tool's`;
}
