import { number } from '../report/format.js';
import type { Report } from '../report/types.js';
import { describeError } from './errors.js';
import { bytesOf, code, folded, many } from './markdown.js';
import { diffOf, isFolded, kindsTable } from './summary-changes.js';
import { factsLine, heading, type RunFacts, WORDS } from './summary-heading.js';
import {
  costText,
  failuresList,
  keptHeadersNote,
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
  const before = [
    heading(input, stepError),
    factsLine(input),
    stepError && stepErrorText(stepError),
    failuresList(outcomes.failures, unit, more),
    report && unknownList(report, unit),
    warningsList(report?.warnings ?? [], more),
    kindsTable(outcomes.kinds),
  ];
  const after = [largestTable(outcomes, unit), report && keptHeadersNote(report, unit), report && effortText(report)];
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

/** A dry run shows a list of up to so many lines without folding it, because the list is its purpose. */
const UNFOLDED = 100;

/** The changes with their headers. */
function changesText(
  { outcomes, dryRun, doing, reportPath }: SummaryInput,
  room: number,
  more: MoreText,
): string | undefined {
  const { changes } = outcomes;
  const total = changes.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return undefined;
  const { unit } = WORDS[doing];
  const title = `What ${dryRun ? 'would change' : 'changed'} (${many(total, unit)})`;
  const all = isFolded(changes) ? `<p>Every ${unit} is in ${reportNamed(reportPath)}.</p>` : '';
  const bytes = room - bytesOf(folded(title, `\n\n${all}`));
  const moreText = (count: number): string => `<p>${more(count)}</p>`;
  const { text, lines, left } = diffOf(changes, { bytes, moreText });
  const whole = all === '' || left > 0 ? text : `${text}\n\n${all}`;
  return dryRun && lines <= UNFOLDED ? whole : folded(title, whole);
}

function moreIn(reportPath: string): MoreText {
  return (count) => `${number(count)} more in ${reportNamed(reportPath)}`;
}

/** The report, by the name of its file; the log where no file could be written. */
function reportNamed(reportPath: string): string {
  return reportPath === '' ? 'the log' : `the report ${code(reportPath, MAX_NAME)}`;
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
