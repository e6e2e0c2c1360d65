import { knownContentType } from '../encode/content-type.js';
import { FOR_CRAWLERS } from '../model/site-names.js';
import type { FilePhase } from '../model/site-phases.js';
import { looksHashed } from './hashed-name.js';

/** One row of the table: what a base name or a path must match, without regard to case. */
export interface PhaseRow {
  readonly phase: FilePhase;
  readonly name?: RegExp;
  readonly path?: RegExp;
  /** For what a name does not show. */
  readonly test?: (path: string) => boolean;
  readonly why: string;
}

/** Precompressed copies stay with their file: `index.html.br` is a page. */
const ENCODED = /\.(?:gz|br|zst)$/i;

/**
 * A page whose name has no ending, as sites with clean URLs upload `about`. What follows the last dot is an ending only if it is one word with a
 * letter in it: `v1.2` and `1.0-release` are pages, too. Names that begin with a dot, and those below `.well-known/`, are for programs.
 */
const NO_ENDING = /^(?!\.)(?!.*\.(?=\w*[a-z])\w+$).*$/i;

/**
 * The phases of a site's files; the first row that matches decides.
 *
 * | phase | files |
 * |---|---|
 * | data | all below `.vite/`; `_buildManifest.js`, `_ssgManifest.js` … of Next.js: they name assets, and what reads them expects these to be there |
 * | pages | `*.html`, `*.htm`, `*.xhtml` |
 * | pages | `sw.js`, `*-sw.js`, `service-worker.js`, `serviceworker.js`, `ngsw-worker.js`, `ngsw.json`, `workbox-*.js`: they take over open pages |
 * | pages | `*.webmanifest`, `manifest.json` |
 * | pages | `sitemap*.xml`, `sitemap*.txt`, `feed.xml`, `rss.xml`, `atom.xml`, `index.xml`, `feed.json`, `*.rss`, `*.atom`, `robots.txt` |
 * | pages | `asset-manifest.json`, `version.json`, `hashmap.json`, `builds/latest.json` of Nuxt: they tell open pages of the new build |
 * | assets | names taken as hashed, except clean URLs |
 * | pages | names without an ending (clean URLs) |
 * | assets | fonts, images, audio and video, by content type |
 * | data | everything else |
 *
 * The names of pages are pages even where they hold a hash. A `manifest.json` elsewhere than below `.vite/` is a web app manifest under its older
 * name, or one of a build; for both it is right that all that they name is there first. Playlists (`.m3u8`, `.mpd`) are data, so their segments
 * come first.
 */
export const PHASE_TABLE: readonly PhaseRow[] = [
  { phase: 'data', path: /(?:^|\/)\.vite\//i, why: 'build manifest' },
  {
    phase: 'data',
    name: /^_(?:build|ssg|middleware|clientmiddleware|dev\w*)manifest\.js(?:on)?$/i,
    why: 'build manifest',
  },
  { phase: 'pages', name: /\.(?:html?|xhtml)$/i, why: 'HTML' },
  {
    phase: 'pages',
    name: /^(?:(?:.*-)?sw|service-?worker|ngsw-worker|workbox-.*)\.[cm]?js$|^ngsw\.json$/i,
    why: 'service worker',
  },
  { phase: 'pages', name: /\.webmanifest$|^manifest\.json$/i, why: 'web app manifest' },
  {
    phase: 'pages',
    name: FOR_CRAWLERS,
    why: 'for crawlers and feed readers',
  },
  { phase: 'pages', name: /^(?:asset-manifest|version|hashmap)\.json$/i, why: 'tells open pages of the new build' },
  { phase: 'pages', path: /(?:^|\/)_nuxt\/builds\/latest\.json$/i, why: 'tells open pages of the new build' },
  { phase: 'assets', test: looksHashed, why: 'hashed name' },
  { phase: 'data', path: /(?:^|\/)\.well-known\/(?:.*\/)?[^./]+$/i, why: 'for programs' },
  { phase: 'pages', name: NO_ENDING, why: 'clean URL' },
  { phase: 'assets', test: isFontImageOrMedia, why: 'font, image, audio or video' },
];

/**
 * In which phase of `order: site` a file is uploaded; see {@link PHASE_TABLE}.
 * @param path relative to the source, with `/`
 */
export function phaseOf(path: string): FilePhase {
  return phaseRowOf(path)?.phase ?? 'data';
}

/** The row of {@link PHASE_TABLE} that decides; undefined for everything else, which is data. */
export function phaseRowOf(path: string): PhaseRow | undefined {
  const plain = path.replace(ENCODED, '');
  const name = plain.slice(plain.lastIndexOf('/') + 1);
  for (const row of PHASE_TABLE) {
    // An archive such as backup.gz is no page because nothing is left of its ending.
    if (row.name === NO_ENDING && plain !== path) continue;
    if (row.name?.test(name) === true || row.path?.test(plain) === true || row.test?.(plain) === true) return row;
  }
  return undefined;
}

/** Fonts of Internet Explorer have a type that begins otherwise. */
const ASSET_TYPE = /^(?:font|image|audio|video)\/|^application\/vnd\.ms-fontobject/;

function isFontImageOrMedia(path: string): boolean {
  return ASSET_TYPE.test(knownContentType(path) ?? '');
}
