import type { HttpAnswer, HttpFailure, HttpRequest } from './http-client.js';
import { AnswerReader } from './response.js';
import type { SocketName } from './send-queues.js';

/** What a request waits for: a connection, its own source, the system to take a slice, the answer to begin, or the rest of the answer. */
export type Phase = 'connecting' | 'reading' | 'sending' | 'waiting' | 'answering';

/** One request under way, as far as its progress goes. The client writes `phase`, `progressAt` and `taken`; the watchdog
 * writes `queued`, `left`, `ahead` and `place`. */
export interface InFlight {
  /** Length of the body. */
  readonly bytes: number;
  /** The request's own patience for its answer. */
  readonly answerMs: number | undefined;
  readonly socket: SocketName | undefined;
  phase: Phase;
  /** When it last made progress, on the clock of `performance.now()`. */
  progressAt: number;
  /** Bytes of the body that the system has taken. */
  taken: number;
  /** Bytes that the system held for the connection when the watchdog last looked; -1 before. */
  queued: number;
  /** Bytes of the body that are known to have left this machine. */
  left: number;
  /** Bytes that may be hidden on the line when it begins, its own included. */
  ahead: number;
  /** Where the watchdog has it; -1 before. */
  place: number;
  abandon(error: HttpFailure): void;
}

/** One request on a socket of our own. */
export interface Exchange extends InFlight {
  readonly request: HttpRequest;
  readonly reader: AnswerReader;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
  /** The system has taken all of the body. */
  whole: boolean;
  /** Of a body in slices, once it is being sent. */
  slices?: AsyncIterator<Buffer>;
}

/** A request that is about to be written to a socket. */
export function newExchange(
  request: HttpRequest,
  socket: SocketName,
  abandon: (error: Error) => void,
  resolve: (answer: HttpAnswer) => void,
  reject: (error: Error) => void,
): Exchange {
  return {
    request,
    reader: new AnswerReader(request.method),
    resolve,
    reject,
    whole: false,
    bytes: request.body?.length ?? 0,
    answerMs: request.answerMs,
    socket,
    phase: 'sending',
    progressAt: performance.now(),
    taken: 0,
    queued: -1,
    left: 0,
    ahead: 0,
    place: -1,
    abandon,
  };
}
