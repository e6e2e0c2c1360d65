import { maxResponseBytes, VERBS } from '../../model/verbs.js';
import type { Address } from '../address.js';
import type { Call } from '../errors.js';
import { type HttpRequest, SLOW_MS } from '../http/http-client.js';
import { payloadHashOf } from '../integrity.js';
import { amzDate, canonicalQuery, EMPTY_SHA256, encodeKey, type SigningCredentials, signer } from '../sign.js';
import type { UnsignedRequest } from './send.js';

/** What all requests of a bucket have. */
export interface RequestConstants {
  /** Headers of every request. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly userAgent: string;
}

/** Where a request goes, and what signs it. */
export interface SignedFor {
  readonly address: Address;
  readonly credentials: SigningCredentials;
  /** The server's time in ms since 1970. */
  readonly now: number;
}

/** Makes signed requests, as an HTTP client sends them. */
export type ToHttp = (call: Pick<Call, 'verb' | 'key'>, request: UnsignedRequest, by: SignedFor) => HttpRequest;

/** The signing key of a day is derived once. */
export function requestSigner({ requestHeaders, userAgent }: RequestConstants): ToHttp {
  const sign = signer();
  return (call, request, { address, credentials, now }) => {
    const { origin, host, secure, basePath, signingRegion, signingName } = address;
    const path = call.key === undefined ? `${basePath}/` : `${basePath}/${encodeKey(call.key)}`;
    const query = request.query === undefined ? '' : canonicalQuery(request.query);
    const { method, body } = request;
    // Over TLS the body cannot be changed in transit, and its checksum is in a signed header.
    const payloadHash = body === undefined ? EMPTY_SHA256 : secure ? 'UNSIGNED-PAYLOAD' : payloadHashOf(body);
    const date = amzDate(now);
    // One call: on Node 20, spreads take up to four times as long.
    const headers: Record<string, string> = Object.assign(
      { host },
      requestHeaders,
      request.headers,
      request.check,
      request.condition,
    );
    headers['x-amz-content-sha256'] = payloadHash;
    headers['x-amz-date'] = date;
    if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken;
    const signed = { method, path, query, headers, payloadHash };
    headers.authorization = sign(signed, date, signingRegion, signingName, credentials);
    headers['user-agent'] = userAgent;
    const target = query === '' ? path : `${path}?${query}`;
    const responseMs = VERBS[call.verb].slow === true ? SLOW_MS : undefined;
    return { origin, method, target, headers, body, responseMs, maxResponseBytes: maxResponseBytes(call.verb) };
  };
}
