import type { Report } from '../report/report.js';
import { number } from '../report/text.js';
import { pieChart } from './chart.js';
import { costText } from './cost.js';
import { endedBy } from './ended-by.js';
import { countsOf, countsTable, heading, many } from './headline.js';
import { bytesOf, code, folded, html } from './markdown.js';
import { diffOf } from './summary-diff.js';
import { endedText, extremes, failuresList, type MoreText, warningsList } from './summary-lists.js';
import type { Told } from './told.js';

export interface SummaryInput {
  readonly doing: 'put' | 'copy';
  readonly bucket: string;
  /** Empty where there is none. */
  readonly prefix: string;
  /** Where visitors find what was put. */
  readonly url: string | undefined;
  readonly told: Told;
  /** Undefined where the run did not begin. */
  readonly report: Report | undefined;
  /** What the run threw. */
  readonly error: unknown;
  readonly dryRun: boolean;
  /** File of the whole report. */
  readonly reportPath: string | undefined;
}

/** The runner takes 1,024 KiB a step, or nothing at all. */
const LONGEST = 1_000_000;
const LONGEST_NAME = 2_000;

/**
 * The job summary of a run: status first, what failed and how to mend it, counts, what changed, and what it took. Never longer than 1,000,000
 * bytes: it is the changes that are cut, as all else is short.
 */
export function summaryMarkdown(input: SummaryInput): string {
  const { told, report, error, dryRun, url } = input;
  const ended = endedBy(error);
  const run = { ...input, ended };
  const more = moreIn(input.reportPath);
  const counted = countsOf(report, ended) !== undefined;
  const before = [
    heading(run),
    ended && endedText(ended),
    failuresList(told.failures, more),
    countsTable(run),
    linkTo(url),
    warningsList(report?.warnings ?? [], more),
  ];
  const after = [
    extremes(told, dryRun),
    report && effortText(report),
    report && counted ? pieChart(report) : undefined,
  ];
  const room = LONGEST - bytesOf(joined([...before, ...after])) - 2;
  return joined([...before, changesText(input, room, more), ...after]);
}

/** The summary of a run that did not begin. */
export function earlySummary(error: unknown): string {
  const ended = endedBy(error);
  return joined([`### ❌ ${ended?.word ?? 'Failed'}`, ended && endedText(ended)]);
}

export function joined(sections: readonly (string | undefined)[]): string {
  return `${sections.filter((section) => section !== undefined && section !== '').join('\n\n')}\n`;
}

/** In a dry run the changes are what matters, so they are not folded. */
function changesText({ told, report, dryRun }: SummaryInput, room: number, more: MoreText): string | undefined {
  const { changes, moreChanges } = told;
  const total = changes.length + moreChanges;
  if (total === 0) return undefined;
  const unchanged = dryRun ? `\n\n${number(countsOf(report, undefined)?.unchanged ?? 0)} unchanged.` : '';
  const around = (text: string): string =>
    dryRun ? `${text}${unchanged}` : folded(`${many(total, 'changed object')}`, text);
  const bytes = room - bytesOf(around(''));
  return around(diffOf(changes, { more: moreChanges, bytes, moreText: (count) => `<p>${more(count)}</p>` }));
}

function moreIn(reportPath: string | undefined): MoreText {
  const where = reportPath === undefined ? '' : `, ${code(reportPath, LONGEST_NAME)}`;
  return (count) => `${number(count)} more in the report${where}`;
}

/** Anything but a web address stays text. */
function linkTo(url: string | undefined): string | undefined {
  if (url === undefined || url === '') return undefined;
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const web = address?.protocol === 'https:' || address?.protocol === 'http:';
  if (address === undefined || !web || address.href.length > LONGEST_NAME) return `<p>${code(url, LONGEST_NAME)}</p>`;
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
