import { type RawAnswer, type RawRequest, type Signing, sendSigned } from 'fake-s3/raw-request';
import type { Target } from '../../support/target.js';

/** A signed request about one bucket, or one of its keys. */
export interface Ask {
  readonly method?: string;
  /** As it is; encoded here. */
  readonly key?: string;
  /** As on the request line, without the question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default: the target's. */
  readonly bucket?: string;
}

/** What a request got, as one fact about the server. */
export type Probe = (target: Target) => Promise<string>;

/** Sends a signed request to a target's bucket. */
export function ask(target: Target, asked: Ask, signing: Signing = {}): Promise<RawAnswer> {
  return sendSigned(target, requestOf(target, asked), signing);
}

/** The request as it is before it is signed. */
export function requestOf(target: Target, { key, query, bucket = target.bucket, ...rest }: Ask): RawRequest {
  const path = `/${bucket}${key === undefined ? '' : `/${key.split('/').map(encoded).join('/')}`}`;
  return { ...rest, path: query === undefined ? path : `${path}?${query}` };
}

/** Puts `hello` under the key `a`, or what is asked instead. */
export function put(
  target: Target,
  headers: Readonly<Record<string, string>> = {},
  more: Ask = {},
): Promise<RawAnswer> {
  return ask(target, { method: 'PUT', key: 'a', body: 'hello', headers, ...more });
}

export function head(target: Target, headers: Readonly<Record<string, string>> = {}, key = 'a'): Promise<RawAnswer> {
  return ask(target, { method: 'HEAD', key, headers });
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
