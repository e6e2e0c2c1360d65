import type { ObjectHeaders } from './encode/object-headers.js';
import { S3RequestError, SourceError, UsageError } from './errors.js';
import type { ResolvedPutOptions } from './options.js';
import { compareMd5 } from './plan/compare.js';
import { decide } from './plan/decide.js';
import type { Decision, RemoteState } from './plan/decision.js';
import type { Planned } from './plan/entries-with-remote.js';
import type { HeaderMap } from './put-options.js';
import type { Outcome } from './report/outcome.js';
import type { RunRecord } from './run-record.js';
import type { Bucket } from './s3/bucket.js';
import { itemInfo } from './source/candidates.js';
import type { Entry } from './source/entry.js';
import { type EntryBody, entryBody } from './transfer/entry-body.js';
import type { Md5 } from './transfer/md5.js';
import type { MemoryBudget } from './transfer/memory.js';
import { dryPutter, putter, type Result } from './transfer/put-entry.js';

export interface SettleDeps {
  readonly options: ResolvedPutOptions;
  readonly headersFor: ObjectHeaders;
  /** Undefined where a run makes no request at all. */
  readonly bucket: Bucket | undefined;
  readonly memory: MemoryBudget;
  readonly md5: Md5;
  readonly record: RunRecord;
  /** Cuts off what is under way. */
  readonly signal: AbortSignal;
  /** Lets nothing new begin. */
  readonly stop: { readonly signal: AbortSignal };
}

/**
 * Decides about one entry after the other and carries the decision out. Never throws: what goes wrong is a failed outcome.
 * The outcome is undefined for an entry that a stop or an abort kept from being attempted.
 */
export function settleEntry(deps: SettleDeps): (unit: Planned) => Promise<Outcome | undefined> {
  const { options, bucket, record, signal } = deps;
  const perform = bucket === undefined || options.dryRun ? dryPutter : putter(bucket, signal, record.warn);
  const headersGiven = givesHeaders(options);

  async function handle(entry: Entry, remote: RemoteState, body: EntryBody): Promise<Result> {
    const needsSize = remote.state === 'present' && options.mode === 'update';
    let decision: Decision = decide(options, needsSize ? await body.size() : entry.size, remote);
    if (decision.action === 'compare') decision = compareMd5(await body.md5(), decision.etag);
    if (decision.action === 'put') return perform(entry, body, decision, headersOf(entry));
    if (decision.action === 'compare') throw new TypeError('a comparison asked for another');
    const unseen = decision.reason === 'same content' && (headersGiven || entry.headers !== undefined);
    return {
      action: 'skip',
      reason: unseen ? 'same content, headers not compared' : decision.reason,
      bytes: 0,
      sourceBytes: entry.size ?? 0,
      verified: 'none',
      attempts: 0,
    };
  }

  function headersOf(entry: Entry): Readonly<Record<string, string>> {
    const hook = typeof options.headers === 'function' ? options.headers(itemInfo(entry)) : undefined;
    const own: HeaderMap | undefined = hook === undefined ? entry.headers : { ...hook, ...entry.headers };
    return deps.headersFor(entry.key, own);
  }

  return async (unit) => {
    const started = performance.now();
    const named = unit.kind === 'planned' ? unit.entry : unit;
    const facts = { origin: named.origin, key: named.key };
    const timed = () => ({ durationMs: performance.now() - started });
    if (unit.kind === 'unusable') {
      const { action, reason, error } = unit;
      const settled: Outcome = {
        ...facts,
        action,
        reason,
        bytes: 0,
        sourceBytes: 0,
        verified: 'none',
        attempts: 0,
        ...timed(),
      };
      return error === undefined ? settled : { ...settled, error };
    }
    const { entry } = unit;
    const body = entryBody(entry, deps.memory, deps.md5, deps.stop.signal);
    try {
      const remote = unit.remote.state === 'ask' ? await ask(bucket, entry.key, signal) : unit.remote;
      return { ...facts, ...(await handle(entry, remote, body)), ...timed() };
    } catch (thrown) {
      const known = thrown instanceof S3RequestError || thrown instanceof SourceError || thrown instanceof UsageError;
      if (!known && deps.stop.signal.aborted) return undefined;
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const attempts = error instanceof S3RequestError ? error.attempts : 0;
      const lost = { bytes: 0, sourceBytes: entry.size ?? 0, verified: 'none', attempts } as const;
      return { ...facts, action: 'fail', reason: error.message, ...lost, ...timed(), error };
    } finally {
      body.release();
    }
  };
}

/** Asks for one key by HEAD. S3 answers 403 for an absent key to who may not list, so a 403 tells nothing. */
async function ask(bucket: Bucket | undefined, key: string, signal: AbortSignal): Promise<RemoteState> {
  try {
    const found = await bucket?.headObject(key, signal);
    return found === undefined
      ? { state: 'absent', proof: 'proven' }
      : { state: 'present', size: found.size, etag: found.etag };
  } catch (error) {
    if (error instanceof S3RequestError && error.code === 'AccessDenied') return { state: 'unknown' };
    throw error;
  }
}

function givesHeaders({ contentType, headers, cacheControl, acl, metadata }: ResolvedPutOptions): boolean {
  return (
    contentType !== 'guess' ||
    headers !== undefined ||
    cacheControl !== undefined ||
    acl !== undefined ||
    metadata !== undefined
  );
}
