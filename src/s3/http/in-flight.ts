import type { HttpFailure, HttpRequest, HttpResponse } from './http-client.js';
import { ResponseReader } from './response.js';
import type { SocketName } from './send-queues.js';

/** What a request waits for: its connection, its own source, the system to accept a slice, the response to begin, or the rest of the response. */
export type RequestPhase = 'connecting' | 'reading' | 'sending' | 'waiting' | 'receiving';

/** The progress of one request in flight. The client writes `phase`, `progressAt`, `taken`, `received` and `responseFrom`; the watchdog
 * writes `queued`, `sent`, `hiddenBytes` and `index`. */
export interface InFlight {
  /** Length of the body. */
  readonly bytes: number;
  /** The request's own patience for its response, in ms. */
  readonly responseMs: number | undefined;
  readonly socket: SocketName | undefined;
  phase: RequestPhase;
  /** When it last made progress, on the clock of `performance.now()`. */
  progressAt: number;
  /** Bytes of the body that the system has accepted. */
  taken: number;
  /** Bytes that the system held for the connection when the watchdog last looked; -1 before. */
  queued: number;
  /** Bytes of the body that have provably left this machine. */
  sent: number;
  /** Bytes of the response that have arrived. */
  received: number;
  /** When the response began, or the system accepted the last bytes of the body if that was later. */
  responseFrom: number;
  /** Bytes of all requests that proxies may hold when this one begins, its own included. */
  hiddenBytes: number;
  /** Its index in the watchdog's list; -1 before it is there. */
  index: number;
  abandon(error: HttpFailure): void;
}

/** A request in flight on one of our own sockets. */
export interface SocketInFlight extends InFlight {
  readonly request: HttpRequest;
  readonly reader: ResponseReader;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: Error) => void;
  /** The system has accepted the whole body. */
  whole: boolean;
  /** The slices of a sliced body, once it is being sent. */
  slices?: AsyncIterator<Buffer>;
}

/** The state of a request that is about to be written to a socket. */
export function socketInFlight(
  request: HttpRequest,
  socket: SocketName,
  abandon: (error: Error) => void,
  resolve: (response: HttpResponse) => void,
  reject: (error: Error) => void,
): SocketInFlight {
  return {
    request,
    reader: new ResponseReader(request.method, request.maxResponseBytes),
    resolve,
    reject,
    whole: false,
    bytes: request.body?.length ?? 0,
    responseMs: request.responseMs,
    socket,
    phase: 'sending',
    progressAt: performance.now(),
    taken: 0,
    queued: -1,
    sent: 0,
    received: 0,
    responseFrom: 0,
    hiddenBytes: 0,
    index: -1,
    abandon,
  };
}
