import { isIP } from 'node:net';
import type { HeaderMap, Outcome, PutOptions } from 's3-parallel-put';
import type Vinyl from 'vinyl';

/** What became of a file. As gulp-awspublish has it, and more. */
export interface FileState {
  /** Key of the object, with the prefix. */
  readonly path: string;
  /** `create`: it was not there; `update`: it was different, or nobody looked; `skip`: it is the same. Absent where it failed or was left out. */
  readonly state?: 'create' | 'update' | 'skip';
  /** Unquoted, where the server names one. */
  readonly etag?: string;
  /** When it was put; absent in a dry run. */
  readonly date?: Date;
  /** What it was put with, names in lower case; where it was not put, those that were asked for. */
  readonly headers: HeaderMap;
  /** Address of the object. */
  readonly url: string;
  /** Bytes that were sent. */
  readonly bytes: number;
  /** Why. */
  readonly reason: string;
}

/** What stages before have said of a file: its path in the bucket, and headers, names in lower case. */
export interface Wish {
  readonly path: string | undefined;
  readonly headers: HeaderMap | undefined;
}

/** A file that carries its state. */
export type S3File = Vinyl & { s3?: Partial<FileState> };

/** What was wished before a state of ours took its place: with two puts in a row the key of the first is no wish for the second. */
const wishes = new WeakMap<object, { readonly wish: Wish; readonly key: string; readonly headers: HeaderMap }>();

export function wishOf({ s3 }: S3File): Wish {
  if (s3 === undefined || s3 === null) return { path: undefined, headers: undefined };
  const before = wishes.get(s3);
  const path = before !== undefined && s3.path === before.key ? before.wish.path : s3.path;
  if (path !== undefined && typeof path !== 'string')
    throw new TypeError(`file.s3.path is ${typeof path}; it must be a string`);
  if (before !== undefined && s3.headers === before.headers) return { path, headers: before.wish.headers };
  return { path, headers: s3.headers === undefined ? undefined : wishedHeaders(s3.headers) };
}

/** Names in lower case. The length is that of what is sent, which may be compressed yet. The router of gulp-awspublish sets dates, others numbers. */
function wishedHeaders(headers: Readonly<Record<string, unknown>>): HeaderMap {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) own[name.toLowerCase()] = textOf(value) as string;
  delete own['content-length'];
  return own;
}

/** As a header says it; what is neither is the engine's to refuse. */
function textOf(value: unknown): unknown {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toUTCString();
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
}

export interface Settled {
  /** None where the engine was not given the file. */
  readonly outcome?: Outcome | undefined;
  readonly headers: HeaderMap;
  readonly key: string;
  readonly url: string;
  /** Nothing was written: it is what would have been. */
  readonly planned?: boolean;
  /** Why there is no outcome. */
  readonly reason: string;
  readonly wish: Wish;
}

/** Written out, because it is made for every file. */
export function stateOf({ outcome, planned = false, headers, key: path, url, reason: why, wish }: Settled): FileState {
  const { action, reason = why, bytes = 0, etag } = outcome ?? NO_OUTCOME;
  const state: { -readonly [Name in keyof FileState]: FileState[Name] } = { path, headers, url, bytes, reason };
  if (action === 'skip') state.state = 'skip';
  else if (action === 'put') {
    state.state = reason === 'new' ? 'create' : 'update';
    if (!planned) state.date = new Date();
  }
  if (etag !== undefined) state.etag = etag;
  wishes.set(state, { wish, key: path, headers });
  return planned ? asPlanned(state) : state;
}

/** States and streams of dry runs. */
const plans = new WeakSet<object>();

/** Marks what belongs to a dry run. */
export function asPlanned<T extends object>(stream: T): T {
  plans.add(stream);
  return stream;
}

/** Is it of a dry run? */
export function isPlanned(stateOrStream: object): boolean {
  return plans.has(stateOrStream);
}

const NO_OUTCOME: Partial<Outcome> = {};

/** The address of an object, as far as options and environment tell where its bucket is. */
export function objectUrls(options: Omit<PutOptions, 'source'>, bucket: string): (key: string) => string {
  const { endpointUrl = endpointOfEnvironment(), region, secure = true } = options;
  const url = new URL(withScheme(endpointUrl ?? awsHost(region), secure));
  // No bucket can stand before an address of numbers.
  const inPath =
    (options.forcePathStyle ?? options.endpointUrl !== undefined) || isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0;
  const path = url.pathname.replace(/\/$/, '');
  const base = inPath
    ? `${url.protocol}//${url.host}${path}/${bucket}`
    : `${url.protocol}//${bucket}.${url.host}${path}`;
  return (key) => `${base}/${PLAIN.test(key) ? key : key.split('/').map(encodeURIComponent).join('/')}`;
}

/** Most keys need no encoding, and telling that is cheaper than to encode them. */
const PLAIN = /^[\w./-]*$/;

/** As the AWS SDK takes it. */
function endpointOfEnvironment(): string | undefined {
  const { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignored, AWS_ENDPOINT_URL_S3: s3, AWS_ENDPOINT_URL: any } = process.env;
  return ignored === 'true' ? undefined : s3 || any || undefined;
}

function awsHost(region: string | undefined): string {
  const domain = region?.startsWith('cn-') === true ? 'amazonaws.com.cn' : 'amazonaws.com';
  return region === undefined ? `s3.${domain}` : `s3.${region}.${domain}`;
}

function withScheme(host: string, secure: boolean): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(host) ? host : `${secure ? 'https' : 'http'}://${host}`;
}
