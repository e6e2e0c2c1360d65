import { prepareCopyHeaders } from '../../encode/copy-headers.js';
import { S3RequestError } from '../../errors.js';
import { partCountOf } from '../../model/etag.js';
import { type CopyMethod, copyMethod } from '../../plan/copy-method.js';
import type { Run } from '../../run/run.js';
import type { Bucket } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import type { Md5 } from '../body/hash.js';
import { type AroundParts, multipartContext } from '../multipart/types.js';
import type { PutDecision, Result } from '../result.js';
import { keepAnnotations } from './annotations.js';
import { type Copier, type CopyContext, copied, type PreparedCopy, type Relay } from './context.js';
import { copyObject } from './copy-object.js';
import { partsCopier } from './copy-parts.js';
import { explained, isListedAsArchived } from './refusals.js';
import { relayObject } from './relay.js';
import { changedAgain, isSourceChanged, refreshed, whyHead } from './source.js';

/** Copies objects for real. A source that changes meanwhile is copied in its new state; if it changes again, it fails. */
function copier(context: CopyContext): Copier {
  const inParts = partsCopier(context);

  async function once(entry: CopyEntry, decision: PutDecision): Promise<Result> {
    const why = context.relay.why(entry);
    const method = context.methodFor(entry, why instanceof Promise ? await why : why);
    try {
      return await withAnnotations(entry, decision, method);
    } catch (error) {
      if (method.relayed || !isUnsupported(error)) throw error;
      context.relay.relayAll('this server does not copy');
      return once(entry, decision);
    }
  }

  /** S3 writes annotations only to an object that is stored, so for a moment the copy is without them. */
  async function withAnnotations(entry: CopyEntry, decision: PutDecision, method: CopyMethod): Promise<Result> {
    const { annotated } = context;
    const names = await annotated.find(entry, method.by === 'object' && !method.relayed);
    const result =
      method.by === 'parts'
        ? await inParts(entry, decision, method)
        : await (method.relayed ? relayObject : copyObject)(context, entry, decision, method);
    if (names.length > 0 && result.action === 'copy') await annotated.write(entry, names, result.etag);
    return result;
  }

  return async (entry, decision) => {
    try {
      return await once(entry, decision);
    } catch (error) {
      if (!isSourceChanged(error)) throw explained(context, entry, error);
      const now = await refreshed(context, entry);
      try {
        return await once(now, decision);
      } catch (again) {
        throw isSourceChanged(again) ? changedAgain(entry) : explained(context, now, again);
      }
    }
  };
}

/** Whether the server does not support copying. */
function isUnsupported(error: unknown): boolean {
  if (!(error instanceof S3RequestError) || error.status !== 501) return false;
  return error.verb === 'CopyObject' || error.verb === 'UploadPartCopy';
}

/** HEADs that a copy takes: where parts are equal in size, three show the layout of all. */
function headsFor(entry: CopyEntry, { by, layout }: CopyMethod, why: string | undefined): number {
  // Unless it is restored, an archived object fails without a HEAD.
  if (why === undefined || (by === 'parts' && isListedAsArchived(entry))) return 0;
  return by === 'parts' && layout === 'source' && (partCountOf(entry.etag) ?? 1) > 2 ? 3 : 1;
}

/** A dry run: writes nothing, and says what a copy would do and cost. */
function dryCopier(context: Pick<CopyContext, 'relay' | 'methodFor' | 'headers' | 'countHead'>): Copier {
  return async (entry, decision) => {
    const method = context.methodFor(entry, await context.relay.why(entry));
    const known = entry.head !== undefined && method.by === 'object';
    const why = known ? undefined : whyHead(entry, method, context.headers);
    for (let heads = headsFor(entry, method, why); heads > 0; heads--) context.countHead(why ?? '');
    // What the source has is not read for this: these are the headers that the options give.
    const { key } = entry;
    const of = method.by === 'object' && !method.relayed ? context.headers.ofCopy : context.headers.ofNew;
    const nothing = { etag: undefined, verified: 'none', attempts: 0 } as const;
    return copied(entry, decision, method, nothing, of({ key, storageClass: undefined }));
  };
}

export interface CopierOptions {
  readonly source: Bucket;
  readonly dest: Bucket;
  readonly relay: Relay;
  readonly md5: Md5;
  /** Bytes of the smallest part, where tests need others. */
  readonly partFloor: number | undefined;
  readonly aroundParts?: AroundParts | undefined;
}

/** Bytes that a relay sends in one request, at most: they are held in memory. */
const RELAYED_AT_ONCE = 64 * 1024 * 1024;
/** Multipart objects that are open at once: where the server copies, they cost this machine next to nothing. */
const OPEN_AT_ONCE = 32;

/** Carries the copies of one run out. */
export function copierForRun(run: Run, prepared: PreparedCopy, own: CopierOptions): Copier {
  const { options, splitAbove } = prepared;
  const { relay, md5 } = own;
  const { memory, signal, record } = run;
  const { countHead } = record;
  const threshold = Math.min(options.multipartThreshold, RELAYED_AT_ONCE);
  const methodFor: CopyContext['methodFor'] = (entry, why) => copyMethod(entry, { relay: why, splitAbove, threshold });
  const headers = prepareCopyHeaders(prepared);
  if (options.dryRun) return dryCopier({ relay, methodFor, headers, countHead });
  const parts = multipartContext(run, {
    bucket: own.dest,
    sizing: { partSize: options.partSize, floor: own.partFloor },
    md5,
    resume: options.resume,
    bufferBytes: options.memory,
    openAtOnce: OPEN_AT_ONCE,
    aroundParts: own.aroundParts,
  });
  const stop = run.stop.signal;
  return copier({
    ...prepared,
    ...own,
    annotated: keepAnnotations({ ...prepared, ...own, signal, stop, warn: record.warn }),
    methodFor,
    headers,
    kms: { source: false, dest: headers.kms },
    countHead,
    memory,
    record,
    parts,
    signal,
    stop,
    partSize: options.partSize,
  });
}

export interface RelayOptions {
  /** Both buckets belong to one service. */
  readonly oneService: boolean;
  /** The two sides have credentials of their own. */
  readonly ownCredentials: boolean;
  /** Opens the source's bucket with the credentials of the destination. */
  readonly openSourceAsDest: () => Promise<Bucket>;
}

/**
 * Finds out whether the server can copy by itself: it reads the source with the destination's credentials. Where these are not the source's, a
 * HEAD of the first object to be copied shows whether they may read it.
 */
export function chooseRelay({ record, signal }: Pick<Run, 'record' | 'signal'>, own: RelayOptions): Relay {
  const { oneService, ownCredentials } = own;
  let reason: string | undefined = oneService ? undefined : 'the endpoints differ';
  let probe: Promise<void> | undefined;
  let known = false;

  async function tryHead({ sourceKey, versionId }: CopyEntry): Promise<void> {
    const bucket = await own.openSourceAsDest();
    try {
      record.countHead("whether the destination's credentials can read the source");
      await bucket.headObject(sourceKey, signal, { versionId });
      known = true;
    } catch (error) {
      if (!(error instanceof S3RequestError) || error.status === undefined || error.status >= 500) throw error;
      relayAll("the destination's credentials cannot read the source");
    } finally {
      bucket.close();
    }
  }

  function relayAll(why: string): void {
    if (reason !== undefined) return;
    reason = why;
    record.warn('relayed', `Objects go through this machine: ${why}.`);
  }

  return {
    relayAll,
    why(entry) {
      if (reason !== undefined || !ownCredentials || known) return reason;
      probe ??= tryHead(entry).finally(() => {
        probe = undefined;
      });
      return probe.then(() => reason);
    },
  };
}
