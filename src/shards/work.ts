import { RefusedError } from '../errors.js';
import { SHARD_SCHEME, type Shard } from '../model/shard.js';
import type { ResolvedPutOptions } from '../options/resolved.js';
import { counted } from '../report/format.js';
import { msg } from '../report/message.js';
import type { Outcome, ReportShard } from '../report/types.js';
import type { RunRecord } from '../run/record.js';
import type { Survey } from '../source/local.js';
import type { Entry } from '../source/types.js';
import { type LostAttempt, latestAttempts } from './attempts.js';
import type { ShardChanges } from './changes.js';
import { shardProblems } from './check.js';
import { type SourceDigest, sourceDigest } from './digest.js';
import { partOfFinish, partOfShard, type SourcePart } from './part.js';
import type { FoundReport, FoundReports } from './reports.js';
import { type ServerName, serverUnopened } from './server.js';

/** What a run that is one of several does besides a put. */
export interface ShardWork {
  /** What it puts; undefined for everything. */
  readonly part: SourcePart | undefined;
  readonly digest: SourceDigest;
  /** Before the survey. @throws RefusedError where the reports of the shards show that this run must not begin */
  begin(record: RunRecord): void;
  /** After the survey. @throws RefusedError where the shards have read other files */
  surveyed(record: RunRecord, found: Pick<Survey, 'objects' | 'whole'>): void;
  /**
   * Once the bucket is open, before anything is written.
   * @param server undefined where the run opens none
   * @throws RefusedError where the shards have put to another server
   */
  opened(record: RunRecord, server: ServerName | undefined): void;
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

type Options = Pick<
  ResolvedPutOptions,
  'bucket' | 'prefix' | 'order' | 'mode' | 'dryRun' | 'connection' | 'cloudfront'
>;

/** Whether an object belongs to the last phase of a site. */
export type IsPage = (entry: Entry) => boolean;

/** What only a shard has. */
interface ShardContext extends WorkContext {
  /** What the run changes, as far as it has come. */
  readonly changes: ChangedKeys;
  readonly attempt: ReportShard['attempt'];
}

/** The work of one shard of a put. */
export function workOfShard(shard: Shard, { options, isPage, ordered, changes, attempt }: ShardContext): ShardWork {
  const digest = sourceDigest(ordered, isPage);
  const { order } = options;
  const facts = { ...shard, ...placeOf(options), command: 'put', ...(attempt !== undefined && { attempt }) } as const;
  let endpoint = serverUnopened(options.connection);
  let surveyed: Pick<ReportShard, 'digest' | 'own'> = { own: 0 };
  /** With those that cannot be read, which have no place in the digest. */
  let objects: number | undefined;
  const report = (): ReportShard => ({
    ...facts,
    ...(endpoint !== undefined && { endpoint }),
    ...surveyed,
    objects: objects ?? digest.objects,
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
    surveyed(_record, { objects: own, whole }) {
      surveyed = { digest: digest.end(), own };
      objects = whole.objects;
    },
    opened(_record, server) {
      endpoint = server ?? endpoint;
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
  /** Of the last attempts. */
  readonly reports: readonly FoundReport[];
  readonly lost: readonly LostAttempt[];
  /** Of all attempts. */
  readonly changes: ShardChanges;
}

/** @param count how many shards there are */
export function finishPlan(count: number, found: FoundReports): FinishPlan {
  const { latest, lost } = latestAttempts(found.reports);
  if (lost.length > 0) found.addUnknown();
  return { count, reports: latest, lost, changes: found.changes() };
}

/** The work of the run that follows all shards. @param onAccepted called with what they have changed, once their reports show that all is done */
export function workOfFinish(
  { count, reports, lost, changes }: FinishPlan,
  { options, isPage, ordered }: WorkContext,
  onAccepted: (changes: ShardChanges) => void,
): ShardWork {
  const digest = sourceDigest(ordered, isPage);
  const { dryRun, mode, order } = options;
  const expected = { ...placeOf(options), count, dryRun };
  const rest = { surveyed: 0, walked: 0 };
  let endpoint = serverUnopened(options.connection);
  let found: string | undefined;
  const areDry = reports.some((one) => one.dryRun);
  let repaired = 0;

  const onKept = (): void => {
    rest.walked += 1;
  };

  function check(record: RunRecord): void {
    const problems = shardProblems(reports, { ...expected, endpoint, digest: found });
    if (problems.length === 0) return;
    throw new RefusedError(
      'ShardsNotDone',
      `Nothing was written, because not all shards are done: ${problems.join('; ')}.`,
      record.report(false),
      msg`Fix what has failed. Then run the shards that are missing or have failed, with the same files, options and destination, and give {reports} a folder that has one report of each, and no other.`,
    );
  }

  return {
    part: mode === 'stupid' ? partOfFinish(isPage, onKept) : undefined,
    digest,
    rest,
    begin: check,
    surveyed(record, { objects, whole }) {
      found = digest.end();
      check(record);
      rest.surveyed = whole.objects - objects;
    },
    opened(record, server) {
      endpoint = server ?? endpoint;
      check(record);
      const { changed, created } = changes.lacks;
      const more = {
        ...((changed || created) && { truncated: true as const }),
        ...(areDry && { dryRun: true as const }),
      };
      record.include(() => ({ finish: { shards: count, changed: changes.count, ...more, repaired } }));
      const [first] = lost;
      if (first !== undefined)
        record.warn('attempts-without-report', lostText(first, lost.length, options.cloudfront?.paths === 'auto'));
      onAccepted(changes);
    },
    planned(entry, isUpdate) {
      if (!isUpdate && !isPage(entry)) repaired += 1;
    },
    endPlan(record) {
      // In a dry run the shards may have put nothing, either.
      if (repaired === 0 || areDry) return;
      const what = counted(repaired, 'file that a shard should have put was', 'files that shards should have put were');
      record.warn(
        'shards-incomplete',
        `${what} missing in the bucket, or differed there. This run ${dryRun ? 'would put' : 'puts'} ${repaired === 1 ? 'it' : 'them'}${order === 'site' ? ' before the pages' : ''}.`,
      );
    },
  };
}

function lostText({ shard, attempt }: LostAttempt, count: number, invalidates: boolean): string {
  const others = count === 1 ? '' : ` So ${count === 2 ? 'is' : 'are'} ${counted(count - 1, 'other', 'others')}.`;
  const all = invalidates ? 'so /* is invalidated.' : 'so a CDN may keep old versions of any file: purge all of it.';
  return `The report of attempt ${attempt} of shard ${shard} is missing.${others} It is not known what that attempt has changed, ${all}`;
}

function placeOf({ bucket, prefix }: Options): Pick<ReportShard, 'scheme' | 'destination'> {
  return { scheme: SHARD_SCHEME, destination: `s3://${bucket}/${prefix}` };
}
