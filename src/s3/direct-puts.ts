import { maxResponseBytes } from '../model/verbs.js';
import type { HeaderMap } from '../options/types.js';
import { refusedCheck } from './answers/object.js';
import type { PutAnswer, PutRequest } from './bucket.js';
import { type Call, responseError } from './errors.js';
import type { HttpRequest, HttpResponse, IdleConnection, IdleConnections } from './http/http-client.js';
import type { Integrity } from './integrity.js';
import type { Observation, ObservedCall, RequestSlots } from './middleware/observe.js';
import type { Recovery } from './middleware/recover.js';
import type { LaterAttempts } from './middleware/retry.js';
import type { Session } from './session.js';
import { encodeKey, sha256Hex } from './sign.js';
import { answerToPut, attemptError } from './wire/bucket.js';
import type { PutHeads } from './wire/put-heads.js';

/** Bodies that nobody would send in another way. */
const ALWAYS_BYTES = 64 * 1024 - 1;
/** Reading and hashing more at once would keep the responses to others waiting. */
const MOST_BYTES = 256 * 1024;

/** A put of bytes that are in memory, without a condition. */
export interface DirectPut {
  readonly key: string;
  /** The map must never change. */
  readonly headers: HeaderMap;
  /** They may be lent by the connection. */
  readonly bytes: Buffer;
  /** The same put for later attempts, which read the bytes again. */
  again(): PutRequest;
}

/**
 * First attempts of puts in one step, for the many small objects where nothing is in the way: through the layers of a bucket each would need a dozen
 * functions and half as many promises. All that is not a success goes to those layers as the failure of a first attempt.
 */
export interface DirectPuts {
  /** Whether a body of this size can take this way now. */
  takes(size: number): boolean;
  /**
   * Waits for a slot and a connection, and then calls `ready`; or `unopened` where no connection can be opened, which is how an attempt fails; or
   * `other` where the run or its credentials end.
   */
  begin(
    ready: (connection: IdleConnection) => void,
    other: () => void,
    unopened: (failure: UnopenedConnection) => void,
  ): void;
  /** Gives back slot and connection. */
  cancel(connection: IdleConnection): void;
  /** Goes on with a put whose first attempt found no connection; calls one of the two as {@link DirectPuts.send} does. */
  sendLater(
    put: Pick<DirectPut, 'key' | 'again'> & { readonly size: number },
    failure: UnopenedConnection,
    stored: (answer: PutAnswer) => void,
    failed: (error: unknown) => void,
  ): void;
  /** Sends the put, and calls one of the two, with what a bucket's `putObject` would resolve or reject with. */
  send(
    connection: IdleConnection,
    put: DirectPut,
    stored: (answer: PutAnswer) => void,
    failed: (error: unknown) => void,
  ): void;
}

/** Another way for larger bodies, such as threads. */
export interface OtherWay {
  /** Whether it may take a body of this size now. */
  mayMove(size: number): boolean;
  /** Counts bytes of a body that it might have taken at another time. */
  sentHere(bytes: number): void;
}

/** An attempt that has failed before anything was sent. */
export interface UnopenedConnection {
  readonly error: unknown;
  /** On the clock of `performance.now()`. */
  readonly started: number;
  readonly successesBefore: number;
}

export interface DirectPutDeps {
  readonly bucket: string;
  /** What sends larger bodies in another way; undefined where nothing does. */
  readonly wrapped: OtherWay | undefined;
  readonly session: Session;
  readonly integrity: Integrity;
  /** Learns the `Server` header of responses. */
  readonly learn: (server: string | undefined) => void;
  readonly heads: PutHeads;
  readonly idle: IdleConnections;
  readonly slots: RequestSlots;
  readonly observation: Observation;
  readonly sentWith: Recovery['sentWith'];
  readonly later: LaterAttempts;
  /** Aborts what is in flight. */
  readonly signal: AbortSignal;
}

const NO_HEADERS: HeaderMap = {};
const VERB = 'PutObject';

export function directPuts(deps: DirectPutDeps): DirectPuts {
  const { bucket, wrapped, session, integrity, learn, heads, idle, slots, observation, sentWith, later, signal } = deps;
  const most = maxResponseBytes(VERB);

  function begin(
    ready: (connection: IdleConnection) => void,
    other: () => void,
    unopened: (failure: UnopenedConnection) => void,
  ): void {
    slots.takeThen(() => {
      const known = session.credentials();
      if (known instanceof Promise) {
        // Who needs the credentials waits for them, and gets their error.
        known.catch(() => {});
        slots.cancel();
        other();
        return;
      }
      const { origin } = session.address;
      const connection = idle.take(origin, signal);
      if (connection !== undefined) {
        ready(connection);
        return;
      }
      const started = performance.now();
      const successesBefore = later.successes;
      idle.open(origin, signal, ready, (error) => unopened({ error, started, successesBefore }));
    }, other);
  }

  /** Hands a first attempt that failed to the layers of the bucket. */
  function putAgain(
    sent: ObservedCall,
    {
      error,
      again,
      successesBefore,
    }: { readonly error: unknown; readonly again: () => PutRequest; readonly successesBefore: number },
    stored: (answer: PutAnswer) => void,
    failed: (error: unknown) => void,
  ): void {
    const known = observation.failed(sent, error);
    slots.release();
    observation
      .recovered(sent, known)
      .then((recovered) => later.putAgain(again(), signal, { error: recovered, successesBefore }))
      .then(stored, failed);
  }

  function send(
    connection: IdleConnection,
    put: DirectPut,
    stored: (answer: PutAnswer) => void,
    failed: (error: unknown) => void,
  ): void {
    const { key, headers, bytes } = put;
    const { address } = session;
    const successesBefore = later.successes;
    const by = sentWith();
    const call: Call = { verb: VERB, bucket, key };
    const sent: ObservedCall = { verb: VERB, key, bytes: bytes.length, started: performance.now(), by };
    const check = integrity.check(bytes);

    function onError(thrown: unknown): void {
      const error = refusedCheck(integrity, check, attemptError(call, thrown, signal), false);
      putAgain(sent, { error, again: put.again, successesBefore }, stored, failed);
    }

    function onResponse(response: HttpResponse): void {
      let answer: PutAnswer;
      try {
        learn(response.header('server'));
        if (response.status < 200 || response.status >= 300) throw responseError(call, response);
        answer = answerToPut(call, check, integrity, response);
      } catch (error) {
        onError(error);
        return;
      }
      observation.answered(sent, 200, answer.requestId);
      later.succeeded();
      if (bytes.length > ALWAYS_BYTES) wrapped?.sentHere(bytes.length);
      stored(answer);
      slots.release();
    }

    let path: string;
    let head: string;
    try {
      path = `${address.basePath}/${encodeKey(key)}`;
      const { credentials } = by;
      if (credentials === undefined) throw new TypeError('there are no credentials');
      const payloadHash = address.secure ? 'UNSIGNED-PAYLOAD' : sha256Hex(bytes);
      const { name: checkName, value: checkValue } = check;
      head = heads({ path, headers, checkName, checkValue, payloadHash }, { address, credentials, now: by.now });
    } catch (error) {
      idle.giveBack(address.origin, connection);
      onError(error);
      return;
    }
    const request: HttpRequest = {
      origin: address.origin,
      method: 'PUT',
      target: path,
      headers: NO_HEADERS,
      head,
      body: bytes,
      responseMs: undefined,
      maxResponseBytes: most,
    };
    idle.send(connection, request, signal, onResponse, onError);
  }

  return {
    takes: (size) => size <= ALWAYS_BYTES || (size <= MOST_BYTES && wrapped?.mayMove(size) !== true),
    begin,
    sendLater({ key, size, again }, { error: thrown, started, successesBefore }, stored, failed) {
      const call: Call = { verb: VERB, bucket, key };
      const sent: ObservedCall = { verb: VERB, key, bytes: size, started, by: sentWith() };
      putAgain(sent, { error: attemptError(call, thrown, signal), again, successesBefore }, stored, failed);
    },
    cancel(connection) {
      idle.giveBack(session.address.origin, connection);
      slots.cancel();
    },
    send,
  };
}
