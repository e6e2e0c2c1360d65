import { headerChangeText } from '../format.js';
import { shorten } from '../message.js';
import { type Status, statusOf } from '../status.js';
import type { Outcome, RunEvent } from '../types.js';
import { type Folder, folderTree } from './folders.js';
import { type Timeline, timeline } from './timeline.js';

/** One object, as the table shows it. */
export interface PageRow {
  /** The key below the run's prefix; the origin of what has no key. */
  readonly path: string;
  readonly status: Status;
  /** Content-Type and Content-Encoding; empty where nothing was stored. */
  readonly type: string;
  readonly cacheControl: string;
  /** Sizes in bytes, of the replaced and of the present object; undefined where there is none or it is unknown. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly reason: string;
  readonly durationMs: number;
}

/** The requests for one key that failed and were sent again. */
export interface RetriedKey {
  readonly path: string;
  readonly count: number;
  /** What the last of them failed with. */
  readonly message: string;
}

/** What a page shows of the outcomes and events of a run. */
export interface Collected {
  /** Failures first, then what has changed, then the rest; in each by path. */
  readonly rows: readonly PageRow[];
  /** Objects that have no row, because there are too many; folders and counts have them. */
  readonly folded: number;
  readonly counts: ReadonlyMap<Status, number>;
  readonly folders: Folder;
  /** Those whose requests and compression took longest, in falling order. */
  readonly slowest: readonly PageRow[];
  readonly retried: readonly RetriedKey[];
  readonly timeline: Timeline;
  /** `s3://bucket/prefix`; undefined if the run ended before its first request. */
  readonly destination: string | undefined;
}

/** Takes the outcomes and events of a run; its memory does not grow with their number. */
export interface PageCollector {
  outcome(outcome: Outcome): void;
  /** @param at milliseconds since the run began */
  event(event: RunEvent, at: number): void;
  collected(): Collected;
}

/** More rows make a page that browsers are slow to show. */
export const MOST_ROWS = 20_000;
const MOST_RETRIED = 1_000;
const RANKED = 10;
const LONGEST_REASON = 400;
const LONGEST_HEADER = 200;

/** The first give way to nothing, the last to all others. */
const RANK: Readonly<Record<Status, 0 | 1 | 2>> = {
  failed: 0,
  unknown: 0,
  new: 1,
  changed: 1,
  'not compared': 1,
  headers: 1,
  deleted: 1,
  stray: 1,
  unchanged: 2,
  skipped: 2,
};

/** @param prefix of the run, empty or with its slash: the page says it once */
export function pageCollector(prefix: string, mostRows: number = MOST_ROWS): PageCollector {
  const ranks: readonly [PageRow[], PageRow[], PageRow[]] = [[], [], []];
  const counts = new Map<Status, number>();
  const folders = folderTree();
  const requests = timeline();
  const slowest: PageRow[] = [];
  const retried = new Map<string, { path: string; count: number; message: string }>();
  let kept = 0;
  let folded = 0;
  let destination: string | undefined;
  const pathOf = (key: string): string => (key.startsWith(prefix) ? key.slice(prefix.length) : key);

  function keep(row: PageRow): void {
    const rank = RANK[row.status];
    if (kept >= mostRows) {
      const lower = [ranks[2], ranks[1]].find((rows, index) => 2 - index > rank && rows.length > 0);
      folded += 1;
      if (lower === undefined) return;
      lower.pop();
      kept -= 1;
    }
    ranks[rank].push(row);
    kept += 1;
  }

  return {
    outcome(outcome) {
      const row = rowOf(outcome, pathOf(outcome.key === '' ? outcome.origin : outcome.key));
      counts.set(row.status, (counts.get(row.status) ?? 0) + 1);
      folders.add(row.path, row.status, weightOf(row));
      keep(row);
      if (outcome.attempts > 0) rank(slowest, row);
    },
    event(event, at) {
      if (event.type === 'start') destination = event.to;
      else if (event.type === 'phase') requests.phase(event.phase, at);
      else if (event.type === 'request') requests.request(event.status, at);
      else if (event.type === 'retry') {
        const path = event.key === undefined ? event.verb : pathOf(event.key);
        const known = retried.get(path);
        const message = shorten(event.error.message, LONGEST_REASON);
        if (known !== undefined) Object.assign(known, { count: known.count + 1, message });
        else if (retried.size < MOST_RETRIED) retried.set(path, { path, count: 1, message });
      }
    },
    collected: () => ({
      rows: ranks.flatMap((rows) => [...rows].sort((one, other) => comparePaths(one.path, other.path))),
      folded,
      counts,
      folders: folders.root,
      slowest: [...slowest],
      retried: [...retried.values()].sort((one, other) => other.count - one.count).slice(0, RANKED),
      timeline: requests.ended(),
      destination,
    }),
  };
}

function rowOf(outcome: Outcome, path: string): PageRow {
  const { action, bytes, sourceBytes, replacedBytes, contentType, contentEncoding, headerChanges } = outcome;
  const status = statusOf(outcome);
  const isStored = action === 'put' || action === 'copy';
  const type = [contentType, contentEncoding].filter((part) => part !== undefined).join(' · ');
  const changes = headerChanges?.map(headerChangeText).join('; ');
  return {
    path,
    status,
    type: shorten(type, LONGEST_HEADER),
    cacheControl: shorten(outcome.cacheControl ?? '', LONGEST_HEADER),
    before: isStored || action === 'delete' ? replacedBytes : undefined,
    after: isStored ? bytes : action === 'delete' || sourceBytes === 0 ? undefined : sourceBytes,
    reason: shorten(changes === undefined || changes === '' ? outcome.reason : changes, LONGEST_REASON),
    durationMs: outcome.durationMs,
  };
}

/** The size of an object in the bucket, which its area in the treemap shows. */
export function weightOf({ before, after }: Pick<PageRow, 'before' | 'after'>): number {
  return after ?? before ?? 0;
}

function rank(best: PageRow[], row: PageRow): void {
  const last = best.at(-1);
  if (best.length === RANKED && last !== undefined && row.durationMs <= last.durationMs) return;
  const place = best.findIndex(({ durationMs }) => row.durationMs > durationMs);
  best.splice(place < 0 ? best.length : place, 0, row);
  if (best.length > RANKED) best.pop();
}

const { compare } = new Intl.Collator('en', { numeric: true });

/** The order of paths for people: `page-2` before `page-10`. */
function comparePaths(one: string, other: string): number {
  return compare(one, other) || (one < other ? -1 : 1);
}
