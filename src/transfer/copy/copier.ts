import { prepareCopyHeaders } from '../../encode/copy-headers.js';
import { S3RequestError } from '../../errors.js';
import { partsOf } from '../../model/etag.js';
import { type CopyMethod, copyMethod } from '../../plan/copy-method.js';
import { MemoryBudget } from '../../run/memory.js';
import type { RunRecord } from '../../run/record.js';
import type { Bucket } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import type { Md5 } from '../body/hash.js';
import { multipartContext } from '../multipart/types.js';
import type { Result } from '../result.js';
import { type Copier, type CopyContext, type CopyDecision, copied, type PreparedCopy, type Relay } from './context.js';
import { copyObject } from './copy-object.js';
import { partsCopier } from './copy-parts.js';
import { relayObject } from './relay.js';
import { changedAgain, isSourceChanged, refreshed, whyHead } from './source.js';

/** Copies objects for real. A source that changes meanwhile is copied as it is then; where it changes again, it fails. */
export function copier(deps: CopyContext): Copier {
  const inParts = partsCopier(deps);

  async function once(entry: CopyEntry, decision: CopyDecision): Promise<Result> {
    const why = deps.relay.why(entry);
    const way = deps.wayOf(entry, why instanceof Promise ? await why : why);
    try {
      if (way.by === 'parts') return await inParts(entry, decision, way);
      return await (way.relayed ? relayObject : copyObject)(deps, entry, decision, way);
    } catch (error) {
      if (way.relayed || !isUnable(error)) throw error;
      deps.relay.needed('this server does not copy');
      return once(entry, decision);
    }
  }

  return async (entry, decision) => {
    try {
      return await once(entry, decision);
    } catch (error) {
      if (!isSourceChanged(error)) throw error;
      const now = await refreshed(deps, entry);
      try {
        return await once(now, decision);
      } catch (again) {
        throw isSourceChanged(again) ? changedAgain(entry) : again;
      }
    }
  };
}

/** A server that does not know how to copy says so. */
function isUnable(error: unknown): boolean {
  if (!(error instanceof S3RequestError) || error.status !== 501) return false;
  return error.verb === 'CopyObject' || error.verb === 'UploadPartCopy';
}

/** HEADs that a copy takes: where parts are alike, three tell how all of them lie. */
function headsFor({ etag }: CopyEntry, { by, layout }: CopyMethod, why: string | undefined): number {
  if (why === undefined) return 0;
  return by === 'parts' && layout === 'source' && (partsOf(etag) ?? 1) > 2 ? 3 : 1;
}

/** A dry run: writes nothing, and says what a copy would do and cost. */
export function dryCopier(deps: Pick<CopyContext, 'relay' | 'wayOf' | 'headers' | 'asked'>): Copier {
  return async (entry, decision) => {
    const way = deps.wayOf(entry, await deps.relay.why(entry));
    const known = entry.head !== undefined && way.by === 'object';
    const why = known ? undefined : whyHead(entry, way, deps.headers);
    for (let heads = headsFor(entry, way, why); heads > 0; heads--) deps.asked(why ?? '');
    return copied(entry, decision, way, { etag: undefined, verified: 'none', attempts: 0 });
  };
}

export interface CopiesDeps {
  readonly source: Bucket;
  readonly dest: Bucket;
  readonly relay: Relay;
  readonly md5: Md5;
  readonly record: RunRecord;
  readonly stop: { readonly signal: AbortSignal };
  readonly signal: AbortSignal;
  /** Bytes of the smallest part, where tests want others. */
  readonly internals: { readonly partFloor?: number };
}

/** Bytes that a relay sends at once, at most: they are held in memory. */
const RELAYED_AT_ONCE = 64 * 1024 * 1024;
/** Objects in parts that are open at once: they cost this machine next to nothing where the server copies. */
const OPEN_AT_ONCE = 32;

/** What carries the copies of one run out. */
export function copierForRun(prepared: PreparedCopy, deps: CopiesDeps): Copier {
  const { options, splitAbove } = prepared;
  const { relay, record } = deps;
  const threshold = Math.min(options.multipartThreshold, RELAYED_AT_ONCE);
  const wayOf: CopyContext['wayOf'] = (entry, why) => copyMethod(entry, { relay: why, splitAbove, threshold });
  const headers = prepareCopyHeaders(prepared);
  const asked = record.countHead;
  if (options.dryRun) return dryCopier({ relay, wayOf, headers, asked });
  const memory = new MemoryBudget(options.memory);
  const stop = deps.stop.signal;
  const sizing = { partSize: options.partSize, floor: deps.internals.partFloor };
  const shared = { ...options, ...deps, bucket: deps.dest, sizing, memory, bodies: options.memory, stop };
  const learned = { sourceKms: false, destKms: headers.kms };
  const parts = multipartContext({ ...shared, openAtOnce: OPEN_AT_ONCE });
  return copier({
    ...prepared,
    ...deps,
    wayOf,
    headers,
    learned,
    asked,
    memory,
    parts,
    stop,
    partSize: options.partSize,
  });
}

export interface RelayDeps {
  /** Both buckets are one server's. */
  readonly oneService: boolean;
  /** The two sides have credentials of their own. */
  readonly ownCredentials: boolean;
  /** The source's bucket, by the credentials of the destination. */
  readonly openSourceAsDest: () => Promise<Bucket>;
  readonly warn: (code: string, message: string) => void;
  readonly asked: (why: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Finds out whether the server can copy by itself: it reads the source by the destination's credentials. Where these are not the source's, the
 * first object that is to be copied shows by a HEAD whether they may read it.
 */
export function chooseRelay(deps: RelayDeps): Relay {
  const { oneService, ownCredentials, warn } = deps;
  let reason: string | undefined = oneService ? undefined : 'the endpoints differ';
  let asked: Promise<void> | undefined;
  let known = false;

  async function ask({ sourceKey, versionId }: CopyEntry): Promise<void> {
    const bucket = await deps.openSourceAsDest();
    try {
      deps.asked("whether the destination's credentials can read the source");
      await bucket.headObject(sourceKey, deps.signal, { versionId });
      known = true;
    } catch (error) {
      if (!(error instanceof S3RequestError) || error.status === undefined || error.status >= 500) throw error;
      needed("the destination's credentials cannot read the source");
    } finally {
      bucket.close();
    }
  }

  function needed(why: string): void {
    if (reason !== undefined) return;
    reason = why;
    warn('relayed', `Objects go through this machine: ${why}.`);
  }

  return {
    needed,
    why(entry) {
      if (reason !== undefined || !ownCredentials || known) return reason;
      asked ??= ask(entry).finally(() => {
        asked = undefined;
      });
      return asked.then(() => reason);
    },
  };
}
