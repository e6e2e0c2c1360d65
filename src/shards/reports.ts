import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { systemText } from '../model/hints.js';
import { msg, shorten } from '../report/message.js';
import type { ReportShard } from '../report/types.js';
import { type ChangesCollector, collectShardChanges } from './changes.js';
import { type FileContent, readReportFile } from './report-file.js';

/** A report of a shard, as far as `finish` looks at it. */
export interface FoundReport {
  /** The file, or `reports[2]`. */
  readonly name: string;
  /** Undefined where this is no report of a shard. What it has changed is among the changes of all. */
  readonly shard: ReportShard | undefined;
  /** Why it is no report of a shard, to be read after its name; undefined where it is one. */
  readonly problem?: string | undefined;
  /** Why the shard is not done; undefined where it is. */
  readonly failure: string | undefined;
  readonly dryRun: boolean;
}

/** The reports of all shards. */
export interface FoundReports extends Pick<ChangesCollector, 'addUnknown' | 'changes'> {
  readonly reports: readonly FoundReport[];
}

/** Endings of the files that the Action (`report-path`) and `--json` leave. */
const ENDING = /\.(?:json|jsonl|ndjson)$/i;

/**
 * Reads the reports: all files of a folder, and of what is below it, that end in `.json`, `.jsonl` or `.ndjson`. Of lines the last one is the report, as
 * `--json` prints it.
 * @throws UsageError for a folder or a file that cannot be read
 */
export function readReports(reports: string | readonly unknown[]): FoundReports {
  const collected = collectShardChanges();
  const found =
    typeof reports === 'string'
      ? filesBelow(reports).map((file) => reportOf(file, contentOf(file), collected))
      : reports.map((value, index) => reportOf(`reports[${index}]`, { value, recoded: false }, collected));
  return { reports: found, addUnknown: collected.addUnknown, changes: collected.changes };
}

function filesBelow(folder: string): readonly string[] {
  const fail = (error: unknown): UsageError =>
    new UsageError(
      msg`{reports} is "${folder}", which cannot be read: ${systemText(error as Error, 'read')}`,
      'Name the folder that has the report of every shard.',
    );
  try {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found === undefined)
      throw new UsageError(
        msg`{reports} is "${folder}", and there is no such folder.`,
        'Name the folder that has the report of every shard. A job that has downloaded no artifact has none.',
      );
    if (!found.isDirectory())
      throw new UsageError(
        msg`{reports} is "${folder}", which is not a folder.`,
        'Name the folder that has the report of every shard.',
      );
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && ENDING.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter(isFile)
      .sort();
  } catch (error) {
    throw error instanceof UsageError ? error : fail(error);
  }
}

/** A link to a file counts as one. A broken link is kept: reading it gives the error. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
}

function contentOf(file: string): FileContent {
  try {
    return readReportFile(file);
  } catch (error) {
    throw new UsageError(msg`The report "${file}" cannot be read: ${systemText(error as Error, 'read')}`);
  }
}

function reportOf(name: string, content: FileContent, collected: ChangesCollector): FoundReport {
  if ('problem' in content) return { name, shard: undefined, ...content, failure: undefined, dryRun: false };
  const report = recordOf(content.value);
  const shard = shardIn(report.shard);
  const own = { name, failure: failureOf(report), dryRun: report.dryRun === true };
  if (shard === undefined) return { ...own, shard, problem: problemOf(report) };
  const { put, metadata, unknown } = recordOf(report.counts);
  const writes = [put, metadata, unknown].reduce<number>((sum, count) => sum + (Number(count) || 0), 0);
  const lists = listsIn(report.shard);
  collected.add({ ...lists, writes });
  // Such a text may have other characters in the keys than those that were printed.
  if (content.recoded && [...lists.changed, ...lists.created].some((key) => /[^ -~]/.test(key))) collected.addUnknown();
  return { ...own, shard };
}

/** The last line of a run that has not ended is an outcome. */
function problemOf({ type }: Fields): string {
  return type === 'outcome' ? 'has no report at its end: its run has not ended' : 'is no report of a shard';
}

type Fields = Readonly<Record<string, unknown>>;

function recordOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function shardIn(value: unknown): ReportShard | undefined {
  const { index, count, scheme, command, destination, endpoint, digest, objects, own, left, attempt } = recordOf(value);
  if (![index, count, scheme].every(Number.isSafeInteger) || typeof destination !== 'string') return undefined;
  return {
    index: index as number,
    count: count as number,
    scheme: scheme as number,
    command: command === 'copy' ? 'copy' : 'put',
    destination,
    ...(typeof endpoint === 'string' && { endpoint }),
    ...(typeof digest === 'string' && { digest }),
    objects: Number(objects),
    own: Number(own),
    left: Number(left),
    ...attemptIn(attempt),
  };
}

function attemptIn(value: unknown): Pick<ReportShard, 'attempt'> {
  const { run, number } = recordOf(value);
  if (typeof run !== 'string' || !Number.isSafeInteger(number) || Number(number) < 1) return {};
  return { attempt: { run, number: Number(number) } };
}

function listsIn(value: unknown): Required<Pick<ReportShard, 'changed' | 'created'>> & Pick<ReportShard, 'truncated'> {
  const { changed, created, truncated } = recordOf(value);
  return {
    changed: textsIn(changed),
    created: textsIn(created),
    ...(truncated === true && { truncated }),
  };
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Most characters of the first failure in a message. */
const MOST_OF_FAILURE = 300;

function failureOf({ complete, counts, error, failures, unknown: lost }: Fields): string | undefined {
  const { fail, unknown } = recordOf(counts);
  const number = (Number(fail) || 0) + (Number(unknown) || 0);
  if (number > 0) {
    const what = number === 1 ? '1 object failed' : `${number} objects failed`;
    const first = firstFailure(failures) ?? firstFailure(lost);
    return first === undefined ? what : `${what}${number === 1 ? '' : ', first'}: ${first}`;
  }
  const { message } = recordOf(error);
  if (typeof message === 'string') return message.replace(/\.$/, '');
  return complete === true ? undefined : 'it was not complete';
}

/** The key of the first failure, with what was wrong and how to fix it. */
function firstFailure(failures: unknown): string | undefined {
  const { key, message, hint } = recordOf(Array.isArray(failures) ? failures[0] : undefined);
  if (typeof key !== 'string' || typeof message !== 'string') return undefined;
  const text = `"${key}": ${typeof hint === 'string' ? `${message.replace(/(?<![.!?])$/, '.')} ${hint}` : message}`;
  return shorten(text, MOST_OF_FAILURE).replace(/\.$/, '');
}
