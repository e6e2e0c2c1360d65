import type { Verb } from '../model/verbs.js';
import { REQUEST_DOLLARS, VERBS } from '../model/verbs.js';
import { renderOptionNames } from '../options/names.js';
import { textIn } from '../report/message.js';
import { COPIED_BY_SERVER, countUnchanged, isNew, REASONS } from '../report/reasons.js';
import { formatBytes, number, secondsText } from '../report/text.js';
import type { Report } from '../report/types.js';
import type { StepError } from './errors.js';
import { bytesOf, code, fenced, fitting, folded, htmlTable, many, oneLine, prose } from './markdown.js';
import type { Change, FailureClass, MeasuredObject, OutcomeSummary } from './outcome-summary.js';
/** The text for `count` items that are left out, as HTML. */
export type MoreText = (count: number) => string;

const FAILURE_BYTES = 200_000;
const WARNING_BYTES = 100_000;
const UNKNOWN_BYTES = 100_000;
const MOST = 20;
/** The report has the whole names. */
const LONGEST_EXAMPLE = 300;

/** The error that ended the run, and its fix. */
export function stepErrorText({ title, message, hint }: StepError): string {
  const lines = [`<strong>${prose(title)}</strong>`, prose(message), ...(hint === undefined ? [] : [prose(hint)])];
  return `<p>${lines.join('<br>')}</p>`;
}

/** The failures by class, with their fixes. */
export function failuresList(failures: readonly FailureClass[], more: MoreText): string | undefined {
  const items = failures.map(({ code: named, count, examples, message, hint }) => {
    const shown = examples.map((key) => code(key, LONGEST_EXAMPLE)).join(', ');
    const left = count > examples.length ? ` and ${number(count - examples.length)} more` : '';
    const lines = [
      `${many(count, 'object')} failed: ${code(named, LONGEST_EXAMPLE)}`,
      `${shown}${left}`,
      prose(message),
    ];
    return [...lines, ...(hint === undefined ? [] : [prose(hint)])].join('<br>');
  });
  return list(items, FAILURE_BYTES, more);
}

/** The objects that may have been stored, by key. */
export function unknownList({ counts, unknown }: Report): string | undefined {
  if (!(counts.unknown > 0)) return undefined;
  const keys = fitting(
    unknown.slice(0, MOST).map(({ key }) => code(key, LONGEST_EXAMPLE)),
    UNKNOWN_BYTES,
  );
  const left = counts.unknown > keys.length ? ` and ${number(counts.unknown - keys.length)} more` : '';
  const lines = [
    `❔ ${many(counts.unknown, 'object')} may have been stored: their requests were in flight when the run ended.`,
    `${keys.join(', ')}${left}`,
    'Run again: what has been stored is compared and skipped.',
  ];
  return `<p>${lines.join('<br>')}</p>`;
}

/** The warnings of the run. */
export function warningsList(warnings: readonly string[], more: MoreText): string | undefined {
  return list(
    [...warnings.keys()].map((index) => `⚠️ Warning: ${prose(renderOptionNames(textIn(warnings, index), 'action'))}`),
    WARNING_BYTES,
    more,
  );
}

function list(items: readonly string[], bytes: number, more: MoreText): string | undefined {
  if (items.length === 0) return undefined;
  const lines = fitting(
    items.slice(0, MOST).map((item) => `<li>${item}</li>`),
    bytes,
  );
  const left = items.length - lines.length;
  return ['<ul>', ...lines, ...(left > 0 ? [`<li>${more(left)}</li>`] : []), '</ul>'].join('\n');
}

/** The slowest and the largest objects; for a dry run, whose times mean nothing, only the largest. */
export function extremes({ slowest, largest }: OutcomeSummary, dryRun: boolean): string | undefined {
  if (largest.length < 2) return undefined;
  const title = dryRun ? 'Largest' : 'Slowest and largest';
  const tables = [...(dryRun ? [] : [table('Slowest', slowest, dryRun)]), table('Largest', largest, dryRun)];
  return folded(`${title} objects`, tables.join('\n\n'));
}

function table(name: string, objects: readonly MeasuredObject[], dryRun: boolean): string {
  const time = (ms: number): readonly string[] => (dryRun ? [] : [secondsText(ms / 1_000)]);
  return htmlTable(
    [name, 'Size', ...(dryRun ? [] : ['Time'])],
    objects.map(({ key, bytes, durationMs }) => [code(key), formatBytes(bytes), ...time(durationMs)]),
  );
}

export interface DiffOptions {
  /** Number of changes that are not in the list. */
  readonly more: number;
  /** The greatest length of the text. */
  readonly bytes: number;
  /** The text for `count` changes that are left out; Markdown. */
  readonly moreText: (count: number) => string;
}

/** `+` is green and `!` is orange where GitHub shows a diff. */
function signOf({ action, reason }: Change): string {
  if (action === 'delete') return '-';
  return isNew(reason) ? '+' : '!';
}

/** One change as a line of a diff, for example `+ js/app.js (new, 1.2 kB)`. @internal */
export function changeLine(change: Change): string {
  const { action, key, reason, bytes, way } = change;
  const size = action === 'put' || action === 'copy' ? `, ${formatBytes(bytes)}` : '';
  const how = way === undefined || way === COPIED_BY_SERVER ? '' : `, ${way}`;
  return `${signOf(change)} ${oneLine(key)} (${oneLine(`${reason}${size}${how}`)})`;
}

/** Changes as a fenced diff: as many whole lines as fit, and the number of the others. */
export function diffOf(changes: readonly Change[], { more, bytes, moreText }: DiffOptions): string {
  const lines = changes.map(changeLine);
  const whole = fenced('diff', lines);
  if (more === 0 && bytesOf(whole) <= bytes) return whole;
  const room = bytes - bytesOf(fenced('diff', [])) - bytesOf(moreText(changes.length + more)) - 2;
  const shown = fitting(lines, room);
  const left = lines.length - shown.length + more;
  const diff = shown.length > 0 ? [fenced('diff', shown)] : [];
  return [...diff, ...(left > 0 ? [moreText(left)] : [])].join('\n\n');
}

/** The smallest share of a visible slice. */
const THINNEST = 0.01;
const FEWEST = 3;

/** Numbers of objects by what happened to them; each object is in one slice. All slice names are constants, so Mermaid parses no foreign text. */
function pieSlices({ reasons, counts, notAttempted }: Report): readonly (readonly [name: string, count: number])[] {
  const skipped = counts.skip;
  const same = countUnchanged(reasons);
  const changed = counts.put + counts.copy + counts.metadata + counts.delete;
  const added = Math.min(reasons[REASONS.new] ?? 0, changed);
  return [
    ['new', added],
    ['changed', changed - added],
    ['unchanged', same],
    ['skipped', Math.max(0, skipped - same)],
    ['failed', counts.fail],
    ['unknown', counts.unknown],
    ['not attempted', notAttempted ?? 0],
  ];
}

/** A Mermaid pie of the objects; undefined if it would say no more than the table of counts. */
export function pieChart(report: Report): string | undefined {
  const all = pieSlices(report);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  const seen = all.filter(([, count]) => count > 0 && count >= total * THINNEST);
  if (seen.length < FEWEST) return undefined;
  return fenced('mermaid', ['pie showData', 'title Objects', ...seen.map(([name, count]) => `"${name}" : ${count}`)]);
}

/** The cost of a run's requests at AWS, as a sentence; undefined without requests. */
export function costText(requests: Report['requests']): string | undefined {
  const counts = { write: 0, read: 0, free: 0 };
  for (const [verb, count] of Object.entries(requests)) counts[VERBS[verb as Verb].tier] += count;
  const { write, read } = counts;
  if (write + read === 0) return undefined;
  const kinds = [
    ...(write > 0 ? [`${number(write)} PUT, COPY, POST and LIST`] : []),
    ...(read > 0 ? [`${number(read)} GET and HEAD`] : []),
  ];
  const price = dollarsText(write * REQUEST_DOLLARS.write + read * REQUEST_DOLLARS.read);
  return `Estimated cost of requests: ${price} (${kinds.join('; ')}; at the prices of S3 Standard in us-east-1).`;
}

function dollarsText(dollars: number): string {
  if (dollars < 0.01) return 'less than a cent';
  const cents = Math.round(dollars * 100);
  return `about $${number(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, '0')}`;
}
