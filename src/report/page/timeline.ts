import type { PhaseName } from '../types.js';

/** The requests that ended in one span of time. */
export interface Bucket {
  ok: number;
  /** Answered 503 or 429. */
  throttled: number;
  failed: number;
}

/** The requests of a run over time. */
export interface Timeline {
  /** The length of each span, in milliseconds. */
  readonly bucketMs: number;
  readonly buckets: readonly Bucket[];
  /** When phases began, in milliseconds since the run did. */
  readonly phases: readonly { readonly phase: PhaseName; readonly at: number }[];
}

export interface GrowingTimeline {
  /** @param status of the response; undefined without one */
  request(status: number | undefined, at: number): void;
  phase(phase: PhaseName, at: number): void;
  ended(): Timeline;
}

/** As many bars as a small chart shows; at twice as many, two become one. */
const MOST_BUCKETS = 120;
const FIRST_BUCKET_MS = 10;
const MOST_PHASES = 20;

/** Counts requests in spans of time that grow with the run, so that their number does not. */
export function timeline(): GrowingTimeline {
  let bucketMs = FIRST_BUCKET_MS;
  let buckets: Bucket[] = [];
  const phases: { readonly phase: PhaseName; readonly at: number }[] = [];

  function bucketAt(at: number): Bucket {
    while (at >= bucketMs * MOST_BUCKETS) {
      bucketMs *= 2;
      buckets = inPairs(buckets);
    }
    const index = Math.max(0, Math.floor(at / bucketMs));
    while (buckets.length <= index) buckets.push({ ok: 0, throttled: 0, failed: 0 });
    return buckets[index] as Bucket;
  }

  return {
    request(status, at) {
      const bucket = bucketAt(at);
      if (status === 503 || status === 429) bucket.throttled += 1;
      // 404 and 412 are answers to questions of this tool, not failures of the server.
      else if (status === undefined || status >= 500 || status === 400 || status === 403) bucket.failed += 1;
      else bucket.ok += 1;
    },
    phase(phase, at) {
      if (phases.length < MOST_PHASES) phases.push({ phase, at });
    },
    ended: () => ({ bucketMs, buckets: [...buckets], phases: [...phases] }),
  };
}

function inPairs(buckets: readonly Bucket[]): Bucket[] {
  const pairs: Bucket[] = [];
  for (let index = 0; index < buckets.length; index += 2) {
    const [one, other] = [buckets[index], buckets[index + 1]];
    if (one === undefined) break;
    pairs.push({
      ok: one.ok + (other?.ok ?? 0),
      throttled: one.throttled + (other?.throttled ?? 0),
      failed: one.failed + (other?.failed ?? 0),
    });
  }
  return pairs;
}
