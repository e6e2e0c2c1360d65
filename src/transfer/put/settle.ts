import { wantsGzip } from '../../encode/compression.js';
import { typeNameOf } from '../../encode/content-type.js';
import type { ObjectHeaders } from '../../encode/object-headers.js';
import { headersUnderRules, type Rules } from '../../encode/rules.js';
import { S3RequestError, SourceError, UsageError } from '../../errors.js';
import type { PartSizing } from '../../model/part-layout.js';
import type { ResolvedPutOptions } from '../../options/resolved.js';
import type { HeaderMap } from '../../options/types.js';
import { decide, type RemoteState } from '../../plan/decide.js';
import type { Planned } from '../../plan/listing/lookup.js';
import { isLeftOut, REASONS, unproven } from '../../report/reasons.js';
import type { Outcome } from '../../report/types.js';
import type { MemoryBudget } from '../../run/memory.js';
import type { RunRecord } from '../../run/record.js';
import type { Bucket } from '../../s3/bucket.js';
import { itemInfo } from '../../source/candidates.js';
import type { Entry } from '../../source/types.js';
import { type EntryBody, entryBody } from '../body/body.js';
import type { Md5 } from '../body/hash.js';
import { headObjects, headRemote } from '../head.js';
import { outcomeOf, type Putter, type Result } from '../result.js';
import { type CompareDeps, compareEntries } from './compare.js';
import { dryPutter, putters } from './put-object.js';
import { settleEncoded } from './settle-compressed.js';

type Headers = Readonly<Record<string, string>>;

/** What an entry is put with, and whether it may be compressed. */
interface Form {
  readonly headers: () => Headers;
  readonly compress: boolean;
}

export interface SettleDeps {
  readonly options: ResolvedPutOptions;
  readonly headersFor: ObjectHeaders;
  readonly rules: Rules;
  /** Undefined where a run makes no request at all. */
  readonly bucket: Bucket | undefined;
  readonly memory: MemoryBudget;
  readonly md5: Md5;
  readonly record: RunRecord;
  readonly checksumOf: CompareDeps['checksumOf'];
  readonly sizing: PartSizing;
  /** Cuts off what is under way. */
  readonly signal: AbortSignal;
  /** Lets nothing new begin. */
  readonly stop: { readonly signal: AbortSignal };
}

/**
 * Decides about one entry after the other and carries the decision out. Never throws: what goes wrong is a failed outcome.
 * The outcome is undefined for an entry that a stop or an abort kept from being attempted.
 */
export function settleEntry(deps: SettleDeps): (unit: Planned<Entry>) => Promise<Outcome | undefined> {
  const { options, bucket } = deps;
  const real = bucket === undefined || options.dryRun ? undefined : putters({ ...deps, bucket });
  const told = new WeakMap<Entry, Headers>();
  const perform = telling(real?.bySize ?? dryPutter, told);
  const stream = settleStream(options, telling(real?.stream ?? dryPutter, told));
  const askHead = bucket === undefined ? undefined : headObjects({ ...deps, bucket });
  const compare = askHead === undefined ? undefined : compareEntries({ ...deps, askHead });
  const encoded = settleEncoded({ ...deps, askHead, perform });
  const headersGiven = givesHeaders(options);

  async function handle(
    entry: Entry,
    remote: RemoteState,
    body: EntryBody,
    { headers, compress }: Form,
  ): Promise<Result> {
    const settled = compress ? await encoded(entry, remote, body, headers()) : ({ action: 'plain' } as const);
    if (settled.action !== 'plain') return 'attempts' in settled ? settled : skipped(entry, settled.reason, remote);
    if (entry.stream !== undefined && bucket !== undefined && (await body.outgrows(options.multipartThreshold))) {
      const streamed = await stream(entry, remote, body, headers);
      return 'attempts' in streamed ? streamed : skipped(entry, streamed.reason, remote);
    }
    const needsSize = remote.state === 'present' && options.mode === 'update';
    let decision = decide(options, needsSize ? await body.size() : entry.size, remote);
    if (decision.action === 'compare') {
      if (compare === undefined || remote.state !== 'present') throw new TypeError('nothing remote to compare with');
      decision = await compare(entry.key, body, { ...remote, head: settled.head });
    }
    if (decision.action === 'put') return perform(entry, body, decision, headers());
    return skipped(entry, decision.reason, remote);
  }

  function skipped(entry: Entry, reason: string, remote: RemoteState): Result {
    const given = headersGiven || entry.headers !== undefined || givesAny(deps.rules.ruled(entry.relativePath).headers);
    const unseen = reason === REASONS.sameContent && given;
    return {
      action: 'skip',
      reason: unseen ? REASONS.sameContentOnly : reason,
      bytes: 0,
      sourceBytes: entry.size ?? 0,
      verified: 'none',
      attempts: 0,
      ...(remote.state === 'present' && remote.etag !== undefined && { etag: remote.etag }),
    };
  }

  function formOf(entry: Entry): Form {
    const gzip = entry.gzip ?? deps.rules.ruled(entry.relativePath).gzip ?? options.gzip;
    if (gzip === false) return { headers: () => headersOf(entry), compress: false };
    // The type decides, so the headers are needed at once; a hook gives them only once.
    const headers = headersOf(entry);
    const { key, relativePath, fileName, size } = entry;
    const { compress } = wantsGzip({ gzip, headers, key, relativePath, fileName, size });
    return { headers: () => headers, compress };
  }

  function headersOf(entry: Entry): Headers {
    const hook = typeof options.headers === 'function' ? options.headers(itemInfo(entry)) : undefined;
    const own: HeaderMap | undefined = hook === undefined ? entry.headers : { ...hook, ...entry.headers };
    // The usual key ends as the file's own name does, so most runs look up one name per object.
    const usual = options.key === undefined && entry.fileName === undefined && entry.typeName === undefined;
    const typeName = usual ? entry.key : typeNameOf(entry);
    return deps.headersFor(typeName, headersUnderRules(deps.rules.ruled(entry.relativePath), typeName, own));
  }

  async function settle(unit: Planned<Entry>): Promise<Outcome | undefined> {
    const started = performance.now();
    const named = unit.kind === 'planned' ? unit.entry : unit;
    const { origin, key } = named;
    const outcome = (result: Result, error?: Error): Outcome =>
      outcomeOf(origin, key, result, performance.now() - started, error);
    if (unit.kind === 'unusable') {
      const { action, reason, error } = unit;
      // What the user did not leave out but nobody can put shall be seen without a list of all skips.
      if (action === 'skip' && !isLeftOut(reason))
        deps.record.warn(`skipped ${unit.origin}`, `${unit.origin} was skipped: ${reason}.`);
      return outcome({ action, reason, bytes: 0, sourceBytes: 0, verified: 'none', attempts: 0 }, error);
    }
    const { entry } = unit;
    let body: EntryBody | undefined;
    try {
      const form = formOf(entry);
      body = entryBody(entry, deps.memory, deps.md5, deps.stop.signal, form.compress ? 2 : 1);
      const remote =
        unit.remote.state === 'ask' ? await headRemote(bucket, deps.record, entry.key, deps.signal) : unit.remote;
      return outcome(await handle(entry, remote, body, form));
    } catch (thrown) {
      const known = thrown instanceof S3RequestError || thrown instanceof SourceError || thrown instanceof UsageError;
      if (!known && deps.stop.signal.aborted) return undefined;
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const attempts = error instanceof S3RequestError ? error.attempts : 0;
      const lost = { bytes: 0, sourceBytes: entry.size ?? 0, verified: 'none', attempts } as const;
      return outcome({ action: 'fail', reason: error.message, ...lost }, error);
    } finally {
      body?.release();
      entry.release?.();
    }
  }

  return async (unit) => {
    const outcome = await settle(unit);
    if (unit.kind === 'planned') unit.entry.settled?.(outcome, told.get(unit.entry));
    else unit.settled?.(outcome);
    return outcome;
  };
}

/** A putter that keeps the headers of entries that want to be told them. */
function telling(put: Putter, told: WeakMap<Entry, Headers>): Putter {
  return (entry, body, decision, headers) => {
    if (entry.settled !== undefined) told.set(entry, headers);
    return put(entry, body, decision, headers);
  };
}

const HEADER_OPTIONS = [
  'headers',
  'cacheControl',
  'acl',
  'metadata',
  'storageClass',
  'sse',
  'sseKmsKeyId',
  'tagging',
] as const;

/** Were headers asked for that an unchanged object may not have? */
function givesHeaders(options: ResolvedPutOptions): boolean {
  return options.contentType !== 'guess' || HEADER_OPTIONS.some((name) => options[name] !== undefined);
}

function givesAny(headers: HeaderMap): boolean {
  return Object.keys(headers).length > 0;
}

/** Decides about one stream that is longer than memory shall hold, and puts it; a skip is for the caller to word. */
export type SettleStream = (
  entry: Entry,
  remote: RemoteState,
  body: EntryBody,
  headers: () => Headers,
) => Promise<Result | { readonly action: 'skip'; readonly reason: string }>;

/**
 * Its bytes come only once, so they cannot be compared before they are sent: what neither mode nor size decides is put.
 * @param put what puts it, or says what a put would do
 */
export function settleStream(options: Pick<ResolvedPutOptions, 'mode' | 'compare'>, put: Putter): SettleStream {
  return async (entry, remote, body, headers) => {
    const decision = decide(options, entry.size, remote);
    if (decision.action === 'skip') return decision;
    const unread = { action: 'put', reason: unproven('a stream is read only once') } as const;
    const putting = decision.action === 'put' ? decision : unread;
    return put(entry, body, putting, headers());
  };
}
