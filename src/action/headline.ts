import type { Report } from '../report/report.js';
import { number, rateText, secondsText } from '../report/text.js';
import { formatBytes } from '../size.js';
import type { EndedBy } from './ended-by.js';
import { codeSpan } from './markdown.js';

/** A prefix that is too long is refused, and the summary says so. */
const LONGEST_PLACE = 1_200;

/** What heading and table are about. */
export interface Run {
  readonly doing: 'put' | 'copy';
  readonly bucket: string;
  readonly prefix: string;
  readonly dryRun: boolean;
  /** Undefined where the run did not begin. */
  readonly report: Report | undefined;
  readonly ended: EndedBy | undefined;
}

/** Objects by what became of them, as far as any settled. */
export interface Counts {
  readonly done: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly failed: number;
  /** Undefined where their number is not known. */
  readonly notAttempted: number | undefined;
}

/** Counts as people think of them; undefined where nothing was begun. */
export function countsOf(report: Report | undefined, ended: EndedBy | undefined): Counts | undefined {
  if (report === undefined) return undefined;
  const { counts, reasons } = report;
  const settled = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (ended !== undefined && settled === 0) return undefined;
  const unchanged = Object.entries(reasons).reduce(
    (sum, [reason, count]) => sum + (reason.startsWith('same ') ? count : 0),
    0,
  );
  const skipped = Math.max(0, counts.skip - unchanged);
  const notAttempted = report.notAttempted ?? (report.complete ? 0 : undefined);
  return { done: settled - counts.skip - counts.fail, unchanged, skipped, failed: counts.fail, notAttempted };
}

/** The heading, status first: `### ✅ 12 objects put, 340 unchanged — ...`. */
export function heading(run: Run): string {
  const { bucket, prefix, report, ended, dryRun } = run;
  const counts = countsOf(report, ended);
  const warnings = report?.warnings.length ?? 0;
  const failed = ended !== undefined || (counts?.failed ?? 0) > 0 || report?.complete === false;
  const sign = failed ? '❌' : warnings > 0 ? '⚠️' : '✅';
  const word = failed ? (ended?.word ?? 'Failed') : undefined;
  const status = dryRun ? `Dry run${word === undefined ? '' : ` ${word.toLowerCase()}`}` : word;
  const told =
    counts === undefined ? [] : [countsText(run, counts), ...(warnings > 0 ? [many(warnings, 'warning')] : [])];
  const head = [status, told.join(', ')].filter((part) => part !== undefined && part !== '').join(': ');
  return `### ${sign} ${head} — ${codeSpan(`s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`, LONGEST_PLACE)}`;
}

function countsText({ doing, dryRun }: Run, { done, unchanged, skipped, failed, notAttempted }: Counts): string {
  const objects = many(done, 'object');
  return [
    dryRun ? `would ${doing} ${objects}` : `${objects} ${doing === 'put' ? 'put' : 'copied'}`,
    `${number(unchanged)} unchanged`,
    ...(skipped > 0 ? [`${number(skipped)} skipped`] : []),
    ...(failed > 0 ? [`${number(failed)} failed`] : []),
    ...(notAttempted === undefined ? ['the rest not attempted'] : []),
    ...(notAttempted !== undefined && notAttempted > 0 ? [`${number(notAttempted)} not attempted`] : []),
  ].join(', ');
}

/** The counts as a table of Markdown; it holds no names. */
export function countsTable({ doing, dryRun, report, ended }: Run): string | undefined {
  const counts = countsOf(report, ended);
  if (report === undefined || counts === undefined) return undefined;
  const { done, unchanged, skipped, failed, notAttempted } = counts;
  const past = doing === 'put' ? 'Put' : 'Copied';
  const columns: readonly (readonly [string, string])[] = [
    [dryRun ? `Would ${doing}` : past, number(done)],
    ['Unchanged', number(unchanged)],
    ['Skipped', number(skipped)],
    ['Failed', number(failed)],
    ['Not attempted', notAttempted === undefined ? 'unknown' : number(notAttempted)],
    ['Bytes', formatBytes(report.bytes)],
    ['Time', secondsText(report.seconds)],
    ...(dryRun
      ? []
      : [['Rate', `${formatBytes(report.bytesPerSecond)}/s, ${rateText(report.objectsPerSecond)} objects/s`] as const]),
  ];
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(columns.map(([name]) => name)),
    row(columns.map(() => '---:')),
    row(columns.map(([, value]) => value)),
  ].join('\n');
}

/** `1 object`, `1,200 objects`. */
export function many(count: number, what: string): string {
  return `${number(count)} ${what}${count === 1 ? '' : 's'}`;
}
