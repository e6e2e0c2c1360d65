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

/** Bodies of at least this many bytes are sent by the bucket itself, which may leave them to a thread. */
export const DIRECT_BYTES: number = 64 * 1024;

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
  /** Waits for a slot, and then calls `ready` with an idle connection; or `other` where there is none, and where the run or its credentials end. */
  begin(ready: (connection: IdleConnection) => void, other: () => void): void;
  /** Gives both back. */
  cancel(connection: IdleConnection): void;
  /** Sends the put, and calls one of the two, with what a bucket's `putObject` would resolve or reject with. */
  send(
    connection: IdleConnection,
    put: DirectPut,
    stored: (answer: PutAnswer) => void,
    failed: (error: unknown) => void,
  ): void;
}

export interface DirectPutDeps {
  readonly bucket: string;
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
  const { bucket, session, integrity, learn, heads, idle, slots, observation, sentWith, later, signal } = deps;
  const most = maxResponseBytes(VERB);

  function begin(ready: (connection: IdleConnection) => void, other: () => void): void {
    slots.takeThen(() => {
      const known = session.credentials();
      const connection = known instanceof Promise ? undefined : idle.take(session.address.origin, signal);
      if (connection !== undefined) {
        ready(connection);
        return;
      }
      // Who needs the credentials waits for them, and gets their error.
      if (known instanceof Promise) known.catch(() => {});
      slots.release();
      other();
    }, other);
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
      const refused = refusedCheck(integrity, check, attemptError(call, thrown, signal), false);
      const error = observation.failed(sent, refused);
      slots.release();
      observation
        .recovered(sent, error)
        .then((known) => later.putAgain(put.again(), signal, { error: known, successesBefore }))
        .then(stored, failed);
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
    begin,
    cancel(connection) {
      idle.giveBack(session.address.origin, connection);
      slots.release();
    },
    send,
  };
}
