import { S3RequestError, UsageError } from '../errors.js';
import { type Aging, agingOf, STRAY_TAG, tagsWithout } from '../plan/aging.js';
import type { Stray } from '../plan/listing/strays.js';
import { msg } from '../report/message.js';
import { keptUntil, REASONS } from '../report/reasons.js';
import type { Outcome } from '../report/types.js';
import { blocksOf } from '../run/blocks.js';
import type { RunEnd } from '../run/record.js';
import type { Run } from '../run/run.js';
import { runConcurrently } from '../run/workers.js';
import type { Bucket } from '../s3/bucket.js';
import { AbortedInFlight } from '../s3/http/http-client.js';
import { interrupted } from './result.js';

export interface AgingContext {
  readonly bucket: Bucket;
  /** Milliseconds between the tag and the delete. */
  readonly after: number;
  /** The time, in ms since 1970. */
  readonly now: () => number;
  /** Whether an object may still be in use although no build has it any more. Others are deleted at once. */
  readonly isKept: (key: string) => boolean;
  /** Reads tags, but writes none. */
  readonly dryRun: boolean;
}

/** Deletes objects only some time after a run has first missed them: since when is in a tag of theirs. */
export interface StrayAging {
  /** Takes a key that the source has and whose object stays as it is: if it has the tag, it loses it. What is put loses all tags anyway. */
  keeps(key: string): void;
  /**
   * Makes sure that the server has tags, before anything is written. Needed where the tags that there are can be read only later.
   * @param key which need not exist
   * @throws UsageError, or the S3RequestError of a refusal
   */
  check(key: string): Promise<void>;
  /**
   * Reads the tags of all keys given, and of those that the source keeps. Returns the strays that are to be deleted by now.
   * @throws UsageError where the server has no tags, or the S3RequestError of the first request that failed
   */
  dueOf(strays: readonly Stray[]): Promise<readonly Stray[]>;
  /** How many strays stay, by the tags that were read. */
  readonly staying: number;
  /** Writes the tags that changed, and settles an outcome for each stray that stays. Rejects with the error of the first tag that is denied. */
  writeTags(run: Run): Promise<RunEnd>;
}

/** A stray that stays, or a key that is none any more. */
interface Kept {
  readonly key: string;
  readonly aging: Exclude<Aging, { readonly action: 'delete' }> | { readonly action: 'again'; readonly tags: Tags };
}

type Tags = Readonly<Record<string, string>>;

/** Requests that wait for the limiter at once. */
const AT_ONCE = 256;

export function strayAging(
  { record, signal, stop }: Pick<Run, 'record' | 'signal' | 'stop'>,
  context: AgingContext,
): StrayAging {
  const { bucket, after, now, isKept, dryRun } = context;
  const unchanged: string[] = [];
  const kept: Kept[] = [];

  /** Undefined where the object is gone meanwhile. */
  async function tagsOf(key: string): Promise<Tags | undefined> {
    try {
      return await bucket.objectTags({ key }, signal);
    } catch (error) {
      if (!(error instanceof S3RequestError)) throw error;
      if (isGone(error)) return undefined;
      throw lacksTags(error) ? withoutTags(bucket.name) : withPermissions(error);
    }
  }

  /** Most servers show by their first response whether they have tags. */
  function refuseTagless(): void {
    if (bucket.facts().tags === false) throw withoutTags(bucket.name);
  }

  async function look(keys: readonly string[], found: (key: string, tags: Tags) => void): Promise<void> {
    // The first one shows whether the server has tags, and whether they may be read.
    const [first, ...others] = keys;
    if (first === undefined) return;
    const read = async (key: string): Promise<void> => {
      const tags = await tagsOf(key);
      if (tags !== undefined) found(key, tags);
    };
    await read(first);
    const { default: pMap } = await import('p-map');
    await pMap(others, read, { concurrency: AT_ONCE, signal: stop.signal });
  }

  return {
    keeps(key) {
      if (isKept(key)) unchanged.push(key);
    },
    async check(key) {
      refuseTagless();
      await tagsOf(key);
      refuseTagless();
    },
    get staying() {
      return kept.reduce((count, { aging: { action } }) => (action === 'again' ? count : count + 1), 0);
    },
    async dueOf(strays) {
      refuseTagless();
      const byKey = new Map(strays.map((stray) => [stray.key, stray]));
      const aging = strays.filter(({ key }) => isKept(key));
      const due = new Set(strays.filter(({ key }) => !isKept(key)));
      const time = now();
      await look(
        aging.map(({ key }) => key),
        (key, tags) => {
          const decided = agingOf(tags, time, after);
          if (decided.action === 'delete') due.add(byKey.get(key) as Stray);
          else kept.push({ key, aging: decided });
        },
      );
      await look(unchanged, (key, tags) => {
        const without = tagsWithout(tags);
        if (without !== undefined) kept.push({ key, aging: { action: 'again', tags: without } });
      });
      if (kept.some(({ aging: { action } }) => action === 'full'))
        record.warn('no-room-for-tag', fullText(bucket.name));
      return strays.filter((stray) => due.has(stray));
    },
    writeTags(run) {
      return runConcurrently(run, blocksOf(kept), async (one) => {
        const began: Began = { date: new Date(), ms: performance.now() };
        const { key, aging } = one;
        const writes = !dryRun && (aging.action === 'tag' || aging.action === 'again');
        try {
          if (writes && stop.signal.aborted) return undefined;
          if (writes) await bucket.putObjectTags(key, aging.tags, signal);
        } catch (error) {
          return failed(bucket.name, key, error, began, stop.signal);
        }
        // What the source has again has its outcome already.
        if (aging.action === 'again') return undefined;
        const reason = aging.action === 'full' ? REASONS.noRoomForTag : keptUntil(aging.until);
        return outcomeOf(key, { action: 'skip', reason }, writes ? 1 : 0, began);
      });
    },
  };
}

/** When work on an object began: as a date, and on the clock that measures durations. */
interface Began {
  readonly date: Date;
  readonly ms: number;
}

function outcomeOf(
  key: string,
  result: Pick<Outcome, 'action' | 'reason'> & Partial<Pick<Outcome, 'error'>>,
  attempts: number,
  began: Began,
): Outcome {
  const { action, reason, error } = result;
  // In the order in which JSON shows them.
  const rest = { bytes: 0, sourceBytes: 0, verified: 'none', attempts, startedAt: began.date } as const;
  const durationMs = performance.now() - began.ms;
  return { action, reason, origin: '', key, ...rest, durationMs, ...(error !== undefined && { error }) };
}

/** Throws what every other tag would meet too. Undefined where there is nothing to say: the object is gone, or no request was sent. */
function failed(bucket: string, key: string, error: unknown, began: Began, stop: AbortSignal): Outcome | undefined {
  if (error instanceof AbortedInFlight) {
    const lost = interrupted(`the tags of s3://${bucket}/${key} were being written when the run was aborted`);
    return outcomeOf(key, { action: 'unknown', reason: lost.message, error: lost }, 1, began);
  }
  if (!(error instanceof S3RequestError)) {
    if (stop.aborted) return undefined;
    throw error;
  }
  if (isGone(error)) return undefined;
  if (isDenied(error)) throw withPermissions(error);
  return outcomeOf(key, { action: 'fail', reason: error.message, error }, error.attempts, began);
}

const isDenied = ({ code }: S3RequestError): boolean => code === 'AccessDenied';

const isGone = ({ status, code }: S3RequestError): boolean => status === 404 && code !== 'NoSuchBucket';

const lacksTags = ({ status, code }: S3RequestError): boolean =>
  status === 501 || status === 405 || code === 'NotImplemented' || code === 'MethodNotAllowed';

/** A denied request, with both permissions: who lacks the one that is met first often lacks the other, too. */
function withPermissions(error: S3RequestError): S3RequestError {
  if (!isDenied(error)) return error;
  const { message, cause: _, ...details } = error;
  const hint = msg`{deleteAfter} needs s3:GetObjectTagging and s3:PutObjectTagging on the objects of "${error.bucket}": allow both, or leave it out, and strays are deleted at once.`;
  return new S3RequestError(message, { ...details, hint });
}

function withoutTags(bucket: string): UsageError {
  return new UsageError(
    msg`{deleteAfter} needs object tags, which the server of "${bucket}" does not have.`,
    msg`Leave {deleteAfter} out: then strays are deleted at once. Or leave {delete} out, and delete them later.`,
  );
}

function fullText(bucket: string): string {
  return `Some objects in "${bucket}" that the source does not have carry 10 tags, so that there is no room for "${STRAY_TAG}". They stay: delete them by hand, or remove one of their tags.`;
}
