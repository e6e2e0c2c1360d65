import type { Verb } from '../model/verbs.js';
import { REQUEST_DOLLARS, VERBS } from '../model/verbs.js';
import { renderOptionNames } from '../options/names.js';
import { formatBytes, number } from '../report/format.js';
import { textIn } from '../report/message.js';
import type { Report } from '../report/types.js';
import { RUN_AGAIN, type StepError } from './errors.js';
import { bytesOf, code, fitting, folded, framed, htmlTable, many, prose } from './markdown.js';
import type { FailureClass, OutcomeSummary } from './outcome-summary.js';
import { isFolded } from './summary-changes.js';

/** What a put or a copy counts. */
export type Unit = 'file' | 'object';
/** The text for `count` items that are left out, as HTML. */
export type MoreText = (count: number) => string;

const FAILURE_BYTES = 200_000;
const WARNING_BYTES = 100_000;
const UNKNOWN_BYTES = 100_000;
const MOST = 20;
/** A refusal names 20 keys, and counts the others. */
const MOST_ITEMS = 21;
/** The report has the whole names. */
const LONGEST_EXAMPLE = 300;

/** The error that ended the run, and its fix. */
export function stepErrorText({ title, message, items, hint }: StepError): string {
  const named = items.slice(0, MOST_ITEMS).map((item) => code(item, LONGEST_EXAMPLE));
  const lines = [
    `<strong>${prose(title)}</strong>`,
    prose(message),
    ...named,
    ...(hint === undefined ? [] : [prose(hint)]),
  ];
  return framed('CAUTION', `<p>${lines.join('<br>')}</p>`);
}

/** The failures by class, with their fixes. */
export function failuresList(failures: readonly FailureClass[], unit: Unit, more: MoreText): string | undefined {
  const items = failures.map(({ code: named, count, examples, message, hint }) => {
    const shown = examples.map((key) => code(key, LONGEST_EXAMPLE)).join(', ');
    const left = count > examples.length ? ` and ${number(count - examples.length)} more` : '';
    const lines = [
      `<strong>${many(count, unit)} failed:</strong> ${code(named, LONGEST_EXAMPLE)}`,
      `${shown}${left}`,
      prose(message),
    ];
    return [...lines, ...(hint === undefined ? [] : [prose(hint)])].join('<br>');
  });
  const block = list(items, FAILURE_BYTES, more);
  return block && framed('CAUTION', block);
}

/** The objects that may have been stored, by key. */
export function unknownList({ counts, unknown }: Report, unit: Unit): string | undefined {
  if (!(counts.unknown > 0)) return undefined;
  const keys = fitting(
    unknown.slice(0, MOST).map(({ key }) => code(key, LONGEST_EXAMPLE)),
    UNKNOWN_BYTES,
  );
  const left = counts.unknown > keys.length ? ` and ${number(counts.unknown - keys.length)} more` : '';
  const lines = [
    `${many(counts.unknown, unit)} may have been stored: their requests were in flight when the run ended.`,
    `${keys.join(', ')}${left}`,
    RUN_AGAIN,
  ];
  return framed('WARNING', `<p>${lines.join('<br>')}</p>`);
}

/** The warnings of the run. */
export function warningsList(warnings: readonly string[], more: MoreText): string | undefined {
  const items = [...warnings.keys()].map((index) => prose(renderOptionNames(textIn(warnings, index), 'action')));
  const block = list(items, WARNING_BYTES, more);
  return block && framed('WARNING', block);
}

/** A list, or a paragraph for a single item; one that is too long is left out, and counted. */
function list(items: readonly string[], bytes: number, more: MoreText): string | undefined {
  if (items.length === 0) return undefined;
  if (items.length === 1 && bytesOf(items.join('')) < bytes) return `<p>${items.join('')}</p>`;
  const lines = fitting(
    items.slice(0, MOST).map((item) => `<li>${item}</li>`),
    bytes,
  );
  const left = items.length - lines.length;
  return ['<ul>', ...lines, ...(left > 0 ? [`<li>${more(left)}</li>`] : []), '</ul>'].join('\n');
}

/** Smaller files are not worth a look. */
const LARGE_BYTES = 1_000_000;

/** The largest objects that were sent, which make a site slow; undefined where the list of changes is short or none is large. */
export function largestTable({ largest, changes }: OutcomeSummary, unit: Unit): string | undefined {
  const large = largest.filter(({ bytes }) => bytes >= LARGE_BYTES);
  if (large.length === 0 || !isFolded(changes)) return undefined;
  const rows = large.map(({ key, bytes }) => [code(key), formatBytes(bytes)]);
  return folded(`Largest ${unit}s`, htmlTable(['Key', 'Size'], rows));
}

/** The cost of a run's requests at AWS, as a sentence; undefined for less than a cent. */
export function costText(requests: Report['requests']): string | undefined {
  const counts = { write: 0, read: 0, free: 0 };
  for (const [verb, count] of Object.entries(requests)) counts[VERBS[verb as Verb].tier] += count;
  const { write, read } = counts;
  const dollars = write * REQUEST_DOLLARS.write + read * REQUEST_DOLLARS.read;
  if (dollars < 0.01) return undefined;
  const kinds = [
    ...(write > 0 ? [`${number(write)} PUT, COPY, POST and LIST`] : []),
    ...(read > 0 ? [`${number(read)} GET and HEAD`] : []),
  ];
  const price = dollarsText(dollars);
  return `Estimated cost of requests: ${price} (${kinds.join('; ')}; at the prices of S3 Standard in us-east-1).`;
}

function dollarsText(dollars: number): string {
  const cents = Math.round(dollars * 100);
  return `about $${number(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, '0')}`;
}
