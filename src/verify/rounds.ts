import type { HttpClient } from '../s3/http/http-client.js';
import { addressesOf } from './addresses.js';
import { digestOf, type Expected } from './expected.js';
import { getPage } from './fetch.js';
import { type Cause, causeOf, isFinal } from './hints.js';
import { judge, type Served, type Verdict } from './judge.js';
import type { SampledObject } from './sample.js';

/** What one object's URL has shown. */
export type PageResult = { readonly object: SampledObject; readonly url: string } & (
  | Exclude<Verdict, { readonly is: 'wrong' }>
  | { readonly is: 'wrong'; readonly cause: Cause; readonly final: boolean; readonly message: string }
);

/** How long a live check waits for caches. */
export interface LivePatience {
  /** Milliseconds before each further try. */
  readonly waits: readonly number[];
  /** Milliseconds after which nothing more is fetched. */
  readonly totalMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The date, in ms since 1970. */
  readonly now: () => number;
}

export interface RoundsContext {
  readonly site: URL;
  readonly objects: readonly SampledObject[];
  readonly expected: ReadonlyMap<string, Expected>;
  readonly http: HttpClient;
  readonly patience: LivePatience;
  /** Aborts the run. */
  readonly signal: AbortSignal;
}

/** URLs that are fetched at once. */
const CONCURRENCY = 8;
/** Rounds after which a page that the CDN seems to change is taken as such: an old page without a word of its own looks the same. */
const REWRITTEN_ROUNDS = 2;

/**
 * Fetches the URLs of all objects, and again those that do not serve what they should, until they do or the patience ends. Objects without a result were
 * not reached in that time.
 */
export async function checkInRounds(context: RoundsContext): Promise<ReadonlyMap<string, PageResult>> {
  const { patience, signal } = context;
  const { default: pMap } = await import('p-map');
  const results = new Map<string, PageResult>();
  const deadline = AbortSignal.timeout(patience.totalMs);
  const either = AbortSignal.any([signal, deadline]);
  let open = context.objects;
  try {
    for (let round = 0; ; round++) {
      await pMap(
        open,
        async (object) => {
          either.throwIfAborted();
          results.set(object.key, await checkObject(object, context, either));
        },
        { concurrency: CONCURRENCY },
      );
      open = open.filter(({ key }) => mayChange(results.get(key), round));
      const wait = patience.waits[round];
      if (open.length === 0 || wait === undefined) break;
      await patience.sleep(wait, either);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.aborted) throw error;
  }
  return results;
}

function mayChange(result: PageResult | undefined, round: number): boolean {
  switch (result?.is) {
    case 'wrong':
      return !result.final;
    case 'rewritten':
      return round < REWRITTEN_ROUNDS;
    default:
      return false;
  }
}

/** Fetches the URLs of one object: the next one only where there is nothing under the first. */
async function checkObject(object: SampledObject, context: RoundsContext, signal: AbortSignal): Promise<PageResult> {
  const { site, expected, http, patience } = context;
  const wanted = expected.get(object.key);
  if (wanted === undefined) throw new TypeError('nothing is expected of an object');
  const addresses = addressesOf(site, object.path);
  let result: PageResult | undefined;
  for (const url of addresses) {
    const served = await getPage(http, url, signal);
    if ('problem' in served) {
      const cause = causeOf(served.code);
      return { object, url, is: 'wrong', cause, final: isFinal(cause, served.code), message: served.problem };
    }
    const verdict = await judge(object, wanted, served, patience.now());
    const isFallback = url !== addresses.at(-1) && isNoIndex(verdict, served, object, context);
    if (isFallback) continue;
    result = resultOf(object, served.url, verdict);
    break;
  }
  if (result === undefined) throw new TypeError('an object without a URL');
  return result;
}

function resultOf(object: SampledObject, url: string, verdict: Verdict): PageResult {
  if (verdict.is !== 'wrong') return { object, url, ...verdict };
  const { fault: cause, message } = verdict;
  return { object, url, is: 'wrong', cause, final: isFinal(cause, undefined), message };
}

/**
 * Whether the URL of a folder has no page of its own: REST endpoints of S3 know no index documents, and a CDN may serve the page of the root in the
 * place of an error. Links then name the page itself.
 */
function isNoIndex(
  verdict: Verdict,
  served: Served,
  { path }: SampledObject,
  { objects, expected }: RoundsContext,
): boolean {
  if (verdict.is === 'right') return false;
  if (served.status === 403 || served.status === 404) return true;
  if (!path.includes('/')) return false;
  const root = objects.find((one) => one.path === 'index.html');
  const digests = root === undefined ? [] : (expected.get(root.key)?.digests ?? []);
  return digests.includes(digestOf(served.body));
}
