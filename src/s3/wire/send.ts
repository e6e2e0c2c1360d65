import type { CompleteRequest } from '../bucket.js';
import type { Call } from '../errors.js';
import type { HttpResponse } from '../http/http-client.js';
import type { HashedSlices } from '../integrity.js';

/** A request before it is signed. */
export interface UnsignedRequest {
  readonly method: 'PUT' | 'HEAD' | 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that protect the body, and those of a condition; they override the others. */
  readonly check?: Readonly<Record<string, string>>;
  readonly condition?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer | HashedSlices;
}

/** Signs and sends one request. Throws an `S3RequestError` unless it succeeds, or the signal's reason. */
export type Send = (call: Call, request: UnsignedRequest, signal: AbortSignal) => Promise<HttpResponse>;

/** The header of a conditional write; undefined where the write has no condition. */
export function conditionOf({
  onlyIfAbsent,
  ifMatch,
}: Pick<CompleteRequest, 'onlyIfAbsent' | 'ifMatch'>): Record<string, string> | undefined {
  if (onlyIfAbsent !== undefined) return { 'if-none-match': '*' };
  return ifMatch === undefined ? undefined : { 'if-match': `"${ifMatch}"` };
}
