import { RefusedError } from '../errors.js';
import { SHARD_SCHEME, type Shard } from '../model/shard.js';
import type { ResolvedPutOptions } from '../options/resolved.js';
import { counted } from '../report/format.js';
import { msg } from '../report/message.js';
import type { Outcome, ReportShard } from '../report/types.js';
import type { RunRecord } from '../run/record.js';
import { locationUnopened } from '../s3/open.js';
import type { Survey } from '../source/local.js';
import type { Entry } from '../source/types.js';
import { shardProblems } from './check.js';
import { type SourceDigest, sourceDigest } from './digest.js';
import { partOfFinish, partOfShard, type SourcePart } from './part.js';
import type { FoundReport } from './reports.js';

/** What a run that is one of several does besides a put. */
export interface ShardWork {
  /** What it puts; undefined for everything. */
  readonly part: SourcePart | undefined;
  readonly digest: SourceDigest;
  /** Before the survey. @throws RefusedError where the reports of the shards show that this run must not begin */
  begin(record: RunRecord): void;
  /** After the survey. @throws RefusedError where the shards have read other files */
  surveyed(record: RunRecord, found: Pick<Survey, 'objects' | 'whole'>): void;
  /** Objects that `part` passes on as present in the bucket: how many the survey has seen, and the walk so far. */
  readonly rest: { readonly surveyed: number; readonly walked: number };
  /** Takes a write that was decided on. */
  planned(entry: Entry, isUpdate: boolean): void;
  /** Says what the plan has shown. */
  endPlan(record: RunRecord): void;
}

/** Keys that a run has changed, in bounded memory. */
export interface ChangedKeys {
  readonly changed: ReadonlySet<string>;
  readonly created: ReadonlySet<string>;
  readonly overflowed: boolean;
  readonly createdOverflowed: boolean;
  /** Takes the next outcome. */
  add(outcome: Outcome): void;
}

type Options = Pick<ResolvedPutOptions, 'bucket' | 'prefix' | 'order' | 'mode' | 'dryRun' | 'connection'>;

/** Whether an object belongs to the last phase of a site. */
export type IsPage = (entry: Entry) => boolean;

/** The work of one shard of a put. @param changes what the run changes, as far as it has come */
export function workOfShard(
  shard: Shard,
  { options, isPage, ordered, changes }: WorkContext & { readonly changes: ChangedKeys },
): ShardWork {
  const digest = sourceDigest(ordered, isPage);
  const { order } = options;
  const facts = { ...shard, ...placeOf(options), command: 'put' } as const;
  let surveyed: Pick<ReportShard, 'digest' | 'own'> = { own: 0 };
  const report = (): ReportShard => ({
    ...facts,
    ...surveyed,
    objects: digest.objects,
    left: order === 'site' ? digest.pageCount : 0,
    changed: [...changes.changed],
    created: [...changes.created],
    ...((changes.overflowed || changes.createdOverflowed) && { truncated: true }),
  });
  return {
    part: partOfShard(shard, order, isPage),
    digest,
    begin(record) {
      record.include(() => ({ shard: report() }));
      record.onOutcome(changes.add);
    },
    surveyed(_record, { objects: own }) {
      surveyed = { digest: digest.end(), own };
    },
    rest: { surveyed: 0, walked: 0 },
    planned() {},
    endPlan() {},
  };
}

/** What a run with shards knows of itself. */
export interface WorkContext {
  readonly options: Options;
  readonly isPage: IsPage;
  /** Whether the source yields its keys in order. */
  readonly ordered: boolean;
}

/** What `finish` is given. */
export interface FinishPlan {
  readonly count: number;
  readonly reports: readonly FoundReport[];
}

/** The work of the run that follows all shards. @param onAccepted called with their reports, once these show that all is done */
export function workOfFinish(
  { count, reports }: FinishPlan,
  { options, isPage, ordered }: WorkContext,
  onAccepted: (shards: readonly ReportShard[]) => void,
): ShardWork {
  const digest = sourceDigest(ordered, isPage);
  const { dryRun, mode, order } = options;
  const expected = { ...placeOf(options), count, dryRun };
  const rest = { surveyed: 0, walked: 0 };
  let repaired = 0;

  const onKept = (): void => {
    rest.walked += 1;
  };

  function check(record: RunRecord, found: string | undefined): void {
    const problems = shardProblems(reports, { ...expected, endpoint: expected.endpoint, digest: found });
    if (problems.length === 0) return;
    throw new RefusedError(
      'ShardsNotDone',
      `Nothing was written, because not all shards are done: ${problems.join('; ')}.`,
      record.report(false),
      msg`Run the shards that are missing or have failed again, with the same files and options, and give {reports} a folder that has one report of each.`,
    );
  }

  return {
    part: mode === 'stupid' ? partOfFinish(isPage, onKept) : undefined,
    digest,
    rest,
    begin: (record) => check(record, undefined),
    surveyed(record, { objects, whole }) {
      check(record, digest.end());
      rest.surveyed = whole.objects - objects;
      record.include(() => ({ finish: { shards: count, repaired } }));
      onAccepted(reports.flatMap(({ shard }) => shard ?? []));
    },
    planned(entry, isUpdate) {
      if (!isUpdate && !isPage(entry)) repaired += 1;
    },
    endPlan(record) {
      // In a dry run the shards may have put nothing, either.
      if (repaired === 0 || reports.some((one) => one.dryRun)) return;
      const what = counted(repaired, 'file that a shard should have put was', 'files that shards should have put were');
      record.warn(
        'shards-incomplete',
        `${what} missing in the bucket, or differed there. This run ${dryRun ? 'would put' : 'puts'} ${repaired === 1 ? 'it' : 'them'}${order === 'site' ? ' before the pages' : ''}.`,
      );
    },
  };
}

function placeOf({ bucket, prefix, connection }: Options): Pick<ReportShard, 'scheme' | 'destination' | 'endpoint'> {
  const { endpoint } = locationUnopened(connection);
  return {
    scheme: SHARD_SCHEME,
    destination: `s3://${bucket}/${prefix}`,
    ...(endpoint !== undefined && { endpoint }),
  };
}
