import { countUnchanged } from '../report/reasons.js';
import { formatBytes, number, rateText, secondsText } from '../report/text.js';
import type { Report } from '../report/types.js';
import { describeError, type StepError } from './errors.js';
import { bytesOf, code, codeSpan, folded, html, many } from './markdown.js';
import type { OutcomeSummary } from './outcome-summary.js';
import {
  costText,
  diffOf,
  extremes,
  failuresList,
  type MoreText,
  pieChart,
  stepErrorText,
  unknownList,
  warningsList,
} from './summary-sections.js';

export interface SummaryInput {
  readonly doing: 'put' | 'copy';
  readonly bucket: string;
  /** Empty without a prefix. */
  readonly prefix: string;
  /** The URL where visitors find the put objects. */
  readonly url: string | undefined;
  readonly outcomes: OutcomeSummary;
  /** Undefined if the run did not start. */
  readonly report: Report | undefined;
  /** The error that the run threw. */
  readonly error: unknown;
  readonly dryRun: boolean;
  /** File with the whole report. */
  readonly reportPath: string | undefined;
}

/** The runner takes 1,024 KiB per step, and drops a longer summary as a whole. */
const MAX_BYTES = 1_000_000;
const MAX_NAME = 2_000;

/**
 * The job summary of a run: the status first, failures and their fixes, counts, changes, and time and requests. Never longer than 1,000,000
 * bytes: only the changes are cut, because all other sections are short.
 */
export function summaryMarkdown(input: SummaryInput): string {
  const { outcomes, report, error, dryRun, url } = input;
  const stepError = describeError(error);
  const run = { ...input, stepError };
  const more = moreIn(input.reportPath);
  const counted = countsOf(report, stepError) !== undefined;
  const before = [
    heading(run),
    stepError && stepErrorText(stepError),
    failuresList(outcomes.failures, more),
    report && unknownList(report),
    countsTable(run),
    linkTo(url),
    warningsList(report?.warnings ?? [], more),
  ];
  const after = [
    extremes(outcomes, dryRun),
    report && effortText(report),
    report && counted ? pieChart(report) : undefined,
  ];
  const room = MAX_BYTES - bytesOf(joinSections([...before, ...after])) - 2;
  return joinSections([...before, changesText(input, room, more), ...after]);
}

/** The summary of a run that did not start. */
export function earlySummary(error: unknown): string {
  const stepError = describeError(error);
  const why = stepError === undefined || stepError.title.startsWith(stepError.word) ? '' : `: ${stepError.title}`;
  return joinSections([`### ❌ ${stepError?.word ?? 'Failed'}${why}`, stepError && stepErrorText(stepError)]);
}

export function joinSections(sections: readonly (string | undefined)[]): string {
  return `${sections.filter((section) => section !== undefined && section !== '').join('\n\n')}\n`;
}

/** The changes; in a dry run they are not folded, because they are its purpose. */
function changesText({ outcomes, report, dryRun }: SummaryInput, room: number, more: MoreText): string | undefined {
  const { changes, moreChanges } = outcomes;
  const total = changes.length + moreChanges;
  if (total === 0) return undefined;
  const unchanged = dryRun ? `\n\n${number(countsOf(report, undefined)?.unchanged ?? 0)} unchanged.` : '';
  const around = (text: string): string =>
    dryRun ? `${text}${unchanged}` : folded(`${many(total, 'changed object')}`, text);
  const bytes = room - bytesOf(around(''));
  return around(diffOf(changes, { more: moreChanges, bytes, moreText: (count) => `<p>${more(count)}</p>` }));
}

function moreIn(reportPath: string | undefined): MoreText {
  const where = reportPath === undefined ? '' : `, ${code(reportPath, MAX_NAME)}`;
  return (count) => `${number(count)} more in the report${where}`;
}

/** A link to a web address; anything else stays text. */
function linkTo(url: string | undefined): string | undefined {
  if (url === undefined || url === '') return undefined;
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const web = address?.protocol === 'https:' || address?.protocol === 'http:';
  if (address === undefined || !web || address.href.length > MAX_NAME) return `<p>${code(url, MAX_NAME)}</p>`;
  return `<p><a href="${html(address.href)}">${html(address.href)}</a></p>`;
}

function effortText({ retries, throttles, concurrency, requests }: Report): string {
  const again = [
    `${number(retries)} ${retries === 1 ? 'retry' : 'retries'}, ${many(throttles, 'throttle')};`,
    `at most ${many(concurrency, 'request')} at once.`,
  ].join(' ');
  return [...(retries > 0 || throttles > 0 ? [again] : []), ...(costText(requests) ? [costText(requests)] : [])].join(
    ' ',
  );
}

/** Characters of the URL in the heading: the longest that S3 takes fits; a longer one, which S3 refuses, is cut. */
const MAX_URL = 1_200;

/** The facts that heading and table show. */
export interface RunFacts {
  readonly doing: 'put' | 'copy';
  readonly bucket: string;
  readonly prefix: string;
  readonly dryRun: boolean;
  /** Undefined if the run did not start. */
  readonly report: Report | undefined;
  readonly stepError: StepError | undefined;
}

/** Numbers of objects by what happened to them. */
export interface Counts {
  readonly done: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly failed: number;
  /** May have been stored. */
  readonly unknown: number;
  /** Undefined if their number is not known. */
  readonly notAttempted: number | undefined;
}

/** The counts for people; undefined if the run ended before any object. */
function countsOf(report: Report | undefined, stepError: StepError | undefined): Counts | undefined {
  if (report === undefined) return undefined;
  const { counts, reasons } = report;
  const settled = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (stepError !== undefined && settled === 0) return undefined;
  const unchanged = countUnchanged(reasons);
  const skipped = Math.max(0, counts.skip - unchanged);
  const notAttempted = report.notAttempted ?? (report.complete ? 0 : undefined);
  const { put, copy, metadata, delete: deleted, fail: failed, unknown } = counts;
  return { done: put + copy + metadata + deleted, unchanged, skipped, failed, unknown, notAttempted };
}

/** The heading, status first: `### ✅ 12 objects put, 340 unchanged — ...`. */
function heading(run: RunFacts): string {
  const { bucket, prefix, report, stepError, dryRun } = run;
  const counts = countsOf(report, stepError);
  const warnings = report?.warnings.length ?? 0;
  const failed = stepError !== undefined || (counts?.failed ?? 0) > 0 || report?.complete === false;
  const sign = failed ? '❌' : warnings > 0 ? '⚠️' : '✅';
  const word = failed ? (stepError?.word ?? 'Failed') : undefined;
  const status = dryRun ? `Dry run${word === undefined ? '' : ` ${word.toLowerCase()}`}` : word;
  const countTexts =
    counts === undefined ? [] : [countsText(run, counts), ...(warnings > 0 ? [many(warnings, 'warning')] : [])];
  const head = [status, countTexts.join(', ')].filter((part) => part !== undefined && part !== '').join(': ');
  return `### ${sign} ${head} — ${codeSpan(`s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`, MAX_URL)}`;
}

function countsText({ doing, dryRun }: RunFacts, counts: Counts): string {
  const { done, unchanged, skipped, failed, unknown, notAttempted } = counts;
  const objects = many(done, 'object');
  return [
    dryRun ? `would ${doing} ${objects}` : `${objects} ${doing === 'put' ? 'put' : 'copied'}`,
    `${number(unchanged)} unchanged`,
    ...(skipped > 0 ? [`${number(skipped)} skipped`] : []),
    ...(failed > 0 ? [`${number(failed)} failed`] : []),
    ...(unknown > 0 ? [`${number(unknown)} unknown`] : []),
    ...(notAttempted === undefined ? ['the rest not attempted'] : []),
    ...(notAttempted !== undefined && notAttempted > 0 ? [`${number(notAttempted)} not attempted`] : []),
  ].join(', ');
}

/** The counts as a Markdown table; it has no names, so nothing in it needs escapes. */
function countsTable({ doing, dryRun, report, stepError }: RunFacts): string | undefined {
  const counts = countsOf(report, stepError);
  if (report === undefined || counts === undefined) return undefined;
  const { done, unchanged, skipped, failed, unknown, notAttempted } = counts;
  const past = doing === 'put' ? 'Put' : 'Copied';
  const columns: readonly (readonly [string, string])[] = [
    [dryRun ? `Would ${doing}` : past, number(done)],
    ['Unchanged', number(unchanged)],
    ['Skipped', number(skipped)],
    ['Failed', number(failed)],
    ...(unknown > 0 ? [['Unknown (may have been stored)', number(unknown)] as const] : []),
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
