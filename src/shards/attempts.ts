import type { FoundReport } from './reports.js';

/** An attempt of a shard that has left no report. */
export interface LostAttempt {
  readonly shard: number;
  readonly attempt: number;
}

/** The reports of one deployment, by attempts of its workflow. */
export interface Attempts {
  /** Reports that count: all but those of attempts that a later one of the same shard has replaced. */
  readonly latest: readonly FoundReport[];
  /** Earlier attempts of shards that have run again, of which there is no report: what they have changed is not known. */
  readonly lost: readonly LostAttempt[];
}

/**
 * A job of a CI that has failed can run again, and then leaves a second report. Only the last attempt shows whether the shard is done. Two reports of one
 * attempt, and those that name no attempt, are double.
 */
export function latestAttempts(reports: readonly FoundReport[]): Attempts {
  const byShard = new Map<number | undefined, FoundReport[]>();
  for (const one of reports) {
    const same = byShard.get(one.shard?.index);
    if (same === undefined) byShard.set(one.shard?.index, [one]);
    else same.push(one);
  }
  const ofSameShard = ({ shard }: FoundReport): readonly FoundReport[] => byShard.get(shard?.index) ?? [];
  const latest = reports.filter(
    (one) => one.shard === undefined || !ofSameShard(one).some((other) => replaces(other, one)),
  );
  const lost = latest.flatMap((one) => {
    const { index = 0, attempt } = one.shard ?? {};
    if (attempt === undefined) return [];
    const known = new Set(
      ofSameShard(one).flatMap((other) => (replaces(one, other) ? (other.shard?.attempt?.number ?? 0) : [])),
    );
    return Array.from({ length: Math.min(attempt.number, MOST_ATTEMPTS) - 1 }, (_, at) => at + 1)
      .filter((earlier) => !known.has(earlier))
      .map((earlier) => ({ shard: index, attempt: earlier }));
  });
  return { latest, lost };
}

/** GitHub runs a workflow again at most 50 times; a higher number is somebody's mistake. */
const MOST_ATTEMPTS = 1_000;

/** Whether a report is that of a later attempt at the same work. */
function replaces(later: FoundReport, earlier: FoundReport): boolean {
  const [one, other] = [later.shard, earlier.shard];
  if (one?.attempt === undefined || other?.attempt === undefined) return false;
  return (
    one.attempt.run === other.attempt.run &&
    one.attempt.number > other.attempt.number &&
    one.index === other.index &&
    one.count === other.count &&
    one.command === other.command &&
    one.destination === other.destination &&
    // One that has failed early has none.
    (one.endpoint === other.endpoint || other.endpoint === undefined) &&
    later.dryRun === earlier.dryRun
  );
}
