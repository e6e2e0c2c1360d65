import { S3RequestError } from '../errors.js';
import { msg, shorten, type Text, textIn } from './message.js';
import { COPIED_BY_SERVER, countUnchanged, isUnchangedButHeaders } from './reasons.js';
import type { Outcome, OutcomeAction, Report } from './types.js';

/** The kind of a piece of text, from which a terminal chooses its colour. */
export type Tone = 'good' | 'bad' | 'faint' | 'warning';
export type Paint = (tone: Tone, text: string) => string;

export interface TextOptions {
  /** Name of the bucket, without scheme and prefix. */
  readonly bucket: string;
  /** The run writes nothing, and its lines say so. */
  readonly dryRun: boolean;
  /** @default 'put' */
  readonly doing?: 'put' | 'copy' | undefined;
  /** @default text as it is */
  readonly paint?: Paint | undefined;
  /** Writes a text with its options as the users of the face do. @default as the API names them */
  readonly render?: ((text: Text) => string) | undefined;
}

const TONES: Readonly<Partial<Record<OutcomeAction, Tone>>> = {
  put: 'good',
  copy: 'good',
  skip: 'faint',
  fail: 'bad',
  unknown: 'warning',
};
const plain: Paint = (_tone, text) => text;

/**
 * One outcome as a line, for example `put dist/app.js → s3://my-site/app.js (new, 12.3 kB)`.
 * A failure with a known fix has an indented second line with the hint.
 */
export function outcomeText(outcome: Outcome, options: TextOptions): string {
  const { bucket, dryRun, paint = plain, render = String } = options;
  const { action, origin, key, reason } = outcome;
  const verb = paint(TONES[action] ?? 'warning', action);
  const head = `${dryRun ? '(dry run) ' : ''}${verb} ${printable(origin)} → ${printable(`s3://${bucket}/${key}`)}`;
  if (action === 'fail' || action === 'unknown') {
    const line = `${head}: ${shown(failureText(outcome, render))}`;
    // What helps against an interruption is the same for all objects, so it is in the summary.
    const hint = action === 'fail' ? textIn(outcome.error, 'hint') : undefined;
    return hint === undefined ? line : `${line}\n  ${paint('faint', shown(render(hint)))}`;
  }
  return `${head} (${printable(action === 'put' || action === 'copy' ? `${reason}, ${sizeText(outcome)}${wayText(outcome)}` : reason)})`;
}

/** How the object was copied, where the server did not copy it itself. */
function wayText({ way }: Outcome): string {
  return way === undefined || way === COPIED_BY_SERVER ? '' : `, ${way}`;
}

/** Only compression makes the sent size differ from the source's. */
function sizeText({ action, bytes, sourceBytes, takenOver = 0 }: Outcome): string {
  const resumed = takenOver > 0 ? `, ${formatBytes(takenOver)} of it taken over` : '';
  return action === 'put' && bytes !== sourceBytes
    ? `gzip ${formatBytes(bytes)} of ${formatBytes(sourceBytes)}${resumed}`
    : `${formatBytes(bytes)}${resumed}`;
}

/** A text of any length and from anywhere, on one line. */
function shown(text: string): string {
  return printable(shorten(text));
}

/** The error's message, without the names that the line already has. */
function failureText({ error, reason, origin }: Outcome, render: (text: Text) => string): string {
  if (error === undefined || error.message === '') return withoutPath(reason, origin);
  if (!(error instanceof S3RequestError)) return withoutPath(render(textIn(error, 'message')), origin);
  const named = `${error.verb} s3://${error.bucket}/${error.key ?? ''}: `;
  return error.message.startsWith(named) ? error.message.slice(named.length) : error.message;
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

/** A run in a few lines: what was put, what was not and why, how fast, and all warnings. */
export function summaryText(
  report: Report,
  options: { readonly verbose?: boolean } & Pick<TextOptions, 'doing' | 'paint' | 'render'> = {},
): string {
  const { doing = 'put', paint = plain, verbose = false, render = String } = options;
  const lines = [headline(report, doing, paint)];
  if (report.dryRun) lines.push('Dry run: nothing was written.');
  if (report.counts.unknown > 0)
    lines.push('Requests were in flight when the run ended. Run again: what has been stored is compared and skipped.');
  const heads = Object.entries(report.heads);
  if (doing === 'copy' && (report.dryRun || verbose) && heads.length > 0)
    lines.push(
      `HEADs${report.dryRun ? ' that a run makes' : ''}: ${heads.map(([why, count]) => `${number(count)} (${why})`).join(', ')}.`,
    );
  const uncompared = sum(report.reasons, isUnchangedButHeaders);
  if (uncompared > 0) {
    const kept = `${objects(uncompared)} with the same content kept the headers they have`;
    const again = msg`{mode: 'stupid'} ${doing === 'copy' ? 'copies' : 'sends'} all again.`;
    lines.push(`Headers not compared: ${kept}; ${render(again)}`);
  }
  const { retries, throttles } = report;
  if (retries > 0 || throttles > 0)
    lines.push(`${counted(retries, 'retry', 'retries')}, ${counted(throttles, 'throttle', 'throttles')}.`);
  if (verbose) lines.push(requestsLine(report));
  for (const index of report.warnings.keys())
    lines.push(`${paint('warning', 'Warning:')} ${shown(render(textIn(report.warnings, index)))}`);
  if (report.warningsOmitted > 0)
    lines.push(`… and ${counted(report.warningsOmitted, 'more warning', 'more warnings')}.`);
  return lines.join('\n');
}

function headline(report: Report, doing: 'put' | 'copy', paint: Paint): string {
  const { counts, dryRun, notAttempted } = report;
  const unchanged = countUnchanged(report.reasons);
  const skipped = counts.skip - unchanged;
  const rest = [
    `${number(unchanged)} unchanged`,
    ...(skipped > 0 ? [`${number(skipped)} skipped`] : []),
    counts.fail > 0 ? paint('bad', `${number(counts.fail)} failed`) : '0 failed',
    ...(counts.unknown > 0 ? [paint('warning', `${number(counts.unknown)} unknown (may have been stored)`)] : []),
    ...(notAttempted === undefined && !report.complete ? ['the rest not attempted'] : []),
    ...((notAttempted ?? 0) > 0 ? [paint('bad', `${number(notAttempted ?? 0)} not attempted`)] : []),
  ].join(', ');
  const encoded = doing === 'put' && report.bytes !== report.sourceBytes;
  const before = encoded ? ` (${formatBytes(report.sourceBytes)} before compression)` : '';
  const what = `${objects(counts[doing])}, ${formatBytes(report.bytes)}${before}`;
  if (dryRun) return `Would ${doing} ${what}; ${rest}; ${secondsText(report.seconds)}.`;
  const rates = `${formatBytes(report.bytesPerSecond)}/s, ${rateText(report.objectsPerSecond)} ${doing === 'put' ? 'files' : 'objects'}/s`;
  return `${doing === 'put' ? 'Put' : 'Copied'} ${what} in ${secondsText(report.seconds)} (${rates}); ${rest}.`;
}

function requestsLine({ requests, concurrency }: Report): string {
  const verbs = Object.entries(requests).filter(([, count]) => count > 0);
  if (verbs.length === 0) return 'No requests were made.';
  return `Requests: ${verbs.map(([verb, count]) => `${number(count)} ${verb}`).join(', ')}; at most ${number(concurrency)} at once.`;
}

function sum(reasons: Report['reasons'], wanted: (reason: string) => boolean): number {
  return Object.entries(reasons).reduce((total, [reason, count]) => total + (wanted(reason) ? count : 0), 0);
}

function objects(count: number): string {
  return counted(count, 'object', 'objects');
}

function counted(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** A whole number with commas: `12,345`. */
export function number(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `0.84 s`, `12.3 s`, `2 min 5 s`, `1 h 3 min`. */
export function secondsText(seconds: number): string {
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A rate: one decimal while it is small. */
export function rateText(rate: number): string {
  return rate < 9.95 ? rate.toFixed(1) : number(rate);
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text on one line of a terminal: control characters, line separators and direction marks are shown as escapes,
 * so that a file's name can neither forge a line nor move the cursor.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.charCodeAt(0);
    return NAMED[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** Bytes for people, in powers of 1,000: `999 B`, `1.0 kB`, `12.3 MB`. */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  // 999.95 would be shown as 1000.0 of the unit.
  while (amount >= (unit === 0 ? 999.5 : 999.95) && unit < DECIMAL.length - 1) {
    amount /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(amount) : amount.toFixed(1)} ${DECIMAL[unit]}`;
}

const DECIMAL = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
