import { DECIDING_BYTES } from '../../encode/content-type.js';
import { S3RequestError } from '../../errors.js';
import { isMd5 } from '../../model/etag.js';
import type { PartSizing } from '../../model/part-layout.js';
import type { PartOptions } from '../../options/resolved.js';
import type { HeaderMap } from '../../options/types.js';
import type { Run } from '../../run/run.js';
import type { Body, Bucket, PutAnswer, RemoteObject } from '../../s3/bucket.js';
import type { Entry } from '../../source/types.js';
import type { Md5 } from '../body/hash.js';
import { headMet, objectNow, proofOf } from '../head.js';
import { partsPutter } from '../multipart/put-parts.js';
import { type StreamPutter, streamPutter } from '../multipart/put-stream.js';
import { type AroundParts, multipartContext } from '../multipart/types.js';
import {
  appeared,
  isDeleted,
  isUnmet,
  type Overwrite,
  orUnknown,
  type Putter,
  type Result,
  writeError,
} from '../result.js';

/** Puts objects for real, each in one request. */
function putter({ signal, record }: Pick<Run, 'signal' | 'record'>, bucket: Bucket): Putter {
  return async (entry, entryBody, decision, headers) => {
    const ready = entryBody.ready();
    const body = ready instanceof Promise ? await ready : ready;
    const { onlyIfAbsent, overwrite } = decision;
    try {
      if (overwrite !== undefined) return await putOver(overwrite, body);
      const { key } = entry;
      const request = onlyIfAbsent === undefined ? { key, body, headers } : { key, body, headers, onlyIfAbsent };
      const answer = await bucket.putObject(request, signal);
      return stored(body.size, decision.reason, answer, headers);
    } catch (thrown) {
      const error = writeError(record, entry, thrown);
      if (onlyIfAbsent === undefined || !(error instanceof S3RequestError) || error.status !== 412) throw error;
      // Then it was a HEAD before the put that found the key, and nothing was sent.
      if (error.verb === 'HeadObject') return appeared(body.size, 1);
      return await resolveRefusal(error, body.size);
    } finally {
      record.waiting.delete(entry.key);
    }

    /** Writes over the object that the decision is about. Where another one is met, that may be this run's own, from a try whose response was lost. */
    async function putOver(overwrite: Overwrite, { size }: Body): Promise<Result> {
      for (let attempts = 0; ; ) {
        const { ifMatch } = overwrite;
        try {
          const answer = await bucket.putObject(
            { key: entry.key, body, headers, ...(ifMatch !== undefined && { ifMatch }) },
            signal,
          );
          return stored(size, overwrite.reason, answer, headers, attempts);
        } catch (error) {
          if (!isUnmet(error, ifMatch)) throw error;
          attempts += error.attempts;
          const met = isDeleted(error) ? 'absent' : await orUnknown(entry, objectNow(bucket, entry.key, signal));
          if (typeof met === 'object' && met.etag !== ifMatch && met.size === size) {
            const verified = await orUnknown(entry, proofOf(met, entryBody, signal));
            if (verified !== undefined)
              return stored(
                size,
                overwrite.reason,
                { etag: met.etag, verified, kms: met.kms === true, attempts },
                headers,
              );
          }
          const settled = await overwrite.refused(error, met);
          if (settled !== undefined) return { ...settled, attempts };
        }
      }
    }

    /**
     * The key exists. An earlier try may have stored it although its response was lost, and a proxy may have delivered even the first try twice: only
     * the object shows which request stored it. Where it shows nothing, another writer is assumed unless a response was lost.
     */
    async function resolveRefusal(refused: S3RequestError, size: number): Promise<Result> {
      const { attempts } = refused;
      const isFirst = attempts === 1;
      const remote = await orUnknown(entry, headMet(bucket, entry.key, refused, signal));
      const verified = remote?.size === size ? await orUnknown(entry, proofOf(remote, entryBody, signal)) : undefined;
      if (remote !== undefined && verified !== undefined)
        return stored(
          size,
          decision.reason,
          { etag: remote.etag, verified, kms: remote.kms === true, attempts },
          headers,
        );
      if (isFirst || (remote !== undefined && isAnother(remote, size))) return appeared(size, attempts);
      throw refused;
    }
  };
}

/** Whether the object is certainly not ours. An ETag that is no MD5 shows nothing. */
function isAnother(remote: RemoteObject, size: number): boolean {
  return remote.size !== size || (remote.kms !== true && isMd5(remote.etag));
}

/**
 * A dry run: writes nothing, and says what a put would do. It reads the first bytes where these decide the content type, but not those of a stream, which can
 * be read only once.
 */
export const dryPutter: Putter = async (entry, body, { reason }, headers) => {
  body.check();
  if (entry.stream === undefined) await body.seeHead(DECIDING_BYTES);
  const bytes = entry.size ?? 0;
  return { action: 'put', reason, bytes, sourceBytes: bytes, verified: 'none', attempts: 0, headers };
};

/** The result of a put. @param before attempts of earlier requests */
export function stored(
  size: number,
  reason: string,
  { etag, verified, attempts }: PutAnswer,
  headers: HeaderMap,
  before = 0,
): Result {
  const result: { -readonly [Name in keyof Result]: Result[Name] } = {
    action: 'put',
    reason,
    bytes: size,
    sourceBytes: size,
    verified,
    attempts: before + attempts,
    headers,
  };
  if (etag !== undefined) result.etag = etag;
  return result;
}

export interface PutterContext {
  readonly bucket: Bucket;
  readonly options: PartOptions & { readonly memory: number };
  readonly sizing: PartSizing;
  readonly md5: Md5;
  readonly aroundParts?: AroundParts | undefined;
}

/** Multipart objects that are open at once: each holds a file open, and a few saturate the connection. */
const OPEN_AT_ONCE = 4;

/** The ways to put one object, by what it is. */
export interface Putters {
  /** In one request, or in parts where it is larger than the threshold. */
  readonly bySize: Putter;
  /** In parts as its bytes come. */
  readonly stream: StreamPutter;
}

/** Puts objects for real. What multipart objects share is made for the first of them. */
export function putters(run: Run, own: PutterContext): Putters {
  const { options, bucket, sizing, md5, aroundParts } = own;
  const { multipartThreshold: most, resume } = options;
  const plain = putter(run, bucket);
  let large: { readonly parts: Putter; readonly stream: StreamPutter } | undefined;

  function inParts(): NonNullable<typeof large> {
    if (large === undefined) {
      const shared = multipartContext(run, {
        bucket,
        sizing,
        md5,
        resume,
        bufferBytes: options.memory,
        openAtOnce: OPEN_AT_ONCE,
        aroundParts,
      });
      large = { parts: withHeaders(partsPutter(shared)), stream: withHeaders(streamPutter(shared)) };
    }
    return large;
  }

  return {
    bySize(entry, body, decision, headers) {
      const { size } = entry;
      if (size !== undefined && size <= most) return plain(entry, body, decision, headers);
      return body.size().then(async (bytes) => {
        if (bytes <= most) return plain(entry, body, decision, headers);
        await body.seeHead(DECIDING_BYTES);
        return inParts().parts(entry, body, decision, headers);
      });
    },
    async stream(entry, body, decision, headers) {
      await body.seeHead(DECIDING_BYTES);
      return inParts().stream(entry, body, decision, headers);
    },
  };
}

/** A putter whose results have the headers. That of single requests adds them itself. */
function withHeaders(put: Putter): Putter {
  return async (entry, body, decision, headers) => {
    const result = await put(entry, body, decision, headers);
    return result.action === 'put' ? Object.assign(result, { headers }) : result;
  };
}

/** A putter that keeps the headers of entries whose `settled` callback takes them, for failures too. */
export function keepingHeaders(put: Putter, headersSent: WeakMap<Entry, HeaderMap>): Putter {
  return (entry, body, decision, headers) => {
    if (entry.settled !== undefined) headersSent.set(entry, headers);
    return put(entry, body, decision, headers);
  };
}
