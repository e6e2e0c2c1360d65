import type { Verb } from '../../model/verbs.js';

/** A body that is not one buffer. */
export interface SlicedBody {
  /** Bytes. */
  readonly length: number;
  /** All bytes in order. A slice is valid only until the next one is requested. */
  readonly slices: () => AsyncIterable<Buffer>;
}

/** One request as it goes over the wire. It arrives here signed: this client adds, drops and rewrites nothing that the signature covers. */
export interface HttpRequest {
  /** `http://host` or `https://host`, with the port unless it is the scheme's default. */
  readonly origin: string;
  readonly method: string;
  /** Path and query, encoded, as in the request line. */
  readonly target: string;
  /** Sent in this order, including `host`. `content-length` is added if there is a body, or if the method announces one. */
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that are written already, each with its line break, before the others. Only for {@link IdleConnections}. */
  readonly head?: string | undefined;
  readonly body?: Buffer | SlicedBody | undefined;
  /** Milliseconds from the end of the body until the response must begin. Default: the client's patience. */
  readonly responseMs?: number | undefined;
  /** Most bytes that the response's body may have. Default {@link MAX_RESPONSE_BYTES}. */
  readonly maxResponseBytes?: number | undefined;
}

/** One complete response. */
export interface HttpResponse {
  readonly status: number;
  /** One header, by its lower-case name; cheaper than reading all of them. */
  readonly header: (name: string) => string | undefined;
  /** All headers in a new object: names in lower case, the values of a repeated name joined by `, `. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Milliseconds without progress after which a request fails and its connection is closed; the request is retried on another one. */
export interface Patience {
  /** Until a connection is established, TLS included. */
  readonly connectMs: number;
  /** While the body is being sent: until the system accepts the next 128 KiB. */
  readonly sendMs: number;
  /** From the end of the body to the first byte of the response, and then between its bytes. */
  readonly responseMs: number;
}

export const DEFAULT_PATIENCE: Patience = { connectMs: 10_000, sendMs: 10_000, responseMs: 30_000 };

/** How long S3 may take to respond to a copy or to the completion of an upload, and between the bytes of that response: 15 minutes, in ms. */
export const SLOW_MS: number = 15 * 60_000;

/** Idle connections are closed after this many milliseconds: S3 closes its end after about 5 s, and a request on a closed connection fails. */
export const IDLE_MS = 4_000;

/** Larger bodies are sent in slices: a single write would hide a stall, and TLS would queue all of its ciphertext. */
export const SLICE_BYTES: number = 128 * 1024;

/** Response bodies are held in memory. A larger one is an error: no request made here has such a large response. */
export const MAX_RESPONSE_BYTES: number = 64 * 1024 * 1024;

const newConnectionSignals = new WeakMap<AbortSignal, AbortSignal>();
const newConnectionsOnly = new WeakSet<AbortSignal>();

/**
 * A signal that follows `signal`, and under which a client sends requests only over connections that were never used before. A retry after a broken
 * connection needs one: other idle connections may be broken too, and only a request shows it. It is the signal that carries this, because every
 * layer hands the signal on, in both lanes.
 */
export function onNewConnection(signal: AbortSignal): AbortSignal {
  if (newConnectionsOnly.has(signal)) return signal;
  let known = newConnectionSignals.get(signal);
  if (known === undefined) {
    known = AbortSignal.any([signal]);
    newConnectionSignals.set(signal, known);
    newConnectionsOnly.add(known);
  }
  return known;
}

/** Whether requests under this signal need a connection that was never used. */
export function needsNewConnection(signal: AbortSignal): boolean {
  return newConnectionsOnly.has(signal);
}

/** A connection that answered with this status or a higher one is closed: the server's bad state may belong to the connection. */
export const CLOSE_FROM_STATUS = 500;

/** Of the body of a refusal (status 300 and above) only the beginning is kept, which says why; the connection is then closed. */
export const MAX_REFUSAL_BYTES: number = 64 * 1024;

/** Most bytes of the head of a response. */
export const MAX_HEAD_BYTES: number = 64 * 1024;

/**
 * The values of a repeated header as one, joined by `, `. A value that is repeated as it is counts once, because some proxies add headers that are
 * there already; only in metadata each value is the user's.
 */
export function joinedValue(name: string, found: string | undefined, value: string): string {
  if (found === undefined) return value;
  return found === value && !name.startsWith('x-amz-meta-') ? found : `${found}, ${value}`;
}

/** The failure of a response whose body is too large. */
export function tooLarge(most: number): HttpFailure {
  const size = `${Math.round((most / 1024 / 1024) * 10) / 10} MiB`;
  return new HttpFailure('MalformedAnswer', `the response has more than ${size}, the most that such a request needs`);
}

/** Sends requests over connections that it keeps open. One request, one attempt: retries are up to the caller. */
export interface HttpClient {
  /**
   * Rejects with an `HttpFailure` if there is no complete response. When the signal is aborted, it rejects with an `AbortedInFlight` if the
   * request was being sent or waited for its response, and with the signal's reason if nothing of it was sent. Redirects are ordinary responses:
   * they are not followed, so no credential ever reaches another host.
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  /** Closes all connections, including busy ones. */
  close(): void;
  /** Undefined for a client that does not show its connections. */
  readonly idle?: IdleConnections;
}

/** A connection that no request uses. */
export interface IdleConnection {
  /**
   * Memory for the body of the next request, which is then sent without a copy; undefined for one that is too long. Valid until the request after that
   * begins.
   */
  lend(length: number): Buffer | undefined;
}

/** Requests over connections that are open already, without a promise: for callers that send very many. */
export interface IdleConnections {
  /** Takes a connection. Undefined if none is idle, and once the signal is aborted or the client closed. */
  take(origin: string, signal: AbortSignal): IdleConnection | undefined;
  /** Opens a connection, and calls `opened` with it, or `failed` with what {@link HttpClient.send} would reject with. */
  open(
    origin: string,
    signal: AbortSignal,
    opened: (connection: IdleConnection) => void,
    failed: (error: unknown) => void,
  ): void;
  /** Gives back a connection that was not used. */
  giveBack(origin: string, connection: IdleConnection): void;
  /** Sends a request as {@link HttpClient.send} does, and calls one of the two. */
  send(
    connection: IdleConnection,
    request: HttpRequest,
    signal: AbortSignal,
    resolve: (response: HttpResponse) => void,
    reject: (error: unknown) => void,
  ): void;
}

/** What went wrong with a connection: the system's error code if there is one, else one of these. */
export type HttpFailureCode =
  | 'ConnectTimeout'
  | 'StalledSend'
  | 'SilentServer'
  | 'TruncatedAnswer'
  | 'MalformedAnswer'
  | 'ProxyRefused';

/** There was no complete response, so it is unknown what the server did. */
export class HttpFailure extends Error {
  readonly code: string;

  constructor(code: HttpFailureCode | (string & {}), message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpFailure';
    this.code = code;
  }
}

/** A request was aborted after its sending began, so it is unknown what the server did. `cause` is the signal's reason. */
export class AbortedInFlight extends Error {
  /** The S3 verb, where that is known. */
  readonly verb: Verb | undefined;

  constructor(reason: unknown, verb?: Verb) {
    super('the request was aborted in flight', { cause: reason });
    this.name = 'AbortError';
    this.verb = verb;
  }
}

/** What ended a request, where that was an abort; else undefined. */
export function abortIn(thrown: unknown, signal: AbortSignal): unknown {
  if (thrown instanceof AbortedInFlight) return thrown;
  return signal.aborted ? signal.reason : undefined;
}

/** Throws what ended a request, where that was an abort. */
export function throwIfAborted(signal: AbortSignal, error: unknown): void {
  const abort = abortIn(error, signal);
  if (abort !== undefined) throw abort;
}

/** Turns a socket's error into an `HttpFailure` with the system's code. */
export function asFailure(error: Error): HttpFailure {
  if (error instanceof HttpFailure) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'ECONNRESET';
  return new HttpFailure(code, error.message, { cause: error });
}
