import { type RawAnswer, type RawRequest, type Signing, sendSigned } from 'fake-s3/raw-request';
import type { Target } from '../../support/target.js';

/** A signed request about one bucket, or one of its keys. */
export interface TargetRequest {
  readonly method?: string;
  /** Not encoded. */
  readonly key?: string;
  /** As on the request line, without the question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default: the target's. */
  readonly bucket?: string;
}

/** Reads one fact about a server from its responses. */
export type Probe = (target: Target) => Promise<string>;

/** Sends a signed request to a target's bucket. */
export function sendTo(target: Target, request: TargetRequest, signing: Signing = {}): Promise<RawAnswer> {
  return sendSigned(target, requestOf(target, request), signing);
}

/** The request before it is signed. */
export function requestOf(target: Target, { key, query, bucket = target.bucket, ...rest }: TargetRequest): RawRequest {
  const path = `/${bucket}${key === undefined ? '' : `/${key.split('/').map(encoded).join('/')}`}`;
  return { ...rest, path: query === undefined ? path : `${path}?${query}` };
}

/** Puts `hello` under the key `a`, unless `more` says otherwise. */
export function put(
  target: Target,
  headers: Readonly<Record<string, string>> = {},
  more: TargetRequest = {},
): Promise<RawAnswer> {
  return sendTo(target, { method: 'PUT', key: 'a', body: 'hello', headers, ...more });
}

export function head(target: Target, headers: Readonly<Record<string, string>> = {}, key = 'a'): Promise<RawAnswer> {
  return sendTo(target, { method: 'HEAD', key, headers });
}

/** `200`, or `404 NoSuchKey`. */
export function answered({ status, code }: RawAnswer): string {
  return code === undefined ? `${status}` : `${status} ${code}`;
}

/** The answer, then what these of its headers say, `none` where there is none. */
export function shown(answer: RawAnswer, ...names: readonly string[]): string {
  return [answered(answer), ...names.map((name) => answer.headers[name] ?? 'none')].join(', ');
}

/** As a signature wants it: `!'()*` too. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
