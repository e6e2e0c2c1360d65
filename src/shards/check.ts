import { SHARD_SCHEME } from '../model/shard.js';
import { shorten } from '../report/message.js';
import type { ReportShard } from '../report/types.js';
import type { FoundReport } from './reports.js';

/** What the reports of the shards must agree with. */
export interface ExpectedShards {
  /** How many shards there are. */
  readonly count: number;
  readonly destination: string;
  /** The server; undefined where it is not known yet. */
  readonly endpoint: string | undefined;
  readonly dryRun: boolean;
  /** Undefined where it is not known yet. */
  readonly digest: string | undefined;
}

/** Shards that a message names at most. */
const MOST_NAMED = 10;

/**
 * Why the reports do not show that every shard is done, in sentences; empty where they do. Every shard must be there once, have succeeded, and have put the
 * same source to the same place, split in the same way.
 */
export function shardProblems(found: readonly FoundReport[], expected: ExpectedShards): readonly string[] {
  const reports = found.flatMap(({ shard, ...rest }) => (shard === undefined ? [] : [{ ...rest, shard }]));
  const foreign = reports.flatMap((one) => {
    const why = foreignReason(one, expected);
    return why === undefined ? [] : [`${one.name} ${why}`];
  });
  if (foreign.length > 0) return limited(foreign);
  const byIndex = new Map<number, typeof reports>();
  for (const one of reports) byIndex.set(one.shard.index, [...(byIndex.get(one.shard.index) ?? []), one]);
  const problems: string[] = [];
  for (const [index, all] of [...byIndex].sort(([one], [other]) => one - other)) {
    const names = all.map(({ name }) => name).join(', ');
    if (all.length > 1) problems.push(`shard ${index} of ${expected.count} has ${all.length} reports (${names})`);
    for (const { name, failure } of all)
      if (failure !== undefined)
        problems.push(`shard ${index} of ${expected.count} failed (${name}: ${shorten(failure)})`);
  }
  const missing = missingShards(byIndex, expected.count);
  if (missing === '') return limited(problems);
  const others = found.flatMap(({ name, shard, problem = 'is no report of a shard' }) =>
    shard === undefined ? [`${name} ${problem}`] : [],
  );
  return [missing, ...limited(problems), ...limited(others)];
}

function missingShards(byIndex: ReadonlyMap<number, unknown>, count: number): string {
  const missing = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !byIndex.has(index));
  const [first] = missing;
  if (first === undefined) return '';
  const names = limited(missing.map(String)).join(', ');
  return missing.length === 1
    ? `the report of shard ${first} of ${count} is missing`
    : `the reports of shards ${names} of ${count} are missing`;
}

function limited(all: readonly string[]): readonly string[] {
  if (all.length <= MOST_NAMED) return all;
  return [...all.slice(0, MOST_NAMED), `and ${all.length - MOST_NAMED} more`];
}

/** Why a report is that of another run; undefined where it is not. */
function foreignReason(
  { shard, dryRun, failure }: Pick<FoundReport, 'dryRun' | 'failure'> & { readonly shard: ReportShard },
  expected: ExpectedShards,
): string | undefined {
  const { index, count, scheme, destination, endpoint, digest, command } = shard;
  if (command !== 'put') return 'is the report of a copy, which needs no finish';
  if (scheme !== SHARD_SCHEME) return `splits keys by rule ${scheme}, and this version by rule ${SHARD_SCHEME}`;
  if (count !== expected.count || index < 1 || index > count)
    return `is shard ${index} of ${count}, and not one of ${expected.count}`;
  if (destination !== expected.destination) return `is about ${destination}, and not about ${expected.destination}`;
  if (endpoint !== undefined && expected.endpoint !== undefined && endpoint !== expected.endpoint)
    return `is about the server ${endpoint}, and not about ${expected.endpoint}`;
  if (dryRun && !expected.dryRun) return 'is that of a dry run, which has put nothing';
  // A shard that has failed early has none.
  const hasNone = digest === undefined && failure !== undefined;
  if (expected.digest !== undefined && digest !== expected.digest && !hasNone)
    return 'is about other files: keys, sizes or pages of its source differ from those here';
  return undefined;
}
