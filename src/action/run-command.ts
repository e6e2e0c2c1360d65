import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as core from '@actions/core';
import { ciAttempt } from '../config/ci-attempt.js';
import { copyWithConnectionEnvironment, withConnectionEnvironment } from '../config/connection-environment.js';
import { parseCopyKey, readList } from '../config/key-list.js';
import { type ConfigLayer, type Environment, engineOptions, valuesIn } from '../config/layers.js';
import {
  prepareCopyWithOrigin,
  prepareDeleteWithOrigin,
  prepareFinishWithOrigin,
  preparePutWithOrigin,
} from '../config/locate-error.js';
import { ownPaths } from '../config/own-files.js';
import { proxyForSite } from '../config/proxy.js';
import { openReportPage } from '../config/report-page.js';
import type { DeleteObjectsOptions } from '../delete.js';
import { UsageError } from '../errors.js';
import { systemText } from '../model/hints.js';
import { renderOptionNames } from '../options/names.js';
import type { CopyOptions, PutOptions } from '../options/types.js';
import type { PreparedPut } from '../prepare-put.js';
import { putPrepared } from '../put.js';
import { type OriginRule, originsOfCopy, originsOfDelete, originsOfPut } from '../report/origin.js';
import { startText } from '../report/start.js';
import { type SummaryOptions, summaryText } from '../report/text.js';
import type { OnEvent, Report } from '../report/types.js';
import type { Job } from '../run/job.js';
import { changedPathsFile } from './changed-paths.js';
import { credentialsOf, maskCredentials } from './credentials.js';
import type { Inputs } from './inputs.js';
import { urlOf } from './outputs.js';
import { type OutcomeFile, reportFile } from './report-file.js';
import { type CommandDeps, type CredentialOptions, runError, runJob, type StepResult } from './run-job.js';
import { summaryMarkdown } from './summary.js';
import { addressText, commitOf } from './summary-heading.js';

/** Runs the command of a step. Throws `UsageError` for inputs that cannot work. */
export async function runCommand(inputs: Inputs, env: Environment, deps: CommandDeps): Promise<StepResult> {
  const { command, settings, own } = inputs;
  const region = String(settings.get('region')?.value ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1');
  const credentials = await credentialsOf(own, settings, region, {
    isAvailable: (env.ACTIONS_ID_TOKEN_REQUEST_URL ?? '') !== '',
    idToken: core.getIDToken,
  });
  const given: CredentialOptions = {
    ...(credentials !== undefined && { credentials }),
    onCredentials: (found) => maskCredentials(found, core.setSecret),
  };
  if (command === 'uploads') {
    const { runUploads } = await import('./run-uploads.js');
    return runUploads(settings, given, env, deps);
  }
  const run = await PREPARE[command](inputs, given, env);
  const doing = command === 'finish' ? 'put' : command;
  const { bucket, prefix, dryRun, deletes, comparesHeaders = false } = run;
  const url = urlOf(own['site-url'], prefix);
  const folder = (env.RUNNER_TEMP ?? '') === '' ? tmpdir() : String(env.RUNNER_TEMP);
  const id = randomUUID();
  const file = reportFile(folder, `s3-parallel-put-${id}.json`);
  const changed = changedPathsFile(folder, `s3-parallel-put-${id}.paths`, run.changedBefore);
  const page = openReportPage(path.join(folder, `s3-parallel-put-${id}.html`), {
    ...{ doing, bucket, prefix, url, dryRun, deletes, comparesHeaders, env },
    render: (text) => renderOptionNames(text, 'action'),
  });
  const files = [file, changed, page];
  const result = await runJob((onEvent) => run.start(onEvent, files.map(pathOf)), { ...deps, ...run, files });
  const { report, error, outcomes } = result;
  const writeError = await file.end(report, runError(error));
  // What the shards have changed is part of this deployment, once their reports were accepted.
  const accepted = report?.finish;
  if (accepted !== undefined) await changed.addBefore();
  const pathsError = await changed.end();
  const pageError = await page.end(report, runError(error));
  const reportPath = writeError === undefined ? file.path : '';
  if (report !== undefined && !(error instanceof UsageError && report.failures.length === 0))
    logSummary(deps.log, report, { doing, deletes, comparesHeaders });
  const warnings = [
    ...result.warnings,
    ...unwritten('The report', file, writeError),
    ...unwritten('The list of changed paths', changed, pathsError),
    ...unwritten('The report page', page, pageError),
    ...(accepted?.truncated === true ? [PATHS_LACKING] : []),
  ];
  const facts = {
    doing,
    bucket,
    prefix,
    url,
    commit: commitOf(env),
    outcomes,
    report,
    dryRun,
    deletes,
    comparesHeaders,
    reportPath: path.basename(reportPath),
  };
  return {
    report,
    error,
    outcomes,
    warnings,
    url,
    origins: run.origins,
    reportPath,
    reportHtml: pageError === undefined ? page.path : '',
    changedPathsFile: pathsError === undefined ? changed.path : '',
    summary: (why) => summaryMarkdown({ ...facts, error: why }),
  };
}

/** A later step that purges the cache of a CDN would leave old versions there. */
const PATHS_LACKING =
  'The file of the output changed-paths-file lacks paths: the shards have changed more than their reports list, or a report of an earlier attempt is missing. Purge the whole cache of a CDN.';

const pathOf = ({ path: file }: OutcomeFile): string => file;

/** The warning for a file that could not be written. */
function unwritten(what: string, file: OutcomeFile, error: Error | undefined): readonly string[] {
  return error === undefined ? [] : [`${what} could not be written to ${file.path}: ${systemText(error, 'write')}`];
}

/** Logs the summary as the command line prints it. Warnings become annotations. */
function logSummary(
  log: CommandDeps['log'],
  report: Report,
  run: Pick<SummaryOptions, 'doing' | 'deletes' | 'comparesHeaders'>,
): void {
  const summary = summaryText(
    { ...report, warnings: [], warningsOmitted: 0 },
    { ...run, render: (text) => renderOptionNames(text, 'action') },
  );
  if (summary !== '') log.info(summary);
}

/** A run that can start. */
interface PreparedRun {
  readonly bucket: string;
  readonly prefix: string;
  readonly dryRun: boolean;
  /** What the source does not have is deleted. */
  readonly deletes: boolean;
  /** The headers of unchanged objects are compared. @default false */
  readonly comparesHeaders?: boolean;
  readonly title: string;
  readonly origins: OriginRule;
  /** Keys that other jobs of the same deployment have changed. */
  readonly changedBefore?: readonly string[];
  /** @param written the files that the run itself writes */
  readonly start: (onEvent: OnEvent, written: readonly string[]) => Job;
}

type PrepareRun = (inputs: Inputs, given: CredentialOptions, env: Environment) => Promise<PreparedRun>;

const PREPARE: Readonly<Record<'put' | 'copy' | 'delete' | 'finish', PrepareRun>> = {
  put: preparePutRun,
  finish: preparePutRun,
  copy: prepareCopyRun,
  delete: prepareDeleteRun,
};

async function preparePutRun(
  { command, settings }: Inputs,
  given: CredentialOptions,
  env: Environment,
): Promise<PreparedRun> {
  const read: ReadListFile = (file, input) => readList(`Input "${input}"`, file, process.stdin);
  const isFinish = command === 'finish';
  const options = { ...toPutOptions(settings, isFinish ? 'finish' : 'put'), ...(await listedFiles(settings, read)) };
  const prepare = isFinish ? prepareFinishWithOrigin : preparePutWithOrigin;
  const prepared = await prepare({ ...withConnectionEnvironment(options, env), ...given }, settings);
  const { bucket, prefix, sources, dryRun, delete: deletes, updateHeaders: comparesHeaders } = prepared.options;
  const siteProxy = proxyForSite(options, prepared);
  return {
    bucket,
    prefix,
    dryRun,
    deletes,
    comparesHeaders,
    title: startText({ from: sources.map(String), to: addressText(bucket, prefix), dryRun }),
    origins: originsOfPut(sources, prefix),
    changedBefore: shardKeys(prepared.finish?.changes),
    // What a workflow puts is mostly for everybody to see.
    start: (onEvent, written) =>
      putPrepared(
        {
          ...prepared,
          siteProxy,
          attempt: ciAttempt(env),
          refuseSecrets: true,
          ownFiles: [...prepared.ownFiles, ...ownPaths(settings), ...written],
        },
        onEvent,
      ),
  };
}

/** The keys that the shards of a finish have changed or created. */
function shardKeys(changes: NonNullable<PreparedPut['finish']>['changes'] | undefined): readonly string[] {
  return changes === undefined ? [] : [...new Set([...changes.changed, ...changes.created])];
}

async function prepareCopyRun({ settings }: Inputs, given: CredentialOptions, env: Environment): Promise<PreparedRun> {
  const { copyPrepared } = await import('../copy.js');
  const options = await toCopyOptions(settings, (file, input) => readList(`Input "${input}"`, file, process.stdin));
  const prepared = await prepareCopyWithOrigin({ ...copyWithConnectionEnvironment(options, env), ...given }, settings);
  const { bucket, prefix, sourceBucket, base } = prepared.paths;
  const { dryRun } = prepared.options;
  const { delete: deletes = false } = options;
  return {
    bucket,
    prefix,
    dryRun,
    deletes,
    title: startText({ from: [options.source], to: options.destination, dryRun }),
    origins: originsOfCopy(sourceBucket, base, prefix),
    start: (onEvent) => copyPrepared(prepared, onEvent),
  };
}

async function prepareDeleteRun(
  { settings }: Inputs,
  given: CredentialOptions,
  env: Environment,
): Promise<PreparedRun> {
  const { deletePrepared } = await import('../delete.js');
  const options = withConnectionEnvironment(toDeleteOptions(settings), env);
  const prepared = await prepareDeleteWithOrigin({ ...options, ...given }, settings);
  const { bucket, prefix, dryRun } = prepared;
  if (!dryRun && settings.get('yes')?.value !== true)
    throw new UsageError(
      `Input "yes" is not true, so nothing is deleted below ${addressText(bucket, prefix)}/.`,
      'Set yes: true to delete all objects there, or dry-run: true to list them.',
    );
  return {
    bucket,
    prefix,
    dryRun,
    deletes: true,
    title: startText({ from: [], to: addressText(bucket, prefix), dryRun }),
    origins: originsOfDelete(bucket),
    start: (onEvent) => deletePrepared(prepared, onEvent),
  };
}

/** Reads the entries of a list file that an input names. Throws `UsageError`. */
type ReadListFile = (file: string, input: string) => Promise<readonly string[]>;

/** The content of the list file of a put; throws `UsageError` for `-`. @internal */
export async function listedFiles(
  settings: ConfigLayer,
  readList: ReadListFile,
): Promise<Pick<PutOptions, 'filesFrom'>> {
  const file = settings.get('filesFrom')?.value;
  if (typeof file !== 'string') return {};
  return { filesFrom: await readList(fileOf(file, 'files-from'), 'files-from') };
}

/** The options of a put, without the content of its list file; throws `UsageError` if source or bucket is missing. @internal */
export function toPutOptions(settings: ConfigLayer, command: 'put' | 'finish' = 'put'): PutOptions {
  const { source, bucket, filesFrom: _file, ...rest } = engineOptions(settings, command);
  const sources = typeof source === 'string' ? [source] : (source as readonly string[] | undefined);
  if (sources === undefined || sources.length === 0) throw missingError('source', 'dist');
  const bucketUri = sources.find((one) => one.startsWith('s3://'));
  if (bucketUri !== undefined)
    throw new UsageError(`The source "${bucketUri}" is a bucket.`, 'Set command: copy to copy from bucket to bucket.');
  if (typeof bucket !== 'string') throw missingError('bucket', 's3://my-site/docs');
  return { ...rest, source: sources, bucket };
}

/** The options of a deletion; throws `UsageError` if the bucket is missing. @internal */
export function toDeleteOptions(settings: ConfigLayer): DeleteObjectsOptions {
  const { bucket, ...rest } = engineOptions(settings, 'delete');
  if (typeof bucket !== 'string') throw missingError('bucket', 's3://my-site/pr-42/');
  return { ...rest, bucket };
}

/** The options of a copy, with the content of its list files; throws `UsageError` if source or destination is missing. @internal */
export async function toCopyOptions(settings: ConfigLayer, readList: ReadListFile): Promise<CopyOptions> {
  const all = valuesIn(settings);
  const { source, destination, key, fromPrefix, ...rest } = engineOptions(settings, 'copy');
  const from = singleText('source', source, 's3://my-assets/2026');
  const to = singleText('destination', destination, 's3://my-archive');
  const lists = async (name: 'keysFile' | 'prefixesFile', input: string): Promise<readonly string[]> =>
    typeof all[name] === 'string' ? readList(fileOf(all[name], input), input) : [];
  const keys = [...textsOf(key), ...(await lists('keysFile', 'keys-file'))].map(parseCopyKey);
  const prefixes = [...textsOf(fromPrefix), ...(await lists('prefixesFile', 'prefixes-file'))];
  return {
    ...rest,
    source: from,
    destination: to,
    ...((key !== undefined || all.keysFile !== undefined) && { key: keys }),
    ...((fromPrefix !== undefined || all.prefixesFile !== undefined) && { fromPrefix: prefixes }),
  };
}

/** The file of a list; throws `UsageError` for `-`, because a step has no standard input. */
function fileOf(name: string, input: string): string {
  if (name !== '-') return name;
  throw new UsageError(`Input "${input}" is "-"; a step has no standard input.`, 'Name a file of the workspace.');
}

/** The only source or destination of a copy; throws `UsageError` for none and for several. */
function singleText(input: string, value: unknown, example: string): string {
  const [one, more] = textsOf(value);
  if (one === undefined) throw missingError(input, example);
  if (more !== undefined) throw new UsageError(`Input "${input}" has several lines; a copy has one ${input}.`);
  return one;
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly string[]) : [String(value)];
}

function missingError(input: string, example: string): UsageError {
  return new UsageError(`Input "${input}" is missing.`, `Set it under with:, for example ${input}: ${example}.`);
}
