import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as core from '@actions/core';
import { UsageError } from '../errors.js';
import type { Job } from '../job.js';
import { parseBucket } from '../key.js';
import type { OnEvent } from '../report/event.js';
import { summaryText } from '../report/text.js';
import { copyAsked, putAsked } from './asked.js';
import { credentialsOf } from './credentials.js';
import type { CommandDeps, Done, Given } from './done.js';
import { inActionWords } from './in-action-words.js';
import type { Inputs } from './inputs.js';
import { maskCredentials } from './mask.js';
import { urlOf } from './outputs.js';
import { reportFile } from './report-file.js';
import { runJob, stoppedBy } from './run-job.js';
import { summaryMarkdown } from './summary.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Carries the command of a step out. Throws `UsageError` for inputs that cannot work. */
export async function runCommand(inputs: Inputs, env: Environment, deps: CommandDeps): Promise<Done> {
  const { command, settings, own } = inputs;
  const region = String(settings.get('region')?.value ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1');
  const credentials = await credentialsOf(own, settings, region, {
    givesTokens: (env.ACTIONS_ID_TOKEN_REQUEST_URL ?? '') !== '',
    idToken: core.getIDToken,
  });
  const given: Given = {
    ...(credentials !== undefined && { credentials }),
    onCredentials: (found) => maskCredentials(found, core.setSecret),
  };
  if (command === 'uploads') {
    const { runUploads } = await import('./run-uploads.js');
    return runUploads(settings, given, deps);
  }
  const ready = command === 'put' ? await putReady(inputs) : await copyReady(inputs);
  const { bucket, prefix, dryRun, title } = ready;
  const url = urlOf(own['site-url'], prefix);
  const folder = (env.RUNNER_TEMP ?? '') === '' ? tmpdir() : String(env.RUNNER_TEMP);
  const file = reportFile(folder, `s3-parallel-put-${randomUUID()}.json`);
  const ended = await runJob((onEvent) => ready.start(given, onEvent), { ...deps, file, bucket, dryRun, title });
  const { report, error, told, warnings } = ended;
  const unwritten = await file.end(report, stoppedBy(error));
  const reportPath = unwritten === undefined ? file.path : '';
  if (report !== undefined && !(error instanceof UsageError && report.failures.length === 0))
    deps.log.info(summaryText({ ...report, warnings: [] }, { doing: command, hint: inActionWords }));
  const all =
    unwritten === undefined ? warnings : [...warnings, `The report could not be written: ${unwritten.message}`];
  const about = { doing: command, bucket, prefix, url, told, report, dryRun, reportPath: path.basename(reportPath) };
  return {
    report,
    error,
    told,
    warnings: all,
    url,
    reportPath,
    summary: (why) => summaryMarkdown({ ...about, error: why }),
  };
}

/** A run that can begin. */
interface Ready {
  readonly bucket: string;
  readonly prefix: string;
  readonly dryRun: boolean;
  readonly title: string;
  readonly start: (given: Given, onEvent: OnEvent) => Job;
}

async function putReady({ settings }: Inputs): Promise<Ready> {
  const options = putAsked(settings);
  const { checkInForce } = await import('../settings/in-force.js');
  await checkInForce(options, settings);
  const [{ put }, { viaProxy }] = await Promise.all([import('../put.js'), import('../settings/proxy.js')]);
  const { bucket, prefix } = parseBucket(options.bucket);
  const below = options.prefix ?? prefix;
  const via = viaProxy(options);
  return {
    bucket,
    prefix: below,
    dryRun: options.dryRun === true,
    title: `Put ${[options.source].flat().join(', ')} → s3://${bucket}/${below}`,
    start: (given, onEvent) => put({ ...via, ...given, onEvent }),
  };
}

async function copyReady({ settings }: Inputs): Promise<Ready> {
  const { readList } = await import('../settings/list-file.js');
  const options = await copyAsked(settings, (file, input) => readList(`Input "${input}"`, file, process.stdin));
  const { checkCopyInForce } = await import('../settings/in-force.js');
  await checkCopyInForce(options, settings);
  const [{ copy }, { copyViaProxy }] = await Promise.all([import('../copy.js'), import('../settings/proxy.js')]);
  const { bucket, prefix } = parseBucket(options.destination);
  const via = copyViaProxy(options);
  return {
    bucket,
    prefix,
    dryRun: options.dryRun === true,
    title: `Copy ${options.source} → ${options.destination}`,
    start: (given, onEvent) => copy({ ...via, ...given, onEvent }),
  };
}
