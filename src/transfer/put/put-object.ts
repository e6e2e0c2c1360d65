import { S3RequestError, SourceError } from '../../errors.js';
import type { PartSizing } from '../../model/part-layout.js';
import type { PartOptions } from '../../options/resolved.js';
import { REASONS } from '../../report/reasons.js';
import type { Retry } from '../../report/types.js';
import type { MemoryBudget } from '../../run/memory.js';
import type { Bucket, PutAnswer, RemoteObject } from '../../s3/bucket.js';
import type { Entry } from '../../source/types.js';
import type { Md5 } from '../body/hash.js';
import { partsPutter } from '../multipart/put-parts.js';
import { type StreamPutter, streamPutter } from '../multipart/put-stream.js';
import { type MultipartContext, multipartContext } from '../multipart/types.js';
import type { Putter, Result } from '../result.js';

/**
 * Puts objects for real.
 * @param waiting puts that wait for their next try, by key: they are not on their way
 */
export function putter(bucket: Bucket, signal: AbortSignal, waiting: Map<string, Retry>): Putter {
  return async (entry, entryBody, decision, headers) => {
    let begun = false;
    const ready = entryBody.ready(() => {
      begun = true;
      waiting.delete(entry.key);
    });
    const body = ready instanceof Promise ? await ready : ready;
    const { onlyIfAbsent } = decision;
    try {
      const answer = await bucket.putObject(
        { key: entry.key, body, headers, ...(onlyIfAbsent !== undefined && { onlyIfAbsent }) },
        signal,
      );
      return stored(body.size, decision.reason, answer);
    } catch (error) {
      const last = waiting.get(entry.key);
      if (last !== undefined && !(error instanceof S3RequestError || error instanceof SourceError)) throw givenUp(last);
      if (begun && signal.aborted) throw interrupted(entry);
      if (onlyIfAbsent === undefined || !(error instanceof S3RequestError) || error.status !== 412) throw error;
      if (error.attempts === 1) return appeared(body.size, 1);
      return settleLostAnswer(error, body.size);
    } finally {
      waiting.delete(entry.key);
    }

    /** An earlier try may have stored the object although its answer was lost: only the object itself can tell whose it is. */
    async function settleLostAnswer(refused: S3RequestError, size: number): Promise<Result> {
      const remote = await bucket.headObject(entry.key, signal);
      if (remote !== undefined && remote.size === size && remote.etag === (await entryBody.md5())) {
        return stored(size, decision.reason, {
          etag: remote.etag,
          verified: 'md5',
          kms: false,
          attempts: refused.attempts,
        });
      }
      if (remote !== undefined && isAnother(remote, size)) return appeared(size, refused.attempts);
      throw refused;
    }
  };
}

/** An abort cuts off what is on its way; whether it arrived nobody told. */
function interrupted({ origin }: Entry): SourceError {
  return new SourceError(
    'Interrupted',
    `${origin} was on its way when the run was aborted; the bucket may hold it or not`,
    {
      hint: 'Run again: what has arrived is compared and skipped.',
    },
  );
}

/** The run ended while a put waited for its next try: the last answer is how it went. */
function givenUp({ error, attempt }: Retry): Error {
  if (!(error instanceof S3RequestError)) return error;
  const { message, hint, cause: _, ...details } = error;
  const lost = error.status === undefined ? 'Run again: what has arrived is compared and skipped.' : undefined;
  const text = `${message}; the run ended before the next try`;
  return new S3RequestError(text, { ...details, attempts: attempt, hint: hint ?? lost, cause: error });
}

/** Shows the object itself that its bytes are not ours? Not where the ETag is no MD5. */
function isAnother(remote: RemoteObject, size: number): boolean {
  return remote.size !== size || (remote.kms !== true && /^[0-9a-f]{32}$/i.test(remote.etag ?? ''));
}

/** A dry run: reads nothing, writes nothing, and says what a put would. */
export const dryPutter: Putter = async (entry, body, { reason }) => {
  body.check();
  const bytes = entry.size ?? 0;
  return { action: 'put', reason, bytes, sourceBytes: bytes, verified: 'none', attempts: 0 };
};

function stored(size: number, reason: string, { etag, verified, attempts }: PutAnswer): Result {
  return {
    action: 'put',
    reason,
    bytes: size,
    sourceBytes: size,
    verified,
    attempts,
    ...(etag !== undefined && { etag }),
  };
}

function appeared(sourceBytes: number, attempts: number): Result {
  return { action: 'skip', reason: REASONS.appeared, bytes: 0, sourceBytes, verified: 'none', attempts };
}

export interface BySizeDeps {
  readonly bucket: Bucket;
  readonly options: PartOptions & { readonly memory: number };
  readonly sizing: PartSizing;
  readonly memory: MemoryBudget;
  readonly md5: Md5;
  readonly record: Pick<MultipartContext, 'warn' | 'meter'> & { readonly waiting: Map<string, Retry> };
  readonly signal: AbortSignal;
  readonly stop: { readonly signal: AbortSignal };
}

/** Objects in parts that are open at once: each has a file open, and few keep the line busy. */
const OPEN_AT_ONCE = 4;

/** The ways to put one object, by what it is. */
export interface Putters {
  /** In one request, or in parts where it is larger than the threshold. */
  readonly bySize: Putter;
  /** In parts as its bytes come. */
  readonly stream: StreamPutter;
}

/** Puts objects for real. What large ones share is made when the first of them comes. */
export function putters(deps: BySizeDeps): Putters {
  const { options, record } = deps;
  const { multipartThreshold: most } = options;
  const plain = putter(deps.bucket, deps.signal, record.waiting);
  let large: { readonly parts: Putter; readonly stream: StreamPutter } | undefined;

  function inParts(): NonNullable<typeof large> {
    if (large === undefined) {
      const shared = multipartContext({
        ...deps,
        resume: options.resume,
        bodies: options.memory,
        stop: deps.stop.signal,
        openAtOnce: OPEN_AT_ONCE,
      });
      large = { parts: partsPutter(shared), stream: streamPutter(shared) };
    }
    return large;
  }

  return {
    bySize(entry, body, decision, headers) {
      const { size } = entry;
      if (size !== undefined && size <= most) return plain(entry, body, decision, headers);
      return body.size().then((bytes) => (bytes > most ? inParts().parts : plain)(entry, body, decision, headers));
    },
    stream: (...put) => inParts().stream(...put),
  };
}
