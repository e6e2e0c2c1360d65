import { S3RequestError } from '../errors.js';
import { REQUEST_DOLLARS } from '../model/verbs.js';
import { batchJobLines } from './batch-jobs.js';
import {
  beforeCompression,
  counted,
  formatBytes,
  headerChangeText,
  number,
  type Paint,
  printable,
  rateText,
  secondsText,
  smallDollars,
  type Tone,
} from './format.js';
import { invalidationLines } from './invalidations.js';
import { liveCheckFailures, liveCheckText } from './live-check.js';
import { msg, shorten, type Text, textIn } from './message.js';
import { isObvious, NO_RULE, type OriginRule } from './origin.js';
import { COPIED_BY_SERVER, countUnchanged, HEADS, isUnchanged, isUnchangedButHeaders, REASONS } from './reasons.js';
import { shardLines } from './shards.js';
import { straysLeft } from './strays.js';
import type { Outcome, OutcomeAction, Report, ReportFailure, ReportLinks, ReportUnknown } from './types.js';

export interface TextOptions {
  /** The run writes nothing, and its lines say so. */
  readonly dryRun: boolean;
  /** Which origins a line need not name. @default every line names its origin */
  readonly origins?: OriginRule | undefined;
  /** Shows the headers that are sent, those that change, and the size of what is replaced. A dry run shows those that change in any case. @default false */
  readonly verbose?: boolean | undefined;
  /** @default text as it is */
  readonly paint?: Paint | undefined;
  /** Writes a text with its options as the users of the face do. @default as the API names them */
  readonly render?: ((text: Text) => string) | undefined;
}

/** What happened to an object, in the words of lines for people: code, JSON and options say put and skip. */
const WORDS: Readonly<
  Record<OutcomeAction, { readonly done: string; readonly planned?: string; readonly tone: Tone }>
> = {
  put: { done: 'uploaded', planned: 'would upload', tone: 'good' },
  copy: { done: 'copied', planned: 'would copy', tone: 'good' },
  metadata: { done: 'changed the headers of', planned: 'would change the headers of', tone: 'good' },
  delete: { done: 'deleted', planned: 'would delete', tone: 'warning' },
  skip: { done: 'skipped', tone: 'faint' },
  fail: { done: 'failed', tone: 'bad' },
  unknown: { done: 'unknown', tone: 'warning' },
};
const plain: Paint = (_tone, text) => text;

/**
 * One outcome as a line, for example `uploaded docs/app.js (new, 12.3 kB)`: the whole key, and the origin where it does not follow from the key.
 * A failure with a known fix has an indented second line with the hint; where headers differ, each has an indented line with the old and the new value,
 * in a dry run and where all is shown.
 */
export function outcomeText(outcome: Outcome, options: TextOptions): string {
  const { dryRun, origins = NO_RULE, paint = plain, render = String } = options;
  const { action, reason } = outcome;
  const { done, planned = done, tone } = WORDS[action];
  const same = action === 'skip' && isUnchanged(reason);
  const verb = paint(tone, same ? 'unchanged' : dryRun ? planned : done);
  const head = `${verb} ${objectName(outcome, origins)}`;
  if (action === 'fail' || action === 'unknown') {
    const line = `${head}: ${shown(failureText(outcome, render))}`;
    // What helps against an interruption is the same for all objects, so it is in the summary.
    const hint = action === 'fail' ? textIn(outcome.error, 'hint') : undefined;
    return hint === undefined ? line : `${line}\n  ${paint('faint', shown(render(hint)))}`;
  }
  if ((same && reason === REASONS.sameContent) || reason === REASONS.belowPrefix) return head;
  const changes = headerLines(outcome, options);
  const why = action === 'metadata' ? headersReason(outcome, changes.length > 0) : reason;
  const text = `${why}${sentText(outcome, options)}`;
  const line = text === '' ? head : `${head} (${printable(text)})`;
  return changes.length === 0 ? line : [line, ...changes].join('\n');
}

/** A line for each header that differs, where all is shown. */
function headerLines({ headerChanges = [] }: Outcome, { dryRun, verbose = false }: TextOptions): readonly string[] {
  return dryRun || verbose ? headerChanges.map((change) => `  ${printable(headerChangeText(change))}`) : [];
}

/** Which headers change, where no lines below say it; the usual reason says nothing new. */
function headersReason({ reason, headerChanges = [] }: Outcome, isListed: boolean): string {
  const names = isListed ? '' : headerChanges.map(({ name }) => name).join(', ');
  return [reason === REASONS.headersDiffer ? '' : reason, names].filter((text) => text !== '').join(': ');
}

/** The key, and the origin where it does not follow from the key. An archive that cannot be read has no key. */
function objectName(object: Pick<Outcome, 'key' | 'origin'>, origins: OriginRule): string {
  const { key, origin } = object;
  if (key === '') return printable(origin);
  return isObvious(object, origins) ? printable(key) : `${printable(key)} from ${printable(origin)}`;
}

/** A failure or an unknown object of a report as the line of its outcome, without its hint. */
export function listedText(
  word: 'failed' | 'unknown',
  object: ReportFailure | ReportUnknown,
  { origins = NO_RULE, render = String }: Pick<TextOptions, 'origins' | 'render'>,
): string {
  const { key, origin } = object;
  const message = withoutPath(render(textIn(object, 'message')), origin);
  return `${word} ${objectName(object, origins)}: ${shown(withoutRequest(message, key))}`;
}

/** A message of a request, without the verb and the address that it begins with. */
function withoutRequest(message: string, key: string): string {
  const at = message.indexOf(`/${key}: `);
  return /^\w+ s3:\/\/[^/]+$/.test(message.slice(0, Math.max(at, 0)))
    ? message.slice(at + `/${key}: `.length)
    : message;
}

/** The size of what is sent, how it is copied, and its headers. */
function sentText(outcome: Outcome, { verbose = false }: TextOptions): string {
  if (outcome.action !== 'put' && outcome.action !== 'copy') return '';
  const { replacedBytes } = outcome;
  const before = verbose && replacedBytes !== undefined ? `${formatBytes(replacedBytes)} → ` : '';
  return `, ${before}${sizeText(outcome)}${wayText(outcome)}${verbose ? headersText(outcome) : ''}`;
}

/** The headers that decide how a browser shows and keeps an object: ` · text/html; charset=utf-8 · no-cache`. */
function headersText(outcome: Outcome): string {
  const { contentType, contentEncoding, cacheControl } = outcome;
  // The size names the compression of this run.
  const encoding = contentEncoding === undefined || isCompressed(outcome) ? undefined : `encoding ${contentEncoding}`;
  const headers = [contentType, encoding, cacheControl].filter((header) => header !== undefined && header !== '');
  return headers.length === 0 ? '' : ` · ${shorten(headers.join(' · '))}`;
}

/** How the object was copied, where the server did not copy it itself. */
function wayText({ way }: Outcome): string {
  return way === undefined || way === COPIED_BY_SERVER ? '' : `, ${way}`;
}

function sizeText(outcome: Outcome): string {
  const { bytes, sourceBytes, takenOver = 0 } = outcome;
  const resumed = takenOver > 0 ? `, ${formatBytes(takenOver)} of it taken over` : '';
  return isCompressed(outcome)
    ? `${outcome.contentEncoding ?? 'gzip'} ${formatBytes(bytes)} of ${formatBytes(sourceBytes)}${resumed}`
    : `${formatBytes(bytes)}${resumed}`;
}

/** Only compression makes the sent size differ from the source's. */
function isCompressed({ action, bytes, sourceBytes }: Outcome): boolean {
  return action === 'put' && bytes !== sourceBytes;
}

/** A text of any length and from anywhere, on one line. */
function shown(text: string): string {
  return printable(shorten(text));
}

/** The error's message, without the names that the line already has. */
function failureText({ error, reason, origin }: Outcome, render: (text: Text) => string): string {
  if (error === undefined || error.message === '') return withoutPath(reason, origin);
  if (!(error instanceof S3RequestError)) return withoutPath(render(textIn(error, 'message')), origin);
  return withoutRequest(error.message, error.key ?? '');
}

/** A message of an error, without the path that stands before it in a line: at its beginning, or where an error of the system names it. */
export function withoutPath(message: string, path: string): string {
  if (path === '') return message;
  for (const after of [': ', ' '])
    if (message.startsWith(path + after) && message.length > path.length + after.length)
      return message.slice(path.length + after.length);
  // ENOENT: no such file or directory, open 'dist/app.js'
  const system = `, open '${path}'`;
  if (message.endsWith(system)) return message.slice(0, -system.length);
  return message.replace(` ${path}: `, () => ': ');
}

/** What a run is for. */
export type Doing = 'put' | 'copy' | 'delete';

export interface SummaryOptions extends Pick<TextOptions, 'paint' | 'render'> {
  /** @default 'put' */
  readonly doing?: Doing | undefined;
  /** Keys that the source does not have are deleted: the summary then does not name the option that does it. @default false */
  readonly deletes?: boolean | undefined;
  /** Headers are compared: the summary then does not name the option that does it. @default false */
  readonly comparesHeaders?: boolean | undefined;
  /** Adds objects per second, and the requests made. @default false */
  readonly verbose?: boolean | undefined;
  /** Only the first line and the warnings. @default false */
  readonly brief?: boolean | undefined;
}

/**
 * A run in a few lines: what was uploaded, what was not and why, how fast, and all warnings. Empty where the error that ended the run says it all.
 */
export function summaryText(report: Report, options: SummaryOptions = {}): string {
  const { paint = plain, render = String, brief = false } = options;
  const lines = [...headline(report, options), ...(brief ? [] : detailLines(report, options))];
  for (const index of report.warnings.keys())
    lines.push(`${paint('warning', 'Warning:')} ${shown(render(textIn(report.warnings, index)))}`);
  if (report.warningsOmitted > 0)
    lines.push(`… and ${counted(report.warningsOmitted, 'more warning', 'more warnings')}.`);
  return lines.join('\n');
}

/** What stands between the first line and the warnings. */
function detailLines(report: Report, options: SummaryOptions): string[] {
  const { doing = 'put', verbose = false } = options;
  const lines: string[] = [];
  if (report.dryRun) lines.push('Dry run: nothing was written.');
  if (report.counts.unknown > 0)
    lines.push('Requests were in flight when the run ended. Run again: what has been stored is compared and skipped.');
  lines.push(...shardLines(report), ...headersLines(report, options));
  const heads = Object.entries(report.heads);
  if (doing === 'copy' && (report.dryRun || verbose) && heads.length > 0)
    lines.push(
      `HEADs${report.dryRun ? ' that a run makes' : ''}: ${heads.map(([why, count]) => `${number(count)} (${why})`).join(', ')}.`,
    );
  lines.push(...phasesLine(report), ...straysLine(report, options), ...invalidationLines(report, { verbose }));
  lines.push(...batchJobLines(report));
  if (report.dryRun || verbose) lines.push(...linksLine(report));
  if (report.conflicts > 0)
    lines.push(`${objects(report.conflicts)} ${wasOrWere(report.conflicts)} changed by another writer during the run.`);
  lines.push(...liveCheckLines(report));
  const { retries, throttles } = report;
  const trouble = [
    ...(retries > 0 ? [counted(retries, 'retry', 'retries')] : []),
    ...(throttles > 0 ? [counted(throttles, 'throttle', 'throttles')] : []),
  ];
  if (trouble.length > 0) lines.push(`${trouble.join(', ')}.`);
  if (verbose) lines.push(requestsLine(report));
  return lines;
}

/** The most URLs of a failed live check in a summary. */
const MOST_URLS = 10;

function liveCheckLines(report: Report): readonly string[] {
  const text = liveCheckText(report);
  return text === undefined ? [] : [text, ...liveCheckFailures(report, MOST_URLS).map((line) => `  ${shown(line)}`)];
}

/** What the comparison of headers costs, what it could not repair, or what was not compared. */
function headersLines(report: Report, options: SummaryOptions): readonly string[] {
  const { doing = 'put', verbose = false, comparesHeaders = false, render = String } = options;
  const { [HEADS.headersCompared]: compared = 0 } = report.heads;
  const { [REASONS.headersDifferLeft]: left = 0 } = report.reasons;
  const uncompared = comparesHeaders ? 0 : sum(report.reasons, isUnchangedButHeaders);
  const fix = doing === 'copy' ? msg`{mode: 'stupid'} copies all again.` : msg`{updateHeaders} compares them.`;
  const each = counted(compared, 'HEAD', 'HEADs');
  const price = `${smallDollars(compared * REQUEST_DOLLARS.read)} at AWS`;
  return [
    ...(compared > 0 && (report.dryRun || verbose)
      ? [`Headers compared by ${each}, one for each object with the same content: ${price}, in each run.`]
      : []),
    ...(left > 0 ? [`Headers of ${objects(left)} differ, and were not repaired.`] : []),
    ...(uncompared > 0
      ? [
          `Headers not compared: ${objects(uncompared)} with the same content kept the headers they have; ${render(fix)}`,
        ]
      : []),
  ];
}

/** What each phase has done, where one has failed or was not begun: `Done by phase: assets 12 of 12, data 3 of 4 (1 failed), pages 0 of 5.` */
function phasesLine({ phases = [] }: Report): readonly string[] {
  const isDone = phases.every(({ failed, unknown, notAttempted }) => failed + unknown + notAttempted === 0);
  if (isDone || phases.length < 2) return [];
  const each = phases.map(({ phase, planned, done, failed, unknown }) => {
    const why = [
      ...(failed > 0 ? [`${number(failed)} failed`] : []),
      ...(unknown > 0 ? [`${number(unknown)} unknown`] : []),
    ];
    return `${phase} ${number(done)} of ${number(planned)}${why.length === 0 ? '' : ` (${why.join(', ')})`}`;
  });
  return [`Done by phase: ${each.join(', ')}.`];
}

/** Keys that the source does not have, and that are still in the bucket. */
function straysLine(report: Report, { deletes = false, render = String }: SummaryOptions): readonly string[] {
  const { straysComplete } = report;
  const left = straysLeft(report);
  if (left <= 0) return [];
  const least = straysComplete === false ? 'At least ' : '';
  const keys = `${least}${counted(left, 'key', 'keys')}`;
  if (deletes) return [`${keys} that the source does not have ${left === 1 ? 'stays' : 'stay'} in the bucket.`];
  const fix = render(msg`{delete} deletes such keys.`);
  return [`${keys} ${left === 1 ? 'is' : 'are'} in the bucket that the source does not have; ${fix}`];
}

/** What the check of links has read and found; a warning names what is missing. */
function linksLine({ links }: Report): readonly string[] {
  if (links === undefined) return [];
  const { unchecked = 0 } = links;
  const unknown = unchecked > 0 ? `, ${number(unchecked)} unknown` : '';
  return [`Links: ${linksRead(links)}; ${number(links.missing)} missing${unknown}.`];
}

/** `1,204 references to files of the site in 310 documents` */
export function linksRead({ references, documents }: ReportLinks): string {
  const all = counted(references, 'reference to files of the site', 'references to files of the site');
  return `${all} in ${counted(documents, 'document', 'documents')}`;
}

/** The words of the first line: what a run did, what a dry run would do, and where there is nothing. */
const DOING = {
  put: { done: 'Uploaded', planned: 'Would upload', verb: 'upload', noun: 'upload', one: 'file', many: 'files' },
  copy: { done: 'Copied', planned: 'Would copy', verb: 'copy', noun: 'copy', one: 'object', many: 'objects' },
  delete: { done: 'Deleted', planned: 'Would delete', verb: 'delete', noun: 'delete', one: 'object', many: 'objects' },
} as const;

/** The first line: `Uploaded 12 files, 1.2 MB, in 0.8 s (1.5 MB/s); 340 unchanged.` None where nothing was done and nothing is known of the rest. */
function headline(report: Report, options: SummaryOptions): readonly string[] {
  const { counts, dryRun, notAttempted = 0, complete } = report;
  const { doing = 'put', paint = plain } = options;
  const unchanged = countUnchanged(report.reasons);
  const isAllHeaders = counts[doing] === 0 && counts.metadata > 0;
  const parts: readonly (readonly [count: number, what: string, tone?: Tone])[] = [
    [doing === 'delete' ? 0 : counts.delete, dryRun ? 'to delete' : 'deleted'],
    [unchanged, 'unchanged'],
    [counts.skip - unchanged, 'skipped'],
    [counts.fail, 'failed', 'bad'],
    [counts.unknown, 'unknown (may have been stored)', 'warning'],
    [notAttempted, 'not attempted', 'bad'],
  ];
  const rest = parts.flatMap(([count, what, tone]) => {
    if (count <= 0) return [];
    const text = `${number(count)} ${what}`;
    return [tone === undefined ? text : paint(tone, text)];
  });
  if (counts.metadata > 0 && !isAllHeaders)
    rest.unshift(`headers of ${number(counts.metadata)} ${dryRun ? 'to change' : 'changed'}`);
  if (counts[doing] === 0 && rest.length === 0 && !complete) return [];
  if (report.notAttempted === undefined && !complete) rest.push('the rest not attempted');
  const nothing = isAllHeaders ? changedHeadersText(report, options) : nothingText(report, doing);
  const what = counts[doing] > 0 ? doneText(report, options) : nothing;
  return [`${what}${rest.length === 0 ? '' : `; ${rest.join(', ')}`}.`];
}

function doneText(report: Report, { doing = 'put', verbose = false }: SummaryOptions): string {
  const { done, planned, one, many } = DOING[doing];
  const before = doing === 'put' ? beforeCompression(report.bytes, report.sourceBytes) : '';
  const count = counted(report.counts[doing], one, many);
  if (doing === 'delete')
    return report.dryRun ? `${planned} ${count}` : `${done} ${count}, in ${secondsText(report.seconds)}`;
  const what = `${count}, ${formatBytes(report.bytes)}${before}`;
  if (report.dryRun) return `${planned} ${what}`;
  const objectRate = verbose ? `, ${rateText(report.objectsPerSecond)} ${many}/s` : '';
  return `${done} ${what}, in ${secondsText(report.seconds)} (${formatBytes(report.bytesPerSecond)}/s${objectRate})`;
}

/** For a run that only changed headers. */
function changedHeadersText({ counts, dryRun, seconds }: Report, { doing = 'put' }: SummaryOptions): string {
  const what = `the headers of ${counted(counts.metadata, DOING[doing].one, DOING[doing].many)}`;
  return dryRun ? `Would change ${what}` : `Changed ${what}, in ${secondsText(seconds)}`;
}

/** For a run without a put or a copy. */
function nothingText({ counts, complete, dryRun }: Report, doing: Doing): string {
  const { done, verb, noun } = DOING[doing];
  if (counts.unknown > 0) return `No ${noun} was confirmed`;
  if (complete && counts.fail === 0) return `Nothing to ${verb}`;
  return dryRun ? 'Nothing planned' : `Nothing ${done.toLowerCase()}`;
}

function requestsLine({ requests, concurrency }: Report): string {
  const verbs = Object.entries(requests).filter(([, count]) => count > 0);
  if (verbs.length === 0) return 'No requests were made.';
  // The coordinator of a fleet sends none itself.
  const atOnce = concurrency > 0 ? `; at most ${number(concurrency)} at once` : '';
  return `Requests: ${verbs.map(([verb, count]) => `${number(count)} ${verb}`).join(', ')}${atOnce}.`;
}

function sum(reasons: Report['reasons'], wanted: (reason: string) => boolean): number {
  return Object.entries(reasons).reduce((total, [reason, count]) => total + (wanted(reason) ? count : 0), 0);
}

function wasOrWere(count: number): string {
  return count === 1 ? 'was' : 'were';
}

function objects(count: number): string {
  return counted(count, 'object', 'objects');
}
