import type { HttpAnswer } from './http/http-client.js';
import type { HashedSlices } from './prepared-body.js';
import type { Call } from './request-error.js';

/** One request before it is signed. */
export interface Outgoing {
  readonly method: 'PUT' | 'HEAD' | 'GET';
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer | HashedSlices;
  /** The server works on it for minutes, perhaps. */
  readonly slow?: true;
}

/** Signs and sends one request; whatever is no success is an `S3RequestError`, or the signal's reason. */
export type Send = (call: Call, outgoing: Outgoing, signal: AbortSignal) => Promise<HttpAnswer>;
