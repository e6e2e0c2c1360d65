import type { FileRange } from '../../model/content.js';
import { crc32FromBase64 } from '../../model/crc32.js';
import { orAborted } from '../../run/abort.js';
import { readDocument } from '../../s3/answers/document.js';
import { partAnswer, putAnswer, refusedCheck } from '../../s3/answers/object.js';
import type { Body } from '../../s3/bucket.js';
import { type Call, requestError, responseError } from '../../s3/errors.js';
import { connectionDefaults } from '../../s3/http/connection-defaults.js';
import { AbortedInFlight, HttpFailure, type HttpResponse, needsNewConnection } from '../../s3/http/http-client.js';
import type { CheckKind, ResponseHeader, SentCheck } from '../../s3/integrity.js';
import type { AroundWire, WireParts } from '../../s3/open.js';
import { conditionOf } from '../../s3/wire/send.js';
import { threadStarter } from './auto.js';
import type { ComputedCheck, SendEnd, SendTask } from './messages.js';
import type { ThreadPool } from './pool.js';
import type { Thread } from './thread.js';

/** Bodies from this size on may be sent by a thread; smaller ones cost less than what they would cost on the way there. */
const SMALLEST = 64 * 1024;
/** Larger ones are sent in slices, by the main thread: no buffer is as large. */
const LARGEST = 64 * 1024 * 1024;

/** Bytes that a thread has in flight at most, in buffers of its own: some parts, and enough small bodies to keep it busy. */
const MOST_ON_THREAD = 24 * 1024 * 1024;
/** What the main thread has in flight counts as so many times as much: it has other work too, and threads wait for their next tasks until it is done. */
const MAIN_WEIGHT = 3;

export interface LaneOptions {
  /** How many lanes there are from the start; `auto`: others are added where the main thread is busy. */
  readonly threads: number | 'auto';
  /** Bytes of all objects of the run, where that is known. */
  readonly totalBytes: () => number | undefined;
  /** Tests replace it. */
  readonly smallest?: number | undefined;
}

/** One attempt of a put, as main and thread share it. */
interface Attempt {
  readonly call: Call & { readonly verb: SendTask['verb']; readonly key: string };
  readonly body: Body;
  readonly check: CheckKind;
  /** Is called once the first bytes of the body were seen. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly conditional: boolean;
}

/**
 * Sends the bodies of local files by threads too: each attempt goes to the lane with the least in flight. The main thread, which decides,
 * limits, retries and reports as without threads, is one of the lanes. A thread reads, hashes, signs and sends; what a response means is judged here.
 */
export function aroundWire(pool: ThreadPool, options: LaneOptions): AroundWire {
  const { smallest = SMALLEST } = options;

  return (puts, parts) => {
    const { name, integrity } = parts;
    const { requestHeaders, userAgent, patience, proxy, session } = parts;
    const starter = threadStarter(pool, options, () => {
      return { requestHeaders, userAgent, patience, proxy, defaults: connectionDefaults(session.address.secure) };
    });
    const send = attemptsOnThreads(pool, parts);
    let mainLoad = 0;

    /** The thread that has the least to do, unless the main thread has less. */
    function idlest(size: number): Thread | undefined {
      let found: Thread | undefined;
      for (const thread of pool.senders) {
        if (thread.load > 0 && thread.load + size > MOST_ON_THREAD) continue;
        if (thread.load <= (found === undefined ? MAIN_WEIGHT * mainLoad : found.load - 1)) found = thread;
      }
      return found;
    }

    function mayMove({ size, file }: Body): boolean {
      return file !== undefined && size >= smallest && size <= LARGEST;
    }

    async function place<T>(
      attempt: Attempt,
      signal: AbortSignal,
      read: (check: SentCheck, header: ResponseHeader, xml: string) => T,
      here: () => Promise<T>,
    ): Promise<T> {
      const { size } = attempt.body;
      if (!starter.ready) await starter.begun;
      const thread = idlest(size);
      // It looks at the first bytes, which may change the headers.
      const file = thread === undefined ? undefined : attempt.body.file?.();
      if (thread === undefined || file === undefined) {
        mainLoad += size;
        try {
          return await here();
        } finally {
          mainLoad -= size;
          starter.sent(size);
        }
      }
      thread.load += size;
      let end: SendEnd;
      try {
        end = await send(thread, attempt, file, signal);
      } finally {
        thread.load -= size;
        starter.sent(size);
      }
      return end.end === 'unread' ? here() : judged(parts, attempt, end, signal, read);
    }

    return {
      mayMove: (size) => size >= smallest && size <= LARGEST && (options.threads !== 'auto' || pool.senders.length > 0),
      sentHere: starter.sent,

      putObject(request, signal) {
        const { key, body, headers } = request;
        if (!mayMove(body)) return puts.putObject(request, signal);
        const here = () => puts.putObject(request, signal);
        const condition = conditionOf(request);
        const call = { verb: 'PutObject', bucket: name, key } as const;
        return place(
          {
            call,
            body,
            check: integrity.kindFor(),
            headers: () => Object.assign({}, headers, condition),
            conditional: condition !== undefined,
          },
          signal,
          (check, header, xml) => putAnswer(call, check, integrity, header, xml),
          here,
        );
      },

      putPart(request, signal) {
        const { key, uploadId, number, body, crc32, headers } = request;
        const here = () => puts.putPart(request, signal);
        if (!mayMove(body)) return here();
        const call = { verb: 'UploadPart', bucket: name, key } as const;
        return place(
          {
            call,
            body,
            check: integrity.kindFor(crc32),
            headers: () => headers ?? {},
            query: { partNumber: String(number), uploadId },
            conditional: false,
          },
          signal,
          (check, header, xml) => partAnswer(call, check, integrity, header, xml),
          here,
        );
      },
    };
  };
}

type SendOnThread = (thread: Thread, attempt: Attempt, file: FileRange, signal: AbortSignal) => Promise<SendEnd>;

/** Hands attempts to threads. Rejects with what the main thread would reject with before it sends. */
function attemptsOnThreads(pool: ThreadPool, { session }: Pick<WireParts, 'session'>): SendOnThread {
  const numberOf = signalNumbers(pool);

  return async (thread, { call, check, headers, query }, file, signal) => {
    try {
      const current = session.credentials();
      const credentials = current instanceof Promise ? await orAborted(current, signal) : current;
      signal.throwIfAborted();
      const { accessKeyId, secretAccessKey, sessionToken } = credentials;
      return await thread
        .send({
          id: pool.nextId(),
          verb: call.verb,
          key: call.key,
          file,
          headers: headers(),
          query,
          check,
          address: { ...session.address },
          credentials: { accessKeyId, secretAccessKey, sessionToken },
          clockOffset: session.now() - Date.now(),
          signal: numberOf(signal),
          newConnection: needsNewConnection(signal),
        })
        .catch((error: Error) => {
          // Nobody knows what it has sent, as after a response that is lost on the way.
          throw new HttpFailure('ECONNRESET', `the thread that sent it has ended: ${error.message}`);
        });
    } catch (error) {
      signal.throwIfAborted();
      throw requestError(call, error);
    }
  };
}

/** Numbers signals for threads, and tells them which are aborted. */
function signalNumbers(pool: ThreadPool): (signal: AbortSignal) => number {
  const known = new WeakMap<AbortSignal, number>();
  return (signal) => {
    const found = known.get(signal);
    if (found !== undefined) return found;
    const number = pool.nextId();
    known.set(signal, number);
    signal.addEventListener(
      'abort',
      () => {
        for (const thread of pool.senders) thread.abort(number);
      },
      { once: true },
    );
    return number;
  };
}

/** What the end of an attempt means: as `wireBucket` judges its own. */
function judged<T>(
  { integrity, profile }: Pick<WireParts, 'integrity' | 'profile'>,
  { call, check: kind, conditional }: Attempt,
  end: Exclude<SendEnd, { readonly end: 'unread' }>,
  signal: AbortSignal,
  read: (check: SentCheck, header: ResponseHeader, xml: string) => T,
): T {
  if (end.end === 'aborted') throw end.inFlight ? new AbortedInFlight(signal.reason) : signal.reason;
  if (end.end === 'failed') {
    signal.throwIfAborted();
    throw requestError(call, new HttpFailure(end.code, end.message));
  }
  const { status, headers, check: computed } = end;
  const header: ResponseHeader = (name) => headers[name];
  const response: HttpResponse = { status, header, headers: () => headers, body: bufferOf(end.body) };
  profile.learn(header('server'));
  const check = integrity.checkFromHashes(kind, hashesOf(kind, computed));
  if (status < 200 || status >= 300) throw refusedCheck(integrity, check, responseError(call, response), conditional);
  if (response.body.length === 0) return read(check, header, '');
  return readDocument(call, response, (xml) => read(check, header, xml));
}

function hashesOf(kind: CheckKind, { value, md5 }: ComputedCheck): { crc32: number; md5: Buffer | undefined } {
  return {
    crc32: kind === 'crc32' ? crc32FromBase64(value) : 0,
    md5: md5 === undefined ? undefined : Buffer.from(md5, 'hex'),
  };
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
