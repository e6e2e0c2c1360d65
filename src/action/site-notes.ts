import { REQUEST_DOLLARS } from '../model/verbs.js';
import { number, smallDollars } from '../report/format.js';
import { invalidationsByStatus, somePaths } from '../report/invalidations.js';
import { HEADS, isUnchangedButHeaders, REASONS } from '../report/reasons.js';
import { straysLeft } from '../report/strays.js';
import { linksRead } from '../report/text.js';
import type { Report, ReportPhase } from '../report/types.js';
import { code, folded, framed, htmlTable, many } from './markdown.js';
import { type RunFacts, WORDS } from './summary-heading.js';

/** What the notes about a site's deploy are made of. */
export interface SiteFacts extends Pick<RunFacts, 'doing' | 'prefix' | 'dryRun' | 'deletes' | 'comparesHeaders'> {
  readonly report: Report;
}

/**
 * What became of the phases where one was not carried out as a whole: `assets: 1 of 12 failed; data and pages were not uploaded; nothing was deleted`.
 * Undefined where all were, and where none was begun, because the error that ended the run then says it all.
 */
export function phasesText(
  { phases = [] }: Report,
  { doing, dryRun }: Pick<SiteFacts, 'doing' | 'dryRun'>,
): string | undefined {
  const begun = phases.flatMap((phase) => (isUntouched(phase) ? [] : partText(phase)));
  const untouched = phases.filter(isUntouched).map(({ phase }) => phase);
  if (begun.length === 0) return undefined;
  const files = untouched.filter((phase) => phase !== 'deletes').map(nameOf);
  const word = dryRun ? 'not attempted' : `not ${WORDS[doing].past}`;
  return [
    ...begun,
    ...(files.length > 0 ? [`${listOf(files)} were ${word}`] : []),
    ...(untouched.includes('deletes') ? [dryRun ? 'no delete was planned' : 'nothing was deleted'] : []),
  ].join('; ');
}

function isUntouched({ done, failed, unknown, notAttempted }: ReportPhase): boolean {
  return done + failed + unknown === 0 && notAttempted > 0;
}

/** A phase that was begun; nothing for one without a failure that came to its end. */
function partText({ phase, planned, failed, unknown, notAttempted }: ReportPhase): readonly string[] {
  const parts: readonly (readonly [count: number, word: string])[] = [
    [failed, 'failed'],
    [unknown, 'unknown'],
    [notAttempted, 'not attempted'],
  ];
  const [first, ...rest] = parts
    .filter(([count]) => count > 0)
    .map(([count, word], index) => `${number(count)}${index === 0 ? ` of ${number(planned)}` : ''} ${word}`);
  return first === undefined ? [] : [`${nameOf(phase)}: ${[first, ...rest].join(', ')}`];
}

/** Without an order all files are of one phase. */
function nameOf(phase: ReportPhase['phase']): string {
  return phase === 'transfer' ? 'files' : phase;
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** The phases of a run that has left some out; undefined where there is one phase only, of which the heading says all. */
export function phasesNote({ report, ...facts }: SiteFacts): string | undefined {
  const text = (report.phases?.length ?? 0) > 1 ? phasesText(report, facts) : undefined;
  return text === undefined ? undefined : framed('CAUTION', `<p>${text}.</p>`);
}

/** The keys that the source does not have and that stay: how many, and what to do about them. */
export function straysNote({ report, doing, prefix, deletes }: SiteFacts): string | undefined {
  const { straysComplete = false } = report;
  const staying = straysLeft(report);
  if (doing === 'delete' || staying <= 0) return undefined;
  const least = straysComplete ? '' : 'at least ';
  const where = prefix === '' ? 'in the bucket' : 'below the prefix';
  const keys = `${least}${many(staying, 'key')} ${where}`;
  const are = staying === 1 ? 'is' : 'are';
  const what = `${capital(keys)} ${are} not in the ${doing === 'put' ? 'build' : 'source'}`;
  if (deletes) return framed('NOTE', `<p>${what}, and ${staying === 1 ? 'stays' : 'stay'}.</p>`);
  const count = straysComplete ? '' : ' <code>list-strays: true</code> counts all of them;';
  return framed('NOTE', `<p>${what}.${count} <code>delete: true</code> deletes them.</p>`);
}

/** What was invalidated at a CDN; undefined where nothing was. */
export function invalidationNote({ report }: SiteFacts): string | undefined {
  const lines = invalidationsByStatus(report).map(({ distributionId, paths, ids, status }) => {
    const what = `${many(paths.length, 'path')} in ${code(distributionId)}`;
    const list = somePaths(paths, code);
    if (status === 'planned') return `Would invalidate ${what}: ${list}`;
    if (status === 'failed') return `<b>Not invalidated</b>: ${what}: ${list}`;
    return `Invalidated ${what} (${ids.map((id) => code(id)).join(', ')}${status === 'completed' ? '' : ', in progress'}): ${list}`;
  });
  return lines.length === 0 ? undefined : `<p>${lines.join('<br>')}</p>`;
}

/** The objects whose headers differ and stay, or were not compared; undefined where there are none. */
export function headersNote({ report, doing, comparesHeaders = false }: SiteFacts): string | undefined {
  const { reasons } = report;
  const { unit } = WORDS[doing];
  const { [REASONS.headersDifferLeft]: left = 0 } = reasons;
  if (left > 0) {
    const were = left === 1 ? 'was' : 'were';
    return framed('WARNING', `<p>The headers of ${many(left, unit)} differ, and ${were} not repaired.</p>`);
  }
  const count = Object.entries(reasons).reduce((sum, [why, each]) => sum + (isUnchangedButHeaders(why) ? each : 0), 0);
  if (comparesHeaders || count === 0) return undefined;
  const keep = count === 1 ? 'keeps the headers it was' : 'keep the headers they were';
  const fix =
    doing === 'copy'
      ? 'To send new headers, run once with <code>mode: stupid</code>.'
      : '<code>update-headers: true</code> sets those that differ.';
  return framed('NOTE', `<p>${many(count, `unchanged ${unit}`)} ${keep} uploaded with. ${fix}</p>`);
}

/** What the comparison of headers costs in each run, for a dry run; undefined where there is none. */
export function comparisonText({ heads, dryRun }: Report, { doing }: Pick<SiteFacts, 'doing'>): string | undefined {
  const { [HEADS.headersCompared]: count = 0 } = heads;
  if (count === 0 || !dryRun) return undefined;
  const price = smallDollars(count * REQUEST_DOLLARS.read);
  const each = `one HEAD for each ${WORDS[doing].unit} with the same content`;
  return `Each run compares headers by ${each}: ${number(count)}, ${price} at AWS.`;
}

/** What a warning or the error of the run lists without saying more. */
const LISTED = 10;
const LONGEST_URL = 300;

/** All files that are missing, as far as the report has them, where the warning of the run does not name all; undefined elsewhere. */
export function linksNote({ links }: Report): string | undefined {
  if (links === undefined || links.missing <= LISTED) return undefined;
  const rows = links.examples.map(({ document, url, resolved }) =>
    [document, url, resolved].map((name) => code(name, LONGEST_URL)),
  );
  const more = links.missing - rows.length;
  const rest = more > 0 ? `\n\n<p>${number(more)} more.</p>` : '';
  return folded(
    `${many(links.missing, 'missing file')} that pages refer to`,
    `${htmlTable(['Document', 'Reference', 'Key'], rows)}${rest}`,
  );
}

/** What the check of links has read and found, as a sentence; undefined where there was none. */
export function linksText({ links }: Report): string | undefined {
  if (links === undefined) return undefined;
  const { missing, unchecked = 0 } = links;
  const unknown = unchecked > 0 ? `; ${many(unchecked, 'file')} could not be checked` : '';
  const found = missing === 0 ? 'none is missing' : `${many(missing, 'file')} ${missing === 1 ? 'is' : 'are'} missing`;
  return `Links: ${linksRead(links)}; ${found}${unknown}.`;
}

/** How often another writer was in the way. */
export function conflictsText({ conflicts }: Report): string | undefined {
  return conflicts > 0 ? `Another writer changed ${many(conflicts, 'object')} during the run.` : undefined;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
