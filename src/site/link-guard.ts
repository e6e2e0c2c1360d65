import { RefusedError } from '../errors.js';
import type { ResolvedSiteOptions } from '../options/site.js';
import { counted, number } from '../report/format.js';
import { msg, shorten, type Text } from '../report/message.js';
import type { ReportLinks } from '../report/types.js';
import type { RunRecord } from '../run/record.js';
import { watchContents } from '../source/contents.js';
import type { Entry, Found, Source } from '../source/types.js';
import type { Presence } from '../transfer/head.js';
import { type DocumentScan, documentScan } from './document-scan.js';
import type { HashedFiles } from './hashed-files.js';
import { collectLinks, type KnownOfBucket, type Links, type Target } from './links.js';
import type { RedirectTarget } from './redirects.js';

/** What the guard knows of a put. */
export type LinkedPut = Pick<ResolvedSiteOptions, 'checkLinks' | 'verifyUrl' | 'order'> & {
  readonly redirects: readonly RedirectTarget[];
  readonly prefix: string;
};

/** Looks for files that pages, style sheets and redirects of a run refer to, and that will not be in the bucket. */
export interface LinkGuard {
  /** What reads the documents of the survey, together with what else is read there. */
  surveyed(hashed: HashedFiles | undefined): DocumentScan | undefined;
  /** Sees what is put, or left out. Reads the documents of a source that is read once. */
  watch(found: AsyncIterable<Found>, signal: AbortSignal): AsyncIterable<Found>;
  /** A key that is in the bucket now. */
  listed(key: string): void;
  /**
   * Judges what was seen, before anything is written; of a source that is read once, before its pages are written.
   * @param find says of groups of keys whether the bucket has one of them
   * @throws RefusedError
   */
  end(record: RunRecord, bucket: KnownOfBucket, find: FindKeys): Promise<void>;
}

export type FindKeys = (groups: readonly (readonly string[])[]) => Promise<readonly Presence[]>;

const MOST_REPORTED = 100;
const MOST_WARNED = 10;
const MOST_REFUSED = 20;
/** Characters of a URL or key in a message. */
const MOST_SHOWN = 120;
/** Characters of a URL in a report. */
const MOST_URL = 1_000;
/** What is read, by its name. */
const DOCUMENT = /\.(?:x?html?|css)$/i;

/** Undefined where nothing is checked. */
export function linkGuard(
  { checkLinks, redirects, verifyUrl: url, order, prefix }: LinkedPut,
  { repeatable }: Pick<Source, 'repeatable'>,
): LinkGuard | undefined {
  if (checkLinks === 'off' && redirects.length === 0) return undefined;
  const links = collectLinks({ prefix, url }, !repeatable);
  for (const redirect of redirects) links.redirect(redirect);
  /** Whether pages wait until all else is known. */
  const waits = repeatable || order === 'site';
  const reads = checkLinks !== 'off' && waits;
  const scan = reads ? documentScan(undefined, links) : undefined;
  /** Streams, which are sent while they are read. */
  let streams = 0;

  async function* seen(found: AsyncIterable<Found>): AsyncGenerator<Found, void> {
    for await (const unit of found) {
      if (unit.kind === 'entry') {
        links.planned(unit.key);
        if (reads && isStreamedDocument(unit)) streams += 1;
      } else if (unit.kind === 'leftOut') links.leftOut(unit);
      else if (unit.action === 'fail') links.covered(unit.key);
      yield unit;
    }
  }

  async function* readAndSeen(found: AsyncIterable<Found>, signal: AbortSignal): AsyncGenerator<Found, void> {
    await scan?.load();
    yield* seen(scan === undefined ? found : watchContents(found, scan, signal));
  }

  function refuse(record: RunRecord, missing: readonly Target[], what: string): never {
    const more = missing.length - MOST_REFUSED;
    const lines = [
      ...missing.slice(0, MOST_REFUSED).map(targetText),
      ...(more > 0 ? [`and ${number(more)} more`] : []),
    ].map((line) => `\n  ${line}`);
    const message = `No ${repeatable ? 'file' : 'page'} was uploaded, because ${what}:${lines.join('')}`;
    throw new RefusedError('MissingLinks', message, record.report(false), hintFor(missing));
  }

  return {
    surveyed: (hashed) => documentScan(hashed, reads && repeatable ? links : undefined),
    watch: (found, signal) => (repeatable ? seen(found) : readAndSeen(found, signal)),
    listed: links.listed,
    async end(record, bucket, find) {
      if (!waits) {
        record.warn('links-not-checked', TOO_LATE);
        return;
      }
      const doubts = links.doubts(bucket);
      const found = doubts.length === 0 ? [] : await find(doubts.map(({ keys }) => keys));
      const those = (wanted: Presence): Target[] =>
        doubts.flatMap(({ target }, index) => (found[index] === wanted ? [target] : []));
      const [absent, unknown] = [those('absent'), those('unknown')];
      const missing = byKey(absent.filter(({ redirect }) => !redirect));
      const unchecked = unknown.length + links.dropped;
      if (reads) record.include(() => ({ links: reported(links, missing, unchecked) }));
      if (unchecked + streams > 0) record.warn('links-not-checked', uncheckedText(unchecked, streams));
      const lost = absent.filter(({ redirect }) => redirect);
      if (missing.length > 0) {
        // An error names either redirects or links.
        if (checkLinks === 'error' && lost.length === 0) refuse(record, missing, missingText(missing.length));
        record.warn('missing-links', warningText(missing));
      }
      if (lost.length > 0) refuse(record, lost, `${counted(lost.length, 'redirect leads', 'redirects lead')} nowhere`);
    },
  };
}

/** Below a prefix one key may be meant in two ways: from the root of the site, and from that of the bucket. */
function byKey(targets: readonly Target[]): readonly Target[] {
  const found = new Map<string, Target>();
  for (const target of targets) {
    const before = found.get(target.resolved);
    const documents = target.documents + (before?.documents ?? 0);
    found.set(target.resolved, { ...(before ?? target), documents });
  }
  return [...found.values()];
}

function isStreamedDocument({ relativePath, stream }: Entry): boolean {
  return stream !== undefined && DOCUMENT.test(relativePath);
}

function reported({ documents, references }: Links, missing: readonly Target[], unchecked: number): ReportLinks {
  return {
    documents,
    references,
    missing: missing.length,
    ...(unchecked > 0 && { unchecked }),
    examples: missing
      .slice(0, MOST_REPORTED)
      .map(({ from, url, resolved }) => ({ document: from, url: shorten(url, MOST_URL), resolved })),
  };
}

/** `docs/index.html → /app.css (and 41 more documents)` */
function targetText({ from, url, documents, redirect }: Target): string {
  const more = documents - 1;
  const others = more > 0 && !redirect ? ` (and ${counted(more, 'more document', 'more documents')})` : '';
  return `${shorten(from, MOST_SHOWN)} → ${shorten(url, MOST_SHOWN)}${others}`;
}

function missingText(count: number): string {
  return count === 1
    ? '1 file that a page or style sheet refers to will not be in the bucket'
    : `${number(count)} files that pages or style sheets refer to will not be in the bucket`;
}

function warningText(missing: readonly Target[]): string {
  const more = missing.length - MOST_WARNED;
  const shown = [...missing.slice(0, MOST_WARNED).map(targetText), ...(more > 0 ? [`and ${number(more)} more`] : [])];
  return `${missingText(missing.length)}: ${shown.join(', ')}.`;
}

function hintFor([first]: readonly Target[]): Text {
  return first?.redirect === true
    ? 'Correct where they lead to, or upload that page in the same run.'
    : msg`Correct the links, or add the files; {checkLinks: 'warn'} only warns.`;
}

const TOO_LATE = msg`Links were not checked, because the source is read once and uploaded as it comes; {order: 'site'} keeps its pages until the rest is known.`;

function uncheckedText(unchecked: number, streams: number): Text {
  const files = counted(unchecked, 'file that something refers to is', 'files that something refers to are');
  const parts = [
    ...(unchecked > 0
      ? [
          `Whether ${files} in the bucket is unknown: their HEAD requests (s3:GetObject) are denied, have failed, are not made in this run, or are too many`,
        ]
      : []),
    ...(streams > 0
      ? [`Links were not checked in ${counted(streams, 'document that is a stream', 'documents that are streams')}`]
      : []),
  ];
  return `${parts.join('. ')}.`;
}
