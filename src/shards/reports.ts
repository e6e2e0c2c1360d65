import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { systemText } from '../model/hints.js';
import { msg } from '../report/message.js';
import type { ReportShard } from '../report/types.js';

/** A report of a shard, as far as `finish` looks at it. */
export interface FoundReport {
  /** The file, or `reports[2]`. */
  readonly name: string;
  /** Undefined where this is no report of a shard. */
  readonly shard: ReportShard | undefined;
  /** Why the shard is not done; undefined where it is. */
  readonly failure: string | undefined;
  readonly dryRun: boolean;
}

/** Endings of the files that the Action (`report-path`) and `--json` leave. */
const ENDING = /\.(?:json|jsonl|ndjson)$/i;

/**
 * Reads the reports: all files of a folder, and of what is below it, that end in `.json`, `.jsonl` or `.ndjson`. Of lines the last one is the report, as
 * `--json` prints it.
 * @throws UsageError for a folder or a file that cannot be read
 */
export function readReports(reports: string | readonly unknown[]): readonly FoundReport[] {
  if (typeof reports !== 'string') return reports.map((one, index) => reportOf(`reports[${index}]`, one));
  return filesBelow(reports).map((file) => reportOf(file, parsed(file)));
}

function filesBelow(folder: string): readonly string[] {
  const fail = (error: unknown): UsageError =>
    new UsageError(
      msg`{reports} is "${folder}", which cannot be read: ${systemText(error as Error, 'read')}`,
      'Name the folder that has the report of every shard.',
    );
  try {
    if (!statSync(folder).isDirectory())
      throw new UsageError(
        msg`{reports} is "${folder}", which is not a folder.`,
        'Name the folder that has the report of every shard.',
      );
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && ENDING.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    throw error instanceof UsageError ? error : fail(error);
  }
}

/** The most bytes of the last line: a report lists at most 1,000 failures and 20,000 keys. */
const MOST_TAIL = 64 * 1024 * 1024;

/** How the last line of the Action's file begins: it ends the list of outcomes, and has the report's own fields. */
const END_OF_OUTCOMES = /^\],(?=")/;

/** The value of a file of JSON, or of the last line of a file of lines; undefined where it is neither. */
function parsed(file: string): unknown {
  try {
    const line = lastLine(file);
    // A file with very many outcomes is too long for one text.
    if (END_OF_OUTCOMES.test(line)) return jsonOf(line.replace(END_OF_OUTCOMES, '{'));
    const whole = /\.json$/i.test(file) ? jsonOf(readFileSync(file, 'utf8')) : undefined;
    return whole ?? jsonOf(line);
  } catch (error) {
    throw new UsageError(msg`The report "${file}" cannot be read: ${systemText(error as Error, 'read')}`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A file that was cut off, or another kind of file: it is named where a shard is missing.
    return undefined;
  }
}

/** Lines of outcomes may be many: only the end of the file is read. */
function lastLine(file: string): string {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    for (let length = Math.min(size, 64 * 1024); ; length = Math.min(size, length * 8)) {
      const tail = Buffer.alloc(length);
      const read = readSync(handle, tail, 0, length, size - length);
      const text = tail.subarray(0, read).toString('utf8').trimEnd();
      const at = text.lastIndexOf('\n');
      if (at >= 0 || length === size || length >= MOST_TAIL) return text.slice(at + 1);
    }
  } finally {
    closeSync(handle);
  }
}

function reportOf(name: string, value: unknown): FoundReport {
  const report = recordOf(value);
  const shard = shardIn(report.shard);
  return { name, shard, failure: failureOf(report), dryRun: report.dryRun === true };
}

type Fields = Readonly<Record<string, unknown>>;

function recordOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function shardIn(value: unknown): ReportShard | undefined {
  const { index, count, scheme, command, destination, endpoint, digest, objects, own, left, ...more } = recordOf(value);
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
    changed: textsIn(more.changed),
    created: textsIn(more.created),
    ...(more.truncated === true && { truncated: true }),
  };
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function failureOf({ complete, counts, error }: Fields): string | undefined {
  const { fail, unknown } = recordOf(counts);
  const number = (Number(fail) || 0) + (Number(unknown) || 0);
  if (number > 0) return number === 1 ? '1 object failed' : `${number} objects failed`;
  const { message } = recordOf(error);
  if (typeof message === 'string') return message.replace(/\.$/, '');
  return complete === true ? undefined : 'it was not complete';
}
