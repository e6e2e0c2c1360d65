import { createHash } from 'node:crypto';
import { VERSION } from '../../model/version.js';
import { formatBytes, number, secondsText } from '../format.js';
import type { Text } from '../message.js';
import { straysLeft } from '../strays.js';
import { type Doing, summaryText } from '../text.js';
import type { Report } from '../types.js';
import type { Build } from './build.js';
import type { Collected } from './collect.js';
import { type Html, html, link, NOTHING, trusted, webAddress } from './html.js';
import { SCRIPT } from './script.js';
import { edge, errorBanner, failures, jobs, requests, warnings } from './sections.js';
import { ALL_STATUSES, STATUSES, statusClass } from './statuses.js';
import { STYLE } from './style.js';
import { objectTable } from './table.js';
import { treemap } from './treemap.js';

/** What a page is made of. */
export interface PageFacts {
  readonly doing: Doing;
  /** `s3://bucket/prefix` */
  readonly destination: string;
  /** Where visitors find the site; empty or undefined where that is unknown. */
  readonly url?: string | undefined;
  readonly build: Build;
  readonly collected: Collected;
  /** Undefined if the run ended before it had one. */
  readonly report: Report | undefined;
  /** What ended the run early; failed objects alone do not. */
  readonly error: Error | undefined;
  readonly dryRun: boolean;
  readonly deletes: boolean;
  readonly comparesHeaders: boolean;
  /** Writes the options of a text as the users of the face do. */
  readonly render: (text: Text) => string;
}

const TITLES: Readonly<Record<Doing, string>> = { put: 'Upload', copy: 'Copy', delete: 'Deletion' };

/**
 * A run as a page: one HTML file that requests nothing, and needs no script. A policy in it lets no other script or style run, whatever names its
 * objects have.
 */
export function reportPage(facts: PageFacts): string {
  const { doing, destination, report, collected, error, render } = facts;
  const title = `${TITLES[doing]} to ${webAddress(facts.url) ?? destination}`.replace('Deletion to', 'Deletion from');
  const body =
    report === undefined
      ? NOTHING
      : html`${failures(report, render)}${warnings(report, render)}${picture(collected)}${jobs(report)}${edge(report)}${requests(report, collected)}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${hashOf(SCRIPT)}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="generator" content="s3-parallel-put ${VERSION}">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#objects">Skip to the objects</a>
<header>
<p class="kicker">${TITLES[doing]} report ${badge(facts)}</p>
<h1>${link(facts.url, webAddress(facts.url) === undefined ? destination : (facts.url ?? ''))}</h1>
${about(facts)}
</header>
<main>
${errorBanner(error, render)}${numbers(facts)}${body}${objectTable(collected)}
</main>
<footer>Made by s3-parallel-put ${VERSION}. This file requests nothing from any server.</footer>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.html;
}

/** The source of a policy that lets only this text run. */
function hashOf(text: string): Html {
  return trusted(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
}

function badge({ report, error, dryRun }: PageFacts): Html {
  const failed = error !== undefined || report === undefined || report.counts.fail + report.counts.unknown > 0;
  if (failed || !report.complete)
    return html`<span class="badge bad">${error === undefined || report?.complete === true ? 'Failed' : 'Stopped'}</span>`;
  if (dryRun) return html`<span class="badge dry">Dry run: nothing was written</span>`;
  return report.warnings.length > 0
    ? html`<span class="badge warned">Done, with warnings</span>`
    : html`<span class="badge good">Done</span>`;
}

/** Where from, where to and when. */
function about({ build, destination, report, url }: PageFacts): Html {
  const { commit, commitUrl, repository, repositoryUrl, ref, runUrl } = build;
  const rows: readonly (readonly [string, Html | undefined])[] = [
    ['Destination', webAddress(url) === undefined ? undefined : html`<code>${destination}</code>`],
    ['Commit', commit === undefined ? undefined : html`<code>${link(commitUrl, commit.slice(0, 12))}</code>`],
    ['Branch or tag', ref === undefined ? undefined : html`${ref}`],
    ['Repository', repository === undefined ? undefined : link(repositoryUrl, repository)],
    ['Run', runUrl === undefined ? undefined : link(runUrl, 'open')],
    ['Started', startedAt(report?.startedAt)],
    ['Took', report === undefined ? undefined : html`${secondsText(report.seconds)}`],
  ];
  const shown = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [html`<div><dt>${name}</dt><dd>${value}</dd></div>`],
  );
  return html`<dl class="about">${shown}</dl>`;
}

function startedAt(date: Date | undefined): Html | undefined {
  if (date === undefined) return undefined;
  const text = date.toISOString();
  return html`<time datetime="${text}">${text.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

/** The counts, which are the legend of the picture too, and the run in one sentence. */
function numbers({ collected, report, doing, deletes, comparesHeaders, render }: PageFacts): Html {
  const { counts } = collected;
  const tile = (name: string, count: string, kind: string): Html =>
    html`<li class="${kind}"><i></i><b>${count}</b> ${name}</li>\n`;
  const tiles = ALL_STATUSES.flatMap((status) => {
    const count = counts.get(status) ?? 0;
    return count === 0 ? [] : [tile(STATUSES[status], number(count), statusClass(status))];
  });
  const strays = report === undefined ? 0 : straysLeft(report) - (counts.get('stray') ?? 0);
  if (strays > 0)
    tiles.push(
      tile('Not in the source', `${report?.straysComplete === false ? '≥ ' : ''}${number(strays)}`, 's-stray'),
    );
  if ((report?.notAttempted ?? 0) > 0)
    tiles.push(tile('Not attempted', number(report?.notAttempted ?? 0), 's-skipped'));
  const summary =
    report === undefined
      ? ''
      : summaryText(
          { ...report, warnings: [], warningsOmitted: 0 },
          { doing, deletes, comparesHeaders, brief: true, render },
        );
  return html`${summary === '' ? undefined : html`<p class="summary">${summary}</p>`}<ul class="tiles">${tiles}</ul>\n`;
}

function picture(collected: Collected): Html {
  const bytes = collected.rows.reduce((sum, { before, after }) => sum + (after ?? before ?? 0), 0);
  if (collected.counts.size === 0) return NOTHING;
  return html`<section><h2>By folder</h2>
<figure>${treemap(collected)}<figcaption>Area: size; very small objects are drawn larger.${collected.folded === 0 ? html` ${formatBytes(bytes)} in all.` : undefined}</figcaption></figure></section>\n`;
}
