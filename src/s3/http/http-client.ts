/** A body that is not one buffer. */
export interface SlicedBody {
  /** Bytes. */
  readonly length: number;
  /** All bytes, of which each slice is good until the next one is asked for. */
  readonly slices: () => AsyncIterable<Buffer>;
}

/** One request as it goes over the wire. Whoever builds it signs it: nothing here adds, drops or rewrites what the signature covers. */
export interface HttpRequest {
  /** `http://host` or `https://host`, with the port where it is not the scheme's own. */
  readonly origin: string;
  readonly method: string;
  /** Path and query, encoded, as they stand in the request line. */
  readonly target: string;
  /** Sent in this order, `host` among them. `content-length` is added where there is a body, or where the method announces one. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | SlicedBody | undefined;
  /** Milliseconds that the answer may take to begin once the body is sent; the client's own patience if not given. */
  readonly answerMs?: number | undefined;
}

/** One whole answer. */
export interface HttpAnswer {
  readonly status: number;
  /** One header, by its name in lower case; cheaper than all of them. */
  readonly header: (name: string) => string | undefined;
  /** All of them, made anew: names in lower case, the values of a repeated name joined by `, `. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Milliseconds without progress after which a request is given up, its connection closed, and the request tried again on another. */
export interface Patience {
  /** Until a connection stands, TLS included. */
  readonly connectMs: number;
  /** While the body is being sent: until the next 128 KiB are taken. */
  readonly sendMs: number;
  /** From the end of the body to the first byte of the answer, and from there between its bytes. */
  readonly answerMs: number;
}

export const DEFAULT_PATIENCE: Patience = { connectMs: 10_000, sendMs: 10_000, answerMs: 30_000 };

/** What S3 may take until it answers a copy or the completion of an upload, and in between: 15 minutes, in ms. */
export const SLOW_MS: number = 15 * 60_000;

/** Idle connections are closed after so many milliseconds: S3 closes its end after about 5 s, and what it has closed must not be used. */
export const IDLE_MS = 4_000;

/** Bodies up to this size go out in one write together with the head. */
export const ONE_WRITE_BYTES: number = 64 * 1024;

/** Larger ones go out in slices: one write of everything would hide a stall, and TLS would queue all of its ciphertext. */
export const SLICE_BYTES: number = 128 * 1024;

/** An answer's body is held in memory; more than this is no answer to anything that is asked here. */
export const MAX_ANSWER_BYTES: number = 64 * 1024 * 1024;

/** Sends requests over connections that it keeps. One request, one try: who repeats it is not its business. */
export interface HttpClient {
  /**
   * Rejects with an `HttpFailure` where there is no whole answer, and with the signal's reason when it is aborted. Redirects are answers like
   * any other: they are not followed, so no credential ever goes to another host.
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Ends all connections, busy ones too. */
  close(): void;
}

/** What was wrong with a connection, by the codes of the system where it names one, else by these. */
export type HttpFailureCode =
  | 'ConnectTimeout'
  | 'StalledSend'
  | 'SilentServer'
  | 'TruncatedAnswer'
  | 'MalformedAnswer'
  | 'ProxyRefused';

/** No whole answer was had; nothing is known of what the server did. */
export class HttpFailure extends Error {
  readonly code: string;

  constructor(code: HttpFailureCode | (string & {}), message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpFailure';
    this.code = code;
  }
}

/** Turns what a socket reports into an `HttpFailure` with the system's code. */
export function asFailure(error: Error): HttpFailure {
  if (error instanceof HttpFailure) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'ECONNRESET';
  return new HttpFailure(code, error.message, { cause: error });
}
