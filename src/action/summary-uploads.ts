import { number, secondsText } from '../report/text.js';
import { formatBytes } from '../size.js';
import type { UnfinishedUpload } from '../uploads.js';
import { many } from './headline.js';
import { code, codeSpan, fitting, htmlTable, prose } from './markdown.js';

const MOST = 1_000;
const BYTES = 500_000;
const LONGEST_PLACE = 1_200;
const STATES: Readonly<Record<UnfinishedUpload['state'], string>> = {
  kept: 'kept',
  chosen: 'would be aborted',
  aborted: 'aborted',
  failed: 'failed',
};

/** How many there are, and what became of them, on one line. */
export function uploadsText(found: readonly UnfinishedUpload[]): string {
  const counts = (['aborted', 'chosen', 'failed', 'kept'] as const).flatMap((state) => {
    const count = found.filter((one) => one.state === state).length;
    return count === 0 ? [] : [`${number(count)} ${STATES[state]}`];
  });
  return [many(found.length, 'unfinished upload'), ...(counts.length === 0 ? [] : [counts.join(', ')])].join(': ');
}

/** Sections of the summary of unfinished uploads. */
export function uploadsSections(place: string, found: readonly UnfinishedUpload[], failed: boolean): readonly string[] {
  const head = `### ${failed ? '❌' : '✅'} ${uploadsText(found)} — ${codeSpan(place, LONGEST_PLACE)}`;
  if (found.length === 0) return [head];
  const rows = found.slice(0, MOST).map((one) => [code(one.key), STATES[one.state], ageText(one), sizeText(one)]);
  const fit = fitting(
    rows.map((cells) => cells.join('')),
    BYTES,
  ).length;
  const more = found.length - fit;
  return [
    head,
    htmlTable(['Upload', 'State', 'Age', 'Size'], rows.slice(0, fit)),
    ...(more > 0 ? [`<p>${prose(`${number(more)} more in the log.`)}</p>`] : []),
  ];
}

/** How long ago it began. */
export function ageText({ initiated }: UnfinishedUpload): string {
  return initiated === undefined ? 'unknown' : secondsText((Date.now() - initiated.getTime()) / 1_000);
}

/** Its parts and their bytes, and whose it is. */
export function sizeText({ parts, bytes, ours }: UnfinishedUpload): string {
  const size = parts === undefined ? 'parts unknown' : `${many(parts, 'part')}, ${formatBytes(bytes ?? 0)}`;
  return ours ? size : `${size}, another tool's`;
}
