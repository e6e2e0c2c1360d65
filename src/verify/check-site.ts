import { setTimeout as sleep } from 'node:timers/promises';
import { LiveCheckError } from '../errors.js';
import type { FilePhase } from '../model/site-phases.js';
import { counted } from '../report/format.js';
import { msg } from '../report/message.js';
import type { LivePage, ReportLiveCheck } from '../report/types.js';
import type { Run } from '../run/run.js';
import type { Patience } from '../s3/http/http-client.js';
import { socketClient } from '../s3/http/socket-client.js';
import { rootOf } from './addresses.js';
import { type ExpectedContext, readExpected } from './expected.js';
import { hintOf } from './hints.js';
import { checkInRounds, type LivePatience, type PageResult } from './rounds.js';
import type { Sample, SampledObject } from './sample.js';

export interface LiveCheckContext extends ExpectedContext {
  readonly phaseOf: (path: string) => FilePhase;
  /** The proxy for the site; undefined for none. */
  readonly proxy: string | undefined;
  /** Tests replace it. */
  readonly patience?: Partial<LivePatience> | undefined;
  /** Patience with a silent server. */
  readonly http?: Patience | undefined;
}

/**
 * Caches that were invalidated need seconds: with 31 s of waits six tries are made, and with those of slow servers the whole check ends after a minute.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation.html
 */
const PATIENCE: LivePatience = {
  waits: [1_000, 2_000, 4_000, 8_000, 16_000],
  totalMs: 60_000,
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  now: Date.now,
};

const HTTP_PATIENCE: Patience = { connectMs: 10_000, sendMs: 10_000, responseMs: 10_000 };

/** What the report lists of failures and warnings. */
const MOST_LISTED = 100;

/** Fetches what the sample has, and puts the results into the report. Throws `LiveCheckError`. */
export async function checkSite(run: Run, site: URL, sample: Sample, context: LiveCheckContext): Promise<void> {
  const { record, stop } = run;
  const objects = sample.chosen();
  if (objects.length === 0) {
    record.warn(
      'live-check-empty',
      msg`The live check had nothing to compare: no object of this run is known to be equal to its file.`,
    );
    return;
  }
  const { signal } = stop;
  const expected = await readExpected(objects, context, signal);
  const http = socketClient({ patience: context.http ?? HTTP_PATIENCE, proxy: context.proxy });
  let results: ReadonlyMap<string, PageResult>;
  try {
    const patience = { ...PATIENCE, ...context.patience };
    results = await checkInRounds({ site, objects, expected, http, patience, signal });
  } finally {
    http.close();
  }
  conclude(run, rootOf(site), objects, results, context);
}

/** Puts the results into the report. Throws `LiveCheckError` where a URL has failed. */
function conclude(
  { record }: Run,
  url: string,
  objects: readonly SampledObject[],
  results: ReadonlyMap<string, PageResult>,
  { options }: LiveCheckContext,
): void {
  const reached = objects.flatMap(({ key }) => results.get(key) ?? []);
  const all = reached.length > 0 ? reached : objects.slice(0, 1).map((object) => silent(object, url));
  const failures = all.flatMap((result) => (result.is === 'wrong' ? [result] : []));
  const rewritten = all.flatMap((result) => (result.is === 'rewritten' ? [result] : []));
  const liveCheck: ReportLiveCheck = {
    url,
    checked: all.length,
    failed: failures.length,
    failures: failures.slice(0, MOST_LISTED).map(livePage),
    warnings: rewritten.slice(0, MOST_LISTED).map(livePage),
  };
  record.include(() => ({ liveCheck }));
  const [changed] = rewritten;
  if (changed !== undefined)
    record.warn(
      'live-check-rewritten',
      `The live site serves ${counted(rewritten.length, 'file', 'files')} otherwise than uploaded, as CDNs that rewrite pages do. For example ${changed.url} ${changed.message}.`,
    );
  const byLength = all.filter((result) => result.is === 'right' && result.byLength === true).length;
  if (byLength > 0)
    record.warn(
      'live-check-length',
      `The live check compared only the length of ${counted(byLength, 'file', 'files')}: the source can be read only once.`,
    );
  const left = objects.length - all.length;
  if (left > 0)
    record.warn(
      'live-check-unfinished',
      `The live check did not reach ${counted(left, 'URL', 'URLs')} within its time, because the site responds slowly.`,
    );
  const [first] = failures;
  if (first === undefined) return;
  const share = `${failures.length} of ${counted(all.length, 'URL', 'URLs')}`;
  throw new LiveCheckError(
    `Everything is in the bucket, but the live check failed for ${share}. First: ${first.url} ${first.message}.`,
    record.report(true),
    hintOf(first.cause, options),
  );
}

/** Not one response has come to its end. */
function silent(object: SampledObject, url: string): PageResult {
  return { object, url, is: 'wrong', cause: 'connection', final: true, message: 'did not respond in time' };
}

function livePage({ object, url, ...result }: PageResult): LivePage {
  return { url, key: object.key, message: 'message' in result ? result.message : '' };
}
