import { formatBytes, number, secondsText, smallDollars } from '../format.js';
import { type Text, textIn } from '../message.js';
import type { LivePage, Report } from '../types.js';
import { requestChart } from './chart.js';
import type { Collected, PageRow } from './collect.js';
import { type Html, html, link, NOTHING } from './html.js';
import { STATUSES } from './statuses.js';

/** Rows of a list that is read by people; the JSON report has the others. */
const MOST_LISTED = 200;
/** Those that are seen at once. */
const FIRST_LISTED = 10;

type Render = (text: Text) => string;

/** A table, or nothing where it has no rows. */
function table(head: readonly string[], rows: readonly (readonly (string | number | Html | undefined)[])[]): Html {
  if (rows.length === 0) return NOTHING;
  const columns = head.map((name) => html`<th scope="col">${name}</th>`);
  const lines = rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${head.join(', ')}"><table><thead><tr>${columns}</tr></thead><tbody>${lines}</tbody></table></div>`;
}

function more(count: number): Html | undefined {
  return count <= 0 ? undefined : html`<p class="note">… and ${number(count)} more.</p>`;
}

function section(title: string, ...content: readonly (Html | undefined)[]): Html {
  const parts = content.filter((part) => part !== undefined);
  return parts.every((part) => part.html === '') ? NOTHING : html`<section><h2>${title}</h2>\n${parts}</section>\n`;
}

/** The error that ended the run, as a banner. */
export function errorBanner(error: Error | undefined, render: Render): Html {
  if (error === undefined) return NOTHING;
  const hint = textIn(error, 'hint');
  return html`<div class="banner" role="alert"><p><strong>${render(textIn(error, 'message') ?? error.message)}</strong></p>${hint === undefined ? undefined : html`<p>${render(hint)}</p>`}</div>\n`;
}

/** What failed, and what may have been stored. */
export function failures(report: Report, render: Render): Html {
  const hints = new Set<string>();
  const failed = report.failures.slice(0, MOST_LISTED).map((failure) => {
    const known = textIn(failure, 'hint');
    const hint = known === undefined ? '' : render(known);
    // Failures mostly come in numbers, for one cause.
    const isNew = hint !== '' && !hints.has(hint);
    hints.add(hint);
    const { requestId } = failure;
    const notes = [
      ...(isNew ? [html`<p class="note">${hint}</p>`] : []),
      ...(requestId === undefined ? [] : [html`<p class="note">Request ID ${requestId}</p>`]),
    ];
    return html`<li>${render(textIn(failure, 'message'))}${notes}</li>\n`;
  });
  const unknown = report.unknown.slice(0, MOST_LISTED).map(({ message }) => html`<li>${message}</li>\n`);
  return html`${section('Failures', list(failed, report.counts.fail))}${section(
    'May have been stored',
    list(unknown, report.counts.unknown),
  )}`;
}

/** The first of a list, and the others in a part that opens. @param all how many there are, some of which have no item */
function list(items: readonly Html[], all: number): Html {
  if (items.length === 0) return NOTHING;
  const rest = items.slice(FIRST_LISTED);
  const others =
    rest.length === 0
      ? undefined
      : html`<details><summary>${number(rest.length)} more</summary><ul>${rest}</ul></details>`;
  return html`<ul>${items.slice(0, FIRST_LISTED)}</ul>${others}${more(all - items.length)}`;
}

export function warnings({ warnings: all, warningsOmitted }: Report, render: Render): Html {
  const items = [...all.keys()].slice(0, MOST_LISTED).map((index) => html`<li>${render(textIn(all, index))}</li>\n`);
  return section('Warnings', list(items, all.length + warningsOmitted));
}

/** The jobs of S3 Batch Operations. */
export function jobs({ batchJobs = [], notByJob = {} }: Report): Html {
  const rows = batchJobs.map(({ id, status, objects, succeeded, failed, dollars, report }) => [
    id ?? 'planned',
    status,
    ...[objects, succeeded, failed].map(number),
    smallDollars(dollars),
    report,
  ]);
  // Below the table, because such a text makes its column too narrow or too wide.
  const notes = batchJobs.flatMap(({ id, why }) =>
    why === undefined ? [] : [html`<p class="note">${id ?? ''}: ${why}</p>`],
  );
  return section(
    'S3 Batch Operations',
    table(['Job', 'Status', 'Objects', 'Copied', 'Failed there', 'Price in us-east-1', 'Completion report'], rows),
    ...notes,
    table(
      ['Objects without a job', 'Why'],
      Object.entries(notByJob).map(([why, count]) => [number(count), why]),
    ),
  );
}

/** The invalidations of the CDN, the live check and the check of links. */
export function edge({ invalidations = [], liveCheck, links }: Report): Html {
  const invalidated = invalidations.map(({ distributionId, id, status, paths }) => [
    distributionId,
    id,
    status,
    pathList(paths),
  ]);
  // Below the table, because such a text makes its column too narrow or too wide.
  const errors = invalidations.flatMap(({ distributionId, error }) =>
    error === undefined ? [] : [html`<p class="note">${distributionId}: ${error}</p>`],
  );
  return html`${section('CloudFront', table(['Distribution', 'Invalidation', 'Status', 'Paths'], invalidated), ...errors)}${
    liveCheck === undefined
      ? undefined
      : section(
          'Live check',
          html`<p>${number(liveCheck.checked)} pages and files of ${link(liveCheck.url, liveCheck.url)} checked, ${number(liveCheck.failed)} failed.</p>`,
          table(['Failed', 'Why'], liveCheck.failures.map(livePage)),
          table(['Warning', 'What differs'], liveCheck.warnings.map(livePage)),
        )
  }${
    links === undefined
      ? undefined
      : section(
          'Links',
          html`<p>${number(links.references)} references in ${number(links.documents)} documents, ${number(links.missing)} files missing.</p>`,
          table(
            ['In', 'Reference', 'Missing'],
            links.examples.map(({ document, url, resolved }) => [document, url, resolved]),
          ),
          more(links.missing - links.examples.length),
        )
  }`;
}

function livePage({ url, message }: LivePage): readonly (string | Html)[] {
  return [link(url, url), message];
}

/** Few paths as they are; many as a list that opens. */
function pathList(paths: readonly string[]): Html {
  const items = html`<ul class="paths">${paths.slice(0, MOST_LISTED).map((path) => html`<li>${path}</li>`)}</ul>${more(paths.length - MOST_LISTED)}`;
  return paths.length <= 5 ? items : html`<details><summary>${number(paths.length)} paths</summary>${items}</details>`;
}

/** Requests over time and by verb, phases, and what took long or was sent again. */
export function requests(report: Report, { timeline, slowest, retried }: Collected): Html {
  const verbs = Object.entries(report.requests).map(([verb, count]) => [verb, number(count)]);
  const phases = (report.phases ?? []).map(({ phase, planned, done, failed, unknown, notAttempted }) => [
    phase,
    ...[planned, done, failed, unknown, notAttempted].map(number),
  ]);
  return html`${section(
    'Requests',
    requestChart(timeline, report.seconds * 1_000),
    html`<div class="columns">${table(['Request', 'Sent'], verbs)}${table(
      ['Phase', 'Planned', 'Done', 'Failed', 'Unknown', 'Not attempted'],
      phases,
    )}</div>`,
  )}${section('Slowest objects', table(['Path', 'Time', 'Size', 'Result'], slowest.map(slowRow)))}${section(
    'Retried',
    table(
      ['Path or request', 'Retries', 'Last failure'],
      retried.map(({ path, count, message }) => [path, number(count), message]),
    ),
    report.retries === 0 ? undefined : html`<p class="note">${number(report.retries)} in all.</p>`,
  )}`;
}

function slowRow({ path, durationMs, before, after, status }: PageRow): readonly string[] {
  return [path, secondsText(durationMs / 1_000), formatBytes(after ?? before ?? 0), STATUSES[status]];
}
