import type { Call } from '../errors.js';
import type { HttpResponse } from '../http/http-client.js';
import type { HashedSlices } from '../integrity.js';

/** A request before it is signed. */
export interface UnsignedRequest {
  readonly method: 'PUT' | 'HEAD' | 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer | HashedSlices;
}

/** Signs and sends one request. Throws an `S3RequestError` unless it succeeds, or the signal's reason. */
export type Send = (call: Call, request: UnsignedRequest, signal: AbortSignal) => Promise<HttpResponse>;
