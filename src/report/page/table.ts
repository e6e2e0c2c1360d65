import { formatBytes, number } from '../format.js';
import type { Collected, PageRow } from './collect.js';
import { type Html, html } from './html.js';
import { ALL_STATUSES, STATUSES, statusClass } from './statuses.js';

/** The columns that a script can sort: by their text, or by the number of `data-v`. */
const COLUMNS = ['Result', 'Path', 'Type', 'Cache-Control', 'Size', 'Reason'] as const;

/** Every object that has a row. The search field and the buttons for sorting come with the script. */
export function objectTable({ rows, folded }: Pick<Collected, 'rows' | 'folded'>): Html {
  const most = folded === 0 ? undefined : foldedText(rows.length, folded);
  return html`<section id="objects"><h2>Objects</h2>
${most}<div class="tools" hidden><label>Search <input type="search" autocomplete="off" spellcheck="false" aria-describedby="shown"></label><label>Result <select><option value="">all</option>${optionsOf(rows)}</select></label><p id="shown" role="status"></p></div>
<table class="objects"><caption class="unseen">All objects of the run</caption><thead><tr>${COLUMNS.map((name) => html`<th scope="col" class="c-${name.toLowerCase()}">${name}</th>`)}</tr></thead>
<tbody>
${rows.map(tableRow)}</tbody></table>
<p class="more" hidden><button type="button">Show more</button> <button type="button">Show all</button></p></section>`;
}

function foldedText(shown: number, folded: number): Html {
  return html`<p class="note">The table has ${number(shown)} of ${number(shown + folded)} objects: failures first, then what has changed. The counts and the picture have all of them.</p>`;
}

function optionsOf(rows: readonly PageRow[]): readonly Html[] {
  const present = new Set(rows.map(({ status }) => status));
  return ALL_STATUSES.filter((status) => present.has(status)).map(
    (status) => html`<option value="${statusClass(status)}">${STATUSES[status].toLowerCase()}</option>`,
  );
}

// Without the end tags of cells, which HTML does not need, a page of many rows is a third smaller.
function tableRow({ path, status, type, cacheControl, before, after, reason }: PageRow): Html {
  const size = after ?? before;
  return html`<tr class="${statusClass(status)}"><td><i></i>${STATUSES[status]}<td>${path}<td>${type === '' ? endingOf(path) : typeText(type)}<td>${cacheControl}<td data-v="${size ?? -1}">${sizeText(before, after)}<td>${reason}
`;
}

/** The usual charset needs few words. */
function typeText(type: string): Html {
  const [name = '', rest = ''] = type.split('; charset=utf-8', 2);
  return name.length === type.length ? html`${type}` : html`${name}<span class="faint"> utf-8</span>${rest}`;
}

/** What an object with no type in its outcome seems to be: nothing was stored, so that none was needed. */
function endingOf(path: string): Html | undefined {
  const ending = /[^/.]\.([a-z0-9]{1,8})$/i.exec(path)?.[1];
  return ending === undefined ? undefined : html`<span class="faint">.${ending}</span>`;
}

/** `1.0 kB → 2.0 kB`; of a new object, or one that is the same, one size. */
export function sizeText(before: number | undefined, after: number | undefined): string {
  if (before === undefined) return after === undefined ? '' : formatBytes(after);
  return `${formatBytes(before)} → ${after === undefined ? '–' : formatBytes(after)}`;
}
