import { number } from '../report/format.js';
import { liveCheckText } from '../report/live-check.js';
import { shardLines } from '../report/shards.js';
import type { Report } from '../report/types.js';
import { describeError } from './errors.js';
import { bytesOf, code, folded, many } from './markdown.js';
import type { ChangeGroup } from './outcome-summary.js';
import {
  comparisonText,
  conflictsText,
  headersNote,
  invalidationNote,
  linksNote,
  linksText,
  phasesNote,
  straysNote,
} from './site-notes.js';
import { diffOf, isFolded, kindsTable } from './summary-changes.js';
import { factsLine, heading, type RunFacts, WORDS } from './summary-heading.js';
import {
  costText,
  failuresList,
  largestTable,
  type MoreText,
  stepErrorText,
  unknownList,
  warningsList,
} from './summary-sections.js';

export interface SummaryInput extends RunFacts {
  /** The error that the run threw. */
  readonly error: unknown;
  /** File with the whole report; empty where it could not be written. */
  readonly reportPath: string;
}

/** The runner takes 1,024 KiB per step, and drops a longer summary as a whole. */
const MAX_BYTES = 1_000_000;
const MAX_NAME = 2_000;

/**
 * The job summary of a run: what happened and where, failures and their fixes, files by kind, changes with their headers, and notes. Never longer
 * than 1,000,000 bytes: only the changes are cut, because all other sections are short.
 */
export function summaryMarkdown(input: SummaryInput): string {
  const { outcomes, report, doing } = input;
  const stepError = describeError(input.error);
  const unit = WORDS[doing].unit;
  const more = moreIn(input.reportPath);
  const site = report && { ...input, report };
  const before = [
    heading(input, stepError),
    factsLine(input),
    stepError && stepErrorText(stepError),
    failuresList(outcomes.failures, unit, more),
    site && phasesNote(site),
    report && unknownList(report, unit),
    warningsList(report?.warnings ?? [], more),
    kindsTable(outcomes.kinds),
  ];
  const after = [
    site && invalidationNote(site),
    report && linksNote(report),
    site && straysNote(site),
    largestTable(outcomes, unit),
    site && headersNote(site),
    report && effortText(report, input),
  ];
  const room = MAX_BYTES - bytesOf(joinSections([...before, ...after])) - 2;
  // Both lists together fit: the second has what the first leaves.
  const deletes = deletesText(input, Math.floor(room / 2), more);
  const changes = changesText(input, room - bytesOf(deletes ?? '') - 2, more);
  return joinSections([...before, changes, deletes, ...after]);
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

/** A dry run shows a list of up to so many lines without folding it, because the list is its purpose. */
const UNFOLDED = 100;

/** What was written, with its headers. */
function changesText(input: SummaryInput, room: number, more: MoreText): string | undefined {
  const changes = input.outcomes.changes.filter(({ column }) => column !== 'deleted');
  const title = (files: string): string => `What ${input.dryRun ? 'would change' : 'changed'} (${files})`;
  return listText(changes, input, { room, more, title });
}

/** What was deleted, as a list of its own, because nobody should have to look for it. */
function deletesText(input: SummaryInput, room: number, more: MoreText): string | undefined {
  const { outcomes, doing, dryRun } = input;
  const deletes = outcomes.changes.filter(({ column }) => column === 'deleted');
  const deleted = dryRun ? 'would be deleted' : 'deleted';
  const why = { put: 'No longer in the build', copy: 'No longer in the source', delete: 'Below the prefix' }[doing];
  return listText(deletes, input, {
    room,
    more,
    title: (files) => `${why} (${files} ${deleted})`,
    titled: true,
  });
}

interface ListOptions {
  /** The most bytes. */
  readonly room: number;
  readonly more: MoreText;
  /** @param files their number with its unit */
  readonly title: (files: string) => string;
  /** The title stands above a list that is not folded, too. @default false */
  readonly titled?: boolean;
}

function listText(
  changes: readonly ChangeGroup[],
  { dryRun, doing, reportPath }: SummaryInput,
  { room, more, title, titled = false }: ListOptions,
): string | undefined {
  const total = changes.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return undefined;
  const { unit } = WORDS[doing];
  const heading = title(many(total, unit));
  const all = isFolded(changes) ? `<p>Every ${unit} is in ${reportNamed(reportPath)}.</p>` : '';
  const bytes = room - bytesOf(folded(heading, `\n\n${all}`));
  const moreText = (count: number): string => `<p>${more(count)}</p>`;
  const { text, lines, left } = diffOf(changes, { bytes, moreText });
  const whole = all === '' || left > 0 ? text : `${text}\n\n${all}`;
  if (!dryRun || lines > UNFOLDED) return folded(heading, whole);
  return titled ? `**${heading}**\n\n${whole}` : whole;
}

function moreIn(reportPath: string): MoreText {
  return (count) => `${number(count)} more in ${reportNamed(reportPath)}`;
}

/** The report, by the name of its file; the log where no file could be written. */
function reportNamed(reportPath: string): string {
  return reportPath === '' ? 'the log' : `the report ${code(reportPath, MAX_NAME)}`;
}

function effortText(report: Report, run: Pick<SummaryInput, 'doing'>): string {
  const { retries, throttles, concurrency, requests } = report;
  const again = [
    `${number(retries)} ${retries === 1 ? 'retry' : 'retries'}, ${many(throttles, 'throttle')};`,
    `at most ${many(concurrency, 'request')} at once.`,
  ].join(' ');
  const effort = retries > 0 || throttles > 0 ? again : undefined;
  // A failed one is the error, which stands above.
  const live = report.liveCheck?.failed === 0 ? liveCheckText(report) : undefined;
  const texts = [
    ...shardLines(report),
    linksText(report),
    live,
    conflictsText(report),
    effort,
    comparisonText(report, run),
    costText(requests),
  ];
  return texts.filter((text) => text !== undefined).join(' ');
}
