import { number, secondsText } from '../report/text.js';
import { formatBytes } from '../size.js';
import type { EndedBy } from './ended-by.js';
import { many } from './headline.js';
import { inActionWords } from './in-action-words.js';
import { code, fitting, folded, htmlTable, prose } from './markdown.js';
import type { FailureClass, Measured, Told } from './told.js';

/** Says that so many are left out, as HTML. */
export type MoreText = (count: number) => string;

const FAILURE_BYTES = 200_000;
const WARNING_BYTES = 100_000;
const MOST = 20;
/** Whole names are in the report. */
const LONGEST_EXAMPLE = 300;

/** What ended the run, and how to mend it. */
export function endedText({ title, message, hint }: EndedBy): string {
  const lines = [`<strong>${prose(title)}</strong>`, prose(message), ...(hint === undefined ? [] : [prose(hint)])];
  return `<p>${lines.join('<br>')}</p>`;
}

/** What failed, by its class, with how to mend it. */
export function failuresList(failures: readonly FailureClass[], more: MoreText): string | undefined {
  const items = failures.map(({ code: named, count, examples, message, hint }) => {
    const shown = examples.map((key) => code(key, LONGEST_EXAMPLE)).join(', ');
    const left = count > examples.length ? ` and ${number(count - examples.length)} more` : '';
    const lines = [
      `${many(count, 'object')} failed: ${code(named, LONGEST_EXAMPLE)}`,
      `${shown}${left}`,
      prose(message),
    ];
    return [...lines, ...(hint === undefined ? [] : [prose(inActionWords(hint))])].join('<br>');
  });
  return list(items, FAILURE_BYTES, more);
}

/** The warnings of the run. */
export function warningsList(warnings: readonly string[], more: MoreText): string | undefined {
  return list(
    warnings.map((warning) => `⚠️ Warning: ${prose(inActionWords(warning))}`),
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

/** The slowest and the largest objects. A dry run takes no time that would mean something. */
export function extremes({ slowest, largest }: Told, dryRun: boolean): string | undefined {
  if (largest.length < 2) return undefined;
  const title = dryRun ? 'Largest' : 'Slowest and largest';
  const tables = [...(dryRun ? [] : [table('Slowest', slowest, dryRun)]), table('Largest', largest, dryRun)];
  return folded(`${title} objects`, tables.join('\n\n'));
}

function table(name: string, objects: readonly Measured[], dryRun: boolean): string {
  const time = (ms: number): readonly string[] => (dryRun ? [] : [secondsText(ms / 1_000)]);
  return htmlTable(
    [name, 'Size', ...(dryRun ? [] : ['Time'])],
    objects.map(({ key, bytes, durationMs }) => [code(key), formatBytes(bytes), ...time(durationMs)]),
  );
}
