import { reportFold } from '../../src/report/fold.js';
import { buildOf } from '../../src/report/page/build.js';
import { MOST_ROWS, pageCollector } from '../../src/report/page/collect.js';
import { type PageFacts, reportPage } from '../../src/report/page/page.js';
import type { Outcome, Report, RunEvent } from '../../src/report/types.js';

/** Fields of an outcome; undefined removes one. */
type Fields = { readonly [Name in keyof Outcome]?: Outcome[Name] | undefined };

/** An outcome whose fields a page does not show are those of a new object. */
export function outcomeOf(key: string, more: Fields = {}): Outcome {
  return {
    action: 'put',
    reason: 'new',
    origin: `dist/${key}`,
    key,
    bytes: 1_000,
    sourceBytes: 1_000,
    verified: 'crc32',
    attempts: 1,
    durationMs: 10,
    contentType: 'text/html; charset=utf-8',
    cacheControl: 'no-cache',
    ...more,
  } as Outcome;
}

const FOLDERS = ['assets/', 'assets/img/', 'docs/', 'docs/api/', 'blog/2025/', 'blog/2026/', ''] as const;
const ENDINGS = [
  ['html', 'text/html; charset=utf-8', 'no-cache'],
  ['css', 'text/css; charset=utf-8', 'public, max-age=31536000, immutable'],
  ['js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  ['webp', 'image/webp', 'public, max-age=86400'],
] as const;

/** A site of any number of objects, the same on every call: mostly unchanged ones, and some of each other kind. */
export function siteOutcomes(count: number): Outcome[] {
  let state = 7;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  return Array.from({ length: count }, (_, index) => {
    const [ending, contentType, cacheControl] = ENDINGS[random(ENDINGS.length)] ?? ENDINGS[0];
    const key = `docs-site/${FOLDERS[random(FOLDERS.length)]}page-${index}.${ending}`;
    const size = 200 + random(20_000) + (ending === 'webp' ? random(400_000) : 0);
    const sent = { bytes: size, sourceBytes: size, contentType, cacheControl, durationMs: 5 + random(300) };
    const none = { contentType: undefined, cacheControl: undefined, attempts: 0, bytes: 0 };
    switch (index % 25) {
      case 0:
        return outcomeOf(key, sent);
      case 1:
        return outcomeOf(key, { ...sent, reason: 'content differs', replacedBytes: size + 500 - random(1_000) });
      case 2:
        return outcomeOf(key, {
          ...sent,
          action: 'metadata',
          reason: 'headers differ',
          bytes: 0,
          headerChanges: [{ name: 'cache-control', from: 'no-cache', to: cacheControl }],
        });
      case 3:
        return outcomeOf(key, {
          ...none,
          action: 'delete',
          reason: 'not in the source',
          sourceBytes: 0,
          replacedBytes: size,
        });
      case 4:
        return index % 100 !== 4
          ? outcomeOf(key, {
              ...none,
              action: 'skip',
              reason: 'symlink (symlinks: skip)',
              sourceBytes: size,
            })
          : outcomeOf(key, {
              ...none,
              action: 'fail',
              reason: 'PutObject failed',
              sourceBytes: size,
              error: Object.assign(new Error(`put dist/${key} → s3://my-site/${key}: AccessDenied (403)`), {
                code: 'AccessDenied',
                hint: 'Allow s3:PutObject.',
              }),
            });
      default:
        return outcomeOf(key, {
          ...none,
          action: 'skip',
          reason: 'same content',
          sourceBytes: size,
        });
    }
  });
}

/** The report of a whole run with these outcomes. */
export function reportOf(outcomes: Iterable<Outcome>, events: readonly RunEvent[] = [], seconds = 1): Report {
  const fold = reportFold(false);
  for (const event of events) fold.event(event);
  for (const outcome of outcomes) fold.outcome(outcome);
  const startedAt = new Date(Date.UTC(2026, 0, 31, 12));
  return fold.report({ startedAt, seconds, complete: true, notAttempted: 0, concurrency: 64 });
}

/** The page of a run with these outcomes, and with requests, retries and phases. */
export function pageOf(
  outcomes: readonly Outcome[],
  more: Partial<PageFacts> = {},
  mostRows: number = MOST_ROWS,
): string {
  const collector = pageCollector('docs-site/', mostRows);
  const events: RunEvent[] = [];
  let at = 0;
  const event = (one: RunEvent): void => {
    collector.event(one, at);
    events.push(one);
  };
  event({ type: 'start', from: ['dist'], to: 's3://my-site/docs-site', dryRun: false });
  event({ type: 'phase', phase: 'plan' });
  for (const [index, outcome] of outcomes.entries()) {
    at += 2;
    if (index === Math.floor(outcomes.length / 3)) event({ type: 'phase', phase: 'assets' });
    collector.outcome(outcome);
    if (outcome.attempts === 0) continue;
    const { key } = outcome;
    if (at % 100 === 2) {
      event({ type: 'request', verb: 'PutObject', key, status: 503, durationMs: 9 });
      event({ type: 'retry', verb: 'PutObject', key, attempt: 1, delayMs: 50, error: new Error('SlowDown (503)') });
    }
    event({ type: 'request', verb: 'PutObject', key, status: 200, durationMs: 9 });
  }
  event({
    type: 'warning',
    code: 'compare-size',
    message: 'Only sizes were compared: an edit that keeps the length goes unnoticed.',
  });
  return reportPage({
    doing: 'put',
    destination: 's3://my-site/docs-site',
    url: 'https://www.example.com/docs-site/',
    build: buildOf({
      GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
      GITHUB_REPOSITORY: 'example/site',
      GITHUB_REF_NAME: 'main',
      GITHUB_RUN_ID: '42',
    }),
    collected: collector.collected(),
    report: reportOf(outcomes, events, at / 1_000),
    error: undefined,
    dryRun: false,
    deletes: true,
    comparesHeaders: true,
    render: String,
    ...more,
  });
}
